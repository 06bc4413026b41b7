//! A scripted server and an instance that is logged in to it.

use std::ops::{Deref, DerefMut};
use std::sync::Arc;
use std::time::Duration;

use converse_chat::prelude::*;
use converse_core::contract::{ContactDirectory, Standing, Subscription};
use converse_core::prelude::*;
use converse_core::store::{MemoryStore, Store};
use converse_testkit::clock;
use converse_testkit::scripted::{self, Plan};

const NAMES: [&str; 20] = [
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
    "messageWithdrawn",
    "messageRefused",
    "chatStateChanged",
    "unreadChanged",
    "archiveCatchingUp",
    "archiveCaughtUp",
    "handlerFailed",
];

pub(crate) struct Scene(scripted::Scene);

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
        let mut scene = scripted::Scene::of(plan).settings(more).recording(&NAMES);
        if roster {
            let contacts = |cx: &PluginContext| {
                cx.provide(ContactDirectory::new(standing));
                Ok(())
            };
            scene = scene.plugin(PluginDefinition::new("contacts", contacts));
        }
        let scene = scene.start().await;
        scene.recorded().await;
        Self(scene)
    }

    /// The same at what earlier instances stored; all have `otto` among their contacts.
    pub(crate) async fn at(store: &Arc<MemoryStore>, more: SettingsMap) -> Self {
        let store: Arc<dyn Store> = Arc::<MemoryStore>::clone(store);
        let contacts = |cx: &PluginContext| {
            cx.provide(ContactDirectory::new(standing));
            Ok(())
        };
        let scene = scripted::Scene::of(Plan::new("kestrel.example"))
            .settings(more)
            .recording(&NAMES)
            .store(store)
            .plugin(PluginDefinition::new("contacts", contacts));
        Self(scene.start().await)
    }

    /// One with an archive that a plugin stands for, and with what earlier instances stored.
    pub(crate) async fn with_archive(
        plan: Plan,
        store: Option<&Arc<MemoryStore>>,
        archive: PluginDefinition,
    ) -> Self {
        let contacts = |cx: &PluginContext| {
            cx.provide(ContactDirectory::new(standing));
            Ok(())
        };
        let mut scene = scripted::Scene::of(plan)
            .recording(&NAMES)
            .plugin(PluginDefinition::new("contacts", contacts))
            .plugin(archive);
        if let Some(store) = store {
            let store: Arc<dyn Store> = Arc::<MemoryStore>::clone(store);
            scene = scene.store(store);
        }
        let scene = scene.start().await;
        Self(scene)
    }

    pub(crate) fn chat(&self, jid: &str) -> Option<Chat> {
        self.api.chats().get(jid).unwrap()
    }

    /// Lets the server answer the ping behind what was sent.
    pub(crate) async fn acknowledged(&self) {
        tokio::time::sleep(Duration::from_millis(200)).await;
    }

    pub(crate) fn messages(&self, jid: &str) -> Vec<Message> {
        self.chat(jid).unwrap().messages().all().unwrap()
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
