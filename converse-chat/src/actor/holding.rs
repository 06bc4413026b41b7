//! What came live and waits for the archive.

use super::{ChatActor, filed};

impl ChatActor {
    /// The archive does not answer: what came live waits no longer.
    pub(super) async fn let_through(&self, number: u64) {
        let _taking = self.registry.archive.taking.lock().await;
        if self.registry.archive.lock().followed.is_running(number) {
            self.release().await;
        }
    }

    /// What came live and waited goes on, in its order. Whoever calls it has the right to put messages into chats.
    pub(super) async fn release(&self) {
        loop {
            // Not in the head of the loop: the lock would be held.
            let next = self.registry.archive.lock().held.release();
            let Some(stanza) = next else {
                return;
            };
            if let Err(error) = self.hear_live(stanza).await {
                tracing::warn!(%error, "a message that waited could not be read");
            }
        }
    }

    /// Whether something waits that would be lost if the process ended now: without an id of the archive it is not there.
    pub(super) fn holds_what_no_archive_has(&self) -> bool {
        let Some(own) = self.api.session().account() else {
            return false;
        };
        let is_vouched = self.registry.has_stanza_ids();
        let archive = self.registry.archive.lock();
        let mut held = archive.held.iter();
        held.any(|stanza| !is_vouched || !filed::has_id(stanza.root(), &own))
    }
}
