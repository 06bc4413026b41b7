//! The newest messages of a chat or room, in the order in which they are shown.

mod early;
mod folding;
mod ids;
mod knowing;
mod positions;
mod repeats;

use std::collections::VecDeque;

use converse_core::view::{Diff, Publisher, View};

use super::delivery::{Delivery, MessageError};
use super::edit::Version;
use super::fold::Added;
use super::message::{Message, MessageId, SentBy};
use super::reaction::Reactor;
use super::whose::Whose;
use early::Early;
use ids::{Id, Ids, Key};
use repeats::names;

/// How many messages of a chat or room are kept.
const MAX_MESSAGES: usize = 1_000;
/// How many bytes of messages of a chat or room are kept; the newest message always is.
const MAX_BYTES: usize = 4 * 1024 * 1024;
/// By how many ids of changes a message is known, the newest.
const MAX_FOLDS: usize = 64;
/// How many messages of one id from different clients are told apart.
const MAX_SAME: usize = 16;

/// The messages that are kept, and what waits for those to come.
#[derive(Debug, Default)]
pub struct History {
    entries: VecDeque<Entry>,
    /// The number of the oldest that is kept; each message has the next one.
    first: u64,
    bytes: usize,
    ids: Ids,
    early: Early,
    followers: Publisher<Message>,
    /// It is that of a room: who writes is told by more than the side, and changes go by the ids that the room gives.
    is_room: bool,
}

#[derive(Debug)]
struct Entry {
    message: Message,
    /// Who wrote it.
    whose: Whose,
    size: usize,
    /// The message before with the same id, from another client.
    same: Option<u64>,
    /// The ids of what was folded into it, by which it is known too.
    folds: VecDeque<Key>,
    /// Who reacted when with what.
    reactors: Vec<Reactor>,
}

impl Entry {
    /// What it takes in memory, about.
    fn measure(&self) -> usize {
        let reactors = self.reactors.iter().map(Reactor::size);
        self.message.size() + reactors.sum::<usize>()
    }
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
        self.entries.iter().map(|entry| &entry.message)
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// The messages as they are now, and each change from now on.
    pub fn follow(&self) -> View<Message> {
        self.followers.follow(|| self.iter().cloned().collect())
    }

    /// Forgets all messages; whoever follows sees an empty list. How what was sent fares is not known any more.
    pub fn clear(&mut self) {
        self.first += self.entries.len() as u64;
        self.entries.clear();
        self.bytes = 0;
        self.ids = Ids::default();
        self.early = Early::default();
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
    /// repeats something without a stanza id. What comes back from a room to whoever sent it is the same message too.
    pub fn add_of(&mut self, message: Message, whose: Whose) -> Added {
        if let Some(number) = self.sent_here(&message, &whose) {
            return self.reflect(number, message);
        }
        if let Some(number) = self.known(&message, &whose) {
            return self.repeat(number, message);
        }
        if let Some(number) = self.correction_of(&message, &whose) {
            return self.complete(number, message);
        }
        let number = self.first + self.entries.len() as u64;
        let same = self.know(&message, &whose, number);
        let mut entry = Entry {
            message,
            whose,
            size: 0,
            same,
            folds: VecDeque::new(),
            reactors: Vec::new(),
        };
        entry.size = entry.measure();
        self.bytes += entry.size;
        self.entries.push_back(entry);
        if let (true, Some(entry)) = (self.followers.is_followed(), self.entries.back()) {
            let (index, item) = (self.entries.len() - 1, entry.message.clone());
            self.followers.send(Diff::Insert { index, item });
        }
        self.fold_early(number);
        self.shrink();
        // The newest is always kept.
        match self.entries.back() {
            Some(entry) => Added::New(entry.message.clone()),
            None => Added::Duplicate,
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
        let index = usize::try_from(number.checked_sub(self.first)?).ok()?;
        (index < self.entries.len()).then_some(index)
    }

    fn entry(&self, number: u64) -> Option<&Entry> {
        self.entries.get(self.index(number)?)
    }

    fn entry_mut(&mut self, number: u64) -> Option<&mut Entry> {
        let index = self.index(number)?;
        self.entries.get_mut(index)
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
        let message = entry.message.clone();
        self.bytes = self.bytes - before + after;
        if let (true, Some(index)) = (self.followers.is_followed(), self.index(number)) {
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
        self.know(&original, &whose, number);
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

    fn shrink(&mut self) {
        while self.entries.len() > MAX_MESSAGES
            || (self.bytes > MAX_BYTES && self.entries.len() > 1)
        {
            let Some(oldest) = self.entries.pop_front() else {
                return;
            };
            self.followers.send(Diff::Remove { index: 0 });
            let number = self.first;
            self.first += 1;
            self.bytes -= oldest.size;
            self.forget(&oldest, number);
        }
    }
}

#[cfg(test)]
mod room_tests;
#[cfg(test)]
mod tests;
