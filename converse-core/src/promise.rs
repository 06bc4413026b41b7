//! Named promises: facts that happen once, such as `rosterContactsFetched`, and that late comers may still wait for.
//!
//! A promise is declared by [`Promises::add`], kept by the emission of the event of its name, and waited for with
//! [`Promises::wait_until`]. An emission that began before the promise was declared does not keep it: promises do
//! not look back. What the contract adds to converse.js 3.2:
//!
//! - an unknown name is an error at once, never a wait for ever;
//! - declaring a name twice changes nothing: nobody who waits is forgotten, nothing kept is taken back;
//! - a promise lives as long as its instance ([`Promises::add`]) or for one session
//!   ([`Promises::add_per_session`]). At the end of a session [`Promises::end_session`] cancels the waiters of the
//!   latter with [`PromiseError::Cancelled`] and arms those promises again, so that the next login keeps them anew.
//!   A reconnection is no end of a session;
//! - a waiter that is dropped leaves nothing behind.

mod error;
mod names;
mod nearest;
mod round;

use std::collections::HashMap;
use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use nearest::nearest;
use round::{Outcome, Round};

pub use error::PromiseError;
pub use names::PromiseNames;
pub use round::Waiting;

/// The moment at which an emission began; it keeps only promises that were declared before.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Moment(u64);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Lifetime {
    Instance,
    Session,
}

#[derive(Debug)]
struct Promise {
    lifetime: Lifetime,
    armed: u64,
    round: Arc<Round>,
}

#[derive(Debug, Default)]
struct Table {
    promises: HashMap<String, Promise>,
    closed: bool,
}

#[derive(Debug, Default)]
struct Inner {
    /// Counts declarations, so that an emission can be told to be older than a promise.
    clock: AtomicU64,
    table: Mutex<Table>,
}

/// The promises of one instance. A cheap handle: clones share one table.
///
/// ```
/// use converse_core::promise::{PromiseError, Promises};
///
/// # tokio::runtime::Builder::new_current_thread().build()?.block_on(async {
/// let promises = Promises::new();
/// promises.add(["foo-completed", "bar-completed"]);
///
/// let waiting = promises.wait_until("foo-completed");
/// promises.resolve("foo-completed", promises.now());
/// waiting.await?;
/// promises.wait_until("foo-completed").await?; // at once, also long after
///
/// let typo = promises.wait_until("foo-complete").await;
/// assert!(matches!(typo, Err(PromiseError::Unknown { nearest: Some(name), .. }) if name == "foo-completed"));
/// # Ok::<(), PromiseError>(())
/// # })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Default)]
pub struct Promises {
    inner: Arc<Inner>,
}

impl Promises {
    /// A table without promises.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Declares promises that are kept at most once in the life of the instance. A name that is already declared
    /// stays as it is, with everyone who waits for it.
    pub fn add(&self, names: impl PromiseNames) {
        self.declare(names, Lifetime::Instance);
    }

    /// Declares promises that are kept at most once in each session; see [`Promises::end_session`].
    pub fn add_per_session(&self, names: impl PromiseNames) {
        self.declare(names, Lifetime::Session);
    }

    /// Waits until the promise `name` is kept: at once if it already is.
    ///
    /// The result is a future that keeps its place from now on, whether it is polled or not. Dropping it has no
    /// effect on others. It ends with [`PromiseError::Unknown`] if nobody declared the name, and with
    /// [`PromiseError::Cancelled`] if the session or the instance ends first.
    #[must_use = "a promise is only waited for when it is awaited"]
    pub fn wait_until(&self, name: &str) -> Waiting {
        let table = self.table();
        match table.promises.get(name) {
            Some(promise) => Waiting::on(name, Arc::clone(&promise.round)),
            None => Waiting::failed(PromiseError::Unknown {
                name: name.to_owned(),
                nearest: nearest(name, table.promises.keys()),
            }),
        }
    }

    /// As [`Promises::wait_until`], but not longer than `limit` (tokio time).
    ///
    /// # Errors
    /// Those of [`Promises::wait_until`], and [`PromiseError::Timeout`].
    pub async fn wait_until_within(&self, name: &str, limit: Duration) -> Result<(), PromiseError> {
        match tokio::time::timeout(limit, self.wait_until(name)).await {
            Ok(outcome) => outcome,
            Err(_) => Err(PromiseError::Timeout {
                name: name.to_owned(),
                after: limit,
            }),
        }
    }

    /// Whether a promise of this name was declared.
    #[must_use]
    pub fn is_known(&self, name: &str) -> bool {
        self.table().promises.contains_key(name)
    }

    /// Whether the promise `name` was declared and kept.
    #[must_use]
    pub fn is_resolved(&self, name: &str) -> bool {
        let table = self.table();
        table
            .promises
            .get(name)
            .is_some_and(|promise| promise.round.outcome() == Some(Outcome::Resolved))
    }

    /// The moment of an emission that begins now.
    #[must_use]
    pub fn now(&self) -> Moment {
        Moment(self.inner.clock.load(Ordering::Acquire))
    }

    /// Keeps the promise `name`, if there is one that was declared before `begun`. Everyone who waits goes on once.
    pub fn resolve(&self, name: &str, begun: Moment) {
        let table = self.table();
        if let Some(promise) = table.promises.get(name)
            && promise.armed <= begun.0
        {
            let round = Arc::clone(&promise.round);
            drop(table);
            round.finish(Outcome::Resolved);
        }
    }

    /// As [`Promises::resolve`]; a name that nobody declared is declared, for the instance, as kept.
    pub fn resolve_or_add(&self, name: &str, begun: Moment) {
        if !self.is_known(name) {
            self.add(name);
            self.resolve(name, self.now());
            return;
        }
        self.resolve(name, begun);
    }

    /// Ends the session: whoever waits for a promise of the session gets [`PromiseError::Cancelled`], and every such
    /// promise, kept or not, is armed again. Emissions that began before do not keep the new ones.
    pub fn end_session(&self) {
        let armed = self.tick();
        let mut table = self.table();
        let mut over = Vec::new();
        for promise in table.promises.values_mut() {
            if promise.lifetime == Lifetime::Session {
                promise.armed = armed;
                over.push(std::mem::take(&mut promise.round));
            }
        }
        drop(table);
        over.iter()
            .for_each(|round| round.finish(Outcome::Cancelled));
    }

    /// Cancels every pending promise: whoever waits gets [`PromiseError::Cancelled`]. The promises are armed again.
    pub fn cancel_pending(&self) {
        let armed = self.tick();
        let mut table = self.table();
        let mut over = Vec::new();
        for promise in table.promises.values_mut() {
            if promise.round.outcome().is_none() {
                promise.armed = armed;
                over.push(std::mem::take(&mut promise.round));
            }
        }
        drop(table);
        over.iter()
            .for_each(|round| round.finish(Outcome::Cancelled));
    }

    /// Ends the instance: pending promises are cancelled for good, also for those who begin to wait later.
    pub fn close(&self) {
        let mut table = self.table();
        table.closed = true;
        let rounds: Vec<_> = table
            .promises
            .values()
            .map(|promise| Arc::clone(&promise.round))
            .collect();
        drop(table);
        rounds
            .iter()
            .for_each(|round| round.finish(Outcome::Cancelled));
    }

    fn declare(&self, names: impl PromiseNames, lifetime: Lifetime) {
        let armed = self.tick();
        let mut table = self.table();
        let closed = table.closed;
        names.for_each(&mut |name| {
            if !table.promises.contains_key(name) {
                let round = Arc::new(Round::default());
                if closed {
                    round.finish(Outcome::Cancelled);
                }
                let promise = Promise {
                    lifetime,
                    armed,
                    round,
                };
                table.promises.insert(name.to_owned(), promise);
            }
        });
    }

    fn tick(&self) -> u64 {
        self.inner.clock.fetch_add(1, Ordering::AcqRel) + 1
    }

    fn table(&self) -> MutexGuard<'_, Table> {
        self.inner
            .table
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Promises {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let table = self.table();
        let outcomes = table
            .promises
            .iter()
            .map(|(name, promise)| (name, promise.round.outcome()));
        f.debug_map().entries(outcomes).finish()
    }
}
