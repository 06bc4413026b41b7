//! What the actor and the handles share.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::limits::Limits;
use super::listed::ListedRoom;

/// What is known of rooms that can be found.
#[derive(Debug, Default)]
pub(crate) struct Finding {
    listed: Mutex<Arc<[ListedRoom]>>,
    limits: Mutex<Limits>,
}

impl Finding {
    /// The list that was fetched after login.
    pub(super) fn listed(&self) -> Arc<[ListedRoom]> {
        let listed = self.listed.lock();
        Arc::clone(&listed.unwrap_or_else(PoisonError::into_inner))
    }

    pub(super) fn set_listed(&self, rooms: Arc<[ListedRoom]>) {
        let listed = self.listed.lock();
        *listed.unwrap_or_else(PoisonError::into_inner) = rooms;
    }

    pub(super) fn limits(&self) -> MutexGuard<'_, Limits> {
        self.limits.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
