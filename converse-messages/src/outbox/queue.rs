//! The rule of the outbox, without I/O: lanes, order, states, bounds.

mod changing;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, VecDeque};

use chrono::{DateTime, Utc};

use super::entry::{About, Entry, Queued, State};
use super::error::OutboxError;
use super::lane::{Lane, LaneKind};
use crate::model::{MessageError, MessageId};

/// How much can wait.
pub(super) const MAX_ENTRIES: usize = 1_000;
/// How many bytes can wait.
pub(super) const MAX_BYTES: usize = 8 * 1024 * 1024;
/// How much of a lane can be with a session before the next waits for what the server says of the first.
const WINDOW: usize = 100;

/// What waits, by conversation and in order.
///
/// An entry is written, waits, is handed to a session, and is gone when the server, or the room, has it. When that session is
/// lost it waits again, and is then one that may have left. What has failed waits for what its sender wants.
#[derive(Debug, Default)]
pub struct Queue {
    lanes: BTreeMap<Lane, VecDeque<Entry>>,
    /// The number that the next entry has.
    next: u64,
    entries: usize,
    bytes: usize,
}

/// What is to be handed to a session.
#[derive(Debug, Clone)]
pub(super) struct Due {
    pub(super) number: u64,
    pub(super) id: MessageId,
    pub(super) about: About,
    pub(super) stanza: String,
    pub(super) created: DateTime<Utc>,
    /// It may have arrived before.
    pub(super) left: bool,
    /// The store does not say yet that it may have left.
    pub(super) is_unmarked: bool,
}

/// What is sent.
#[derive(Debug)]
pub(super) struct New {
    pub(super) id: MessageId,
    pub(super) stanza: String,
    pub(super) about: About,
    pub(super) created: DateTime<Utc>,
    pub(super) deadline: Option<DateTime<Utc>>,
    /// The store is told that it may leave.
    pub(super) is_marked: bool,
}

impl Queue {
    /// How many entries there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.entries
    }

    /// Whether nothing waits.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.entries == 0
    }

    /// Whether a message of that id is here, in any lane.
    pub(super) fn has(&self, id: &str) -> bool {
        let mut entries = self.lanes.values().flatten();
        entries.any(|entry| entry.about == About::Message && entry.id.as_str() == id)
    }

    /// What waits in a lane, in order; in all of them without one.
    pub fn list(&self, lane: Option<&Lane>) -> Vec<Queued> {
        let lanes = self.lanes.iter();
        let lanes = lanes.filter(|(own, _)| lane.is_none_or(|lane| lane == *own));
        let mut found: Vec<_> = lanes.flat_map(|(_, entries)| entries).collect();
        found.sort_unstable_by_key(|entry| entry.number);
        found.into_iter().map(Entry::view).collect()
    }

    /// The conversations in which something waits.
    pub(super) fn lanes(&self) -> Vec<Lane> {
        self.lanes.keys().cloned().collect()
    }

    /// Whether there is room for `bytes` more, beside what is `promised`. What has failed makes room, the oldest first.
    pub(super) fn check(
        &mut self,
        bytes: usize,
        promised: (usize, usize),
    ) -> Result<Vec<Entry>, OutboxError> {
        let mut dropped = Vec::new();
        while self.entries + promised.0 >= MAX_ENTRIES
            || self.bytes + promised.1 + bytes > MAX_BYTES
        {
            let mut all = self.lanes.values().flatten();
            let oldest = all
                .find(|entry| entry.is_failed())
                .map(|entry| entry.number);
            let Some(entry) = oldest.and_then(|number| self.remove(number)) else {
                return Err(OutboxError::Full {
                    entries: self.entries,
                    bytes: self.bytes,
                });
            };
            dropped.push(entry);
        }
        Ok(dropped)
    }

    /// Adds what is sent, at the end of its lane.
    pub(super) fn push(&mut self, lane: &Lane, new: New) -> u64 {
        let number = self.next;
        self.insert(Entry {
            number,
            lane: lane.clone(),
            id: new.id,
            stanza: new.stanza,
            about: new.about,
            created: new.created,
            deadline: new.deadline,
            state: State::Writing,
            left: false,
            is_marked: new.is_marked,
            attempt: 0,
            turned_away: 0,
        });
        number
    }

    /// Adds an entry, after those of lower numbers.
    pub(super) fn insert(&mut self, entry: Entry) {
        self.next = self.next.max(entry.number.saturating_add(1));
        self.entries += 1;
        self.bytes += entry.size();
        let lane = self.lanes.entry(entry.lane.clone()).or_default();
        let at = lane.partition_point(|other| other.number < entry.number);
        lane.insert(at, entry);
    }

    /// The entries of a lane, in order.
    pub(super) fn entries_of(&self, lane: &Lane) -> Vec<Entry> {
        self.lanes
            .get(lane)
            .into_iter()
            .flatten()
            .cloned()
            .collect()
    }

    /// Numbers from here on only.
    pub(super) fn count_from(&mut self, next: u64) {
        self.next = self.next.max(next);
    }

    /// The number of the next entry.
    pub(super) fn next_number(&self) -> u64 {
        self.next
    }

    fn all(&self) -> impl Iterator<Item = &Entry> {
        self.lanes.values().flatten()
    }

    fn all_mut(&mut self) -> impl Iterator<Item = &mut Entry> {
        self.lanes.values_mut().flatten()
    }

    pub(super) fn entry(&self, number: u64) -> Option<&Entry> {
        self.all().find(|entry| entry.number == number)
    }

    fn entry_mut(&mut self, number: u64) -> Option<&mut Entry> {
        self.all_mut().find(|entry| entry.number == number)
    }

    pub(super) fn is_being_written(&self, number: u64) -> bool {
        let entry = self.entry(number);
        entry.is_some_and(|entry| entry.state == State::Writing)
    }

    pub(super) fn find(&self, lane: &Lane, id: &str) -> Option<&Entry> {
        let mut entries = self.lanes.get(lane)?.iter();
        entries.find(|entry| entry.id.as_str() == id)
    }

    /// The store has it: it can leave.
    pub(super) fn written(&mut self, number: u64) -> Option<Lane> {
        let entry = self.entry_mut(number)?;
        if entry.state == State::Writing {
            entry.state = State::Waiting;
        }
        Some(entry.lane.clone())
    }

    /// What is next in a lane. What may have left before is only if it `may_repeat`, and what comes behind it waits with it.
    pub(super) fn due(&self, lane: &Lane, may_repeat: bool) -> Option<Due> {
        let entries = self.lanes.get(lane)?;
        let out = entries.iter().filter(|entry| entry.is_out()).count();
        let mut waiting = entries
            .iter()
            .filter(|entry| !entry.is_failed() && !entry.is_out());
        let entry = waiting.next()?;
        let may_go = out < WINDOW && entry.state == State::Waiting && (may_repeat || !entry.left);
        may_go.then(|| Due {
            number: entry.number,
            id: entry.id.clone(),
            about: entry.about.clone(),
            stanza: entry.stanza.clone(),
            created: entry.created,
            left: entry.left,
            is_unmarked: !entry.is_marked,
        })
    }

    /// Whether the session has as much of a lane as it gets at once.
    pub(super) fn is_full(&self, lane: &Lane) -> bool {
        let entries = self.lanes.get(lane).into_iter().flatten();
        entries.filter(|entry| entry.is_out()).count() >= WINDOW
    }

    /// What waits in a lane, so that the store can be told at once that it may leave.
    pub(super) fn unmarked(&self, lane: &Lane) -> Vec<Entry> {
        let entries = self.lanes.get(lane).into_iter().flatten();
        let entries = entries.filter(|entry| entry.state == State::Waiting && !entry.is_marked);
        entries.take(WINDOW).cloned().collect()
    }

    /// The store says that they may have left.
    pub(super) fn mark(&mut self, numbers: &[u64]) {
        for entry in self.all_mut() {
            entry.is_marked |= numbers.contains(&entry.number);
        }
    }

    /// A session is about to get it, in this attempt; `None` if it is not to go any more.
    pub(super) fn hand(&mut self, number: u64) -> Option<u32> {
        let entry = self.entry_mut(number);
        let entry = entry.filter(|entry| entry.state == State::Waiting)?;
        entry.state = State::Handed;
        entry.attempt = entry.attempt.wrapping_add(1);
        Some(entry.attempt)
    }

    /// What a session has, unless somebody has refused it since.
    fn handed(&mut self, number: u64, attempt: u32) -> Option<&mut Entry> {
        let entry = self.entry_mut(number)?;
        (entry.state == State::Handed && entry.attempt == attempt).then_some(entry)
    }

    /// The server has it. It is done, unless a room is to say so; then it stays.
    pub(super) fn accepted(&mut self, number: u64, attempt: u32) -> Option<Entry> {
        let entry = self.handed(number, attempt)?;
        if entry.lane.kind() == LaneKind::Room {
            entry.left = true;
            entry.state = State::Accepted;
            return Some(entry.clone());
        }
        self.remove(number)
    }

    /// It did not leave, or it is not known whether it arrived: it waits again.
    pub(super) fn back(&mut self, number: u64, attempt: u32, may_have_left: bool) -> Option<Entry> {
        let entry = self.handed(number, attempt)?;
        entry.left |= may_have_left;
        entry.state = State::Waiting;
        Some(entry.clone())
    }

    /// A new session: what the server had and no room has shown may have been lost on the way.
    pub(super) fn begin_session(&mut self) -> Vec<Entry> {
        let accepted = self
            .all_mut()
            .filter(|entry| entry.state == State::Accepted);
        let back = accepted.map(|entry| {
            entry.left = true;
            entry.state = State::Waiting;
            entry.clone()
        });
        back.collect()
    }

    /// It has arrived, as somebody shows who can know.
    pub(super) fn arrived(&mut self, lane: &Lane, id: &str) -> Option<Entry> {
        let number = self.find(lane, id)?.number;
        self.remove(number)
    }

    /// Whether anything of a lane left, or is about to, and did not show up.
    pub(super) fn is_doubtful(&self, lane: &Lane) -> bool {
        let mut entries = self.lanes.get(lane).into_iter().flatten();
        entries.any(|entry| entry.is_out() || (entry.left && !entry.is_failed()))
    }

    /// When the first is to be given up.
    pub(super) fn next_deadline(&self) -> Option<DateTime<Utc>> {
        let waiting = self.all().filter(|entry| !entry.is_failed());
        waiting.filter_map(|entry| entry.deadline).min()
    }

    /// What is to be given up by now.
    pub(super) fn expired(&self, now: DateTime<Utc>) -> Vec<(Lane, MessageId)> {
        let waiting = self.all().filter(|entry| !entry.is_failed());
        let late = waiting.filter(|entry| entry.deadline.is_some_and(|deadline| deadline <= now));
        late.map(|entry| (entry.lane.clone(), entry.id.clone()))
            .collect()
    }

    /// What an earlier process left in a lane for somebody of whom it was not known whether he is still the same.
    pub(super) fn doubted(&self, lane: &Lane) -> Vec<MessageId> {
        let entries = self.lanes.get(lane).into_iter().flatten();
        let entries = entries.filter(|entry| entry.state == State::Doubted);
        entries.map(|entry| entry.id.clone()).collect()
    }

    /// He is the same.
    pub(super) fn trust(&mut self, lane: &Lane) {
        let entries = self.lanes.get_mut(lane).into_iter().flatten();
        for entry in entries.filter(|entry| entry.state == State::Doubted) {
            entry.state = State::Waiting;
        }
    }

    /// What comes next in a lane is not to go out at all.
    pub(super) fn waiting(&self, lane: &Lane) -> Vec<MessageId> {
        let entries = self.lanes.get(lane).into_iter().flatten();
        let entries = entries.filter(|entry| !entry.is_failed() && !entry.is_out());
        entries.map(|entry| entry.id.clone()).collect()
    }

    pub(super) fn remove(&mut self, number: u64) -> Option<Entry> {
        let lane = self.entry(number)?.lane.clone();
        let entries = self.lanes.get_mut(&lane)?;
        let at = entries.iter().position(|entry| entry.number == number)?;
        let entry = entries.remove(at)?;
        if entries.is_empty() {
            self.lanes.remove(&lane);
        }
        self.entries -= 1;
        self.bytes -= entry.size();
        Some(entry)
    }

    fn fail_one(&mut self, number: u64, error: &MessageError) -> Option<Entry> {
        let entry = self.entry_mut(number)?;
        if entry.about != About::Message {
            // What it would have changed is as it was; there is nothing to try again.
            return self.remove(number);
        }
        entry.state = State::Failed(error.clone());
        Some(entry.clone())
    }
}
