//! Sending messages.

use std::sync::Arc;

use converse_core::Error;
use converse_core::xml::Element;
use jid::{BareJid, Jid};

use super::Chat;
use super::composer::Composer;
use crate::error::ChatError;
use crate::message::{MessageAdded, MessageSend};
use crate::model::{Kind, State};
use converse_messages::ContentError;
use converse_messages::model::{Draft, MessageId};
use converse_messages::outbox::{About, Lane, Letter, Outbox, OutboxError, Place, Ticket, Unsent};
use converse_messages::wire;

impl Chat {
    /// Sends a message and adds it to the chat.
    ///
    /// It returns when the message is [queued](converse_messages::Delivery::Queued) and safe: it goes out in its turn, now or in the next session,
    /// also of another process if the setting `message_storage` keeps messages for good. How it fares is told by
    /// [`MessageDeliveryChanged`](crate::message::MessageDeliveryChanged). Until it leaves, [`outbox`](Self::outbox) can edit
    /// it and take it back.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidArgument`](converse_core::ErrorKind::InvalidArgument) for an empty text or one with
    /// characters that XML cannot carry,
    /// [`ErrorKind::Disconnected`](converse_core::ErrorKind::Disconnected) before the first login and after a logout,
    /// [`OutboxError::Full`](converse_messages::outbox::OutboxError::Full),
    /// [`ErrorKind::Store`](converse_core::ErrorKind::Store) if it cannot be kept, and
    /// [`ErrorKind::Closed`](converse_core::ErrorKind::Closed).
    pub async fn send_message(&self, body: impl Into<String>) -> Result<MessageId, Error> {
        self.send(Draft::new(body)).await
    }

    /// Begins a message that is more than a text; [`Composer::send`] sends it.
    pub fn compose(&self, body: impl Into<String>) -> Composer {
        Composer::new(self, body.into())
    }

    pub(super) async fn send(&self, draft: Draft) -> Result<MessageId, Error> {
        if draft.is_empty() {
            return Err(ContentError::Empty.into());
        }
        self.check_kind()?;
        let id = self.new_id();
        let now = self.api.environment().clock.now();
        let from = Jid::from(self.sender()?);
        let (message, hints) = draft.into_message(&id, from, now);
        let stanza = self
            .signed(wire::message(&self.address(), &message, &hints))
            .build()?;
        let place = self.outbox_of_all()?.admit(&stanza).await?;
        let ticket = {
            let mut open = self.conversation.open()?;
            open.history.add(message.clone());
            self.api
                .publish(MessageSend::new(self.clone(), message.clone()));
            self.api.publish(MessageAdded::new(self.clone(), message));
            self.post(place, &mut open, &id, stanza, About::Message)?
        };
        ticket.queued().await?;
        Ok(id)
    }

    /// What is sent in this chat and has not arrived: to be looked at, edited, taken back, tried again.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Closed`](converse_core::ErrorKind::Closed).
    pub fn outbox(&self) -> Result<Unsent, Error> {
        drop(self.conversation.open()?);
        let outbox = Outbox::clone(&*self.outbox_of_all()?);
        Ok(Unsent::new(outbox, self.lane()))
    }

    pub(super) fn outbox_of_all(&self) -> Result<Arc<Outbox>, Error> {
        self.api.require("converse-chat")
    }

    pub(crate) fn lane(&self) -> Lane {
        Lane::chat(self.jid())
    }

    /// Puts something into the outbox that is in the history already.
    pub(super) fn post(
        &self,
        place: Place,
        open: &mut State,
        id: &MessageId,
        stanza: Element,
        about: About,
    ) -> Result<Ticket, Error> {
        self.touch(open);
        let letter = Letter {
            id: id.clone(),
            stanza,
            about,
            created: self.api.environment().clock.now(),
        };
        place.take(&self.lane(), letter, self.conversation.keeper())
    }

    /// Nobody answers those who only announce.
    pub(super) fn check_kind(&self) -> Result<(), ChatError> {
        if self.conversation.kind == Kind::Headlines {
            let jid = self.jid().clone();
            return Err(ChatError::Headlines { jid });
        }
        Ok(())
    }

    pub(super) fn new_id(&self) -> MessageId {
        MessageId::new(self.api.environment().random.stanza_id())
    }

    /// As who the user writes.
    pub(super) fn sender(&self) -> Result<BareJid, Error> {
        let account = self.api.session().account();
        Ok(account.ok_or(OutboxError::NoAccount)?)
    }

    /// Where it goes.
    pub(super) fn address(&self) -> Jid {
        Jid::from(self.jid().clone())
    }
}
