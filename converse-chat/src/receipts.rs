//! Delivery receipts (XEP-0184).

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};

use converse_core::ns;
use converse_core::router::Stanza;
use converse_core::xml::{Element, ElementBuilder};
use jid::Jid;

use converse_messages::wire::usable;

/// Asks for a receipt (§5).
pub(crate) fn request() -> ElementBuilder {
    Element::builder("request", ns::RECEIPTS)
}

/// A receipt that somebody wants for a message of his.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Receipt {
    /// The address that the message came from.
    pub(crate) to: Jid,
    /// The message's id.
    pub(crate) id: String,
    /// The message's type, which the receipt has too.
    type_: Option<String>,
}

impl Receipt {
    /// Nothing but the receipt is in it (§7): it asks for none itself (§5.4).
    pub(crate) fn to_stanza(&self) -> ElementBuilder {
        Element::builder("message", ns::CLIENT)
            .attr("to", self.to.as_str())
            .attr_opt("type", self.type_.as_deref())
            .child(Element::builder("received", ns::RECEIPTS).attr("id", self.id.as_str()))
    }
}

/// The receipt that a message asks for.
pub(crate) fn wanted(stanza: &Stanza) -> Option<Receipt> {
    stanza.child("request", ns::RECEIPTS)?;
    if stanza.child("received", ns::RECEIPTS).is_some() {
        return None;
    }
    let type_ = stanza.type_();
    if matches!(type_.as_deref(), Some("error" | "groupchat")) {
        return None;
    }
    Some(Receipt {
        to: stanza.from()?.clone(),
        id: usable(stanza.id())?,
        type_: type_
            .filter(|type_| matches!(&**type_, "chat" | "normal" | "headline"))
            .map(|type_| type_.into_owned()),
    })
}

/// How many receipts wait for room in the session; with one more, that one is not sent. Nobody can count on receipts (§4).
const MAX_WAITING: usize = 10_000;

/// Receipts that wait for room in the session.
#[derive(Debug, Default)]
pub(crate) struct Waiting {
    state: Mutex<Queue>,
}

#[derive(Debug, Default)]
struct Queue {
    receipts: VecDeque<Receipt>,
    /// Somebody sends them, one after the other.
    is_sending: bool,
}

impl Waiting {
    fn state(&self) -> MutexGuard<'_, Queue> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Adds a receipt; whether somebody has to begin to send them.
    pub(crate) fn push(&self, receipt: Receipt) -> bool {
        let mut state = self.state();
        if state.receipts.len() >= MAX_WAITING {
            tracing::debug!(to = %receipt.to, "too many receipts wait to be sent; this one is not");
            return false;
        }
        state.receipts.push_back(receipt);
        !std::mem::replace(&mut state.is_sending, true)
    }

    /// The next one for whoever sends them; without one he is done.
    pub(crate) fn next(&self) -> Option<Receipt> {
        let mut state = self.state();
        let next = state.receipts.pop_front();
        state.is_sending = next.is_some();
        next
    }

    /// The session is gone: whoever asked will not wait for it.
    pub(crate) fn give_up(&self) {
        *self.state() = Queue::default();
    }
}

/// The id of the message that is said to have arrived, whatever the type of the receipt (§7).
pub(crate) fn read(stanza: &Stanza) -> Option<String> {
    let received = stanza.child("received", ns::RECEIPTS)?;
    usable(received.attr("id"))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

    use super::*;

    fn stanza(attrs: &str, children: &str) -> Stanza {
        Stanza::parse(&format!(
            "<message from='otto@heron.example/oar' {attrs}>{children}</message>"
        ))
        .unwrap()
    }

    const REQUEST: &str = "<request xmlns='urn:xmpp:receipts'/>";

    #[test]
    fn a_receipt_names_the_message_that_asked() {
        let receipt = wanted(&stanza("id='r1' type='chat'", REQUEST)).unwrap();
        let stanza = receipt.to_stanza().build().unwrap();
        assert_eq!(
            stanza.to_xml(),
            "<message xmlns='jabber:client' to='otto@heron.example/oar' type='chat'>\
             <received xmlns='urn:xmpp:receipts' id='r1'/></message>"
        );
    }

    #[test]
    fn some_messages_get_none() {
        let received = "<received xmlns='urn:xmpp:receipts' id='r0'/>";
        for (attrs, children) in [
            ("id='r1'", String::new()),
            ("id='r1'", "<request xmlns='urn:evil'/>".to_owned()),
            ("id='r1'", format!("{REQUEST}{received}")),
            ("", REQUEST.to_owned()),
            ("id=''", REQUEST.to_owned()),
            ("id='r1' type='error'", REQUEST.to_owned()),
            ("id='r1' type='groupchat'", REQUEST.to_owned()),
        ] {
            assert_eq!(
                wanted(&stanza(attrs, &children)),
                None,
                "{attrs} {children}"
            );
        }
        let huge = format!("id='{}'", "x".repeat(5_000));
        assert_eq!(wanted(&stanza(&huge, REQUEST)), None);
    }

    #[test]
    fn one_sends_them_all_and_no_more_wait_than_fit() {
        let receipt = wanted(&stanza("id='r1'", REQUEST)).unwrap();
        let waiting = Waiting::default();
        assert!(waiting.push(receipt.clone()));
        for _ in 0..MAX_WAITING {
            assert!(!waiting.push(receipt.clone()));
        }
        let mut sent = 0;
        while waiting.next().is_some() {
            sent += 1;
        }
        assert_eq!(sent, MAX_WAITING);
        assert!(waiting.push(receipt.clone()));
        waiting.give_up();
        assert!(waiting.push(receipt));
    }

    #[test]
    fn a_receipt_without_an_id_says_nothing() {
        let received =
            |id: &str| stanza("", &format!("<received xmlns='urn:xmpp:receipts' {id}/>"));
        assert_eq!(read(&received("id='m1'")).as_deref(), Some("m1"));
        assert_eq!(read(&received("")), None);
        assert_eq!(read(&stanza("id='m1'", REQUEST)), None);
    }
}
