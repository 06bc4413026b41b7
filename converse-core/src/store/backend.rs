//! What a backend implements.

use std::fmt;
use std::pin::Pin;

use jid::BareJid;

use super::change::Change;
use super::error::StoreError;
use super::log::{Found, LogPage, LogScan, LogSummary, Record, Search};
use super::namespace::Namespace;
use super::scan::{Page, Scan};
use super::secret::SecretBytes;

/// What the operations of a [`Store`] give.
pub type StoreFuture<'a, T> = Pin<Box<dyn Future<Output = Result<T, StoreError>> + Send + 'a>>;

/// A place for values by account, namespace and key, and for secrets by account and name.
///
/// A backend keeps the bounds listed in the [module's documentation](crate::store), passes [`testing::run`](crate::store::testing::run),
/// and does nothing before a future is polled. A write that has returned is seen by every read that begins after it.
/// Dropping a write's future leaves all of it or nothing. Secrets never show up in scans, counts, errors or logs.
pub trait Store: fmt::Debug + Send + Sync {
    /// Whether what is kept outlives the process. What can be worked out again from a server or from memory need not be
    /// written to a store that is not.
    fn is_durable(&self) -> bool;

    /// The value of `key`.
    fn get<'a>(
        &'a self,
        account: &'a BareJid,
        namespace: Namespace,
        key: &'a str,
    ) -> StoreFuture<'a, Option<Vec<u8>>>;

    /// A page of entries.
    fn scan<'a>(
        &'a self,
        account: &'a BareJid,
        namespace: Namespace,
        scan: Scan,
    ) -> StoreFuture<'a, Page>;

    /// How many entries there are.
    fn count<'a>(&'a self, account: &'a BareJid, namespace: Namespace) -> StoreFuture<'a, usize>;

    /// Makes all `changes` in their order, or none of them.
    fn write<'a>(&'a self, account: &'a BareJid, changes: Vec<Change>) -> StoreFuture<'a, ()>;

    /// The record of a log that has this key or name.
    fn record<'a>(
        &'a self,
        account: &'a BareJid,
        log: &'a str,
        name: &'a str,
    ) -> StoreFuture<'a, Option<Record>>;

    /// A page of the records of a log; of those at one place, the keys decide.
    fn records<'a>(&'a self, account: &'a BareJid, scan: LogScan) -> StoreFuture<'a, LogPage>;

    /// What the records of all logs, or of one, have in their texts. Records of one microsecond may come in any order.
    fn search<'a>(&'a self, account: &'a BareJid, search: Search) -> StoreFuture<'a, Vec<Found>>;

    /// All logs, by name.
    fn logs<'a>(&'a self, account: &'a BareJid) -> StoreFuture<'a, Vec<LogSummary>>;

    /// The secret `name`.
    fn secret<'a>(
        &'a self,
        account: &'a BareJid,
        name: &'a str,
    ) -> StoreFuture<'a, Option<SecretBytes>>;

    /// Keeps `secret` under `name`; `None` removes it.
    fn put_secret<'a>(
        &'a self,
        account: &'a BareJid,
        name: &'a str,
        secret: Option<SecretBytes>,
    ) -> StoreFuture<'a, ()>;

    /// What is kept for an account besides logs, for a [transfer](crate::store::transfer).
    ///
    /// # Errors
    ///
    /// [`StoreError::Unsupported`] unless the backend says otherwise.
    fn contents<'a>(&'a self, account: &'a BareJid) -> StoreFuture<'a, Contents> {
        let _ = account;
        let action = "list what it keeps";
        Box::pin(async move { Err(StoreError::Unsupported { action }) })
    }

    /// A page of the entries of the namespace of this name, for a [transfer](crate::store::transfer).
    ///
    /// # Errors
    ///
    /// [`StoreError::Unsupported`] unless the backend says otherwise.
    fn entries<'a>(
        &'a self,
        account: &'a BareJid,
        namespace: &'a str,
        scan: Scan,
    ) -> StoreFuture<'a, Page> {
        let _ = (account, namespace, scan);
        let action = "read a namespace by its name";
        Box::pin(async move { Err(StoreError::Unsupported { action }) })
    }

    /// Removes all that is kept for `account`, secrets included.
    fn clear_account<'a>(&'a self, account: &'a BareJid) -> StoreFuture<'a, ()>;
}

/// What a store keeps for an account besides logs.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Contents {
    /// The namespaces that have entries, and how many, by name.
    pub namespaces: Vec<(String, usize)>,
    /// The names of the secrets, in order.
    pub secrets: Vec<String>,
}
