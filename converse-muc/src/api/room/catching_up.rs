//! Catching up with what was said while the user was not in the room (XEP-0313): after entering, before anything that comes live.

use converse_core::contract::{ArchivePage, CatchingUp, CaughtUp, FetchArchive, Missed};
use converse_core::settings::Key;
use converse_core::{Error, ErrorKind};
use converse_messages::model::Spot;
use converse_messages::sync::{CatchUp, Limits, Mark, Outcome, Placed, SyncError, patiently};

use super::Room;
use crate::model::{ConnectionStatus, State};

/// How many messages are fetched at once.
pub(super) const PAGE_SIZE: Key<u32> = Key::new("archived_messages_page_size");

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
        let mut run = {
            let open = self.opened.any();
            if !open.talk.archive.is_running(number) {
                return;
            }
            let limits = Limits {
                page: self.page_size(),
                ..Limits::default()
            };
            let room = Some(self.jid().clone());
            CatchUp::new(room, open.talk.archive.state().clone())
                .limits(limits)
                .reaching(open.talk.history.unconfirmed_since())
        };
        while let Some(request) = run.request() {
            let late = async { self.let_through_late(number) };
            let answer = patiently(self.fetch(request), late).await;
            let mut open = self.opened.any();
            if !open.talk.archive.is_running(number) {
                return;
            }
            let now = self.api.environment().clock.now();
            let after = run.state().cursor().map(|cursor| cursor.place);
            let history = &open.talk.history;
            let placed = run.take(answer, now, |id| history.archived_place(id));
            self.take_following(&mut open, &placed, after);
            open.talk.archive.set(run.state().clone());
            self.note();
            if !placed.is_empty() {
                let running = CatchingUp::new(Some(self.jid().clone()), run.fetched());
                self.api.publish(running);
            }
        }
        let fetched = run.fetched();
        let mut open = self.opened.any();
        if open.talk.archive.is_running(number) {
            let outcome = run.into_outcome();
            let missed = match &outcome {
                Outcome::Whole => Missed::Whole,
                Outcome::Gap => Missed::Gap,
                Outcome::Failed(_) => Missed::Unknown,
            };
            self.end_catching_up(&mut open, outcome);
            let caught_up = CaughtUp::new(Some(self.jid().clone()), fetched, missed);
            self.api.publish(caught_up);
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

    /// Takes what follows a message, in its order.
    fn take_following(
        &self,
        open: &mut State,
        placed: &[Placed],
        after: Option<converse_core::store::Place>,
    ) {
        let mut last = after;
        for one in placed {
            let spot = Spot::near(one.place).after(last);
            if let Some(said) = self.read_archived(open, one, spot) {
                self.hear(open, said);
            }
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
