//! Where the instance keeps what is to outlive a session.

use std::sync::Arc;

use crate::api::Api;
use crate::store::{AccountStore, Store};

impl Api {
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
