//! From the cursor to the end of an archive.

use chrono::{DateTime, TimeDelta, Utc};
use converse_core::Error;
use converse_core::contract::{ArchivePage, Archived, FetchArchive, PagePosition};
use converse_core::store::Place;
use jid::BareJid;

use super::error::SyncError;
use super::gap::Mark;
use super::paging::{Edge, Fresh, Paging, is_unknown_id, once};
use super::placing::{self, Placed};
use super::state::ArchiveState;

/// A page all of which is older than the cursor by so much is none of those that follow it.
const MUCH_OLDER: TimeDelta = TimeDelta::hours(24);

/// How much is fetched.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// How many messages a page has at most.
    pub page: u32,
    /// How many messages are fetched from the cursor on; if there are more, the newest page is next, and what is between is a gap.
    pub messages: usize,
    /// How many pages are fetched from the cursor on, however few messages they have.
    pub pages: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            page: 50,
            messages: 1_000,
            pages: 200,
        }
    }
}

/// How catching up has ended.
#[derive(Debug)]
pub enum Outcome {
    /// Everything that came since the cursor is here.
    Whole,
    /// The newest messages are here, and some between them and the cursor are missing: the newest of the
    /// [gaps](ArchiveState::gaps).
    Gap,
    /// The archive was read only in part: what is newer than the cursor is not known.
    Failed(SyncError),
}

/// Catches up with an archive.
#[derive(Debug)]
pub struct CatchUp {
    room: Option<BareJid>,
    limits: Limits,
    state: ArchiveState,
    /// Where the cursor was when it began.
    begun: Option<Mark>,
    phase: Phase,
    paging: Paging,
    fetched: usize,
    /// What it was to begin behind is gone: there is no telling what follows it but by what is here.
    is_by_time: bool,
    is_gap: bool,
    end: Option<Outcome>,
}

#[derive(Debug, Clone)]
enum Phase {
    /// What follows a message.
    After { id: String },
    /// What follows a moment, since the archive has the message no more: to find one behind which it can go on.
    Since { start: DateTime<Utc> },
    /// The newest page.
    Newest,
}

impl CatchUp {
    /// Catches up with the archive of the own account, or of a room, of which `state` is known.
    #[must_use]
    pub fn new(room: Option<BareJid>, state: ArchiveState) -> Self {
        let begun = state.cursor().cloned();
        let phase = match &begun {
            Some(mark) => Phase::After {
                id: mark.id.clone(),
            },
            None => Phase::Newest,
        };
        Self {
            room,
            limits: Limits::default(),
            state,
            begun,
            phase,
            paging: Paging::default(),
            fetched: 0,
            is_by_time: false,
            is_gap: false,
            end: None,
        }
    }

    /// With other limits than the default ones.
    #[must_use]
    pub fn limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// What to ask for next; none at the end.
    #[must_use]
    pub fn request(&self) -> Option<FetchArchive> {
        if self.end.is_some() {
            return None;
        }
        let (position, start) = match &self.phase {
            Phase::After { id } => (PagePosition::After(id.clone()), None),
            Phase::Since { start } => (PagePosition::Oldest, Some(*start)),
            Phase::Newest => (PagePosition::Newest, None),
        };
        let request = match &self.room {
            Some(room) => FetchArchive::room(room.clone(), position),
            None => FetchArchive::own(position),
        };
        let request = request.max(self.limits.page);
        Some(match start {
            Some(start) => request.start(start),
            None => request,
        })
    }

    /// Takes the answer to [`request`](Self::request), and gives the messages to apply, in this order and at these places; some
    /// of them may be here already, by the same id or another one. `known` tells where a message of the archive stands that is
    /// here. The state covers them: it is written down together with them.
    pub fn take(
        &mut self,
        answer: Result<ArchivePage, Error>,
        now: DateTime<Utc>,
        known: impl Fn(&str) -> Option<Place>,
    ) -> Vec<Placed> {
        if self.end.is_some() {
            return Vec::new();
        }
        let page = match answer {
            Ok(page) => page,
            Err(error) => {
                self.refused(error);
                return Vec::new();
            }
        };
        match &self.phase {
            Phase::Newest => self.take_newest(page, now, known),
            Phase::Since { .. } => self.take_since(page, now, known),
            Phase::After { id } => {
                let edge = Edge::After(id.clone());
                match self.paging.take(page, &edge) {
                    Ok(fresh) => self.take_following(fresh, now, known),
                    Err(error) => {
                        self.fail(error);
                        Vec::new()
                    }
                }
            }
        }
    }

    /// How much of the archive is known now.
    #[must_use]
    pub fn state(&self) -> &ArchiveState {
        &self.state
    }

    /// How many messages came so far that were asked for.
    #[must_use]
    pub fn fetched(&self) -> usize {
        self.fetched
    }

    /// How it has ended; before the end, that it was given up.
    #[must_use]
    pub fn into_outcome(self) -> Outcome {
        self.end.unwrap_or(Outcome::Failed(SyncError::NoProgress))
    }
}

// Private: what each answer leads to.

impl CatchUp {
    fn refused(&mut self, error: Error) {
        let start = self.begun.as_ref().and_then(|mark| mark.time);
        let is_first = self.paging.pages() == 0 && !self.is_by_time;
        self.phase = match (&self.phase, start) {
            _ if !is_unknown_id(&error) => return self.fail(SyncError::Archive(error)),
            (Phase::After { .. }, Some(start)) if is_first => Phase::Since { start },
            (Phase::Newest, _) => return self.fail(SyncError::Archive(error)),
            _ => Phase::Newest,
        };
        self.is_by_time = true;
    }

    fn fail(&mut self, error: SyncError) {
        self.end = Some(Outcome::Failed(error));
    }

    fn finish(&mut self) {
        self.end = Some(if self.is_gap {
            Outcome::Gap
        } else {
            Outcome::Whole
        });
    }

    fn take_following(
        &mut self,
        fresh: Fresh,
        now: DateTime<Utc>,
        known: impl Fn(&str) -> Option<Place>,
    ) -> Vec<Placed> {
        let Fresh {
            mut messages,
            is_last,
            unreadable,
        } = fresh;
        let newest = messages.last().map(|message| message.id.clone());
        let is_unreadable = newest.is_none();
        let Some(next) = newest.or(unreadable.map(|(_, last)| last)) else {
            self.finish();
            return Vec::new();
        };
        if !self.is_by_time && self.is_long_ago(&messages) {
            self.phase = Phase::Newest;
            return Vec::new();
        }
        messages.retain(|message| !self.is_old(message, &known));
        let placed = self.put(messages, true, now);
        if is_last {
            self.finish();
            return placed;
        }
        let is_back = placed.is_empty() && !is_unreadable && !self.is_by_time;
        let is_enough =
            self.fetched >= self.limits.messages || self.paging.pages() >= self.limits.pages;
        self.phase = if is_back || is_enough {
            Phase::Newest
        } else {
            Phase::After { id: next }
        };
        placed
    }

    /// Takes what is no older than the cursor was. Stamps need not ascend, so there may be more between what came: it goes on
    /// behind the last one that is known, or else the first one.
    fn take_since(
        &mut self,
        page: ArchivePage,
        now: DateTime<Utc>,
        known: impl Fn(&str) -> Option<Place>,
    ) -> Vec<Placed> {
        let messages = once(page.messages);
        let is_old = |message: &Archived| self.is_old(message, &known);
        let joined = messages.iter().rposition(is_old);
        let Some(next) = messages.get(joined.unwrap_or_default()) else {
            self.phase = Phase::Newest;
            return Vec::new();
        };
        self.phase = Phase::After {
            id: next.id.clone(),
        };
        let mut messages = messages;
        let messages = messages.split_off(joined.map_or(0, |at| at + 1));
        let cursor = self.state.cursor().cloned();
        let first_time = messages.first().and_then(|message| message.time);
        let placed = self.put(messages, joined.is_some(), now);
        match (placed.first(), cursor) {
            (_, None) | (None, _) => {}
            (Some(_), Some(cursor)) if joined.is_some() => self.state.move_cursor(cursor),
            (Some(first), Some(_)) => {
                let mark = Mark::new(&first.id, first.place, first_time);
                self.state.move_cursor(mark);
            }
        }
        placed
    }

    /// Whether it is here already and came before the cursor: it follows only if the archive says that it is no older.
    fn is_old(&self, message: &Archived, known: impl Fn(&str) -> Option<Place>) -> bool {
        let Some(begun) = &self.begun else {
            return false;
        };
        let is_known = || known(&message.id).is_some_and(|place| place <= begun.place);
        let is_older = match (message.time, begun.time) {
            (Some(time), Some(begun)) => time < begun,
            _ => true,
        };
        message.id == begun.id || ((is_older || self.is_by_time) && is_known())
    }

    /// Whether an archive that was asked for what follows the cursor gives what came long before it.
    fn is_long_ago(&self, messages: &[Archived]) -> bool {
        let Some(begun) = self.begun.as_ref().and_then(|mark| mark.time) else {
            return false;
        };
        let mut times = messages
            .iter()
            .filter_map(|message| message.time)
            .peekable();
        let limit = begun.checked_sub_signed(MUCH_OLDER);
        times.peek().is_some() && limit.is_some_and(|limit| times.all(|time| time < limit))
    }

    /// Places messages behind the cursor, which moves to the last of them. If they do not join it, the gap before them is noted.
    fn put(&mut self, messages: Vec<Archived>, is_joined: bool, now: DateTime<Utc>) -> Vec<Placed> {
        let cursor = self.state.cursor().cloned();
        let newest = messages.iter().rev().find_map(|message| message.time);
        let newest = newest.or(cursor.as_ref().and_then(|mark| mark.time));
        let first_time = messages.first().and_then(|message| message.time);
        let after = cursor.as_ref().map(|mark| mark.place);
        let placed = placing::forward(messages, after, is_joined, now);
        let (Some(first), Some(last)) = (placed.first(), placed.last()) else {
            return placed;
        };
        self.fetched += placed.len();
        if !is_joined {
            let before = Mark::new(&first.id, first.place, first_time);
            self.state.add_gap(cursor, Some(before));
            self.is_gap = true;
        }
        let mark = Mark::new(&last.id, last.place, newest);
        self.state.move_cursor(mark);
        placed
    }

    fn take_newest(
        &mut self,
        page: ArchivePage,
        now: DateTime<Utc>,
        known: impl Fn(&str) -> Option<Place>,
    ) -> Vec<Placed> {
        let cursor = self.state.cursor().cloned();
        let is_reached = |message: &Archived| {
            let Some(cursor) = &cursor else {
                return false;
            };
            let id = message.id.as_str();
            let is_before = || known(id).is_some_and(|place| place <= cursor.place);
            cursor.id == id || self.paging.has_seen(id) || is_before()
        };
        let mut messages = once(page.messages);
        let reached = messages.iter().rposition(is_reached);
        let messages = messages.split_off(reached.map_or(0, |at| at + 1));
        let is_joined =
            reached.is_some() || (cursor.is_none() && page.is_complete) || messages.is_empty();
        let placed = self.put(messages, is_joined, now);
        let results = page.first.zip(page.last);
        if let (true, None, Some((first, last))) = (placed.is_empty(), reached, results) {
            self.skip(&first, &last, now);
        }
        self.finish();
        placed
    }

    /// None of the newest page could be read: it goes on behind it.
    fn skip(&mut self, first: &str, last: &str, now: DateTime<Utc>) {
        let cursor = self.state.cursor().cloned();
        let before = match &cursor {
            Some(cursor) if cursor.id == last => return,
            Some(cursor) => placing::apart(cursor.place),
            None => Place::new(now.timestamp_micros(), 0),
        };
        let edge = Mark::new(first, before, None);
        self.state.add_gap(cursor, Some(edge));
        self.is_gap = true;
        let at = placing::next(before);
        self.state.move_cursor(Mark::new(last, at, None));
    }
}
