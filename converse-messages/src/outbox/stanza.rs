//! What is done to stanzas on their way.

use chrono::{DateTime, SecondsFormat, Utc};
use converse_core::ns;
use converse_core::xml::{Element, ElementBuilder, XmlError};
use jid::Jid;

/// A message with another text. What refers to places in the text goes with the old one.
pub(super) fn reworded(stanza: &str, body: &str) -> Result<String, XmlError> {
    let stanza = Element::parse(stanza)?;
    let mut new = Element::builder("message", ns::CLIENT);
    for attr in stanza.attrs() {
        new = new.attr_ns(attr.name().to_owned(), attr.ns().to_owned(), attr.value());
    }
    let text = Element::builder("body", ns::CLIENT).text(body.to_owned());
    let mut new = new.child(text);
    for child in stanza.children() {
        let is_of_text = matches!(
            (child.name(), child.ns()),
            ("body", ns::CLIENT) | ("reference", ns::REFERENCE) | ("fallback", ns::FALLBACK)
        );
        if !is_of_text {
            new = new.child(child.to_element());
        }
    }
    let mut xml = String::new();
    new.write_to(&mut xml)?;
    Ok(xml)
}

/// A stanza as it goes out now: to where its addressee is, and with when it was sent first if it `is_late` (XEP-0203).
pub(super) fn outgoing(
    stanza: &str,
    to: Option<&Jid>,
    late: Option<(DateTime<Utc>, &Jid)>,
) -> Result<Element, XmlError> {
    let stanza = Element::parse(stanza)?;
    if to.is_none() && late.is_none() {
        return Ok(stanza);
    }
    let mut new = ElementBuilder::from(stanza.view());
    if let Some(to) = to {
        new = new.attr("to", to.as_str());
    }
    if let Some((time, from)) = late.filter(|_| stanza.child("delay", ns::DELAY).is_none()) {
        let delay = Element::builder("delay", ns::DELAY)
            .attr("from", from.as_str())
            .attr("stamp", time.to_rfc3339_opts(SecondsFormat::Secs, true));
        new = new.child(delay);
    }
    new.build()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

    use super::*;

    const STANZA: &str = "<message to='otto@heron.example' type='chat' id='m1'><body>old @Otto</body>\
        <origin-id xmlns='urn:xmpp:sid:0' id='m1'/>\
        <reference xmlns='urn:xmpp:reference:0' type='mention' uri='xmpp:otto@heron.example' begin='4' end='9'/>\
        <active xmlns='http://jabber.org/protocol/chatstates'/></message>";

    #[test]
    fn another_text_leaves_all_that_is_not_of_the_text() {
        assert_eq!(
            reworded(STANZA, "new & <better>").unwrap(),
            "<message to='otto@heron.example' type='chat' id='m1'>\
             <body>new &amp; &lt;better&gt;</body><origin-id xmlns='urn:xmpp:sid:0' id='m1'/>\
             <active xmlns='http://jabber.org/protocol/chatstates'/></message>"
        );
        assert!(reworded(STANZA, "a\u{0}b").is_err());
    }

    #[test]
    fn what_is_late_says_so_once_and_goes_to_where_its_addressee_is() {
        let own = "mara@kestrel.example/desk".parse().unwrap();
        let time = "2026-01-10T08:00:00Z".parse().unwrap();
        let to: Jid = "atrium@rooms.example/otto".parse().unwrap();
        let late = outgoing(STANZA, Some(&to), Some((time, &own))).unwrap();
        assert_eq!(late.attr("to").as_deref(), Some(to.as_str()));
        let delay = late.child("delay", ns::DELAY).unwrap();
        assert_eq!(delay.attr("stamp").as_deref(), Some("2026-01-10T08:00:00Z"));
        let again = outgoing(&late.to_stream_xml(), None, Some((time, &own))).unwrap();
        assert_eq!(again.children_named("delay", ns::DELAY).count(), 1);
    }
}
