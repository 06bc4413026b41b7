//! Sending messages to a room, and following what becomes of them.

use converse_core::session::Acknowledgement;
use converse_core::{Error, ErrorKind};
use converse_messages::ContentError;
use converse_messages::model::{Draft, MessageId, MessageKind};
use converse_messages::{Delivery, Message, MessageError, wire as messages};
use jid::Jid;
use tokio::sync::MutexGuard;

use super::{Room, RoomComposer};
use crate::error::MucError;
use crate::message::RoomMessageAdded;
use crate::model::{ConnectionStatus, State};

impl Room {
    /// Sends a message to everybody in the room.
    ///
    /// While the user is on the way in, it waits. It returns when the session has the message; order of calls is order on
    /// the wire. How it fares is told by [`RoomMessageDeliveryChanged`](crate::message::RoomMessageDeliveryChanged): it has
    /// arrived when the room has [reflected](Delivery::Reflected) it.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidArgument`](converse_core::ErrorKind::InvalidArgument) for a text that is empty or has characters
    /// that XML cannot have, and those of [`entered`](Self::entered).
    pub async fn send_message(&self, body: impl Into<String>) -> Result<MessageId, Error> {
        self.send(Draft::new(body)).await
    }

    /// Begins a message that is more than a text; [`RoomComposer::send`] sends it.
    pub fn compose(&self, body: impl Into<String>) -> RoomComposer {
        RoomComposer::new(self, body.into())
    }

    pub(super) async fn send(&self, draft: Draft) -> Result<MessageId, Error> {
        if draft.is_empty() {
            return Err(ContentError::Empty.into());
        }
        let _turn = self.turn().await?;
        let id = self.new_id();
        let now = self.api.environment().clock.now();
        let (from, nick) = self.own_address(&*self.opened.open()?)?;
        let (mut message, hints) = draft.into_message(&id, from, now);
        message.kind = MessageKind::Groupchat;
        message.nick = Some(nick);
        let stanza = self
            .signed(messages::message(&self.address(), &message, &hints))
            .build()?;
        self.add_sent(message)?;
        let unsent = Unsent {
            room: self,
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
        Ok(id)
    }

    /// Waits until it is this call's turn to send, and the user is in the room.
    pub(super) async fn turn(&self) -> Result<MutexGuard<'_, ()>, Error> {
        let turn = self.opened.sending.lock().await;
        self.entered().await?;
        Ok(turn)
    }

    pub(super) fn new_id(&self) -> MessageId {
        MessageId::new(self.api.environment().random.stanza_id())
    }

    /// Where it goes.
    pub(super) fn address(&self) -> Jid {
        Jid::from(self.jid().clone())
    }

    /// As who the user writes.
    pub(super) fn own_address(&self, state: &State) -> Result<(Jid, String), MucError> {
        let nick = state.nick.clone();
        let status = state.status;
        let nick = nick.filter(|_| status == ConnectionStatus::Entered);
        let address = nick.and_then(|nick| {
            let address = self.jid().with_resource_str(&nick).ok()?;
            Some((Jid::from(address), nick))
        });
        address.ok_or_else(|| self.opened.not_entered_now(state))
    }

    /// Adds what is about to be sent.
    fn add_sent(&self, message: Message) -> Result<(), Error> {
        let mut open = self.opened.open()?;
        open.talk.history.add(message.clone());
        let chatbox = self.clone();
        self.api.publish(RoomMessageAdded { chatbox, message });
        self.note();
        Ok(())
    }
}

/// A message on its way to the session; if whoever sends it gives up first, it has failed.
struct Unsent<'a> {
    room: &'a Room,
    id: &'a MessageId,
    settled: bool,
}

impl Unsent<'_> {
    fn sent(mut self, acknowledgement: Acknowledgement) {
        self.settled = true;
        self.room
            .set_delivery(self.id.as_str(), Delivery::Sent, None);
        let (room, id) = (self.room.clone(), self.id.clone());
        self.room.spawn(async move {
            match acknowledgement.acknowledged().await {
                Ok(()) => room.set_delivery(id.as_str(), Delivery::Acknowledged, None),
                Err(error) => {
                    let error = MessageError::from(&error);
                    room.set_delivery(id.as_str(), Delivery::Failed, Some(error));
                }
            }
        });
    }

    fn failed(mut self, error: &Error) {
        self.settled = true;
        let error = MessageError::from(error);
        self.room
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
            self.room
                .set_delivery(self.id.as_str(), Delivery::Failed, Some(error));
        }
    }
}
