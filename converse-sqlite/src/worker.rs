//! The threads that talk to SQLite, which blocks: one writes, in batches, two read.

use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use converse_core::store::StoreError;
use rusqlite::Connection;
use tokio::runtime::Runtime;
use tokio::sync::{mpsc, oneshot};
use tokio::time::timeout;

use crate::error::{Lost, OpenError};
use crate::{index, open};

/// How many reads or writes wait for a thread; whoever comes then waits for a place.
const QUEUE: usize = 1_024;
/// How many writes are made with one commit.
const BATCH: usize = 256;
/// How long nothing has to be written until the words of records are noted.
const QUIET: Duration = Duration::from_millis(500);
/// After how many batches it is looked whether too many records wait for that.
const BATCHES_A_LOOK: u64 = 8;
/// How many threads read.
const READERS: usize = 2;

/// Something to be done with a connection.
type Read = Box<dyn FnOnce(&Connection) + Send>;

/// A write in a batch: first it is done, then, when the batch is committed or is not, its caller is told.
trait Write: Send {
    /// Does it; whether it may stay.
    fn run(&mut self, connection: &Connection) -> bool;
    /// Whether the log of writes is to be folded into the file when it is done.
    fn folds(&self) -> bool;
    /// Tells the caller; `lost` says why the batch was not committed, if it was not: the disk is full, say.
    fn tell(self: Box<Self>, lost: Option<&Lost>);
}

struct Job<T, F> {
    work: Option<F>,
    folds: bool,
    outcome: Option<Result<T, StoreError>>,
    caller: oneshot::Sender<Result<T, StoreError>>,
}

impl<T, F> Write for Job<T, F>
where
    T: Send,
    F: FnOnce(&Connection) -> Result<T, StoreError> + Send,
{
    fn run(&mut self, connection: &Connection) -> bool {
        self.outcome = self.work.take().map(|work| work(connection));
        matches!(self.outcome, Some(Ok(_)))
    }

    fn folds(&self) -> bool {
        self.folds
    }

    fn tell(self: Box<Self>, lost: Option<&Lost>) {
        let outcome = match (self.outcome, lost) {
            (Some(Ok(_)) | None, Some(lost)) => Err(lost.clone().into()),
            (Some(outcome), _) => outcome,
            (None, None) => Err(gone()),
        };
        // A caller who gave up hears nothing.
        let _ = self.caller.send(outcome);
    }
}

/// The way to the threads. When it is gone, all that was asked before is done, and the file is closed.
#[derive(Debug)]
pub(crate) struct Workers {
    /// `None` while it ends, as the next.
    reads: Option<mpsc::Sender<Read>>,
    writes: Option<mpsc::Sender<Box<dyn Write>>>,
    readers: Vec<JoinHandle<()>>,
    writer: Option<JoinHandle<()>>,
}

impl Drop for Workers {
    fn drop(&mut self) {
        // One that panicked has said so, and has no work left.
        self.reads = None;
        for reader in self.readers.drain(..) {
            let _ = reader.join();
        }
        // Only the last connection folds the log of writes into the file, and only one that writes can.
        self.writes = None;
        if let Some(writer) = self.writer.take() {
            let _ = writer.join();
        }
    }
}

impl Workers {
    pub(crate) fn start(path: &Path) -> Result<Self, OpenError> {
        let thread = |name: &str, run: Box<dyn FnOnce() + Send>| {
            let started = std::thread::Builder::new().name(name.to_owned()).spawn(run);
            started.map_err(|source| OpenError::Thread {
                path: path.to_owned(),
                source,
            })
        };
        let (reads, waiting) = mpsc::channel(QUEUE);
        let (writes, queue) = mpsc::channel(QUEUE);
        let connection = open::writer(path)?;
        let waiting = Arc::new(Mutex::new(waiting));
        let mut workers = Self {
            reads: Some(reads),
            writes: Some(writes),
            readers: Vec::new(),
            writer: None,
        };
        for _ in 0..READERS {
            let (connection, waiting) = (open::reader(path)?, Arc::clone(&waiting));
            let run = Box::new(move || read(&connection, &waiting));
            workers.readers.push(thread("converse-store-reader", run)?);
        }
        let clock = tokio::runtime::Builder::new_current_thread()
            .enable_time()
            .build();
        let clock = clock.map_err(|source| OpenError::Thread {
            path: path.to_owned(),
            source,
        })?;
        let run = Box::new(move || write(connection, &clock, queue));
        workers.writer = Some(thread("converse-store-writer", run)?);
        Ok(workers)
    }

    /// Writes; it is kept when this returns.
    pub(crate) async fn write<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Connection) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        self.send(work, false).await
    }

    /// Writes, and leaves nothing of what was there before in the log of writes beside the file.
    pub(crate) async fn write_and_fold<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Connection) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        self.send(work, true).await
    }

    async fn send<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Connection) -> Result<T, StoreError> + Send + 'static,
        folds: bool,
    ) -> Result<T, StoreError> {
        let (caller, outcome) = oneshot::channel();
        let job = Job {
            work: Some(work),
            folds,
            outcome: None,
            caller,
        };
        let sent = self
            .writes
            .as_ref()
            .ok_or_else(gone)?
            .send(Box::new(job))
            .await;
        sent.map_err(|_| gone())?;
        outcome.await.map_err(|_| gone())?
    }

    /// Reads what was kept before.
    pub(crate) async fn read<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Connection) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let (caller, outcome) = oneshot::channel();
        let read: Read = Box::new(move |connection| {
            let _ = caller.send(work(connection));
        });
        self.reads
            .as_ref()
            .ok_or_else(gone)?
            .send(read)
            .await
            .map_err(|_| gone())?;
        outcome.await.map_err(|_| gone())?
    }
}

fn read(connection: &Connection, queue: &Mutex<mpsc::Receiver<Read>>) {
    loop {
        // Whoever waits for the next holds the queue; the other reads meanwhile or waits for the queue.
        let next = queue
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .blocking_recv();
        match next {
            Some(read) => read(connection),
            None => return,
        }
    }
}

fn write(connection: Connection, clock: &Runtime, mut queue: mpsc::Receiver<Box<dyn Write>>) {
    let mut batch = Vec::new();
    // Words of records have yet to be noted, perhaps since the last time: how long nothing else has to come for that.
    let mut quiet = Some(QUIET);
    let mut batches = 0_u64;
    loop {
        let more = queue.recv_many(&mut batch, BATCH);
        let came = match quiet {
            None => Ok(clock.block_on(more)),
            Some(quiet) => clock.block_on(async { timeout(quiet, more).await }),
        };
        match came {
            Ok(0) => break,
            Ok(_) => {
                commit(&connection, &mut batch);
                quiet = Some(QUIET);
                batches += 1;
                if batches.is_multiple_of(BATCHES_A_LOOK) {
                    index::keep_up(&connection);
                }
            }
            Err(_) => quiet = index::go_on(&connection).then_some(Duration::ZERO),
        }
    }
    // Files that nobody reads any more need no log of writes beside them.
    if let Err((_, error)) = connection.close() {
        tracing::warn!(%error, "the store was not closed well; it will be mended when it is opened");
    }
}

fn commit(connection: &Connection, batch: &mut Vec<Box<dyn Write>>) {
    let lost = run(connection, batch).err().map(Lost::from);
    if let Some(error) = &lost {
        tracing::error!(%error, "the store could not keep what was written");
    }
    if batch.iter().any(|job| job.folds())
        && let Err(error) = connection.execute_batch("PRAGMA wal_checkpoint(truncate)")
    {
        // Somebody reads an older state; the file is brought up to date later.
        tracing::debug!(%error, "the log of writes was not folded into the file");
    }
    for job in batch.drain(..) {
        job.tell(lost.as_ref());
    }
}
/// Does a batch in one transaction; a write that fails is taken back alone.
fn run(connection: &Connection, batch: &mut [Box<dyn Write>]) -> Result<(), rusqlite::Error> {
    connection.execute_batch("BEGIN IMMEDIATE")?;
    let outcome = batch.iter_mut().try_for_each(|job| {
        connection.execute_batch("SAVEPOINT job")?;
        let end = if job.run(connection) {
            "RELEASE job"
        } else {
            "ROLLBACK TO job; RELEASE job"
        };
        connection.execute_batch(end)
    });
    let outcome = outcome.and_then(|()| connection.execute_batch("COMMIT"));
    if outcome.is_err() && !connection.is_autocommit() {
        connection.execute_batch("ROLLBACK")?;
    }
    outcome
}

fn gone() -> StoreError {
    StoreError::Backend {
        action: "reach its thread",
        source: "the thread has ended".into(),
    }
}
