//! The backend that keeps everything in memory, as long as the process runs.

mod account;
mod logs;
mod table;

use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};

use jid::BareJid;

use self::account::Account;
use self::logs::{Log, UndoLogs};
use self::table::{Table, Undo};
use super::backend::{Contents, Store, StoreFuture};
use super::change::Change;
use super::error::StoreError;
use super::log::{Found, LogPage, LogScan, LogSummary, Record, Search};
use super::namespace::Namespace;
use super::scan::{Page, Scan};
use super::secret::SecretBytes;
use super::{MAX_KEY_BYTES, MAX_SECRET_BYTES, MAX_SECRETS};

/// The bound of [`MemoryStore::new`].
const DEFAULT_BYTES: usize = 256 * 1024 * 1024;

/// The backend of `storage = "session"`: what it keeps is gone with the process.
///
/// It holds a bounded number of bytes in keys and values. A write beyond it drops the oldest entries of a namespace
/// that [drops its oldest](super::Overflow::DropOldest), and fails with [`StoreError::OutOfSpace`] in others.
pub struct MemoryStore {
    accounts: Mutex<Accounts>,
    limit: usize,
    is_durable: bool,
}

#[derive(Default)]
struct Accounts {
    accounts: HashMap<BareJid, Account>,
    /// Bytes of all keys and values.
    used: usize,
}

impl MemoryStore {
    /// An empty store for 256 MiB.
    #[must_use]
    pub fn new() -> Self {
        Self::with_limit(DEFAULT_BYTES)
    }

    /// An empty store for `bytes` of keys and values; secrets have bounds of their own.
    #[must_use]
    pub fn with_limit(bytes: usize) -> Self {
        Self {
            accounts: Mutex::default(),
            limit: bytes,
            is_durable: false,
        }
    }

    /// The same, which says that it [is durable](Store::is_durable): for tests that give it to one instance after another.
    ///
    /// ```
    /// use converse_core::store::{MemoryStore, Store as _};
    ///
    /// assert!(!MemoryStore::new().is_durable());
    /// assert!(MemoryStore::new().as_durable().is_durable());
    /// ```
    #[must_use]
    pub fn as_durable(mut self) -> Self {
        self.is_durable = true;
        self
    }

    fn lock(&self) -> MutexGuard<'_, Accounts> {
        self.accounts.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn table<R: Default>(
        &self,
        account: &BareJid,
        namespace: &str,
        read: impl FnOnce(&Table) -> R,
    ) -> R {
        let accounts = self.lock();
        let account = accounts.accounts.get(account);
        let table = account.and_then(|account| account.tables.get(namespace));
        table.map_or_else(R::default, read)
    }

    fn write_now(&self, account: &BareJid, changes: Vec<Change>) -> Result<(), StoreError> {
        changes.iter().try_for_each(Change::check)?;
        let mut accounts = self.lock();
        let Accounts { accounts, used } = &mut *accounts;
        let account = accounts.entry(account.clone()).or_default();
        let (mut undo, mut undo_logs) = (Undo::default(), UndoLogs::default());
        for change in changes {
            let outcome = match change {
                Change::PutRecord { log, record } => {
                    account.put_record(log, record, used, self.limit, &mut undo_logs)
                }
                Change::DeleteRecord { log, key } => {
                    account.change_log(&log, |it| it.remove(&key, used, undo_logs.of(&log)));
                    Ok(())
                }
                Change::Prune { log, keep, before } => {
                    account.change_log(&log, |it| it.prune(keep, before, used, undo_logs.of(&log)));
                    Ok(())
                }
                change => account.apply(change, used, self.limit, &mut undo),
            };
            if let Err(error) = outcome {
                account.take_back(undo, used);
                account.take_back_logs(undo_logs, used);
                return Err(error);
            }
        }
        Ok(())
    }

    fn logs<R: Default>(
        &self,
        account: &BareJid,
        read: impl FnOnce(&BTreeMap<String, Log>) -> R,
    ) -> R {
        let accounts = self.lock();
        let account = accounts.accounts.get(account);
        account.map_or_else(R::default, |account| read(&account.logs))
    }

    fn put_secret_now(
        &self,
        account: &BareJid,
        name: &str,
        secret: Option<SecretBytes>,
    ) -> Result<(), StoreError> {
        let mut accounts = self.lock();
        let secrets = &mut accounts
            .accounts
            .entry(account.clone())
            .or_default()
            .secrets;
        let Some(secret) = secret else {
            secrets.remove(name);
            return Ok(());
        };
        if name.len() > MAX_KEY_BYTES {
            return Err(StoreError::KeyTooLong { bytes: name.len() });
        }
        if secret.expose().len() > MAX_SECRET_BYTES {
            return Err(StoreError::ValueTooLarge {
                namespace: "secrets",
                bytes: secret.expose().len(),
                limit: MAX_SECRET_BYTES,
            });
        }
        if secrets.len() >= MAX_SECRETS && !secrets.contains_key(name) {
            return Err(StoreError::Full {
                namespace: "secrets",
                limit: MAX_SECRETS,
            });
        }
        secrets.insert(name.to_owned(), secret);
        Ok(())
    }

    fn clear_now(&self, account: &BareJid) {
        let mut accounts = self.lock();
        if let Some(removed) = accounts.accounts.remove(account) {
            let tables: usize = removed.tables.values().map(Table::bytes).sum();
            let logs: usize = removed.logs.values().map(Log::bytes).sum();
            accounts.used = accounts.used.saturating_sub(tables + logs);
        }
    }
}

impl Store for MemoryStore {
    fn is_durable(&self) -> bool {
        self.is_durable
    }

    fn get<'a>(
        &'a self,
        account: &'a BareJid,
        namespace: Namespace,
        key: &'a str,
    ) -> StoreFuture<'a, Option<Vec<u8>>> {
        Box::pin(async move { Ok(self.table(account, namespace.name(), |table| table.get(key))) })
    }

    fn scan<'a>(
        &'a self,
        account: &'a BareJid,
        namespace: Namespace,
        scan: Scan,
    ) -> StoreFuture<'a, Page> {
        self.entries(account, namespace.name(), scan)
    }

    fn count<'a>(&'a self, account: &'a BareJid, namespace: Namespace) -> StoreFuture<'a, usize> {
        Box::pin(async move { Ok(self.table(account, namespace.name(), Table::len)) })
    }

    fn write<'a>(&'a self, account: &'a BareJid, changes: Vec<Change>) -> StoreFuture<'a, ()> {
        Box::pin(async move { self.write_now(account, changes) })
    }

    fn record<'a>(
        &'a self,
        account: &'a BareJid,
        log: &'a str,
        name: &'a str,
    ) -> StoreFuture<'a, Option<Record>> {
        Box::pin(async move { Ok(self.logs(account, |logs| logs.get(log)?.get(name))) })
    }

    fn records<'a>(&'a self, account: &'a BareJid, scan: LogScan) -> StoreFuture<'a, LogPage> {
        let read = move |logs: &BTreeMap<String, Log>| {
            let log = logs.get(&scan.log);
            log.map(|log| log.scan(&scan)).unwrap_or_default()
        };
        Box::pin(async move { Ok(self.logs(account, read)) })
    }

    fn search<'a>(&'a self, account: &'a BareJid, search: Search) -> StoreFuture<'a, Vec<Found>> {
        Box::pin(async move { Ok(self.logs(account, |logs| logs::search(logs, &search))) })
    }

    fn logs<'a>(&'a self, account: &'a BareJid) -> StoreFuture<'a, Vec<LogSummary>> {
        let summaries = |logs: &BTreeMap<String, Log>| {
            let logs = logs.iter();
            logs.map(|(name, log)| log.summary(name)).collect()
        };
        Box::pin(async move { Ok(self.logs(account, summaries)) })
    }

    fn secret<'a>(
        &'a self,
        account: &'a BareJid,
        name: &'a str,
    ) -> StoreFuture<'a, Option<SecretBytes>> {
        Box::pin(async move {
            let accounts = self.lock();
            let account = accounts.accounts.get(account);
            Ok(account.and_then(|account| account.secrets.get(name).cloned()))
        })
    }

    fn put_secret<'a>(
        &'a self,
        account: &'a BareJid,
        name: &'a str,
        secret: Option<SecretBytes>,
    ) -> StoreFuture<'a, ()> {
        Box::pin(async move { self.put_secret_now(account, name, secret) })
    }

    fn contents<'a>(&'a self, account: &'a BareJid) -> StoreFuture<'a, Contents> {
        Box::pin(async move {
            let accounts = self.lock();
            let account = accounts.accounts.get(account);
            Ok(account.map(Account::contents).unwrap_or_default())
        })
    }

    fn entries<'a>(
        &'a self,
        account: &'a BareJid,
        namespace: &'a str,
        scan: Scan,
    ) -> StoreFuture<'a, Page> {
        Box::pin(async move { Ok(self.table(account, namespace, |table| table.scan(&scan))) })
    }

    fn clear_account<'a>(&'a self, account: &'a BareJid) -> StoreFuture<'a, ()> {
        Box::pin(async move {
            self.clear_now(account);
            Ok(())
        })
    }
}

impl Default for MemoryStore {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for MemoryStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let accounts = self.lock();
        f.debug_struct("MemoryStore")
            .field("accounts", &accounts.accounts.len())
            .field("bytes", &accounts.used)
            .field("limit", &self.limit)
            .finish()
    }
}
