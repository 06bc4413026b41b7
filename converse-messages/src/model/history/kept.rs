//! What a store has of a history.

use std::hash::{BuildHasher, RandomState};

use converse_core::store::{Change, Place};

use super::entries::Entry;
use super::{History, MAX_MESSAGES, Message, Spot, Whose, stored};

/// What a store has of a history, and what it still has to get.
#[derive(Debug)]
pub(super) struct Kept {
    pub(super) log: String,
    /// What the keys of what is new begin with: nothing that the store has.
    prefix: u64,
    random: RandomState,
    /// What stands before this is only in the store.
    pub(super) floor: Option<Place>,
    /// The numbers of the messages that the store has not as they are.
    dirty: Vec<u64>,
    /// What the store has to get of messages that are not here any more.
    pub(super) changes: Vec<Change>,
}

impl Kept {
    pub(super) fn key(&self, entry: &Entry, number: u64) -> String {
        match &entry.key {
            Some(key) => key.to_string(),
            None => format!("{:016x}-{number}", self.prefix),
        }
    }
}

impl History {
    /// From now on a store keeps it, in this log: [`take_changes`](Self::take_changes) tells what that is to get. What the
    /// store has already is to be [restored](Self::restore).
    pub fn keep(&mut self, log: impl Into<String>) {
        let random = RandomState::new();
        self.kept = Some(Box::new(Kept {
            log: log.into(),
            prefix: random.hash_one("prefix"),
            random,
            floor: None,
            dirty: Vec::new(),
            changes: Vec::new(),
        }));
        let numbers: Vec<u64> = self.order.iter().map(|row| row.number).collect();
        for number in numbers {
            self.mark(number);
        }
    }

    /// The log in which a store keeps it, if one does.
    #[must_use]
    pub fn log(&self) -> Option<&str> {
        self.kept.as_ref().map(|kept| kept.log.as_str())
    }

    /// Whether the store has messages that are older than those here.
    #[must_use]
    pub fn has_older(&self) -> bool {
        self.floor().is_some()
    }

    /// Whether the store has to get anything.
    #[must_use]
    pub fn has_changes(&self) -> bool {
        let has_any = |kept: &Kept| !kept.dirty.is_empty() || !kept.changes.is_empty();
        self.kept.as_deref().is_some_and(has_any)
    }

    /// What the store has to get, in this order; whoever takes it writes it.
    pub fn take_changes(&mut self) -> Vec<Change> {
        let Some(kept) = &mut self.kept else {
            return Vec::new();
        };
        let mut changes = std::mem::take(&mut kept.changes);
        for number in std::mem::take(&mut kept.dirty) {
            let entry = self.entries.get_mut(number);
            if entry.is_some_and(|entry| std::mem::take(&mut entry.is_dirty)) {
                changes.extend(self.change_of(number));
            }
        }
        changes
    }

    /// A place among those that are only in the store, of which nobody knows here which are taken: any of its time.
    pub(super) fn apart(&self, place: Place, spot: Spot) -> Place {
        let Some(kept) = self.kept.as_deref().filter(|_| self.is_beyond(place)) else {
            return place;
        };
        let any = kept.random.hash_one(self.next).to_le_bytes();
        let number = u32::from_le_bytes([any[0], any[1], any[2], any[3]]);
        let apart = Place::new(place.micros, number);
        let is_free = place == spot.at && spot.fits(apart) && self.is_beyond(apart);
        if is_free { apart } else { place }
    }

    /// An empty one for messages of the same log that are not here, which are to be changed one by one.
    #[must_use]
    pub fn beside(&self) -> Self {
        let mut beside = Self {
            is_room: self.is_room,
            ..Self::default()
        };
        if let Some(log) = self.log() {
            beside.keep(log);
        }
        beside
    }

    /// Whether only the store can tell whether a message has been here: it is not among those that are, and either comes late,
    /// or those are so few that something live may be older.
    pub(crate) fn asks_store(&self, message: &Message, whose: &Whose, is_archived: bool) -> bool {
        let may_be_old = is_archived || message.delayed || self.len() < MAX_MESSAGES;
        self.has_older()
            && may_be_old
            && self.sent_here(message, whose).is_none()
            && self.known(message, whose).is_none()
            && self.correction_of(message, whose).is_none()
    }

    /// Whether everything since a place is here, and the message that an archive has there or before; without one, everything.
    pub(crate) fn reaches(&self, place: Option<Place>) -> bool {
        if !self.has_older() {
            return true;
        }
        let Some(place) = place.filter(|place| !self.is_beyond(*place)) else {
            return false;
        };
        let mut before = self.order.iter().take_while(|row| row.place <= place);
        before.any(|row| {
            let message = self.message(row.number);
            message.is_some_and(|message| message.stanza_id.is_some())
        })
    }

    /// The place before which everything is only in the store.
    pub(crate) fn floor(&self) -> Option<Place> {
        self.kept.as_ref()?.floor
    }

    /// Whether what stands there is only in the store.
    pub(super) fn is_beyond(&self, place: Place) -> bool {
        self.floor().is_some_and(|floor| place < floor)
    }

    /// The store has to get a message as it is now.
    pub(super) fn mark(&mut self, number: u64) {
        let Some(kept) = &mut self.kept else {
            return;
        };
        if let Some(entry) = self.entries.get_mut(number)
            && !std::mem::replace(&mut entry.is_dirty, true)
        {
            kept.dirty.push(number);
        }
    }

    /// A message is not here any more, but in the store.
    pub(super) fn leave(&mut self, entry: &Entry, number: u64) {
        let first = self.oldest_place();
        let change = entry
            .is_dirty
            .then(|| self.change_to(entry, number))
            .flatten();
        if let Some(kept) = &mut self.kept {
            kept.changes.extend(change);
            kept.floor = first.or(Some(entry.place.next()));
        }
    }

    /// The store is to have nothing.
    pub(super) fn forget_all(&mut self) {
        if let Some(kept) = &mut self.kept {
            kept.floor = None;
            kept.dirty.clear();
            kept.changes = vec![Change::delete_log(kept.log.as_str())];
        }
    }

    /// The store is not to have a message that is taken away.
    pub(super) fn forget_kept(&mut self, entry: &Entry, number: u64) {
        if let Some(kept) = &mut self.kept {
            let key = kept.key(entry, number);
            kept.changes
                .push(Change::delete_record(kept.log.as_str(), key));
        }
    }

    fn change_of(&self, number: u64) -> Option<Change> {
        self.change_to(self.entry(number)?, number)
    }

    fn change_to(&self, entry: &Entry, number: u64) -> Option<Change> {
        let kept = self.kept.as_ref()?;
        let (key, names) = (kept.key(entry, number), self.record_names(entry));
        let record = stored::write(entry, key, names);
        match record {
            Ok(mut record) => {
                if self.is_unsettled(entry) {
                    record.pin();
                }
                Some(Change::put_record(kept.log.as_str(), record))
            }
            Err(error) => {
                tracing::warn!(log = kept.log, %error, "a message cannot be put into the store");
                None
            }
        }
    }
}
