//! The open rooms in the store, and what was said in them, so that the next run of the program goes on with them.

mod list;
mod messages;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use converse_core::api::Api;
use converse_core::store::{AccountStore, StoreError};
use converse_messages::keeper::{Keeper, Writing};
use jid::BareJid;
use tokio::task::AbortHandle;
use tokio::time::sleep;

use crate::model::{Opened, Registry};
use list::List;

/// How long a change may wait for others that are written with it.
const DELAY: Duration = Duration::from_secs(1);

/// Keeps the rooms of an account in the store.
pub(crate) struct Shelf {
    registry: Arc<Registry>,
    list: List,
    /// Unless messages are kept only as long as the program runs.
    keeper: Option<Keeper>,
}

impl Shelf {
    pub(crate) fn new(api: &Api, account: &BareJid, registry: Arc<Registry>) -> Self {
        let store = AccountStore::new(Arc::clone(api.store()), account.clone());
        let messages = AccountStore::new(Arc::clone(api.message_store()), account.clone());
        Self {
            list: List::new(store, Arc::clone(&registry)),
            keeper: messages.is_durable().then(|| Keeper::of(api, messages)),
            registry,
        }
    }

    /// Keeps the messages, unless that is as long as the program runs.
    pub(crate) fn keeper(&self) -> Option<&Keeper> {
        self.keeper.as_ref()
    }

    /// The rooms that were open in the last run, with their newest messages.
    pub(crate) async fn load(&self) -> Result<Vec<Opened>, StoreError> {
        let rooms = self.list.load().await?;
        for room in &rooms {
            self.restore(room).await;
        }
        Ok(rooms)
    }

    /// Gives a room that is being opened what was said in it before.
    pub(crate) async fn restore(&self, room: &Opened) {
        if let Some(keeper) = &self.keeper
            && let Err(error) = messages::restore(keeper, room).await
        {
            tracing::warn!(room = %room.jid, %error, "what was said in a room before is not known");
        }
    }

    /// Something that is said in a room is different, and is written soon. If nobody writes, this gives what is to be spawned for
    /// that.
    pub(crate) fn touch(&self, room: &Arc<Opened>) -> Option<Writing> {
        self.keeper.as_ref()?.touch(room)
    }

    /// Writes what is different in any room.
    ///
    /// # Errors
    ///
    /// The store cannot be written; what is different waits for the next time.
    pub(crate) async fn write(&self) -> Result<(), StoreError> {
        if let Some(keeper) = &self.keeper {
            keeper.flush().await?;
        }
        self.list.write().await
    }

    /// Nothing is written any more: what was kept was removed.
    pub(crate) async fn abandon(&self) {
        if let Some(keeper) = &self.keeper {
            keeper.abandon().await;
        }
    }

    /// Writes what is different in one room, which is open or not any more.
    pub(crate) async fn write_one(&self, jid: &BareJid) {
        let mut outcome = Ok(());
        if let Some(keeper) = &self.keeper {
            outcome = keeper.flush().await;
        }
        report(outcome.and(self.list.write_one(jid).await));
    }
}

/// Says that something was not kept. It is tried again.
pub(crate) fn report(outcome: Result<(), StoreError>) {
    if let Err(error) = outcome {
        tracing::warn!(%error, "what is different in rooms was not kept");
    }
}

impl fmt::Debug for Shelf {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Shelf").finish_non_exhaustive()
    }
}

/// Writes what changes in rooms, until it is dropped.
#[derive(Debug)]
pub(crate) struct Keeping {
    shelf: Arc<Shelf>,
    writer: AbortHandle,
}

impl Keeping {
    /// Begins to write; to be called on a runtime.
    pub(crate) fn start(shelf: Shelf) -> Self {
        let shelf = Arc::new(shelf);
        let kept = Arc::clone(&shelf);
        let writer = tokio::spawn(async move {
            loop {
                kept.registry.changed().await;
                sleep(DELAY).await;
                report(kept.write().await);
            }
        });
        Self {
            shelf,
            writer: writer.abort_handle(),
        }
    }

    pub(crate) fn shelf(&self) -> &Arc<Shelf> {
        &self.shelf
    }
}

impl Drop for Keeping {
    fn drop(&mut self) {
        self.writer.abort();
    }
}
