//! A scripted server and an instance that is logged in to it.

use std::ops::{Deref, DerefMut};
use std::time::Duration;

use converse_core::prelude::*;
use converse_status::prelude::*;
use converse_testkit::clock;
use converse_testkit::scripted::{self, Captures, Plan};
use serde_json::Value;

const NAMES: [&str; 4] = [
    "statusInitialized",
    "statusChanged",
    "statusMessageChanged",
    "reconnected",
];

pub(crate) struct Scene(scripted::Scene);

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
        let mut scene = scripted::Scene::of(plan).settings(more).recording(&NAMES);
        if let Some(roster) = roster {
            scene = scene.plugin(roster);
        }
        Self(scene.start().await)
    }

    pub(crate) async fn expect(&self, pattern: &str) -> Element {
        let mut captures = Captures::default();
        let found = self.server.expect(pattern, &mut captures).await;
        found.unwrap()
    }

    /// The presence of somebody who is online and says nothing more; what plugins add is no matter.
    pub(crate) async fn expect_plain(&self) -> Element {
        let presence = self.expect("<presence/>").await;
        assert!(says_nothing(&presence), "{}", presence.to_xml());
        assert_eq!(presence.attr("type"), None);
        presence
    }

    /// Lets time pass without activity.
    pub(crate) async fn wait(&self, seconds: u64) {
        tokio::time::sleep(Duration::from_secs(seconds)).await;
    }

    pub(crate) fn status(&self) -> UserStatus {
        self.api.user().status()
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
