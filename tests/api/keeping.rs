//! What is kept for an account: when the user logs out, and when it becomes too much.

use std::time::Duration;

use chrono::{TimeDelta, Utc};
use converse::core::store::{
    AccountStore, Change, LogScan, MemoryStore, Namespace, Place, Record, SecretBytes, Store,
    StoreError,
};
use converse::prelude::*;
use converse_testkit::clock;
use converse_testkit::scripted::{Plan, Scene};

const TABLE: Namespace = Namespace::new("testing.keeping", 100);
const CHAT: &str = "chat/juliet@capulet.example";

fn of(store: &Arc<dyn Store>, account: &str) -> AccountStore {
    AccountStore::new(Arc::clone(store), account.parse().unwrap())
}

fn record(key: &str, time: chrono::DateTime<Utc>) -> Change {
    let record = Record {
        key: key.to_owned(),
        names: Vec::new(),
        place: Place::new(time.timestamp_micros(), 0),
        text: Some("soft light".to_owned()),
        value: Vec::new(),
    };
    Change::put_record(CHAT, record)
}

async fn fill(store: &AccountStore) {
    let changes = vec![
        Change::put(TABLE, "a", *b"1"),
        record("a", "2026-01-01T00:00:00Z".parse().unwrap()),
    ];
    store.write(changes).await.unwrap();
    let secret = SecretBytes::new(*b"moonlight");
    store.put_secret("key", Some(secret)).await.unwrap();
}

async fn is_empty(store: &AccountStore) -> bool {
    let contents = store.contents().await.unwrap();
    contents.namespaces.is_empty()
        && contents.secrets.is_empty()
        && store.logs().await.unwrap().is_empty()
}

async fn scene(settings: SettingsMap, store: &Arc<dyn Store>) -> Scene {
    Scene::of(Plan::new("kestrel.example"))
        .settings(settings)
        .store(Arc::clone(store))
        .recording(&["logout", "disconnected", "storeCleared"])
        .start()
        .await
}

#[test]
fn what_is_kept_outlives_a_logout_unless_the_settings_say_otherwise() {
    clock::run(async {
        let store: Arc<dyn Store> = Arc::new(MemoryStore::new());
        let scene = scene(settings! {}, &store).await;
        fill(&of(&store, "mara@kestrel.example")).await;
        scene.api.user().logout().await.unwrap();
        assert!(!is_empty(&of(&store, "mara@kestrel.example")).await);
        assert_eq!(scene.events().await, ["logout", "disconnected"]);
    });
}

#[test]
fn a_logout_clears_the_store_where_the_settings_say_so() {
    clock::run(async {
        let store: Arc<dyn Store> = Arc::new(MemoryStore::new());
        let clear = settings! { "clear_store_on_logout": true };
        let scene = scene(clear, &store).await;
        let (mara, otto) = (
            scene.api.account_message_store().unwrap(),
            of(&store, "otto@kestrel.example"),
        );
        fill(&mara).await;
        fill(&otto).await;
        scene.api.user().logout().await.unwrap();
        assert!(is_empty(&mara).await && !is_empty(&otto).await);
        let events = scene.recorded().await;
        let names: Vec<&str> = events.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(names, ["logout", "disconnected", "storeCleared"]);
        assert_eq!(events[2].1, json!({ "account": "mara@kestrel.example" }));

        // What somebody still had to write comes too late.
        let late = mara.put(TABLE, "late", *b"1").await.unwrap_err();
        assert!(matches!(late, StoreError::Cleared), "{late}");
        let secret = Some(SecretBytes::new(*b"late"));
        assert!(mara.put_secret("late", secret).await.is_err());
        assert!(is_empty(&of(&store, "mara@kestrel.example")).await);

        // With the next login it is like new.
        scene.api.user().login(()).await.unwrap();
        fill(&mara).await;
        assert!(!is_empty(&mara).await);
    });
}

#[test]
fn old_messages_are_removed_at_login_and_every_few_hours() {
    clock::run(async {
        let store: Arc<dyn Store> = Arc::new(MemoryStore::new());
        let mara = of(&store, "mara@kestrel.example");
        let now = clock::environment(1).clock.now();
        let days = |days: i64| record(&days.to_string(), now - TimeDelta::days(days));
        mara.write((0..40).map(days).collect()).await.unwrap();
        let keys = async || {
            let page = mara.records(LogScan::newest(CHAT)).await.unwrap();
            let records = page.records.into_iter();
            records.map(|record| record.key).collect::<Vec<_>>()
        };
        let few = settings! {
            "message_retention_days": 30,
            "message_retention_count": 5,
            "ping_interval": 0,
        };
        let scene = scene(few, &store).await;
        assert_eq!(keys().await, ["0", "1", "2", "3", "4"]);
        scene
            .api
            .settings()
            .set("message_retention_count", 3)
            .unwrap();
        tokio::time::sleep(Duration::from_secs(5 * 60 * 60)).await;
        assert_eq!(keys().await.len(), 5);
        tokio::time::sleep(Duration::from_secs(2 * 60 * 60)).await;
        clock::settle().await;
        assert_eq!(keys().await, ["0", "1", "2"]);
    });
}
