//! What is read from stanzas that are odd.
#![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

use converse_core::ns;
use converse_core::router::Stanza;

use super::*;
use crate::model::{ChatState, Fold, Message, SentBy};

fn incoming(xml: &str) -> Incoming {
    let stanza = Stanza::parse(xml).unwrap();
    let from: jid::Jid = "otto@heron.example/oar".parse().unwrap();
    read(&Envelope {
        peer: from.to_bare(),
        from,
        stanza,
        sender: SentBy::Them,
        own: "mara@kestrel.example".parse().unwrap(),
        now: "2026-02-01T00:00:00Z".parse().unwrap(),
        sent_at: None,
        has_stanza_ids: true,
        has_occupant_ids: false,
    })
}

fn message(xml: &str) -> Option<Message> {
    incoming(xml).message
}

#[test]
fn only_a_body_of_the_stanzas_namespace_that_says_something_is_a_text() {
    assert!(message("<message/>").is_none());
    assert!(message("<message><body/></message>").is_none());
    assert!(message("<message><body xmlns='urn:evil'>y</body></message>").is_none());
    let nested = "<message><x xmlns='urn:x'><body xmlns='jabber:client'>y</body></x></message>";
    assert!(message(nested).is_none());
    let quoted = message("<message><body>&lt;/body&gt;&amp;</body></message>").unwrap();
    assert_eq!(quoted.body, "</body>&");
}

#[test]
fn a_stamp_that_cannot_be_is_no_stamp() {
    let with = |stamp: &str| {
        message(&format!(
            "<message id='a'><body>x</body><delay xmlns='urn:xmpp:delay' stamp='{stamp}'/></message>"
        ))
        .unwrap()
    };
    let late = with("2026-01-10T08:00:00Z");
    assert!(late.delayed);
    assert_eq!(late.time.to_rfc3339(), "2026-01-10T08:00:00+00:00");
    for stamp in [
        "99999-01-01T00:00:00Z",
        "-0001-01-01T00:00:00Z",
        "yesterday",
        "2036-01-01T00:00:00Z",
    ] {
        let message = with(stamp);
        assert!(!message.delayed, "{stamp}");
        assert_eq!(message.time.to_rfc3339(), "2026-02-01T00:00:00+00:00");
    }
}

#[test]
fn a_chat_state_is_one_of_five() {
    let state = |xml: &str| incoming(xml).state;
    let ns = ns::CHAT_STATES;
    assert_eq!(
        state(&format!("<message><gone xmlns='{ns}'/></message>")),
        Some(ChatState::Gone)
    );
    assert_eq!(
        state(&format!("<message><asleep xmlns='{ns}'/></message>")),
        None
    );
    assert_eq!(state("<message><gone xmlns='urn:x'/></message>"), None);
}

/// A stanza of an occupant, or of the room itself.
fn in_room(from: &str, inside: &str) -> Incoming {
    let xml = format!("<message type='groupchat' {inside}</message>");
    let room: jid::BareJid = "atrium@rooms.kestrel.example".parse().unwrap();
    read(&Envelope {
        peer: room.clone(),
        from: format!("{room}{from}").parse().unwrap(),
        stanza: Stanza::parse(&xml).unwrap(),
        sender: SentBy::Them,
        own: "mara@kestrel.example".parse().unwrap(),
        now: "2026-02-01T00:00:00Z".parse().unwrap(),
        sent_at: None,
        has_stanza_ids: true,
        has_occupant_ids: true,
    })
}

#[test]
fn a_room_gives_the_ids_of_what_is_said_in_it() {
    let ids = |given: &str| {
        let read = in_room("/pia", &format!("id='a'><body>x</body>{given}"));
        read.message.unwrap().stanza_id
    };
    let sid = |by: &str| format!("<stanza-id xmlns='urn:xmpp:sid:0' by='{by}' id='r1'/>");
    let room = sid("atrium@rooms.kestrel.example");
    assert_eq!(ids(&room).as_deref(), Some("r1"));
    for by in [
        "atrium@rooms.kestrel.example/pia",
        "mara@kestrel.example",
        "rooms.kestrel.example",
        "",
    ] {
        assert_eq!(ids(&sid(by)), None, "{by}");
    }
    assert_eq!(ids(&format!("{room}{room}")), None);
}

#[test]
fn only_the_room_says_that_something_is_old() {
    let time = |by: &str| {
        let delay = format!("<delay xmlns='urn:xmpp:delay' {by} stamp='2026-01-10T08:00:00Z'/>");
        in_room("/pia", &format!("id='a'><body>x</body>{delay}")).delayed
    };
    assert!(time("from='atrium@rooms.kestrel.example'"));
    assert!(time("from='rooms.kestrel.example'"));
    assert!(time(""));
    assert!(!time("from='atrium@rooms.kestrel.example/pia'"));
    assert!(!time("from='vex@mallard.example'"));
    assert!(!time("from='@@'"));
}

#[test]
fn an_occupant_id_is_one_and_short() {
    let id = |given: &str| in_room("/pia", &format!("id='a'><body>x</body>{given}")).occupant_id;
    let given = |id: &str| format!("<occupant-id xmlns='urn:xmpp:occupant-id:0' id='{id}'/>");
    assert_eq!(id(&given("o-1")).as_deref(), Some("o-1"));
    assert_eq!(id(&given(&"é".repeat(128))).map(|id| id.len()), Some(256));
    assert_eq!(id(&given(&"é".repeat(129))), None);
    assert_eq!(id(&given("")), None);
    assert_eq!(id(&format!("{0}{0}", given("o-1"))), None);
    assert_eq!(id("<occupant-id xmlns='urn:evil' id='o-1'/>"), None);
}

#[test]
fn moderation_is_said_by_the_room_and_read_in_both_versions() {
    let new = "><retract xmlns='urn:xmpp:message-retract:1' id='r1'>\
         <moderated xmlns='urn:xmpp:message-moderate:1' by='@@'>\
         <occupant-id xmlns='urn:xmpp:occupant-id:0' id='o-1'/></moderated>\
         <reason>spam</reason></retract><body>for others</body>";
    let old = "><apply-to xmlns='urn:xmpp:fasten:0' id='r1'>\
         <moderated xmlns='urn:xmpp:message-moderate:0'><retract xmlns='urn:xmpp:message-retract:0'/>\
         <reason>spam</reason></moderated></apply-to>";
    for (said, id) in [(new, Some("o-1")), (old, None)] {
        let incoming = in_room("", said);
        assert!(incoming.message.is_none());
        let Some(Fold::Moderation {
            id: target,
            moderation,
        }) = incoming.fold
        else {
            unreachable!("{said}")
        };
        assert_eq!(target, "r1");
        assert_eq!(moderation.occupant_id.as_deref(), id);
        assert_eq!(
            (moderation.by, moderation.reason.as_deref()),
            (None, Some("spam"))
        );
    }
    let forged = in_room("/pia", new);
    assert!(forged.fold.is_none() && forged.message.is_none());
    assert!(in_room("/pia", old).fold.is_none());
    // Without an id it is about nothing.
    let nothing = new.replace(" id='r1'", "");
    assert!(in_room("", &nothing).fold.is_none());
}

proptest::proptest! {
    #[test]
    fn whatever_a_room_says_is_read_and_kept_within_bounds(
        parts in proptest::collection::vec((0usize..PARTS.len(), "[a-z0-9<&' ]{0,12}"), 0..12),
        from in "(/[a-z]{1,5})?",
    ) {
        let escape = |text: &str| text.replace('&', "&amp;").replace('<', "&lt;").replace('\'', "&apos;");
        let inside: String = parts.iter().map(|(n, text)| PARTS[*n].replace('?', &escape(text))).collect();
        let incoming = in_room(&from, &format!("id='x'>{inside}"));
        let mut history = crate::model::History::of_room();
        if let Some(message) = incoming.message {
            history.add_of(message, crate::model::Whose::Visitor(1));
        }
        proptest::prop_assert!(history.len() <= 1);
    }
}

/// What stanzas of rooms are made of.
const PARTS: [&str; 14] = [
    "<body>?</body>",
    "<subject>?</subject>",
    "<replace xmlns='urn:xmpp:message-correct:0' id='?'/>",
    "<retract xmlns='urn:xmpp:message-retract:1' id='?'><moderated xmlns='urn:xmpp:message-moderate:1' by='?'/></retract>",
    "<retracted xmlns='urn:xmpp:message-retract:1' stamp='?'><moderated xmlns='urn:xmpp:message-moderate:1'/></retracted>",
    "<apply-to xmlns='urn:xmpp:fasten:0' id='?'><moderated xmlns='urn:xmpp:message-moderate:0'/></apply-to>",
    "<reactions xmlns='urn:xmpp:reactions:0' id='?'><reaction>?</reaction></reactions>",
    "<reply xmlns='urn:xmpp:reply:0' id='?' to='?'/>",
    "<fallback xmlns='urn:xmpp:fallback:0' for='urn:xmpp:reply:0'><body start='?' end='3'/></fallback>",
    "<reference xmlns='urn:xmpp:reference:0' type='mention' begin='?' end='2' uri='xmpp:?'/>",
    "<stanza-id xmlns='urn:xmpp:sid:0' by='atrium@rooms.kestrel.example' id='?'/>",
    "<occupant-id xmlns='urn:xmpp:occupant-id:0' id='?'/>",
    "<delay xmlns='urn:xmpp:delay' stamp='?' from='atrium@rooms.kestrel.example'/>",
    "<file-sharing xmlns='urn:xmpp:sfs:0'><sources><url-data xmlns='http://jabber.org/protocol/url-data' target='?'/></sources></file-sharing>",
];
