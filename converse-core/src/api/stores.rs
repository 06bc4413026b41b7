//! Where the instance keeps what is to outlive a session.

use std::sync::Arc;
use std::time::Duration;

use converse_macros::Event;
use jid::BareJid;
use serde::Serialize;
use tokio::sync::oneshot;

use crate::api::Api;
use crate::bus::HookError;
use crate::error::{Error, ErrorKind};
use crate::session::Checkpoint;
use crate::settings::keys;
use crate::store::{AccountStore, Store, Stores};

/// How long the end of a session waits for what is to be written.
const LAST_WRITES: Duration = Duration::from_secs(5);

/// The user has logged out, and all that was kept for the account was removed, as the setting `clear_store_on_logout` says. Whoever
/// has some of it in memory forgets it.
#[derive(Debug, Clone, Serialize, Event)]
#[event(name = "storeCleared")]
#[non_exhaustive]
pub struct StoreCleared {
    /// The account.
    pub account: BareJid,
}

impl Api {
    pub(crate) fn stores(&self) -> &Stores {
        &self.inner.stores
    }

    /// Returns when whoever keeps something of what was received has written it down, or has had the time to.
    pub(crate) async fn write_down(&self) {
        let (done, written) = oneshot::channel();
        let bus = self.bus().clone();
        // The runtime of who calls this may have no clock.
        drop(self.bus().dispatch(move |_| {
            tokio::spawn(async move {
                let written = bus.transform_within(Checkpoint {}, LAST_WRITES).await;
                // Whoever waited may have stopped to.
                let _ = done.send(written);
            });
        }));
        match written.await {
            Err(_) | Ok(Ok(_) | Err(HookError::Closed)) => {}
            Ok(Err(error)) => tracing::warn!(%error, "what came last may not be kept"),
        }
    }

    /// Removes what is kept for the account if the settings say so.
    pub(crate) async fn clear_after_logout(&self) -> Result<(), Error> {
        let Some(account) = self.session().bare_jid() else {
            return Ok(());
        };
        if !self.settings().read(&keys::CLEAR_STORE_ON_LOGOUT)? {
            return Ok(());
        }
        self.stores().clear(&account).await.map_err(|error| {
            let text = "logged out, but what is kept for the account could not be removed";
            Error::new(ErrorKind::Store, text).with_source(error)
        })?;
        // An instance that has stopped has nobody who could forget something.
        let _ = self.bus().publish_wait(StoreCleared { account }).await;
        Ok(())
    }

    /// Where everything but messages is kept: what the setting `storage` chooses, or the application's own store.
    #[must_use]
    pub fn store(&self) -> &Arc<dyn Store> {
        &self.inner.stores.store
    }

    /// Where messages are kept: what the setting `message_storage` chooses. It is the same as [`store`](Self::store) if both
    /// settings say the same.
    #[must_use]
    pub fn message_store(&self) -> &Arc<dyn Store> {
        &self.inner.stores.messages
    }

    /// The account's part of [`store`](Self::store); before the first login `None`.
    ///
    /// ```
    /// # use converse_core::prelude::*;
    /// # #[actix::main]
    /// # async fn main() -> Result<(), converse_core::Error> {
    /// let api = Converse::initialize(settings! {}).await?;
    /// assert!(api.account_store().is_none());
    /// assert!(!api.store().is_durable());
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn account_store(&self) -> Option<AccountStore> {
        let account = self.session().bare_jid()?;
        Some(AccountStore::new(Arc::clone(self.store()), account))
    }

    /// The account's part of [`message_store`](Self::message_store); before the first login `None`.
    #[must_use]
    pub fn account_message_store(&self) -> Option<AccountStore> {
        let account = self.session().bare_jid()?;
        Some(AccountStore::new(Arc::clone(self.message_store()), account))
    }
}
