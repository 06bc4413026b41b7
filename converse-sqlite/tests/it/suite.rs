//! What every backend can.

use converse_core::store::{
    Change, Contents, Found, LogPage, LogScan, LogSummary, Namespace, Page, Record, Scan, Search,
    SecretBytes, Store, StoreFuture, testing,
};
use converse_sqlite::SqliteStore;
use jid::BareJid;

use crate::folder::{Folder, run};

#[test]
fn the_suite_of_all_backends_passes() {
    let folder = Folder::new("suite");
    let store = SqliteStore::open(folder.file("store.db")).unwrap();
    run(testing::run(&store)).unwrap_or_else(|failure| panic!("{failure}"));
}

/// Searches find the same whether words are in the index already or not.
#[test]
fn the_suite_passes_with_all_words_in_the_index() {
    let folder = Folder::new("suite-indexed");
    let store = SqliteStore::open(folder.file("store.db")).unwrap();
    run(testing::run(&Indexed(store))).unwrap_or_else(|failure| panic!("{failure}"));
}

/// A store whose index of words is up to date after each write.
#[derive(Debug)]
struct Indexed(SqliteStore);

impl Store for Indexed {
    fn is_durable(&self) -> bool {
        self.0.is_durable()
    }

    fn write<'a>(&'a self, account: &'a BareJid, changes: Vec<Change>) -> StoreFuture<'a, ()> {
        Box::pin(async move {
            self.0.write(account, changes).await?;
            self.0.index_words().await
        })
    }

    fn get<'a>(
        &'a self,
        account: &'a BareJid,
        namespace: Namespace,
        key: &'a str,
    ) -> StoreFuture<'a, Option<Vec<u8>>> {
        self.0.get(account, namespace, key)
    }

    fn scan<'a>(
        &'a self,
        account: &'a BareJid,
        namespace: Namespace,
        scan: Scan,
    ) -> StoreFuture<'a, Page> {
        self.0.scan(account, namespace, scan)
    }

    fn count<'a>(&'a self, account: &'a BareJid, namespace: Namespace) -> StoreFuture<'a, usize> {
        self.0.count(account, namespace)
    }

    fn record<'a>(
        &'a self,
        account: &'a BareJid,
        log: &'a str,
        name: &'a str,
    ) -> StoreFuture<'a, Option<Record>> {
        self.0.record(account, log, name)
    }

    fn records<'a>(&'a self, account: &'a BareJid, scan: LogScan) -> StoreFuture<'a, LogPage> {
        self.0.records(account, scan)
    }

    fn search<'a>(&'a self, account: &'a BareJid, search: Search) -> StoreFuture<'a, Vec<Found>> {
        self.0.search(account, search)
    }

    fn logs<'a>(&'a self, account: &'a BareJid) -> StoreFuture<'a, Vec<LogSummary>> {
        self.0.logs(account)
    }

    fn secret<'a>(
        &'a self,
        account: &'a BareJid,
        name: &'a str,
    ) -> StoreFuture<'a, Option<SecretBytes>> {
        self.0.secret(account, name)
    }

    fn put_secret<'a>(
        &'a self,
        account: &'a BareJid,
        name: &'a str,
        secret: Option<SecretBytes>,
    ) -> StoreFuture<'a, ()> {
        self.0.put_secret(account, name, secret)
    }

    fn contents<'a>(&'a self, account: &'a BareJid) -> StoreFuture<'a, Contents> {
        self.0.contents(account)
    }

    fn entries<'a>(
        &'a self,
        account: &'a BareJid,
        namespace: &'a str,
        scan: Scan,
    ) -> StoreFuture<'a, Page> {
        self.0.entries(account, namespace, scan)
    }

    fn clear_account<'a>(&'a self, account: &'a BareJid) -> StoreFuture<'a, ()> {
        self.0.clear_account(account)
    }
}
