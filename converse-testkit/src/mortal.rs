//! A store as a process has it that can be killed, on a disk that can fail.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use converse_core::store::{
    Change, Found, LogPage, LogScan, LogSummary, Namespace, Page, Record, Scan, Search,
    SecretBytes, Store, StoreError, StoreFuture,
};
use jid::BareJid;

/// What one process has of a store: after its end, whatever it still tries to write is not written.
///
/// A test that kills an instance gives it one of these, kills that, and gives the next instance another one over the same store.
/// It says that it is durable, whatever is below.
///
/// ```
/// use std::sync::Arc;
/// use converse_core::store::{AccountStore, MemoryStore, Namespace};
/// use converse_testkit::MortalStore;
///
/// const CHATS: Namespace = Namespace::new("chats", 10);
///
/// # tokio::runtime::Builder::new_current_thread().build()?.block_on(async {
/// let first = MortalStore::new(Arc::new(MemoryStore::new()));
/// let store = AccountStore::new(Arc::new(first.clone()), "mara@kestrel.example".parse()?);
/// store.put(CHATS, "one", "1").await?;
/// first.kill();
/// assert!(store.put(CHATS, "two", "2").await.is_err());
///
/// let second = AccountStore::new(Arc::new(first.reborn()), "mara@kestrel.example".parse()?);
/// assert_eq!(second.count(CHATS).await?, 1);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// # })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
pub struct MortalStore {
    inner: Arc<dyn Store>,
    fate: Arc<Fate>,
    /// How long each write takes.
    delay: Duration,
}

/// What befalls the process, and what it has written.
#[derive(Debug, Default)]
struct Fate {
    is_dead: AtomicBool,
    is_full: AtomicBool,
    hangs: AtomicBool,
    writes: AtomicUsize,
    failures: AtomicUsize,
}

impl MortalStore {
    /// The part of a process that has just begun.
    #[must_use]
    pub fn new(inner: Arc<dyn Store>) -> Self {
        Self {
            inner,
            fate: Arc::default(),
            delay: Duration::ZERO,
        }
    }

    /// The same, and each write takes so long: what it was to write is lost if the process is killed meanwhile.
    #[must_use]
    pub fn slow(mut self, delay: Duration) -> Self {
        self.delay = delay;
        self
    }

    /// The process is killed.
    pub fn kill(&self) {
        self.fate.is_dead.store(true, Ordering::SeqCst);
    }

    /// Whether the disk is full: then nothing can be written.
    pub fn set_full(&self, is_full: bool) {
        self.fate.is_full.store(is_full, Ordering::SeqCst);
    }

    /// Whether writes that begin now never end.
    pub fn set_hanging(&self, hangs: bool) {
        self.fate.hangs.store(hangs, Ordering::SeqCst);
    }

    /// How many writes have succeeded.
    #[must_use]
    pub fn writes(&self) -> usize {
        self.fate.writes.load(Ordering::SeqCst)
    }

    /// How many writes have failed because the disk was full.
    #[must_use]
    pub fn failures(&self) -> usize {
        self.fate.failures.load(Ordering::SeqCst)
    }

    /// The part of the next process.
    #[must_use]
    pub fn reborn(&self) -> Self {
        Self::new(Arc::clone(&self.inner)).slow(self.delay)
    }

    fn alive(&self) -> Result<&dyn Store, StoreError> {
        if self.fate.is_dead.load(Ordering::SeqCst) {
            return Err(StoreError::Backend {
                action: "be used by a process that was killed",
                source: "it is dead".into(),
            });
        }
        Ok(&*self.inner)
    }
}

impl Store for MortalStore {
    fn is_durable(&self) -> bool {
        true
    }

    fn get<'a>(
        &'a self,
        account: &'a BareJid,
        namespace: Namespace,
        key: &'a str,
    ) -> StoreFuture<'a, Option<Vec<u8>>> {
        Box::pin(async move { self.alive()?.get(account, namespace, key).await })
    }

    fn scan<'a>(
        &'a self,
        account: &'a BareJid,
        namespace: Namespace,
        scan: Scan,
    ) -> StoreFuture<'a, Page> {
        Box::pin(async move { self.alive()?.scan(account, namespace, scan).await })
    }

    fn count<'a>(&'a self, account: &'a BareJid, namespace: Namespace) -> StoreFuture<'a, usize> {
        Box::pin(async move { self.alive()?.count(account, namespace).await })
    }

    fn write<'a>(&'a self, account: &'a BareJid, changes: Vec<Change>) -> StoreFuture<'a, ()> {
        Box::pin(async move {
            if self.fate.hangs.load(Ordering::SeqCst) {
                std::future::pending::<()>().await;
            }
            if !self.delay.is_zero() {
                tokio::time::sleep(self.delay).await;
            }
            let alive = self.alive()?;
            if self.fate.is_full.load(Ordering::SeqCst) {
                self.fate.failures.fetch_add(1, Ordering::SeqCst);
                return Err(StoreError::OutOfSpace { limit: 0 });
            }
            alive.write(account, changes).await?;
            self.fate.writes.fetch_add(1, Ordering::SeqCst);
            Ok(())
        })
    }

    fn record<'a>(
        &'a self,
        account: &'a BareJid,
        log: &'a str,
        name: &'a str,
    ) -> StoreFuture<'a, Option<Record>> {
        Box::pin(async move { self.alive()?.record(account, log, name).await })
    }

    fn records<'a>(&'a self, account: &'a BareJid, scan: LogScan) -> StoreFuture<'a, LogPage> {
        Box::pin(async move { self.alive()?.records(account, scan).await })
    }

    fn search<'a>(&'a self, account: &'a BareJid, search: Search) -> StoreFuture<'a, Vec<Found>> {
        Box::pin(async move { self.alive()?.search(account, search).await })
    }

    fn logs<'a>(&'a self, account: &'a BareJid) -> StoreFuture<'a, Vec<LogSummary>> {
        Box::pin(async move { self.alive()?.logs(account).await })
    }

    fn secret<'a>(
        &'a self,
        account: &'a BareJid,
        name: &'a str,
    ) -> StoreFuture<'a, Option<SecretBytes>> {
        Box::pin(async move { self.alive()?.secret(account, name).await })
    }

    fn put_secret<'a>(
        &'a self,
        account: &'a BareJid,
        name: &'a str,
        secret: Option<SecretBytes>,
    ) -> StoreFuture<'a, ()> {
        Box::pin(async move { self.alive()?.put_secret(account, name, secret).await })
    }

    fn clear_account<'a>(&'a self, account: &'a BareJid) -> StoreFuture<'a, ()> {
        Box::pin(async move { self.alive()?.clear_account(account).await })
    }
}
