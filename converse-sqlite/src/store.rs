//! The backend.

use std::fmt;
use std::path::{Path, PathBuf};

use converse_core::store::{
    Change, Contents, Found, LogPage, LogScan, LogSummary, Namespace, Page, Record, Scan, Search,
    SecretBytes, Store, StoreError, StoreFuture,
};
use jid::BareJid;

use crate::error::{OpenError, failed};
use crate::worker::Workers;
use crate::{entries, index, records, search, secrets};

/// A store in an SQLite file.
pub struct SqliteStore {
    path: PathBuf,
    workers: Workers,
}

impl SqliteStore {
    /// Opens the store in the file `path`, which is made if it is not there, readable for its owner alone. One of an older
    /// version is brought to the newest.
    ///
    /// It blocks for as long as the disk takes, and up to five seconds if another process writes to the file.
    ///
    /// # Errors
    ///
    /// What [`OpenError`] lists; the file is as it was then.
    pub fn open(path: impl AsRef<Path>) -> Result<Self, OpenError> {
        let path = path.as_ref().to_owned();
        let workers = Workers::start(&path)?;
        Ok(Self { path, workers })
    }

    /// The file.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Notes the words of all records in the index of words now. The store does that by itself when nothing was written for a
    /// while; until then a search reads those records, which takes longer when they are very many, after an import, say.
    ///
    /// # Errors
    ///
    /// The file cannot be written.
    pub async fn index_words(&self) -> Result<(), StoreError> {
        loop {
            let write = self.workers.write(|connection| {
                index::note_some(connection).map_err(failed("note the words of records"))
            });
            if write.await? == 0 {
                return Ok(());
            }
        }
    }

    /// Hands the next steps to the threads.
    pub(crate) fn workers(&self) -> &Workers {
        &self.workers
    }
}

impl Store for SqliteStore {
    fn is_durable(&self) -> bool {
        true
    }

    fn get<'a>(
        &'a self,
        account: &'a BareJid,
        namespace: Namespace,
        key: &'a str,
    ) -> StoreFuture<'a, Option<Vec<u8>>> {
        Box::pin(async move {
            let (account, key) = (account.to_string(), key.to_owned());
            let read = self
                .workers()
                .read(move |connection| entries::get(connection, &account, namespace, &key));
            read.await
        })
    }

    fn scan<'a>(
        &'a self,
        account: &'a BareJid,
        namespace: Namespace,
        scan: Scan,
    ) -> StoreFuture<'a, Page> {
        Box::pin(async move {
            let account = account.to_string();
            let read = self.workers().read(move |connection| {
                entries::scan(connection, &account, namespace.name(), &scan)
            });
            read.await
        })
    }

    fn count<'a>(&'a self, account: &'a BareJid, namespace: Namespace) -> StoreFuture<'a, usize> {
        Box::pin(async move {
            let account = account.to_string();
            let read = self
                .workers()
                .read(move |connection| entries::count(connection, &account, namespace));
            read.await
        })
    }

    fn write<'a>(&'a self, account: &'a BareJid, changes: Vec<Change>) -> StoreFuture<'a, ()> {
        Box::pin(async move {
            let account = account.to_string();
            let write = self
                .workers()
                .write(move |connection| entries::write(connection, &account, changes));
            write.await
        })
    }

    fn record<'a>(
        &'a self,
        account: &'a BareJid,
        log: &'a str,
        name: &'a str,
    ) -> StoreFuture<'a, Option<Record>> {
        Box::pin(async move {
            let account = account.to_string();
            let (log, name) = (log.to_owned(), name.to_owned());
            let read = self
                .workers()
                .read(move |connection| records::get(connection, &account, &log, &name));
            read.await
        })
    }

    fn records<'a>(&'a self, account: &'a BareJid, scan: LogScan) -> StoreFuture<'a, LogPage> {
        Box::pin(async move {
            let account = account.to_string();
            let read = self
                .workers()
                .read(move |connection| records::scan(connection, &account, &scan));
            read.await
        })
    }

    fn search<'a>(&'a self, account: &'a BareJid, search: Search) -> StoreFuture<'a, Vec<Found>> {
        Box::pin(async move {
            let account = account.to_string();
            let read = self
                .workers()
                .read(move |connection| search::find(connection, &account, &search));
            read.await
        })
    }

    fn logs<'a>(&'a self, account: &'a BareJid) -> StoreFuture<'a, Vec<LogSummary>> {
        Box::pin(async move {
            let account = account.to_string();
            let read = self
                .workers()
                .read(move |connection| records::logs(connection, &account));
            read.await
        })
    }

    fn secret<'a>(
        &'a self,
        account: &'a BareJid,
        name: &'a str,
    ) -> StoreFuture<'a, Option<SecretBytes>> {
        Box::pin(async move {
            let (account, name) = (account.to_string(), name.to_owned());
            let read = self
                .workers()
                .read(move |connection| secrets::get(connection, &account, &name));
            read.await
        })
    }

    fn put_secret<'a>(
        &'a self,
        account: &'a BareJid,
        name: &'a str,
        secret: Option<SecretBytes>,
    ) -> StoreFuture<'a, ()> {
        Box::pin(async move {
            let (account, name) = (account.to_string(), name.to_owned());
            let write = self.workers().write(move |connection| {
                secrets::put(connection, &account, &name, secret.as_ref())
            });
            write.await
        })
    }

    fn contents<'a>(&'a self, account: &'a BareJid) -> StoreFuture<'a, Contents> {
        Box::pin(async move {
            let account = account.to_string();
            let read = self
                .workers()
                .read(move |connection| entries::contents(connection, &account));
            read.await
        })
    }

    fn entries<'a>(
        &'a self,
        account: &'a BareJid,
        namespace: &'a str,
        scan: Scan,
    ) -> StoreFuture<'a, Page> {
        Box::pin(async move {
            let (account, namespace) = (account.to_string(), namespace.to_owned());
            let read = self
                .workers()
                .read(move |connection| entries::scan(connection, &account, &namespace, &scan));
            read.await
        })
    }

    fn clear_account<'a>(&'a self, account: &'a BareJid) -> StoreFuture<'a, ()> {
        Box::pin(async move {
            let account = account.to_string();
            let write = self.workers().write_and_fold(move |connection| {
                let removed = connection.execute("DELETE FROM accounts WHERE jid = ?1", [account]);
                let forgotten = removed.and_then(|_| index::forget_deleted(connection));
                forgotten.map_err(failed("clear an account"))
            });
            write.await
        })
    }
}

impl fmt::Debug for SqliteStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SqliteStore")
            .field("path", &self.path)
            .finish_non_exhaustive()
    }
}

/// So that a store that cannot be opened ends the start of an instance with a clear error.
impl From<OpenError> for StoreError {
    fn from(error: OpenError) -> Self {
        Self::Backend {
            action: "open its file",
            source: error.into(),
        }
    }
}
