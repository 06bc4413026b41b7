//! The rooms that were open when the program ran last.

use std::sync::Arc;

use converse_core::Error;
use converse_core::store::AccountStore;
use jid::BareJid;

use super::MucActor;
use crate::keeping::{Keeping, Shelf};
use crate::message::ChatRoomOpened;
use crate::settings::ALLOW_MUC;

impl MucActor {
    /// The rooms are those of this account from now on: the ones that were open when the program ran last are open again, and those
    /// of another account are closed, but still kept for it.
    pub(super) async fn take_account(&mut self, account: BareJid) {
        self.keeping = None;
        for room in self.registry.all() {
            self.close(&room);
        }
        let store = AccountStore::new(Arc::clone(self.api.store()), account.clone());
        let shelf = Shelf::new(store, Arc::clone(&self.registry));
        if let Err(error) = self.restore(&shelf).await {
            tracing::warn!(%error, "which rooms were open is not known");
        }
        self.registry.restored();
        self.keeping = Some(Keeping::start(shelf));
        self.account = Some(account);
    }

    async fn restore(&self, shelf: &Shelf) -> Result<(), Error> {
        if !self.api.settings().read(&ALLOW_MUC)? {
            return Ok(());
        }
        for room in shelf.load().await? {
            let room = Arc::new(room);
            let chatbox = self.handle(&room);
            if self.registry.add(room, chatbox.clone()) {
                self.api.publish(ChatRoomOpened { chatbox });
            }
        }
        Ok(())
    }

    /// Has a room that was opened or closed in the store before anybody is told that it was.
    pub(super) async fn keep(&self, jid: &BareJid) {
        if let Some(keeping) = &self.keeping {
            keeping.shelf().write_one(jid).await;
        }
    }
}
