//! Message carbons (XEP-0280).

use jid::{BareJid, FullJid, Jid};
use xmpp_parsers::minidom::Element;
use xmpp_parsers::ns;

use super::dom::{Dom, Packet, name};
use super::state::{SessionId, State};

/// What a server says that keeps all of these rules (XEP-0280 §6.2).
pub(super) const RULES: &str = "urn:xmpp:carbons:rules:0";

const HINTS: &str = "urn:xmpp:hints";
/// Direct invitations (XEP-0249).
const CONFERENCE: &str = "jabber:x:conference";
/// How many messages of an account are remembered, as their errors are copied too.
const REMEMBERED: usize = 100;

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
        Some("groupchat" | "headline" | "error") => false,
        Some("chat") => true,
        _ => {
            message.has_child("body", ns::JABBER_CLIENT)
                || message.has_child("x", CONFERENCE)
                || is_invitation(message)
                || message.children().any(instant)
        }
    };
    kind && !message.has_child("private", ns::CARBONS)
        && !message.has_child("no-copy", HINTS)
        && !is_copy(message)
}

/// Whether a room passes on what an occupant said to another: the room sends it to every resource that is in it.
pub(super) fn is_of_room(message: &Element) -> bool {
    message.has_child("x", ns::MUC_USER) && !is_invitation(message)
}

/// Whether a room passes on an invitation (XEP-0045 §7.8.2).
fn is_invitation(message: &Element) -> bool {
    let user = message.get_child("x", ns::MUC_USER);
    user.is_some_and(|user| user.has_child("invite", ns::MUC_USER))
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

    /// Notes that a message is one that is copied.
    pub(super) fn remember_copied(&mut self, own: &BareJid, to: &Jid, message: &Element) {
        let (Some(id), Some(account)) = (message.id(), self.accounts.get_mut(own)) else {
            return;
        };
        if account.copied.len() >= REMEMBERED {
            account.copied.pop_front();
        }
        account.copied.push_back((to.clone(), id.to_owned()));
    }

    /// Whether this is an error for a message that was copied.
    pub(super) fn answers_copied(&self, error: &Element, to: &Jid) -> bool {
        let from = error.attr("from").map(Jid::new);
        let (Some("error"), Some(id), Some(Ok(from))) = (error.kind(), error.id(), from) else {
            return false;
        };
        let account = self.accounts.get(&to.to_bare());
        let mut copied = account.into_iter().flat_map(|account| &account.copied);
        copied.any(|(to, known)| known == id && to.to_bare() == from.to_bare())
    }

    /// Copies an error of the server's to the other resources if they have a copy of what it is about.
    pub(super) fn copy_error(&mut self, to: &FullJid, error: &Element) {
        if self.answers_copied(error, to) {
            let account = to.to_bare();
            let receiver = self.find(&account, to.resource());
            self.copy(&account, error, Direction::Received, |other| {
                Some(other) == receiver
            });
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
