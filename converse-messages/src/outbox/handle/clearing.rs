//! Forgetting all that an account has sent.

use converse_core::Error;
use converse_core::store::Store as _;
use jid::BareJid;

use super::Outbox;
use crate::model::MessageError;
use crate::outbox::entry::Entry;
use crate::outbox::error::OutboxError;
use crate::outbox::lane::Lane;
use crate::outbox::queue::Queue;

impl Outbox {
    /// All that was kept for an account was removed from the store (`StoreCleared`), and is forgotten here too: what waits is not
    /// sent, and has failed for everybody to see. To be called by whoever shows conversations before he forgets them; who calls it
    /// again waits until that was done.
    pub async fn clear(&self, account: &BareJid) {
        let mut kept_in = self.shared.kept_in.lock().await;
        if kept_in.as_ref().map(|store| store.account()) != Some(account) {
            return;
        }
        *kept_in = None;
        if let Err(error) = self.shared.memory.clear_account(account).await {
            tracing::warn!(%error, "what was sent could not be removed from memory");
        }
        let (entries, tickets) = {
            let mut inside = self.inside();
            let next = inside.queue.next_number();
            let queue = std::mem::take(&mut inside.queue);
            inside.queue.count_from(next);
            inside.cleared += 1;
            inside.restored.clear();
            inside.changes.clear();
            inside.written.clear();
            (entries_of(&queue), std::mem::take(&mut inside.tickets))
        };
        let error = MessageError::from(&Error::from(OutboxError::Cleared));
        // What came last is taken back first.
        for entry in entries.iter().rev().filter(|entry| !entry.is_failed()) {
            if let Some(line) = self.line(&entry.lane) {
                line.fail(entry.id.as_str(), &error);
            }
        }
        for waiter in tickets.into_values() {
            // The caller may have stopped waiting.
            let _ = waiter.tell.send(Err(OutboxError::Cleared.into()));
        }
    }
}

fn entries_of(queue: &Queue) -> Vec<Entry> {
    let lanes: Vec<Lane> = queue.lanes();
    let entries = lanes.iter().flat_map(|lane| queue.entries_of(lane));
    entries.collect()
}
