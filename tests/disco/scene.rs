//! A scripted server and an instance that is logged in to it.

use std::ops::{Deref, DerefMut};
use std::sync::Arc;

use converse::core::disco::{Info, Software};
use converse::core::store::{MemoryStore, Store};
use converse::prelude::*;
use converse_testkit::clock;
use converse_testkit::scripted::{self, Captures, Plan};

pub(crate) const OWN: &str = "mara@kestrel.example";
pub(crate) const OTTO: &str = "otto@heron.example/oar";
pub(crate) const INES: &str = "ines@heron.example/reed";
pub(crate) const DISCO_INFO: &str = "http://jabber.org/protocol/disco#info";
/// Any question what somebody is.
pub(crate) const ASKED: &str =
    "<iq type='get' id='{{d}}'><query xmlns='http://jabber.org/protocol/disco#info'/></iq>";
const EVENTS: [&str; 3] = [
    "serviceDiscovered",
    "discoInitialized",
    "presencePayloadChanged",
];

pub(crate) struct Scene(scripted::Scene);

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
            .map(|jid| scripted::RosterItem {
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
        let mut scene = scripted::Scene::of(setting.plan).store(setting.store);
        if let Some(software) = setting.software {
            scene = scene.software(software);
        }
        let scene = scene.recording(&EVENTS).start().await;
        scene.api.wait_until("rosterContactsFetched").await.unwrap();
        clock::settle().await;
        Self(scene)
    }

    /// Ends the session and begins another.
    pub(crate) async fn log_in_again(&self) {
        self.api.connection().disconnect().await.unwrap();
        self.api.user().login(()).await.unwrap();
        self.api.wait_until("discoInitialized").await.unwrap();
        clock::settle().await;
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
        self.captures = Captures::default();
        let pattern = ASKED.replace("type='get'", &format!("type='get' to='{jid}'"));
        let asked = self.expect(&pattern).await;
        let query = asked.child("query", DISCO_INFO).unwrap();
        let node = query.attr("node").map(|node| node.into_owned());
        (node, asked.attr("id").unwrap().into_owned())
    }

    pub(crate) async fn capabilities(&self, jid: &str) -> Option<Arc<Info>> {
        self.api.disco().capabilities(&jid.parse().unwrap()).await
    }
}

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

pub(crate) fn jid(text: &str) -> Jid {
    text.parse().unwrap()
}
