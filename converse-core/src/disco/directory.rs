//! What others say about themselves: asked once, remembered for a session.

mod asking;
mod flights;
mod hashes;
mod occupants;

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError, Weak};
use std::time::Duration;

use futures_util::stream::{self, StreamExt as _};
use jid::{BareJid, FullJid, Jid};
use tokio::time::Instant;

use super::announced::{Announced, Announcement, Caps, Found};
use super::caps::Key;
use super::info::Info;
use super::items::Item;
use super::lru::Lru;
use crate::env::Environment;
use crate::error::{Error, ErrorKind};
use crate::router::{Stanza, StanzaKind};
use crate::session::{Session, not_connected};
use crate::settings::Settings;
use crate::store::Store;
use crate::xml::Element;

use flights::Flights;

/// Of how many entities and nodes the answers are remembered.
const MAX_ANSWERS: usize = 1_000;
/// What how many hashes stand for is held in memory.
const MAX_HASHES: usize = 500;
/// For how long an answer counts.
const MAX_AGE: Duration = Duration::from_secs(3_600);
/// How many services of a server are asked what they are.
const MAX_SERVICES: usize = 100;
/// How many of them at once.
const SERVICES_AT_ONCE: usize = 8;

/// What others are and can (XEP-0030), asked when somebody wants to know, and then remembered.
///
/// Answers are remembered for the session, an hour at most; while one is on its way, others who ask the same wait for it.
/// What a resource can is known without a question when a hash in its presence stands for an answer that is known
/// (XEP-0115, XEP-0390): those are kept in the store.
///
/// ```no_run
/// # use converse_core::prelude::*;
/// # async fn run(api: Api) -> Result<(), Error> {
/// api.wait_until("discoInitialized").await?;
/// let server = api.disco().server().await?;
/// println!("carbons: {}", server.has("urn:xmpp:carbons:2"));
/// let rooms = api.disco().services().await?;
/// let rooms = rooms.iter().find(|service| service.info.is("conference", "text"));
/// println!("rooms: {:?}", rooms.map(|rooms| &rooms.jid));
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Disco {
    shared: Arc<Shared>,
}

/// A handle that keeps nothing alive.
#[derive(Clone)]
pub(crate) struct WeakDisco(Weak<Shared>);

/// What is needed to ask and to keep.
pub(crate) struct Outside {
    pub(crate) session: Session,
    pub(crate) settings: Settings,
    pub(crate) env: Environment,
    pub(crate) store: Arc<dyn Store>,
}

struct Shared {
    outside: Outside,
    state: Mutex<State>,
    announced: Mutex<Announced>,
    /// Who knows what occupants of rooms announce.
    occupants: OnceLock<Box<LookForOccupant>>,
}

type LookForOccupant = dyn Fn(&FullJid) -> Option<Caps> + Send + Sync;

struct State {
    /// Counts the sessions, so that an answer of an old one is not taken for the new one's.
    session: u64,
    infos: Lru<Place, (Arc<Info>, Instant)>,
    items: Lru<Place, (Arc<[Item]>, Instant)>,
    /// Whether a resource was asked in this session: what it answered is forgotten when it announces something else.
    asked_resource: bool,
    /// What hashes stand for.
    verified: Lru<Key, Verified>,
    asking_info: Flights<Place, Arc<Info>>,
    asking_items: Flights<Place, Arc<[Item]>>,
    verifying: Flights<Key, Arc<Info>>,
    /// The features of the own server's stream.
    stream: Option<Element>,
}

/// What a hash stands for, and who has said it; nobody if it comes from the store.
struct Verified {
    info: Arc<Info>,
    from: Option<Jid>,
}

/// An address and a node there.
type Place = (Jid, Option<String>);

/// A service of the own server.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Service {
    /// Its address.
    pub jid: Jid,
    /// What it is and can.
    pub info: Arc<Info>,
}

impl fmt::Debug for Disco {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Disco").finish_non_exhaustive()
    }
}

impl WeakDisco {
    pub(crate) fn upgrade(&self) -> Option<Disco> {
        self.0.upgrade().map(|shared| Disco { shared })
    }
}

impl Disco {
    pub(crate) fn new(outside: Outside) -> Self {
        let state = State {
            session: 0,
            infos: Lru::new(MAX_ANSWERS),
            items: Lru::new(MAX_ANSWERS),
            asked_resource: false,
            verified: Lru::new(MAX_HASHES),
            asking_info: Flights::default(),
            asking_items: Flights::default(),
            verifying: Flights::default(),
            stream: None,
        };
        Self {
            shared: Arc::new(Shared {
                outside,
                state: Mutex::new(state),
                announced: Mutex::default(),
                occupants: OnceLock::new(),
            }),
        }
    }

    pub(crate) fn downgrade(&self) -> WeakDisco {
        WeakDisco(Arc::downgrade(&self.shared))
    }

    fn state(&self) -> MutexGuard<'_, State> {
        let state = self.shared.state.lock();
        state.unwrap_or_else(PoisonError::into_inner)
    }

    fn announced(&self) -> MutexGuard<'_, Announced> {
        let announced = self.shared.announced.lock();
        announced.unwrap_or_else(PoisonError::into_inner)
    }

    /// What an entity is and can (XEP-0030 §3.1).
    ///
    /// # Errors
    ///
    /// As [`Api::iq`](crate::Api::iq), and [`ErrorKind::InvalidResponse`] when the answer cannot be read.
    pub async fn info(&self, jid: &Jid) -> Result<Arc<Info>, Error> {
        if let Ok(resource) = jid.try_as_full()
            && let Some(info) = self.capabilities(resource).await
        {
            return Ok(info);
        }
        self.info_at((jid.clone(), None)).await
    }

    /// What a node of an entity is and can (XEP-0030 §3.2).
    ///
    /// # Errors
    ///
    /// As [`info`](Self::info).
    pub async fn node(&self, jid: &Jid, node: &str) -> Result<Arc<Info>, Error> {
        self.info_at((jid.clone(), Some(node.to_owned()))).await
    }

    /// The same as [`info`](Self::info), asked again, for things that change, as rooms do.
    ///
    /// # Errors
    ///
    /// As [`info`](Self::info).
    pub async fn refresh(&self, jid: &Jid) -> Result<Arc<Info>, Error> {
        let session = self.state().session;
        self.fetch_info(&(jid.clone(), None), session).await
    }

    /// What an entity has (XEP-0030 §4.1); malformed items are left out, and of more than 10,000 the rest.
    ///
    /// # Errors
    ///
    /// As [`info`](Self::info).
    pub async fn items(&self, jid: &Jid) -> Result<Arc<[Item]>, Error> {
        self.items_at((jid.clone(), None)).await
    }

    /// Whether an entity has a feature. Who does not say what it can, cannot.
    ///
    /// For what somebody's client can, ask its full JID; the bare JID is the account.
    ///
    /// # Errors
    ///
    /// Those for which it is not known: [`ErrorKind::Timeout`], [`ErrorKind::Disconnected`] and the like.
    pub async fn supports(&self, jid: &Jid, feature: &str) -> Result<bool, Error> {
        match self.info(jid).await {
            Ok(info) => Ok(info.has(feature)),
            Err(error) => match error.kind() {
                ErrorKind::Stanza | ErrorKind::InvalidResponse => Ok(false),
                _ => Err(error),
            },
        }
    }

    /// What the own server is and can; at once after the promise `discoInitialized`.
    ///
    /// # Errors
    ///
    /// As [`info`](Self::info).
    pub async fn server(&self) -> Result<Arc<Info>, Error> {
        let server = self.server_jid()?;
        if let Some(info) = self.server_by_hash(&server).await {
            return Ok(info);
        }
        self.info(&server).await
    }

    /// What the own account is and can, as its personal eventing service (XEP-0163 §6); at once after the promise `discoInitialized`.
    ///
    /// # Errors
    ///
    /// As [`info`](Self::info).
    pub async fn account(&self) -> Result<Arc<Info>, Error> {
        let own = self.shared.outside.session.bare_jid();
        self.info(&own.ok_or_else(not_connected)?.into()).await
    }

    /// The services of the own server that say what they are, at most 100: rooms, uploads, gateways.
    ///
    /// # Errors
    ///
    /// As [`info`](Self::info), when the server does not say which services it has.
    pub async fn services(&self) -> Result<Vec<Service>, Error> {
        let server = self.server_jid()?;
        let items = self.items(&server).await?;
        let asked = items
            .iter()
            .filter(|item| item.node.is_none() && item.jid != server)
            .take(MAX_SERVICES)
            .map(|item| async {
                let jid = item.jid.clone();
                match self.info(&jid).await {
                    Ok(info) => Some(Service { jid, info }),
                    Err(error) => {
                        tracing::debug!(%jid, %error, "a service does not say what it is");
                        None
                    }
                }
            });
        let asked: Vec<_> = asked.collect();
        let asked = stream::iter(asked).buffered(SERVICES_AT_ONCE);
        Ok(asked.filter_map(std::future::ready).collect().await)
    }

    /// What a resource can by the hash in its presence (XEP-0115, XEP-0390), which vouches for it. The first time that
    /// anybody has that hash, this asks the resource; a hash that is wrong is no answer, and is not asked for again.
    ///
    /// `None` also for who announces nothing, or a hash that nobody can check; [`info`](Self::info) asks those.
    pub async fn capabilities(&self, resource: &FullJid) -> Option<Arc<Info>> {
        self.verified(resource).await
    }

    /// What is known about an entity without asking anybody.
    #[must_use]
    pub fn known(&self, jid: &Jid) -> Option<Arc<Info>> {
        if let Ok(resource) = jid.try_as_full() {
            let announcement = self.announcement_of(resource);
            if let Some((key, _)) = announcement.and_then(|announcement| announcement.best())
                && let Some(verified) = self.state().verified.get(&key)
            {
                return Some(Arc::clone(&verified.info));
            }
        }
        self.remembered(&(jid.clone(), None))
    }

    /// Who has said in this run of the instance what a hash stands for that is trusted: nobody, or one.
    #[must_use]
    pub fn learned_from(&self, hash: &str) -> Vec<Jid> {
        let state = self.state();
        let verified = state.verified.iter().filter(|(key, _)| *key.hash == *hash);
        let from = verified.filter_map(|(_, verified)| verified.from.clone());
        from.collect()
    }

    /// What a resource announces, unless it has been refuted.
    fn announcement_of(&self, resource: &FullJid) -> Option<Arc<Announcement>> {
        let known = self.announced().of(resource.as_str());
        known.or_else(|| {
            let Caps(announcement) = self.shared.occupants.get()?(resource)?;
            let refuted = self
                .announced()
                .is_refuted(resource.as_str(), &announcement);
            (!refuted).then_some(announcement)
        })
    }

    fn server_jid(&self) -> Result<Jid, Error> {
        let own = self
            .shared
            .outside
            .session
            .jid()
            .ok_or_else(not_connected)?;
        Ok(BareJid::from_parts(None, own.domain()).into())
    }

    /// A new session begins: what was said in an old one may have changed.
    pub(crate) fn begin(&self, features: &Element) {
        {
            let mut state = self.state();
            state.session += 1;
            state.infos.clear();
            state.items.clear();
            state.asked_resource = false;
            state.stream = Found::within(features.view()).map(|_| features.clone());
        }
        *self.announced() = Announced::default();
    }

    /// Hears what presence announces (XEP-0115 §6.1). Without a `<c/>` what was announced before still holds: servers may
    /// leave it out (§8.4).
    #[doc(hidden)] // public for measuring what it costs
    pub fn hear(&self, presence: &Stanza) {
        let Some(from) = presence.from().filter(|from| from.resource().is_some()) else {
            return;
        };
        debug_assert_eq!(presence.kind(), StanzaKind::Presence);
        let is_news = match presence.type_().as_deref() {
            None => match Found::within(presence.root()) {
                Some(found) => self.announced().note(from.as_str(), found),
                None => false,
            },
            Some("unavailable") => {
                self.announced().forget(from.as_str());
                true
            }
            Some(_) => false,
        };
        if is_news {
            let mut state = self.state();
            if state.asked_resource {
                state.infos.remove(&(from.clone(), None));
            }
        }
    }
}
