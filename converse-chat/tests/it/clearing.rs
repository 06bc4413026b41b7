//! A logout that clears the store leaves nothing, neither there nor here.

use std::sync::Arc;
use std::time::Duration;

use converse_chat::prelude::*;
use converse_core::prelude::*;
use converse_core::store::{AccountStore, MemoryStore, Namespace, Store};
use converse_messages::outbox::OutboxExt;
use converse_testkit::clock;
use converse_testkit::scripted::Rule;
use serde_json::json;

use crate::archive::{self, live};
use crate::scene::Scene;

const OTTO: &str = "otto@heron.example";
const INES: &str = "ines@heron.example";

fn store() -> Arc<MemoryStore> {
    Arc::new(MemoryStore::new().as_durable())
}

fn clearing() -> SettingsMap {
    settings! { "clear_store_on_logout": true }
}

/// How much there is of chats, cursors, what waits, and messages.
async fn kept(store: &Arc<MemoryStore>) -> [usize; 4] {
    let own: BareJid = "mara@kestrel.example".parse().unwrap();
    let store = AccountStore::new(Arc::clone(store) as Arc<dyn Store>, own);
    let logs = store.logs().await.unwrap();
    let count = async |name| store.count(Namespace::new(name, 20_000)).await.unwrap();
    [
        count("chats").await,
        count("archive").await,
        count("outbox").await,
        logs.iter().map(|log| log.records).sum(),
    ]
}

async fn logs_in_again(it: &Scene) {
    it.server.answer_connects(Rule::Accept);
    it.api.user().login(()).await.unwrap();
    clock::settle().await;
}

#[test]
fn nothing_of_the_account_is_left_and_nothing_is_written_back() {
    clock::run(async {
        let store = store();
        let mut it = Scene::at(&store, clearing()).await;
        it.recv(&live(OTTO, 1)).await;
        let ines = it.api.chats().open(INES).await.unwrap();
        it.server.answer_connects(Rule::Refuse);
        it.server.drop_connection();
        clock::settle().await;
        let id = ines.send_message("waits").await.unwrap();
        let change = ines.react(&id, ["👍"]).await.unwrap();
        assert_eq!(kept(&store).await, [2, 0, 2, 2]);
        it.forget().await;
        it.api.user().logout().await.unwrap();
        // Whoever sent it is told, before the chat is gone.
        let recorded = it.recorded().await;
        let events: Vec<_> = recorded.iter().map(|(name, _)| name.as_str()).collect();
        let expected = [
            "messageUpdated",
            "messageUpdateFailed",
            "messageDeliveryChanged",
            "chatBoxClosed",
            "chatBoxClosed",
        ];
        assert_eq!(events, expected, "{change:?}");
        let failed = &recorded[2].1;
        assert_eq!(failed["message"]["delivery"], "failed");
        assert_eq!(failed["message"]["error"]["condition"], "closed");
        assert!(it.api.chats().all().is_empty());
        assert!(matches!(ines.messages().all(), Err(error) if error.kind() == ErrorKind::Closed));
        // What was to be written in a while is not.
        tokio::time::sleep(Duration::from_secs(90)).await;
        assert_eq!(kept(&store).await, [0; 4]);

        it.forget().await;
        it.server.forget_sent();
        logs_in_again(&it).await;
        tokio::time::sleep(Duration::from_secs(90)).await;
        assert_eq!(kept(&store).await, [0; 4]);
        assert_eq!(it.payloads("chatBoxesFetched").await, [json!([])]);
        assert!(it.api.outbox().unwrap().list().await.unwrap().is_empty());
        it.expect_nothing("<message><body/></message>").await;
        // It begins anew, and what comes now is kept.
        it.recv(&live(OTTO, 2)).await;
        let sent = it.api.chats().send_message(INES, "anew").await.unwrap();
        it.expect(&format!("<message id='{sent}'/>")).await;
        it.acknowledged().await;
        let shown = |it: &Scene| [it.messages(OTTO), it.messages(INES)].concat();
        let before = shown(&it);
        assert_eq!(before.len(), 2);
        assert_eq!(kept(&store).await, [2, 0, 0, 2]);
        let it = Scene::at(&store, clearing()).await;
        assert_eq!(shown(&it), before);
    });
}

#[test]
fn what_is_kept_only_as_long_as_the_program_runs_is_forgotten_too() {
    clock::run(async {
        let store = Arc::new(MemoryStore::new());
        let more = clearing().over(settings! { "outbox": "memory" });
        let it = Scene::at(&store, more).await;
        it.recv(&live(OTTO, 1)).await;
        it.server.answer_connects(Rule::Refuse);
        it.server.drop_connection();
        clock::settle().await;
        let otto = it.chat(OTTO).unwrap();
        otto.send_message("waits").await.unwrap();
        it.api.user().logout().await.unwrap();
        logs_in_again(&it).await;
        assert!(it.chat(OTTO).is_none());
        assert!(it.api.outbox().unwrap().list().await.unwrap().is_empty());
    });
}

#[test]
fn without_the_setting_everything_stays() {
    clock::run(async {
        let it = Scene::at(&store(), settings! {}).await;
        it.recv(&live(OTTO, 1)).await;
        it.api.user().logout().await.unwrap();
        logs_in_again(&it).await;
        assert_eq!(it.messages(OTTO).len(), 1);
    });
}

#[test]
fn the_archive_is_read_as_if_for_the_first_time() {
    clock::run(async {
        let store = store();
        let (it, archive) = archive::begin(Some(&store)).await;
        it.api
            .settings()
            .set("clear_store_on_logout", true)
            .unwrap();
        archive.asked().await.newest().last(vec![]).await;
        it.recv(&live(OTTO, 1)).await;
        clock::settle().await;
        assert_eq!(kept(&store).await, [1, 1, 0, 1]);
        it.api.user().logout().await.unwrap();
        logs_in_again(&it).await;
        // Of an archive of which something is known only what came after that would be asked for.
        let page = vec![archive::says(OTTO, 1), archive::says(OTTO, 2)];
        archive.asked().await.newest().last(page).await;
        assert_eq!(it.numbers(OTTO), [1, 2]);
    });
}

#[test]
fn what_comes_late_from_the_archive_of_before_is_not_taken() {
    clock::run(async {
        let store = store();
        let (it, archive) = archive::begin(Some(&store)).await;
        it.api
            .settings()
            .set("clear_store_on_logout", true)
            .unwrap();
        let asked = archive.asked().await.newest();
        it.recv(&live(OTTO, 2)).await;
        it.api.user().logout().await.unwrap();
        asked.last(vec![archive::says(OTTO, 1)]).await;
        clock::settle().await;
        assert!(it.chat(OTTO).is_none());
        assert_eq!(kept(&store).await, [0; 4]);
    });
}
