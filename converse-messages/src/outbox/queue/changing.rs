//! What its sender, or whoever refuses it, does with what waits.

use chrono::{DateTime, Utc};

use super::Queue;
use crate::model::{MessageError, MessageId};
use crate::outbox::entry::{About, Entry, State};
use crate::outbox::error::OutboxError;
use crate::outbox::lane::Lane;

/// How often a room may not know the sender of something before it has failed: who loses the connection time and again comes
/// back each time, and a room that never takes it is not tried for ever.
const MAX_TURNED_AWAY: u8 = 5;

/// What came of giving something up.
#[derive(Debug, Default)]
pub(in crate::outbox) struct Failed {
    /// What has failed: the entry, and what concerned it.
    pub(in crate::outbox) entries: Vec<Entry>,
}

impl Queue {
    /// It will not arrive, nor does what is about it make sense any more.
    pub(in crate::outbox) fn fail(
        &mut self,
        lane: &Lane,
        id: &str,
        error: &MessageError,
    ) -> Failed {
        let Some(entry) = self.find(lane, id) else {
            return Failed::default();
        };
        let mut numbers = vec![entry.number];
        numbers.extend(self.about(lane, id));
        let failed = numbers
            .into_iter()
            .filter_map(|number| self.fail_one(number, error));
        Failed {
            entries: failed.collect(),
        }
    }

    /// The room did not know who sent it. It waits once more; `None` if it has failed, since that was so several times.
    pub(in crate::outbox) fn turned_away(&mut self, lane: &Lane, id: &str) -> Option<Entry> {
        let number = self.find(lane, id)?.number;
        let entry = self.entry_mut(number)?;
        if entry.turned_away == MAX_TURNED_AWAY || !entry.is_out() {
            return None;
        }
        entry.turned_away += 1;
        // Who is turned away was not heard.
        entry.left = false;
        entry.state = State::Waiting;
        Some(entry.clone())
    }

    /// Takes out what was not sent, and what is about it.
    ///
    /// # Errors
    ///
    /// [`OutboxError::NotQueued`], [`OutboxError::Left`].
    pub(in crate::outbox) fn withdraw(
        &mut self,
        lane: &Lane,
        id: &str,
    ) -> Result<Vec<Entry>, OutboxError> {
        let entry = self.here(lane, id)?;
        let mut numbers = vec![entry.number];
        numbers.extend(self.about(lane, id));
        let taken = numbers.into_iter();
        Ok(taken.filter_map(|number| self.remove(number)).collect())
    }

    /// Puts another stanza in the place of one that was not sent.
    ///
    /// # Errors
    ///
    /// Those of [`withdraw`](Self::withdraw), [`OutboxError::NoMessage`], and what `change` says.
    pub(in crate::outbox) fn edit<E: From<OutboxError>>(
        &mut self,
        lane: &Lane,
        id: &str,
        change: impl FnOnce(&str) -> Result<String, E>,
    ) -> Result<Entry, E> {
        let entry = self.here(lane, id)?;
        if entry.about != About::Message {
            return Err(OutboxError::NoMessage { id: id.to_owned() }.into());
        }
        let number = entry.number;
        let stanza = change(&entry.stanza)?;
        let Some(entry) = self.entry_mut(number) else {
            return Err(OutboxError::not_queued(id).into());
        };
        let before = std::mem::replace(&mut entry.stanza, stanza);
        entry.is_marked = false;
        let entry = entry.clone();
        self.bytes = self.bytes - before.len() + entry.stanza.len();
        Ok(entry)
    }

    /// Gives a failed message another chance.
    ///
    /// # Errors
    ///
    /// [`OutboxError::NotQueued`] if nothing of that id has failed here.
    pub(in crate::outbox) fn retry(
        &mut self,
        lane: &Lane,
        id: &str,
        deadline: Option<DateTime<Utc>>,
    ) -> Result<Entry, OutboxError> {
        let found = self.find(lane, id).filter(|entry| entry.is_failed());
        let number = found.ok_or_else(|| OutboxError::not_queued(id))?.number;
        let Some(entry) = self.entry_mut(number) else {
            return Err(OutboxError::not_queued(id));
        };
        entry.state = State::Waiting;
        entry.turned_away = 0;
        entry.deadline = deadline;
        Ok(entry.clone())
    }

    /// Sets when something is given up.
    ///
    /// # Errors
    ///
    /// [`OutboxError::NotQueued`] also if it has failed already.
    pub(in crate::outbox) fn set_deadline(
        &mut self,
        lane: &Lane,
        id: &str,
        deadline: Option<DateTime<Utc>>,
    ) -> Result<Entry, OutboxError> {
        let found = self.find(lane, id).filter(|entry| !entry.is_failed());
        let number = found.ok_or_else(|| OutboxError::not_queued(id))?.number;
        let Some(entry) = self.entry_mut(number) else {
            return Err(OutboxError::not_queued(id));
        };
        entry.deadline = deadline;
        Ok(entry.clone())
    }

    /// A conversation has another name now; what belongs to it.
    pub(in crate::outbox) fn rename(&mut self, old: &Lane, new: &Lane) -> Vec<Entry> {
        let entries = self.lanes.get(old).into_iter().flatten();
        let numbers: Vec<_> = entries.map(|entry| entry.number).collect();
        let mut moved = Vec::new();
        for number in numbers {
            if let Some(mut entry) = self.remove(number) {
                entry.lane = new.clone();
                self.insert(entry.clone());
                moved.push(entry);
            }
        }
        moved
    }

    /// A conversation is closed, and what waits in it is not sent.
    pub(in crate::outbox) fn close(&mut self, lane: &Lane) -> Vec<Entry> {
        let entries = self.lanes.get(lane).into_iter().flatten();
        let numbers: Vec<_> = entries.map(|entry| entry.number).collect();
        let taken = numbers.into_iter();
        taken.filter_map(|number| self.remove(number)).collect()
    }

    /// What nobody but this client can have.
    fn here(&self, lane: &Lane, id: &str) -> Result<&Entry, OutboxError> {
        let found = self.find(lane, id);
        let entry = found.ok_or_else(|| OutboxError::not_queued(id))?;
        if !entry.is_here() {
            return Err(OutboxError::Left { id: id.to_owned() });
        }
        Ok(entry)
    }

    /// What waits and is about something, in whichever order it came.
    fn about(&self, lane: &Lane, id: &str) -> Vec<u64> {
        let entries = self.lanes.get(lane).into_iter().flatten();
        let id = MessageId::new(id);
        let about = entries.filter(|entry| entry.concerns(&id) && !entry.is_out());
        about.map(|entry| entry.number).collect()
    }
}
