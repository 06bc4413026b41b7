//! Whether an archive that is asked what follows the cursor knows the cursor at all.
//!
//! It has to say if it does not (XEP-0313 §4.3.1), but there are archives that answer as if nothing followed, and others that
//! answer as if no message had been named. The first look like an archive in which nothing is new, the others like one whose
//! clock was set back.

use chrono::{DateTime, Utc};
use converse_core::contract::{ArchivePage, Archived};
use converse_core::store::Place;

use super::back::Back;
use super::{CatchUp, Phase};
use crate::sync::paging::Fresh;
use crate::sync::placing::Placed;

/// How many messages are asked for: if the archive gives the one by which it is asked too, there has to be room for another one.
pub(in crate::sync) const NEIGHBOURS: u32 = 2;

impl CatchUp {
    /// The archive says that nothing follows the cursor: that is so if its newest message is the cursor, or none that is newer.
    pub(super) fn take_end(
        &mut self,
        page: &ArchivePage,
        known: impl Fn(&str) -> Option<Place>,
    ) -> Vec<Placed> {
        let newest = page.messages.last();
        let named = page.last.as_deref().or(page.first.as_deref());
        let is_nothing_new = match (newest, named) {
            (None, None) => true,
            (_, Some(id)) if self.is_cursor(id) => true,
            (Some(newest), _) => self.is_nothing_new(newest, &known),
            (None, Some(id)) => self.is_before_cursor(id, &known),
        };
        if is_nothing_new {
            self.finish();
        } else {
            self.lose_cursor();
        }
        Vec::new()
    }

    /// What came after the cursor begins with something older: the archive says what comes before that.
    pub(super) fn take_preceding(
        &mut self,
        page: &ArchivePage,
        now: DateTime<Utc>,
        known: impl Fn(&str) -> Option<Place>,
    ) -> Vec<Placed> {
        let named = [&page.first, &page.last].into_iter().flatten();
        let mut ids = page.messages.iter().map(|message| &message.id).chain(named);
        let is_cursor = ids.any(|id| self.is_cursor(id));
        let Phase::Preceding(fresh) = std::mem::replace(&mut self.phase, Phase::Newest) else {
            return Vec::new();
        };
        if is_cursor {
            return self.follow(fresh, now, known);
        }
        self.lose_cursor();
        Vec::new()
    }

    /// The archive does not have the cursor: the way to what is known is from the other end.
    pub(super) fn lose_cursor(&mut self) {
        self.phase = Phase::Back(Back::new(self.limits.messages));
    }

    /// Whether what came after the cursor is none of what follows it, for all that anybody knows here.
    pub(super) fn is_doubtful(&self, fresh: &Fresh, known: impl Fn(&str) -> Option<Place>) -> bool {
        let Some(begun) = &self.begun else {
            return false;
        };
        if fresh.has_edge || self.paging.pages() > 1 {
            return false;
        }
        fresh.messages.first().is_some_and(|first| {
            let is_older = first
                .time
                .zip(begun.time)
                .is_some_and(|(it, begun)| it < begun);
            is_older || self.is_old(first, known)
        })
    }

    /// Whether the newest message of an archive that does not have the cursor is older than that: then nothing follows.
    pub(super) fn is_nothing_new(
        &self,
        newest: &Archived,
        known: impl Fn(&str) -> Option<Place>,
    ) -> bool {
        let Some(cursor) = self.state.cursor() else {
            return false;
        };
        if self.is_cursor(&newest.id) {
            return true;
        }
        let times = newest.time.zip(cursor.time);
        if known(&newest.id).is_some() {
            // The clock here may have given it its place.
            let is_newer = times.is_some_and(|(newest, cursor)| newest > cursor);
            return self.is_before_cursor(&newest.id, known) && !is_newer;
        }
        times.is_some_and(|(newest, cursor)| newest < cursor)
    }

    pub(super) fn is_cursor(&self, id: &str) -> bool {
        self.state.cursor().is_some_and(|cursor| cursor.id == id)
    }

    /// Whether a message is here, and before the cursor.
    pub(super) fn is_before_cursor(&self, id: &str, known: impl Fn(&str) -> Option<Place>) -> bool {
        let cursor = self.state.cursor().map(|cursor| cursor.place);
        known(id).is_some_and(|place| Some(place) <= cursor)
    }
}
