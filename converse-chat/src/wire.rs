//! Elements to model and back.

use chrono::{DateTime, Utc};
use converse_core::contract::sent_at;
use converse_core::ns;
use converse_core::router::Stanza;
use converse_core::xml::{Element, ElementBuilder};
use jid::{BareJid, Jid};

use crate::model::{ChatState, Message, MessageId, MessageKind, SentBy};

/// The longest subject that is kept, in bytes.
const LONGEST_SUBJECT: usize = 4096;
/// The longest id that is kept, in bytes; nobody needs one that long.
const LONGEST_ID: usize = 1024;

/// A message of a chat, with its id in both places (XEP-0359 §3.2) and the state of who writes it (XEP-0085 §5.1).
pub(crate) fn message(to: &BareJid, id: &MessageId, body: &str) -> ElementBuilder {
    Element::builder("message", ns::CLIENT)
        .attr("to", to.as_str())
        .attr("type", "chat")
        .attr("id", id.as_str())
        .child(Element::builder("body", ns::CLIENT).text(body))
        .child(Element::builder("origin-id", ns::SID).attr("id", id.as_str()))
        .child(Element::builder(
            ChatState::Active.as_str(),
            ns::CHAT_STATES,
        ))
}

/// A chat state on its own, which nobody needs to store (XEP-0085 §5.5).
pub(crate) fn chat_state(to: &BareJid, state: ChatState) -> ElementBuilder {
    Element::builder("message", ns::CLIENT)
        .attr("to", to.as_str())
        .attr("type", "chat")
        .child(Element::builder(state.as_str(), ns::CHAT_STATES))
        .child(Element::builder("no-store", ns::HINTS))
}

/// The message in a stanza, if it has a text.
pub(crate) fn read_message(
    stanza: &Stanza,
    from: &Jid,
    sender: SentBy,
    now: DateTime<Utc>,
) -> Option<Message> {
    let body = stanza.body().filter(|body| !body.is_empty())?;
    let root = stanza.root();
    let sent_at = sent_at(root, now);
    let id = stanza.id().filter(|id| is_usable(id));
    let origin = root.child("origin-id", ns::SID);
    let origin = origin.and_then(|origin| origin.attr("id"));
    let subject = root.child_text("subject", ns::CLIENT);
    Some(Message {
        id: id.map(MessageId::new),
        origin_id: origin.filter(|id| is_usable(id)).map(|id| id.into_owned()),
        sender,
        from: from.clone(),
        kind: MessageKind::of(stanza.type_().as_deref()),
        body: body.into_owned(),
        subject: subject
            .filter(|subject| !subject.is_empty() && subject.len() <= LONGEST_SUBJECT)
            .map(|subject| subject.into_owned()),
        time: sent_at.unwrap_or(now),
        delayed: sent_at.is_some(),
        delivery: None,
        error: None,
    })
}

fn is_usable(id: &str) -> bool {
    !id.is_empty() && id.len() <= LONGEST_ID
}

/// The chat state in a stanza.
pub(crate) fn read_chat_state(stanza: &Stanza) -> Option<ChatState> {
    let mut states = stanza.root().children();
    let state = states.find(|child| child.ns() == ns::CHAT_STATES)?;
    ChatState::from_name(state.name())
}

/// Whether a stanza belongs to a room (XEP-0045): a private message of an occupant, or an invitation.
pub(crate) fn is_from_room(stanza: &Stanza) -> bool {
    stanza.child("x", ns::MUC_USER).is_some()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

    use super::*;

    fn read(xml: &str) -> Option<Message> {
        let stanza = Stanza::parse(xml).unwrap();
        let from = "otto@heron.example/oar".parse().unwrap();
        let now = "2026-02-01T00:00:00Z".parse().unwrap();
        read_message(&stanza, &from, SentBy::Them, now)
    }

    #[test]
    fn only_a_body_of_the_stanzas_namespace_that_says_something_is_a_text() {
        assert!(read("<message/>").is_none());
        assert!(read("<message><body/></message>").is_none());
        assert!(read("<message><body xmlns='urn:evil'>y</body></message>").is_none());
        let nested = "<message><x xmlns='urn:x'><body xmlns='jabber:client'>y</body></x></message>";
        assert!(read(nested).is_none());
        let quoted = read("<message><body>&lt;/body&gt;&amp;</body></message>").unwrap();
        assert_eq!(quoted.body, "</body>&");
    }

    #[test]
    fn a_stamp_that_cannot_be_is_no_stamp() {
        let with = |stamp: &str| {
            read(&format!(
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
        let state = |xml: &str| read_chat_state(&Stanza::parse(xml).unwrap());
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
}
