//! The store as the settings choose it.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use converse_core::prelude::*;
use converse_core::store::{AccountStore, Namespace, StorageError, Store};
use converse_sqlite::OpenError;

use crate::folder::Folder;

const TABLE: Namespace = Namespace::new("testing.chosen", 100);

fn local(path: &Path) -> SettingsMap {
    settings! { "storage": "local", "message_storage": "local", "store_path": path.to_str().unwrap() }
}

fn of(store: &Arc<dyn Store>, account: &str) -> AccountStore {
    AccountStore::new(Arc::clone(store), account.parse().unwrap())
}

#[actix::test]
async fn both_settings_share_one_file_which_the_next_start_finds() {
    let folder = Folder::new("chosen");
    let path = folder.file("store.db");
    let converse = Converse::new();
    let api = converse.start(local(&path)).await.unwrap();
    assert!(Arc::ptr_eq(api.store(), api.message_store()));
    assert!(api.store().is_durable());
    let mara = of(api.store(), "mara@kestrel.example");
    mara.put_json(TABLE, "a", &1).await.unwrap();
    drop((api, mara));
    // Starting again ends what ran before.
    let api = converse.start(local(&path)).await.unwrap();
    let mara = of(api.message_store(), "mara@kestrel.example");
    assert_eq!(mara.get_json(TABLE, "a").await.unwrap(), Some(1));
    converse.stop().await;
}

#[actix::test]
async fn one_setting_leaves_the_other_alone() {
    let folder = Folder::new("chosen-one");
    let path = folder.file("store.db");
    let only = |setting: &str| {
        let mut settings = settings! { "store_path": path.to_str().unwrap() };
        settings.insert(setting, "local");
        settings
    };
    let api = Converse::initialize(only("message_storage")).await.unwrap();
    assert!(!api.store().is_durable() && api.message_store().is_durable());
    let api = Converse::initialize(only("storage")).await.unwrap();
    assert!(api.store().is_durable() && !api.message_store().is_durable());
}

/// Two accounts in one process: each instance has connections of its own to the file.
#[actix::test]
async fn two_instances_share_a_file() {
    let folder = Folder::new("chosen-twice");
    let path = folder.file("store.db");
    let one = Converse::initialize(local(&path)).await.unwrap();
    let other = Converse::initialize(local(&path)).await.unwrap();
    let mara = of(one.store(), "mara@kestrel.example");
    let otto = of(other.store(), "otto@heron.example");
    let writes = async |store: &AccountStore| {
        for n in 0..50 {
            store.put_json(TABLE, &n.to_string(), &n).await.unwrap();
        }
    };
    tokio::join!(writes(&mara), writes(&otto));
    for (api, account) in [
        (&one, "otto@heron.example"),
        (&other, "mara@kestrel.example"),
    ] {
        assert_eq!(of(api.store(), account).count(TABLE).await.unwrap(), 50);
    }
    one.stop().await;
    other.stop().await;
}

#[actix::test]
async fn what_cannot_be_opened_ends_the_start_and_stays_as_it_is() {
    let folder = Folder::new("chosen-bad");
    let letter = folder.file("letter.txt");
    fs::write(&letter, "But, soft! what light?\n".repeat(99)).unwrap();
    let before = fs::read(&letter).unwrap();
    let error = Converse::initialize(local(&letter)).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Store);
    assert!(matches!(
        error.cause::<OpenError>(),
        Some(OpenError::Corrupt { .. })
    ));
    assert!(
        error.to_line().contains("letter.txt"),
        "{}",
        error.to_line()
    );
    assert_eq!(fs::read(&letter).unwrap(), before);

    let nowhere = folder.file("no/such/store.db");
    let error = Converse::initialize(local(&nowhere)).await.unwrap_err();
    assert!(matches!(
        error.cause::<OpenError>(),
        Some(OpenError::NotMade { .. })
    ));
    assert!(matches!(
        error.cause::<StorageError>(),
        Some(StorageError::Open {
            setting: "storage",
            ..
        })
    ));
}

/// From a program without an arbiter the instance has a thread of its own, which opens the store too.
#[test]
fn a_plain_runtime_can_open_it_too() {
    let folder = Folder::new("chosen-plain");
    let path = folder.file("store.db");
    crate::folder::run(async {
        let converse = Converse::new();
        let api = converse.start(local(&path)).await.unwrap();
        let mara = of(api.store(), "mara@kestrel.example");
        mara.put_json(TABLE, "a", &1).await.unwrap();
        assert_eq!(mara.get_json(TABLE, "a").await.unwrap(), Some(1));
        drop((api, mara));
        converse.stop().await;
    });
    // It is closed well: nothing is left beside it.
    assert!(!folder.file("store.db-wal").exists());
}
