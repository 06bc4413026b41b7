//! The roster between runs.

use std::sync::Arc;

use converse_core::store::{AccountStore, MemoryStore};
use converse_roster::RosterItem;
use converse_roster::cache::RosterCache;

fn item(n: usize) -> RosterItem {
    let value = serde_json::json!({ "jid": format!("c{n}@x.example"), "name": format!("C{n}") });
    serde_json::from_value(value).unwrap()
}

#[tokio::test]
async fn thousands_of_contacts_are_kept_and_changed_one_by_one() {
    let account = "mara@kestrel.example".parse().unwrap();
    let cache = RosterCache::new(AccountStore::new(Arc::new(MemoryStore::new()), account));
    let items: Vec<_> = (0..2_500).map(item).collect();
    cache.replace("v1", &items).await.unwrap();
    let mut gone = item(7);
    gone.removed = true;
    let mut renamed = item(8);
    renamed.name = Some("Eight".to_owned());
    cache.update("v2", &[gone, renamed]).await.unwrap();

    let (version, kept) = cache.load().await.unwrap().unwrap();
    assert_eq!((version.as_str(), kept.len()), ("v2", 2_499));
    let eight = kept.iter().find(|item| item.jid.as_str() == "c8@x.example");
    assert_eq!(eight.unwrap().name.as_deref(), Some("Eight"));

    cache.replace("v3", &[]).await.unwrap();
    assert_eq!(
        cache.load().await.unwrap(),
        Some(("v3".to_owned(), Vec::new()))
    );
    cache.forget().await.unwrap();
    assert_eq!(cache.load().await.unwrap(), None);
}
