//! The archive of the account, as a test plays it.

use std::sync::Arc;
use std::time::Duration;

use converse_chat::prelude::*;
use converse_core::contract::Archived;
use converse_core::prelude::*;
use converse_core::store::MemoryStore;
use converse_testkit::clock;
use converse_testkit::scripted::{Librarian, Plan};
use tokio::time::timeout;

use crate::scene::Scene;

pub(crate) const OTTO: &str = "otto@heron.example";
pub(crate) const INES: &str = "ines@heron.example";
pub(crate) const OWN: &str = "mara@kestrel.example";

/// A server that makes copies, and vouches for the ids that it gives.
pub(crate) fn plan() -> Plan {
    let mut plan = Plan::new("kestrel.example");
    plan.server_features = vec!["urn:xmpp:carbons:2".to_owned()];
    plan.account_features = vec!["urn:xmpp:sid:0".to_owned()];
    plan
}

/// Runs a test with an archive that it plays; nothing was asked yet.
pub(crate) fn play<F: Future<Output = ()>>(test: impl FnOnce(Scene, Librarian) -> F) {
    clock::run(async {
        let (scene, archive) = begin(None).await;
        test(scene, archive).await;
    });
}

/// An instance, which has what earlier ones stored.
pub(crate) async fn begin(store: Option<&Arc<MemoryStore>>) -> (Scene, Librarian) {
    begin_with(plan(), store).await
}

pub(crate) async fn begin_with(plan: Plan, store: Option<&Arc<MemoryStore>>) -> (Scene, Librarian) {
    let (plugin, archive) = Librarian::own();
    let scene = Scene::with_archive(plan, store, plugin).await;
    // Whether anybody vouches for ids must be known by then.
    let own: BareJid = OWN.parse().unwrap();
    scene.api.disco().info(&own).await.unwrap();
    clock::settle().await;
    (scene, archive)
}

/// What somebody wrote to the account; the number is its id in the archive, on the wire with an `m` before it, and the minute.
pub(crate) fn says(from: &str, number: u32) -> Archived {
    with(
        number,
        &format!("from='{from}/oar' to='{OWN}/desk' id='m{number}'"),
        "",
    )
}

/// What another client of the account wrote.
pub(crate) fn wrote(to: &str, number: u32) -> Archived {
    with(
        number,
        &format!("from='{OWN}/phone' to='{to}' id='m{number}'"),
        "",
    )
}

/// What the user has said to otto here, with the id that it had.
pub(crate) fn said(number: u32, id: &MessageId) -> Archived {
    with(
        number,
        &format!("from='{OWN}/desk' to='{OTTO}' id='{id}'"),
        "",
    )
}

pub(crate) fn with(number: u32, attributes: &str, more: &str) -> Archived {
    let body = format!("<body>text {number}</body>{more}");
    raw(
        number,
        &format!("<message xmlns='jabber:client' type='chat' {attributes}>{body}</message>"),
    )
}

pub(crate) fn raw(number: u32, xml: &str) -> Archived {
    let time = format!("2026-01-28T{:02}:{:02}:00Z", number / 60, number % 60);
    let time = time.parse().unwrap();
    Archived::new(number.to_string(), Some(time), Stanza::parse(xml).unwrap())
}

/// The same as it comes live.
pub(crate) fn live(from: &str, number: u32) -> String {
    format!(
        "<message from='{from}/oar' type='chat' id='m{number}'><body>text {number}</body>\
         <stanza-id xmlns='urn:xmpp:sid:0' by='{OWN}' id='{number}'/></message>"
    )
}

impl Scene {
    /// The numbers of the messages of a chat.
    pub(crate) fn numbers(&self, jid: &str) -> Vec<u32> {
        let messages = self.messages(jid).into_iter();
        let numbers = messages.map(|message| {
            let number = message.body.strip_prefix("text ");
            number.and_then(|number| number.parse().ok()).unwrap_or(0)
        });
        numbers.collect()
    }

    /// The numbers of the messages that were announced, in their order.
    pub(crate) async fn announced(&self) -> Vec<u32> {
        let added = self.payloads("messageAdded").await.into_iter();
        let numbers = added.map(|added| {
            let body = added["message"]["body"].as_str().unwrap_or_default();
            let number = body.strip_prefix("text ").unwrap_or_default();
            number.parse().unwrap_or(0)
        });
        numbers.collect()
    }

    /// The session is lost, and another one begins.
    pub(crate) async fn begin_anew(&self) {
        let mut states = self.api.session().watch();
        self.server.drop_connection();
        clock::settle().await;
        self.api.session().network_changed().await;
        // No longer than it takes: what comes live waits for the archive a while only.
        let online = states.wait_for(|state| state.is_online());
        let online = timeout(Duration::from_secs(10), online).await;
        drop(online.expect("there is another session").unwrap());
        clock::settle().await;
    }
}
