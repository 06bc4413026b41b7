//! The actor: learns what people say about themselves, and fetches what is wanted of it.

mod fetching;
mod jobs;
mod learning;
mod own;
mod pictures;

use std::collections::HashMap;
use std::sync::Arc;

use converse_core::Error;
use converse_core::api::{Api, StoreCleared};
use converse_core::bus::{Handled, Hears};
use converse_core::pubsub::PepEvent;
use converse_core::router::{HearsStanzas, Stanza, StanzaKind};
use converse_core::session::event::{Disconnected, SessionStarted};
use converse_core::store::AccountStore;
use jid::BareJid;
use tokio::sync::{Semaphore, oneshot};

use crate::api::Shared;
use crate::cache::ProfileCache;
use crate::message::{Found, What};
use crate::model::{Others, Photo, Queue};
use crate::{ns, wire};

pub(crate) use jobs::Outcome;
pub(crate) use own::Own;

/// How many fetches are on their way at once.
const MAX_FETCHES: usize = 4;

/// Who waits for something.
type Waiter = oneshot::Sender<Result<Found, Error>>;

pub(crate) struct ProfileActor {
    api: Api,
    shared: Shared,
    /// What was kept for the account.
    cache: Option<ProfileCache>,
    /// Counts the sessions, so that an answer of an old one is not taken for the new one's.
    session: u64,
    /// What other clients of the account say.
    others: Others,
    /// What is being fetched, and who waits for it.
    waiting: HashMap<(BareJid, What), Vec<Waiter>>,
    /// The pictures of occupants of rooms that are being fetched.
    pictures: pictures::WaitingForPictures,
    permits: Arc<Semaphore>,
    /// What is fetched without being asked for, and whether somebody is going to remind of it.
    queue: Queue,
    reminded: bool,
}

impl ProfileActor {
    pub(crate) fn new(api: Api, shared: Shared) -> Self {
        Self {
            api,
            shared,
            cache: None,
            session: 0,
            others: Others::default(),
            waiting: HashMap::new(),
            pictures: HashMap::new(),
            permits: Arc::new(Semaphore::new(MAX_FETCHES)),
            queue: Queue::default(),
            reminded: false,
        }
    }
}

// 1 lifecycle

impl Hears<SessionStarted> for ProfileActor {
    async fn hear(&mut self, event: Arc<SessionStarted>) -> Handled {
        if !event.begins_empty() {
            return Ok(());
        }
        self.session += 1;
        let account = event.jid.to_bare();
        self.shared.table.open(&account);
        self.shared.photo.set(Photo::Unknown);
        self.others.forget();
        self.queue.clear();
        self.ask_about_own(account.clone());
        let store = AccountStore::new(Arc::clone(self.api.store()), account);
        self.cache = Some(ProfileCache::new(store));
        Ok(())
    }
}

impl Hears<Disconnected> for ProfileActor {
    async fn hear(&mut self, _: Arc<Disconnected>) -> Handled {
        self.shared.own.offline();
        self.queue.clear();
        Ok(())
    }
}

impl Hears<StoreCleared> for ProfileActor {
    /// The user has logged out, and nothing of the account is to be seen any more.
    async fn hear(&mut self, _: Arc<StoreCleared>) -> Handled {
        self.shared.table.clear();
        self.shared.photo.set(Photo::Unknown);
        self.others.forget();
        self.cache = None;
        Ok(())
    }
}

// 2 what the server says

impl HearsStanzas for ProfileActor {
    async fn hear_stanza(&mut self, stanza: Stanza) -> Handled {
        let Some(own) = self.api.session().bare_jid() else {
            return Ok(());
        };
        if stanza.kind() == StanzaKind::Presence {
            self.hear_presence(&stanza, &own).await;
        } else if let Some(event) = PepEvent::read(&stanza, &own) {
            self.hear_event(event).await;
        }
        Ok(())
    }
}

impl ProfileActor {
    async fn hear_presence(&mut self, presence: &Stanza, own: &BareJid) {
        let Some(from) = presence.from() else {
            return;
        };
        if wire::is_from_room(presence.root()) {
            return;
        }
        let jid = from.to_bare();
        let Some(photo) = wire::photo(presence.root()) else {
            tracing::warn!(%jid, "a presence with a malformed hash of an avatar; it is ignored");
            return;
        };
        if jid == *own {
            if self.api.session().jid().as_ref() != Some(from) {
                self.another_client_says(&photo);
            }
            return;
        }
        let photo = match photo {
            Photo::Unknown => return,
            Photo::None => None,
            Photo::Hash(hash) => Some(hash),
        };
        self.announced(&jid, |it| it.photo = Some(photo)).await;
    }

    async fn hear_event(&mut self, event: PepEvent) {
        let PepEvent { from, items, .. } = event;
        match (event.node.as_str(), items.last()) {
            (ns::AVATAR_METADATA, item) => {
                let metadata = item.map_or(Ok(None), wire::metadata_of);
                let metadata = metadata.unwrap_or_else(|reason| {
                    tracing::warn!(jid = %from, reason, "an avatar is refused");
                    None
                });
                self.announced(&from, |it| it.take_metadata(metadata)).await;
            }
            (ns::NICK, item) => {
                let nick = item.and_then(wire::nick_of);
                self.learn(&from, |it| it.nick = Some(nick)).await;
            }
            _ => {}
        }
    }
}
