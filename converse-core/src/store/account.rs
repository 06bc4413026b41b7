//! A store as one account sees it.

use std::sync::Arc;

use jid::BareJid;
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::backend::{Contents, Store};
use super::change::Change;
use super::error::StoreError;
use super::log::{Found, LogPage, LogScan, LogSummary, Record, Search};
use super::namespace::Namespace;
use super::scan::{Page, Scan};
use super::secret::SecretBytes;

/// The part of a [`Store`] that belongs to one account; a clone is another handle to it.
#[derive(Debug, Clone)]
pub struct AccountStore {
    store: Arc<dyn Store>,
    account: BareJid,
}

impl AccountStore {
    /// The part of `store` that belongs to `account`.
    #[must_use]
    pub fn new(store: Arc<dyn Store>, account: BareJid) -> Self {
        Self { store, account }
    }

    /// The account.
    #[must_use]
    pub fn account(&self) -> &BareJid {
        &self.account
    }

    /// Whether what is kept outlives the process.
    #[must_use]
    pub fn is_durable(&self) -> bool {
        self.store.is_durable()
    }

    /// The value of `key`.
    ///
    /// # Errors
    ///
    /// The backend fails.
    pub async fn get(&self, space: Namespace, key: &str) -> Result<Option<Vec<u8>>, StoreError> {
        self.store.get(&self.account, space, key).await
    }

    /// The value of `key`, read from JSON.
    ///
    /// # Errors
    ///
    /// The value is not a `T`, or the backend fails.
    pub async fn get_json<T: DeserializeOwned>(
        &self,
        space: Namespace,
        key: &str,
    ) -> Result<Option<T>, StoreError> {
        let value = self.get(space, key).await?;
        let read = value.map(|value| serde_json::from_slice(&value));
        read.transpose().map_err(|error| format(space, key, &error))
    }

    /// Sets `key` to `value`.
    ///
    /// # Errors
    ///
    /// Key or value are too large, there is no room, or the backend fails.
    pub async fn put(
        &self,
        space: Namespace,
        key: &str,
        value: impl Into<Vec<u8>>,
    ) -> Result<(), StoreError> {
        self.write(vec![Change::put(space, key, value)]).await
    }

    /// Sets `key` to `value` as JSON.
    ///
    /// # Errors
    ///
    /// As [`put`](Self::put), or `value` is nothing that JSON can express.
    pub async fn put_json<T: Serialize + ?Sized>(
        &self,
        space: Namespace,
        key: &str,
        value: &T,
    ) -> Result<(), StoreError> {
        let value = serde_json::to_vec(value).map_err(|error| format(space, key, &error))?;
        self.put(space, key, value).await
    }

    /// Removes `key`, if it is there.
    ///
    /// # Errors
    ///
    /// The backend fails.
    pub async fn delete(&self, space: Namespace, key: &str) -> Result<(), StoreError> {
        self.write(vec![Change::delete(space, key)]).await
    }

    /// Makes all `changes` in their order, or none of them.
    ///
    /// # Errors
    ///
    /// As [`put`](Self::put).
    pub async fn write(&self, changes: Vec<Change>) -> Result<(), StoreError> {
        self.store.write(&self.account, changes).await
    }

    /// A page of entries.
    ///
    /// # Errors
    ///
    /// The backend fails.
    pub async fn scan(&self, space: Namespace, scan: Scan) -> Result<Page, StoreError> {
        self.store.scan(&self.account, space, scan).await
    }

    /// How many entries there are.
    ///
    /// # Errors
    ///
    /// The backend fails.
    pub async fn count(&self, space: Namespace) -> Result<usize, StoreError> {
        self.store.count(&self.account, space).await
    }

    /// The record of a log that has this key or name.
    ///
    /// # Errors
    ///
    /// The backend fails.
    pub async fn record(&self, log: &str, name: &str) -> Result<Option<Record>, StoreError> {
        self.store.record(&self.account, log, name).await
    }

    /// A page of the records of a log.
    ///
    /// # Errors
    ///
    /// The backend fails.
    pub async fn records(&self, scan: LogScan) -> Result<LogPage, StoreError> {
        self.store.records(&self.account, scan).await
    }

    /// What records have in their texts, the newest first.
    ///
    /// # Errors
    ///
    /// The backend fails.
    pub async fn search(&self, search: Search) -> Result<Vec<Found>, StoreError> {
        self.store.search(&self.account, search).await
    }

    /// All logs, by name.
    ///
    /// # Errors
    ///
    /// The backend fails.
    pub async fn logs(&self) -> Result<Vec<LogSummary>, StoreError> {
        self.store.logs(&self.account).await
    }

    /// What there is besides logs.
    ///
    /// # Errors
    ///
    /// The backend fails, or does not tell.
    pub async fn contents(&self) -> Result<Contents, StoreError> {
        self.store.contents(&self.account).await
    }

    /// A page of the entries of the namespace of this name.
    ///
    /// # Errors
    ///
    /// The backend fails, or does not offer this.
    pub async fn entries(&self, namespace: &str, scan: Scan) -> Result<Page, StoreError> {
        self.store.entries(&self.account, namespace, scan).await
    }

    /// The secret `name`.
    ///
    /// # Errors
    ///
    /// The backend fails.
    pub async fn secret(&self, name: &str) -> Result<Option<SecretBytes>, StoreError> {
        self.store.secret(&self.account, name).await
    }

    /// Keeps `secret` under `name`; `None` removes it.
    ///
    /// # Errors
    ///
    /// Name or secret are too large, there are too many, or the backend fails.
    pub async fn put_secret(
        &self,
        name: &str,
        secret: Option<SecretBytes>,
    ) -> Result<(), StoreError> {
        self.store.put_secret(&self.account, name, secret).await
    }

    /// Removes all that is kept for the account, secrets included.
    ///
    /// # Errors
    ///
    /// The backend fails.
    pub async fn clear(&self) -> Result<(), StoreError> {
        self.store.clear_account(&self.account).await
    }
}

fn format(namespace: Namespace, key: &str, error: &serde_json::Error) -> StoreError {
    StoreError::Format {
        namespace: namespace.name(),
        key: key.to_owned(),
        column: error.column(),
    }
}
