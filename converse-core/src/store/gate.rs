//! A store that takes nothing more for accounts that were cleared.

use std::collections::HashSet;
use std::fmt;
use std::sync::Arc;

use jid::BareJid;
use tokio::sync::RwLock;

use super::backend::{Contents, Store, StoreFuture};
use super::change::Change;
use super::error::StoreError;
use super::log::{Found, LogPage, LogScan, LogSummary, Record, Search};
use super::namespace::Namespace;
use super::scan::{Page, Scan};
use super::secret::SecretBytes;

/// What stands between an instance and its store. When an account has logged out and was cleared, what plugins still have to write
/// for it comes too late.
pub(crate) struct Gate {
    store: Arc<dyn Store>,
    /// The accounts that were cleared; who writes holds it for reading.
    cleared: RwLock<HashSet<BareJid>>,
}

impl Gate {
    pub(crate) fn new(store: Arc<dyn Store>) -> Self {
        Self {
            store,
            cleared: RwLock::default(),
        }
    }

    /// Removes all that is kept for an account, after what is being written has been; nothing is taken for it from then on.
    pub(crate) async fn shut(&self, account: &BareJid) -> Result<(), StoreError> {
        let mut cleared = self.cleared.write().await;
        cleared.insert(account.clone());
        self.store.clear_account(account).await
    }

    /// Takes everything again.
    pub(crate) async fn reopen(&self) {
        self.cleared.write().await.clear();
    }
}

impl fmt::Debug for Gate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.store.fmt(f)
    }
}

impl Store for Gate {
    fn is_durable(&self) -> bool {
        self.store.is_durable()
    }

    fn write<'a>(&'a self, account: &'a BareJid, changes: Vec<Change>) -> StoreFuture<'a, ()> {
        Box::pin(async move {
            let cleared = self.cleared.read().await;
            if cleared.contains(account) {
                return Err(StoreError::Cleared);
            }
            self.store.write(account, changes).await
        })
    }

    fn put_secret<'a>(
        &'a self,
        account: &'a BareJid,
        name: &'a str,
        secret: Option<SecretBytes>,
    ) -> StoreFuture<'a, ()> {
        Box::pin(async move {
            let cleared = self.cleared.read().await;
            if cleared.contains(account) {
                return Err(StoreError::Cleared);
            }
            self.store.put_secret(account, name, secret).await
        })
    }

    fn get<'a>(
        &'a self,
        account: &'a BareJid,
        namespace: Namespace,
        key: &'a str,
    ) -> StoreFuture<'a, Option<Vec<u8>>> {
        self.store.get(account, namespace, key)
    }

    fn scan<'a>(
        &'a self,
        account: &'a BareJid,
        namespace: Namespace,
        scan: Scan,
    ) -> StoreFuture<'a, Page> {
        self.store.scan(account, namespace, scan)
    }

    fn count<'a>(&'a self, account: &'a BareJid, namespace: Namespace) -> StoreFuture<'a, usize> {
        self.store.count(account, namespace)
    }

    fn record<'a>(
        &'a self,
        account: &'a BareJid,
        log: &'a str,
        name: &'a str,
    ) -> StoreFuture<'a, Option<Record>> {
        self.store.record(account, log, name)
    }

    fn records<'a>(&'a self, account: &'a BareJid, scan: LogScan) -> StoreFuture<'a, LogPage> {
        self.store.records(account, scan)
    }

    fn search<'a>(&'a self, account: &'a BareJid, search: Search) -> StoreFuture<'a, Vec<Found>> {
        self.store.search(account, search)
    }

    fn logs<'a>(&'a self, account: &'a BareJid) -> StoreFuture<'a, Vec<LogSummary>> {
        self.store.logs(account)
    }

    fn secret<'a>(
        &'a self,
        account: &'a BareJid,
        name: &'a str,
    ) -> StoreFuture<'a, Option<SecretBytes>> {
        self.store.secret(account, name)
    }

    fn contents<'a>(&'a self, account: &'a BareJid) -> StoreFuture<'a, Contents> {
        self.store.contents(account)
    }

    fn entries<'a>(
        &'a self,
        account: &'a BareJid,
        namespace: &'a str,
        scan: Scan,
    ) -> StoreFuture<'a, Page> {
        self.store.entries(account, namespace, scan)
    }

    fn clear_account<'a>(&'a self, account: &'a BareJid) -> StoreFuture<'a, ()> {
        self.store.clear_account(account)
    }
}
