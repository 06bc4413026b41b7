//! What the book keeps of each contact.

use std::collections::HashMap;
use std::collections::hash_map::Entry as Place;
use std::sync::Arc;

use converse_core::contract::Subscription;
use jid::BareJid;

use crate::model::ChatStatus;
use crate::model::contact::Contact;
use crate::model::groups::GroupLists;
use crate::model::item::RosterItem;

#[derive(Debug)]
pub(super) struct Entry {
    pub(super) contact: Contact,
    /// Otherwise somebody who only asks to become a contact.
    pub(super) in_roster: bool,
    /// The roster of the server that named them last.
    round: u32,
}

impl Entry {
    pub(super) fn status(&self) -> (ChatStatus, Option<Arc<str>>) {
        (self.contact.chat_status, self.contact.status.clone())
    }
}

/// Everybody by their bare address.
#[derive(Debug, Default)]
pub(super) struct Table {
    pub(super) account: Option<BareJid>,
    /// Whether the roster was known at least once.
    pub(super) loaded: bool,
    pub(super) version: Option<String>,
    pub(super) pre_approval: bool,
    /// How many are no contacts.
    pub(super) requests: usize,
    /// Counts the rosters of the server.
    pub(super) round: u32,
    pub(super) entries: HashMap<Box<str>, Entry>,
    pub(super) lists: GroupLists,
}

impl Table {
    pub(super) fn get(&self, jid: &str) -> Option<&Entry> {
        self.entries.get(jid)
    }

    /// Somebody who is in the roster.
    pub(super) fn contact(&self, jid: &str) -> Option<&Contact> {
        let entry = self.entries.get(jid).filter(|entry| entry.in_roster)?;
        Some(&entry.contact)
    }

    /// Everybody, sorted by address.
    pub(super) fn sorted(&self) -> Vec<Contact> {
        let entries = self.entries.iter();
        let mut all: Vec<_> = entries
            .map(|(jid, entry)| (&**jid, &entry.contact))
            .collect();
        all.sort_unstable_by_key(|(jid, _)| *jid);
        all.into_iter()
            .map(|(_, contact)| contact.clone())
            .collect()
    }

    /// Adds or changes a contact; whether that was news.
    pub(super) fn put(&mut self, mut item: RosterItem) -> (&Contact, bool) {
        let round = self.round;
        let (entry, is_new) = match self.entries.entry(Box::from(item.jid.as_str())) {
            Place::Occupied(place) => (place.into_mut(), false),
            Place::Vacant(place) => {
                let entry = place.insert(Entry {
                    contact: Contact::new(item.jid.clone()),
                    in_roster: true,
                    round,
                });
                (entry, true)
            }
        };
        entry.round = round;
        if !entry.in_roster {
            entry.in_roster = true;
            self.requests -= 1;
        }
        let is_news = is_new || !entry.contact.is_as(&item);
        if is_news {
            let groups = self.lists.share(std::mem::take(&mut item.groups));
            entry.contact.change().apply(item, groups);
        }
        (&entry.contact, is_news)
    }

    pub(super) fn add_stranger(&mut self, contact: Contact) {
        self.requests += 1;
        let entry = Entry {
            contact: contact.clone(),
            in_roster: false,
            round: self.round,
        };
        self.entries.insert(Box::from(contact.jid.as_str()), entry);
    }

    /// Takes somebody away, who is nobody's contact and offline then.
    pub(super) fn remove(&mut self, jid: &str) -> Option<Contact> {
        let mut entry = self.entries.remove(jid)?;
        if !entry.in_roster {
            self.requests -= 1;
        }
        let gone = entry.contact.change();
        gone.subscription = Subscription::None;
        gone.ask = None;
        gone.approved = false;
        gone.requesting = false;
        gone.leave(None, None);
        Some(entry.contact)
    }

    /// The contacts that the last roster of the server did not name.
    pub(super) fn not_in_round(&self) -> Vec<Box<str>> {
        let entries = self.entries.iter();
        entries
            .filter(|(_, entry)| entry.in_roster && entry.round != self.round)
            .map(|(jid, _)| jid.clone())
            .collect()
    }
}
