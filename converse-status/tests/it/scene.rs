//! A scripted server and an instance that is logged in to it.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use converse_core::prelude::*;
use converse_status::prelude::*;
use converse_testkit::clock;
use converse_testkit::scripted::{Captures, Plan, Server};
use serde_json::Value;

/// How long it is watched that nothing is sent, in virtual time.
const A_WHILE: Duration = Duration::from_millis(500);

const NAMES: [&str; 4] = [
    "statusInitialized",
    "statusChanged",
    "statusMessageChanged",
    "reconnected",
];

pub(crate) struct Scene {
    pub(crate) server: Server,
    pub(crate) api: Api,
    events: Arc<Mutex<Vec<(String, Value)>>>,
}

pub(crate) fn event(name: &str, value: impl Into<Value>) -> (String, Value) {
    (name.to_owned(), value.into())
}

/// Whether there is neither show nor text nor priority in a presence.
pub(crate) fn says_nothing(presence: &Element) -> bool {
    let mut children = presence.children();
    children.all(|child| child.ns() != "jabber:client")
}

/// Runs a test in virtual time, with a session of this plan up.
pub(crate) fn online_with<F: Future>(
    plan: Plan,
    more: SettingsMap,
    test: impl FnOnce(Scene) -> F,
) -> F::Output {
    clock::run(async {
        let scene = Scene::new(plan, more, None).await;
        test(scene).await
    })
}

/// Runs a test in virtual time, with the session up.
pub(crate) fn online<F: Future>(more: SettingsMap, test: impl FnOnce(Scene) -> F) -> F::Output {
    online_with(Plan::new("kestrel.example"), more, test)
}

impl Scene {
    /// A started instance; `roster` takes the place of the plugin that fetches contacts.
    pub(crate) async fn new(
        plan: Plan,
        more: SettingsMap,
        roster: Option<PluginDefinition>,
    ) -> Self {
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
        if let Some(roster) = roster {
            converse.plugins().add(roster).unwrap();
        }
        let settings = settings! {
            "jid": "mara@kestrel.example/desk",
            "password": "secret",
            "security": "plaintext_loopback",
            "whitelisted_plugins": ["recorder", "converse-roster"],
        };
        let api = converse.start(more.over(settings)).await.unwrap();
        clock::settle().await;
        Self {
            server,
            api,
            events,
        }
    }

    pub(crate) async fn expect(&self, pattern: &str) -> Element {
        let mut captures = Captures::default();
        self.server.expect(pattern, &mut captures).await.unwrap()
    }

    /// The presence of somebody who is online and says nothing more; what plugins add is no matter.
    pub(crate) async fn expect_plain(&self) -> Element {
        let presence = self.expect("<presence/>").await;
        assert!(says_nothing(&presence), "{}", presence.to_xml());
        assert_eq!(presence.attr("type"), None);
        presence
    }

    pub(crate) async fn expect_nothing(&self, pattern: &str) {
        let captures = Captures::default();
        let nothing = self.server.expect_nothing(pattern, &captures, A_WHILE);
        nothing.await.unwrap();
    }

    /// Lets time pass without activity.
    pub(crate) async fn wait(&self, seconds: u64) {
        tokio::time::sleep(Duration::from_secs(seconds)).await;
    }

    /// The server sends this.
    pub(crate) async fn receive(&self, stanza: &str) {
        self.server.send(stanza).await.unwrap();
        clock::settle().await;
    }

    pub(crate) fn status(&self) -> UserStatus {
        self.api.user().status()
    }

    /// The events since the last time.
    pub(crate) async fn events(&self) -> Vec<(String, Value)> {
        clock::settle().await;
        std::mem::take(&mut *self.events.lock().unwrap())
    }
}
