//! Sending messages, and following what becomes of them.

use converse_core::session::Acknowledgement;
use converse_core::{Error, ErrorKind};
use jid::Jid;

use super::Chat;
use crate::error::ChatError;
use crate::message::{MessageAdded, MessageDeliveryChanged, MessageSend};
use crate::model::{Delivery, Kind, Message, MessageError, MessageId, MessageKind, SentBy};
use crate::wire;

impl Chat {
    /// Sends a message and adds it to the chat.
    ///
    /// It returns when the session has the message; order of calls is order on the wire. How it fares is told by
    /// [`MessageDeliveryChanged`]. While a lost connection is being replaced it waits for the next one.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidArgument`](converse_core::ErrorKind::InvalidArgument) for an empty text or one with
    /// characters that XML cannot carry,
    /// [`ErrorKind::Disconnected`](converse_core::ErrorKind::Disconnected) without a session, and
    /// [`ErrorKind::Closed`](converse_core::ErrorKind::Closed).
    pub async fn send_message(&self, body: impl Into<String>) -> Result<MessageId, Error> {
        let body = body.into();
        if self.conversation.kind == Kind::Headlines {
            let jid = self.jid().clone();
            return Err(ChatError::Headlines { jid }.into());
        }
        if body.is_empty() {
            return Err(ChatError::Empty.into());
        }
        let _turn = self.conversation.sending.lock().await;
        let id = MessageId::new(self.api.environment().random.stanza_id());
        let stanza = wire::message(self.jid(), &id, &body).build()?;
        self.add_sent(&id, body)?;
        let unsent = Unsent {
            chat: self,
            id: &id,
            settled: false,
        };
        match self.api.send(stanza).await {
            Ok(acknowledgement) => unsent.sent(acknowledgement),
            Err(error) => {
                unsent.failed(&error);
                return Err(error);
            }
        }
        Ok(id)
    }

    /// A sent message has come further.
    pub(crate) fn set_delivery(&self, id: &str, delivery: Delivery, error: Option<MessageError>) {
        let mut state = self.conversation.any();
        if let Some(message) = state.history.set_delivery(id, delivery, error) {
            self.api
                .publish(MessageDeliveryChanged::new(self.clone(), message));
        }
    }

    /// Adds what is about to be sent.
    fn add_sent(&self, id: &MessageId, body: String) -> Result<(), Error> {
        let mut open = self.conversation.open()?;
        let session = self.api.session();
        let from = session.jid().filter(|_| session.state().is_active());
        let Some(from) = from else {
            let text = "chat.send_message: there is no session; log in first";
            return Err(Error::new(ErrorKind::Disconnected, text));
        };
        let message = Message {
            id: Some(id.clone()),
            origin_id: Some(id.as_str().to_owned()),
            sender: SentBy::Me,
            from: Jid::from(from.to_bare()),
            kind: MessageKind::Chat,
            body,
            subject: None,
            time: self.api.environment().clock.now(),
            delayed: false,
            delivery: Some(Delivery::Queued),
            error: None,
        };
        open.history.push(message.clone());
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
        let follow = async move {
            match acknowledgement.acknowledged().await {
                Ok(()) => chat.set_delivery(id.as_str(), Delivery::Acknowledged, None),
                Err(error) => {
                    let error = MessageError::from(&error);
                    chat.set_delivery(id.as_str(), Delivery::Failed, Some(error));
                }
            }
        };
        // The caller may be on a thread without a runtime.
        let spawn = self.chat.api.bus().dispatch(|_| drop(tokio::spawn(follow)));
        drop(spawn);
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
