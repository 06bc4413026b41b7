//! Who is there (RFC 6121 §4).

use converse_core::router::Stanza;
use jid::Jid;

use super::{RosterActor, bare};
use crate::message::{
    ContactOffline, ContactOnline, ContactStatusChanged, ContactStatusMessageChanged,
};
use crate::model::Change;
use crate::wire;

impl RosterActor {
    pub(super) fn arrive(&mut self, from: &Jid, stanza: &Stanza) {
        self.presences += 1;
        let now = self.api.environment().clock.now();
        let resource = wire::presence(stanza.root(), now, self.presences);
        let name = from.resource().map_or("", |name| name.as_str());
        let change = self.book.arrive(bare(from), name, resource);
        change.into_iter().for_each(|change| self.announce(change));
    }

    pub(super) fn leave(&mut self, from: &Jid, stanza: &Stanza) {
        let name = from.resource().map(|name| name.as_str());
        let status = wire::status(stanza.root());
        let change = self.book.leave(bare(from), name, status);
        change.into_iter().for_each(|change| self.announce(change));
    }

    /// Nobody's presence is known any more.
    pub(super) fn forget_presence(&mut self) {
        for change in self.book.forget_presence() {
            self.announce(change);
        }
    }

    /// Says what a change of presence means.
    pub(super) fn announce(&self, change: Change) {
        let Change { was, said, contact } = change;
        if was != contact.chat_status {
            self.api.publish(ContactStatusChanged::new(contact.clone()));
        }
        match (was.is_available(), contact.is_online()) {
            (false, true) => self.api.publish(ContactOnline::new(contact.clone())),
            (true, false) => self.api.publish(ContactOffline::new(contact.clone())),
            _ => {}
        }
        if said != contact.status {
            self.api.publish(ContactStatusMessageChanged::new(contact));
        }
    }
}
