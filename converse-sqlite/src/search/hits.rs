//! What a search has found so far.

use std::cmp::Reverse;
use std::collections::BTreeSet;

use converse_core::store::{MAX_PAGE_ENTRIES, Place};

use crate::records::least_id;

/// A record that was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Hit {
    pub(super) id: i64,
    pub(super) log: i64,
    pub(super) place: Place,
}

/// What was found, the newest first. Ids follow the time, but not exactly.
#[derive(Debug)]
pub(super) struct Hits {
    found: BTreeSet<(Reverse<Place>, i64, i64)>,
    limit: usize,
    /// The place of the last one that is wanted, when there are enough.
    last: Option<Place>,
}

impl Hits {
    pub(super) fn new(limit: usize) -> Self {
        Self {
            found: BTreeSet::new(),
            limit: limit.min(MAX_PAGE_ENTRIES),
            last: None,
        }
    }

    /// Notes a record, which may be known already.
    pub(super) fn add(&mut self, hit: Hit) {
        self.found.insert((Reverse(hit.place), hit.id, hit.log));
        let last = self.limit.checked_sub(1);
        let last = last.and_then(|last| self.found.iter().nth(last));
        self.last = last.map(|(place, ..)| place.0);
    }

    /// How many records have to be read in all, if what has been found in so many tells.
    pub(super) fn expected(&self, read: usize) -> usize {
        let each = read.checked_div(self.found.len()).unwrap_or(usize::MAX);
        each.saturating_mul(self.limit)
    }

    /// Whether nothing that is wanted comes where places are before this one.
    pub(super) fn are_enough_before(&self, place: Place) -> bool {
        self.limit == 0 || self.last.is_some_and(|last| place < last)
    }

    /// Whether nothing that is wanted has an id that is no greater than this one.
    pub(super) fn are_enough_at(&self, id: i64) -> bool {
        // The id of a record is no less than the least of its time.
        self.limit == 0 || self.last.is_some_and(|last| id < least_id(last))
    }

    /// The newest, as many as are wanted, and what else stands at the place of the last one.
    pub(super) fn into_newest(self) -> impl Iterator<Item = Hit> {
        let last = self.last;
        let found = self.found.into_iter();
        let found = found.take_while(move |(place, ..)| last.is_none_or(|last| place.0 >= last));
        let limit = if self.limit == 0 { 0 } else { usize::MAX };
        found.take(limit).map(|(place, id, log)| Hit {
            id,
            log,
            place: place.0,
        })
    }
}
