//! Fetching what is wanted: each thing once at a time, a few at once, and slowly what nobody asked for.

use std::sync::Arc;
use std::time::Duration;

use converse_core::bus::Answers;
use converse_core::router::StanzaError;
use converse_core::{Error, ErrorKind};
use jid::BareJid;
use tokio::sync::oneshot;
use tokio::time::Instant;

use super::jobs::{Job, Outcome, Picture};
use super::{ProfileActor, Waiter};
use crate::message::{Awaited, Fetch, FetchNext, Fetched, Found, What};
use crate::model::{Known, Next, PACE};

/// After how long it is looked again whether somebody may be fetched; an instance that ends meanwhile is not kept for longer.
const LONGEST_WAIT: Duration = Duration::from_secs(5);
/// How long the actor may take until it hears of the end of a fetch.
const PATIENCE: Duration = Duration::from_secs(3600);

impl Answers<Fetch> for ProfileActor {
    async fn answer(&mut self, request: Fetch) -> Awaited {
        let Fetch { jid, what, anew } = request;
        let (tell, told) = oneshot::channel();
        let known = self.recall(&jid).await;
        let is_own = self.api.session().bare_jid().as_ref() == Some(&jid);
        let found = match what {
            _ if anew => None,
            // Nothing of the own one may be lost, and its picture is not kept with it.
            What::Card if is_own => None,
            What::Card => {
                let now = self.api.environment().clock.now();
                known.fresh_card(now).map(|it| Found::Card(Arc::clone(it)))
            }
            What::Avatar => {
                let certain = known.certain_avatar();
                certain.map(|it| Found::Avatar(it.cloned()))
            }
            What::Nick => known.nick.clone().map(Found::Nick),
        };
        match found {
            // Who asked may have stopped waiting.
            Some(found) => drop(tell.send(Ok(found))),
            None => self.start(jid, what, &known, Some(tell)),
        }
        told
    }
}

impl Answers<Fetched> for ProfileActor {
    async fn answer(&mut self, fetched: Fetched) {
        let Fetched { jid, what, outcome } = fetched;
        let found = match outcome {
            Ok(outcome) => Ok(self.take(&jid, outcome).await),
            Err(error) => {
                tracing::debug!(%jid, ?what, %error, "it could not be fetched");
                Err(error)
            }
        };
        for tell in self.waiting.remove(&(jid, what)).unwrap_or_default() {
            let found = found.as_ref().map(Clone::clone).map_err(again);
            let _ = tell.send(found);
        }
    }
}

impl Answers<FetchNext> for ProfileActor {
    async fn answer(&mut self, _: FetchNext) {
        self.reminded = false;
        self.fetch_next();
    }
}

impl ProfileActor {
    /// Fetches the next avatar that nobody asked for, unless one was fetched just now.
    pub(super) fn fetch_next(&mut self) {
        if self.reminded || !self.api.session().is_online() {
            return;
        }
        match self.queue.next(Instant::now()) {
            Next::Fetch(jid) => {
                let known = self.shared.table.get(&jid).unwrap_or_default();
                if known.wants_avatar() {
                    self.start(jid, What::Avatar, &known, None);
                }
                self.remind_in(PACE);
            }
            Next::Wait(time) => self.remind_in(time.min(LONGEST_WAIT)),
            Next::Nothing => {}
        }
    }

    fn remind_in(&mut self, time: Duration) {
        self.reminded = true;
        let bus = self.api.bus().clone();
        tokio::spawn(async move {
            tokio::time::sleep(time).await;
            // When the bus has stopped there is nobody to remind.
            let _ = bus.call(FetchNext).await;
        });
    }

    /// Begins to fetch something, or waits with those who wait for it already.
    fn start(&mut self, jid: BareJid, what: What, known: &Known, tell: Option<Waiter>) {
        let key = (jid, what);
        if let Some(waiting) = self.waiting.get_mut(&key) {
            waiting.extend(tell);
            return;
        }
        let job = Job {
            api: self.api.clone(),
            jid: key.0.clone(),
            announced: known.announced.clone(),
        };
        self.waiting.insert(key, tell.into_iter().collect());
        let permits = Arc::clone(&self.permits);
        tokio::spawn(async move {
            let permit = permits.acquire_owned().await;
            let outcome = job.run(what).await;
            drop(permit);
            let Job { api, jid, .. } = job;
            let fetched = Fetched { jid, what, outcome };
            // When the bus has stopped nobody waits any more.
            let _ = api.bus().call_within(fetched, PATIENCE).await;
        });
    }

    /// Learns from what was fetched.
    async fn take(&mut self, jid: &BareJid, outcome: Outcome) -> Found {
        let now = self.api.environment().clock.now();
        match outcome {
            Outcome::Card(card) => {
                self.learn(jid, |it| it.take_card(&card, now)).await;
                Found::Card(Arc::new(card))
            }
            Outcome::Nick(nick) => {
                let told = nick.clone();
                self.learn(jid, |it| it.nick = Some(told)).await;
                Found::Nick(nick)
            }
            Outcome::Avatar {
                picture,
                card,
                metadata,
            } => {
                let known = self
                    .learn(jid, |it| {
                        if let Some(card) = &card {
                            it.take_card(card, now);
                        }
                        if it.announced.metadata.is_none() {
                            it.announced.metadata = metadata;
                        }
                        it.take_picture(picture);
                    })
                    .await;
                Found::Avatar(known.avatar)
            }
        }
    }
}

impl Known {
    fn take_picture(&mut self, picture: Picture) {
        match picture {
            Picture::Is(avatar) => {
                if self.announced.hash().is_none() {
                    self.announced.photo = Some(Some(avatar.hash.clone()));
                }
                self.refused = None;
                self.avatar = Some(avatar);
            }
            Picture::None => {
                if self.announced.hash().is_none() {
                    self.announced.photo = Some(None);
                }
                self.avatar = None;
            }
            Picture::Refused(hash) => {
                self.refused = Some(hash);
                self.avatar = None;
            }
        }
    }
}

/// The same error once more, for one more who waits.
pub(super) fn again(error: &Error) -> Error {
    let copy = Error::new(error.kind(), error.to_string());
    match error.cause::<StanzaError>() {
        Some(cause) if error.kind() == ErrorKind::Stanza => copy.with_source(cause.clone()),
        _ => copy,
    }
}
