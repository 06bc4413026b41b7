//! What the store has of the chat.

use std::sync::Arc;

use converse_core::Error;
use converse_messages::keeper::{Keeper, Loaded};
use converse_messages::model::Added;

use super::Chat;
use crate::api::Search;
use crate::error::ChatError;
use crate::message::AfterMessagesFetched;

/// How many messages of a chat are here when it is opened.
const NEWEST: usize = 50;

impl Chat {
    /// Takes in the newest messages that the store has, once; whoever calls it meanwhile waits.
    pub(crate) async fn fetch(&self) {
        let Some(keeper) = self.conversation.keeper() else {
            return;
        };
        let _fetching = self.conversation.fetching.lock().await;
        if !std::mem::take(&mut self.conversation.any().is_unfetched) {
            return;
        }
        if let Err(error) = keeper.load(&*self.conversation, NEWEST).await {
            tracing::warn!(chat = %self.jid(), %error, "the messages of a chat could not be read");
        }
        if let Some(known) = self.registry.sharing.known(self.jid()) {
            self.displayed_elsewhere(&known);
        }
        if let Ok(open) = self.conversation.open() {
            self.touch(&open);
            self.api.publish(AfterMessagesFetched::new(self.clone()));
        }
    }

    /// Takes in older messages that the store has.
    pub(crate) async fn load_older(&self, limit: usize) -> Result<Loaded, Error> {
        drop(self.conversation.open()?);
        let Some(keeper) = self.conversation.keeper() else {
            return Ok(Loaded::default());
        };
        self.fetch().await;
        let loaded = keeper.load_older(&*self.conversation, limit).await?;
        if loaded.is_full && loaded.added == 0 {
            let jid = self.jid().clone();
            return Err(ChatError::TooManyMessages { jid }.into());
        }
        Ok(loaded)
    }

    pub(crate) fn search(&self, text: String) -> Result<Search, Error> {
        drop(self.conversation.open()?);
        let search = Search::new(&self.api, Arc::clone(&self.registry), text);
        Ok(search.within(self.jid().clone()))
    }

    /// Forgets all messages, also in the store.
    pub(crate) async fn clear_messages(&self) -> Result<(), Error> {
        // Otherwise they come from the store a moment later.
        self.fetch().await;
        {
            let mut open = self.conversation.open()?;
            open.history.clear();
            self.set_unread(&mut open, 0);
            self.touch(&open);
        }
        self.flush().await
    }

    /// Forgets one message; whether it was there.
    pub(crate) async fn remove_message(&self, id: &str) -> Result<bool, Error> {
        use converse_messages::model::SentBy::{Me, Them};
        {
            let mut open = self.conversation.open()?;
            let mut sides = [Them, Me].into_iter();
            let Some(number) = sides.find_map(|side| open.history.position(side, id)) else {
                return Ok(false);
            };
            open.history.remove(number);
            self.touch(&open);
        }
        self.flush().await?;
        Ok(true)
    }

    async fn flush(&self) -> Result<(), Error> {
        match self.conversation.keeper() {
            Some(keeper) => Ok(keeper.flush().await?),
            None => Ok(()),
        }
    }

    pub(crate) fn keeper(&self) -> Option<&Keeper> {
        self.conversation.keeper()
    }

    /// What came of a message that only the store has.
    pub(crate) fn announce_stored(&self, added: Added) {
        use converse_messages::model::Update;
        match added {
            Added::Completed(message) => self.announce_update(message, Update::Corrected),
            Added::Retracted(message) => self.announce_update(message, Update::Retracted),
            _ => {}
        }
    }
}
