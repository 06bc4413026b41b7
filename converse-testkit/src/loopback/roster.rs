//! Rosters: contacts, versions and pushes (RFC 6121 §2).

mod requests;

use std::collections::{BTreeMap, VecDeque};

use jid::BareJid;
use xmpp_parsers::minidom::Element;
use xmpp_parsers::roster;

use super::subscription::Subscription;

/// Removals a roster remembers for the clients that have an older version of it.
const REMEMBERED: usize = 256;

/// One contact. An entry that is not listed is a request that waits for an answer.
#[derive(Default, Clone)]
pub(super) struct Contact {
    pub(super) name: Option<String>,
    pub(super) groups: Vec<String>,
    pub(super) subscription: Subscription,
    pub(super) listed: bool,
    /// Whoever asks will be granted it without being announced (RFC 6121 §3.4).
    pub(super) approved: bool,
    /// The request as it came, for the resources that come later (RFC 6121 §3.1.3).
    pub(super) request: Option<Element>,
    changed: u64,
}

/// The contacts of one account.
#[derive(Default)]
pub(super) struct Roster {
    contacts: BTreeMap<BareJid, Contact>,
    version: u64,
    removed: VecDeque<(u64, BareJid)>,
    /// Removals up to this version are forgotten.
    forgotten: u64,
}

impl Roster {
    pub(super) fn get(&self, contact: &BareJid) -> Option<&Contact> {
        self.contacts.get(contact)
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (&BareJid, &Contact)> {
        self.contacts.iter()
    }

    pub(super) fn subscription(&self, contact: &BareJid) -> Subscription {
        self.get(contact)
            .map_or_else(Subscription::default, |contact| contact.subscription)
    }

    /// The entry of a contact, a new one if there is room for it.
    pub(super) fn entry(&mut self, contact: &BareJid, room: usize) -> Option<&mut Contact> {
        if !self.contacts.contains_key(contact) && self.contacts.len() >= room {
            return None;
        }
        Some(self.contacts.entry(contact.clone()).or_default())
    }

    /// Puts a contact in before the server starts.
    pub(super) fn seed(&mut self, contact: &BareJid, change: impl FnOnce(&mut Contact)) {
        let entry = self.contacts.entry(contact.clone()).or_default();
        entry.listed = true;
        change(entry);
        self.changed(contact);
    }

    /// Notes that an entry has changed; gives the item to push if it is listed. Entries without any meaning are dropped.
    pub(super) fn changed(&mut self, jid: &BareJid) -> Option<roster::Item> {
        let contact = self.contacts.get_mut(jid)?;
        if contact.listed {
            self.version += 1;
            contact.changed = self.version;
            return Some(item(jid, contact));
        }
        if contact.subscription == Subscription::default() {
            self.contacts.remove(jid);
        }
        None
    }

    /// Takes a listed contact away.
    pub(super) fn remove(&mut self, jid: &BareJid) -> Option<Contact> {
        if !self.contacts.get(jid)?.listed {
            return None;
        }
        self.version += 1;
        self.removed.push_back((self.version, jid.clone()));
        if self.removed.len() > REMEMBERED
            && let Some((version, _)) = self.removed.pop_front()
        {
            self.forgotten = version;
        }
        self.contacts.remove(jid)
    }

    /// Every listed contact.
    pub(super) fn items(&self) -> Vec<roster::Item> {
        let listed = self.contacts.iter().filter(|(_, contact)| contact.listed);
        listed.map(|(jid, contact)| item(jid, contact)).collect()
    }

    pub(super) fn version(&self) -> u64 {
        self.version
    }

    /// What has changed since a version, in order; nothing if the whole roster has to be sent (RFC 6121 §2.6.3).
    pub(super) fn since(&self, version: u64) -> Option<Vec<(u64, roster::Item)>> {
        if version < self.forgotten || version > self.version {
            return None;
        }
        let listed = self.contacts.iter().filter(|(_, contact)| contact.listed);
        let mut changes: Vec<_> = listed
            .map(|(jid, contact)| (contact.changed, item(jid, contact)))
            .chain(self.removed.iter().map(|(at, jid)| (*at, removal(jid))))
            .filter(|(at, _)| *at > version)
            .collect();
        changes.sort_by_key(|(at, _)| *at);
        Some(changes)
    }
}

fn item(jid: &BareJid, contact: &Contact) -> roster::Item {
    let (subscription, ask) = contact.subscription.shown();
    roster::Item {
        jid: jid.clone(),
        name: contact.name.clone(),
        subscription,
        ask,
        groups: contact.groups.iter().cloned().map(roster::Group).collect(),
        approved: contact.approved.then_some(true),
    }
}

/// The item that tells of a removal.
pub(super) fn removal(jid: &BareJid) -> roster::Item {
    roster::Item {
        jid: jid.clone(),
        name: None,
        subscription: roster::Subscription::Remove,
        ask: roster::Ask::None,
        groups: Vec::new(),
        approved: None,
    }
}
