//! Sending messages to a room.

use std::sync::Arc;

use converse_core::Error;
use converse_core::xml::Element;
use converse_messages::ContentError;
use converse_messages::model::{Draft, MessageId, MessageKind};
use converse_messages::outbox::{About, Lane, Letter, Outbox, Place, Ticket, Unsent};
use converse_messages::wire as messages;
use jid::Jid;

use super::{Room, RoomComposer};
use crate::error::MucError;
use crate::message::RoomMessageAdded;
use crate::model::State;
use crate::private::PrivateChat;

impl Room {
    /// Sends a message to everybody in the room.
    ///
    /// It returns when the message is [queued](converse_messages::Delivery::Queued) and safe: it goes out in its turn, when the
    /// user is in the room, which after a loss of the connection he is again by himself. On the first way in, this waits. How it
    /// fares is told by [`RoomMessageDeliveryChanged`](crate::message::RoomMessageDeliveryChanged): it has arrived when the room
    /// has [reflected](converse_messages::Delivery::Reflected) it. Until it leaves, [`outbox`](Self::outbox) can edit it and
    /// take it back.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidArgument`](converse_core::ErrorKind::InvalidArgument) for a text that is empty or has characters
    /// that XML cannot have, [`OutboxError::Full`](converse_messages::outbox::OutboxError::Full),
    /// [`ErrorKind::Store`](converse_core::ErrorKind::Store) if it cannot be kept, and those of [`entered`](Self::entered) if the
    /// user does not come back by himself.
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
        let id = self.new_id();
        let now = self.api.environment().clock.now();
        let (from, nick) = self.as_whom().await?;
        let (mut message, hints) = draft.into_message(&id, from, now);
        message.kind = MessageKind::Groupchat;
        message.nick = Some(nick);
        let stanza = self
            .signed(messages::message(&self.address(), &message, &hints))
            .build()?;
        let place = self.outbox_of_all()?.admit(&stanza).await?;
        let ticket = {
            let mut open = self.opened.open()?;
            open.talk.history.add(message.clone());
            let chatbox = self.clone();
            self.api.publish(RoomMessageAdded { chatbox, message });
            self.post(place, &id, stanza, About::Message)?
        };
        ticket.queued().await?;
        Ok(id)
    }

    /// What is sent in this room and has not arrived: to be looked at, edited, taken back, tried again.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Closed`](converse_core::ErrorKind::Closed).
    pub fn outbox(&self) -> Result<Unsent, Error> {
        drop(self.opened.open()?);
        let outbox = Outbox::clone(&*self.outbox_of_all()?);
        Ok(Unsent::new(outbox, self.lane()))
    }

    pub(crate) fn outbox_of_all(&self) -> Result<Arc<Outbox>, Error> {
        self.api.require("converse-muc")
    }

    pub(crate) fn lane(&self) -> Lane {
        Lane::room(self.jid())
    }

    /// Looks whether something can be sent now, to everybody or to somebody. Whoever calls it may hold the room's lock.
    pub(crate) fn wake(&self) {
        if let Ok(outbox) = self.outbox_of_all() {
            outbox.wake_in(self.jid());
        }
    }

    /// Shows what an earlier process left unsent.
    pub(crate) fn reopen(&self) {
        if let Ok(outbox) = self.outbox_of_all() {
            outbox.reopen(&self.lane());
        }
    }

    /// The room is closed, and what waits is not sent.
    pub(crate) fn drop_unsent(&self) {
        if let Ok(outbox) = self.outbox_of_all() {
            outbox.close(&self.lane());
            for chat in self.opened.private.all() {
                PrivateChat::new(&self.api, &self.opened, chat).drop_unsent();
            }
        }
    }

    /// Waits until what is being sent is with the session, or waits.
    pub(super) async fn passed(&self) {
        if let Ok(outbox) = self.outbox_of_all() {
            outbox.passed(&self.lane()).await;
        }
    }

    /// Puts something into the outbox that is in the history already.
    pub(super) fn post(
        &self,
        place: Place,
        id: &MessageId,
        stanza: Element,
        about: About,
    ) -> Result<Ticket, Error> {
        let letter = Letter {
            id: id.clone(),
            stanza,
            about,
            created: self.api.environment().clock.now(),
        };
        let ticket = place.take(&self.lane(), letter, self.keeper().as_ref())?;
        self.note();
        Ok(ticket)
    }

    pub(super) fn new_id(&self) -> MessageId {
        MessageId::new(self.api.environment().random.stanza_id())
    }

    /// Where it goes.
    pub(super) fn address(&self) -> Jid {
        Jid::from(self.jid().clone())
    }

    /// As who the user writes: as he was in the room if he comes back by himself, as he is to be there as long as there is no connection, and
    /// else when he is in it.
    pub(crate) async fn as_whom(&self) -> Result<(Jid, String), Error> {
        {
            let open = self.opened.open()?;
            let is_away = !self.api.session().is_online();
            let wanted = open.joining.wanted_nick.clone().filter(|_| is_away);
            let nick = open.nick.clone().or(wanted);
            if nick.is_some() && open.comes_back() {
                return Ok(self.own_address(&open, nick)?);
            }
        }
        self.entered().await?;
        let open = self.opened.open()?;
        Ok(self.own_address(&open, open.nick.clone())?)
    }

    fn own_address(&self, state: &State, nick: Option<String>) -> Result<(Jid, String), MucError> {
        let address = nick.and_then(|nick| {
            let address = self.jid().with_resource_str(&nick).ok()?;
            Some((Jid::from(address), nick))
        });
        address.ok_or_else(|| self.opened.not_entered_now(state))
    }
}
