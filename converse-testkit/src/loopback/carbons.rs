//! Message carbons (XEP-0280).

use jid::BareJid;
use xmpp_parsers::minidom::Element;
use xmpp_parsers::ns;

use super::dom::{Dom, Packet, name};
use super::state::{SessionId, State};

const HINTS: &str = "urn:xmpp:hints";

/// Whose side a copy shows.
#[derive(Clone, Copy)]
pub(super) enum Direction {
    Sent,
    Received,
}

/// Whether other resources get copies of a message (XEP-0280 §6.1).
pub(super) fn is_eligible(message: &Element) -> bool {
    let instant = |child: &Element| {
        child.has_ns(ns::RECEIPTS)
            || child.has_ns(ns::CHATSTATES)
            || child.has_ns(ns::DISPLAYED_MARKERS)
    };
    let kind = match message.kind() {
        Some("groupchat" | "headline") => false,
        Some("chat") => true,
        _ => message.has_child("body", ns::JABBER_CLIENT) || message.children().any(instant),
    };
    kind && !message.has_child("private", ns::CARBONS)
        && !message.has_child("no-copy", HINTS)
        && !is_copy(message)
}

/// Whether a message is a copy already.
pub(super) fn is_copy(message: &Element) -> bool {
    ["sent", "received"]
        .iter()
        .any(|side| message.has_child(side, ns::CARBONS))
}

/// Takes the wish not to be copied away, as it is for the server alone (XEP-0280 §9).
pub(super) fn strip_private(message: &mut Element) {
    while message.remove_child("private", ns::CARBONS).is_some() {}
}

impl State {
    /// Turns copies for a session on or off.
    pub(super) fn set_carbons(&mut self, id: SessionId, enabled: bool) {
        if let Some(session) = self.sessions.get_mut(&id) {
            session.carbons = enabled;
        }
    }

    /// Sends copies to every resource that wants them, except to some; says how many.
    pub(super) fn copy(
        &mut self,
        account: &BareJid,
        message: &Element,
        direction: Direction,
        except: impl Fn(SessionId) -> bool,
    ) -> usize {
        let mut receivers = self.resources(account);
        receivers.retain(|id| {
            !except(*id) && self.sessions.get(id).is_some_and(|session| session.carbons)
        });
        for id in &receivers {
            let Some(session) = self.sessions.get(id) else {
                continue;
            };
            let copy = wrap(message, direction, account).with(name::TO, session.jid.as_str());
            self.push_copy(*id, Packet::new(copy), false);
        }
        receivers.len()
    }
}

/// The wrapper of a copy: from the account itself, or no client may believe it (XEP-0280 §11).
fn wrap(message: &Element, direction: Direction, account: &BareJid) -> Element {
    let side = match direction {
        Direction::Sent => "sent",
        Direction::Received => "received",
    };
    let forwarded = Element::bare("forwarded", ns::FORWARD).holding(message.clone());
    let wrapper = Element::bare("message", ns::JABBER_CLIENT)
        .with(name::FROM, account.as_str())
        .holding(Element::bare(side, ns::CARBONS).holding(forwarded));
    match message.kind() {
        Some(kind) => wrapper.with(name::TYPE, kind),
        None => wrapper,
    }
}
