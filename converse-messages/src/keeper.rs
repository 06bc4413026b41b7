//! Keeping histories in a store: what changes is written soon, what is needed is read.
//!
//! One [`Keeper`] writes for all conversations of a grouping. Each conversation is a [`Source`]: it says that it has
//! [changed](Keeper::touch), and is asked what there is to write when the keeper comes to it, so that a burst costs one write
//! and a message that changes twice is written once. What must be in the store before something else happens goes with
//! [`write_with`](Keeper::write_with).
//!
//! The messages that a [`History`](crate::model::History) has in memory are the newest of its log, without a hole. What is about an older one finds
//! it in the store: [`add`](Keeper::add) knows what is there already, [`fold`](Keeper::fold) changes it there.
//!
//! ```
//! use std::sync::{Arc, Mutex};
//! use converse_core::store::{AccountStore, Change, MemoryStore};
//! use converse_messages::keeper::{Keeper, Noted, Source, chat_log};
//! use converse_messages::model::{History, Message, SentBy};
//!
//! #[derive(Default)]
//! struct Conversation { noted: Noted, history: Mutex<History> }
//!
//! impl Source for Conversation {
//!     fn noted(&self) -> &Noted { &self.noted }
//!     fn with_history(&self, act: &mut dyn FnMut(&mut History)) {
//!         act(&mut self.history.lock().unwrap());
//!     }
//! }
//!
//! # tokio::runtime::Builder::new_current_thread().build()?.block_on(async {
//! let store = AccountStore::new(Arc::new(MemoryStore::new()), "romeo@montague.example".parse()?);
//! let (keeper, juliet) = (Keeper::new(store), "juliet@capulet.example".parse()?);
//! let conversation = || {
//!     let conversation = Conversation::default();
//!     conversation.history.lock().unwrap().keep(chat_log(&juliet));
//!     Arc::new(conversation)
//! };
//!
//! let chat = conversation();
//! let from = "juliet@capulet.example/balcony".parse()?;
//! let message = Message::new(SentBy::Them, from, "Ay me!".into(), chrono::Utc::now());
//! chat.history.lock().unwrap().add(message);
//! if let Some(writing) = keeper.touch(&chat) {
//!     writing.await;
//! }
//!
//! // The next day:
//! let chat = conversation();
//! keeper.load(&*chat, 50).await?;
//! assert_eq!(chat.history.lock().unwrap().len(), 1);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! # })?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod beside;
mod logs;
mod queue;
mod reading;
mod source;
mod writing;

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use converse_core::api::Api;
use converse_core::store::AccountStore;
use tokio::sync::Mutex as AsyncMutex;

use crate::outbox::Outbox;
use queue::Queue;
use writing::Unwritten;

pub use logs::{chat_log, chat_of_log, headline_log, private_log, room_log, room_of_log};
pub use reading::Loaded;
pub use source::{Noted, Source};
pub use writing::Writing;

/// Keeps the histories of one account in its store; cheap to clone.
#[derive(Clone)]
pub struct Keeper {
    inner: Arc<Inner>,
}

struct Inner {
    store: AccountStore,
    /// Only this process knows what waits in here.
    outbox: Option<Outbox>,
    /// What is to be written.
    queue: Mutex<Queue>,
    /// Whoever writes holds it: one after the other.
    writing: AsyncMutex<Unwritten>,
    /// Whoever reads from the store to change what he reads, or to show it, holds it.
    reading: AsyncMutex<()>,
}

impl Keeper {
    /// One that writes into this store.
    #[must_use]
    pub fn new(store: AccountStore) -> Self {
        Self::with(store, None)
    }

    /// One that writes into this store, for an instance whose outbox may be in memory only: then what an earlier process has left
    /// waiting has failed.
    #[must_use]
    pub fn of(api: &Api, store: AccountStore) -> Self {
        let outbox = api.provided::<Outbox>();
        let outbox = outbox.filter(|outbox| outbox.is_in_memory());
        Self::with(store, outbox.as_deref().cloned())
    }

    fn with(store: AccountStore, outbox: Option<Outbox>) -> Self {
        Self {
            inner: Arc::new(Inner {
                store,
                outbox,
                queue: Mutex::default(),
                writing: AsyncMutex::default(),
                reading: AsyncMutex::default(),
            }),
        }
    }

    /// Where it writes.
    #[must_use]
    pub fn store(&self) -> &AccountStore {
        &self.inner.store
    }

    fn queue(&self) -> MutexGuard<'_, Queue> {
        self.inner
            .queue
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

/// Two handles are equal if they are the same keeper.
impl PartialEq for Keeper {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.inner, &other.inner)
    }
}

impl Eq for Keeper {}

impl fmt::Debug for Keeper {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Keeper")
            .field("account", &self.inner.store.account().as_str())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
