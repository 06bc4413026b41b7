//! A scripted server and an instance that is logged in to it.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use converse_blocking::prelude::*;
use converse_core::prelude::*;
use converse_testkit::clock;
use converse_testkit::scripted::{Captures, Plan, Server};
use serde_json::Value;

/// How long it is watched that nothing is sent, in virtual time.
const A_WHILE: Duration = Duration::from_millis(500);

pub(crate) struct Scene {
    pub(crate) server: Server,
    pub(crate) api: Api,
    pub(crate) captures: Captures,
    events: Arc<Mutex<Vec<(String, Value)>>>,
}

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
        let server = Server::new(plan);
        let events: Arc<Mutex<Vec<(String, Value)>>> = Arc::default();
        let heard = Arc::clone(&events);
        let converse = Converse::new()
            .with_network(server.network())
            .with_environment(clock::environment(1));
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
        let api = converse
            .start(settings! {
                "jid": "mara@kestrel.example/desk",
                "password": "secret",
                "security": "plaintext_loopback",
                "whitelisted_plugins": ["recorder"],
            })
            .await
            .unwrap();
        clock::settle().await;
        Self {
            server,
            api,
            captures: Captures::default(),
            events,
        }
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

    /// Who is blocked, as text.
    pub(crate) fn list(&self) -> Vec<String> {
        let list = self.blocking().list();
        list.iter().map(ToString::to_string).collect()
    }

    /// The events since the last time, with their address if they have one.
    pub(crate) async fn events(&self) -> Vec<String> {
        clock::settle().await;
        let events = std::mem::take(&mut *self.events.lock().unwrap());
        let shown = events.into_iter().map(|(name, value)| {
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
