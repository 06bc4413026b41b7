//! All contacts of an account: one writes, everybody reads.

use std::collections::{BTreeSet, HashSet};
use std::sync::{PoisonError, RwLock};

use converse_core::contract::{Standing, Subscription};
use dashmap::DashMap;
use jid::BareJid;

use super::contact::{Attributes, Contact};
use super::item::RosterItem;

/// How many people who are no contacts may wait for an answer to their request.
const MAX_REQUESTS: usize = 1_000;

#[derive(Debug, Clone)]
struct Entry {
    contact: Contact,
    /// Otherwise somebody who only asks to become a contact.
    in_roster: bool,
}

/// The contacts; only the actor changes them.
#[derive(Debug, Default)]
pub(crate) struct Book {
    entries: DashMap<BareJid, Entry>,
    state: RwLock<State>,
}

#[derive(Debug, Default)]
struct State {
    account: Option<BareJid>,
    /// Whether the roster was known at least once.
    loaded: bool,
    version: Option<String>,
    requests: usize,
}

/// A contact before and after something.
#[derive(Debug)]
pub(crate) struct Change {
    pub(crate) before: Option<Contact>,
    pub(crate) after: Contact,
}

impl Book {
    pub(crate) fn get(&self, jid: &BareJid) -> Option<Contact> {
        self.entries.get(jid).map(|entry| entry.contact.clone())
    }

    /// Everybody, sorted by address.
    pub(crate) fn all(&self) -> Vec<Contact> {
        let entries = self.entries.iter();
        let mut all: Vec<_> = entries.map(|entry| entry.contact.clone()).collect();
        all.sort_unstable_by(|one, other| one.jid.cmp(&other.jid));
        all
    }

    /// How many are in the roster.
    pub(crate) fn count(&self) -> usize {
        self.entries
            .len()
            .saturating_sub(self.read(|state| state.requests))
    }

    pub(crate) fn is_contact(&self, jid: &BareJid) -> bool {
        self.entries.get(jid).is_some_and(|entry| entry.in_roster)
    }

    pub(crate) fn standing(&self, jid: &BareJid) -> Standing {
        let known = self
            .entries
            .get(jid)
            .filter(|entry| entry.in_roster)
            .map(|entry| entry.contact.subscription);
        match known {
            Some(subscription) => Standing::Contact(subscription),
            None if self.read(|state| state.loaded) => Standing::Stranger,
            None => Standing::Unknown,
        }
    }

    pub(crate) fn version(&self) -> Option<String> {
        self.read(|state| state.version.clone())
    }

    pub(crate) fn groups(&self) -> Vec<String> {
        let mut groups = BTreeSet::new();
        for entry in &self.entries {
            groups.extend(entry.contact.groups.iter().cloned());
        }
        groups.into_iter().collect()
    }

    /// The book belongs to `account` from now on; what another one had is forgotten.
    pub(crate) fn open(&self, account: BareJid) {
        let same = self.read(|state| state.account.as_ref() == Some(&account));
        if !same {
            self.entries.clear();
            self.write(|state| {
                *state = State {
                    account: Some(account),
                    ..State::default()
                }
            });
        }
    }

    /// The roster as the server has it; those whom it does not name are gone, and returned.
    pub(crate) fn replace(
        &self,
        items: impl IntoIterator<Item = RosterItem>,
        version: Option<String>,
    ) -> Vec<Contact> {
        let mut named = HashSet::new();
        for item in items {
            named.insert(item.jid.clone());
            self.put(item);
        }
        let gone: Vec<BareJid> = self
            .entries
            .iter()
            .filter(|entry| entry.in_roster && !named.contains(entry.key()))
            .map(|entry| entry.key().clone())
            .collect();
        self.write(|state| {
            state.loaded = true;
            state.version = version;
        });
        gone.iter().filter_map(|jid| self.remove(jid)).collect()
    }

    /// A roster that was kept, and that the server has not confirmed.
    pub(crate) fn restore(&self, items: impl IntoIterator<Item = RosterItem>, version: String) {
        items.into_iter().for_each(|item| self.put(item));
        self.set_version(version);
    }

    /// The roster of before is still the server's.
    pub(crate) fn confirm(&self) {
        self.write(|state| state.loaded = true);
    }

    pub(crate) fn set_version(&self, version: String) {
        self.write(|state| state.version = Some(version));
    }

    /// Adds or changes a contact.
    pub(crate) fn put(&self, item: RosterItem) {
        let mut entry = self
            .entries
            .entry(item.jid.clone())
            .or_insert_with(|| Entry {
                contact: Contact::new(item.jid.clone()),
                in_roster: true,
            });
        if !entry.in_roster {
            entry.in_roster = true;
            self.write(|state| state.requests -= 1);
        }
        entry.contact.change().apply(item);
    }

    pub(crate) fn remove(&self, jid: &BareJid) -> Option<Contact> {
        let (_, mut entry) = self.entries.remove(jid)?;
        if !entry.in_roster {
            self.write(|state| state.requests -= 1);
        }
        let gone = entry.contact.change();
        gone.subscription = Subscription::None;
        gone.ask = None;
        gone.requesting = false;
        gone.leave(None, None);
        Some(entry.contact)
    }

    /// Changes somebody who is there.
    pub(crate) fn change(
        &self,
        jid: &BareJid,
        change: impl FnOnce(&mut Attributes),
    ) -> Option<Change> {
        let mut entry = self.entries.get_mut(jid)?;
        let before = entry.contact.clone();
        change(entry.contact.change());
        let after = entry.contact.clone();
        Some(Change {
            before: Some(before),
            after,
        })
    }

    /// Somebody asks to become a contact; `None` if that is known already or too many wait.
    pub(crate) fn request(&self, jid: &BareJid, nick: Option<String>) -> Option<Contact> {
        if let Some(mut entry) = self.entries.get_mut(jid) {
            if entry.contact.requesting {
                return None;
            }
            entry.contact.change().requesting = true;
            return Some(entry.contact.clone());
        }
        if self.read(|state| state.requests >= MAX_REQUESTS) {
            tracing::warn!(from = %jid, "too many contact requests wait for an answer; one is ignored");
            return None;
        }
        let mut contact = Contact::new(jid.clone());
        let attributes = contact.change();
        attributes.requesting = true;
        if let Some(nick) = nick {
            attributes.fullname = nick;
        }
        self.write(|state| state.requests += 1);
        let entry = Entry {
            contact: contact.clone(),
            in_roster: false,
        };
        self.entries.insert(jid.clone(), entry);
        Some(contact)
    }

    /// A request was answered or taken back.
    pub(crate) fn end_request(&self, jid: &BareJid) {
        let Some(in_roster) = self.entries.get(jid).map(|entry| entry.in_roster) else {
            return;
        };
        if in_roster {
            self.change(jid, |contact| contact.requesting = false);
        } else {
            self.remove(jid);
        }
    }

    /// Those of whom a resource is known.
    pub(crate) fn present(&self) -> Vec<BareJid> {
        self.entries
            .iter()
            .filter(|entry| !entry.contact.resources.is_empty())
            .map(|entry| entry.key().clone())
            .collect()
    }

    fn read<T>(&self, read: impl FnOnce(&State) -> T) -> T {
        read(&self.state.read().unwrap_or_else(PoisonError::into_inner))
    }

    fn write<T>(&self, write: impl FnOnce(&mut State) -> T) -> T {
        write(&mut self.state.write().unwrap_or_else(PoisonError::into_inner))
    }
}
