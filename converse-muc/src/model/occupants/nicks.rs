//! Occupants by nick.

use std::borrow::Borrow;
use std::collections::HashSet;
use std::hash::{BuildHasher, BuildHasherDefault, Hash, Hasher, RandomState};

use crate::model::Occupant;

/// A set of occupants of different nicks.
///
/// The hash of each nick is kept beside the occupant: a set that grows while thousands come would otherwise have to look at
/// each of them again. The hashes cannot be foreseen, so that nobody can choose nicks that meet.
#[derive(Debug, Default)]
pub(super) struct Nicks {
    hashes: RandomState,
    entries: HashSet<Entry, BuildHasherDefault<AsIs>>,
}

impl Nicks {
    pub(super) fn get(&self, nick: &str) -> Option<&Occupant> {
        let entry = self.entries.get(&self.key(nick) as &dyn Key)?;
        Some(&entry.occupant)
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &Occupant> {
        self.entries.iter().map(|entry| &entry.occupant)
    }

    pub(super) fn len(&self) -> usize {
        self.entries.len()
    }

    /// Adds somebody; who had the nick before, if somebody had it.
    pub(super) fn replace(&mut self, occupant: Occupant) -> Option<Occupant> {
        let hash = self.key(&occupant.nick).hash;
        let known = self.entries.replace(Entry { hash, occupant })?;
        Some(known.occupant)
    }

    pub(super) fn remove(&mut self, nick: &str) -> Option<Occupant> {
        let key = self.key(nick);
        let entry = self.entries.take(&key as &dyn Key)?;
        Some(entry.occupant)
    }

    fn key<'a>(&self, nick: &'a str) -> Wanted<'a> {
        let hash = self.hashes.hash_one(nick);
        Wanted { hash, nick }
    }
}

/// Somebody in the set.
#[derive(Debug)]
struct Entry {
    hash: u64,
    occupant: Occupant,
}

/// A nick that is looked for.
struct Wanted<'a> {
    hash: u64,
    nick: &'a str,
}

/// What is compared.
trait Key {
    fn hash(&self) -> u64;
    fn nick(&self) -> &str;
}

impl Key for Entry {
    fn hash(&self) -> u64 {
        self.hash
    }

    fn nick(&self) -> &str {
        &self.occupant.nick
    }
}

impl Key for Wanted<'_> {
    fn hash(&self) -> u64 {
        self.hash
    }

    fn nick(&self) -> &str {
        self.nick
    }
}

impl Hash for dyn Key + '_ {
    fn hash<H: Hasher>(&self, state: &mut H) {
        state.write_u64(Key::hash(self));
    }
}

impl PartialEq for dyn Key + '_ {
    fn eq(&self, other: &Self) -> bool {
        Key::hash(self) == Key::hash(other) && self.nick() == other.nick()
    }
}

impl Eq for dyn Key + '_ {}

impl Hash for Entry {
    fn hash<H: Hasher>(&self, state: &mut H) {
        state.write_u64(self.hash);
    }
}

impl PartialEq for Entry {
    fn eq(&self, other: &Self) -> bool {
        self.hash == other.hash && self.occupant.nick == other.occupant.nick
    }
}

impl Eq for Entry {}

impl<'a> Borrow<dyn Key + 'a> for Entry {
    fn borrow(&self) -> &(dyn Key + 'a) {
        self
    }
}

/// Takes a number that is a hash already.
#[derive(Default)]
struct AsIs(u64);

impl Hasher for AsIs {
    fn write(&mut self, bytes: &[u8]) {
        // Only whole hashes are written.
        for byte in bytes {
            self.0 = self.0.rotate_left(8) ^ u64::from(*byte);
        }
    }

    fn write_u64(&mut self, hash: u64) {
        self.0 = hash;
    }

    fn finish(&self) -> u64 {
        self.0
    }
}
