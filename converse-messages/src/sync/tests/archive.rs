//! An archive as XEP-0313 wants it, with limits and faults of its own.

use chrono::{DateTime, TimeDelta, Utc};
use converse_core::contract::{ArchivePage, Archived, FetchArchive, PagePosition};
use converse_core::router::{Condition, Stanza, StanzaError};
use converse_core::{Error, ErrorKind};

use super::now;

/// A message as the archive has it.
#[derive(Debug, Clone)]
pub(super) struct Kept {
    pub(super) id: String,
    pub(super) time: DateTime<Utc>,
    /// The archive tells the time.
    pub(super) is_stamped: bool,
    /// The client can make something of it.
    pub(super) is_readable: bool,
}

/// What an archive does when it is asked by an id that it does not have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Unknown {
    /// It says so, as it must.
    Refused,
    /// It gives a page with nothing on it that it calls complete.
    Nothing,
    /// It answers as if no id had been there.
    Ignored,
}

#[derive(Debug)]
pub(super) struct Archive {
    pub(super) kept: Vec<Kept>,
    /// How many results it gives at most, whatever is asked for.
    pub(super) most: usize,
    /// It never says that a page is the last one.
    pub(super) never_complete: bool,
    /// It gives the message by which a page is asked for again.
    pub(super) is_inclusive: bool,
    pub(super) unknown: Unknown,
    /// How many requests it still answers.
    pub(super) answers: Option<usize>,
    /// What is added after each answer.
    pub(super) growth: Vec<Kept>,
    pub(super) asked: Vec<FetchArchive>,
}

impl Kept {
    pub(super) fn at(number: i64, second: i64) -> Self {
        Self {
            id: format!("m{number}"),
            time: now() + TimeDelta::seconds(second),
            is_stamped: true,
            is_readable: true,
        }
    }
}

impl Archive {
    /// An archive with messages of one second after the other.
    pub(super) fn of(numbers: std::ops::Range<i64>) -> Self {
        let kept = numbers.map(|number| Kept::at(number, number)).collect();
        Self {
            kept,
            most: 50,
            never_complete: false,
            is_inclusive: false,
            unknown: Unknown::Refused,
            answers: None,
            growth: Vec::new(),
            asked: Vec::new(),
        }
    }

    pub(super) fn ids(&self) -> Vec<&str> {
        self.kept.iter().map(|kept| kept.id.as_str()).collect()
    }

    pub(super) fn position(&self, id: &str) -> Option<usize> {
        self.kept.iter().position(|kept| kept.id == id)
    }

    pub(super) fn answer(&mut self, request: &FetchArchive) -> Result<ArchivePage, Error> {
        self.asked.push(request.clone());
        match &mut self.answers {
            Some(0) => return Err(Error::new(ErrorKind::Disconnected, "cut")),
            Some(answers) => *answers -= 1,
            None => {}
        }
        let page = self.page(request)?;
        if !self.growth.is_empty() {
            self.kept.push(self.growth.remove(0));
        }
        Ok(page)
    }

    fn page(&self, request: &FetchArchive) -> Result<ArchivePage, Error> {
        let named = match &request.position {
            PagePosition::After(id) | PagePosition::Before(id) => Some(id),
            _ => None,
        };
        let is_unknown = named.is_some_and(|id| self.position(id).is_none());
        if is_unknown && self.unknown == Unknown::Refused {
            let cause = StanzaError::from(Condition::ItemNotFound);
            return Err(Error::new(ErrorKind::Stanza, "item-not-found").with_source(cause));
        }
        if is_unknown && self.unknown == Unknown::Nothing {
            let mut page = ArchivePage::default();
            page.is_complete = !self.never_complete;
            return Ok(page);
        }
        let (mut from, mut to, mut backwards) = (0, self.kept.len(), false);
        let inclusive = usize::from(self.is_inclusive);
        match &request.position {
            PagePosition::After(id) => {
                from = self.position(id).map_or(0, |at| at + 1 - inclusive);
            }
            PagePosition::Before(id) => {
                to = self.position(id).map_or(to, |at| at + inclusive);
                backwards = true;
            }
            PagePosition::Newest => backwards = true,
            _ => {}
        }
        let in_time = |kept: &&Kept| {
            let after = |start| kept.time >= start;
            let before = |end| kept.time <= end;
            request.start.is_none_or(after) && request.end.is_none_or(before)
        };
        let mut found: Vec<&Kept> = self.kept[from..to].iter().filter(in_time).collect();
        let most = self.most.min(request.max as usize);
        let is_whole = found.len() <= most;
        if backwards {
            found.drain(..found.len().saturating_sub(most));
        } else {
            found.truncate(most);
        }
        let mut page = ArchivePage::default();
        page.first = found.first().map(|kept| kept.id.clone());
        page.last = found.last().map(|kept| kept.id.clone());
        page.is_complete = is_whole && !self.never_complete;
        let readable = found.into_iter().filter(|kept| kept.is_readable);
        page.messages = readable.map(archived).collect();
        Ok(page)
    }
}

pub(super) fn archived(kept: &Kept) -> Archived {
    let stanza = format!("<message from='otto@heron.example' id='{}'/>", kept.id);
    let time = Some(kept.time).filter(|_| kept.is_stamped);
    Archived::new(&kept.id, time, Stanza::parse(&stanza).unwrap())
}
