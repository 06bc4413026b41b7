use converse_core::ErrorKind;
use converse_core::xml::{Element, Frame, XmlError};
use xmpp_parsers::delay::Delay;
use xmpp_parsers::disco::DiscoInfoResult;
use xmpp_parsers::iq::Iq;
use xmpp_parsers::message::{Message, MessageType};
use xmpp_parsers::roster::{Item, Roster, Subscription};
use xmpp_parsers::stream_features::StreamFeatures;

#[test]
fn a_message_is_read() {
    let text = "<message from='a@x/r' to='b@x' id='1' type='chat'>\
        <body>caf&#xE9; &amp; 🦀</body><active xmlns='http://jabber.org/protocol/chatstates'/></message>";
    let message: Message = Element::parse(text).unwrap().decode().unwrap();
    assert_eq!(message.type_, MessageType::Chat);
    assert_eq!(message.get_best_body(vec![]).unwrap().1, "café & 🦀");
    assert_eq!(message.payloads.len(), 1);
}

#[test]
fn one_malformed_item_keeps_its_siblings() {
    let text = "<iq type='result' id='1'><query xmlns='jabber:iq:roster'>\
        <item jid='a@x' subscription='both'/><item jid='@@' subscription='both'/>\
        <item subscription='to'/><item jid='b@x' subscription='from'/></query></iq>";
    let iq = Element::parse(text).unwrap();
    let query = iq.child("query", "jabber:iq:roster").unwrap();
    assert!(query.decode::<Roster>().is_err());
    let items: Vec<Result<Item, XmlError>> = query.children().map(|item| item.decode()).collect();
    let good: Vec<_> = items
        .iter()
        .flatten()
        .map(|item| item.subscription.clone())
        .collect();
    assert_eq!(good, [Subscription::Both, Subscription::From]);
    let error = items.into_iter().find_map(Result::err).unwrap();
    assert!(matches!(&error, XmlError::Decode { name, .. } if name == "item"));
    assert!(std::error::Error::source(&error).is_some());
    assert_eq!(
        converse_core::Error::from(error).kind(),
        ErrorKind::InvalidResponse
    );
}

#[test]
fn another_element_is_unexpected() {
    let delay = Element::parse("<x xmlns='urn:xmpp:delay' stamp='2002-09-10T23:08:25Z'/>").unwrap();
    let error = delay.decode::<Delay>().unwrap_err();
    assert!(
        matches!(error, XmlError::Unexpected { name, ns } if name == "x" && ns == "urn:xmpp:delay")
    );
}

#[test]
fn prefixes_of_the_stream_reach_the_types() {
    let mut framer = crate::opened();
    framer.push(
        b"<stream:features><starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'><required/></starttls>\
        <mechanisms xmlns='urn:ietf:params:xml:ns:xmpp-sasl'><mechanism>PLAIN</mechanism></mechanisms>\
        </stream:features>",
    );
    let Ok(Some(Frame::Element(element))) = framer.next_frame() else {
        panic!("no element");
    };
    let features: StreamFeatures = element.decode().unwrap();
    assert!(features.can_starttls());
    assert!(features.sasl_mechanisms.contains("PLAIN"));
}

#[test]
fn language_around_an_element_reaches_the_types() {
    let text = "<iq type='result' id='1' xml:lang='de'><query xmlns='http://jabber.org/protocol/disco#info'>\
        <identity category='server' type='im' name='S'/>\
        <identity category='server' type='im' name='T' xml:lang='en'/>\
        <feature var='http://jabber.org/protocol/disco#info'/></query></iq>";
    let iq = Element::parse(text).unwrap();
    let query = iq
        .children()
        .next()
        .unwrap()
        .decode::<DiscoInfoResult>()
        .unwrap();
    let own = xso::from_bytes::<DiscoInfoResult>(iq.children().next().unwrap().to_xml().as_bytes());
    assert_eq!(query.identities.len(), own.unwrap().identities.len());
    assert!(matches!(iq.decode::<Iq>().unwrap(), Iq::Result { .. }));
}
