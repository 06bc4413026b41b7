//! What is read from stanzas that are odd.
#![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

use converse_core::ns;
use converse_core::router::Stanza;

use super::*;
use crate::model::{ChatState, Message, SentBy};

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
