//! A scripted server that blocks, and an instance that is logged in to it.

use std::ops::{Deref, DerefMut};

use converse_blocking::prelude::*;
use converse_testkit::clock;
use converse_testkit::scripted::{self, Captures, Plan};
use serde_json::Value;

pub(crate) struct Scene(scripted::Scene);

/// A server that blocks and takes reports; what the list is, the test says.
pub(crate) fn plan() -> Plan {
    let mut plan = Plan::new("kestrel.example");
    plan.auto.remove("blocklist");
    plan.server_features = ["urn:xmpp:blocking", "urn:xmpp:reporting:1"]
        .map(ToOwned::to_owned)
        .into();
    plan
}

/// Runs a test in virtual time, at a server that blocks.
pub(crate) fn with_server<F: Future>(plan: Plan, test: impl FnOnce(Scene) -> F) -> F::Output {
    clock::run(async { test(Scene::new(plan).await).await })
}

/// The same, where the list holds iago and a domain.
pub(crate) fn with_list<F: Future>(test: impl FnOnce(Scene) -> F) -> F::Output {
    clock::run(async {
        let mut scene = Scene::new(plan()).await;
        scene
            .answer_list(&["iago@venice.example", "spam.example"])
            .await;
        scene.events().await;
        scene.server.forget_sent();
        test(scene).await
    })
}

impl Scene {
    pub(crate) async fn new(plan: Plan) -> Self {
        Self(scripted::Scene::of(plan).recording(&NAMES).start().await)
    }

    pub(crate) fn blocking(&self) -> Blocking {
        self.api.blocking()
    }

    /// The server is asked for the list, and answers.
    pub(crate) async fn answer_list(&mut self, jids: &[&str]) {
        self.captures = Captures::default();
        self.expect("<iq type='get' id='{{list}}'><blocklist xmlns='urn:xmpp:blocking'/></iq>")
            .await;
        let items: String = jids
            .iter()
            .map(|jid| format!("<item jid='{jid}'/>"))
            .collect();
        self.recv(&format!(
            "<iq type='result' id='{{{{list}}}}'>\
               <blocklist xmlns='urn:xmpp:blocking'>{items}</blocklist></iq>"
        ))
        .await;
    }

    /// Who is blocked, as text.
    pub(crate) fn list(&self) -> Vec<String> {
        let list = self.blocking().list();
        list.iter().map(ToString::to_string).collect()
    }

    /// The events since the last time, with their address if they have one.
    pub(crate) async fn events(&self) -> Vec<String> {
        let events = self.recorded().await.into_iter();
        let shown = events.map(|(name, value)| {
            let jid = value.get("jid").and_then(Value::as_str);
            jid.map_or(name.clone(), |jid| format!("{name} {jid}"))
        });
        shown.collect()
    }
}

const NAMES: [&str; 5] = [
    "blocklistInitialized",
    "contactBlocked",
    "contactUnblocked",
    "sendRefused",
    "handlerFailed",
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
