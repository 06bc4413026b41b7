//! The newest messages of a chat or room, in the order in which they are shown.
//!
//! Each has a number, which is its own for as long as it is here, and a [`Place`](converse_core::store::Place), which says where it stands: what is new
//! stands at the end, what an archive tells goes where the archive has it, and what is there already moves when the archive
//! says so.

mod early;
mod entries;
mod folding;
mod ids;
mod kept;
mod knowing;
mod moving;
mod names;
mod order;
mod positions;
mod repeats;
mod restoring;
mod spot;
mod stored;
mod unsent;

use converse_core::store::Place;
use converse_core::view::{Diff, Publisher, View};

use super::delivery::{Delivery, MessageError};
use super::edit::Version;
use super::fold::Added;
use super::message::{Message, MessageId, SentBy};
use super::whose::Whose;
use early::Early;
use entries::{Entries, Entry};
use ids::{Id, Ids};
use kept::Kept;
use order::{Order, Row};
use repeats::names;

pub use spot::Spot;

/// How many messages of a chat or room are kept.
const MAX_MESSAGES: usize = 1_000;
/// How many bytes of messages of a chat or room are kept; the newest message always is.
const MAX_BYTES: usize = 4 * 1024 * 1024;
/// How many older messages somebody can have here who asks for them.
const MAX_OLDER: usize = 20_000;
/// How many bytes each of those makes room for.
const OLDER_BYTES: usize = 4 * 1024;
/// By how many ids of changes a message is known, the newest.
const MAX_FOLDS: usize = 64;
/// How many messages of one id from different clients are told apart.
const MAX_SAME: usize = 16;

/// The messages that are kept, and what waits for those to come.
#[derive(Debug, Default)]
pub struct History {
    entries: Entries,
    order: Order,
    /// The number of the next message; no other one has had it.
    next: u64,
    /// How many more there may be than is usual, because somebody wants to see older ones.
    older: usize,
    bytes: usize,
    ids: Ids,
    early: Early,
    followers: Publisher<Message>,
    /// It is that of a room: who writes is told by more than the side, and changes go by the ids that the room gives.
    is_room: bool,
    /// What a store has of it, if one keeps it.
    kept: Option<Box<Kept>>,
}

impl History {
    /// The history of a room.
    #[must_use]
    pub fn of_room() -> Self {
        Self {
            is_room: true,
            ..Self::default()
        }
    }

    /// The messages, the oldest first.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = &Message> {
        let rows = self.order.iter();
        rows.filter_map(|row| self.message(row.number))
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.order.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.order.len() == 0
    }

    /// The messages as they are now, and each change from now on.
    pub fn follow(&self) -> View<Message> {
        self.followers.follow(|| self.iter().cloned().collect())
    }

    /// Forgets all messages; whoever follows sees an empty list. How what was sent fares is not known any more.
    pub fn clear(&mut self) {
        self.entries = Entries::default();
        self.order = Order::default();
        self.older = 0;
        self.bytes = 0;
        self.ids = Ids::default();
        self.early = Early::default();
        self.forget_all();
        self.followers.send(Diff::Reset(Vec::new()));
    }

    /// Nobody follows any more. What was sent may still fare one way or another.
    pub fn close(&mut self) {
        self.followers = Publisher::default();
    }

    /// Adds a message of a chat that was sent or came; more at [`add_of`](Self::add_of).
    pub fn add(&mut self, message: Message) -> Added {
        let whose = Whose::Side(message.sender);
        self.add_of(message, whose)
    }

    /// Adds a message that was sent or came, unless it is here already, with all that is known of it.
    ///
    /// It is here already if one of the same sender has its id, or one its stanza id. Ids are the sender's to choose, so
    /// that nobody can hide a message of another by its id; and of two with the same id that have different stanza ids, or
    /// come from different clients, each is shown, because there are clients that count. In a room only what comes late
    /// repeats something without a stanza id. What comes back from a room to whoever sent it is the same message too, and so is
    /// what has the same origin id, which a sender gives once: it was sent again because nobody knew whether it had arrived.
    pub fn add_of(&mut self, message: Message, whose: Whose) -> Added {
        self.take(message, whose, None)
    }

    /// Adds a message that an archive has, at its place there, unless it is here already; then it moves if it stands
    /// somewhere else.
    ///
    /// What comes from an archive goes by the order of the archive: `spot` says between which others it stands there.
    pub fn add_archived(&mut self, message: Message, whose: Whose, spot: Spot) -> Added {
        self.take(message, whose, Some(spot))
    }

    pub(crate) fn take(&mut self, message: Message, whose: Whose, spot: Option<Spot>) -> Added {
        if let Some(number) = self.sent_here(&message, &whose) {
            let spot = spot.filter(|_| !self.is_other_copy(number, &message));
            let added = self.reflect(number, message);
            return match spot {
                Some(spot) => self.put_right(number, spot, added),
                None => self.move_behind_room(number, added),
            };
        }
        let mut spot = spot;
        let (number, added) = if let Some(number) = self.known(&message, &whose) {
            spot = spot.filter(|_| !self.is_other_copy(number, &message));
            (number, self.repeat(number, message, &whose))
        } else if let Some(number) = self.correction_of(&message, &whose) {
            (number, self.complete(number, message))
        } else {
            return self.insert(message, whose, spot);
        };
        match spot {
            Some(spot) => self.put_right(number, spot, added),
            None => added,
        }
    }

    /// Adds a message that is not here.
    fn insert(&mut self, message: Message, whose: Whose, spot: Option<Spot>) -> Added {
        let place = match spot {
            Some(spot) => {
                let place = self.make_room(spot);
                self.apart(place, spot)
            }
            None => self.end(&message),
        };
        let number = self.enter(Entry::new(message, whose, place));
        self.mark(number);
        self.fold_early(number);
        let added = self.message(number).cloned();
        self.shrink();
        added.map_or(Added::Duplicate, Added::New)
    }

    /// Puts a message at its place and makes it known; its number.
    fn enter(&mut self, mut entry: Entry) -> u64 {
        let number = self.next;
        self.next += 1;
        let place = entry.place;
        entry.same = self.know(&entry.message, &entry.whose, Row { place, number });
        self.bytes += entry.size;
        let index = self.order.insert(Row { place, number });
        if self.followers.is_followed() && !self.is_beyond(place) {
            let item = entry.message.clone();
            self.followers.send(Diff::Insert { index, item });
        }
        self.entries.insert(number, entry);
        number
    }

    /// The place of a message that comes now: behind all others, also when the clock was set back.
    fn end(&self, message: &Message) -> Place {
        let now = Place::at(message.time);
        let last = self.order.last().map(|row| row.place).max(self.floor());
        match last {
            Some(last) if last >= now => last.next(),
            _ => now,
        }
    }

    /// The message that was sent from here with this id.
    #[must_use]
    pub fn sent(&self, id: &str) -> Option<&Message> {
        self.message(self.ids.get(self.ids.key(Id::Sent(id)))?)
    }

    /// A message that was sent from here has come further; it never goes back.
    pub fn set_delivery(
        &mut self,
        id: &str,
        delivery: Delivery,
        error: Option<MessageError>,
    ) -> Option<Message> {
        let number = self.ids.get(self.ids.key(Id::Sent(id)))?;
        self.advance(number, delivery, error)
    }

    fn advance(
        &mut self,
        number: u64,
        delivery: Delivery,
        error: Option<MessageError>,
    ) -> Option<Message> {
        if self.message(number)?.delivery >= Some(delivery) {
            return None;
        }
        self.change(number, |entry| {
            entry.message.delivery = Some(delivery);
            entry.message.error = error;
        })
    }

    fn index(&self, number: u64) -> Option<usize> {
        self.order.search(self.entry(number)?.place).ok()
    }

    fn entry(&self, number: u64) -> Option<&Entry> {
        self.entries.get(number)
    }

    fn entry_mut(&mut self, number: u64) -> Option<&mut Entry> {
        self.entries.get_mut(number)
    }

    pub(super) fn message(&self, number: u64) -> Option<&Message> {
        self.entry(number).map(|entry| &entry.message)
    }

    /// Changes a message; what it is then.
    fn change(&mut self, number: u64, change: impl FnOnce(&mut Entry)) -> Option<Message> {
        let entry = self.entry_mut(number)?;
        change(entry);
        let after = entry.measure();
        let before = std::mem::replace(&mut entry.size, after);
        let (message, place) = (entry.message.clone(), entry.place);
        self.bytes = self.bytes - before + after;
        self.mark(number);
        let is_seen = self.followers.is_followed() && !self.is_beyond(place);
        if let (true, Some(index)) = (is_seen, self.index(number)) {
            let item = message.clone();
            self.followers.send(Diff::Update { index, item });
        }
        Some(message)
    }

    /// A message came after its correction: it takes the place of the correction, with the text of that.
    fn complete(&mut self, number: u64, original: Message) -> Added {
        let Some(entry) = self.entry(number) else {
            return Added::Duplicate;
        };
        let (whose, correction) = (entry.whose.clone(), entry.message.id.clone());
        let place = entry.place;
        self.know(&original, &whose, Row { place, number });
        if let Some(id) = correction {
            self.know_fold(number, &whose, &id);
        }
        let completed = self.change(number, |entry| {
            let message = &mut entry.message;
            let now = message
                .edited
                .as_ref()
                .map_or(message.time, |edit| edit.time);
            message.id = original.id;
            message.origin_id = original.origin_id;
            message.stanza_id = original.stanza_id;
            message.time = original.time;
            message.delayed = original.delayed;
            message.replaces = None;
            if message.retracted.is_none() {
                let (time, body) = (original.time, original.body);
                message.keep(Version { time, body }, now);
            }
        });
        self.fold_early(number);
        match completed.and(self.message(number)) {
            Some(message) => Added::Completed(message.clone()),
            None => Added::Duplicate,
        }
    }

    /// Takes a message away that was never to be seen by anybody else, as one that waits to be sent, or that is part of another one.
    pub fn remove(&mut self, number: u64) -> Option<Message> {
        let index = self.index(number)?;
        self.order.remove(index);
        let entry = self.entries.remove(number)?;
        self.followers.send(Diff::Remove { index });
        self.bytes -= entry.size;
        self.forget(&entry, number);
        self.forget_kept(&entry, number);
        Some(entry.message)
    }

    /// Makes room for older messages that somebody asks for; how many fit.
    pub fn widen(&mut self, more: usize) -> usize {
        let free = (MAX_MESSAGES + self.older).saturating_sub(self.len());
        let wanted = more.saturating_sub(free).min(MAX_OLDER - self.older);
        self.older += wanted;
        more.min(free + wanted)
    }

    fn shrink(&mut self) {
        while let Some(first) = self.order.first() {
            let is_full = self.order.len() > MAX_MESSAGES + self.older
                || (self.bytes > MAX_BYTES + self.older * OLDER_BYTES && self.order.len() > 1);
            let is_beyond = self.is_beyond(first.place);
            if !is_full && !is_beyond {
                return;
            }
            self.order.remove(0);
            let Some(oldest) = self.entries.remove(first.number) else {
                return;
            };
            if !is_beyond {
                self.followers.send(Diff::Remove { index: 0 });
            }
            self.bytes -= oldest.size;
            self.forget(&oldest, first.number);
            self.leave(&oldest, first.number);
        }
    }
}

#[cfg(test)]
mod kept_tests;
#[cfg(test)]
mod order_tests;
#[cfg(test)]
mod room_tests;
#[cfg(test)]
mod tests;
