//! A store that fails and hangs when it is told to.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use converse_core::store::{
    Change, Found, LogPage, LogScan, LogSummary, MemoryStore, Namespace, Page, Record, Scan,
    Search, SecretBytes, Store, StoreError, StoreFuture,
};
use jid::BareJid;

#[derive(Debug, Default)]
pub(super) struct Fragile {
    inner: MemoryStore,
    fails: AtomicBool,
    hangs: AtomicBool,
    writes: AtomicUsize,
    failures: AtomicUsize,
}

impl Fragile {
    pub(super) fn fail(&self, fails: bool) {
        self.fails.store(fails, Ordering::Relaxed);
    }

    pub(super) fn hang(&self, hangs: bool) {
        self.hangs.store(hangs, Ordering::Relaxed);
    }

    pub(super) fn writes(&self) -> usize {
        self.writes.load(Ordering::Relaxed)
    }

    pub(super) fn failures(&self) -> usize {
        self.failures.load(Ordering::Relaxed)
    }
}

impl Store for Fragile {
    fn is_durable(&self) -> bool {
        true
    }

    fn get<'a>(
        &'a self,
        account: &'a BareJid,
        namespace: Namespace,
        key: &'a str,
    ) -> StoreFuture<'a, Option<Vec<u8>>> {
        self.inner.get(account, namespace, key)
    }

    fn scan<'a>(
        &'a self,
        account: &'a BareJid,
        namespace: Namespace,
        scan: Scan,
    ) -> StoreFuture<'a, Page> {
        self.inner.scan(account, namespace, scan)
    }

    fn count<'a>(&'a self, account: &'a BareJid, namespace: Namespace) -> StoreFuture<'a, usize> {
        self.inner.count(account, namespace)
    }

    fn write<'a>(&'a self, account: &'a BareJid, changes: Vec<Change>) -> StoreFuture<'a, ()> {
        Box::pin(async move {
            if self.hangs.load(Ordering::Relaxed) {
                std::future::pending::<()>().await;
            }
            if self.fails.load(Ordering::Relaxed) {
                self.failures.fetch_add(1, Ordering::Relaxed);
                return Err(StoreError::OutOfSpace { limit: 0 });
            }
            self.inner.write(account, changes).await?;
            self.writes.fetch_add(1, Ordering::Relaxed);
            Ok(())
        })
    }

    fn record<'a>(
        &'a self,
        account: &'a BareJid,
        log: &'a str,
        name: &'a str,
    ) -> StoreFuture<'a, Option<Record>> {
        self.inner.record(account, log, name)
    }

    fn records<'a>(&'a self, account: &'a BareJid, scan: LogScan) -> StoreFuture<'a, LogPage> {
        self.inner.records(account, scan)
    }

    fn search<'a>(&'a self, account: &'a BareJid, search: Search) -> StoreFuture<'a, Vec<Found>> {
        self.inner.search(account, search)
    }

    fn logs<'a>(&'a self, account: &'a BareJid) -> StoreFuture<'a, Vec<LogSummary>> {
        self.inner.logs(account)
    }

    fn secret<'a>(
        &'a self,
        account: &'a BareJid,
        name: &'a str,
    ) -> StoreFuture<'a, Option<SecretBytes>> {
        self.inner.secret(account, name)
    }

    fn put_secret<'a>(
        &'a self,
        account: &'a BareJid,
        name: &'a str,
        secret: Option<SecretBytes>,
    ) -> StoreFuture<'a, ()> {
        self.inner.put_secret(account, name, secret)
    }

    fn clear_account<'a>(&'a self, account: &'a BareJid) -> StoreFuture<'a, ()> {
        self.inner.clear_account(account)
    }
}
