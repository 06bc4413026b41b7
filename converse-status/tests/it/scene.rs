//! A scripted server and an instance that is logged in to it.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use converse_core::prelude::*;
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

/// Runs a test in virtual time, with the session up.
pub(crate) fn online<F: Future>(more: SettingsMap, test: impl FnOnce(Scene) -> F) -> F::Output {
    clock::run(async {
        let scene = Scene::new(Plan::new("kestrel.example"), more, None).await;
        test(scene).await
    })
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

    pub(crate) async fn expect_nothing(&self, pattern: &str) {
        let captures = Captures::default();
        let nothing = self.server.expect_nothing(pattern, &captures, A_WHILE);
        nothing.await.unwrap();
    }

    /// The events since the last time.
    pub(crate) async fn events(&self) -> Vec<(String, Value)> {
        clock::settle().await;
        std::mem::take(&mut *self.events.lock().unwrap())
    }
}
