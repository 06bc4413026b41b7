//! Taking in what a store has.

use converse_core::store::{Change, Place, Record, StoreError};

use super::entries::Entry;
use super::ids::Id;
use super::{Added, History, Message, Spot, Whose, names, stored};

impl History {
    /// Takes in what the store has, as a page of the log has it; `has_older` says whether the store has still older ones. What
    /// cannot be read is left out.
    pub fn restore(&mut self, records: Vec<Record>, has_older: bool) -> usize {
        let before = self.len();
        self.restore_records(records, has_older);
        self.len().saturating_sub(before)
    }

    /// The same; the numbers of those that were not here.
    pub(crate) fn restore_records(&mut self, records: Vec<Record>, has_older: bool) -> Vec<u64> {
        let newest = records.iter().map(|record| record.place).max();
        if let Some(kept) = &mut self.kept {
            kept.floor = None;
        }
        let mut entered = Vec::new();
        for record in records {
            if self.has_record(&record) {
                continue;
            }
            match stored::read(record) {
                Ok(read) => match self.same_as(&read.entry) {
                    Some(number) => self.adopt(number, read),
                    None => entered.push(self.enter_stored(read)),
                },
                Err(error) => {
                    tracing::warn!(log = self.log(), %error, "a message in the store cannot be read");
                }
            }
        }
        for number in &entered {
            self.fold_early(*number);
        }
        let unknown = newest.map_or(Place::new(i64::MAX, 0), Place::next);
        let floor = self.oldest_place().or(Some(unknown));
        if let Some(kept) = self.kept.as_mut().filter(|_| has_older) {
            kept.floor = floor;
        }
        self.shrink();
        entered
    }

    /// Takes in a message that only the store has, because an archive tells where it stands; what comes of that as
    /// [`add_archived`](Self::add_archived) says it. Nothing comes of it if it is another message after all.
    pub(crate) fn take_stored(
        &mut self,
        record: Record,
        message: Message,
        whose: Whose,
        spot: Spot,
    ) -> Option<Added> {
        if !self.has_record(&record) {
            match stored::read(record) {
                Ok(read) => drop(self.enter_stored(read)),
                Err(error) => {
                    tracing::warn!(log = self.log(), %error, "a message in the store cannot be read");
                    return None;
                }
            }
        }
        let same = self.sent_here(&message, &whose);
        let same = same.or_else(|| self.known(&message, &whose));
        let same = same.or_else(|| self.correction_of(&message, &whose));
        let added = same.map(|number| {
            self.fold_early(number);
            let is_elsewhere = self.place_of(number).is_some_and(|at| !spot.fits(at));
            let moves = is_elsewhere && !self.is_other_copy(number, &message);
            if moves {
                // First it is where it belongs: whoever follows sees what becomes of it then.
                self.move_to(number, spot);
            }
            let added = self.take(message, whose, Some(spot));
            let moved = self.message(number).filter(|_| moves).cloned();
            match (added, moved) {
                (Added::Duplicate, Some(moved)) => Added::Moved(moved),
                (added, _) => added,
            }
        });
        self.shrink();
        added
    }

    /// The message of a record.
    ///
    /// # Errors
    ///
    /// The record is not that of a message.
    pub fn message_of(record: Record) -> Result<Message, StoreError> {
        stored::read(record).map(|read| read.entry.message)
    }

    fn enter_stored(&mut self, read: stored::Read) -> u64 {
        let stored::Read { mut entry, folds } = read;
        entry.size = entry.measure();
        let stored = entry.place;
        entry.place = self.make_room(Spot::near(stored));
        let is_moved = entry.place != stored;
        let number = self.enter(entry);
        for (whose, id) in folds {
            self.know_fold(number, &whose, &id);
        }
        if let Some(entry) = self.entry_mut(number) {
            // The store has it as it is.
            entry.is_dirty = false;
        }
        if is_moved {
            self.mark(number);
        }
        number
    }

    /// The message that is here already, though the store has it: somebody put it here before the store was read.
    fn same_as(&self, entry: &Entry) -> Option<u64> {
        let message = &entry.message;
        let archived = message.stanza_id.as_deref().map(Id::Archive);
        let own = names(message).filter(|_| message.delivery.is_some());
        let mut ids = archived.into_iter().chain(own.map(Id::Sent));
        let number = ids.find_map(|id| self.ids.get(self.ids.key(id)))?;
        let is_new = |here: &Entry| here.key.is_none() && here.whose == entry.whose;
        self.entry(number).is_some_and(is_new).then_some(number)
    }

    /// What is here is what the store has, where it stands there; how far it has come is known better here.
    fn adopt(&mut self, number: u64, read: stored::Read) {
        let stored::Read { entry, folds } = read;
        if let Some(here) = self.entries.get(number)
            && let Some(kept) = &mut self.kept
        {
            // It may have been written under a key of its own.
            let key = kept.key(here, number);
            let change = Change::delete_record(kept.log.as_str(), key);
            kept.changes.push(change);
        }
        let at = entry.place;
        self.change(number, |here| {
            let now = std::mem::replace(&mut here.message, entry.message);
            here.message.delivery = now.delivery.or(here.message.delivery);
            here.message.error = now.error;
            here.reactors = entry.reactors;
            here.key = entry.key;
        });
        for (whose, id) in folds {
            self.know_fold(number, &whose, &id);
        }
        if self.place_of(number) != Some(at) {
            self.move_to(number, Spot::near(at));
        }
    }

    /// Whether the message of a record is here.
    fn has_record(&self, record: &Record) -> bool {
        let index = self.order.search(record.place).ok();
        let row = index.and_then(|index| self.order.get(index));
        let (Some(row), Some(kept)) = (row, &self.kept) else {
            return false;
        };
        let entry = self.entry(row.number);
        entry.is_some_and(|entry| kept.key(entry, row.number) == record.key)
    }
}
