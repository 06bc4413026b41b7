//! The actor: keeps the contacts as the server and their presence say.

mod fetching;

use std::sync::Arc;

use converse_core::api::Api;
use converse_core::bus::{Answers, Handled, Hears, Spawned};
use converse_core::contract::StatusInitialized;
use converse_core::router::{Answer, AnswersRequests, Condition, HearsStanzas, Stanza};
use converse_core::session::event::{Disconnected, SessionStarted};
use converse_core::store::AccountStore;
use converse_core::{Error, ns};
use jid::{BareJid, Jid};

use crate::cache::RosterCache;
use crate::message::{
    ContactOffline, ContactOnline, ContactRemoved, ContactRequest, ContactStatusChanged,
    ContactStatusMessageChanged, EndRequest, RosterPush,
};
use crate::model::{Book, Change, RosterItem};
use crate::settings::{ALLOW_CONTACT_REQUESTS, AUTO_SUBSCRIBE};
use crate::wire;

/// The plugin that says when the status is known.
const STATUS: &str = "converse-status";

pub(crate) struct RosterActor {
    api: Api,
    me: Spawned<Self>,
    book: Arc<Book>,
    /// The kept roster, while the server keeps versions.
    cache: Option<RosterCache>,
    /// Counts the sessions, so that an answer of an old one is not taken for the new one's.
    session: u64,
    /// A session that has begun, and whose roster has not been asked for yet.
    begun: Option<Begun>,
    /// Counts the presences.
    presences: u64,
}

struct Begun {
    reconnected: bool,
    /// The server keeps versions of rosters (RFC 6121 §2.6.1).
    versions: bool,
}

impl RosterActor {
    pub(crate) fn new(api: Api, me: Spawned<Self>, book: Arc<Book>) -> Self {
        Self {
            api,
            me,
            book,
            cache: None,
            session: 0,
            begun: None,
            presences: 0,
        }
    }
}

// 1 lifecycle

impl Hears<SessionStarted> for RosterActor {
    async fn hear(&mut self, event: Arc<SessionStarted>) -> Handled {
        if event.resumed {
            return Ok(());
        }
        self.session += 1;
        let account = event.jid.to_bare();
        self.book.open(account.clone());
        let store = AccountStore::new(Arc::clone(self.api.store()), account);
        self.cache = Some(RosterCache::new(store));
        self.forget_presence();
        self.begun = Some(Begun {
            reconnected: event.reconnected,
            versions: event.stream_features.iter().any(|ns| ns == ns::ROSTERVER),
        });
        if !self.api.has_plugin(STATUS) {
            self.fetch().await;
        }
        Ok(())
    }
}

impl Hears<StatusInitialized> for RosterActor {
    async fn hear(&mut self, _: Arc<StatusInitialized>) -> Handled {
        self.fetch().await;
        Ok(())
    }
}

impl Hears<Disconnected> for RosterActor {
    async fn hear(&mut self, _: Arc<Disconnected>) -> Handled {
        self.begun = None;
        self.forget_presence();
        Ok(())
    }
}

// 2 what the server says

impl AnswersRequests for RosterActor {
    /// A roster push (RFC 6121 §2.1.6); that it comes from the own account is certain.
    async fn answer_request(&mut self, request: Stanza) -> Answer {
        let query = request.child("query", ns::ROSTER);
        let items = query.map(wire::items).unwrap_or_default();
        if items.is_empty() {
            return Err(Condition::BadRequest.into());
        }
        if let Some(version) = query.and_then(|query| query.attr("ver")) {
            self.book.set_version(version.clone().into_owned());
            if let Some(cache) = &self.cache {
                fetching::warn_of(cache.update(&version, &items).await);
            }
        }
        for item in &items {
            self.take_push(item.clone());
        }
        self.api.publish(RosterPush { items });
        Ok(None)
    }
}

impl HearsStanzas for RosterActor {
    async fn hear_stanza(&mut self, stanza: Stanza) -> Handled {
        let Some(from) = stanza.from() else {
            return Ok(());
        };
        let jid = from.to_bare();
        if self.is_own(&jid) || wire::is_from_room(stanza.root()) {
            return Ok(());
        }
        match stanza.type_().as_deref() {
            None => self.arrive(from, &stanza),
            Some("unavailable") => self.leave(from, &stanza),
            Some("subscribe") => self.asked(&jid, &stanza).await?,
            Some("unsubscribe") => self.book.end_request(&jid),
            // The roster push before it says what changed; presence ends with the subscription (RFC 6121 §3.2.3).
            Some("unsubscribed") => self.lose_sight_of(&jid),
            _ => {}
        }
        Ok(())
    }
}

// 3 requests answered

impl Answers<EndRequest> for RosterActor {
    async fn answer(&mut self, request: EndRequest) {
        self.book.end_request(&request.jid);
    }
}

// 4 private

impl RosterActor {
    fn is_own(&self, jid: &BareJid) -> bool {
        self.api.session().bare_jid().as_ref() == Some(jid)
    }

    fn take_push(&mut self, item: RosterItem) {
        if self.is_own(&item.jid) {
            return;
        }
        if !item.removed {
            self.book.put(item);
        } else if let Some(before) = self.book.get(&item.jid)
            && let Some(after) = self.book.remove(&item.jid)
        {
            self.announce(Change {
                before: Some(before),
                after: after.clone(),
            });
            self.api.publish(ContactRemoved::new(after));
        }
    }

    fn arrive(&mut self, from: &Jid, stanza: &Stanza) {
        self.presences += 1;
        let now = self.api.environment().clock.now();
        let jid = from.to_bare();
        if !self.book.is_contact(&jid) {
            return;
        }
        let resource = wire::resource(stanza.root(), now, self.presences);
        let name = from.resource().map_or("", |name| name.as_str());
        let change = self
            .book
            .change(&jid, |contact| contact.arrive(name, resource));
        change.into_iter().for_each(|change| self.announce(change));
    }

    fn leave(&mut self, from: &Jid, stanza: &Stanza) {
        let name = from.resource().map(|name| name.as_str());
        let status = wire::status(stanza.root());
        let change = self
            .book
            .change(&from.to_bare(), |contact| contact.leave(name, status));
        change.into_iter().for_each(|change| self.announce(change));
    }

    fn lose_sight_of(&mut self, jid: &BareJid) {
        let change = self.book.change(jid, |contact| {
            contact.ask = None;
            contact.leave(None, None);
        });
        change.into_iter().for_each(|change| self.announce(change));
    }

    /// Nobody's presence is known any more.
    fn forget_presence(&mut self) {
        for jid in self.book.present() {
            let change = self.book.change(&jid, |contact| contact.leave(None, None));
            change.into_iter().for_each(|change| self.announce(change));
        }
    }

    /// Somebody asks to see the user's presence (RFC 6121 §3.1.3).
    async fn asked(&mut self, jid: &BareJid, stanza: &Stanza) -> Result<(), Error> {
        let settings = self.api.settings();
        if !settings.read(&ALLOW_CONTACT_REQUESTS)? {
            return Ok(());
        }
        let known = self.book.get(jid);
        let seen = known
            .as_ref()
            .is_some_and(|contact| contact.subscription.is_seen());
        // RFC 6121 §3.1.3: who sees the user already is told so again.
        if seen || settings.read(&AUTO_SUBSCRIBE)? {
            self.api
                .send_untracked(wire::subscription("subscribed", jid))
                .await?;
            let wanted = known.is_none_or(|contact| {
                !contact.subscription.sees_contact() && contact.ask.is_none()
            });
            if !seen && wanted {
                self.api
                    .send_untracked(wire::subscription("subscribe", jid))
                    .await?;
            }
            return Ok(());
        }
        if let Some(contact) = self.book.request(jid, wire::nick(stanza.root())) {
            let message = wire::status(stanza.root());
            self.api.publish(ContactRequest::new(contact, message));
        }
        Ok(())
    }

    /// Says what a change of presence means.
    fn announce(&self, change: Change) {
        let Change { before, after } = change;
        let was = before.as_ref().map(|contact| contact.chat_status);
        let was = was.unwrap_or_default();
        if was != after.chat_status {
            self.api.publish(ContactStatusChanged::new(after.clone()));
        }
        match (was.is_available(), after.is_online()) {
            (false, true) => self.api.publish(ContactOnline::new(after.clone())),
            (true, false) => self.api.publish(ContactOffline::new(after.clone())),
            _ => {}
        }
        if before.and_then(|contact| contact.status.clone()) != after.status {
            self.api.publish(ContactStatusMessageChanged::new(after));
        }
    }
}
