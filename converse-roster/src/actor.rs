//! The actor: keeps the contacts as the server and their presence say.

mod fetching;
mod presence;
mod requests;

use std::sync::Arc;

use converse_core::BoxError;
use converse_core::api::{Api, StoreCleared};
use converse_core::bus::{Answers, Handled, Hears, Spawned, Transforms};
use converse_core::contract::{ProfileChanged, StatusInitialized};
use converse_core::ns;
use converse_core::router::{Answer, AnswersRequests, Condition, HearsStanzas, Stanza};
use converse_core::session::Checkpoint;
use converse_core::session::event::{Disconnected, SessionStarted};
use converse_core::store::AccountStore;
use jid::{BareJid, Jid};

use crate::cache::RosterCache;
use crate::message::{ContactProfileChanged, ContactRemoved, EndRequest, RosterPush};
use crate::model::{Book, Pictures, RosterItem};
use crate::wire;

/// The plugin that says when the status is known.
const STATUS: &str = "converse-status";
/// The server takes approvals of requests that have not been made (RFC 6121 §3.4).
const PRE_APPROVAL: &str = "urn:xmpp:features:pre-approval";

pub(crate) struct RosterActor {
    api: Api,
    me: Spawned<Self>,
    book: Arc<Book>,
    /// Whose contacts these are.
    account: Option<BareJid>,
    /// The kept roster, while the server keeps versions.
    cache: Option<RosterCache>,
    /// Counts the sessions, so that an answer of an old one is not taken for the new one's.
    session: u64,
    /// A session that has begun, and whose roster has not been asked for yet.
    begun: Option<Begun>,
    /// Counts the presences.
    presences: u64,
    pictures: Pictures,
}

struct Begun {
    reconnected: bool,
    /// An earlier process had the roster, and has heard of every change to it (XEP-0198).
    resumed: bool,
    /// The server keeps versions of rosters (RFC 6121 §2.6.1).
    versions: bool,
}

impl RosterActor {
    pub(crate) fn new(api: Api, me: Spawned<Self>, book: Arc<Book>) -> Self {
        Self {
            api,
            me,
            book,
            account: None,
            cache: None,
            session: 0,
            begun: None,
            presences: 0,
            pictures: Pictures::default(),
        }
    }
}

// 1 lifecycle

impl Hears<SessionStarted> for RosterActor {
    async fn hear(&mut self, event: Arc<SessionStarted>) -> Handled {
        let account = event.jid.to_bare();
        self.account = Some(account.clone());
        if !event.begins_empty() {
            return Ok(());
        }
        self.session += 1;
        let offers = |feature| event.stream_features.iter().any(|ns| ns == feature);
        self.book.open(&account, offers(PRE_APPROVAL));
        let store = AccountStore::new(Arc::clone(self.api.store()), account);
        self.cache = Some(RosterCache::new(store));
        self.forget_presence();
        self.begun = Some(Begun {
            reconnected: event.reconnected,
            resumed: event.resumed,
            versions: offers(ns::ROSTERVER),
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

impl Hears<StoreCleared> for RosterActor {
    /// The user has logged out, and nothing of the account is to be seen any more.
    async fn hear(&mut self, _: Arc<StoreCleared>) -> Handled {
        self.book.clear();
        self.pictures = Pictures::default();
        self.cache = None;
        self.account = None;
        Ok(())
    }
}

impl Hears<ProfileChanged> for RosterActor {
    async fn hear(&mut self, event: Arc<ProfileChanged>) -> Handled {
        let profile = Arc::clone(&event.profile);
        if let Some(contact) = self.book.introduce(event.jid.as_str(), profile) {
            let bytes = contact.image().map_or(0, str::len);
            for jid in self.pictures.keep(&event.jid, bytes) {
                self.book.forget_picture(jid.as_str());
            }
            self.api.publish(ContactProfileChanged::new(contact));
        }
        Ok(())
    }
}

// 2 what the server says

impl AnswersRequests for RosterActor {
    /// A roster push (RFC 6121 §2.1.6); that it comes from the own account is certain.
    async fn answer_request(&mut self, request: Stanza) -> Answer {
        let query = request.child("query", ns::ROSTER);
        let items: Vec<_> = query.into_iter().flat_map(wire::items).collect();
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
        if self.is_own(bare(from)) {
            return Ok(());
        }
        match stanza.type_().as_deref() {
            None => self.arrive(from, &stanza),
            Some("unavailable") => self.leave(from, &stanza),
            Some("subscribe") => self.asked(&from.to_bare(), &stanza).await?,
            Some("subscribed") => self.agreed(bare(from)),
            Some("unsubscribe") => self.withdrawn(&from.to_bare()),
            Some("unsubscribed") => self.refused(bare(from)),
            Some("error") => self.failed(from, &stanza),
            _ => {}
        }
        Ok(())
    }
}

impl Transforms<Checkpoint> for RosterActor {
    /// Pushes are kept as they are handled.
    async fn transform(&mut self, checkpoint: Checkpoint) -> Result<Checkpoint, BoxError> {
        Ok(checkpoint)
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
    /// Whether a bare address is the user's own.
    fn is_own(&self, jid: &str) -> bool {
        self.account.as_ref().is_some_and(|own| own.as_str() == jid)
    }

    fn take_push(&mut self, item: RosterItem) {
        if self.is_own(item.jid.as_str()) {
            return;
        }
        if !item.removed {
            self.book.put(item);
        } else if let Some(change) = self.book.remove(&item.jid) {
            let contact = change.contact.clone();
            self.announce(change);
            self.api.publish(ContactRemoved::new(contact));
        }
    }
}

/// The bare address in `jid`.
fn bare(jid: &Jid) -> &str {
    let text = jid.as_str();
    let resource = jid.resource().map_or(0, |name| name.as_str().len() + 1);
    &text[..text.len() - resource]
}
