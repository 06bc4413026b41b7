//! From the newer edge of a gap towards the older one.

mod check;

use chrono::{DateTime, TimeDelta, Utc};
use converse_core::Error;
use converse_core::contract::{ArchivePage, Archived, FetchArchive, PagePosition};
use converse_core::store::Place;
use jid::{BareJid, Jid};

use super::error::SyncError;
use super::gap::{Gap, Mark};
use super::paging::{Edge, Fresh, Paging, is_unknown_id};
use super::placing::{self, Placed};

/// How many pages are fetched without anything on them that belongs into the gap.
const MAX_BARREN_PAGES: usize = 100;

/// By how much the stamps of an archive may be out of order, where they have to say where to look.
const SKEW: TimeDelta = TimeDelta::hours(24);

/// How filling a gap has ended.
#[derive(Debug)]
pub enum Filled {
    /// Nothing is missing any more.
    Whole,
    /// This is left, and can be asked for again.
    Left(Gap),
    /// The archive does what it should not, or did not answer; this is left.
    Failed(Gap, SyncError),
}

/// Fills a gap, a page at a time and the newest first, as far as somebody asks for the next page.
#[derive(Debug)]
pub struct Fill {
    room: Option<BareJid>,
    with: Option<Jid>,
    page: u32,
    gap: Gap,
    /// Up to where everything behind the gap is known, if there is another one.
    until: Option<Place>,
    position: Position,
    check: Check,
    /// It does not ask by the message at the edge any more.
    is_by_time: bool,
    /// A message at the newer edge or behind it came, so that what comes before it does not stand behind the gap.
    is_anchored: bool,
    /// Something came of which that is not known.
    is_unsure: bool,
    paging: Paging,
    barren: usize,
    end: Option<Result<(), SyncError>>,
}

/// What is asked before an answer is believed to what precedes the message at the edge.
#[derive(Debug)]
enum Check {
    None,
    /// The oldest message, since the archive has said that nothing precedes the edge.
    Oldest,
    /// What follows what the archive has given as preceding the edge, since that is newer.
    Following(Fresh),
}

#[derive(Debug)]
struct Position {
    /// What comes before this message; without one, the newest.
    before: Option<String>,
    /// Of what came until some time after the message at the edge, since the archive does not have that any more.
    end: Option<DateTime<Utc>>,
}

impl Fill {
    /// Fills a gap of the archive of the own account, or of a room.
    #[must_use]
    pub fn new(room: Option<BareJid>, gap: Gap) -> Self {
        let before = gap.before.as_ref().map(|mark| mark.id.clone());
        Self {
            room,
            with: None,
            page: 50,
            gap,
            until: None,
            position: Position { before, end: None },
            check: Check::None,
            is_by_time: false,
            is_anchored: true,
            is_unsure: false,
            paging: Paging::default(),
            barren: 0,
            end: None,
        }
    }

    /// Only messages to and from this address; the gap is one between them.
    #[must_use]
    pub fn with(mut self, jid: impl Into<Jid>) -> Self {
        self.with = Some(jid.into());
        self
    }

    /// Everything behind the gap is known up to this place, where the next one begins.
    #[must_use]
    pub fn until(mut self, place: Option<Place>) -> Self {
        self.until = place;
        self
    }

    /// At most so many messages a page.
    #[must_use]
    pub fn page(mut self, max: u32) -> Self {
        self.page = max;
        self
    }

    /// What to ask for next; none if there is nothing more.
    #[must_use]
    pub fn request(&self) -> Option<FetchArchive> {
        if self.end.is_some() {
            return None;
        }
        let (position, most) = self.check.position().unwrap_or_else(|| {
            let before = self.position.before.clone();
            let position = before.map_or(PagePosition::Newest, PagePosition::Before);
            (position, self.page)
        });
        let mut request = match &self.room {
            Some(room) => FetchArchive::room(room.clone(), position),
            None => FetchArchive::own(position),
        }
        .max(most);
        request.with.clone_from(&self.with);
        request.end = self.position.end;
        Some(request)
    }

    /// Takes the answer to [`request`](Self::request), and gives the messages to apply at these places. `known` tells where a
    /// message of the archive stands that is here.
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
        match std::mem::replace(&mut self.check, Check::None) {
            Check::None => {}
            Check::Oldest => {
                self.take_oldest(&page, known);
                return Vec::new();
            }
            Check::Following(fresh) => {
                if self.is_at_edge(&page) {
                    return self.take_preceding(fresh, now, known);
                }
                self.lose_edge();
                return Vec::new();
            }
        }
        let edge = match &self.position.before {
            Some(id) => Edge::Before(id.clone()),
            None => Edge::End,
        };
        match self.paging.take(page, &edge) {
            Ok(fresh) => self.take_fresh(fresh, now, known),
            Err(error) => {
                self.end = Some(Err(error));
                Vec::new()
            }
        }
    }

    /// What is left of the gap as of now.
    #[must_use]
    pub fn left(&self) -> Option<&Gap> {
        match self.end {
            Some(Ok(())) => None,
            _ => Some(&self.gap),
        }
    }

    /// How it has ended, or what is left if nobody asks any further.
    #[must_use]
    pub fn into_filled(self) -> Filled {
        match self.end {
            Some(Ok(())) => Filled::Whole,
            Some(Err(error)) => Filled::Failed(self.gap, error),
            None => Filled::Left(self.gap),
        }
    }
}

// Private: what each answer leads to.

impl Fill {
    fn refused(&mut self, error: Error) {
        let is_first = match self.check {
            Check::None => self.paging.pages() == 0 && !self.is_by_time,
            Check::Oldest => false,
            Check::Following(_) => true,
        };
        if is_first && self.position.before.is_some() && is_unknown_id(&error) {
            self.lose_edge();
        } else {
            self.end = Some(Err(SyncError::Archive(error)));
        }
    }

    fn take_fresh(
        &mut self,
        fresh: Fresh,
        now: DateTime<Utc>,
        known: impl Fn(&str) -> Option<Place>,
    ) -> Vec<Placed> {
        let is_by_id = self.position.before.is_some() && !self.is_by_time;
        let is_first = is_by_id && self.paging.pages() == 1 && !fresh.has_edge;
        if fresh.messages.is_empty() && fresh.unreadable.is_none() {
            match is_first {
                true => self.check = Check::Oldest,
                false => self.end = Some(Ok(())),
            }
            return Vec::new();
        }
        if is_first && self.is_doubtful(&fresh, &known) {
            self.check = Check::Following(fresh);
            return Vec::new();
        }
        self.take_preceding(fresh, now, known)
    }

    /// Puts what precedes the edge before it.
    fn take_preceding(
        &mut self,
        fresh: Fresh,
        now: DateTime<Utc>,
        known: impl Fn(&str) -> Option<Place>,
    ) -> Vec<Placed> {
        let Fresh {
            messages,
            is_last,
            unreadable,
            ..
        } = fresh;
        let oldest = messages.first().map(|message| message.id.clone());
        let next = oldest.or(unreadable.map(|(first, _)| first));
        let (messages, is_reached) = self.within(messages, known);
        if messages.is_empty() {
            self.barren += 1;
        } else {
            self.barren = 0;
        }
        let placed = self.put(messages, now);
        if is_reached || is_last {
            self.end = Some(if self.is_anchored || !self.is_unsure {
                Ok(())
            } else {
                Err(SyncError::NoEdge)
            });
        } else if self.barren >= MAX_BARREN_PAGES {
            let pages = self.paging.pages();
            self.end = Some(Err(SyncError::TooManyPages { pages }));
        }
        self.position = Position {
            before: next,
            end: None,
        };
        placed
    }

    /// What of a page belongs into the gap, and whether its older edge is reached.
    fn within(
        &mut self,
        mut messages: Vec<Archived>,
        known: impl Fn(&str) -> Option<Place>,
    ) -> (Vec<Archived>, bool) {
        if self.is_by_time {
            let edge = self.gap.before.as_ref();
            let edge_place = edge.map(|edge| edge.place);
            let is_behind = |message: &Archived| self.is_behind(message, &known);
            if let Some(at) = messages.iter().position(is_behind) {
                let place = known(&messages[at].id);
                self.is_anchored |= self.until.is_none_or(|until| place <= Some(until));
                messages.truncate(at);
            }
            // What is here stays where it is: anything else would be a guess.
            messages.retain(|message| edge.is_none() || known(&message.id) < edge_place);
        }
        let is_reached = self.cut(&mut messages, known);
        if !self.is_anchored {
            self.is_unsure |= !messages.is_empty();
            messages.clear();
        }
        (messages, is_reached)
    }

    /// Takes away what is beyond the older edge; whether that is reached.
    fn cut(&self, messages: &mut Vec<Archived>, known: impl Fn(&str) -> Option<Place>) -> bool {
        let Some(after) = &self.gap.after else {
            return false;
        };
        let edge = messages.iter().rposition(|message| message.id == after.id);
        if let Some(at) = edge {
            messages.drain(..=at);
            return true;
        }
        // The message at the edge may be gone; what came long before it tells as well.
        let limit = after.time.and_then(|time| time.checked_sub_signed(SKEW));
        let is_older =
            |message: &Archived| known(&message.id).is_some_and(|place| place <= after.place);
        let is_far = |message: &Archived| limit.is_some() && message.time < limit;
        let is_beyond = !messages.is_empty()
            && messages
                .iter()
                .all(|message| is_older(message) && is_far(message));
        messages.retain(|message| !is_older(message));
        is_beyond
    }

    /// Places messages before the newer edge, which moves to the first of them.
    fn put(&mut self, messages: Vec<Archived>, now: DateTime<Utc>) -> Vec<Placed> {
        let edge = self.gap.before.as_ref();
        let oldest = messages.iter().find_map(|message| message.time);
        let oldest = oldest.or(edge.and_then(|mark| mark.time));
        let (after, before) = (self.gap.after.as_ref(), edge);
        let (after, before) = (after.map(|mark| mark.place), before.map(|mark| mark.place));
        let placed = placing::backward(messages, after, before, now);
        if let Some(first) = placed.first() {
            self.gap.before = Some(Mark::new(&first.id, first.place, oldest));
        }
        placed
    }
}
