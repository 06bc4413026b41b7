//! What is known of everybody, bounded: who was asked about longest ago is forgotten first.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Mutex, MutexGuard, PoisonError};

use jid::BareJid;

use super::known::Known;

/// Bytes of all entries together.
const MAX_BYTES: usize = 16 * 1024 * 1024;
/// How many entries.
const MAX_ENTRIES: usize = 10_000;

#[derive(Debug, Default)]
struct Entries {
    account: Option<BareJid>,
    by_jid: HashMap<BareJid, Entry>,
    /// By the time of the last use.
    by_use: BTreeMap<u64, BareJid>,
    uses: u64,
    bytes: usize,
}

#[derive(Debug)]
struct Entry {
    known: Known,
    used: u64,
}

/// Only the actor changes it, everybody reads it.
#[derive(Debug, Default)]
pub(crate) struct Table {
    entries: Mutex<Entries>,
}

impl Table {
    /// What is known; looking at it is a use.
    pub(crate) fn get(&self, jid: &BareJid) -> Option<Known> {
        let mut entries = self.lock();
        let entries = &mut *entries;
        let entry = entries.by_jid.get_mut(jid)?;
        entries.uses += 1;
        entries.by_use.remove(&entry.used);
        entry.used = entries.uses;
        entries.by_use.insert(entries.uses, jid.clone());
        Some(entry.known.clone())
    }

    pub(crate) fn put(&self, jid: &BareJid, known: Known) {
        let mut entries = self.lock();
        entries.remove(jid);
        entries.uses += 1;
        let used = entries.uses;
        entries.bytes += known.weight();
        entries.by_use.insert(used, jid.clone());
        entries.by_jid.insert(jid.clone(), Entry { known, used });
        while entries.by_jid.len() > MAX_ENTRIES
            || (entries.bytes > MAX_BYTES && entries.by_jid.len() > 1)
        {
            let Some(oldest) = entries.by_use.values().next().cloned() else {
                break;
            };
            entries.remove(&oldest);
        }
    }

    /// The table belongs to `account` from now on; what another one knew is forgotten.
    pub(crate) fn open(&self, account: &BareJid) {
        let mut entries = self.lock();
        if entries.account.as_ref() != Some(account) {
            *entries = Entries {
                account: Some(account.clone()),
                ..Entries::default()
            };
        }
    }

    /// Nothing is known any more.
    pub(crate) fn clear(&self) {
        *self.lock() = Entries::default();
    }

    fn lock(&self) -> MutexGuard<'_, Entries> {
        self.entries.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Entries {
    fn remove(&mut self, jid: &BareJid) {
        if let Some(entry) = self.by_jid.remove(jid) {
            self.by_use.remove(&entry.used);
            self.bytes = self.bytes.saturating_sub(entry.known.weight());
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

    use super::super::avatar::{Avatar, MAX_IMAGE_BYTES};
    use super::*;

    fn jid(n: usize) -> BareJid {
        format!("c{n}@x.example").parse().unwrap()
    }

    #[test]
    fn the_table_is_bounded_in_entries() {
        let table = Table::default();
        table.put(&jid(0), Known::default());
        for n in 1..20_000 {
            table.put(&jid(n), Known::default());
            if n % 100 == 0 {
                assert!(table.get(&jid(0)).is_some(), "it is used");
            }
        }
        assert_eq!(table.lock().by_jid.len(), MAX_ENTRIES);
        assert_eq!(table.lock().by_use.len(), MAX_ENTRIES);
        assert!(table.get(&jid(1)).is_none());
        assert!(table.get(&jid(19_999)).is_some());
    }

    #[test]
    fn the_table_is_bounded_in_bytes() {
        let table = Table::default();
        let mut bytes = vec![0; MAX_IMAGE_BYTES];
        bytes[..6].copy_from_slice(b"GIF89a");
        let avatar = Avatar::new(bytes).unwrap();
        for n in 0..200 {
            let known = Known {
                avatar: Some(avatar.clone()),
                ..Known::default()
            };
            table.put(&jid(n), known);
        }
        assert!(table.lock().bytes <= MAX_BYTES);
        let left = table.lock().by_jid.len();
        assert!((20..40).contains(&left), "{left}");
        table.open(&"m@x.example".parse().unwrap());
        assert!(table.get(&jid(199)).is_none());
    }
}
