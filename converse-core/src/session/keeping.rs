//! Keeping a session over restarts of the process (setting `keepalive`).
//!
//! What is kept lags behind, never ahead. A save takes the count of stanzas that reached the inboxes, waits until the
//! [`Checkpoint`] has passed through them, writes, and only then is the server told that count: what a crash loses, the server
//! still has, and sends again. The stanzas themselves wait for nothing. Saves are made one at a time: when the server asks
//! how far we are, a second after anything changed, when the connection is lost, and at the end.

mod checkpoint;
mod record;
mod saving;
mod standing;

use std::collections::BTreeMap;
use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use chrono::{DateTime, Utc};
use jid::Jid;
use tokio::time::{Instant, timeout};

use crate::bus::Bus;
use crate::env::Environment;
use crate::router::{Outgoing, Stanza};
use crate::session::login::Login;
use crate::session::sm::{Granted, StreamManagement, Unacked};
use crate::settings::{Settings, keys};
use crate::store::{AccountStore, Store, StoreError};
use crate::xml::Element;

pub use checkpoint::Checkpoint;
use record::{Record, Secret};
use saving::{Kept, Saving};
use standing::Standing;

/// What a roster says of itself when it is there: then presence means something.
const CONTACTS: &str = "rosterContactsFetched";
/// How long the presences that stand wait for it, for there may be no roster.
const CONTACTS_WITHIN: Duration = Duration::from_secs(10);
/// How large a note may be, in bytes: all of them are in one secret with the rest.
const LARGEST_NOTE: usize = 8 * 1024;
/// How long a lost connection waits until its state is saved.
const LAST_SAVE: Duration = Duration::from_secs(2);

/// What the session waits for, besides what comes over the wire.
pub(super) enum News {
    /// A save has ended.
    Saved,
    /// This is what an earlier process was told.
    Recalled(Vec<Element>),
}

type Recalling = Pin<Box<dyn Future<Output = ()> + Send>>;

/// The session as the store has it, or is about to have it.
#[derive(Default)]
pub(crate) struct Keeping {
    /// A store that outlives the process.
    store: Option<Arc<dyn Store>>,
    /// The session now, if the server lets it be resumed and it is to be kept.
    kept: Option<Kept>,
    saving: Option<Saving>,
    /// An earlier process's session, which has not been resumed yet.
    found: Option<Found>,
    /// Where something is kept that must not be resumed any more.
    stale: Option<AccountStore>,
    /// What an earlier process was told, and when it is to be heard here.
    recalled: Option<(Vec<Element>, Recalling)>,
}

/// A session of an earlier process.
struct Found {
    store: AccountStore,
    secret: Secret,
    standing: Standing,
}

impl fmt::Debug for Keeping {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Keeping")
            .field("kept", &self.kept.is_some())
            .field("found", &self.found.is_some())
            .finish_non_exhaustive()
    }
}

/// What the settings say of it.
struct Wish {
    keepalive: bool,
    server: Option<String>,
    resource: Option<String>,
}

impl Wish {
    fn read(settings: &Settings, login: &Login) -> Self {
        let resource = login.jid.resource().map(|name| name.as_str().to_owned());
        let configured = || settings.read(&keys::RESOURCE).ok().flatten();
        Self {
            keepalive: settings.read(&keys::KEEPALIVE).unwrap_or(false) && !login.is_anonymous(),
            server: settings.read(&keys::SERVER).ok().flatten(),
            resource: resource.or_else(configured).filter(|name| !name.is_empty()),
        }
    }

    /// Whether a kept session is the one that is logged in for.
    fn means(&self, secret: &Secret, login: &Login) -> bool {
        let resource = secret.jid.resource().map(|name| name.as_str());
        secret.jid.domain() == login.jid.domain()
            && secret.server == self.server
            && (self.resource.is_none() || self.resource.as_deref() == resource)
    }
}

// 1 the life of a session

impl Keeping {
    /// With a store that outlives the process, if there is one.
    pub(super) fn new(store: Option<Arc<dyn Store>>) -> Self {
        Self {
            store,
            ..Self::default()
        }
    }

    fn store_of(&self, login: &Login) -> Option<AccountStore> {
        let (store, account) = self.store.clone().zip(login.account())?;
        Some(AccountStore::new(store, account))
    }

    /// Looks for the session of an earlier process. What it could not send and cannot be resumed for is given back.
    pub(super) async fn find(
        &mut self,
        login: &Login,
        settings: &Settings,
        env: &Environment,
        sm: &mut StreamManagement,
    ) -> Vec<Unacked> {
        let wish = Wish::read(settings, login);
        let Some(store) = self.store_of(login).filter(|_| wish.keepalive) else {
            return Vec::new();
        };
        let record = match record::load(&store, &*env.random).await {
            Ok(record) => record,
            Err(error) => {
                tracing::warn!(%error, "a kept session cannot be read; a new one begins");
                return Vec::new();
            }
        };
        let Record {
            secret,
            unacked,
            standing,
        } = record;
        let now = env.clock.now();
        let Some(secret) = secret.filter(|it| wish.means(it, login) && !it.is_over(now)) else {
            self.stale = Some(store);
            return unacked.into_iter().map(|(_, entry)| entry).collect();
        };
        sm.restore(
            secret.granted(),
            secret.received,
            secret.acknowledged,
            unacked,
        );
        self.found = Some(Found {
            store,
            secret,
            standing,
        });
        Vec::new()
    }

    /// The address of the session that was found and not resumed yet.
    pub(super) fn found(&self) -> Option<Jid> {
        self.found.as_ref().map(|found| found.secret.jid.clone())
    }

    /// The session that was asked for goes on; gives whether it is the one of an earlier process.
    pub(super) fn resumed(&mut self, bus: &Bus, sm: &StreamManagement) -> bool {
        let Some(found) = self.found.take() else {
            return false;
        };
        let contacts = bus.wait_until(CONTACTS);
        let recalling = async move {
            // Whatever comes of it, that was long enough.
            let _ = timeout(CONTACTS_WITHIN, contacts).await;
        };
        self.recalled = Some((found.standing.all(), Box::pin(recalling)));
        let Found {
            store,
            secret,
            standing,
        } = found;
        self.kept = Some(Kept::resumed(store, secret, standing, sm));
        true
    }

    /// The session that could have been resumed is gone.
    pub(super) fn refused(&mut self) {
        let found = self.found.take().map(|found| found.store);
        let kept = self.kept.take().map(Kept::into_store);
        self.stale = found.or(kept).or(self.stale.take());
        self.saving = None;
        self.recalled = None;
    }

    /// A new session begins, and the server has granted this.
    pub(super) async fn begin(
        &mut self,
        login: &Login,
        settings: &Settings,
        jid: &Jid,
        granted: Option<&Granted>,
    ) {
        self.refused();
        let wish = Wish::read(settings, login);
        let store = self.store_of(login).filter(|_| wish.keepalive);
        let secret = granted.and_then(|granted| Secret::new(jid.clone(), wish.server, granted));
        match store.zip(secret) {
            Some((store, secret)) => {
                // The first save removes what is there.
                self.stale = None;
                self.kept = Some(Kept::begun(store, secret));
            }
            None => self.forget().await,
        }
    }

    /// Nothing can be resumed any more.
    pub(super) async fn forget(&mut self) {
        self.refused();
        if let Some(store) = self.stale.take() {
            warn_of(record::forget(&store).await);
        }
    }

    /// Whether there is a session to keep.
    pub(crate) fn is_on(&self) -> bool {
        self.kept.is_some()
    }

    /// The login failed before the session of an earlier process was asked for: it stays where it is.
    pub(super) fn leave(&mut self) {
        self.found = None;
        self.kept = None;
        self.saving = None;
        self.recalled = None;
    }
}

// 2 what happens to it

impl Keeping {
    /// A stanza came.
    pub(super) fn hear(&mut self, stanza: &Stanza) {
        if let Some(kept) = &mut self.kept
            && kept.standing.hear(stanza)
        {
            kept.touch();
        }
    }

    /// A stanza leaves.
    pub(super) fn tell(&mut self, stanza: &Outgoing) {
        if let Some(kept) = &mut self.kept {
            kept.standing.tell(stanza);
            kept.touch();
        }
    }

    /// A grouping notes something about the session.
    pub(super) fn note(&mut self, key: String, text: Option<String>) {
        let is_small = key.len() + text.as_ref().map_or(0, String::len) <= LARGEST_NOTE;
        if let Some(kept) = &mut self.kept {
            kept.note(key, text.filter(|_| is_small));
        }
    }

    /// What was noted.
    pub(super) fn notes(&self) -> BTreeMap<String, String> {
        self.kept.as_ref().map(Kept::notes).unwrap_or_default()
    }

    /// A count changed.
    pub(super) fn touch(&mut self) {
        if let Some(kept) = &mut self.kept {
            kept.touch();
        }
    }

    /// How many stanzas the server may be told are handled; `received` are.
    pub(super) fn covered(&self, received: u32) -> u32 {
        self.kept.as_ref().map_or(received, |kept| kept.covered)
    }

    /// The server is to be told as soon as more is saved.
    pub(super) fn acknowledge_soon(&mut self) {
        if let Some(kept) = &mut self.kept {
            kept.wants_acknowledgement = true;
        }
    }

    /// Whether the server waits for that.
    pub(super) fn take_wanted(&mut self) -> bool {
        let kept = self.kept.as_mut();
        kept.is_some_and(|kept| std::mem::take(&mut kept.wants_acknowledgement))
    }

    /// Whether something is to be saved that is not, or is being saved.
    pub(super) fn is_behind(&self) -> bool {
        self.saving.is_some() || self.kept.as_ref().is_some_and(Kept::is_behind)
    }

    /// When to look again.
    pub(super) fn due(&self) -> Option<Instant> {
        match self.saving {
            Some(_) => None,
            None => self.kept.as_ref()?.due(),
        }
    }

    /// Begins to save if it is time to, or at once if that is wanted and there is anything.
    pub(super) fn save(
        &mut self,
        sm: &StreamManagement,
        bus: &Bus,
        now: DateTime<Utc>,
        at_once: bool,
    ) {
        let Some(kept) = self.kept.as_mut().filter(|_| self.saving.is_none()) else {
            return;
        };
        let is_due = kept.due().is_some_and(|due| due <= Instant::now());
        if is_due || (at_once && kept.is_behind()) {
            self.saving = Some(kept.save(sm, bus.clone(), now));
        }
    }

    /// Waits for what comes next.
    pub(super) fn poll(&mut self, cx: &mut Context<'_>) -> Poll<News> {
        if self.poll_saved(cx).is_ready() {
            return Poll::Ready(News::Saved);
        }
        self.poll_recalled(cx).map(News::Recalled)
    }

    /// Takes note of what came of a save.
    fn poll_saved(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let Some(saving) = &mut self.saving else {
            return Poll::Pending;
        };
        let saved = std::task::ready!(saving.as_mut().poll(cx));
        self.saving = None;
        if let Some(kept) = &mut self.kept {
            kept.saved(&saved);
        }
        Poll::Ready(())
    }

    /// Gives what an earlier process was told, once somebody can make something of it.
    fn poll_recalled(&mut self, cx: &mut Context<'_>) -> Poll<Vec<Element>> {
        let Some((_, recalling)) = &mut self.recalled else {
            return Poll::Pending;
        };
        std::task::ready!(recalling.as_mut().poll(cx));
        let recalled = self.recalled.take().map(|(presences, _)| presences);
        Poll::Ready(recalled.unwrap_or_default())
    }

    /// The connection is lost: saves what is not saved yet, within a short time.
    pub(super) async fn save_now(&mut self, sm: &StreamManagement, bus: &Bus, now: DateTime<Utc>) {
        let all = async {
            while self.is_behind() {
                self.save(sm, bus, now, true);
                std::future::poll_fn(|cx| self.poll_saved(cx)).await;
            }
        };
        if timeout(LAST_SAVE, all).await.is_err() {
            tracing::warn!(
                "the state of the session is not saved, for a plugin or the store takes too long"
            );
        }
    }
}

fn warn_of(outcome: Result<(), StoreError>) {
    if let Err(error) = outcome {
        tracing::warn!(%error, "the state of a session that is over is still in the store");
    }
}
