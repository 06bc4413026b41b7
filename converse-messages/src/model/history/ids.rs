//! By which ids the messages of a chat are known.

use std::collections::HashMap;
use std::hash::{BuildHasher, BuildHasherDefault, Hasher, RandomState};

use crate::model::Whose;

/// An id, and within what it is unique.
#[derive(Debug, Clone, Copy, Hash)]
pub(super) enum Id<'a> {
    /// On the wire or an origin id: whoever sends chooses it, so that it says nothing about messages of others.
    Of(&'a Whose, &'a str),
    /// The same of somebody under this nick in a room, whoever that was: it finds what is repeated, and gives nobody a right.
    Named(&'a str, &'a str),
    /// Chosen here for what was sent from here.
    Sent(&'a str),
    /// Given by the account's server or the room (XEP-0359 §3.1).
    Archive(&'a str),
}

/// An id as it is kept: 64 bits of it under a key that nobody outside knows, so that long ids cost no more than short ones.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Key(u64);

/// The messages by their ids. Messages have numbers that grow.
#[derive(Debug, Default)]
pub(super) struct Ids {
    secret: RandomState,
    numbers: HashMap<u64, u64, BuildHasherDefault<AsIs>>,
}

impl Ids {
    pub(super) fn key(&self, id: Id<'_>) -> Key {
        Key(self.secret.hash_one(id))
    }

    pub(super) fn get(&self, key: Key) -> Option<u64> {
        self.numbers.get(&key.0).copied()
    }

    /// Remembers a message by a key; the one that was known by it before.
    pub(super) fn insert(&mut self, key: Key, number: u64) -> Option<u64> {
        self.numbers.insert(key.0, number)
    }

    /// How many keys there are.
    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        self.numbers.len()
    }

    /// Forgets a key, unless another message is known by it now.
    pub(super) fn remove(&mut self, key: Key, number: u64) {
        if self.get(key) == Some(number) {
            self.numbers.remove(&key.0);
        }
    }
}

/// A hash of a key, which is one already.
#[derive(Default)]
pub(super) struct AsIs(u64);

impl Hasher for AsIs {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = self.0.rotate_left(8) ^ u64::from(*byte);
        }
    }

    fn write_u64(&mut self, number: u64) {
        self.0 = number;
    }
}
