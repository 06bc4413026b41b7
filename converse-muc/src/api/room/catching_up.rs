//! Catching up with what was said while the user was not in the room (XEP-0313): after entering, before anything that comes live.

use converse_core::contract::{ArchivePage, CatchingUp, CaughtUp, FetchArchive, Missed};
use converse_core::settings::Key;
use converse_core::store::Place;
use converse_core::{Error, ErrorKind};
use converse_messages::model::Spot;
use converse_messages::sync::{
    ArchiveState, CatchUp, Limits, Mark, Outcome, Placed, SyncError, patiently,
};

use tokio::time::sleep;

use super::Room;
use crate::model::{ConnectionStatus, State};

/// How many messages are fetched at once.
pub(super) const PAGE_SIZE: Key<u32> = Key::new("archived_messages_page_size");

/// How often an archive is asked at once for what came live and did not wait for it.
const MAX_ROUNDS: u32 = 5;

/// The plugin that fetches what archives have.
const ARCHIVES: &str = "converse-mam";

impl Room {
    /// Whether anybody fetches what archives have.
    pub(crate) fn has_archives(&self) -> bool {
        self.api.has_plugin(ARCHIVES)
    }

    /// The user has come into the room. If it was asked not to tell what was said before, its archive does; what is said from now on
    /// waits until then.
    pub(crate) fn begin_catching_up(&self) {
        let mut state = self.opened.any();
        if state.status != ConnectionStatus::Entered || !state.joining.is_archived {
            return;
        }
        let number = state.talk.archive.begin();
        let room = self.clone();
        self.spawn(async move { room.catch_up(number).await });
    }

    /// The cursor is far behind what comes live: it is brought up, so that the next visit need not fetch all that again.
    pub(super) fn follow_up(&self, open: &mut State) {
        if let Some(number) = open.talk.archive.follow() {
            let room = self.clone();
            self.spawn(async move { room.catch_up(number).await });
        }
    }

    /// What the archive could not be asked is asked now, if there is anything.
    pub(crate) fn catch_up_again(&self) {
        let is_due = self.opened.any().talk.archive.is_due();
        if is_due && self.api.session().is_online() {
            self.begin_catching_up();
        }
    }

    /// The archive did not tell everything: it is asked again after some time, or when there is a connection.
    fn ask_again(&self, is_lost: bool) {
        if is_lost {
            return self.catch_up_again();
        }
        let delay = self.opened.any().talk.archive.retry.failed();
        let room = self.clone();
        self.spawn(async move {
            sleep(delay).await;
            room.catch_up_again();
        });
    }

    /// What is said in the room is not heard any more; what waited goes on.
    pub(crate) fn stop_catching_up(&self, open: &mut State) {
        open.talk.archive.stop();
        self.let_through(open);
    }

    /// What came live does not wait any longer, nor does what comes now.
    pub(crate) fn let_through(&self, open: &mut State) {
        while let Some(said) = open.talk.archive.held.pop() {
            self.hear(open, said);
        }
        open.talk.archive.let_through();
    }

    /// The archive does not answer: what came live waits no longer.
    fn let_through_late(&self, number: u64) {
        let mut open = self.opened.any();
        if open.talk.archive.is_running(number) {
            self.let_through(&mut open);
        }
    }

    async fn catch_up(&self, number: u64) {
        let _turn = self.opened.reading.lock().await;
        let state = {
            let open = self.opened.any();
            if !open.talk.archive.is_running(number) {
                return;
            }
            open.talk.archive.state().clone()
        };
        let since = self.opened.any().talk.history.unconfirmed_since();
        let mut run = self.run(state).reaching(since);
        self.reach(run.state().cursor()).await;
        let (mut fetched, mut is_gap) = (0, false);
        for round in 1..=MAX_ROUNDS {
            if !self.read_archive(number, &mut run, fetched).await {
                return;
            }
            let state = run.state().clone();
            let came = run.fetched();
            fetched += came;
            let outcome = run.into_outcome();
            is_gap |= matches!(outcome, Outcome::Gap);
            let is_told = !matches!(outcome, Outcome::Failed(_));
            // What did not wait and is not among this stands behind it: the archive tells where.
            let is_late = self.opened.any().talk.archive.take_overtaken() && came > 0;
            if !is_told || !is_late || round == MAX_ROUNDS {
                return self.conclude(number, outcome.behind_gap(is_gap), fetched);
            }
            run = self.run(state);
        }
    }

    fn run(&self, state: ArchiveState) -> CatchUp {
        let limits = Limits {
            page: self.page_size(),
            ..Limits::default()
        };
        CatchUp::new(Some(self.jid().clone()), state).limits(limits)
    }

    /// Reads on until the end; `false` if nobody wants to know any more.
    async fn read_archive(&self, number: u64, run: &mut CatchUp, before: usize) -> bool {
        while let Some(request) = run.request() {
            let late = async { self.let_through_late(number) };
            let answer = patiently(self.fetch(request), late).await;
            let (placed, after) = {
                let open = self.opened.any();
                if !open.talk.archive.is_running(number) {
                    return false;
                }
                let now = self.api.environment().clock.now();
                let history = &open.talk.history;
                let after = run.state().cursor().map(|cursor| {
                    let here = history.archived_place(&cursor.id);
                    here.unwrap_or(cursor.place)
                });
                let placed = run.take(answer, now, |id| history.archived_place(id));
                (placed, after)
            };
            self.take_archived(&placed, after, None).await;
            let mut open = self.opened.any();
            if !open.talk.archive.is_running(number) {
                return false;
            }
            open.talk.archive.set(run.state().clone());
            self.note();
            if !placed.is_empty() && !open.talk.archive.is_following() {
                let fetched = before + run.fetched();
                let running = CatchingUp::new(Some(self.jid().clone()), fetched);
                self.api.publish(running);
            }
        }
        true
    }

    fn conclude(&self, number: u64, outcome: Outcome, fetched: usize) {
        let mut open = self.opened.any();
        if !open.talk.archive.is_running(number) {
            return;
        }
        let missed = match &outcome {
            Outcome::Whole => Missed::Whole,
            Outcome::Gap => Missed::Gap,
            Outcome::Failed(_) => Missed::Unknown,
        };
        let is_lost = outcome.is_lost();
        let was_missed = !open.talk.archive.is_following();
        self.end_catching_up(&mut open, outcome);
        let is_due = open.talk.archive.is_due();
        drop(open);
        if was_missed && !is_lost {
            let caught_up = CaughtUp::new(Some(self.jid().clone()), fetched, missed);
            self.api.publish(caught_up);
        }
        if is_due {
            self.ask_again(is_lost);
        }
    }

    /// The archive is here, or as much of it as can be had: now it is the turn of what came live.
    fn end_catching_up(&self, open: &mut State, outcome: Outcome) {
        let talk = &mut open.talk;
        let mut is_told = true;
        let is_whole = match outcome {
            Outcome::Failed(error) => {
                tracing::warn!(room = %self.jid(), %error, "what was said while the user was away is not known");
                let is_refused = matches!(&error, SyncError::Archive(cause) if cause.kind() == ErrorKind::Stanza);
                talk.archive.set_refused(is_refused);
                is_told = is_refused;
                false
            }
            _ => {
                talk.archive.set_refused(false);
                true
            }
        };
        // Messages may have had to make room for one another.
        let mut state = talk.archive.state().clone();
        if let Some(cursor) = state.cursor().cloned()
            && let Some(place) = talk.history.archived_place(&cursor.id)
            && place != cursor.place
        {
            state.move_cursor(Mark::new(cursor.id, place, cursor.time));
            talk.archive.set(state);
        }
        talk.archive.finish(is_whole);
        self.let_through(open);
        // What was sent and is not among this has not arrived. An archive that was not read to its end has told nothing: then what
        // may have arrived waits for another time.
        open.way.is_told |= is_told;
        self.wake();
        self.note();
    }

    /// Has everything here that was said since a message of the archive, so that what the archive tells finds its place.
    pub(super) async fn reach(&self, mark: Option<&Mark>) {
        let Some(keeper) = self.keeper() else {
            return;
        };
        let place = mark.map(|mark| mark.place);
        if let Err(error) = keeper.reach(&*self.opened, place).await {
            tracing::warn!(room = %self.jid(), %error, "where messages stand among those that are kept is not certain");
        }
    }

    /// Takes what the archive has behind a message and before another, in its order.
    pub(super) async fn take_archived(
        &self,
        placed: &[Placed],
        after: Option<Place>,
        before: Option<Place>,
    ) {
        let mut last = after;
        for one in placed {
            let spot = Spot::near(one.place).after(last).before(before);
            let said = self.read_archived(&mut self.opened.any(), one, spot);
            if let Some(said) = said {
                self.hear_archived(said).await;
            }
            let open = self.opened.any();
            last = open.talk.history.archived_place(&one.id).or(last);
        }
    }

    /// A page of the room's archive.
    pub(super) async fn fetch(&self, request: FetchArchive) -> Result<ArchivePage, Error> {
        let answer = self.api.bus().call(request).await?;
        answer.await.unwrap_or_else(|_| {
            let gone = "the room's archive was not read: the instance has been torn down";
            Err(Error::new(ErrorKind::Closed, gone))
        })
    }

    pub(super) fn page_size(&self) -> u32 {
        let size = self.api.settings().read(&PAGE_SIZE);
        size.unwrap_or_else(|_| Limits::default().page)
    }
}
