//! Copies of what the account's other clients send and receive (XEP-0280).

use chrono::{DateTime, Utc};
use converse_core::contract::sent_at;
use converse_core::ns;
use converse_core::router::Stanza;
use converse_core::xml::{Element, ElementBuilder, ElementRef};
use jid::{BareJid, Jid};

/// Which way the copied message went.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Side {
    /// To another client of the account.
    Received,
    /// From another client of the account.
    Sent,
}

/// A message that another client sent or received.
#[derive(Debug)]
pub(crate) struct Copied {
    pub(crate) side: Side,
    pub(crate) message: Stanza,
    /// When the server had it, if it says so (XEP-0297 §3.2).
    pub(crate) stamp: Option<DateTime<Utc>>,
}

/// What a message turns out to be.
#[derive(Debug)]
pub(crate) enum Unwrapped {
    /// No copy.
    Plain,
    /// A copy from the own account.
    Copy(Copied),
    /// It looks like a copy and is none that may be believed; nothing in it counts.
    Refused(&'static str),
}

/// Asks the server for copies (§4).
pub(crate) fn request() -> ElementBuilder {
    Element::builder("iq", ns::CLIENT)
        .attr("type", "set")
        .child(Element::builder("enable", ns::CARBONS))
}

/// Takes a copy out of its wrapping.
///
/// Only the own account makes copies (§11): a client that believes others lets anybody write in anybody's name
/// (CVE-2017-5589). Its server knows who wrote what is inside, so a copy of something that did not pass this account is
/// refused too.
pub(crate) fn unwrap(stanza: &Stanza, own: &BareJid, now: DateTime<Utc>) -> Unwrapped {
    let mut wrappings = stanza.root().children().filter_map(side_of);
    let Some((side, wrapping)) = wrappings.next() else {
        return Unwrapped::Plain;
    };
    if !is_account(stanza.from(), own) {
        return Unwrapped::Refused("it is not from the own account");
    }
    if wrappings.next().is_some() {
        return Unwrapped::Refused("it has two wrappings");
    }
    match copied(side, wrapping, own, now) {
        Ok(copy) => Unwrapped::Copy(copy),
        Err(reason) => Unwrapped::Refused(reason),
    }
}

fn copied(
    side: Side,
    wrapping: ElementRef<'_>,
    own: &BareJid,
    now: DateTime<Utc>,
) -> Result<Copied, &'static str> {
    let forwarded =
        only_child(wrapping, "forwarded", ns::FORWARD).ok_or("it does not forward one message")?;
    let message = forwarded_message(forwarded).ok_or("what it forwards is not one message")?;
    let own_side = match side {
        Side::Received => message.to(),
        Side::Sent => message.from(),
    };
    // RFC 6120 §8.1: an address that is left out is that of the account.
    if own_side.is_some_and(|jid| !is_of(jid, own)) {
        return Err("what it forwards did not pass this account");
    }
    if message
        .root()
        .children()
        .any(|child| side_of(child).is_some())
    {
        return Err("it is a copy of a copy");
    }
    if message.type_().as_deref() == Some("groupchat") {
        return Err("what rooms send is not copied");
    }
    Ok(Copied {
        side,
        message,
        stamp: sent_at(forwarded, now),
    })
}

/// The message in a `<forwarded/>`, if it is the only one (XEP-0297 §3).
pub(crate) fn forwarded_message(forwarded: ElementRef<'_>) -> Option<Stanza> {
    let message = only_child(forwarded, "message", ns::CLIENT)?;
    Stanza::from_element(message.to_element()).ok()
}

fn only_child<'a>(parent: ElementRef<'a>, name: &str, ns: &str) -> Option<ElementRef<'a>> {
    let mut found = parent.children_named(name, ns);
    let only = found.next()?;
    found.next().is_none().then_some(only)
}

fn side_of(child: ElementRef<'_>) -> Option<(Side, ElementRef<'_>)> {
    let side = match child.name() {
        "received" => Side::Received,
        "sent" => Side::Sent,
        _ => return None,
    };
    (child.ns() == ns::CARBONS).then_some((side, child))
}

/// Whether a sender is the own account: no address, or exactly its bare JID (RFC 6120 §8.1.2.1).
fn is_account(from: Option<&Jid>, own: &BareJid) -> bool {
    from.is_none_or(|from| from.resource().is_none() && is_of(from, own))
}

fn is_of(jid: &Jid, account: &BareJid) -> bool {
    jid.node() == account.node() && jid.domain() == account.domain()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

    use super::*;

    const INNER: &str = "<message xmlns='jabber:client' from='otto@heron.example/oar' to='mara@kestrel.example/phone' type='chat' id='k1'><body>hi</body></message>";
    const OUTER: &str = "from='mara@kestrel.example' to='mara@kestrel.example/desk' type='chat'";

    fn wrapped(outer: &str, side: &str, inner: &str) -> Unwrapped {
        let xml = format!(
            "<message {outer}><{side} xmlns='urn:xmpp:carbons:2'><forwarded xmlns='urn:xmpp:forward:0'>{inner}</forwarded></{side}></message>"
        );
        read(&xml)
    }

    fn read(xml: &str) -> Unwrapped {
        let own = "mara@kestrel.example".parse().unwrap();
        let now = "2026-02-01T00:00:00Z".parse().unwrap();
        unwrap(&Stanza::parse(xml).unwrap(), &own, now)
    }

    fn refused(unwrapped: &Unwrapped) -> bool {
        matches!(unwrapped, Unwrapped::Refused(_))
    }

    #[test]
    fn a_copy_from_the_own_account_is_unwrapped_with_its_time() {
        let delay = "<delay xmlns='urn:xmpp:delay' stamp='2026-01-10T08:00:00Z'/>";
        let unwrapped = wrapped(OUTER, "received", &format!("{delay}{INNER}"));
        let Unwrapped::Copy(copy) = unwrapped else {
            unreachable!("{unwrapped:?}")
        };
        assert_eq!(copy.side, Side::Received);
        assert_eq!(copy.message.body().as_deref(), Some("hi"));
        assert_eq!(copy.message.id().as_deref(), Some("k1"));
        assert_eq!(
            copy.stamp.unwrap().to_rfc3339(),
            "2026-01-10T08:00:00+00:00"
        );
        let nameless = wrapped("type='chat'", "received", INNER);
        assert!(matches!(nameless, Unwrapped::Copy(_)));
        assert!(matches!(read(INNER), Unwrapped::Plain));
    }

    #[test]
    fn a_copy_from_anybody_else_is_refused() {
        for from in [
            "vex@mallard.example/x9",
            "otto@heron.example/oar",
            "otto@heron.example",
            "mara@kestrel.example/phone",
            "mara@kestrel.example/desk",
            "kestrel.example",
            "mara@kestrel.example.evil.example",
        ] {
            let unwrapped = wrapped(&format!("from='{from}'"), "received", INNER);
            assert!(refused(&unwrapped), "{from}");
        }
    }

    #[test]
    fn what_did_not_pass_the_account_is_refused() {
        let elsewhere = INNER.replace("mara@kestrel.example/phone", "ines@heron.example");
        assert!(refused(&wrapped(OUTER, "received", &elsewhere)));
        // Sent by somebody else.
        assert!(refused(&wrapped(OUTER, "sent", INNER)));
        let room = INNER.replace("'chat'", "'groupchat'");
        assert!(refused(&wrapped(OUTER, "received", &room)));
    }

    #[test]
    fn a_wrapping_holds_exactly_one_message() {
        for inner in [
            "",
            "<message xmlns='urn:evil'/>",
            "<presence xmlns='jabber:client'/>",
            "<message xmlns='jabber:client' from='@@'/>",
            &format!("{INNER}{INNER}"),
        ] {
            assert!(refused(&wrapped(OUTER, "received", inner)), "{inner}");
        }
        let nested = format!(
            "<message xmlns='jabber:client' from='otto@heron.example' to='mara@kestrel.example'><received xmlns='urn:xmpp:carbons:2'><forwarded xmlns='urn:xmpp:forward:0'>{INNER}</forwarded></received></message>"
        );
        assert!(refused(&wrapped(OUTER, "received", &nested)));
        let bare = format!(
            "<message {OUTER}><sent xmlns='urn:xmpp:carbons:2'/><received xmlns='urn:xmpp:carbons:2'/></message>"
        );
        assert!(refused(&read(&bare)));
    }

    #[test]
    fn only_wrappings_of_its_namespace_count() {
        let other = format!(
            "<message {OUTER}><received xmlns='urn:xmpp:receipts' id='a'/><forwarded xmlns='urn:xmpp:forward:0'>{INNER}</forwarded></message>"
        );
        assert!(matches!(read(&other), Unwrapped::Plain));
    }
}
