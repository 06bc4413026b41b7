//! Back-pressure: the gate that stops the reader while a subscriber cannot keep up.

use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;
use tokio::time::Instant;

use super::current::InboxId;

/// The gate of one bus. It closes when an inbox is full and opens when every inbox is below half again.
///
/// Whoever brings in work from outside (above all the reader of the socket) asks [`Pressure::is_open`] before each
/// batch, or waits with [`Pressure::wait_open`]. Nothing is dropped while the gate is closed: a batch that is already
/// under way is still delivered, so an inbox holds at most its capacity and one batch a source.
#[derive(Clone)]
pub struct Pressure {
    inner: Arc<Inner>,
}

#[derive(Default)]
struct Inner {
    closed: AtomicBool,
    changed: Notify,
    culprits: Mutex<Vec<Culprit>>,
}

struct Culprit {
    inbox: InboxId,
    owner: Arc<str>,
    since: Instant,
}

impl Pressure {
    pub(crate) fn new() -> Self {
        Self {
            inner: Arc::default(),
        }
    }

    /// Whether new work may be brought in.
    #[must_use]
    pub fn is_open(&self) -> bool {
        !self.inner.closed.load(Ordering::Acquire)
    }

    /// Returns when the gate is open: at once if it is.
    pub async fn wait_open(&self) {
        loop {
            let changed = self.inner.changed.notified();
            tokio::pin!(changed);
            changed.as_mut().enable();
            if self.is_open() {
                return;
            }
            changed.await;
        }
    }

    /// Returns when the gate is closed: at once if it is.
    pub async fn wait_closed(&self) {
        loop {
            let changed = self.inner.changed.notified();
            tokio::pin!(changed);
            changed.as_mut().enable();
            if !self.is_open() {
                return;
            }
            changed.await;
        }
    }

    /// The plugin that has kept the gate closed longest, and since when; none while it is open.
    #[must_use]
    pub fn culprit(&self) -> Option<(Arc<str>, Instant)> {
        self.culprits()
            .first()
            .map(|culprit| (Arc::clone(&culprit.owner), culprit.since))
    }

    pub(crate) fn close(&self, inbox: InboxId, owner: &Arc<str>) {
        let mut culprits = self.culprits();
        culprits.push(Culprit {
            inbox,
            owner: Arc::clone(owner),
            since: Instant::now(),
        });
        self.set(culprits);
    }

    pub(crate) fn relieve(&self, inbox: InboxId) {
        let mut culprits = self.culprits();
        culprits.retain(|culprit| culprit.inbox != inbox);
        self.set(culprits);
    }

    fn set(&self, culprits: MutexGuard<'_, Vec<Culprit>>) {
        let closed = !culprits.is_empty();
        let before = self.inner.closed.swap(closed, Ordering::AcqRel);
        drop(culprits);
        if before != closed {
            self.inner.changed.notify_waiters();
        }
    }

    fn culprits(&self) -> MutexGuard<'_, Vec<Culprit>> {
        self.inner
            .culprits
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Pressure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pressure")
            .field("open", &self.is_open())
            .field("culprit", &self.culprit().map(|(owner, _)| owner))
            .finish()
    }
}
