//! Catching up with what the account sent and got while this client was not there (XEP-0313): after the login, before anything
//! that comes live.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use converse_core::contract::{CatchingUp, CaughtUp, Missed};
use converse_core::session::SessionNumber;
use converse_messages::model::{Delivery, History, Message, SentBy};
use converse_messages::outbox::Outbox;
use converse_messages::sync::{
    ArchiveState, CatchUp, Limits, Outcome, Settling, fetch, has_archives, patiently,
};
use tokio::time::{sleep, timeout};

use super::{ChatActor, Letter, Reach, Run, Said, copies, filed};
use crate::keeping;
use crate::model::Kind;
use crate::tasks;

/// How long it is waited until the server makes copies: what it copies before need not be asked for.
const COPIES: Duration = Duration::from_secs(2);

/// How long after it was sent something may come into the archive.
const LATE: TimeDelta = TimeDelta::minutes(10);

impl ChatActor {
    /// A session begins: what was missed is fetched, and what comes live waits until it is here.
    pub(super) fn begin_catching_up(
        &self,
        session: SessionNumber,
        has_copies: bool,
        wants_copies: bool,
    ) {
        let aside = Self::aside(&self.api, &self.registry);
        let api = self.api.clone();
        let copies = async move {
            match wants_copies {
                true => copies::enable(api).await,
                false => has_copies,
            }
        };
        if !has_archives(&self.api) {
            self.registry.catch_up(session);
            tasks::spawn(&self.api, async move {
                copies.await;
            });
            return;
        }
        let number = self.registry.archive.lock().begin(session);
        tasks::spawn(&self.api, async move {
            let mut copies = tokio::spawn(copies);
            let has_copies = timeout(COPIES, &mut copies).await;
            aside.registry.archive.lock().hears_all = matches!(has_copies, Ok(Ok(true)));
            aside.run_catching_up(number, session).await;
        });
    }

    /// What the archive could not be asked is asked now, if there is anything.
    pub(super) fn catch_up_again(&self) {
        if !self.api.session().is_online() {
            // The session that goes on then does it.
            return;
        }
        let begun = self.registry.archive.lock().begin_if_due();
        if let Some((number, session)) = begun {
            let aside = Self::aside(&self.api, &self.registry);
            tasks::spawn(&self.api, async move {
                aside.run_catching_up(number, session).await;
            });
        }
    }

    async fn run_catching_up(&self, number: u64, session: SessionNumber) {
        let Some((outcome, fetched)) = self.catch_up(number).await else {
            return;
        };
        let is_lost = outcome.is_lost();
        let is_told = self
            .end_catching_up(number, session, outcome, fetched)
            .await;
        if !is_told {
            self.ask_again(is_lost);
        }
    }

    /// The archive did not tell everything: it is asked again after some time, or when there is a connection.
    fn ask_again(&self, is_lost: bool) {
        if is_lost {
            return self.catch_up_again();
        }
        let delay = self.registry.archive.lock().followed.retry_delay();
        let aside = Self::aside(&self.api, &self.registry);
        tasks::spawn(&self.api, async move {
            sleep(delay).await;
            aside.catch_up_again();
        });
    }

    /// The cursor is far behind what came live: it is brought up, so that the next session need not fetch all that again.
    fn follow_up(&self) {
        let number = {
            let mut archive = self.registry.archive.lock();
            if !archive.followed.is_far_behind() {
                return;
            }
            archive.followed.begin()
        };
        let aside = Self::aside(&self.api, &self.registry);
        tasks::spawn(&self.api, async move {
            let Some((outcome, _)) = aside.catch_up(number).await else {
                return;
            };
            let is_whole = matches!(outcome, Outcome::Whole | Outcome::Gap);
            {
                let mut archive = aside.registry.archive.lock();
                if !archive.followed.is_running(number) {
                    return;
                }
                archive.finish(is_whole, is_whole);
            }
            aside.await_own();
            if !is_whole {
                aside.ask_again(outcome.is_lost());
            }
        });
    }

    /// What was sent a moment ago and did not show up may come into the archive behind what it has told: the cursor waits for it.
    fn await_own(&self) {
        let now = self.api.environment().clock.now();
        let is_awaited = |message: &Message| {
            let has_left = matches!(
                message.delivery,
                Some(Delivery::Sent | Delivery::Acknowledged)
            );
            has_left && message.stanza_id.is_none() && now - message.time < LATE
        };
        let chats = self.registry.all(Kind::Chat);
        let is_awaited = chats.iter().any(|chat| {
            let open = chat.any();
            let newest = open.history.iter().rev();
            let mut newest = newest.take_while(|message| now - message.time < LATE);
            newest.any(is_awaited)
        });
        if is_awaited {
            self.registry.archive.lock().followed.hear(None);
        }
    }

    /// Since when there is something that was sent from here and of which nobody has shown that it has arrived.
    fn unconfirmed_since(&self) -> Option<DateTime<Utc>> {
        let chats = self.registry.all(Kind::Chat).into_iter();
        let oldest = chats.filter_map(|chat| chat.any().history.unconfirmed_since());
        oldest.min()
    }

    /// How it has ended, and how many messages came; `None` if it was begun anew meanwhile.
    async fn catch_up(&self, number: u64) -> Option<(Outcome, usize)> {
        let state = self.registry.archive.lock().followed.state().clone();
        let is_first = state.cursor().is_none() && !state.was_empty();
        let mut run = CatchUp::new(None, state)
            .limits(Limits::of(&self.api))
            .reaching(self.unconfirmed_since());
        let mut settling = Settling::new(run.state());
        let reach = run.state().cursor().map(|cursor| cursor.place);
        let mut pages = Run {
            is_news: !is_first,
            reach: Reach::Since(reach),
            ..Run::default()
        };
        loop {
            self.registry.archive.lock().begin_round();
            while let Some(request) = run.request() {
                let answer = patiently(fetch(&self.api, request), self.let_through(number)).await;
                let _taking = self.registry.archive.taking.lock().await;
                if !self.registry.archive.lock().followed.is_running(number) {
                    return None;
                }
                let before = run.fetched();
                let now = self.api.environment().clock.now();
                let placed = run.take(answer, now, self.registry.archived_places());
                settling.told(&placed);
                self.registry.archive.lock().cover(&placed);
                self.take_page(placed, &mut pages).await;
                if let Some(time) = pages.sent {
                    settling.sent(time);
                }
                let mut state = run.state().clone();
                settling.settle(&mut state);
                self.keep_archive(state);
                if run.fetched() > before {
                    self.api.publish(CatchingUp::new(None, run.fetched()));
                }
            }
            let mut archive = self.registry.archive.lock();
            // What did not wait and is not among this stands behind it.
            if archive.is_overtaken() && run.ask_on() {
                continue;
            }
            let behind = settling.behind(archive.followed.state());
            archive.unsettled = behind.map(str::to_owned).collect();
            let fetched = run.fetched();
            return Some((run.into_outcome(), fetched));
        }
    }

    /// The archive is here, or as much of it as can be had: now it is the turn of what came live. Whether the archive has told
    /// all that it tells.
    async fn end_catching_up(
        &self,
        number: u64,
        session: SessionNumber,
        outcome: Outcome,
        fetched: usize,
    ) -> bool {
        let _taking = self.registry.archive.taking.lock().await;
        if !self.registry.archive.lock().followed.is_running(number) {
            return true;
        }
        let missed = outcome.missed();
        if let Outcome::Failed(error) = &outcome {
            match missed {
                Missed::Unavailable => tracing::debug!("the server has no archive"),
                _ => tracing::warn!(%error, "what was missed is not known"),
            }
        }
        let is_whole = matches!(missed, Missed::Whole | Missed::Gap);
        let is_told = outcome.is_told();
        self.registry.archive.lock().finish(is_whole, is_told);
        self.await_own();
        self.release().await;
        if outcome.is_lost() {
            return false;
        }
        // What was sent and is not among this has not arrived. An archive that was not read to its end has told nothing: then what
        // may have arrived waits for another time.
        if is_told {
            self.registry.catch_up(session);
            if let Some(outbox) = self.api.provided::<Outbox>() {
                outbox.wake_all();
            }
        }
        self.api.publish(CaughtUp::new(None, fetched, missed));
        is_told
    }

    /// Does with a message what it says; whether it is new.
    pub(super) async fn take_said(&self, letter: &Letter, mut said: Said) -> bool {
        if self.registry.keeps_messages() {
            // Boxed, because it is large and rarely needed.
            Box::pin(self.look_up(letter, &mut said)).await;
        }
        self.take(letter, said)
    }

    /// Whether the archive may have a message that came live without an id of which it is certain that the archive gave it: what this
    /// account sends, and what has an id while it is not known whether the server vouches for those.
    pub(super) fn may_be_archived(&self, letter: &Letter, sender: SentBy) -> bool {
        let envelope = &letter.envelope;
        let has_id = || filed::has_id(envelope.stanza.root(), &envelope.own);
        sender == SentBy::Me || (!self.registry.has_stanza_ids() && has_id())
    }

    /// A message came live: the cursor follows it, if the account's server has given it an id.
    pub(super) fn note_live(
        &self,
        history: &History,
        id: Option<(&str, bool)>,
        may_be_archived: bool,
    ) {
        let mut archive = self.registry.archive.lock();
        match id {
            Some((id, is_new)) => {
                if let Some(place) = history.archived_place(id) {
                    if is_new {
                        archive.overtake(id);
                    }
                    archive.followed.hear(Some((id, place)));
                }
            }
            None if may_be_archived => {
                archive.overtake_unknown();
                archive.followed.hear(None);
            }
            // What others send without an id is in no archive.
            None => {}
        }
    }

    /// The store gets what is known of the archive, after the messages that this is about.
    pub(super) fn keep_cursor(&self) {
        self.keep_changed();
        self.follow_up();
    }

    fn keep_archive(&self, mut state: ArchiveState) {
        state.refresh(self.registry.archived_places());
        self.registry.archive.lock().followed.set(state);
        self.keep_changed();
    }

    fn keep_changed(&self) {
        let mut archive = self.registry.archive.lock();
        let changed = archive.followed.take_changed().cloned();
        drop(archive);
        if let Some(state) = changed {
            keeping::keep_archive(&self.registry, &ArchiveState::key(None), &state);
        }
    }
}
