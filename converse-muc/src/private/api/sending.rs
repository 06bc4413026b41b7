//! Sending private messages, and following what becomes of them.

use converse_core::session::Acknowledgement;
use converse_core::xml::{Element, ElementBuilder};
use converse_core::{Error, ErrorKind, ns};
use converse_messages::ContentError;
use converse_messages::model::{Delivery, Draft, Message, MessageError, MessageId};
use converse_messages::wire;
use jid::Jid;
use tokio::sync::MutexGuard;

use super::{PrivateChat, PrivateComposer};
use crate::actor::address;
use crate::private::message::PrivateMessageAdded;

impl PrivateChat {
    /// Sends a message to the other one and adds it to the chat.
    ///
    /// While the user is on the way into the room, it waits. It returns when the session has the message; order of calls is
    /// order on the wire. How it fares is told by
    /// [`PrivateMessageDeliveryChanged`](crate::private::message::PrivateMessageDeliveryChanged); the room says if it does not pass it
    /// on.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidArgument`] for a text that is empty or has characters
    /// that XML cannot have, [`ErrorKind::Disconnected`] when the other one
    /// [is gone](Self::is_gone), and those of [`Room::entered`](crate::Room::entered).
    pub async fn send_message(&self, body: impl Into<String>) -> Result<MessageId, Error> {
        self.send(Draft::new(body)).await
    }

    /// Begins a message that is more than a text; [`PrivateComposer::send`] sends it.
    pub fn compose(&self, body: impl Into<String>) -> PrivateComposer {
        PrivateComposer::new(self, body.into())
    }

    pub(super) async fn send(&self, draft: Draft) -> Result<MessageId, Error> {
        if draft.is_empty() {
            return Err(ContentError::Empty.into());
        }
        let _turn = self.turn().await?;
        let id = self.new_id();
        let now = self.api.environment().clock.now();
        let (message, hints) = draft.into_message(&id, self.own_address()?, now);
        let to = self.address()?;
        let stanza = self
            .signed(private(wire::message(&to, &message, &hints)))
            .build()?;
        self.add_sent(message)?;
        let unsent = Unsent {
            chat: self,
            id: &id,
            is_settled: false,
        };
        match self.api.send(&stanza).await {
            Ok(acknowledgement) => unsent.sent(acknowledgement),
            Err(error) => {
                unsent.failed(&error);
                return Err(error);
            }
        }
        Ok(id)
    }

    /// Waits until it is this call's turn to send and the user is in the room.
    pub(super) async fn turn(&self) -> Result<MutexGuard<'_, ()>, Error> {
        drop(self.open()?);
        let turn = self.conversation.sending.lock().await;
        self.room().entered().await?;
        Ok(turn)
    }

    pub(super) fn new_id(&self) -> MessageId {
        MessageId::new(self.api.environment().random.stanza_id())
    }

    /// Where it goes; nowhere if the other one is known to be gone, for then another one may have the nick by the time it
    /// arrives.
    pub(super) fn address(&self) -> Result<Jid, Error> {
        let open = self.open()?;
        if self.has_gone(&open) {
            return Err(self.gone(&open).into());
        }
        Ok(address(&self.opened.jid, &open.nick)?.into())
    }

    /// As whom the user writes.
    pub(super) fn own_address(&self) -> Result<Jid, Error> {
        let nick = self.opened.open()?.nick.clone().unwrap_or_default();
        Ok(address(&self.opened.jid, &nick)?.into())
    }

    /// Sends something that concerns a message.
    pub(super) async fn send_stanza(&self, stanza: &Element) -> Result<Acknowledgement, Error> {
        drop(self.open()?);
        self.api.send(stanza).await
    }

    /// Adds what is about to be sent.
    fn add_sent(&self, message: Message) -> Result<(), Error> {
        let mut open = self.open()?;
        open.is_wanted = true;
        open.history.add(message.clone());
        self.touch(&open);
        let chatbox = self.clone();
        self.api.publish(PrivateMessageAdded { chatbox, message });
        self.read_all(&mut open);
        Ok(())
    }

    /// Runs something beside all else; whoever calls it may be on a thread without a runtime.
    pub(in crate::private) fn spawn(&self, task: impl Future<Output = ()> + Send + 'static) {
        // Nobody waits for the task, nor for its start.
        drop(self.api.bus().dispatch(|_| drop(tokio::spawn(task))));
    }
}

/// Marks a message as one for an occupant, so that the account's server copies it as it should (XEP-0045 §7.5).
pub(super) fn private(message: ElementBuilder) -> ElementBuilder {
    message.child(Element::builder("x", ns::MUC_USER))
}

/// A message on its way to the session; if whoever sends it gives up first, it has failed.
struct Unsent<'a> {
    chat: &'a PrivateChat,
    id: &'a MessageId,
    is_settled: bool,
}

impl Unsent<'_> {
    fn sent(mut self, acknowledgement: Acknowledgement) {
        self.is_settled = true;
        let (chat, id) = (self.chat.clone(), self.id.clone());
        chat.set_delivery(id.as_str(), Delivery::Sent, None);
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
        self.is_settled = true;
        let (id, error) = (self.id.as_str(), MessageError::from(error));
        self.chat.set_delivery(id, Delivery::Failed, Some(error));
    }
}

impl Drop for Unsent<'_> {
    fn drop(&mut self) {
        if !self.is_settled {
            let error = MessageError::from(&Error::new(
                ErrorKind::Closed,
                "the call was dropped before the session took the message",
            ));
            let id = self.id.as_str();
            self.chat.set_delivery(id, Delivery::Failed, Some(error));
        }
    }
}
