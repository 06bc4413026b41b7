//! What the actor and the handles share.

use std::sync::{Mutex, MutexGuard, PoisonError};

use super::pending::Pending;
use super::sent::Outbox;

/// The invitations of an account, in and out.
#[derive(Debug, Default)]
pub(crate) struct Invitations {
    pending: Mutex<Pending>,
    sent: Mutex<Outbox>,
}

impl Invitations {
    pub(super) fn pending(&self) -> MutexGuard<'_, Pending> {
        self.pending.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn sent(&self) -> MutexGuard<'_, Outbox> {
        self.sent.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Another account has nothing to do with them.
    pub(super) fn clear(&self) {
        self.pending().clear();
        self.sent().clear();
    }
}
