//! A scripted server with contacts, and an instance that is logged in to it.

use std::ops::{Deref, DerefMut};
use std::sync::Arc;

use converse_core::prelude::*;
use converse_core::store::{MemoryStore, Store};
use converse_roster::prelude::*;
use converse_testkit::clock;
use converse_testkit::scripted::{self, Plan, RosterItem};

pub(crate) struct Scene(scripted::Scene);

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
        let scene = scripted::Scene::of(plan).settings(more).store(store);
        let scene = scene.recording(&NAMES).start().await;
        if answers {
            scene.api.wait_until("rosterContactsFetched").await.unwrap();
        }
        Self(scene)
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

impl Deref for Scene {
    type Target = scripted::Scene;

    fn deref(&self) -> &Self::Target {
        &self.0
    }
}

impl DerefMut for Scene {
    fn deref_mut(&mut self) -> &mut Self::Target {
        &mut self.0
    }
}
