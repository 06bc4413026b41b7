//! Sending messages, and following what becomes of them.

use converse_core::session::Acknowledgement;
use converse_core::{Error, ErrorKind};
use jid::{BareJid, Jid};
use tokio::sync::MutexGuard;

use super::Chat;
use super::composer::Composer;
use crate::error::ChatError;
use crate::message::{MessageAdded, MessageSend};
use crate::model::Kind;
use converse_messages::ContentError;
use converse_messages::model::{Delivery, Draft, Message, MessageError, MessageId};
use converse_messages::wire;

impl Chat {
    /// Sends a message and adds it to the chat.
    ///
    /// It returns when the session has the message; order of calls is order on the wire. How it fares is told by
    /// [`MessageDeliveryChanged`](crate::message::MessageDeliveryChanged). While a lost connection is being replaced it waits for the next one.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidArgument`](converse_core::ErrorKind::InvalidArgument) for an empty text or one with
    /// characters that XML cannot carry,
    /// [`ErrorKind::Disconnected`](converse_core::ErrorKind::Disconnected) without a session, and
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
        let _turn = self.turn().await?;
        let id = self.new_id();
        let now = self.api.environment().clock.now();
        let from = Jid::from(self.sender()?);
        let (message, hints) = draft.into_message(&id, from, now);
        let stanza = self
            .signed(wire::message(&self.address(), &message, &hints))
            .build()?;
        self.add_sent(message)?;
        let unsent = Unsent {
            chat: self,
            id: &id,
            settled: false,
        };
        match self.api.send(&stanza).await {
            Ok(acknowledgement) => unsent.sent(acknowledgement),
            Err(error) => {
                unsent.failed(&error);
                return Err(error);
            }
        }
        self.forward(&stanza).await;
        Ok(id)
    }

    /// Waits until it is this call's turn to send.
    pub(super) async fn turn(&self) -> Result<MutexGuard<'_, ()>, Error> {
        if self.conversation.kind == Kind::Headlines {
            let jid = self.jid().clone();
            return Err(ChatError::Headlines { jid }.into());
        }
        Ok(self.conversation.sending.lock().await)
    }

    pub(super) fn new_id(&self) -> MessageId {
        MessageId::new(self.api.environment().random.stanza_id())
    }

    /// Runs something beside all else; whoever calls it may be on a thread without a runtime.
    pub(super) fn spawn(&self, task: impl Future<Output = ()> + Send + 'static) {
        crate::tasks::spawn(&self.api, task);
    }

    /// As who the user writes.
    pub(super) fn sender(&self) -> Result<BareJid, Error> {
        let session = self.api.session();
        let own = session.bare_jid().filter(|_| session.state().is_active());
        own.ok_or_else(|| {
            let text = "chat.send_message: there is no session; log in first";
            Error::new(ErrorKind::Disconnected, text)
        })
    }

    /// Where it goes.
    pub(super) fn address(&self) -> Jid {
        Jid::from(self.jid().clone())
    }

    /// Adds what is about to be sent.
    fn add_sent(&self, message: Message) -> Result<(), Error> {
        let mut open = self.conversation.open()?;
        open.history.add(message.clone());
        self.touch(&open);
        self.api
            .publish(MessageSend::new(self.clone(), message.clone()));
        self.api.publish(MessageAdded::new(self.clone(), message));
        Ok(())
    }
}

/// A message on its way to the session; if whoever sends it gives up first, it has failed.
struct Unsent<'a> {
    chat: &'a Chat,
    id: &'a MessageId,
    settled: bool,
}

impl Unsent<'_> {
    fn sent(mut self, acknowledgement: Acknowledgement) {
        self.settled = true;
        self.chat
            .set_delivery(self.id.as_str(), Delivery::Sent, None);
        let (chat, id) = (self.chat.clone(), self.id.clone());
        self.chat.spawn(async move {
            match acknowledgement.acknowledged().await {
                Ok(()) => chat.set_delivery(id.as_str(), Delivery::Acknowledged, None),
                Err(error) => {
                    let error = MessageError::from(&error);
                    chat.set_delivery(id.as_str(), Delivery::Failed, Some(error));
                }
            }
        });
    }

    fn failed(mut self, error: &Error) {
        self.settled = true;
        let error = MessageError::from(error);
        self.chat
            .set_delivery(self.id.as_str(), Delivery::Failed, Some(error));
    }
}

impl Drop for Unsent<'_> {
    fn drop(&mut self) {
        if !self.settled {
            let error = MessageError::from(&Error::new(
                ErrorKind::Closed,
                "the call was dropped before the session took the message",
            ));
            self.chat
                .set_delivery(self.id.as_str(), Delivery::Failed, Some(error));
        }
    }
}
