//! What was said before what is here: from the store, and from the room's archive.

use converse_core::Error;
use converse_core::store::Place;
use converse_messages::keeper::Keeper;
use converse_messages::model::Older;
use converse_messages::sync::{Fill, Filled, Gap, Limits, Mark, fetch, has_archives};

use super::Room;
use crate::model::{RoomFeature, State};

/// How many messages are here at most if no store keeps them.
const MOST: usize = 1_000;

/// Where older messages are.
enum Next {
    /// Only the archive has them.
    Archive(Gap),
    /// The store has them.
    Store,
    /// Nothing older is known.
    Nothing,
}

impl Room {
    pub(super) async fn load_older(&self, count: usize) -> Result<Older, Error> {
        let _turn = self.opened.reading.lock().await;
        let keeper = self.keeper();
        let mut added = 0;
        let mut may_look = true;
        while added < count {
            let next = self.next_older(std::mem::take(&mut may_look))?;
            let wanted = count - added;
            let (more, is_end) = match (next, &keeper) {
                (Next::Nothing, _) | (Next::Store, None) => return Ok(Older::new(added, true)),
                (Next::Store, Some(keeper)) => self.load_stored(keeper, wanted).await?,
                (Next::Archive(gap), _) => match self.fill(gap, wanted).await {
                    // What has come is here; the next call tells what is wrong.
                    Err(_) if added > 0 => (0, true),
                    filled => filled?,
                },
            };
            added += more;
            if is_end {
                break;
            }
        }
        let is_complete = matches!(self.next_older(false)?, Next::Nothing);
        Ok(Older::new(added, is_complete))
    }

    /// The newest that is missing is next. With `may_look` what is before the oldest message is looked for even if nothing is
    /// known of it.
    fn next_older(&self, may_look: bool) -> Result<Next, Error> {
        let mut open = self.opened.open()?;
        let history = &open.talk.history;
        let (oldest, newest) = (history.oldest_place(), history.newest_place());
        let newest = newest.unwrap_or(Place::new(i64::MAX, u32::MAX));
        if let Some(gap) = open.talk.archive.followed.state().gap_before(newest) {
            let edge = gap.before.as_ref().map(|edge| edge.place);
            let is_here = edge.is_none_or(|edge| oldest.is_none_or(|oldest| oldest <= edge));
            if is_here || !history.has_older() {
                return Ok(Next::Archive(gap.clone()));
            }
        }
        if history.has_older() {
            return Ok(Next::Store);
        }
        if may_look && self.may_have_more(&open) {
            return Ok(self.open_gap(&mut open));
        }
        Ok(Next::Nothing)
    }

    /// Whether the archive may have something before the oldest message, though nothing is known of it: it was never read, or what
    /// was read is not here any more and nowhere else.
    fn may_have_more(&self, open: &State) -> bool {
        let (history, archive) = (&open.talk.history, open.talk.archive.followed.state());
        let is_forgotten = history.log().is_none() && history.len() >= MOST;
        let is_unread = archive.cursor().is_none();
        open.has(RoomFeature::MamEnabled)
            && has_archives(&self.api)
            && archive.gaps().is_empty()
            && (is_unread || is_forgotten)
    }

    /// What is before the oldest message that the archive has is missing.
    fn open_gap(&self, open: &mut State) -> Next {
        let talk = &mut open.talk;
        let mut messages = talk.history.iter();
        let oldest = messages.find_map(|message| {
            let id = message.stanza_id.as_ref()?;
            let place = talk.history.archived_place(id)?;
            Some(Mark::new(id, place, None))
        });
        let mut state = talk.archive.followed.state().clone();
        let number = state.add_gap(None, oldest);
        let gap = state.gap(number).cloned();
        talk.archive.followed.set(state);
        gap.map_or(Next::Nothing, Next::Archive)
    }

    async fn load_stored(&self, keeper: &Keeper, count: usize) -> Result<(usize, bool), Error> {
        let loaded = keeper.load_older(&*self.opened, count).await?;
        Ok((loaded.added, loaded.is_full))
    }

    /// Asks the archive for what a gap has; how many messages came, and whether no more can be had now.
    async fn fill(&self, gap: Gap, count: usize) -> Result<(usize, bool), Error> {
        let (number, after) = (gap.number, gap.after.clone());
        let page = Limits::of(&self.api).page;
        let page = page.min(u32::try_from(count).unwrap_or(u32::MAX));
        let mut run = Fill::new(Some(self.jid().clone()), gap).page(page.max(1));
        let mut added = 0;
        self.reach(after.as_ref()).await;
        while let Some(request) = run.request().filter(|_| added < count) {
            let is_full = {
                let mut open = self.opened.open()?;
                open.talk.history.widen(count.min(page as usize)) == 0
            };
            if is_full {
                return Ok((added, true));
            }
            let answer = fetch(&self.api, request).await;
            let edge = run.left().and_then(|gap| gap.before.clone());
            let (placed, after, edge, before) = {
                let open = self.opened.open()?;
                let now = self.api.environment().clock.now();
                let history = &open.talk.history;
                let placed = run.take(answer, now, |id| history.archived_place(id));
                let place = |edge: &Mark| history.archived_place(&edge.id).unwrap_or(edge.place);
                let (after, edge) = (after.as_ref().map(place), edge.as_ref().map(place));
                let after = after.filter(|after| edge.is_none_or(|edge| *after < edge));
                (placed, after, edge, history.len())
            };
            self.take_archived(&placed, after, edge).await;
            let mut open = self.opened.open()?;
            added += open.talk.history.len().saturating_sub(before);
            let mut state = open.talk.archive.followed.state().clone();
            state.set_gap(number, run.left().cloned());
            open.talk.archive.followed.set(state);
            self.note();
        }
        match run.into_filled() {
            Filled::Failed(_, error) if added == 0 => Err(error.into()),
            Filled::Failed(..) => Ok((added, true)),
            Filled::Whole | Filled::Left(_) => Ok((added, false)),
        }
    }
}
