//! What a plugin gets when it starts.

use std::ops::Deref;

use jid::BareJid;

use crate::api::Api;
use crate::bus::Spawned;
use crate::error::Error;
use crate::router::{AnswersRequests, Handler, HearsStanzas, Route, RouteId};

/// The private API in the name of one plugin, and what only a plugin may do: spawn actors and route stanzas to them.
///
/// Everything of [`Api`] is there too: `cx.settings()`, `cx.promises()`, `cx.listen()`, ….
#[derive(Debug)]
pub struct PluginContext {
    api: Api,
}

impl Deref for PluginContext {
    type Target = Api;

    fn deref(&self) -> &Api {
        &self.api
    }
}

impl PluginContext {
    pub(crate) fn new(api: &Api, plugin: &str) -> Self {
        Self {
            api: api.owned_by(plugin),
        }
    }

    /// The plugin's name.
    #[must_use]
    pub fn name(&self) -> &str {
        self.api.owner()
    }

    /// The API as a value of its own, for state that needs it later.
    #[must_use]
    pub fn api(&self) -> Api {
        self.api.clone()
    }

    /// Starts an actor that hosts `state`; say what it is to hear with [`hears`](Spawned::hears),
    /// [`answers`](Spawned::answers) and [`hooks`](Spawned::hooks).
    pub fn spawn<T: Send + 'static>(&self, state: T) -> Spawned<T> {
        self.api.bus().spawn(self.name(), state)
    }

    /// As [`spawn`](Self::spawn), for a state that needs to know its own actor, as
    /// [`iq_in_order`](Api::iq_in_order) does.
    pub fn spawn_with<T: Send + 'static>(
        &self,
        state: impl FnOnce(&Spawned<T>) -> T,
    ) -> Spawned<T> {
        self.api.bus().spawn_with(self.name(), state)
    }

    /// Lets an actor hear the stanzas of a route, through the inbox through which it hears the bus.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Plugin`](crate::ErrorKind::Plugin) for a route of requests.
    pub fn route<T: HearsStanzas>(
        &self,
        route: Route,
        actor: &Spawned<T>,
    ) -> Result<RouteId, Error> {
        self.api.router().add(
            route,
            self.api.bus().inbox(self.name()),
            Handler::actor(actor),
        )
    }

    /// Lets an actor answer the requests of a route.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Plugin`](crate::ErrorKind::Plugin) when another plugin answers them already, or the route is not one
    /// of requests.
    pub fn route_requests<T: AnswersRequests>(
        &self,
        route: Route,
        actor: &Spawned<T>,
    ) -> Result<RouteId, Error> {
        self.api.router().add(
            route,
            self.api.bus().inbox(self.name()),
            Handler::actor_request(actor),
        )
    }

    /// Tells who the contacts are, for routes that hear only those.
    pub fn set_contacts(&self, is_contact: impl Fn(&BareJid) -> bool + Send + Sync + 'static) {
        self.api.router().set_contacts(is_contact);
    }
}
