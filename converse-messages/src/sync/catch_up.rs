//! From the cursor to the end of an archive.

mod back;
mod check;

use chrono::{DateTime, TimeDelta, Utc};
use converse_core::contract::{ArchivePage, Archived, FetchArchive, Missed, PagePosition};
use converse_core::store::Place;
use converse_core::{Error, ErrorKind};
use jid::BareJid;

use super::error::SyncError;
use super::gap::Mark;
use super::paging::{Edge, Fresh, Paging, is_unknown_id};
use super::placing::{self, Placed};
use super::state::ArchiveState;
use back::Back;
pub(super) use check::NEIGHBOURS;

/// By how much the stamps of an archive may be out of order: a page all of which is older than the cursor by so much came before
/// all that is wanted.
const MUCH_OLDER: TimeDelta = TimeDelta::hours(24);

/// How often the end of an archive is asked for at once.
const MAX_ROUNDS: u32 = 5;

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

impl Outcome {
    /// Whether the session was lost before the end.
    #[must_use]
    pub fn is_lost(&self) -> bool {
        let Self::Failed(SyncError::Archive(cause)) = self else {
            return false;
        };
        matches!(cause.kind(), ErrorKind::Disconnected | ErrorKind::Closed)
    }

    /// Whether the archive has said that it does not tell.
    #[must_use]
    pub fn is_refused(&self) -> bool {
        matches!(self, Self::Failed(SyncError::Archive(cause)) if cause.kind() == ErrorKind::Stanza)
    }

    /// Whether there is no more to ask for in this session: everything that the archive tells is here, or there is no archive, or it
    /// does not tell.
    #[must_use]
    pub fn is_told(&self) -> bool {
        self.missed() != Missed::Unknown || self.is_refused()
    }

    /// How much was missed.
    #[must_use]
    pub fn missed(&self) -> Missed {
        match self {
            Self::Whole => Missed::Whole,
            Self::Gap => Missed::Gap,
            Self::Failed(SyncError::Archive(cause)) if cause.kind() == ErrorKind::Unsupported => {
                Missed::Unavailable
            }
            Self::Failed(_) => Missed::Unknown,
        }
    }
}

/// Catches up with an archive.
#[derive(Debug)]
pub struct CatchUp {
    room: Option<BareJid>,
    limits: Limits,
    state: ArchiveState,
    /// Where the cursor was when it began.
    begun: Option<Mark>,
    /// Back to which time it must be known what the archive has.
    since: Option<DateTime<Utc>>,
    phase: Phase,
    paging: Paging,
    fetched: usize,
    is_gap: bool,
    end: Option<Outcome>,
    /// How often its end was reached before, and what came until then.
    earlier: (u32, usize),
}

#[derive(Debug)]
enum Phase {
    /// What follows a message; without one, everything from the beginning on.
    After(Option<String>),
    /// The newest message, since the archive has said that nothing follows the cursor.
    Newest,
    /// What comes before what the archive has given as following the cursor, since that is older.
    Preceding(Fresh),
    /// From the newest message back to what is known.
    Back(Back),
}

impl Phase {
    /// Where it begins.
    fn of(state: &ArchiveState) -> Self {
        match state.cursor() {
            Some(mark) => Self::After(Some(mark.id.clone())),
            None if state.was_empty() => Self::After(None),
            None => Self::Back(Back::new(1)),
        }
    }
}

impl CatchUp {
    /// Catches up with the archive of the own account, or of a room, of which `state` is known.
    #[must_use]
    pub fn new(room: Option<BareJid>, state: ArchiveState) -> Self {
        Self {
            room,
            limits: Limits::default(),
            begun: state.cursor().cloned(),
            since: None,
            phase: Phase::of(&state),
            state,
            paging: Paging::default(),
            fetched: 0,
            is_gap: false,
            end: None,
            earlier: (0, 0),
        }
    }

    /// With other limits than the default ones.
    #[must_use]
    pub fn limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// Goes back from the end of the archive until this time, and a day more for clocks that differ, before it leaves a gap: what was
    /// sent since then may be there, and whoever does not find it sends it again. It begins before the gaps that an earlier time
    /// has left there.
    #[must_use]
    pub fn reaching(mut self, since: Option<DateTime<Utc>>) -> Self {
        self.since = since.and_then(|since| since.checked_sub_signed(MUCH_OLDER));
        if let Some(since) = self.since
            && self.state.reopen(since)
        {
            self.begun = self.state.cursor().cloned();
            self.phase = Phase::of(&self.state);
        }
        self
    }

    /// At the end, asks on from there: something came live and did not wait, and was not among what came; the archive tells where it
    /// stands. `false` if it has told nothing since it was asked last, or not everything, or was asked several times already.
    pub fn ask_on(&mut self) -> bool {
        let is_told = matches!(self.end, Some(Outcome::Whole | Outcome::Gap));
        let (rounds, fetched) = (self.earlier.0 + 1, self.fetched());
        if !is_told || self.fetched == 0 || rounds == MAX_ROUNDS {
            return false;
        }
        self.earlier = (rounds, fetched);
        self.fetched = 0;
        self.begun = self.state.cursor().cloned();
        self.since = None;
        self.phase = Phase::of(&self.state);
        self.paging = Paging::default();
        self.end = None;
        true
    }

    /// What to ask for next; none at the end.
    #[must_use]
    pub fn request(&self) -> Option<FetchArchive> {
        if self.end.is_some() {
            return None;
        }
        let page = self.limits.page;
        let (position, most) = match &self.phase {
            Phase::After(None) => (PagePosition::Oldest, page),
            Phase::After(Some(id)) => (PagePosition::After(id.clone()), page),
            Phase::Newest => (PagePosition::Newest, 1),
            Phase::Preceding(fresh) => {
                let first = fresh.messages.first().map(|first| first.id.clone());
                let position = first.map_or(PagePosition::Newest, PagePosition::Before);
                (position, NEIGHBOURS)
            }
            Phase::Back(Back { before: None, .. }) => (PagePosition::Newest, page),
            Phase::Back(Back {
                before: Some(id), ..
            }) => (PagePosition::Before(id.clone()), page),
        };
        let request = match &self.room {
            Some(room) => FetchArchive::room(room.clone(), position),
            None => FetchArchive::own(position),
        };
        Some(request.max(most))
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
        self.state.push_cursor(&known);
        let page = match answer {
            Ok(page) => page,
            Err(error) => return self.refused(error, now, known),
        };
        let edge = match &self.phase {
            Phase::After(None) => Edge::End,
            Phase::After(Some(id)) => Edge::After(id.clone()),
            Phase::Newest => return self.take_end(&page, known),
            Phase::Preceding(_) => return self.take_preceding(&page, now, known),
            Phase::Back(Back {
                before: Some(id), ..
            }) => Edge::Before(id.clone()),
            // What came before is at the end of the archive too.
            Phase::Back(Back { before: None, .. }) => {
                return self.take_newest(page, now, known);
            }
        };
        let fresh = match self.paging.take(page, &edge) {
            Ok(fresh) => fresh,
            Err(error) => {
                let placed = self.close(now, known);
                self.end = Some(Outcome::Failed(error));
                return placed;
            }
        };
        match &self.phase {
            Phase::Back(_) => self.take_earlier(fresh, now, known),
            _ => self.take_following(fresh, now, known),
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
        self.earlier.1 + self.fetched
    }

    /// How it has ended; before the end, that it was given up.
    #[must_use]
    pub fn into_outcome(self) -> Outcome {
        self.end.unwrap_or(Outcome::Failed(SyncError::NoProgress))
    }
}

// Private: onwards from the cursor.

impl CatchUp {
    fn refused(
        &mut self,
        error: Error,
        now: DateTime<Utc>,
        known: impl Fn(&str) -> Option<Place>,
    ) -> Vec<Placed> {
        let is_by_id = matches!(self.phase, Phase::After(_) | Phase::Preceding(_));
        if is_by_id && is_unknown_id(&error) {
            // What was to be followed is gone.
            self.lose_cursor();
            return Vec::new();
        }
        let placed = self.close(now, known);
        self.end = Some(Outcome::Failed(SyncError::Archive(error)));
        placed
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
        if fresh.messages.is_empty() && fresh.unreadable.is_none() {
            let is_first = self.begun.is_some() && self.paging.pages() == 1;
            if is_first && !fresh.has_edge {
                self.phase = Phase::Newest;
                return Vec::new();
            }
            self.state.set_empty();
            self.finish();
            return Vec::new();
        }
        if self.is_doubtful(&fresh, &known) {
            self.phase = Phase::Preceding(fresh);
            return Vec::new();
        }
        self.follow(fresh, now, known)
    }

    /// Puts what follows the cursor behind it.
    fn follow(
        &mut self,
        fresh: Fresh,
        now: DateTime<Utc>,
        known: impl Fn(&str) -> Option<Place>,
    ) -> Vec<Placed> {
        let Fresh {
            mut messages,
            is_last,
            unreadable,
            ..
        } = fresh;
        let newest = messages.last().map(|message| message.id.clone());
        let is_unreadable = newest.is_none();
        let next = newest.or(unreadable.map(|(_, last)| last));
        messages.retain(|message| !self.is_old(message, &known));
        let placed = self.put(messages, true, now);
        if is_last {
            self.finish();
            return placed;
        }
        let is_back = placed.is_empty() && !is_unreadable;
        let is_enough =
            self.fetched >= self.limits.messages || self.paging.pages() >= self.limits.pages;
        match () {
            () if is_enough => self.phase = Phase::Back(Back::new(1)),
            () if is_back => self.lose_cursor(),
            () => self.phase = Phase::After(next),
        }
        placed
    }

    /// Whether it is here already and came before the cursor: it follows only if the archive says that it is no older.
    fn is_old(&self, message: &Archived, known: impl Fn(&str) -> Option<Place>) -> bool {
        let Some(begun) = &self.begun else {
            return false;
        };
        let is_older = match (message.time, begun.time) {
            (Some(time), Some(begun)) => time < begun,
            _ => true,
        };
        is_older && known(&message.id).is_some_and(|place| place <= begun.place)
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
}
