//! A scripted server and an instance that is logged in to it.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use converse_chat::prelude::*;
use converse_core::contract::{ContactDirectory, Standing, Subscription};
use converse_core::prelude::*;
use converse_testkit::clock;
use converse_testkit::scripted::{Captures, Plan, Server};
use serde_json::Value;

/// How long it is watched that nothing is sent, in virtual time.
const A_WHILE: Duration = Duration::from_millis(500);

const NAMES: [&str; 17] = [
    "chatBoxInitialized",
    "chatBoxOpened",
    "chatBoxClosed",
    "chatBoxFocused",
    "chatBoxToggled",
    "afterMessagesFetched",
    "chatBoxesFetched",
    "message",
    "messageAdded",
    "messageSend",
    "messageDeliveryChanged",
    "messageUpdated",
    "messageUpdateFailed",
    "messageRefused",
    "chatStateChanged",
    "unreadChanged",
    "handlerFailed",
];

pub(crate) struct Scene {
    pub(crate) server: Server,
    pub(crate) api: Api,
    pub(crate) captures: Captures,
    events: Arc<Mutex<Vec<(String, Value)>>>,
}

/// Runs a test in virtual time; otto and ines are contacts, juno is one who does not see the user.
pub(crate) fn online<F: Future>(test: impl FnOnce(Scene) -> F) -> F::Output {
    online_with(settings! {}, test)
}

pub(crate) fn online_with<F: Future>(
    more: SettingsMap,
    test: impl FnOnce(Scene) -> F,
) -> F::Output {
    clock::run(async {
        let plan = Plan::new("kestrel.example");
        test(Scene::new(plan, more, true).await).await
    })
}

fn standing(jid: &BareJid) -> Standing {
    match jid.as_str() {
        "otto@heron.example" | "ines@heron.example" => Standing::Contact(Subscription::Both),
        "juno@teal.example" => Standing::Contact(Subscription::To),
        _ => Standing::Stranger,
    }
}

impl Scene {
    pub(crate) async fn new(plan: Plan, more: SettingsMap, roster: bool) -> Self {
        let server = Server::new(plan);
        let events: Arc<Mutex<Vec<(String, Value)>>> = Arc::default();
        let heard = Arc::clone(&events);
        let converse = Converse::new()
            .with_network(server.network())
            .with_environment(clock::environment(1));
        let recorder = PluginDefinition::new("recorder", move |cx| {
            if roster {
                cx.provide(ContactDirectory::new(standing));
            }
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
        clock::settle().await;
        events.lock().unwrap().clear();
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

    pub(crate) async fn expect(&mut self, pattern: &str) -> Element {
        let found = self.server.expect(pattern, &mut self.captures).await;
        found.unwrap()
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

    pub(crate) fn chat(&self, jid: &str) -> Option<Chat> {
        self.api.chats().get(jid).unwrap()
    }

    pub(crate) fn messages(&self, jid: &str) -> Vec<Message> {
        self.chat(jid).unwrap().messages().all().unwrap()
    }
}
