//! The private API: what plugins and the application that started the instance may do.
//!
//! The groupings of the 3.2 document: [`connection`](Api::connection), [`user`](Api::user), [`tokens`](Api::tokens),
//! [`settings`](Api::settings), [`promises`](Api::promises), [`listen`](Api::listen), and the calls
//! [`emit`](Api::emit), [`send`](Api::send) and [`wait_until`](Api::wait_until). Further groupings (`contacts`, `chats`,
//! …) are extension traits of the crates that bring them.

mod activity;
mod connection;
mod registration;
mod selector;
mod stanzas;
mod stores;
mod tokens;
mod user;

use std::any::{Any, TypeId};
use std::fmt;
use std::sync::{Arc, OnceLock, Weak};

use dashmap::DashMap;

use crate::bus::{Bus, Emission, Event, IntoArgs, Listen};
use crate::contract::PresencePayloads;
use crate::disco::{Disco, Features, Outside};
use crate::env::Environment;
use crate::error::{Error, ErrorKind};
use crate::promise::{Promises, Waiting};
use crate::router::Router;
use crate::session::Session;
use crate::settings::Settings;
use crate::store::Stores;

use activity::Activity;

pub use connection::Connection;
pub use registration::{Registered, Registration};
pub use selector::{JidSelector, parse_bare};
pub use stanzas::HearsAnswers;
pub use stores::StoreCleared;
pub use tokens::Tokens;
pub use user::{LoginOptions, User};

/// The private API of one instance. Cloning is cheap; it works from every thread.
///
/// ```
/// use converse_core::prelude::*;
///
/// # #[actix::main]
/// # async fn main() -> Result<(), converse_core::Error> {
/// let api = Converse::initialize(settings! {}).await?;
/// api.promises().add("foo-completed");
/// api.emit("foo-completed", ()).await?;
/// api.wait_until("foo-completed").await?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Api {
    inner: Arc<Inner>,
    owner: Arc<str>,
}

struct Inner {
    bus: Bus,
    settings: Settings,
    env: Environment,
    session: Session,
    router: Router,
    stores: Stores,
    features: Features,
    disco: Disco,
    presence_payloads: PresencePayloads,
    activity: Activity,
    extensions: DashMap<TypeId, Arc<dyn Any + Send + Sync>>,
    plugins: OnceLock<Vec<String>>,
}

/// An [`Api`] that keeps nothing alive.
pub(crate) struct WeakApi {
    inner: Weak<Inner>,
    owner: Arc<str>,
}

impl WeakApi {
    pub(crate) fn upgrade(&self) -> Option<Api> {
        let inner = self.inner.upgrade()?;
        let owner = Arc::clone(&self.owner);
        Some(Api { inner, owner })
    }
}

impl fmt::Debug for Api {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Api")
            .field("session", &self.inner.session)
            .finish_non_exhaustive()
    }
}

/// What an [`Api`] is made of.
pub(crate) struct Parts {
    pub(crate) bus: Bus,
    pub(crate) settings: Settings,
    pub(crate) env: Environment,
    pub(crate) session: Session,
    pub(crate) router: Router,
    pub(crate) stores: Stores,
}

impl Api {
    pub(crate) fn new(parts: Parts) -> Self {
        let Parts {
            bus,
            settings,
            env,
            session,
            router,
            stores,
        } = parts;
        let disco = Disco::new(Outside {
            session: session.clone(),
            settings: settings.clone(),
            env: env.clone(),
            store: Arc::clone(&stores.store),
        });
        let inner = Inner {
            bus,
            settings,
            env,
            session,
            router,
            stores,
            features: Features::default(),
            disco,
            presence_payloads: PresencePayloads::default(),
            activity: Activity::default(),
            extensions: DashMap::new(),
            plugins: OnceLock::new(),
        };
        Self {
            inner: Arc::new(inner),
            owner: Arc::from("application"),
        }
    }

    /// The same API in the name of a plugin, which logs and failures then carry.
    pub(crate) fn owned_by(&self, owner: &str) -> Self {
        Self {
            inner: Arc::clone(&self.inner),
            owner: Arc::from(owner),
        }
    }

    /// Whether both belong to the same start of an instance.
    pub(crate) fn is_same(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.inner, &other.inner)
    }

    /// A handle that keeps nothing alive.
    pub(crate) fn downgrade(&self) -> WeakApi {
        WeakApi {
            inner: Arc::downgrade(&self.inner),
            owner: Arc::clone(&self.owner),
        }
    }

    pub(crate) fn router(&self) -> &Router {
        &self.inner.router
    }

    pub(crate) fn set_plugins(&self, plugins: Vec<String>) {
        // Set once, by the start of the instance.
        let _ = self.inner.plugins.set(plugins);
    }

    /// In whose name this handle acts: a plugin's, or the application's.
    #[must_use]
    pub fn owner(&self) -> &str {
        &self.owner
    }

    /// The event bus.
    #[must_use]
    pub fn bus(&self) -> &Bus {
        &self.inner.bus
    }

    /// The clock and the random numbers.
    #[must_use]
    pub fn environment(&self) -> &Environment {
        &self.inner.env
    }

    /// The session: its states, stanzas in and out.
    #[must_use]
    pub fn session(&self) -> &Session {
        &self.inner.session
    }

    /// What this client announces about itself (XEP-0030).
    #[must_use]
    pub fn features(&self) -> &Features {
        &self.inner.features
    }

    /// What others are and can (XEP-0030).
    #[must_use]
    pub fn disco(&self) -> &Disco {
        &self.inner.disco
    }

    /// What plugins add to the user's own presence.
    #[must_use]
    pub fn presence_payloads(&self) -> &PresencePayloads {
        &self.inner.presence_payloads
    }

    pub(crate) fn activity(&self) -> &Activity {
        &self.inner.activity
    }

    /// The plugins that run, in the order in which they started; empty until all of them have.
    #[must_use]
    pub fn plugins(&self) -> &[String] {
        self.inner.plugins.get().map_or(&[], Vec::as_slice)
    }

    /// Whether a plugin runs.
    #[must_use]
    pub fn has_plugin(&self, name: &str) -> bool {
        self.plugins().iter().any(|plugin| plugin == name)
    }

    /// The **connection** grouping.
    #[must_use]
    pub fn connection(&self) -> Connection {
        Connection::new(self.clone())
    }

    /// The **user** grouping.
    #[must_use]
    pub fn user(&self) -> User {
        User::new(self.clone())
    }

    /// The **tokens** grouping.
    #[must_use]
    pub fn tokens(&self) -> Tokens {
        Tokens::new(self.clone())
    }

    /// The **settings** grouping.
    #[must_use]
    pub fn settings(&self) -> Settings {
        self.inner.settings.for_plugin(&self.owner)
    }

    /// The **promises** grouping.
    #[must_use]
    pub fn promises(&self) -> &Promises {
        self.inner.bus.promises()
    }

    /// The **listen** grouping.
    #[must_use]
    pub fn listen(&self) -> Listen {
        self.inner.bus.listen_as(Arc::clone(&self.owner))
    }

    /// Emits an event by its name and keeps the promise of that name; handlers go before those who wait.
    ///
    /// Awaiting it waits until the handlers were called; it is emitted in any case.
    pub fn emit(&self, name: impl Into<Arc<str>>, args: impl IntoArgs) -> Emission {
        self.inner.bus.emit(name, args)
    }

    /// Publishes a typed event, for those who listen to its type or to its name.
    pub fn publish<E: Event>(&self, event: E) {
        self.inner.bus.publish(event);
    }

    /// Waits for a named promise: at once if it is kept already.
    ///
    /// # Errors
    ///
    /// When awaited: [`ErrorKind::Promise`] for an unknown name, with the nearest known one.
    pub fn wait_until(&self, name: &str) -> Waiting {
        self.inner.bus.wait_until(name)
    }

    /// Offers a value to the extension traits of a grouping: its handle, its read model.
    ///
    /// ```
    /// # use converse_core::prelude::*;
    /// struct Weather(String);
    ///
    /// # #[actix::main]
    /// # async fn main() -> Result<(), Error> {
    /// let api = Converse::initialize(settings! {}).await?;
    /// api.provide(Weather("fair".to_owned()));
    /// assert_eq!(api.require::<Weather>("weather")?.0, "fair");
    /// # Ok(())
    /// # }
    /// ```
    pub fn provide<T: Any + Send + Sync>(&self, value: T) {
        self.inner
            .extensions
            .insert(TypeId::of::<T>(), Arc::new(value));
    }

    /// A value that a plugin [provided](Self::provide).
    #[must_use]
    pub fn provided<T: Any + Send + Sync>(&self) -> Option<Arc<T>> {
        let value = self
            .inner
            .extensions
            .get(&TypeId::of::<T>())
            .map(|value| Arc::clone(&value))?;
        value.downcast().ok()
    }

    /// The same, for calls that cannot do without.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Unsupported`] naming the plugin that does not run.
    pub fn require<T: Any + Send + Sync>(&self, plugin: &str) -> Result<Arc<T>, Error> {
        self.provided().ok_or_else(|| {
            Error::new(
                ErrorKind::Unsupported,
                format!("plugin `{plugin}` does not run: link it, and do not blacklist it"),
            )
        })
    }

    /// Stops the instance: ends the session, waits until what was received is kept, withdraws every plugin, cancels what is waited for. The same as
    /// [`Converse::stop`](crate::Converse::stop), for who has started it with
    /// [`Converse::initialize`](crate::Converse::initialize). Stopping again does nothing.
    ///
    /// Without this an instance ends with the last handle of its [`Api`], and plugins may hold handles too.
    ///
    /// ```
    /// use converse_core::prelude::*;
    ///
    /// # #[actix::main]
    /// # async fn main() -> Result<(), converse_core::Error> {
    /// let api = Converse::initialize(settings! {}).await?;
    /// api.stop().await;
    /// assert!(api.emit("foo", ()).await.is_err());
    /// # Ok(())
    /// # }
    /// ```
    pub async fn stop(&self) {
        // An instance that is gone already needs no goodbye.
        let _ = self.inner.session.shut_down().await;
        self.write_down().await;
        self.inner.bus.promises().close();
        self.inner.router.clear();
        // What plugins provided may hold the last handle of something.
        self.inner.extensions.clear();
        self.inner.presence_payloads.clear();
        self.inner.bus.stop();
        // It fails as soon as the bus has stopped, which is what is waited for.
        let _ = self.inner.bus.dispatch(|_| ()).await;
    }

    /// Waits for an interrupt or termination signal, then ends the session in an orderly way.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Unsupported`] where signals cannot be heard.
    pub async fn run_until_signal(&self) -> Result<(), Error> {
        wait_for_signal().await.map_err(|error| {
            Error::new(ErrorKind::Unsupported, "signals cannot be heard").with_source(error)
        })?;
        self.connection().disconnect().await
    }
}

#[cfg(unix)]
async fn wait_for_signal() -> std::io::Result<()> {
    let mut terminate = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate())?;
    tokio::select! {
        interrupted = tokio::signal::ctrl_c() => interrupted,
        _ = terminate.recv() => Ok(()),
    }
}

#[cfg(not(unix))]
async fn wait_for_signal() -> std::io::Result<()> {
    tokio::signal::ctrl_c().await
}
