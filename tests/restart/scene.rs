//! A process that can be killed.

use std::ops::{Deref, DerefMut};
use std::sync::Arc;

use converse::core::session::Checkpoint;
use converse::core::store::{AccountStore, MemoryStore, Namespace, Scan, Store};
use converse::prelude::*;
use converse_testkit::clock;
use converse_testkit::scripted::{self, Plan, RosterItem};

pub(crate) const RESUME: &str = "<resume xmlns='urn:xmpp:sm:3' previd='sm-1' h='{{h}}'/>";
pub(crate) const BIND: &str = "<iq><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/></iq>";
const DIARY: Namespace = Namespace::new("diary", 10_000);
pub(crate) const EVENTS: [&str; 4] = [
    "sessionStarted",
    "noResumeableSession",
    "cachedRoster",
    "rosterContactsFetched",
];

/// A scene with a store that outlives the processes, and what their plugins heard and wrote down.
pub(crate) struct Scene {
    inner: scripted::Scene,
    pub(crate) store: Arc<dyn Store>,
}

pub(crate) fn play<F: Future<Output = ()>>(play: F) {
    clock::run(play);
}

pub(crate) fn plan() -> Plan {
    let mut plan = Plan::new("kestrel.example");
    plan.stream_management = true;
    plan.features
        .push("<ver xmlns='urn:xmpp:features:rosterver'/>".to_owned());
    plan.roster_version = Some("v1".to_owned());
    plan.roster = vec![RosterItem {
        jid: "otto@heron.example".to_owned(),
        name: Some("Otto".to_owned()),
        subscription: Some("both".to_owned()),
        groups: Vec::new(),
    }];
    plan.server_features = vec!["urn:xmpp:carbons:2".to_owned()];
    plan
}

pub(crate) async fn start() -> Scene {
    with(plan(), settings! {}).await
}

pub(crate) async fn with(plan: Plan, more: SettingsMap) -> Scene {
    let store: Arc<dyn Store> = Arc::new(MemoryStore::new());
    let inner = scripted::Scene::of(plan)
        .durable(Arc::clone(&store))
        .settings(more)
        .plugin(plugin())
        .recording(&EVENTS)
        .start()
        .await;
    Scene { inner, store }
}

fn plugin() -> PluginDefinition {
    PluginDefinition::new("diary", move |cx| {
        let writer = Writer {
            api: cx.api(),
            unwritten: Vec::new(),
        };
        let actor = cx.spawn(writer).hooks::<Checkpoint>();
        cx.route(Route::message(), &actor)?;
        Ok(())
    })
}

/// Keeps what it hears: at first in its memory, at a checkpoint in good hands.
struct Writer {
    api: Api,
    unwritten: Vec<String>,
}

impl HearsStanzas for Writer {
    async fn hear_stanza(&mut self, stanza: Stanza) -> Handled {
        self.unwritten
            .push(stanza.body().unwrap_or_default().into_owned());
        Ok(())
    }
}

impl Transforms<Checkpoint> for Writer {
    async fn transform(&mut self, checkpoint: Checkpoint) -> Result<Checkpoint, BoxError> {
        let store = self.api.account_store().unwrap();
        for body in std::mem::take(&mut self.unwritten) {
            let number = store.count(DIARY).await?;
            store.put(DIARY, &format!("{number:05}"), body).await?;
        }
        Ok(checkpoint)
    }
}

impl Scene {
    pub(crate) async fn restart(&mut self) {
        self.inner.kill().await;
        self.inner.start_again().await;
    }

    /// The count that the client gives when it asks to go on.
    pub(crate) async fn resumes_at(&mut self) -> u32 {
        let element = self.inner.expect("<resume xmlns='urn:xmpp:sm:3'/>").await;
        element.attr("h").unwrap().parse().unwrap()
    }

    /// The counts that the server was told, in their order.
    pub(crate) fn told(&self) -> Vec<u32> {
        let sent = self.server.sent();
        let elements = sent.iter().filter_map(|sent| sent.element());
        elements
            .filter(|element| element.is("a", "urn:xmpp:sm:3"))
            .map(|element| element.attr("h").unwrap().parse().unwrap())
            .collect()
    }

    /// What `sessionStarted` said last.
    pub(crate) async fn started(&self) -> Vec<(bool, bool)> {
        let payloads = self.payloads("sessionStarted").await;
        let flag = |value: &serde_json::Value, name: &str| value[name].as_bool().unwrap();
        payloads
            .iter()
            .map(|value| (flag(value, "resumed"), flag(value, "restarted")))
            .collect()
    }

    fn account(&self) -> AccountStore {
        let account = "mara@kestrel.example".parse().unwrap();
        AccountStore::new(Arc::clone(&self.store), account)
    }

    /// What the plugin has written down, in all processes.
    pub(crate) async fn written(&self) -> Vec<String> {
        let page = self.account().scan(DIARY, Scan::all()).await.unwrap();
        let values = page.entries.into_iter().map(|entry| entry.value);
        values
            .map(|value| String::from_utf8(value).unwrap())
            .collect()
    }

    pub(crate) async fn secret(&self) -> Option<String> {
        let secret = self.account().secret("sm").await.unwrap();
        secret.map(|secret| String::from_utf8(secret.expose().to_vec()).unwrap())
    }
}

pub(crate) fn from_otto(body: &str) -> String {
    format!("<message from='otto@heron.example/oar' type='chat'><body>{body}</body></message>")
}

pub(crate) fn to_otto(body: &str) -> String {
    format!("<message to='otto@heron.example' type='chat'><body>{body}</body></message>")
}

impl Deref for Scene {
    type Target = scripted::Scene;

    fn deref(&self) -> &scripted::Scene {
        &self.inner
    }
}

impl DerefMut for Scene {
    fn deref_mut(&mut self) -> &mut scripted::Scene {
        &mut self.inner
    }
}
