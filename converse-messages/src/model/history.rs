//! The newest messages of a chat, in the order in which they are shown.

mod early;
mod folding;
mod ids;
mod positions;

use std::collections::VecDeque;

use chrono::{DateTime, Utc};
use converse_core::view::{Diff, Publisher, View};
use jid::BareJid;

use super::delivery::{Delivery, MessageError};
use super::edit::Version;
use super::fold::Added;
use super::message::{Message, MessageId, SentBy};
use early::Early;
use ids::{Id, Ids, Key};

/// How many messages of a chat are kept.
const MAX_MESSAGES: usize = 1_000;
/// How many bytes of messages of a chat are kept; the newest message always is.
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
}

#[derive(Debug)]
struct Entry {
    message: Message,
    size: usize,
    /// The message before with the same id, from another client.
    same: Option<u64>,
    /// The ids of what was folded into it, by which it is known too.
    folds: VecDeque<Key>,
    /// Who reacted when.
    reacted: Vec<(BareJid, DateTime<Utc>)>,
}

impl History {
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

    /// Nobody follows any more. What was sent may still fare one way or another.
    pub fn close(&mut self) {
        self.followers = Publisher::default();
    }

    /// Adds a message that was sent or came, unless it is here already, with all that is known of it.
    ///
    /// It is here already if one of the same sender has its id, or one its stanza id. Ids are the sender's to choose, so
    /// that nobody can hide a message of another by its id; and of two with the same id that have different stanza ids, or
    /// come from different clients, each is shown, because there are clients that count.
    pub fn add(&mut self, message: Message) -> Added {
        if let Some(number) = self.known(&message) {
            if let Some(entry) = self.entry_mut(number)
                && entry.message.stanza_id.is_none()
                && let Some(id) = message.stanza_id
            {
                let key = self.ids.key(Id::Archive(&id));
                self.ids.insert(key, number);
                self.change(number, |entry| entry.message.stanza_id = Some(id));
            }
            return Added::Duplicate;
        }
        if let Some(number) = self.correction_of(&message) {
            return self.complete(number, message);
        }
        let number = self.first + self.entries.len() as u64;
        let same = self.know(&message, number);
        let size = message.size();
        self.bytes += size;
        self.entries.push_back(Entry {
            message,
            size,
            same,
            folds: VecDeque::new(),
            reacted: Vec::new(),
        });
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

    /// The message that somebody sent, by its id on the wire, its origin id, or the id of one of its corrections. Nobody can
    /// name a message of another's in this way: the sender is part of the id.
    pub fn find(&self, sender: SentBy, id: &str) -> Option<&Message> {
        let number = self.ids.get(self.ids.key(Id::Of(sender, id)))?;
        self.message(number)
    }

    /// The message that was sent from here with this id.
    pub fn sent(&self, id: &str) -> Option<&Message> {
        let found = self.find(SentBy::Me, id)?;
        let is_sent = found.delivery.is_some() && is(found.id.as_ref(), id);
        is_sent.then_some(found)
    }

    /// A message that was sent from here has come further; it never goes back.
    pub fn set_delivery(
        &mut self,
        id: &str,
        delivery: Delivery,
        error: Option<MessageError>,
    ) -> Option<Message> {
        self.sent(id)?;
        let number = self.ids.get(self.ids.key(Id::Of(SentBy::Me, id)))?;
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
        let before = std::mem::replace(&mut entry.size, entry.message.size());
        let (after, message) = (entry.size, entry.message.clone());
        self.bytes = self.bytes - before + after;
        if let (true, Some(index)) = (self.followers.is_followed(), self.index(number)) {
            let item = message.clone();
            self.followers.send(Diff::Update { index, item });
        }
        Some(message)
    }

    /// The message that this one repeats.
    fn known(&self, message: &Message) -> Option<u64> {
        if let Some(id) = &message.stanza_id
            && let Some(number) = self.ids.get(self.ids.key(Id::Archive(id)))
        {
            return Some(number);
        }
        names(message).find_map(|id| {
            let mut next = self.ids.get(self.ids.key(Id::Of(message.sender, id)));
            for _ in 0..MAX_SAME {
                let entry = self.entry(next?)?;
                if is_repeated(&entry.message, message, id) {
                    return next;
                }
                next = entry.same;
            }
            None
        })
    }

    /// The correction that is shown in the place of this message.
    fn correction_of(&self, message: &Message) -> Option<u64> {
        let id = message.id.as_ref()?;
        let number = self
            .ids
            .get(self.ids.key(Id::Of(message.sender, id.as_str())))?;
        let found = self.message(number)?;
        (found.replaces.as_ref() == Some(id)).then_some(number)
    }

    /// A message came after its correction: it takes the place of the correction, with the text of that.
    fn complete(&mut self, number: u64, original: Message) -> Added {
        let correction = self.message(number).and_then(|message| message.id.clone());
        self.know(&original, number);
        if let Some(id) = correction {
            self.know_fold(number, original.sender, &id);
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

    /// Makes a message known by its ids; the one that had the id on the wire before.
    fn know(&mut self, message: &Message, number: u64) -> Option<u64> {
        if let Some(id) = &message.stanza_id {
            let key = self.ids.key(Id::Archive(id));
            self.ids.insert(key, number);
        }
        let mut same = None;
        for id in names(message).chain(message.replaces.as_ref().map(MessageId::as_str)) {
            let key = self.ids.key(Id::Of(message.sender, id));
            let before = self.ids.insert(key, number);
            same = same.or(before).filter(|before| *before != number);
        }
        same
    }

    /// Makes a message known by the id of something that was folded into it.
    fn know_fold(&mut self, number: u64, sender: SentBy, id: &MessageId) {
        let key = self.ids.key(Id::Of(sender, id.as_str()));
        self.ids.insert(key, number);
        let Some(entry) = self.entry_mut(number) else {
            return;
        };
        entry.folds.push_back(key);
        if entry.folds.len() > MAX_FOLDS
            && let Some(oldest) = entry.folds.pop_front()
        {
            self.ids.remove(oldest, number);
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
            let (number, message) = (self.first, &oldest.message);
            self.first += 1;
            self.bytes -= oldest.size;
            if let Some(id) = &message.stanza_id {
                self.ids.remove(self.ids.key(Id::Archive(id)), number);
            }
            for id in names(message).chain(message.replaces.as_ref().map(MessageId::as_str)) {
                let key = self.ids.key(Id::Of(message.sender, id));
                self.ids.remove(key, number);
            }
            for key in oldest.folds {
                self.ids.remove(key, number);
            }
        }
    }
}

/// The ids that a sender chose for a message.
fn names(message: &Message) -> impl Iterator<Item = &str> {
    let id = message.id.as_ref().map(MessageId::as_str);
    let origin = message
        .origin_id
        .as_deref()
        .filter(|origin| Some(*origin) != id);
    id.into_iter().chain(origin)
}

/// Whether a message is one that is known by the id `id`.
fn is_repeated(known: &Message, message: &Message, id: &str) -> bool {
    let has_id = is(known.id.as_ref(), id) || known.origin_id.as_deref() == Some(id);
    // What was sent from here has an id that nobody guesses, and comes back from whichever client of the account.
    let same_client = known.from == message.from || known.delivery.is_some();
    let others = [&known.stanza_id, &message.stanza_id];
    let differ = matches!(others, [Some(one), Some(other)] if one != other);
    has_id && same_client && !differ
}

fn is(own: Option<&MessageId>, id: &str) -> bool {
    own.is_some_and(|own| own.as_str() == id)
}

#[cfg(test)]
mod tests;
