//! A store as one account sees it.

use std::collections::BTreeMap;
use std::sync::Arc;

use converse_core::store::{
    AccountStore, MemoryStore, Namespace, Scan, SecretBytes, Store, StoreError,
};

const TABLE: Namespace = Namespace::new("table", 100);

fn of(store: &Arc<MemoryStore>, account: &str) -> AccountStore {
    let store: Arc<dyn Store> = Arc::clone(store) as Arc<dyn Store>;
    AccountStore::new(store, account.parse().unwrap())
}

#[tokio::test]
async fn each_account_sees_its_own_values_and_secrets() {
    let store = Arc::new(MemoryStore::new());
    let (mara, otto) = (
        of(&store, "mara@kestrel.example"),
        of(&store, "otto@heron.example"),
    );
    mara.put(TABLE, "key", *b"value").await.unwrap();
    let token = SecretBytes::new(*b"token");
    mara.put_secret("fast", Some(token.clone())).await.unwrap();
    assert_eq!(otto.get(TABLE, "key").await.unwrap(), None);
    assert_eq!(otto.secret("fast").await.unwrap(), None);
    assert_eq!(mara.secret("fast").await.unwrap(), Some(token));
    mara.clear().await.unwrap();
    assert_eq!(mara.count(TABLE).await.unwrap(), 0);
    assert_eq!(mara.secret("fast").await.unwrap(), None);
}

#[tokio::test]
async fn json_goes_in_and_comes_out() {
    let store = of(&Arc::new(MemoryStore::new()), "mara@kestrel.example");
    let roster = BTreeMap::from([("otto@heron.example".to_owned(), vec!["Friends".to_owned()])]);
    store.put_json(TABLE, "roster", &roster).await.unwrap();
    assert_eq!(store.get_json(TABLE, "roster").await.unwrap(), Some(roster));
    assert_eq!(store.get_json::<u8>(TABLE, "missing").await.unwrap(), None);
    store.delete(TABLE, "roster").await.unwrap();
    assert!(
        store
            .scan(TABLE, Scan::all())
            .await
            .unwrap()
            .entries
            .is_empty()
    );
}

#[tokio::test]
async fn json_of_another_shape_is_an_error_that_names_the_key() {
    let store = of(&Arc::new(MemoryStore::new()), "mara@kestrel.example");
    store
        .put(TABLE, "key", *b"\"private words\"")
        .await
        .unwrap();
    let error = store.get_json::<u8>(TABLE, "key").await.unwrap_err();
    assert!(matches!(error, StoreError::Format { .. }));
    assert_eq!(
        error.to_string(),
        "the value of \"key\" in `table` is not what it is used as, from column 15"
    );
    let error = converse_core::Error::from(error);
    assert!(!format!("{error:?}").contains("private"), "{error:?}");
}
