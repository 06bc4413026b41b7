//! Which stores an instance has. No backend is linked into these tests but the one for tests.

use std::sync::Arc;

use converse_core::prelude::*;
use converse_core::store::{AccountStore, MemoryStore, Namespace, StorageError, Store};

const TABLE: Namespace = Namespace::new("testing.chosen", 10);

#[actix::test]
async fn both_stores_are_one_in_memory_unless_the_settings_say_otherwise() {
    let api = Converse::initialize(settings! {}).await.unwrap();
    assert!(Arc::ptr_eq(api.store(), api.message_store()));
    assert!(!api.store().is_durable());
    assert!(api.account_store().is_none() && api.account_message_store().is_none());
}

#[actix::test]
async fn the_applications_own_store_is_used_for_everything() {
    let store: Arc<dyn Store> = Arc::new(MemoryStore::new().as_durable());
    let converse = Converse::new().with_store(Arc::clone(&store));
    // Nothing that the settings choose is opened then.
    let local = settings! { "storage": "local", "message_storage": "session" };
    let api = converse.start(local).await.unwrap();
    assert!(Arc::ptr_eq(api.store(), api.message_store()));
    assert!(api.store().is_durable());
    let account = "mara@kestrel.example".parse().unwrap();
    let of =
        |store: &Arc<dyn Store>| AccountStore::new(Arc::clone(store), BareJid::clone(&account));
    of(api.message_store())
        .put(TABLE, "a", *b"1")
        .await
        .unwrap();
    assert_eq!(
        of(&store).get(TABLE, "a").await.unwrap(),
        Some(b"1".to_vec())
    );
}

#[actix::test]
async fn a_store_that_is_not_in_the_program_is_an_error_that_says_how_to_get_it() {
    for setting in ["storage", "message_storage"] {
        let mut local = SettingsMap::new();
        local.insert(setting, "local");
        let error = Converse::initialize(local).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Config);
        let text = error.to_string();
        assert!(
            text.contains(&format!("`{setting}` is `local`")) && text.contains("feature `sqlite`"),
            "{text}"
        );
        assert!(matches!(
            error.cause::<StorageError>(),
            Some(StorageError::NotLinked { backend, .. }) if backend == "local"
        ));
    }
}
