//! Catching up with what was said while the user was not in the room (XEP-0313): after entering, before anything that comes live.

use converse_core::contract::{CatchingUp, CaughtUp};
use converse_core::store::Place;
use converse_messages::model::Spot;
use converse_messages::sync::{CatchUp, Limits, Mark, Outcome, Placed, fetch, patiently};
use tokio::time::sleep;

use super::Room;
use crate::model::{ConnectionStatus, State};

impl Room {
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
        let is_due = self.opened.any().talk.archive.followed.is_due();
        if is_due && self.api.session().is_online() {
            self.begin_catching_up();
        }
    }

    /// The archive did not tell everything: it is asked again after some time, or when there is a connection.
    fn ask_again(&self, is_lost: bool) {
        if is_lost {
            return self.catch_up_again();
        }
        let delay = self.opened.any().talk.archive.followed.retry_delay();
        let room = self.clone();
        self.spawn(async move {
            sleep(delay).await;
            room.catch_up_again();
        });
    }

    /// What is said in the room is not heard any more; what waited goes on.
    pub(crate) fn stop_catching_up(&self, open: &mut State) {
        open.talk.archive.followed.stop();
        self.let_through(open);
    }

    /// What came live does not wait any longer, nor does what comes now.
    pub(crate) fn let_through(&self, open: &mut State) {
        while let Some(said) = open.talk.archive.held.release() {
            self.hear(open, said);
        }
    }

    /// The archive does not answer: what came live waits no longer.
    fn let_through_late(&self, number: u64) {
        let mut open = self.opened.any();
        if open.talk.archive.followed.is_running(number) {
            self.let_through(&mut open);
        }
    }

    async fn catch_up(&self, number: u64) {
        let _turn = self.opened.reading.lock().await;
        let state = {
            let open = self.opened.any();
            if !open.talk.archive.followed.is_running(number) {
                return;
            }
            open.talk.archive.followed.state().clone()
        };
        let since = self.opened.any().talk.history.unconfirmed_since();
        let mut run = CatchUp::new(Some(self.jid().clone()), state)
            .limits(Limits::of(&self.api))
            .reaching(since);
        self.reach(run.state().cursor()).await;
        loop {
            if !self.read_archive(number, &mut run).await {
                return;
            }
            // What did not wait and is not among this stands behind it.
            let is_late = self.opened.any().talk.archive.take_overtaken();
            if !is_late || !run.ask_on() {
                break;
            }
        }
        self.conclude(number, run);
    }

    /// Reads on until the end; `false` if nobody wants to know any more.
    async fn read_archive(&self, number: u64, run: &mut CatchUp) -> bool {
        while let Some(request) = run.request() {
            let late = async { self.let_through_late(number) };
            let answer = patiently(fetch(&self.api, request), late).await;
            let (placed, after) = {
                let open = self.opened.any();
                if !open.talk.archive.followed.is_running(number) {
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
            if !open.talk.archive.followed.is_running(number) {
                return false;
            }
            open.talk.archive.followed.set(run.state().clone());
            self.note();
            if !placed.is_empty() && !open.talk.archive.is_following() {
                let running = CatchingUp::new(Some(self.jid().clone()), run.fetched());
                self.api.publish(running);
            }
        }
        true
    }

    fn conclude(&self, number: u64, run: CatchUp) {
        let mut open = self.opened.any();
        if !open.talk.archive.followed.is_running(number) {
            return;
        }
        let fetched = run.fetched();
        let outcome = run.into_outcome();
        let (missed, is_lost) = (outcome.missed(), outcome.is_lost());
        let was_missed = !open.talk.archive.is_following();
        self.end_catching_up(&mut open, outcome);
        let is_due = open.talk.archive.followed.is_due();
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
        let is_told = outcome.is_told();
        let is_whole = match outcome {
            Outcome::Whole | Outcome::Gap => true,
            Outcome::Failed(error) => {
                tracing::warn!(room = %self.jid(), %error, "what was said while the user was away is not known");
                false
            }
        };
        talk.archive.set_refused(is_told && !is_whole);
        // Messages may have had to make room for one another.
        let mut state = talk.archive.followed.state().clone();
        if let Some(cursor) = state.cursor().cloned()
            && let Some(place) = talk.history.archived_place(&cursor.id)
            && place != cursor.place
        {
            state.move_cursor(Mark::new(cursor.id, place, cursor.time));
            talk.archive.followed.set(state);
        }
        talk.archive.followed.finish(is_whole, is_told);
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
}
