//! A session that a scripted server plays: what the tests of a plugin begin with.
#![allow(
    clippy::panic,
    clippy::missing_panics_doc,
    reason = "a scene is for tests: a script that is not kept ends the test, as `Scene` says"
)]

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use converse_core::disco::Software;
use converse_core::env::Environment;
use converse_core::prelude::*;
use converse_core::store::Store;
use serde_json::Value;

use super::{Captures, Plan, Rule, Server};
use crate::MortalStore;
use crate::clock::{self, SeededRandom, VirtualClock};

/// How long it is watched that nothing is sent, in virtual time.
const A_WHILE: Duration = Duration::from_millis(500);

/// The name of the plugin that records events.
const RECORDER: &str = "recorder";

/// The events of some names, with their first arguments, in their order.
type Events = Arc<Mutex<Vec<(String, Value)>>>;

/// A server that a test speaks for, an instance that is logged in to it as `mara@kestrel.example/desk`, and the events that
/// came. Its methods panic with what went wrong, and what was sent instead.
///
/// ```
/// use converse_testkit::clock;
/// use converse_testkit::scripted::{Plan, Scene};
///
/// clock::run(async {
///     let mut scene = Scene::of(Plan::new("kestrel.example")).start().await;
///     scene.recv("<iq type='get' id='p1' from='kestrel.example'><ping xmlns='urn:xmpp:ping'/></iq>").await;
///     scene.expect("<iq type='result' id='p1'/>").await;
/// });
/// ```
#[derive(Debug)]
pub struct Scene {
    /// The server.
    pub server: Server,
    /// The instance.
    pub api: Api,
    /// What the patterns captured; `{{name}}` in what the server sends is replaced by it.
    pub captures: Captures,
    converse: Converse,
    parts: Parts,
    events: Events,
}

/// What each instance of a scene is made of.
#[derive(Debug)]
struct Parts {
    settings: SettingsMap,
    store: Option<Arc<dyn Store>>,
    mortal: Option<MortalStore>,
    software: Option<Software>,
    plugins: Vec<PluginDefinition>,
    /// It goes on while no instance lives.
    clock: Arc<VirtualClock>,
    /// Counts the instances, so that no two draw the same random numbers.
    instances: u64,
}

/// What a scene is made of.
#[derive(Debug)]
#[must_use = "a scene begins with `start`"]
pub struct SceneBuilder {
    plan: Plan,
    parts: Parts,
    recorded: Vec<&'static str>,
}

impl SceneBuilder {
    /// With these settings besides address, password and security.
    pub fn settings(mut self, settings: SettingsMap) -> Self {
        self.parts.settings = settings;
        self
    }

    /// With what an earlier instance stored.
    pub fn store(mut self, store: Arc<dyn Store>) -> Self {
        self.parts.store = Some(store);
        self
    }

    /// With a store that outlives the process, so that this can be [killed](Scene::kill). `store` is what is in it.
    pub fn durable(mut self, store: Arc<dyn Store>) -> Self {
        self.parts.mortal = Some(MortalStore::new(store));
        self
    }

    /// With what the program says that it is.
    pub fn software(mut self, software: Software) -> Self {
        self.parts.software = Some(software);
        self
    }

    /// With a plugin more; it takes the place of a linked one of its name.
    pub fn plugin(mut self, plugin: PluginDefinition) -> Self {
        self.parts.plugins.push(plugin);
        self
    }

    /// Records the events of these names.
    pub fn recording(mut self, names: &[&'static str]) -> Self {
        self.recorded.extend(names);
        self
    }

    /// Starts the instance and logs in; everything that the server answers by itself has been done then.
    pub async fn start(self) -> Scene {
        let server = Server::new(self.plan);
        let events = Events::default();
        let mut parts = self.parts;
        let recorder = recorder(self.recorded, Arc::clone(&events));
        parts.plugins.push(recorder);
        let (converse, api) = parts.start(&server).await;
        Scene {
            server,
            api,
            captures: Captures::default(),
            converse,
            parts,
            events,
        }
    }
}

impl Parts {
    async fn start(&mut self, server: &Server) -> (Converse, Api) {
        self.instances += 1;
        let mut converse = Converse::new()
            .with_network(server.network())
            .with_environment(Environment {
                clock: Arc::clone(&self.clock) as _,
                random: Arc::new(SeededRandom::new(self.instances)),
            });
        if let Some(store) = &self.mortal {
            converse = converse.with_store(Arc::new(store.clone()));
        } else if let Some(store) = &self.store {
            converse = converse.with_store(Arc::clone(store));
        }
        if let Some(software) = &self.software {
            converse = converse.with_software(software.clone());
        }
        let names = self.plugins.iter().map(|one| one.name().to_owned());
        let names: Vec<String> = names.collect();
        for plugin in self.plugins.iter().cloned() {
            let name = plugin.name().to_owned();
            converse
                .plugins()
                .add(plugin)
                .unwrap_or_else(|error| panic!("the plugin `{name}` cannot be added: {error}"));
        }
        let account = settings! {
            "jid": "mara@kestrel.example/desk",
            "password": "secret",
            "security": "plaintext_loopback",
            "whitelisted_plugins": names,
        };
        let started = converse.start(self.settings.clone().over(account)).await;
        let api = started.unwrap_or_else(|error| panic!("the instance does not start: {error}"));
        clock::settle().await;
        (converse, api)
    }
}

fn recorder(names: Vec<&'static str>, events: Events) -> PluginDefinition {
    PluginDefinition::new(RECORDER, move |cx| {
        for name in &names {
            let (name, events) = (*name, Arc::clone(&events));
            cx.listen().on_sync(name, move |event| {
                let mut events = events.lock().unwrap_or_else(PoisonError::into_inner);
                events.push((name.to_owned(), event.arg(0).clone()));
                Ok(())
            });
        }
        Ok(())
    })
}

impl Scene {
    /// A scene at the server of this plan.
    pub fn of(plan: Plan) -> SceneBuilder {
        SceneBuilder {
            plan,
            parts: Parts {
                settings: settings! {},
                store: None,
                mortal: None,
                software: None,
                plugins: Vec::new(),
                clock: Arc::default(),
                instances: 0,
            },
            recorded: Vec::new(),
        }
    }

    /// Kills the process: nothing more reaches the server or the store, and nobody says goodbye. For the server a connection is lost.
    /// The store must be [durable](SceneBuilder::durable).
    pub async fn kill(&mut self) {
        let store = self.parts.mortal.as_mut();
        let store = store.unwrap_or_else(|| panic!("nothing would be left of it"));
        store.kill();
        *store = store.reborn();
        self.server.answer_connects(Rule::Refuse);
        self.server.drop_connection();
        self.stop().await;
        self.forget().await;
    }

    /// Stops the instance in good order.
    pub async fn stop(&mut self) {
        self.converse.stop().await;
        clock::settle().await;
    }

    /// Starts another process after the one that was killed or stopped, and logs in.
    pub async fn start_again(&mut self) {
        self.server.answer_connects(Rule::Accept);
        (self.converse, self.api) = self.parts.start(&self.server).await;
    }

    /// The server sends this, and the instance does what follows.
    pub async fn recv(&self, xml: &str) {
        let filled = self.captures.fill(xml);
        let xml = filled.unwrap_or_else(|error| panic!("{error}: {xml}"));
        let sent = self.server.send(&xml).await;
        sent.unwrap_or_else(|error| panic!("{error}: {xml}"));
        clock::settle().await;
    }

    /// Waits until the instance has sent something like this, and takes it.
    pub async fn expect(&mut self, pattern: &str) -> Element {
        let found = self.server.expect(pattern, &mut self.captures).await;
        found.unwrap_or_else(|error| panic!("{error}"))
    }

    /// The same for what is to come within some virtual time.
    pub async fn expect_within(&mut self, pattern: &str, time: Duration) -> Element {
        let server = &self.server;
        let found = server
            .expect_within(pattern, &mut self.captures, time)
            .await;
        found.unwrap_or_else(|error| panic!("{error}"))
    }

    /// For half a second of virtual time nothing like this is sent.
    pub async fn expect_nothing(&self, pattern: &str) {
        let quiet = self
            .server
            .expect_nothing(pattern, &self.captures, A_WHILE)
            .await;
        quiet.unwrap_or_else(|error| panic!("{error}"));
    }

    /// Forgets what was sent and announced so far.
    pub async fn forget(&self) {
        self.recorded().await;
        self.server.forget_sent();
    }

    /// The recorded events since the last time, with their first arguments.
    pub async fn recorded(&self) -> Vec<(String, Value)> {
        clock::settle().await;
        let mut events = self.events.lock().unwrap_or_else(PoisonError::into_inner);
        std::mem::take(&mut *events)
    }

    /// The recorded events since the last time, by name.
    pub async fn events(&self) -> Vec<String> {
        let events = self.recorded().await.into_iter();
        events.map(|(name, _)| name).collect()
    }

    /// The first arguments of the events of one name since the last time; the others stay recorded.
    pub async fn payloads(&self, name: &str) -> Vec<Value> {
        clock::settle().await;
        let mut events = self.events.lock().unwrap_or_else(PoisonError::into_inner);
        let found = events.extract_if(.., |(found, _)| found == name);
        found.map(|(_, value)| value).collect()
    }
}
