//! A scripted server and an instance that is logged in to it.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use converse::core::disco::{Info, Software};
use converse::core::store::{MemoryStore, Store};
use converse::prelude::*;
use converse_testkit::clock;
use converse_testkit::scripted::{Captures, Plan, Server};
use serde_json::Value;

pub(crate) const OWN: &str = "mara@kestrel.example";
pub(crate) const OTTO: &str = "otto@heron.example/oar";
pub(crate) const INES: &str = "ines@heron.example/reed";
pub(crate) const DISCO_INFO: &str = "http://jabber.org/protocol/disco#info";
/// Any question what somebody is.
pub(crate) const ASKED: &str =
    "<iq type='get' id='{{d}}'><query xmlns='http://jabber.org/protocol/disco#info'/></iq>";
const A_WHILE: Duration = Duration::from_millis(500);

pub(crate) struct Scene {
    pub(crate) server: Server,
    pub(crate) api: Api,
    pub(crate) names: Captures,
    events: Arc<Mutex<Vec<(String, Value)>>>,
}

/// What a scene is made of.
pub(crate) struct Setting {
    pub(crate) plan: Plan,
    pub(crate) store: Arc<dyn Store>,
    pub(crate) software: Option<Software>,
}

impl Default for Setting {
    fn default() -> Self {
        let mut plan = Plan::new("kestrel.example");
        plan.roster = ["otto@heron.example", "ines@heron.example"]
            .map(|jid| converse_testkit::scripted::RosterItem {
                jid: jid.to_owned(),
                subscription: Some("both".to_owned()),
                ..Default::default()
            })
            .into();
        Self {
            plan,
            store: Arc::new(MemoryStore::new()),
            software: None,
        }
    }
}

/// Plays `play` in virtual time with a session that is up, of which the start is over.
pub(crate) fn play<F: Future>(play: impl FnOnce(Scene) -> F) {
    play_with(|_| {}, play);
}

/// The same on a server that is another.
pub(crate) fn play_with<F: Future>(change: impl FnOnce(&mut Plan), play: impl FnOnce(Scene) -> F) {
    let mut setting = Setting::default();
    change(&mut setting.plan);
    clock::run(async {
        let scene = Scene::of(setting).await;
        scene.server.forget_sent();
        play(scene).await
    });
}

impl Scene {
    pub(crate) async fn of(setting: Setting) -> Self {
        let server = Server::new(setting.plan);
        let events: Arc<Mutex<Vec<(String, Value)>>> = Arc::default();
        let heard = Arc::clone(&events);
        let mut converse = Converse::new()
            .with_network(server.network())
            .with_environment(clock::environment(1))
            .with_store(setting.store);
        if let Some(software) = setting.software {
            converse = converse.with_software(software);
        }
        let recorder = PluginDefinition::new("recorder", move |cx| {
            for name in [
                "serviceDiscovered",
                "discoInitialized",
                "presencePayloadChanged",
            ] {
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
            "jid": format!("{OWN}/desk"),
            "password": "secret",
            "security": "plaintext_loopback",
            "whitelisted_plugins": ["recorder"],
        };
        let api = converse.start(settings).await.unwrap();
        api.wait_until("rosterContactsFetched").await.unwrap();
        clock::settle().await;
        Self {
            server,
            api,
            names: Captures::default(),
            events,
        }
    }

    /// Ends the session and begins another.
    pub(crate) async fn log_in_again(&self) {
        self.api.connection().disconnect().await.unwrap();
        self.api.user().login(()).await.unwrap();
        self.api.wait_until("discoInitialized").await.unwrap();
        clock::settle().await;
    }

    pub(crate) async fn recv(&self, xml: &str) {
        self.server
            .send(&self.names.fill(xml).unwrap())
            .await
            .unwrap();
        clock::settle().await;
    }

    pub(crate) async fn expect(&mut self, pattern: &str) -> Element {
        let sent = self.server.expect(pattern, &mut self.names).await;
        sent.unwrap()
    }

    /// Waits for a question to `jid` and answers it; gives the node that was asked for.
    pub(crate) async fn describe(&mut self, jid: &str, inner: &str) -> Option<String> {
        let (node, id) = self.asked(jid).await;
        let xml = format!(
            "<iq type='result' id='{id}' from='{jid}'><query xmlns='{DISCO_INFO}'>{inner}</query></iq>"
        );
        self.recv(&xml).await;
        node
    }

    /// Waits for a question to `jid`: its node and its id.
    pub(crate) async fn asked(&mut self, jid: &str) -> (Option<String>, String) {
        self.names = Captures::default();
        let pattern = ASKED.replace("type='get'", &format!("type='get' to='{jid}'"));
        let asked = self.expect(&pattern).await;
        let query = asked.child("query", DISCO_INFO).unwrap();
        let node = query.attr("node").map(|node| node.into_owned());
        (node, asked.attr("id").unwrap().into_owned())
    }

    pub(crate) async fn expect_nothing(&self, pattern: &str) {
        let names = Captures::default();
        let quiet = self.server.expect_nothing(pattern, &names, A_WHILE);
        quiet.await.unwrap();
    }

    /// The payloads of the events of one name since the last time.
    pub(crate) async fn events(&self, name: &str) -> Vec<Value> {
        clock::settle().await;
        let mut events = self.events.lock().unwrap();
        let found = events.extract_if(.., |(found, _)| found == name);
        found.map(|(_, value)| value).collect()
    }

    pub(crate) async fn capabilities(&self, jid: &str) -> Option<Arc<Info>> {
        self.api.disco().capabilities(&jid.parse().unwrap()).await
    }
}

pub(crate) fn jid(text: &str) -> Jid {
    text.parse().unwrap()
}
