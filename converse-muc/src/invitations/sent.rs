//! The invitations that went out.

use std::collections::VecDeque;

use jid::{BareJid, Jid};

/// How many are remembered: a refusal comes at once, and a decline soon or never.
const MAX_SENT: usize = 256;

/// An invitation that went out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Sent {
    pub(super) id: String,
    pub(super) room: BareJid,
    pub(super) recipient: Jid,
    /// Whether it went to the room, which was to pass it on.
    pub(super) mediated: bool,
}

impl Sent {
    /// Whether a message from there can say what became of it.
    fn went_to(&self, from: &Jid) -> bool {
        if self.mediated {
            from.resource().is_none() && from.to_bare() == self.room
        } else {
            from.to_bare() == self.recipient.to_bare()
        }
    }
}

/// The newest invitations that went out.
#[derive(Debug, Default)]
pub(super) struct Outbox {
    sent: VecDeque<Sent>,
}

impl Outbox {
    pub(super) fn add(&mut self, sent: Sent) {
        if self.sent.len() >= MAX_SENT {
            self.sent.pop_front();
        }
        self.sent.push_back(sent);
    }

    /// The one that an error from there is about; it is over with that.
    pub(super) fn failed(&mut self, id: &str, from: &Jid) -> Option<Sent> {
        let is_it = |sent: &Sent| sent.id == id && sent.went_to(from);
        self.remove(is_it)
    }

    /// The newest one to which somebody says no through a room; it is over with that.
    pub(super) fn declined(&mut self, room: &BareJid, by: &Jid) -> Option<Sent> {
        let by = by.to_bare();
        self.remove(|sent| sent.mediated && sent.room == *room && sent.recipient.to_bare() == by)
    }

    pub(super) fn clear(&mut self) {
        self.sent.clear();
    }

    fn remove(&mut self, is_it: impl Fn(&Sent) -> bool) -> Option<Sent> {
        let place = self.sent.iter().rposition(is_it)?;
        self.sent.remove(place)
    }
}
