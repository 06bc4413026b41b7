//! Which inbox the code that runs right now works for, so that it is never made to wait for itself.

use std::cell::Cell;

thread_local! {
    /// Set only while a handler is called or polled; an id names its instance too.
    static CURRENT: Cell<Option<InboxId>> = const { Cell::new(None) };
}

/// An inbox: the address of its bus's shared part, and its number there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct InboxId {
    pub(crate) bus: usize,
    pub(crate) number: u64,
}

/// Restores the marker when the handler has returned or panicked.
pub(crate) struct Inside {
    before: Option<InboxId>,
}

pub(crate) fn enter(id: InboxId) -> Inside {
    Inside {
        before: CURRENT.replace(Some(id)),
    }
}

/// The inbox whose handler is running on this thread.
pub(crate) fn inside() -> Option<InboxId> {
    CURRENT.get()
}

impl Drop for Inside {
    fn drop(&mut self) {
        CURRENT.set(self.before);
    }
}
