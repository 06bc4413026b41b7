//! Sending messages to a room.

use converse_core::{Error, ErrorKind};

use super::Room;
use crate::error::MucError;
use crate::message::{RoomMessageAdded, RoomMessageDeliveryChanged};
use crate::model::{RoomDelivery, RoomMessage, RoomMessageError, RoomMessageId, RoomSender};
use crate::wire;

impl Room {
    /// Sends a message to everybody in the room.
    ///
    /// While the user is on the way in, it waits. It returns when the session has the message; order of calls is order on
    /// the wire. How it fares is told by [`RoomMessageDeliveryChanged`].
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidArgument`](converse_core::ErrorKind::InvalidArgument) for a text that is empty or has characters
    /// that XML cannot have, and those of [`entered`](Self::entered).
    pub async fn send_message(&self, body: impl Into<String>) -> Result<RoomMessageId, Error> {
        let body = body.into();
        if body.is_empty() {
            return Err(MucError::Empty.into());
        }
        let _turn = self.opened.sending.lock().await;
        self.entered().await?;
        let id = RoomMessageId::new(self.api.environment().random.stanza_id());
        let stanza = wire::message(self.jid(), &id, &body).build()?;
        self.add_sent(&id, body)?;
        let unsent = Unsent {
            room: self,
            id: &id,
        };
        match self.api.send(stanza).await {
            Ok(_) => unsent.settle(RoomDelivery::Sent, None),
            Err(error) => {
                unsent.settle(RoomDelivery::Failed, Some((&error).into()));
                return Err(error);
            }
        }
        Ok(id)
    }

    /// Adds what is about to be sent.
    fn add_sent(&self, id: &RoomMessageId, body: String) -> Result<(), Error> {
        let mut open = self.opened.open()?;
        let nick = open.nick.clone().unwrap_or_default();
        let message = RoomMessage {
            id: Some(id.clone()),
            origin_id: Some(id.as_str().to_owned()),
            stanza_id: None,
            sender: RoomSender::Me,
            nick,
            body,
            time: self.api.environment().clock.now(),
            delayed: false,
            delivery: Some(RoomDelivery::Queued),
            error: None,
        };
        open.history.push(message.clone());
        let chatbox = self.clone();
        self.api.publish(RoomMessageAdded { chatbox, message });
        Ok(())
    }

    fn set_delivery(
        &self,
        id: &RoomMessageId,
        delivery: RoomDelivery,
        error: Option<RoomMessageError>,
    ) {
        let mut state = self.opened.any();
        if let Some(message) = state.history.set_delivery(id.as_str(), delivery, error) {
            let chatbox = self.clone();
            self.api
                .publish(RoomMessageDeliveryChanged { chatbox, message });
        }
    }

    /// What still waits for the session will not be sent any more.
    fn give_up(&self, id: &RoomMessageId) {
        let is_queued = {
            let state = self.opened.any();
            state.history.is_queued(id)
        };
        if is_queued {
            let error = Error::new(
                ErrorKind::Closed,
                "the call was dropped before the session took the message",
            );
            self.set_delivery(id, RoomDelivery::Failed, Some((&error).into()));
        }
    }
}

/// A message on its way to the session; if whoever sends it gives up first, it has failed.
struct Unsent<'a> {
    room: &'a Room,
    id: &'a RoomMessageId,
}

impl Unsent<'_> {
    fn settle(self, delivery: RoomDelivery, error: Option<RoomMessageError>) {
        self.room.set_delivery(self.id, delivery, error);
    }
}

impl Drop for Unsent<'_> {
    fn drop(&mut self) {
        self.room.give_up(self.id);
    }
}
