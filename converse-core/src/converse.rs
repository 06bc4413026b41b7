//! An instance of the framework: its plugins, its start, its end.

mod answers;
mod place;
mod pruning;
mod start;

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::api::Api;
use crate::disco::Software;
use crate::discovery::DiscoPlugin;
use crate::env::Environment;
use crate::error::Error;
use crate::plugin::{PluginDefinition, PluginError, linked};
use crate::settings::{SettingsError, SettingsMap};
use crate::store::Store;
use crate::transport::{Network, SystemNetwork};

use place::Running;

/// An instance: the only entry to the framework that needs no permission. It can register plugins and start; everything
/// else is reached through the [`Api`] that starting gives to the application, and through the context that a plugin gets.
///
/// There is no process-wide state: two instances are two accounts.
///
/// ```
/// use converse_core::prelude::*;
///
/// # #[actix::main]
/// # async fn main() -> Result<(), converse_core::Error> {
/// let converse = Converse::new();
/// converse.plugins().add(PluginDefinition::new("hello", |cx| {
///     cx.promises().add("hello-said");
///     Ok(())
/// }))?;
/// let api = converse.start(settings! { "whitelisted_plugins": ["hello"] }).await?;
/// api.emit("hello-said", ()).await?;
/// api.wait_until("hello-said").await?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Converse {
    shared: Arc<Shared>,
}

struct Shared {
    state: Mutex<State>,
    /// One start or stop at a time.
    turn: tokio::sync::Mutex<()>,
}

struct State {
    added: Vec<PluginDefinition>,
    linked: bool,
    started: bool,
    running: Option<Running>,
    outside: Outside,
}

/// What the instance takes from outside.
#[derive(Clone)]
pub(crate) struct Outside {
    pub(crate) env: Environment,
    pub(crate) network: Arc<dyn Network>,
    pub(crate) store: Option<Arc<dyn Store>>,
    pub(crate) software: Option<Software>,
}

impl fmt::Debug for Converse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let state = self.state();
        f.debug_struct("Converse")
            .field("added", &state.added)
            .field("started", &state.started)
            .finish_non_exhaustive()
    }
}

impl Default for Converse {
    fn default() -> Self {
        Self::new()
    }
}

impl Converse {
    /// An instance that has not started, with the plugins that are linked.
    #[must_use]
    pub fn new() -> Self {
        let outside = Outside {
            env: Environment::default(),
            network: Arc::new(SystemNetwork::new()),
            store: None,
            software: None,
        };
        let state = State {
            added: Vec::new(),
            linked: true,
            started: false,
            running: None,
            outside,
        };
        Self {
            shared: Arc::new(Shared {
                state: Mutex::new(state),
                turn: tokio::sync::Mutex::default(),
            }),
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        let state = self.shared.state.lock();
        state.unwrap_or_else(PoisonError::into_inner)
    }

    /// The same with another clock and other random numbers.
    #[must_use]
    pub fn with_environment(self, env: Environment) -> Self {
        self.state().outside.env = env;
        self
    }

    /// The same with another way to the servers.
    #[must_use]
    pub fn with_network(self, network: impl Network + 'static) -> Self {
        self.state().outside.network = Arc::new(network);
        self
    }

    /// The same with a store of the application's, which is used for everything, whatever `storage` and `message_storage`
    /// say. Several instances can share one.
    ///
    /// ```
    /// use std::sync::Arc;
    /// use converse_core::prelude::*;
    /// use converse_core::store::MemoryStore;
    ///
    /// # #[actix::main]
    /// # async fn main() -> Result<(), Error> {
    /// let converse = Converse::new().with_store(Arc::new(MemoryStore::with_limit(16 * 1024 * 1024)));
    /// let api = converse.start(settings! {}).await?;
    /// assert!(Arc::ptr_eq(api.store(), api.message_store()));
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn with_store(self, store: Arc<dyn Store>) -> Self {
        self.state().outside.store = Some(store);
        self
    }

    /// The same for a program of another name and version; others are told when they ask (XEP-0092, XEP-0030).
    ///
    /// ```
    /// use converse_core::disco::Software;
    /// use converse_core::prelude::*;
    ///
    /// # #[actix::main]
    /// # async fn main() -> Result<(), Error> {
    /// let converse = Converse::new().with_software(Software::new("Verona", "1.2"));
    /// let api = converse.start(settings! {}).await?;
    /// assert_eq!(api.features().info().name("client"), Some("Verona"));
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn with_software(self, software: Software) -> Self {
        self.state().outside.software = Some(software);
        self
    }

    /// The same without the plugins that are linked: only those that are added run.
    #[must_use]
    pub fn without_linked_plugins(self) -> Self {
        self.state().linked = false;
        self
    }

    /// The **plugins** grouping.
    #[must_use]
    pub fn plugins(&self) -> Plugins {
        Plugins {
            converse: self.clone(),
        }
    }

    /// Starts a new instance with the linked plugins: [`Converse::new`] and [`start`](Self::start) in one.
    ///
    /// # Errors
    ///
    /// As [`start`](Self::start).
    pub async fn initialize<M>(settings: M) -> Result<Api, Error>
    where
        M: TryInto<SettingsMap>,
        SettingsError: From<M::Error>,
    {
        Self::new().start(settings).await
    }

    /// Starts: applies the settings, starts the plugins in their order, and logs in if the setting `auto_login` is on (which
    /// it is when `jid` and `password` are given). It returns when the session is up, or at once if none is wanted.
    ///
    /// On an actix arbiter (`#[actix::main]`) everything runs there; from any other place (`#[tokio::main]`) on a thread of
    /// its own, which ends with the instance. Starting again ends the session and the plugins of the last start first, also
    /// when two tasks do it at once. A start that fails leaves nothing behind: no session, no plugin, no attempt.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Config`](crate::ErrorKind::Config) for settings that are unknown, of the wrong type or contradictory;
    /// [`ErrorKind::Store`](crate::ErrorKind::Store) when the store cannot be opened, with what the backend says as a
    /// [`cause`](Error::cause);
    /// [`ErrorKind::Plugin`](crate::ErrorKind::Plugin) naming a plugin that cannot start; with `auto_login` those of
    /// [`User::login`](crate::api::User::login).
    pub async fn start<M>(&self, settings: M) -> Result<Api, Error>
    where
        M: TryInto<SettingsMap>,
        SettingsError: From<M::Error>,
    {
        let settings = settings.try_into().map_err(SettingsError::from)?;
        let turn = self.shared.turn.lock().await;
        let (before, registered, outside) = {
            let mut state = self.state();
            state.started = true;
            let mut registered = if state.linked {
                linked().chain([built_in()]).collect()
            } else {
                Vec::new()
            };
            registered.extend(state.added.iter().cloned());
            (state.running.take(), registered, state.outside.clone())
        };
        if let Some(before) = before {
            before.stop().await;
        }
        let running = place::run(settings, registered, outside).await?;
        let api = running.api.clone();
        self.state().running = Some(running);
        drop(turn);
        if let Err(error) = start::log_in(&api).await {
            self.stop_if(|running| running.api.is_same(&api)).await;
            return Err(error);
        }
        Ok(api)
    }

    /// Ends the connection, withdraws every plugin and stops the instance's actors; its thread, if it has one, has ended when
    /// this returns. Without a start it does nothing.
    ///
    /// With the setting `keepalive` and a store that lasts, what is received is kept and the session is left to the next
    /// instance, which goes on with it ([`SessionStarted::restarted`](crate::session::event::SessionStarted::restarted)): until
    /// then the server believes the user to be there, as long as it keeps sessions without a connection. Who wants to be seen
    /// leaving calls [`disconnect`](crate::api::Connection::disconnect) first. Without them, the stream is closed.
    ///
    /// ```
    /// use converse_core::prelude::*;
    ///
    /// # #[actix::main]
    /// # async fn main() -> Result<(), converse_core::Error> {
    /// let converse = Converse::new();
    /// let api = converse.start(settings! {}).await?;
    /// converse.stop().await;
    /// assert!(api.emit("foo", ()).await.is_err());
    /// # Ok(())
    /// # }
    /// ```
    pub async fn stop(&self) {
        self.stop_if(|_| true).await;
    }

    async fn stop_if(&self, is_meant: impl FnOnce(&Running) -> bool) {
        let _turn = self.shared.turn.lock().await;
        let running = {
            let mut state = self.state();
            match &state.running {
                Some(running) if is_meant(running) => state.running.take(),
                _ => None,
            }
        };
        if let Some(running) = running {
            running.stop().await;
        }
    }
}

/// The plugin that is part of every build.
fn built_in() -> PluginDefinition {
    PluginDefinition::from(DiscoPlugin).own()
}

/// The **plugins** grouping: registering at run time.
#[derive(Debug, Clone)]
pub struct Plugins {
    converse: Converse,
}

impl Plugins {
    /// Registers a plugin; it is initialised by [`Converse::start`] if the setting `whitelisted_plugins` names it.
    ///
    /// # Errors
    ///
    /// [`PluginError::Duplicate`] when a plugin of that name is linked or was added, which then stays;
    /// [`PluginError::TooLate`] after the start.
    pub fn add(&self, plugin: impl Into<PluginDefinition>) -> Result<(), Error> {
        let plugin = plugin.into();
        let name = plugin.name().to_owned();
        let mut state = self.converse.state();
        if state.started {
            return Err(PluginError::TooLate { plugin: name }.into());
        }
        let mut linked = linked().chain([built_in()]);
        let is_linked = state.linked && linked.any(|other| other.name() == name);
        if is_linked || state.added.iter().any(|other| other.name() == name) {
            return Err(PluginError::Duplicate { name }.into());
        }
        state.added.push(plugin);
        Ok(())
    }
}
