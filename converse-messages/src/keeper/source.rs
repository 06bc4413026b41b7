//! From where a keeper gets what it writes.

use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};

use converse_core::store::Change;

use crate::model::History;

/// Something that is kept: a conversation.
pub trait Source: Send + Sync {
    /// Whether a keeper knows that it has changed.
    fn noted(&self) -> &Noted;

    /// Does something with the history while nobody else can.
    fn with_history(&self, act: &mut dyn FnMut(&mut History));

    /// What is to be written now. What is kept besides the history goes here too.
    fn take_changes(&self) -> Vec<Change> {
        let mut changes = Vec::new();
        self.with_history(&mut |history| changes = history.take_changes());
        changes
    }
}

/// Whether a keeper knows that something has changed; part of every [`Source`].
#[derive(Default)]
pub struct Noted(AtomicBool);

impl Noted {
    /// It has changed; whether that is known already.
    pub(super) fn set(&self) -> bool {
        self.0.swap(true, Ordering::AcqRel)
    }

    /// The keeper looks at it now.
    pub(super) fn clear(&self) {
        self.0.store(false, Ordering::Release);
    }
}

impl fmt::Debug for Noted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Noted")
            .field(&self.0.load(Ordering::Relaxed))
            .finish()
    }
}
