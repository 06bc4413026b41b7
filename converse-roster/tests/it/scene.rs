//! A scripted server and an instance that is logged in to it.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use converse_core::prelude::*;
use converse_core::store::{MemoryStore, Store};
use converse_roster::prelude::*;
use converse_testkit::clock;
use converse_testkit::scripted::{Captures, Plan, RosterItem, Server};
use serde_json::Value;

/// How long it is watched that nothing is sent, in virtual time.
const A_WHILE: Duration = Duration::from_millis(500);

pub(crate) struct Scene {
    pub(crate) server: Server,
    pub(crate) api: Api,
    pub(crate) captures: Captures,
    events: Arc<Mutex<Vec<(String, Value)>>>,
}

/// Runs a test in virtual time, with otto and ines in the roster.
pub(crate) fn with_roster<F: Future>(test: impl FnOnce(Scene) -> F) -> F::Output {
    let plan = plan(&[
        ("otto@heron.example", "Otto"),
        ("ines@heron.example", "Ines"),
    ]);
    clock::run(async { test(Scene::new(plan, settings! {}).await).await })
}

/// Runs a test in virtual time; what the roster is, the test says.
pub(crate) fn without_roster<F: Future>(test: impl FnOnce(Scene) -> F) -> F::Output {
    clock::run(async { test(Scene::new(silent(), settings! {}).await).await })
}

/// A server that says nothing about the roster by itself.
pub(crate) fn silent() -> Plan {
    let mut plan = Plan::new("kestrel.example");
    plan.auto.remove("roster");
    plan
}

pub(crate) fn plan(contacts: &[(&str, &str)]) -> Plan {
    let mut plan = Plan::new("kestrel.example");
    plan.roster = contacts
        .iter()
        .map(|(jid, name)| RosterItem {
            jid: (*jid).to_owned(),
            name: Some((*name).to_owned()),
            subscription: Some("both".to_owned()),
            groups: Vec::new(),
        })
        .collect();
    plan
}

impl Scene {
    pub(crate) async fn new(plan: Plan, more: SettingsMap) -> Self {
        Self::with_store(plan, more, Arc::new(MemoryStore::new())).await
    }

    pub(crate) async fn with_store(plan: Plan, more: SettingsMap, store: Arc<dyn Store>) -> Self {
        let answers = plan.auto.contains("roster");
        let server = Server::new(plan);
        let events: Arc<Mutex<Vec<(String, Value)>>> = Arc::default();
        let heard = Arc::clone(&events);
        let converse = Converse::new()
            .with_network(server.network())
            .with_environment(clock::environment(1))
            .with_store(store);
        let recorder = PluginDefinition::new("recorder", move |cx| {
            for name in NAMES {
                let heard = Arc::clone(&heard);
                cx.listen().on_sync(name, move |event| {
                    let value = event.arg(0).clone();
                    heard.lock().unwrap().push((name.to_owned(), value));
                    Ok(())
                });
            }
            Ok(())
        });
        converse.plugins().add(recorder).unwrap();
        let settings = settings! {
            "jid": "mara@kestrel.example/desk",
            "password": "secret",
            "security": "plaintext_loopback",
            "whitelisted_plugins": ["recorder"],
        };
        let api = converse.start(more.over(settings)).await.unwrap();
        if answers {
            api.wait_until("rosterContactsFetched").await.unwrap();
        }
        clock::settle().await;
        Self {
            server,
            api,
            captures: Captures::default(),
            events,
        }
    }

    pub(crate) async fn recv(&mut self, xml: &str) {
        let xml = self.captures.fill(xml).unwrap();
        self.server.send(&xml).await.unwrap();
        clock::settle().await;
    }

    pub(crate) async fn expect(&mut self, pattern: &str) {
        self.server
            .expect(pattern, &mut self.captures)
            .await
            .unwrap();
    }

    pub(crate) async fn expect_nothing(&self, pattern: &str) {
        self.server
            .expect_nothing(pattern, &self.captures, A_WHILE)
            .await
            .unwrap();
    }

    /// The events since the last time, by name.
    pub(crate) async fn events(&self) -> Vec<String> {
        clock::settle().await;
        let events = std::mem::take(&mut *self.events.lock().unwrap());
        events.into_iter().map(|(name, _)| name).collect()
    }

    /// The payloads of the events of one name since the last time.
    pub(crate) async fn payloads(&self, name: &str) -> Vec<Value> {
        clock::settle().await;
        let events = std::mem::take(&mut *self.events.lock().unwrap());
        let events = events.into_iter().filter(|(found, _)| found == name);
        events.map(|(_, value)| value).collect()
    }

    pub(crate) fn contact(&self, jid: &str) -> Option<Contact> {
        self.api.contacts().get(jid).unwrap()
    }
}

const NAMES: [&str; 21] = [
    "rosterInitialized",
    "rosterReadyAfterReconnection",
    "cachedRoster",
    "rosterGroupsFetched",
    "roster",
    "rosterContactsFetched",
    "rosterFetchFailed",
    "rosterPush",
    "contactStatusChanged",
    "contactStatusMessageChanged",
    "contactOnline",
    "contactOffline",
    "contactRequest",
    "contactRemoved",
    "contactSubscribed",
    "contactUnsubscribed",
    "contactRequestWithdrawn",
    "contactRequestFailed",
    "contactProfileChanged",
    "handlerFailed",
    "reconnected",
];
