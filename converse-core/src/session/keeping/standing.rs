//! The presences that stand: what a server tells once, at the beginning of a session, and again only when it changes.

use std::collections::{HashMap, HashSet};

use jid::Jid;

use crate::ns;
use crate::router::{Outgoing, Stanza, StanzaKind};
use crate::store::{Change, Namespace};
use crate::xml::Element;

/// By the address that they are from.
pub(super) const PRESENCES: Namespace = Namespace::new("session.presences", MOST);

/// How many are kept.
const MOST: usize = 10_000;
/// How large one may be, in bytes.
const LARGEST: usize = 8 * 1024;

/// Who is there, and who asks to be allowed to see the user (RFC 6121 §3, §4): a new process would never hear of them, for the
/// server does not tell a session that goes on what it has told it before. Occupants of rooms are not among them.
#[derive(Debug, Default)]
pub(super) struct Standing {
    presences: HashMap<String, Element>,
    /// The addresses of which the store does not know yet.
    changed: HashSet<String>,
}

impl Standing {
    /// As a store has them.
    pub(super) fn of_store(presences: HashMap<String, Element>) -> Self {
        Self {
            presences,
            changed: HashSet::new(),
        }
    }

    /// A copy of each.
    pub(super) fn all(&self) -> Vec<Element> {
        self.presences.values().cloned().collect()
    }

    /// Takes note of a stanza that came; gives whether anything changed.
    pub(super) fn hear(&mut self, stanza: &Stanza) -> bool {
        if stanza.kind() != StanzaKind::Presence {
            return false;
        }
        let Some(from) = stanza.from() else {
            return false;
        };
        match stanza.type_().as_deref() {
            None if stanza.child("x", ns::MUC_USER).is_none() => {
                self.put(from.as_str(), stanza.element())
            }
            Some("subscribe") => self.put(&request_of(from), stanza.element()),
            Some("unavailable") => self.remove(from.as_str()),
            Some("unsubscribe") => self.remove(&request_of(from)),
            _ => false,
        }
    }

    /// Takes note of a stanza that left: who is told something got an answer to what he asked. Gives whether anything changed.
    pub(super) fn tell(&mut self, stanza: &Outgoing) -> bool {
        stanza.kind() == StanzaKind::Presence
            && stanza.to().is_some_and(|to| self.remove(&request_of(to)))
    }

    /// How the store comes to know what it does not.
    pub(super) fn changes(&mut self) -> Vec<Change> {
        let changed = std::mem::take(&mut self.changed);
        let change = |key: String| match self.presences.get(&key) {
            Some(presence) => Change::put(PRESENCES, key, presence.to_stream_xml()),
            None => Change::delete(PRESENCES, key),
        };
        changed.into_iter().map(change).collect()
    }

    /// The store knows nothing.
    pub(super) fn all_changed(&mut self) {
        self.changed = self.presences.keys().cloned().collect();
    }

    fn put(&mut self, key: &str, presence: &Element) -> bool {
        let is_new = !self.presences.contains_key(key);
        if presence.source_len() > LARGEST || (is_new && self.presences.len() >= MOST) {
            return self.remove(key);
        }
        self.presences.insert(key.to_owned(), presence.clone());
        self.changed.insert(key.to_owned())
    }

    fn remove(&mut self, key: &str) -> bool {
        self.presences.remove(key).is_some() && self.changed.insert(key.to_owned())
    }
}

/// Under what a request is kept: a resource cannot be asked for, and so this is nobody's address.
fn request_of(jid: &Jid) -> String {
    format!("{}/", jid.to_bare())
}
