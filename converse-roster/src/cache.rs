//! The roster as it is kept between runs, for servers that keep versions (RFC 6121 §2.6).

use converse_core::Error;
use converse_core::store::{AccountStore, Change, Namespace, Scan, StoreError};

use crate::model::RosterItem;

/// How many contacts are kept; a larger roster is fetched each time.
const ITEMS: Namespace = Namespace::new("roster.items", 50_000);
const VERSION: Namespace = Namespace::new("roster.version", 1);
const KEY: &str = "version";

/// The kept roster of an account. It is used only if the server confirms its version.
///
/// ```
/// use std::sync::Arc;
/// use converse_core::store::{AccountStore, MemoryStore};
/// use converse_roster::cache::RosterCache;
///
/// # tokio::runtime::Builder::new_current_thread().build()?.block_on(async {
/// let store = AccountStore::new(Arc::new(MemoryStore::new()), "romeo@montague.example".parse()?);
/// let cache = RosterCache::new(store);
/// assert!(cache.load().await?.is_none());
/// cache.replace("v1", &[]).await?;
/// assert_eq!(cache.load().await?, Some(("v1".to_owned(), vec![])));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// # })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
pub struct RosterCache {
    store: AccountStore,
}

impl RosterCache {
    /// The roster that `store` keeps for its account.
    #[must_use]
    pub fn new(store: AccountStore) -> Self {
        Self { store }
    }

    /// The version and the items, if a roster is kept.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Store`](converse_core::ErrorKind::Store) when the store cannot be read.
    pub async fn load(&self) -> Result<Option<(String, Vec<RosterItem>)>, Error> {
        let version: Option<String> = self.store.get_json(VERSION, KEY).await?;
        let Some(version) = version else {
            return Ok(None);
        };
        let mut items = Vec::new();
        let mut scan = Scan::all();
        loop {
            let page = self.store.scan(ITEMS, scan.clone()).await?;
            for entry in &page.entries {
                items.push(read(&entry.value)?);
            }
            match page.entries.last() {
                Some(last) if page.more => scan = scan.after(&last.key),
                _ => return Ok(Some((version, items))),
            }
        }
    }

    /// Keeps this roster in place of the one before.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Store`](converse_core::ErrorKind::Store) when it cannot be written; then none is kept.
    pub async fn replace(&self, version: &str, items: &[RosterItem]) -> Result<(), Error> {
        let mut replacement = self.begin(version);
        items.iter().for_each(|item| replacement.add(item));
        replacement.write().await
    }

    /// Begins to put together what is kept in place of the roster before.
    pub(crate) fn begin(&self, version: &str) -> Replacement<'_> {
        let begun = |version| vec![Change::delete_prefix(ITEMS, ""), version];
        let changes = put_version(version).map(begun);
        Replacement {
            cache: self,
            changes,
        }
    }

    /// Keeps what a push changed.
    ///
    /// # Errors
    ///
    /// As [`replace`](Self::replace).
    pub async fn update(&self, version: &str, items: &[RosterItem]) -> Result<(), Error> {
        let mut changes = Vec::new();
        for item in items {
            changes.push(if item.removed {
                Change::delete(ITEMS, item.jid.as_str())
            } else {
                put(item)?
            });
        }
        changes.push(put_version(version)?);
        self.write(changes).await
    }

    /// Keeps nothing.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Store`](converse_core::ErrorKind::Store) when the store cannot be written.
    pub async fn forget(&self) -> Result<(), Error> {
        let changes = vec![
            Change::delete(VERSION, KEY),
            Change::delete_prefix(ITEMS, ""),
        ];
        Ok(self.store.write(changes).await?)
    }

    async fn write(&self, changes: Vec<Change>) -> Result<(), Error> {
        if let Err(error) = self.store.write(changes).await {
            self.forget().await?;
            return Err(error.into());
        }
        Ok(())
    }
}

/// A roster on its way into the store.
pub(crate) struct Replacement<'a> {
    cache: &'a RosterCache,
    changes: Result<Vec<Change>, Error>,
}

impl Replacement<'_> {
    pub(crate) fn add(&mut self, item: &RosterItem) {
        if let Ok(changes) = &mut self.changes {
            match put(item) {
                Ok(change) => changes.push(change),
                Err(error) => self.changes = Err(error),
            }
        }
    }

    pub(crate) async fn write(self) -> Result<(), Error> {
        self.cache.write(self.changes?).await
    }
}

fn put(item: &RosterItem) -> Result<Change, Error> {
    let value = serde_json::to_vec(item).map_err(|error| format(item.jid.as_str(), &error))?;
    Ok(Change::put(ITEMS, item.jid.as_str(), value))
}

fn put_version(version: &str) -> Result<Change, Error> {
    let value = serde_json::to_vec(version).map_err(|error| format(KEY, &error))?;
    Ok(Change::put(VERSION, KEY, value))
}

fn read(value: &[u8]) -> Result<RosterItem, Error> {
    serde_json::from_slice(value).map_err(|error| format("an item", &error))
}

fn format(key: &str, error: &serde_json::Error) -> Error {
    StoreError::Format {
        namespace: ITEMS.name(),
        key: key.to_owned(),
        column: error.column(),
    }
    .into()
}
