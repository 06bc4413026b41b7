//! The messages by their numbers.

use std::collections::{HashMap, VecDeque};
use std::hash::{BuildHasherDefault, Hasher};

use converse_core::store::Place;

use super::ids::Key;
use crate::model::message::Message;
use crate::model::reaction::Reactor;
use crate::model::whose::Whose;

/// A message with all that is known of it.
#[derive(Debug)]
pub(super) struct Entry {
    pub(super) message: Message,
    /// Who wrote it.
    pub(super) whose: Whose,
    /// Where it stands.
    pub(super) place: Place,
    pub(super) size: usize,
    /// The message before with the same id, from another client.
    pub(super) same: Option<u64>,
    /// The ids of what was folded into it, by which it is known too.
    pub(super) folds: VecDeque<FoldId>,
    /// Who reacted when with what.
    pub(super) reactors: Vec<Reactor>,
    /// Its key in the store, if it was read from there.
    pub(super) key: Option<Box<str>>,
    /// The store has it not as it is.
    pub(super) is_dirty: bool,
}

/// The id of something that was folded into a message.
#[derive(Debug)]
pub(super) struct FoldId {
    pub(super) key: Key,
    /// Who said it with which id, where that is kept.
    pub(super) name: Option<Box<(Whose, String)>>,
}

impl Entry {
    pub(super) fn new(message: Message, whose: Whose, place: Place) -> Self {
        let mut entry = Self {
            message,
            whose,
            place,
            size: 0,
            same: None,
            folds: VecDeque::new(),
            reactors: Vec::new(),
            key: None,
            is_dirty: false,
        };
        entry.size = entry.measure();
        entry
    }

    /// What it takes in memory, about.
    pub(super) fn measure(&self) -> usize {
        let reactors = self.reactors.iter().map(Reactor::size);
        self.message.size() + reactors.sum::<usize>()
    }
}

/// The messages by their numbers.
#[derive(Debug, Default)]
pub(super) struct Entries {
    by_number: HashMap<u64, Box<Entry>, BuildHasherDefault<Spread>>,
}

impl Entries {
    pub(super) fn get(&self, number: u64) -> Option<&Entry> {
        self.by_number.get(&number).map(AsRef::as_ref)
    }

    pub(super) fn get_mut(&mut self, number: u64) -> Option<&mut Entry> {
        self.by_number.get_mut(&number).map(AsMut::as_mut)
    }

    pub(super) fn insert(&mut self, number: u64, entry: Entry) {
        self.by_number.insert(number, Box::new(entry));
    }

    pub(super) fn remove(&mut self, number: u64) -> Option<Box<Entry>> {
        self.by_number.remove(&number)
    }
}

/// Numbers follow each other; this puts them everywhere.
#[derive(Default)]
pub(super) struct Spread(u64);

impl Hasher for Spread {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.write_u64(u64::from(*byte));
        }
    }

    fn write_u64(&mut self, number: u64) {
        self.0 = (self.0.rotate_left(5) ^ number).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    }
}
