//! Keeping no more messages than are wanted.

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use converse_core::store::{AccountStore, Change, LogScan, MemoryStore, Place, Record, Retention};

const CHAT: &str = "chat/juliet@capulet.example";
const ROOM: &str = "room/garden@chat.shakespeare.example";

fn now() -> DateTime<Utc> {
    "2026-06-01T12:00:00Z".parse().unwrap()
}

/// 3,000 messages in a chat and 10 in a room, an hour apart, the newest of them now.
async fn store() -> AccountStore {
    let account = "mara@kestrel.example".parse().unwrap();
    let store = AccountStore::new(Arc::new(MemoryStore::new()), account);
    for (log, count) in [(CHAT, 3_000), (ROOM, 10)] {
        let changes = (0..count).map(|hours| {
            let time = now() - TimeDelta::hours(hours);
            let record = Record {
                key: hours.to_string(),
                names: Vec::new(),
                place: Place::new(time.timestamp_micros(), 0),
                text: None,
                value: Vec::new(),
            };
            Change::put_record(log, record)
        });
        store.write(changes.collect()).await.unwrap();
    }
    store
}

async fn keys(store: &AccountStore, log: &str) -> Vec<i64> {
    let (mut keys, mut scan) = (Vec::new(), LogScan::newest(log));
    loop {
        let page = store.records(scan.clone()).await.unwrap();
        let Some(last) = page.records.last() else {
            return keys;
        };
        scan = scan.beyond(last.place);
        keys.extend(
            page.records
                .iter()
                .map(|record| record.key.parse::<i64>().unwrap()),
        );
    }
}

#[tokio::test]
async fn everything_stays_unless_somebody_says_otherwise() {
    let store = store().await;
    assert_eq!(Retention::default().apply(&store, now()).await.unwrap(), 0);
    assert_eq!(keys(&store, CHAT).await.len(), 3_000);
}

#[tokio::test]
async fn only_the_newest_stay() {
    let store = store().await;
    let retention = Retention::default().count(700);
    assert_eq!(retention.apply(&store, now()).await.unwrap(), 2_300);
    assert_eq!(keys(&store, CHAT).await, (0..700).collect::<Vec<_>>());
    assert_eq!(keys(&store, ROOM).await.len(), 10);
    assert_eq!(retention.apply(&store, now()).await.unwrap(), 0);
}

#[tokio::test]
async fn only_the_young_stay() {
    let store = store().await;
    let retention = Retention::default().age(Duration::from_secs(5 * 60 * 60));
    assert_eq!(retention.apply(&store, now()).await.unwrap(), 2_994 + 4);
    assert_eq!(keys(&store, CHAT).await, [0, 1, 2, 3, 4, 5]);
    assert_eq!(keys(&store, ROOM).await, [0, 1, 2, 3, 4, 5]);
    // A time before all that there is, and one that no clock shows.
    for days in [9_999, 36_500_000] {
        let long = Retention::default().age(Duration::from_secs(days * 24 * 60 * 60));
        assert_eq!(long.apply(&store, now()).await.unwrap(), 0);
    }
}

#[tokio::test]
async fn what_has_yet_to_be_sent_stays_however_old_it_is() {
    let store = store().await;
    for key in ["2999", "2400", "100"] {
        let mut record = store.record(CHAT, key).await.unwrap().unwrap();
        record.pin();
        store
            .write(vec![Change::put_record(CHAT, record)])
            .await
            .unwrap();
    }
    let both = Retention::default()
        .age(Duration::from_secs(60 * 60))
        .count(50);
    both.apply(&store, now()).await.unwrap();
    assert_eq!(keys(&store, CHAT).await, [0, 1, 100, 2_400, 2_999]);
}
