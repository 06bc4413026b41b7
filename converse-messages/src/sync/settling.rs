//! What an archive may still put before what it has told.

use std::collections::VecDeque;

use chrono::{DateTime, TimeDelta, Utc};

use super::gap::Mark;
use super::placing::Placed;
use super::state::ArchiveState;

/// How long after its id and its stamp a message may come into an archive.
const LATE: TimeDelta = TimeDelta::seconds(10);

/// The end of what an archive has told, where its order is not certain yet.
///
/// There are archives that give a message its id and its stamp before others see it there: whoever reads meanwhile gets what
/// came later without it. Then it comes live, and whoever has read further would never learn that it stands before what was sent
/// from here at the same time. So after something that was sent the cursor stays 10 s behind, by the archive's own stamps, and
/// these are asked for once more the next time.
///
/// ```
/// use converse_core::contract::{ArchivePage, FetchArchive};
/// use converse_messages::sync::{ArchiveState, CatchUp, Settling};
/// # fn fetch(_: FetchArchive) -> Result<ArchivePage, converse_core::Error> {
/// #     let mut page = ArchivePage::default();
/// #     page.is_complete = true;
/// #     Ok(page)
/// # }
///
/// let mut known = ArchiveState::default();
/// let mut settling = Settling::new(&known);
/// let mut catch_up = CatchUp::new(None, known.clone());
/// while let Some(request) = catch_up.request() {
///     let placed = catch_up.take(fetch(request), chrono::Utc::now(), |_| None);
///     settling.told(&placed);
///     // Put them into their histories; call `sent` for those that were there without the archive's id.
///     known = catch_up.state().clone();
///     settling.settle(&mut known);
///     // Write down `known` together with the messages.
/// }
/// assert_eq!(settling.behind(&known).count(), 0);
/// ```
#[derive(Debug, Default)]
pub struct Settling {
    /// Where the cursor was when it began.
    begun: Option<Mark>,
    /// The last messages, the oldest first: at most one that is old enough, and those that are not.
    told: VecDeque<Mark>,
    newest: Option<DateTime<Utc>>,
    /// When the archive got the newest one that was sent from here.
    sent: Option<DateTime<Utc>>,
}

impl Settling {
    /// An archive of which so much is known is about to tell the rest.
    #[must_use]
    pub fn new(state: &ArchiveState) -> Self {
        Self {
            begun: state.cursor().cloned(),
            ..Self::default()
        }
    }

    /// The archive has told these.
    pub fn told(&mut self, placed: &[Placed]) {
        for one in placed {
            self.newest = self.newest.max(Some(one.time));
            let mark = Mark::new(&one.id, one.place, Some(one.time));
            self.told.push_back(mark);
        }
        while self.told.get(1).is_some_and(|next| self.is_settled(next)) {
            self.told.pop_front();
        }
    }

    /// Something that the archive got then was here already, because the account has sent it, and nobody knew its place.
    pub fn sent(&mut self, time: DateTime<Utc>) {
        self.sent = self.sent.max(Some(time));
    }

    /// Puts the cursor back to where the order is certain, if it has passed that.
    pub fn settle(&self, state: &mut ArchiveState) {
        if self.sent.is_none() || self.sent <= self.limit() {
            return;
        }
        // What may be missing before stays a gap.
        let gap = state.gaps().last().and_then(|gap| gap.before.as_ref());
        let edge = gap.and_then(|edge| self.told.iter().find(|mark| mark.id == edge.id));
        let oldest = self.told.front();
        let settled = oldest.filter(|mark| self.is_settled(mark));
        let back = edge.or(settled).or(self.begun.as_ref()).or(oldest);
        if let Some(mark) = back.cloned() {
            state.move_cursor(mark);
        }
    }

    /// The ids of what the archive has told behind the cursor.
    pub fn behind<'a>(&'a self, state: &ArchiveState) -> impl Iterator<Item = &'a str> {
        let cursor = state.cursor().map(|mark| &mark.id);
        let at = self.told.iter().position(|mark| Some(&mark.id) == cursor);
        let behind = self.told.iter().skip(at.map_or(0, |at| at + 1));
        behind.map(|mark| mark.id.as_str())
    }

    fn is_settled(&self, mark: &Mark) -> bool {
        mark.time <= self.limit()
    }

    /// What has come until then is all there.
    fn limit(&self) -> Option<DateTime<Utc>> {
        self.newest?.checked_sub_signed(LATE)
    }
}
