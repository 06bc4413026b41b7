//! Writing, soon or at once.

use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use converse_core::store::{Change, StoreError};
use tokio::task::yield_now;
use tokio::time::sleep;

use super::Keeper;
use super::queue::Queue;
use super::source::{Noted, Source};

/// How often something may change before whoever changes more has to wait for the store.
const MAX_TOUCHED: usize = 4_096;
/// How many changes are remembered that a store does not take.
const MAX_UNWRITTEN: usize = 20_000;
/// How long it is waited before a store that failed is tried again: the first time, and the longest.
const RETRY: (Duration, Duration) = (Duration::from_secs(1), Duration::from_secs(60));

/// Writes until nothing is left to be written; to be spawned.
pub type Writing = Pin<Box<dyn Future<Output = ()> + Send>>;

/// What a store has not taken.
#[derive(Default)]
pub(super) struct Unwritten {
    changes: Vec<Change>,
}

impl Keeper {
    /// Something has changed, and is to be written soon. If nobody writes, this gives what is to be spawned for that.
    #[must_use = "if nobody writes, somebody has to begin"]
    pub fn touch<S: Source + 'static>(&self, source: &Arc<S>) -> Option<Writing> {
        self.touch_as(source.noted(), || {
            let source: Arc<dyn Source> = Arc::<S>::clone(source);
            Some(source)
        })
    }

    /// The same for something that is a source only when it is to be written: `source` is called if it is not known that it
    /// has changed, and gives what has `noted`, or nothing if it is gone.
    #[must_use = "if nobody writes, somebody has to begin"]
    pub fn touch_as(
        &self,
        noted: &Noted,
        source: impl FnOnce() -> Option<Arc<dyn Source>>,
    ) -> Option<Writing> {
        let is_known = noted.set();
        let source = if is_known { None } else { source() };
        let mut queue = self.queue();
        queue.touched += 1;
        queue.push(source?);
        self.begin(&mut queue)
    }

    /// These changes are to be written soon, after what has changed before. If nobody writes, this gives what is to be
    /// spawned for that.
    #[must_use = "if nobody writes, somebody has to begin"]
    pub fn note(&self, changes: Vec<Change>) -> Option<Writing> {
        let mut queue = self.queue();
        queue.touched += changes.len();
        queue.push_changes(changes);
        self.begin(&mut queue)
    }

    /// Waits for the store if it is far behind, so that what waits for it is bounded: to be called by whoever makes much,
    /// before he makes more.
    pub async fn room(&self) {
        let is_behind = self.queue().touched > MAX_TOUCHED;
        if is_behind && let Err(error) = self.flush().await {
            tracing::warn!(%error, "messages could not be kept; it is tried again");
        }
    }

    /// Writes what has changed, and `extra` with it: all of it, or nothing. It returns when a crash cannot undo it.
    ///
    /// # Errors
    ///
    /// The store fails. Then nothing of `extra` is kept, and the rest is tried again later.
    pub async fn write_with(&self, extra: Vec<Change>) -> Result<(), StoreError> {
        for change in &extra {
            change.check()?;
        }
        let mut unwritten = self.inner.writing.lock().await;
        if self.queue().is_abandoned() {
            return match extra.is_empty() {
                true => Ok(()),
                false => Err(StoreError::Cleared),
            };
        }
        // Not while the queue is locked: whoever changes something holds it, and then locks the queue.
        let batch = self.queue().take();
        batch.into_changes(&mut unwritten.changes);
        let others = unwritten.changes.len();
        unwritten.changes.extend(extra);
        if unwritten.changes.is_empty() {
            return Ok(());
        }
        // What is written stays there until it is certain, also if whoever waits for it stops to.
        let Err(error) = self.store().write(unwritten.changes.clone()).await else {
            unwritten.changes.clear();
            return Ok(());
        };
        if matches!(error, StoreError::Cleared) {
            // It is all gone; what is left of it is too.
            unwritten.changes.clear();
            return Err(error);
        }
        let extra = unwritten.changes.split_off(others);
        if !may_pass(&error) && others > 0 {
            self.write_singly(&mut unwritten).await?;
            if extra.is_empty() {
                return Ok(());
            }
            return self.store().write(extra).await;
        }
        unwritten.shrink();
        Err(error)
    }

    /// Nothing is written any more, also not what waits to be: what it belongs to was removed from the store. It returns when
    /// nobody is writing.
    pub async fn abandon(&self) {
        let mut unwritten = self.inner.writing.lock().await;
        self.queue().abandon();
        unwritten.changes = Vec::new();
    }

    /// Writes what has changed. It returns when a crash cannot undo it.
    ///
    /// # Errors
    ///
    /// The store fails; it is tried again later.
    pub async fn flush(&self) -> Result<(), StoreError> {
        self.write_with(Vec::new()).await
    }

    /// Something is in the way that will never be taken: all else is written.
    async fn write_singly(&self, unwritten: &mut Unwritten) -> Result<(), StoreError> {
        let mut changes = std::mem::take(&mut unwritten.changes).into_iter();
        while let Some(change) = changes.next() {
            match self.store().write(vec![change.clone()]).await {
                Ok(()) => {}
                Err(error) if may_pass(&error) => {
                    unwritten.changes.push(change);
                    unwritten.changes.extend(changes);
                    return Err(error);
                }
                Err(error) => tracing::error!(?change, %error, "a change cannot be kept"),
            }
        }
        Ok(())
    }

    fn begin(&self, queue: &mut Queue) -> Option<Writing> {
        if queue.is_empty() || std::mem::replace(&mut queue.is_running, true) {
            return None;
        }
        let mut running = Running {
            keeper: self.clone(),
            is_done: false,
        };
        Some(Box::pin(async move { running.run().await }))
    }
}

impl Unwritten {
    /// What a store has not taken for long is forgotten, the oldest first.
    fn shrink(&mut self) {
        let surplus = self.changes.len().saturating_sub(MAX_UNWRITTEN);
        if surplus > 0 {
            tracing::error!(
                surplus,
                "the store takes nothing; the oldest changes are lost"
            );
            self.changes.drain(..surplus);
        }
    }
}

/// Whoever writes until nothing is left.
struct Running {
    keeper: Keeper,
    is_done: bool,
}

impl Running {
    async fn run(&mut self) {
        let mut delay = RETRY.0;
        loop {
            // What comes in the same burst goes with the same write.
            yield_now().await;
            match self.keeper.flush().await {
                Ok(()) | Err(StoreError::Cleared) => delay = RETRY.0,
                Err(error) => {
                    tracing::warn!(%error, ?delay, "messages could not be kept; it is tried again");
                    sleep(delay).await;
                    delay = (delay * 2).min(RETRY.1);
                    continue;
                }
            }
            let mut queue = self.keeper.queue();
            if queue.is_empty() {
                // In one step with the look, or somebody could rely on it meanwhile.
                queue.is_running = false;
                self.is_done = true;
                return;
            }
        }
    }
}

/// Whoever is stopped leaves it to the next one to begin.
impl Drop for Running {
    fn drop(&mut self) {
        if !self.is_done {
            self.keeper.queue().is_running = false;
        }
    }
}

/// Whether it may help to try again.
fn may_pass(error: &StoreError) -> bool {
    matches!(
        error,
        StoreError::Backend { .. } | StoreError::OutOfSpace { .. }
    )
}
