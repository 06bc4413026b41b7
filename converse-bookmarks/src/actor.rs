//! The actor: keeps the bookmarks as the server has them, and has rooms entered and left as they say.

mod outcome;
mod rooms;
mod support;

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use converse_core::api::{Api, HearsAnswers, StoreCleared};
use converse_core::bus::{Answers, Handled, Hears, Spawned};
use converse_core::pubsub::PepEvent;
use converse_core::router::{Condition, HearsStanzas, Stanza, StanzaError};
use converse_core::session::IqResult;
use converse_core::session::event::{Disconnected, SessionStarted};
use converse_core::{Error, ErrorKind};
use jid::BareJid;

use crate::message::{BookmarksInitialized, Changed, OfferKnown};
use crate::model::{News, Offer, Place, Table};
use crate::{ns, wire};

pub(crate) use support::Support;

pub(crate) struct BookmarksActor {
    api: Api,
    me: Spawned<Self>,
    table: Arc<Table>,
    support: Support,
    /// The setting `allow_bookmarks`.
    allowed: bool,
    /// Counts the sessions, so that an answer of an old one is not taken for the new one's.
    session: u64,
    offer: Offer,
    /// The places that have not answered in this session.
    awaited: Vec<Place>,
    /// The places that are asked again, and whether they have told of more since.
    asked_again: HashMap<Place, bool>,
    /// Every place has given what it has.
    complete: bool,
    /// The session is the first one since the login.
    is_login: bool,
    /// The rooms that were to be entered and could not be.
    owed: HashSet<BareJid>,
}

/// A place was asked for what it has.
pub(crate) struct Fetched {
    session: u64,
    place: Place,
}

impl BookmarksActor {
    pub(crate) fn new(
        api: Api,
        me: Spawned<Self>,
        table: Arc<Table>,
        support: Support,
        allowed: bool,
    ) -> Self {
        Self {
            api,
            me,
            table,
            support,
            allowed,
            session: 0,
            offer: Offer::default(),
            awaited: Vec::new(),
            asked_again: HashMap::new(),
            complete: false,
            is_login: true,
            owed: HashSet::new(),
        }
    }
}

// 1 lifecycle

impl Hears<SessionStarted> for BookmarksActor {
    async fn hear(&mut self, event: Arc<SessionStarted>) -> Handled {
        if !event.begins_empty() {
            return Ok(());
        }
        self.session += 1;
        self.is_login = !event.reconnected;
        self.asked_again.clear();
        self.table.open(&event.jid.to_bare());
        if !self.allowed {
            self.support.not_allowed();
            self.api
                .publish(BookmarksInitialized::new(Vec::new(), false));
            return Ok(());
        }
        self.support.asking();
        let (api, session) = (self.api.clone(), self.session);
        tokio::spawn(async move {
            let offer = support::ask(&api).await;
            // When the bus has stopped nobody wants to know any more.
            let _ = api.bus().call(OfferKnown { session, offer }).await;
        });
        Ok(())
    }
}

impl Hears<Disconnected> for BookmarksActor {
    async fn hear(&mut self, _: Arc<Disconnected>) -> Handled {
        self.support.offline();
        Ok(())
    }
}

impl Hears<StoreCleared> for BookmarksActor {
    /// The user has logged out, and nothing of the account is to be seen any more.
    async fn hear(&mut self, _: Arc<StoreCleared>) -> Handled {
        self.table.clear();
        Ok(())
    }
}

// 2 answers heard

impl HearsAnswers<Fetched> for BookmarksActor {
    async fn hear_answer(&mut self, key: Fetched, answer: IqResult) -> Handled {
        if key.session != self.session {
            return Ok(());
        }
        let place = key.place;
        let kept = match answer {
            Ok(answer) => wire::answer(place, answer.root()).ok_or_else(|| {
                Error::new(
                    ErrorKind::InvalidResponse,
                    "the answer has no bookmarks in it",
                )
            }),
            Err(error) if is_missing(&error) => Ok(Default::default()),
            Err(error) if error.kind() == ErrorKind::Disconnected => {
                self.support.offline();
                return Ok(());
            }
            Err(error) => Err(error),
        };
        let kept = kept.inspect_err(|error| {
            tracing::warn!(
                %error, place = place.as_str(),
                "bookmarks could not be fetched; they are those of before, or none"
            );
        });
        if !self.awaited.contains(&place) {
            // It was asked again, because it told of something without saying what.
            if let Ok(kept) = kept {
                let outcome = self.table.heard(place, News::All(kept));
                self.act(place, outcome).await;
            }
            if self.asked_again.remove(&place) == Some(true) {
                self.ask_again(place).await;
            }
            return Ok(());
        }
        self.awaited.retain(|awaited| *awaited != place);
        self.complete &= kept.is_ok();
        self.table.answered(place, kept.ok());
        if self.awaited.is_empty() {
            self.settle().await;
        }
        Ok(())
    }
}

// 3 what the server says

impl HearsStanzas for BookmarksActor {
    /// What the account tells of its nodes (XEP-0402 §4); that it comes from the own account is certain.
    async fn hear_stanza(&mut self, stanza: Stanza) -> Handled {
        let own = self.api.session().bare_jid();
        let Some(event) = own.and_then(|own| PepEvent::read(&stanza, &own)) else {
            return Ok(());
        };
        let place = match event.node.as_str() {
            ns::NATIVE => Place::Native,
            _ => Place::List,
        };
        if !self.offer.has(place) || self.awaited.contains(&place) {
            return Ok(());
        }
        match wire::news(place, &event) {
            Some(news) => {
                let outcome = self.table.heard(place, news);
                self.act(place, outcome).await;
            }
            None => self.ask_again(place).await,
        }
        Ok(())
    }
}

// 4 requests answered

impl Answers<OfferKnown> for BookmarksActor {
    async fn answer(&mut self, known: OfferKnown) {
        if known.session != self.session {
            return;
        }
        let offer = match known.offer {
            Ok(offer) => offer,
            Err(error) => {
                tracing::debug!(%error, "where bookmarks are kept is not known");
                return self.support.offline();
            }
        };
        self.offer = offer;
        if offer.has(Place::List) {
            self.api.features().notify(ns::LIST);
        }
        self.complete = !offer.is_empty();
        self.awaited = offer.places().collect();
        if offer.is_empty() {
            return self.settle().await;
        }
        for place in offer.places() {
            self.fetch(place).await;
        }
    }
}

impl Answers<Changed> for BookmarksActor {
    async fn answer(&mut self, changed: Changed) {
        let outcome = self.table.finish(changed.ticket, changed.written);
        self.act(Place::Private, outcome).await;
    }
}

// 5 private

impl BookmarksActor {
    async fn fetch(&mut self, place: Place) {
        let session = self.session;
        let key = Fetched { session, place };
        let request = wire::request(place);
        if let Err(error) = self.api.iq_in_order(&self.me, key, request).await {
            tracing::debug!(%error, "bookmarks could not be asked for");
            self.support.offline();
        }
    }

    /// Asks a place that has told of something without saying what; once at a time, however often it does so.
    async fn ask_again(&mut self, place: Place) {
        let waits = self.asked_again.insert(place, false).is_some();
        if waits {
            self.asked_again.insert(place, true);
        } else {
            self.fetch(place).await;
        }
    }

    /// Every place has answered: a session of bookmarks begins.
    async fn settle(&mut self) {
        let known_before = self.table.is_known();
        let changes = self.table.settle(self.offer);
        if known_before {
            self.announce(&changes);
        }
        let all = self.table.all();
        if self.offer.is_empty() {
            self.support.refused();
        } else {
            self.support.offered(self.offer);
        }
        let initialized = BookmarksInitialized::new(all.clone(), self.complete);
        self.api.publish(initialized);
        self.begin_session(&all, &changes).await;
    }
}

/// Whether a place is not there yet.
fn is_missing(error: &Error) -> bool {
    let condition = error.cause::<StanzaError>().map(|error| error.condition);
    condition == Some(Condition::ItemNotFound)
}
