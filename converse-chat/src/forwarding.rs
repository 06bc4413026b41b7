//! What is sent, forwarded to the account's other clients (XEP-0297), for servers that make no copies.

use chrono::{DateTime, SecondsFormat, Utc};
use converse_core::contract::sent_at;
use converse_core::ns;
use converse_core::router::Stanza;
use converse_core::xml::{Element, ElementBuilder};
use jid::Jid;

use crate::carbons::{Copied, Side, forwarded_message};

/// Forwards a message that this client sends to the own account.
///
/// There is no text in it that somebody could take for a message, and nobody needs a carbon of it.
pub(crate) fn forward(message: ElementBuilder, own: &Jid, now: DateTime<Utc>) -> ElementBuilder {
    let stamp = now.to_rfc3339_opts(SecondsFormat::Millis, true);
    let delay = Element::builder("delay", ns::DELAY).attr("stamp", stamp);
    let message = message.attr("from", own.as_str());
    let forwarded = Element::builder("forwarded", ns::FORWARD)
        .child(delay)
        .child(message);
    Element::builder("message", ns::CLIENT)
        .attr("to", own.to_bare().as_str())
        .attr("type", "chat")
        .child(forwarded)
        .child(Element::builder("private", ns::CARBONS))
}

/// What another client of the account has forwarded and has sent itself; everything else that is forwarded without being asked
/// for proves nothing (§7).
pub(crate) fn read(stanza: &Stanza, own: &Jid, now: DateTime<Utc>) -> Option<Copied> {
    let by = stanza.from()?;
    let is_account = by.node() == own.node() && by.domain() == own.domain();
    if !is_account || by.resource().is_none() || by.resource() == own.resource() {
        return None;
    }
    let forwarded = stanza.child("forwarded", ns::FORWARD)?;
    let message = forwarded_message(forwarded)?;
    if message.from() != Some(by) || message.type_().as_deref() == Some("groupchat") {
        return None;
    }
    Some(Copied {
        side: Side::Sent,
        message,
        stamp: sent_at(forwarded, now),
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

    use super::*;

    const NOW: &str = "2026-02-01T00:00:00Z";

    fn forwarded(by: &str, from: &str) -> Stanza {
        let message = Element::builder("message", ns::CLIENT)
            .attr("to", "otto@heron.example")
            .child(Element::builder("body", ns::CLIENT).text("hi"));
        let own: Jid = from.parse().unwrap();
        let stanza = forward(message, &own, NOW.parse().unwrap());
        let stanza = stanza.attr("from", by.to_owned()).build().unwrap();
        Stanza::parse(&stanza.to_xml()).unwrap()
    }

    fn reads(by: &str, from: &str) -> bool {
        let own = "mara@kestrel.example/desk".parse().unwrap();
        read(&forwarded(by, from), &own, NOW.parse().unwrap()).is_some()
    }

    #[test]
    fn only_what_another_own_client_has_sent_is_taken() {
        assert!(reads(
            "mara@kestrel.example/phone",
            "mara@kestrel.example/phone"
        ));
        assert!(!reads(
            "mara@kestrel.example/desk",
            "mara@kestrel.example/desk"
        ));
        assert!(!reads(
            "mara@kestrel.example/phone",
            "otto@heron.example/oar"
        ));
        assert!(!reads("mara@kestrel.example", "mara@kestrel.example/phone"));
        assert!(!reads("vex@mallard.example/x9", "vex@mallard.example/x9"));
        assert!(!reads(
            "vex@mallard.example/x9",
            "mara@kestrel.example/phone"
        ));
    }

    #[test]
    fn what_is_forwarded_says_when_it_was_sent_and_has_no_text_of_its_own() {
        let by = "mara@kestrel.example/phone";
        let stanza = forwarded(by, by);
        assert_eq!(stanza.to().unwrap().as_str(), "mara@kestrel.example");
        assert_eq!(stanza.body(), None);
        let own = "mara@kestrel.example/desk".parse().unwrap();
        let copied = read(&stanza, &own, NOW.parse().unwrap()).unwrap();
        assert_eq!(copied.side, Side::Sent);
        assert_eq!(copied.stamp, Some(NOW.parse().unwrap()));
        assert_eq!(copied.message.body().as_deref(), Some("hi"));
    }
}
