//! A scripted server and an instance that is logged in to it; everybody at heron.example is a contact.

use std::ops::{Deref, DerefMut};
use std::sync::Arc;
use std::time::Duration;

use converse_core::prelude::*;
use converse_core::store::{MemoryStore, Store};
use converse_testkit::clock;
use converse_testkit::scripted::{self, Captures, Plan};
use converse_vcard::prelude::*;
use tokio::task::JoinHandle;

/// What the beginning of a session takes at most, in virtual time.
const A_WHILE: Duration = Duration::from_millis(500);

pub(crate) const OTTO: &str = "otto@heron.example";

pub(crate) struct Scene(scripted::Scene);

/// Runs a test in virtual time, at a server whose accounts have nodes.
pub(crate) fn with_server<F: Future>(test: impl FnOnce(Scene) -> F) -> F::Output {
    with_plan(plan(), test)
}

/// The same, at another server.
pub(crate) fn with_plan<F: Future>(plan: Plan, test: impl FnOnce(Scene) -> F) -> F::Output {
    clock::run(async {
        let scene = Scene::new(plan, settings! {}).await;
        scene.server.forget_sent();
        scene.events().await;
        test(scene).await
    })
}

/// A server whose accounts have nodes with preconditions, and that answers for no vCard but the empty own one.
pub(crate) fn plan() -> Plan {
    let mut plan = Plan::new("kestrel.example");
    plan.auto.remove("bookmarks");
    plan.pep = true;
    plan.account_features = vec!["http://jabber.org/protocol/pubsub#publish-options".to_owned()];
    plan
}

/// A picture that is like no other.
pub(crate) fn picture(n: u8) -> Avatar {
    Avatar::new([b"\x89PNG\r\n\x1a\n".as_slice(), &[n; 40]].concat()).unwrap()
}

/// A presence of somebody with this content.
pub(crate) fn presence(from: &str, content: &str) -> String {
    format!("<presence from='{from}' to='mara@kestrel.example/desk'>{content}</presence>")
}

/// What a presence says about an avatar.
pub(crate) fn photo(hash: &str) -> String {
    format!("<x xmlns='vcard-temp:x:update'><photo>{hash}</photo></x>")
}

/// A message that tells of an item of a node.
pub(crate) fn event(from: &str, node: &str, item: &str) -> String {
    format!(
        "<message type='headline' from='{from}' to='mara@kestrel.example/desk'>\
           <event xmlns='http://jabber.org/protocol/pubsub#event'>\
             <items node='{node}'>{item}</items></event></message>"
    )
}

impl Scene {
    pub(crate) async fn new(plan: Plan, more: SettingsMap) -> Self {
        Self::with_store(plan, more, Arc::new(MemoryStore::new())).await
    }

    pub(crate) async fn with_store(plan: Plan, more: SettingsMap, store: Arc<dyn Store>) -> Self {
        let contacts = PluginDefinition::new("contacts", |cx| {
            cx.set_contacts(|jid| jid.domain().as_str() == "heron.example");
            Ok(())
        });
        let scene = scripted::Scene::of(plan).settings(more).store(store);
        let scene = scene.plugin(contacts).recording(&NAMES).start().await;
        // What the server can is asked, and then for the own vCard.
        tokio::time::sleep(A_WHILE).await;
        Self(scene)
    }

    pub(crate) fn vcard(&self) -> VCards {
        self.api.vcard()
    }

    /// Begins a call; the test plays the server meanwhile.
    pub(crate) fn begin<F: Future + 'static>(
        &self,
        call: impl FnOnce(VCards) -> F,
    ) -> JoinHandle<F::Output> {
        actix::spawn(call(self.vcard()))
    }

    /// Somebody is asked for the vCard, and has this one.
    pub(crate) async fn give_card(&mut self, of: &str, inside: &str) {
        self.captures = Captures::default();
        self.expect(&format!(
            "<iq type='get' id='{{{{card}}}}' to='{of}'><vCard xmlns='vcard-temp'/></iq>"
        ))
        .await;
        self.recv(&format!(
            "<iq type='result' id='{{{{card}}}}' from='{of}'>\
               <vCard xmlns='vcard-temp'>{inside}</vCard></iq>"
        ))
        .await;
    }

    /// Somebody is asked for a node, and has these items.
    pub(crate) async fn give_items(&mut self, of: &str, node: &str, items: &str) {
        self.captures = Captures::default();
        self.expect(&format!(
            "<iq type='get' id='{{{{items}}}}' to='{of}'>\
               <pubsub xmlns='http://jabber.org/protocol/pubsub'><items node='{node}'/></pubsub></iq>"
        ))
        .await;
        self.recv(&format!(
            "<iq type='result' id='{{{{items}}}}' from='{of}'>\
               <pubsub xmlns='http://jabber.org/protocol/pubsub'>\
                 <items node='{node}'>{items}</items></pubsub></iq>"
        ))
        .await;
    }
}

const NAMES: [&str; 4] = [
    "vcardUpdated",
    "avatarChanged",
    "presencePayloadChanged",
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
