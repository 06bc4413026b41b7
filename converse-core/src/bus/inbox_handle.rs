//! A handle of an inbox that others than the bus fill.

use std::fmt;
use std::sync::Arc;

use super::handle::Bus;

/// An inbox of one owner, filled by [`Dispatcher::deliver`](super::Dispatcher::deliver). Clones are the same inbox;
/// when the last one is gone, what still waits is handled and the inbox ends.
#[derive(Clone)]
pub struct InboxHandle {
    inner: Arc<Inner>,
}

struct Inner {
    bus: Bus,
    number: u64,
    owner: Arc<str>,
}

impl InboxHandle {
    pub(crate) fn new(bus: &Bus, owner: Arc<str>) -> Self {
        let inner = Inner {
            bus: bus.clone(),
            number: bus.shared.next(),
            owner,
        };
        Self {
            inner: Arc::new(inner),
        }
    }

    /// The plugin it belongs to.
    #[must_use]
    pub fn owner(&self) -> &Arc<str> {
        &self.inner.owner
    }

    pub(crate) fn number(&self) -> u64 {
        self.inner.number
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        let number = self.number;
        self.bus
            .run(move |dispatcher| dispatcher.release_inbox(number));
    }
}

impl fmt::Debug for InboxHandle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("InboxHandle")
            .field(&self.inner.owner)
            .finish()
    }
}
