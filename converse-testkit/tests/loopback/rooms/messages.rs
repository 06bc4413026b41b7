//! XEP-0045 §7.2.13–§7.2.15, §7.4, §7.5, §8.1: what is said in a room.

use crate::client::{Client, builder, condition, verona};
use crate::rooms::{
    ROOM, USER, administer, bodies, codes, configure, enter, garden, occupant, presence_of, says,
};

#[tokio::test]
async fn what_is_said_is_heard_by_everybody() {
    let server = verona().await;
    let (mut romeo, mut juliet) = garden(&server).await;
    let forged = format!(
        "<body>hi</body><stanza-id xmlns='urn:xmpp:sid:0' by='{ROOM}' id='forged'/>\
         <stanza-id xmlns='urn:xmpp:sid:0' by='elsewhere' id='kept'/>\
         <origin-id xmlns='urn:xmpp:sid:0' id='o'/>\
         <occupant-id xmlns='urn:xmpp:occupant-id:0' id='forged'/>\
         <x xmlns='{USER}'><status code='332'/></x>\
         <delay xmlns='urn:xmpp:delay' from='{ROOM}' stamp='2020-01-01T00:00:00Z'/>"
    );
    juliet.send(&says(ROOM, "groupchat", &forged)).await;
    let (reflected, heard) = (juliet.recv().await, romeo.recv().await);
    for message in [&reflected, &heard] {
        assert_eq!(
            message.attr("from"),
            Some(format!("{ROOM}/Juliet").as_str())
        );
        assert_eq!(
            (message.attr("id"), message.attr("type")),
            (Some("m"), Some("groupchat"))
        );
        let ids: Vec<_> = message
            .children()
            .filter(|child| child.name() == "stanza-id")
            .map(|child| (child.attr("by").unwrap(), child.attr("id").unwrap()))
            .collect();
        assert_eq!(ids[0], ("elsewhere", "kept"));
        assert_eq!(ids[1].0, ROOM);
        assert_ne!(ids[1].1, "forged");
        assert_eq!(ids.len(), 2);
        assert!(message.has_child("origin-id", "urn:xmpp:sid:0"));
        assert!(!message.has_child("x", USER));
        assert!(!message.has_child("delay", "urn:xmpp:delay"));
    }
    let mark = |stanza: &xmpp_parsers::minidom::Element| {
        let id = stanza.get_child("occupant-id", "urn:xmpp:occupant-id:0");
        id.unwrap().attr("id").unwrap().to_owned()
    };
    assert_eq!(mark(&reflected), mark(&heard));
    romeo
        .send(&says(ROOM, "groupchat", "<body>ay</body>"))
        .await;
    assert_ne!(mark(&juliet.recv().await), mark(&heard));
}

#[tokio::test]
async fn who_is_not_there_says_nothing() {
    let server = verona().await;
    let (mut romeo, _juliet) = garden(&server).await;
    let mut tybalt = Client::login(&server, "tybalt/street").await;
    for (to, expected) in [
        (ROOM.to_owned(), "not-acceptable"),
        (format!("{ROOM}/Romeo"), "not-acceptable"),
        ("nowhere@conference.localhost".to_owned(), "item-not-found"),
        ("conference.localhost".to_owned(), "service-unavailable"),
    ] {
        let kind = if to == *ROOM { "groupchat" } else { "chat" };
        tybalt.send(&says(&to, kind, "<body>thou</body>")).await;
        assert_eq!(condition(&tybalt.recv().await), expected, "{to}");
    }
    romeo.hears_nothing().await;
}

#[tokio::test]
async fn newcomers_hear_what_was_said() {
    let server = verona().await;
    let (mut romeo, mut juliet) = garden(&server).await;
    for number in 0..30 {
        let body = format!("<body>{number}</body>");
        romeo.send(&says(ROOM, "groupchat", &body)).await;
    }
    let chatting = "<composing xmlns='http://jabber.org/protocol/chatstates'/>";
    romeo.send(&says(ROOM, "groupchat", chatting)).await;
    romeo
        .send(&says(ROOM, "groupchat", "<subject>Stars</subject>"))
        .await;
    romeo.drain().await;
    let live = juliet.drain().await;
    let mut tybalt = Client::login(&server, "tybalt/street").await;
    let heard = enter(&mut tybalt, "Tybalt", "").await;
    let expected: Vec<String> = (10..30).map(|number| number.to_string()).collect();
    assert_eq!(bodies(&heard), expected);
    // The same message has the same id, now as then.
    let last = heard
        .iter()
        .rfind(|one| one.has_child("body", "jabber:client"));
    let last = last.unwrap();
    let id = |message: &xmpp_parsers::minidom::Element| {
        let id = message.get_child("stanza-id", "urn:xmpp:sid:0").unwrap();
        id.attr("id").unwrap().to_owned()
    };
    let then = live
        .iter()
        .rfind(|one| one.has_child("body", "jabber:client"));
    assert_eq!(id(last), id(then.unwrap()));
    let delay = last.get_child("delay", "urn:xmpp:delay").unwrap();
    assert_eq!(delay.attr("from"), Some(ROOM));
    let subject = heard.last().unwrap();
    assert_eq!(
        subject
            .get_child("subject", "jabber:client")
            .unwrap()
            .text(),
        "Stars"
    );
    assert!(subject.has_child("delay", "urn:xmpp:delay"));
    assert_eq!(subject.attr("from"), Some(format!("{ROOM}/Romeo").as_str()));
    for (wanted, count) in [
        ("maxstanzas='3'", 3),
        ("maxchars='0'", 0),
        ("seconds='600'", 20),
    ] {
        let heard = enter(&mut tybalt, "Tybalt", &format!("<history {wanted}/>")).await;
        assert_eq!(bodies(&heard).len(), count, "{wanted}");
    }
}

#[tokio::test]
async fn a_room_keeps_so_much_and_no_more() {
    let limits = converse_testkit::loopback::Limits {
        room_history: 2,
        ..Default::default()
    };
    let server = builder().limits(limits).start().await.unwrap();
    let (mut romeo, _juliet) = garden(&server).await;
    for body in ["one", "two", "three"] {
        romeo
            .send(&says(ROOM, "groupchat", &format!("<body>{body}</body>")))
            .await;
    }
    romeo.drain().await;
    let mut tybalt = Client::login(&server, "tybalt/street").await;
    assert_eq!(
        bodies(&enter(&mut tybalt, "Tybalt", "").await),
        ["two", "three"]
    );
}

#[tokio::test]
async fn only_those_who_may_change_the_subject() {
    let server = verona().await;
    let (mut romeo, mut juliet) = garden(&server).await;
    juliet
        .send(&says(ROOM, "groupchat", "<subject>Larks</subject>"))
        .await;
    assert_eq!(condition(&juliet.recv().await), "forbidden");
    configure(&mut romeo, &[("changesubject", "1")]).await;
    juliet.drain().await;
    juliet
        .send(&says(ROOM, "groupchat", "<subject>Larks</subject>"))
        .await;
    assert_eq!(juliet.recv().await.attr("type"), Some("groupchat"));
    assert_eq!(server.rooms()[0].subject, "Larks");
    // With a text it is a message like others.
    romeo
        .send(&says(
            ROOM,
            "groupchat",
            "<subject>Owls</subject><body>hoot</body>",
        ))
        .await;
    romeo.drain().await;
    assert_eq!(server.rooms()[0].subject, "Larks");
    romeo.send(&says(ROOM, "groupchat", "<subject/>")).await;
    romeo.drain().await;
    assert_eq!(server.rooms()[0].subject, "");
}

#[tokio::test]
async fn visitors_listen_and_ask_for_voice() {
    let server = verona().await;
    let (mut romeo, mut juliet) = garden(&server).await;
    configure(&mut romeo, &[("moderatedroom", "1")]).await;
    let mut tybalt = occupant(&server, "tybalt/street", "Tybalt").await;
    tybalt
        .send(&says(ROOM, "groupchat", "<body>thou</body>"))
        .await;
    assert_eq!(condition(&tybalt.recv().await), "forbidden");
    romeo.drain().await;
    juliet.drain().await;
    let request = |more: &str| {
        format!(
            "<message to='{ROOM}'><x xmlns='jabber:x:data' type='submit'>\
             <field var='FORM_TYPE'><value>http://jabber.org/protocol/muc#request</value></field>\
             <field var='muc#role'><value>participant</value></field>{more}</x></message>"
        )
    };
    tybalt.send(&request("")).await;
    let asked = romeo.recv().await;
    assert_eq!(asked.attr("from"), Some(ROOM));
    assert!(asked.has_child("x", "jabber:x:data"));
    // Only those who keep order are asked, and only they answer.
    juliet.hears_nothing().await;
    let granted = request(
        "<field var='muc#roomnick'><value>Tybalt</value></field>\
         <field var='muc#request_allow'><value>true</value></field>",
    );
    tybalt.send(&granted).await;
    assert_eq!(condition(&tybalt.recv().await), "forbidden");
    romeo.send(&granted).await;
    let own = tybalt.recv().await;
    assert_eq!(crate::rooms::rank(&own), ("participant", "none"));
    tybalt
        .send(&says(ROOM, "groupchat", "<body>thou</body>"))
        .await;
    assert_eq!(tybalt.recv().await.attr("type"), Some("groupchat"));
}

#[tokio::test]
async fn a_private_message_is_for_one() {
    let server = verona().await;
    let (mut romeo, mut juliet) = garden(&server).await;
    let mut tybalt = occupant(&server, "tybalt/street", "Tybalt").await;
    romeo.drain().await;
    juliet.drain().await;
    let to = format!("{ROOM}/Juliet");
    romeo.send(&says(&to, "chat", "<body>psst</body>")).await;
    let heard = juliet.recv().await;
    assert_eq!(heard.attr("from"), Some(format!("{ROOM}/Romeo").as_str()));
    assert_eq!(heard.attr("type"), Some("chat"));
    assert!(heard.has_child("x", USER));
    assert!(heard.has_child("occupant-id", "urn:xmpp:occupant-id:0"));
    tybalt.hears_nothing().await;
    romeo.hears_nothing().await;
    romeo
        .send(&says(&to, "groupchat", "<body>psst</body>"))
        .await;
    assert_eq!(condition(&romeo.recv().await), "bad-request");
    let nobody = format!("{ROOM}/Nobody");
    romeo
        .send(&says(&nobody, "chat", "<body>psst</body>"))
        .await;
    assert_eq!(condition(&romeo.recv().await), "item-not-found");
    configure(&mut romeo, &[("allowpm", "moderators")]).await;
    juliet.drain().await;
    let back = format!("{ROOM}/Romeo");
    juliet.send(&says(&back, "chat", "<body>psst</body>")).await;
    assert_eq!(condition(&juliet.recv().await), "forbidden");
}

#[tokio::test]
async fn a_client_that_cannot_be_reached_is_let_go() {
    let server = verona().await;
    let (mut romeo, mut juliet) = garden(&server).await;
    juliet
        .send(&format!(
            "<message type='error' to='{ROOM}/Romeo'><error type='cancel'>\
             <recipient-unavailable xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></message>"
        ))
        .await;
    let heard = juliet.drain().await;
    assert_eq!(codes(presence_of(&heard, "Juliet")), [110, 307, 333]);
    let heard = romeo.drain().await;
    assert_eq!(codes(presence_of(&heard, "Juliet")), [307, 333]);
    assert_eq!(heard[0].attr("type"), Some("error"));
    administer(&mut romeo, "<item role='none' nick='Romeo'/>").await;
}

#[tokio::test]
async fn a_moderator_takes_back_what_was_said() {
    let server = verona().await;
    let (mut romeo, mut juliet) = garden(&server).await;
    juliet
        .send(&says(ROOM, "groupchat", "<body>rapiers, cheap</body>"))
        .await;
    let said = juliet.recv().await;
    romeo.drain().await;
    let id = said.get_child("stanza-id", "urn:xmpp:sid:0").unwrap();
    let id = id.attr("id").unwrap();
    let moderate = |id: &str| {
        format!(
            "<iq type='set' id='q' to='{ROOM}'><moderate xmlns='urn:xmpp:message-moderate:1' id='{id}'>\
             <retract xmlns='urn:xmpp:message-retract:1'/><reason>no trade</reason></moderate></iq>"
        )
    };
    let refused = juliet.request(&moderate(id)).await;
    assert_eq!(condition(&refused), "forbidden");
    let refused = romeo.request(&moderate("unknown")).await;
    assert_eq!(condition(&refused), "item-not-found");
    romeo.send(&moderate(id)).await;
    let told = juliet.recv().await;
    assert_eq!(told.attr("from"), Some(ROOM));
    let retract = "urn:xmpp:message-retract:1";
    let retract = told.get_child("retract", retract).unwrap();
    assert_eq!(retract.attr("id"), Some(id));
    let moderated = retract.children().next().unwrap();
    assert_eq!(moderated.attr("by"), Some(format!("{ROOM}/Romeo").as_str()));
    // Nobody hears it later.
    let mut tybalt = Client::login(&server, "tybalt/street").await;
    assert!(bodies(&enter(&mut tybalt, "Tybalt", "").await).is_empty());
}
