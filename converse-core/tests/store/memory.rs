//! The backend in memory.

use std::sync::Arc;
use std::thread;

use converse_core::store::{
    AccountStore, Change, MemoryStore, Namespace, Scan, Store, StoreError, testing,
};
use converse_core::{Error, ErrorKind};
use jid::BareJid;

const TABLE: Namespace = Namespace::new("table", 100);
const HISTORY: Namespace = Namespace::new("history", 100).dropping_oldest();

fn mara() -> BareJid {
    "mara@kestrel.example".parse().unwrap()
}

async fn put(
    store: &MemoryStore,
    space: Namespace,
    key: &str,
    bytes: usize,
) -> Result<(), StoreError> {
    let change = Change::put(space, key, vec![0; bytes]);
    store.write(&mara(), vec![change]).await
}

#[tokio::test]
async fn memory_passes_the_shared_suite() {
    testing::run(&MemoryStore::new()).await.unwrap();
}

#[tokio::test]
async fn bytes_are_bounded_over_all_accounts_and_tables() {
    let store = MemoryStore::with_limit(100);
    put(&store, TABLE, "a", 49).await.unwrap();
    put(&store, HISTORY, "b", 29).await.unwrap();
    let error = put(&store, TABLE, "c", 20).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "the store is full with 100 bytes; delete something first"
    );
    assert_eq!(Error::from(error).kind(), ErrorKind::Store);

    let otto: BareJid = "otto@heron.example".parse().unwrap();
    let change = Change::put(TABLE, "c", vec![0; 20]);
    assert!(store.write(&otto, vec![change]).await.is_err());
    put(&store, TABLE, "a", 10).await.unwrap();
    put(&store, TABLE, "c", 20).await.unwrap();
    store.clear_account(&mara()).await.unwrap();
    let change = Change::put(TABLE, "c", vec![0; 99]);
    store.write(&otto, vec![change]).await.unwrap();
}

#[tokio::test]
async fn a_history_makes_room_for_itself_only() {
    let store = MemoryStore::with_limit(100);
    put(&store, TABLE, "kept", 36).await.unwrap();
    for key in ["1", "2", "3"] {
        put(&store, HISTORY, key, 19).await.unwrap();
    }
    put(&store, HISTORY, "4", 30).await.unwrap();
    let page = store.scan(&mara(), HISTORY, Scan::all()).await.unwrap();
    let keys: Vec<_> = page
        .entries
        .iter()
        .map(|entry| entry.key.as_str())
        .collect();
    assert_eq!(keys, ["3", "4"]);
    assert!(put(&store, HISTORY, "5", 90).await.is_err());
    assert_eq!(store.count(&mara(), HISTORY).await.unwrap(), 2);
    assert_eq!(store.count(&mara(), TABLE).await.unwrap(), 1);
}

#[test]
fn threads_share_a_store_without_losing_a_write() {
    let store: Arc<dyn Store> = Arc::new(MemoryStore::new());
    thread::scope(|scope| {
        for writer in 0..4 {
            let store = AccountStore::new(Arc::clone(&store), mara());
            scope.spawn(move || {
                let runtime = tokio::runtime::Builder::new_current_thread()
                    .build()
                    .unwrap();
                runtime.block_on(async {
                    for number in 0..25 {
                        store
                            .put(TABLE, &format!("{writer}/{number}"), *b"")
                            .await
                            .unwrap();
                    }
                });
            });
        }
    });
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap();
    let count = runtime.block_on(store.count(&mara(), TABLE)).unwrap();
    assert_eq!(count, 100);
}

#[tokio::test]
async fn debug_shows_sizes_and_nothing_else() {
    let store = MemoryStore::with_limit(100);
    let change = Change::put(TABLE, "key", *b"private words");
    assert_eq!(format!("{change:?}"), r#"put table "key": 13 bytes"#);
    store.write(&mara(), vec![change]).await.unwrap();
    assert_eq!(
        format!("{store:?}"),
        "MemoryStore { accounts: 1, bytes: 16, limit: 100 }"
    );
    let page = store.scan(&mara(), TABLE, Scan::all()).await.unwrap();
    assert_eq!(
        format!("{page:?}"),
        r#"Page { entries: ["key": 13 bytes], more: false }"#
    );
}
