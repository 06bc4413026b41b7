//! What is about messages that are not here but in the store.

use converse_core::store::StoreError;
use converse_messages::model::{Change, Fold, Folded, Whose};

use super::filed::Reach;
use super::taking::note_copy;
use super::{ChatActor, Letter, Said, kind_of};
use crate::api::Chat;
use crate::message::MessageReceived;
use crate::model::{Conversation, Kind};

impl ChatActor {
    /// Does what is to be done with messages that only the store has: those that come again, and those that something is
    /// said of. What is left in `said` concerns what is here, or is new. A chat that will have a message is open then, with its
    /// newest messages.
    pub(super) async fn look_up(&self, letter: &Letter, said: &mut Said) {
        let kind = said
            .message
            .as_ref()
            .map_or(kind_of(said.incoming.kind), |message| kind_of(message.kind));
        let changes_text = said.change.as_ref().is_some_and(is_text);
        if said.message.is_some() || changes_text {
            self.open_kept(kind, letter, said.wanted).await;
        }
        if let Err(error) = self.look_up_in_chat(kind, letter, said).await {
            // It may be there twice then, but it is not lost.
            tracing::warn!(%error, "whether a message is kept already is not known");
        }
    }

    async fn look_up_in_chat(
        &self,
        kind: Kind,
        letter: &Letter,
        said: &mut Said,
    ) -> Result<(), StoreError> {
        if let Some(chat) = self.registry.get(kind, &letter.envelope.peer) {
            let chat = Chat::new(&self.api, &self.registry, chat);
            chat.fetch().await;
            return self.look_up_in(&chat, letter, said).await;
        }
        let deliveries = self.deliveries(letter, &said.incoming);
        if let Some(kept) = self.registry.kept()
            && let Some(keeper) = &kept.messages
            && (said.change.is_some() || !deliveries.is_empty())
        {
            // Nobody sees it, but what is said of it is kept.
            let closed = Conversation::stand_in(letter.envelope.peer.clone(), kind);
            closed.keep(&kept);
            keeper.load(&*closed, 0).await?;
            for change in deliveries {
                keeper.fold(&*closed, &change).await?;
            }
            if let Some(change) = &said.change
                && keeper.fold(&*closed, change).await?.is_some()
            {
                said.change = None;
            }
        }
        Ok(())
    }

    /// Opens the chat, and fetches what is kept of it.
    async fn open_kept(&self, kind: Kind, letter: &Letter, wanted: bool) {
        let peer = &letter.envelope.peer;
        let (chat, is_new) = Chat::find_or_open(&self.api, &self.registry, kind, peer, wanted);
        if is_new && !wanted {
            chat.note_unwanted();
        }
        chat.fetch().await;
        if let Some(Reach::Since(place)) = letter.filed.as_ref().map(|filed| filed.reach)
            && let Some(keeper) = chat.keeper()
            && let Err(error) = keeper.reach(chat.conversation(), place).await
        {
            tracing::warn!(%error, "where a message stands among those that are kept is not certain");
        }
    }

    async fn look_up_in(
        &self,
        chat: &Chat,
        letter: &Letter,
        said: &mut Said,
    ) -> Result<(), StoreError> {
        let Some(keeper) = chat.keeper() else {
            return Ok(());
        };
        keeper.room().await;
        for change in self.deliveries(letter, &said.incoming) {
            if let Some(folded) = keeper.fold(chat.conversation(), &change).await? {
                chat.announce(folded, chat.about(&change));
            }
        }
        if let Some(change) = &said.change
            && let Some(folded) = keeper.fold(chat.conversation(), change).await?
        {
            let is_news = matches!(folded, Folded::Changed(_));
            if is_news && is_text(change) && letter.is_news() {
                self.announce_received(chat, letter);
            }
            chat.announce(folded, chat.about(change));
            said.change = None;
            said.is_known = !is_news;
        }
        if let Some(message) = &mut said.message {
            note_copy(letter, message);
            let whose = Whose::Side(message.sender);
            let spot = letter.filed.as_ref().map(|filed| {
                let open = chat.conversation().any();
                filed.spot(&open.history)
            });
            let added = keeper.add(chat.conversation(), message, &whose, spot);
            if let Some(added) = added.await? {
                chat.announce_stored(added);
                said.message = None;
                said.is_known = true;
            }
        }
        Ok(())
    }

    fn announce_received(&self, chat: &Chat, letter: &Letter) {
        let stanza = letter.envelope.stanza.clone();
        self.api.publish(MessageReceived::new(stanza, chat.clone()));
    }
}

fn is_text(change: &Change) -> bool {
    matches!(change.fold, Fold::Correction(_))
}
