//! All contacts of an account: one writes, everybody reads.

mod table;

use std::sync::{Arc, PoisonError, RwLock};

use converse_core::contract::{Profile, Standing};
use converse_core::view::{Publisher, View};
use jid::BareJid;

use super::ChatStatus;
use super::contact::Contact;
use super::groups::GroupLists;
use super::item::RosterItem;
use super::presence::Resource;
use table::{Entry, Table};

/// How many people who are no contacts may wait for an answer to their request.
const MAX_REQUESTS: usize = 1_000;
/// Of more changes at once, whoever follows is told at once, too.
const MAX_TOLD_SINGLY: usize = 256;

/// The contacts; only the actor changes them.
///
/// Whoever follows is told while the table is locked, so that snapshot and changes fit.
#[derive(Debug, Default)]
pub(crate) struct Book {
    table: RwLock<Table>,
    followers: Publisher<Contact>,
}

/// What a contact was before something, and what it is now.
#[derive(Debug)]
pub(crate) struct Change {
    pub(crate) was: ChatStatus,
    pub(crate) said: Option<Arc<str>>,
    pub(crate) contact: Contact,
}

/// What the server's roster made of the contacts.
#[derive(Debug)]
pub(crate) struct Replaced {
    /// In the order of the server.
    pub(crate) contacts: Vec<Contact>,
    /// Those whom it does not name any more.
    pub(crate) gone: Vec<Contact>,
}

// 1 reading

impl Book {
    /// The contact of a bare address in its normal form.
    pub(crate) fn get(&self, jid: &str) -> Option<Contact> {
        self.read(|table| table.get(jid).map(|entry| entry.contact.clone()))
    }

    /// Everybody, sorted by address.
    pub(crate) fn all(&self) -> Vec<Contact> {
        self.read(Table::sorted)
    }

    /// Everybody, sorted by address, and then every change.
    pub(crate) fn follow(&self) -> View<Contact> {
        self.read(|table| self.followers.follow(|| table.sorted()))
    }

    /// How many are in the roster.
    pub(crate) fn count(&self) -> usize {
        self.read(|table| table.entries.len().saturating_sub(table.requests))
    }

    pub(crate) fn is_contact(&self, jid: &BareJid) -> bool {
        self.read(|table| table.contact(jid.as_str()).is_some())
    }

    /// Somebody who is in the roster.
    pub(crate) fn contact(&self, jid: &BareJid) -> Option<Contact> {
        self.read(|table| table.contact(jid.as_str()).cloned())
    }

    pub(crate) fn standing(&self, jid: &BareJid) -> Standing {
        self.read(|table| match table.contact(jid.as_str()) {
            Some(contact) => Standing::Contact(contact.subscription),
            None if table.loaded => Standing::Stranger,
            None => Standing::Unknown,
        })
    }

    pub(crate) fn version(&self) -> Option<String> {
        self.read(|table| table.version.clone())
    }

    /// Whether the server takes approvals of requests that have not been made (RFC 6121 §3.4).
    pub(crate) fn can_pre_approve(&self) -> bool {
        self.read(|table| table.pre_approval)
    }

    pub(crate) fn groups(&self) -> Vec<String> {
        self.read(|table| {
            GroupLists::names(table.entries.values().map(|entry| &entry.contact.groups))
        })
    }
}

// 2 the roster

impl Book {
    /// The book belongs to `account` from now on; what another one had is forgotten.
    pub(crate) fn open(&self, account: &BareJid, pre_approval: bool) {
        self.write(|table| {
            table.pre_approval = pre_approval;
            if table.account.as_ref() != Some(account) {
                *table = Table {
                    account: Some(account.clone()),
                    pre_approval,
                    ..Table::default()
                };
                self.followers.edit(|list| list.reset(Vec::new()));
            }
        });
    }

    /// Nothing is known any more.
    pub(crate) fn clear(&self) {
        self.write(|table| {
            *table = Table::default();
            self.followers.edit(|list| list.reset(Vec::new()));
        });
    }

    /// The roster as the server has it.
    pub(crate) fn replace(
        &self,
        items: impl Iterator<Item = RosterItem>,
        version: Option<String>,
    ) -> Replaced {
        self.write(|table| {
            table.round += 1;
            let contacts = self.put_all(table, items);
            let gone = table.not_in_round();
            let gone: Vec<_> = gone.iter().filter_map(|jid| table.remove(jid)).collect();
            self.tell_of_removals(table, &gone);
            table.loaded = true;
            table.version = version;
            Replaced { contacts, gone }
        })
    }

    /// A roster that was kept, and that the server has not confirmed.
    pub(crate) fn restore(&self, items: impl Iterator<Item = RosterItem>, version: String) {
        self.write(|table| {
            table.round += 1;
            self.put_all(table, items);
            table.version = Some(version);
        });
    }

    /// The roster of before is still the server's.
    pub(crate) fn confirm(&self) {
        self.write(|table| table.loaded = true);
    }

    pub(crate) fn set_version(&self, version: String) {
        self.write(|table| table.version = Some(version));
    }

    /// Adds or changes a contact.
    pub(crate) fn put(&self, item: RosterItem) {
        self.write(|table| {
            if let (contact, true) = table.put(item) {
                self.tell_of(contact);
            }
        });
    }

    /// Takes somebody away; they are offline then.
    pub(crate) fn remove(&self, jid: &BareJid) -> Option<Change> {
        self.write(|table| self.remove_from(table, jid))
    }

    fn put_all(&self, table: &mut Table, items: impl Iterator<Item = RosterItem>) -> Vec<Contact> {
        let mut contacts = Vec::with_capacity(items.size_hint().0);
        let mut news = Vec::new();
        for item in items {
            let (contact, is_news) = table.put(item);
            if is_news && self.followers.is_followed() {
                news.push(contact.clone());
            }
            contacts.push(contact.clone());
        }
        if news.len() > MAX_TOLD_SINGLY {
            self.tell_anew(table);
        } else {
            news.iter().for_each(|contact| self.tell_of(contact));
        }
        contacts
    }

    fn remove_from(&self, table: &mut Table, jid: &BareJid) -> Option<Change> {
        let (was, said) = table.get(jid.as_str())?.status();
        let contact = table.remove(jid.as_str())?;
        self.tell_of_removals(table, std::slice::from_ref(&contact));
        Some(Change { was, said, contact })
    }
}

// 3 presence, and what contacts say about themselves

impl Book {
    /// A resource of a contact is there; nothing for who is no contact.
    pub(crate) fn arrive(&self, jid: &str, name: &str, resource: Resource) -> Option<Change> {
        self.update(jid, |entry| {
            let known = entry.in_roster;
            if known {
                entry.contact.change().arrive(name, resource);
            }
            known
        })
    }

    /// A resource of a contact is gone; without a name, all of them are. `status` is what it said as it went.
    pub(crate) fn leave(
        &self,
        jid: &str,
        name: Option<&str>,
        status: Option<Arc<str>>,
    ) -> Option<Change> {
        self.update(jid, |entry| {
            let is_news = entry.in_roster && (entry.contact.is_online() || status.is_some());
            if is_news {
                entry.contact.change().leave(name, status);
            }
            is_news
        })
    }

    /// A contact does not show their presence any more, or refused to.
    pub(crate) fn lose_sight_of(&self, jid: &str) -> Option<Change> {
        self.update(jid, |entry| {
            let contact = &entry.contact;
            let is_news = contact.ask.is_some() || contact.is_online() || contact.status.is_some();
            if is_news {
                let contact = entry.contact.change();
                contact.ask = None;
                contact.leave(None, None);
            }
            is_news
        })
    }

    /// Nobody's presence is known any more.
    pub(crate) fn forget_presence(&self) -> Vec<Change> {
        self.write(|table| {
            let entries = table.entries.values_mut();
            let present = entries.filter(|entry| !entry.contact.resources.is_empty());
            let changes: Vec<Change> = present
                .map(|entry| {
                    let (was, said) = entry.status();
                    entry.contact.change().leave(None, None);
                    let contact = entry.contact.clone();
                    Change { was, said, contact }
                })
                .collect();
            if changes.len() > MAX_TOLD_SINGLY {
                self.tell_anew(table);
            } else {
                changes.iter().for_each(|it| self.tell_of(&it.contact));
            }
            changes
        })
    }

    /// Takes over what somebody says about themselves; nothing for who is not known.
    pub(crate) fn introduce(&self, jid: &str, profile: Arc<Profile>) -> Option<Contact> {
        let change = self.update(jid, |entry| {
            let is_news = entry.contact.profile.as_ref() != Some(&profile);
            if is_news {
                entry.contact.change().introduce(profile);
            }
            is_news
        })?;
        Some(change.contact)
    }

    /// Forgets somebody's picture, and nothing else that they say about themselves.
    pub(crate) fn forget_picture(&self, jid: &str) {
        self.update(jid, |entry| {
            let Some(known) = entry.contact.profile.as_ref() else {
                return false;
            };
            let mut profile = Profile::clone(known);
            (profile.image, profile.image_type) = (None, None);
            entry.contact.change().introduce(Arc::new(profile));
            true
        });
    }
}

// 4 those who ask

impl Book {
    /// Somebody asks to become a contact; `None` if that is known already or too many wait.
    pub(crate) fn request(&self, jid: &BareJid, nick: Option<String>) -> Option<Contact> {
        self.write(|table| {
            if let Some(entry) = table.entries.get_mut(jid.as_str()) {
                if entry.contact.requesting {
                    return None;
                }
                entry.contact.change().requesting = true;
                self.tell_of(&entry.contact);
                return Some(entry.contact.clone());
            }
            if table.requests >= MAX_REQUESTS {
                tracing::warn!(from = %jid, "too many contact requests wait for an answer; one is ignored");
                return None;
            }
            let mut contact = Contact::new(jid.clone());
            let attributes = contact.change();
            attributes.requesting = true;
            if let Some(nick) = nick {
                attributes.fullname = nick;
            }
            self.tell_of(&contact);
            table.add_stranger(contact.clone());
            Some(contact)
        })
    }

    /// A request was answered or taken back; who made it, if there was one.
    pub(crate) fn end_request(&self, jid: &BareJid) -> Option<Contact> {
        self.write(|table| {
            let entry = table.entries.get_mut(jid.as_str())?;
            if !entry.in_roster {
                return self.remove_from(table, jid).map(|change| change.contact);
            }
            if !entry.contact.requesting {
                return None;
            }
            entry.contact.change().requesting = false;
            self.tell_of(&entry.contact);
            Some(entry.contact.clone())
        })
    }
}

// 5 private

impl Book {
    /// Changes somebody who is there; `update` says whether it did.
    fn update(&self, jid: &str, update: impl FnOnce(&mut Entry) -> bool) -> Option<Change> {
        self.write(|table| {
            let entry = table.entries.get_mut(jid)?;
            let (was, said) = entry.status();
            if !update(entry) {
                return None;
            }
            self.tell_of(&entry.contact);
            let contact = entry.contact.clone();
            Some(Change { was, said, contact })
        })
    }

    fn tell_of(&self, contact: &Contact) {
        let order = |one: &Contact, other: &Contact| one.jid.as_str().cmp(other.jid.as_str());
        self.followers.put_sorted(|| contact.clone(), order);
    }

    fn tell_of_removals(&self, table: &Table, gone: &[Contact]) {
        if gone.len() > MAX_TOLD_SINGLY {
            return self.tell_anew(table);
        }
        for contact in gone {
            let jid = contact.jid.as_str();
            self.followers
                .remove_sorted(|other| other.jid.as_str().cmp(jid));
        }
    }

    fn tell_anew(&self, table: &Table) {
        if self.followers.is_followed() {
            self.followers.edit(|list| list.reset(table.sorted()));
        }
    }

    fn read<T>(&self, read: impl FnOnce(&Table) -> T) -> T {
        read(&self.table.read().unwrap_or_else(PoisonError::into_inner))
    }

    fn write<T>(&self, write: impl FnOnce(&mut Table) -> T) -> T {
        write(&mut self.table.write().unwrap_or_else(PoisonError::into_inner))
    }
}
