//! The rooms that were open when the program ran last, and what was said in them.

use std::sync::Arc;

use converse_core::api::StoreCleared;
use converse_core::bus::{Handled, Hears, Transforms};
use converse_core::session::Checkpoint;
use converse_core::{BoxError, Error};
use converse_messages::outbox::Outbox;
use jid::BareJid;

use super::MucActor;
use crate::keeping::{Keeping, Shelf, report};
use crate::message::ChatRoomOpened;
use crate::model::Opened;
use crate::private::PrivateChat;
use crate::private::message::PrivateChatOpened;
use crate::settings::ALLOW_MUC;

impl Hears<StoreCleared> for MucActor {
    /// Nothing is kept for the account any more, and nothing of it is to be seen.
    async fn hear(&mut self, event: Arc<StoreCleared>) -> Handled {
        if self.account.as_ref() == Some(&event.account) {
            if let Some(outbox) = self.api.provided::<Outbox>() {
                outbox.clear(&event.account).await;
            }
            if let Some(keeping) = self.keeping.take() {
                keeping.shelf().abandon().await;
            }
            for room in self.registry.all() {
                self.close(&room);
            }
            self.account = None;
        }
        Ok(())
    }
}

impl Transforms<Checkpoint> for MucActor {
    /// What the server is about to be told to have arrived is in the store. What waits for an archive is in that.
    async fn transform(&mut self, checkpoint: Checkpoint) -> Result<Checkpoint, BoxError> {
        if let Some(outbox) = self.api.provided::<Outbox>() {
            outbox.flush().await?;
        }
        if let Some(keeping) = &self.keeping {
            keeping.shelf().write().await?;
        }
        Ok(checkpoint)
    }
}

impl MucActor {
    /// The rooms are those of this account from now on, if they are not already: the ones that were open when the program ran last are open again, and those
    /// of another account are closed, but still kept for it.
    pub(super) async fn take_account(&mut self, account: BareJid) {
        if self.account.as_ref() == Some(&account) {
            return;
        }
        if let Some(keeping) = self.keeping.take() {
            report(keeping.shelf().write().await);
        }
        for room in self.registry.all() {
            self.close(&room);
        }
        let shelf = Shelf::new(&self.api, &account, Arc::clone(&self.registry));
        if let Err(error) = self.restore(&shelf).await {
            tracing::warn!(%error, "which rooms were open is not known");
        }
        self.registry.restored();
        let keeping = Keeping::start(shelf);
        self.registry.set_shelf(keeping.shelf());
        self.keeping = Some(keeping);
        self.account = Some(account);
        self.is_first = true;
    }

    async fn restore(&self, shelf: &Shelf) -> Result<(), Error> {
        if !self.api.settings().read(&ALLOW_MUC)? {
            return Ok(());
        }
        for room in shelf.load().await? {
            let room = Arc::new(room);
            let chatbox = self.handle(&room);
            if self.registry.add(Arc::clone(&room), chatbox.clone()) {
                chatbox.reopen();
                self.api.publish(ChatRoomOpened { chatbox });
                for chat in room.private.all() {
                    let chatbox = PrivateChat::new(&self.api, &room, chat);
                    chatbox.reopen();
                    self.api.publish(PrivateChatOpened { chatbox });
                }
            }
        }
        Ok(())
    }

    /// A room as it is when it is opened: what was said in it before is there.
    pub(super) async fn opened(&self, jid: BareJid) -> Arc<Opened> {
        let room = Opened::new(jid);
        if let Some(keeping) = &self.keeping {
            keeping.shelf().restore(&room).await;
        }
        Arc::new(room)
    }

    /// Has a room that was opened or closed in the store before anybody is told that it was.
    pub(super) async fn keep(&self, jid: &BareJid) {
        if let Some(keeping) = &self.keeping {
            keeping.shelf().write_one(jid).await;
        }
    }
}
