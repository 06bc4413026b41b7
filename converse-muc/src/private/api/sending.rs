//! Sending private messages.

#[cfg(doc)]
use converse_core::ErrorKind;
use converse_core::xml::{Element, ElementBuilder};
use converse_core::{Error, ns};
use converse_messages::model::{Draft, Message, MessageId};
use converse_messages::outbox::{About, Lane, Letter, Outbox, Place, Ticket, Unsent};
use converse_messages::wire;
use converse_messages::{ContentError, MessageError};
use jid::Jid;

use super::{PrivateChat, PrivateComposer};
use crate::actor::address;
use crate::model::ConnectionStatus;
use crate::private::conversation::State;
use crate::private::message::PrivateMessageAdded;

impl PrivateChat {
    /// Sends a message to the other one and adds it to the chat.
    ///
    /// It returns when the message is [queued](converse_messages::Delivery::Queued) and safe: it goes out in its turn, when the
    /// user is in the room. How it fares is told by
    /// [`PrivateMessageDeliveryChanged`](crate::private::message::PrivateMessageDeliveryChanged); the room says if it does not
    /// pass it on. A message that waits when the program ends goes out when the user is in the room the next time if the room shows that
    /// the one who has the nick is certainly the same (by occupant id, XEP-0421, or real address); if not, it has failed.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidArgument`] for a text that is empty or has characters
    /// that XML cannot have, [`ErrorKind::Disconnected`] when the other one
    /// [is gone](Self::is_gone), [`OutboxError::Full`](converse_messages::outbox::OutboxError::Full), [`ErrorKind::Store`] if it cannot be
    /// kept, and those of [`Room::entered`](crate::Room::entered) if the user does not come back by himself.
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
        self.check().await?;
        let id = self.new_id();
        let now = self.api.environment().clock.now();
        let (message, hints) = draft.into_message(&id, self.own_address()?, now);
        let to = self.peer()?;
        let stanza = self
            .signed(private(wire::message(&to, &message, &hints)))
            .build()?;
        let place = self.room().outbox_of_all()?.admit(&stanza).await?;
        let ticket = {
            let mut open = self.open()?;
            open.is_wanted = true;
            open.history.add(message.clone());
            self.touch(&open);
            let chatbox = self.clone();
            self.api.publish(PrivateMessageAdded { chatbox, message });
            self.read_all(&mut open);
            self.post(place, &mut open, &id, stanza, About::Message)?
        };
        ticket.queued().await?;
        Ok(id)
    }

    /// What is sent in this chat and has not arrived: to be looked at, edited, taken back, tried again.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Closed`].
    pub fn outbox(&self) -> Result<Unsent, Error> {
        drop(self.open()?);
        let outbox = Outbox::clone(&*self.room().outbox_of_all()?);
        Ok(Unsent::new(outbox, self.lane()?))
    }

    pub(crate) fn lane(&self) -> Result<Lane, Error> {
        let nick = self.conversation.any().nick.clone();
        Ok(Lane::private(&address(&self.opened.jid, &nick)?))
    }

    fn with_outbox(&self, act: impl FnOnce(&Outbox, &Lane)) {
        if let (Ok(outbox), Ok(lane)) = (self.room().outbox_of_all(), self.lane()) {
            act(&outbox, &lane);
        }
    }

    /// Shows what an earlier process left unsent.
    pub(crate) fn reopen(&self) {
        self.with_outbox(Outbox::reopen);
    }

    /// The chat is closed, and what waits is not sent.
    pub(crate) fn drop_unsent(&self) {
        self.with_outbox(Outbox::close);
    }

    /// The nick is about to belong to somebody else: what waits is not for him.
    pub(crate) fn give_up_unsent(&self) {
        let error = self.gone(&self.conversation.any());
        let error = MessageError::from(&Error::from(error));
        self.with_outbox(|outbox, lane| outbox.give_up_all(lane, &error));
    }

    /// The other one has another nick: what waits goes there.
    pub(crate) fn move_unsent(&self, nick: &str) {
        if let Ok(new) = address(&self.opened.jid, nick) {
            self.with_outbox(|outbox, old| outbox.rename(old, &Lane::private(&new)));
        }
    }

    /// Waits until what is being sent is with the session, or waits.
    pub(super) async fn passed(&self) {
        if let (Ok(outbox), Ok(lane)) = (self.room().outbox_of_all(), self.lane()) {
            outbox.passed(&lane).await;
        }
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
        let letter = Letter {
            id: id.clone(),
            stanza,
            about,
            created: self.api.environment().clock.now(),
        };
        let lane = Lane::private(&address(&self.opened.jid, &open.nick)?);
        let ticket = place.take(&lane, letter, self.room().keeper().as_ref())?;
        self.note();
        Ok(ticket)
    }

    /// Whether something can be sent, now or when the user is in the room again; on the first way in, it waits for that.
    pub(super) async fn check(&self) -> Result<(), Error> {
        drop(self.open()?);
        self.room().as_whom().await?;
        Ok(())
    }

    pub(super) fn new_id(&self) -> MessageId {
        MessageId::new(self.api.environment().random.stanza_id())
    }

    /// Where it goes now; nowhere if the other one is known to be gone, for then another one may have the nick by the time it
    /// arrives.
    pub(crate) fn address(&self) -> Result<Jid, Error> {
        let open = self.open()?;
        if self.has_gone(&open) {
            return Err(self.gone(&open).into());
        }
        Ok(address(&self.opened.jid, &open.nick)?.into())
    }

    /// The same, also while the user is out of the room and comes back: until then nobody knows who is there.
    pub(super) fn peer(&self) -> Result<Jid, Error> {
        let is_inside = self.opened.any().status == ConnectionStatus::Entered;
        if is_inside {
            return self.address();
        }
        let open = self.open()?;
        if open.is_over {
            return Err(self.gone(&open).into());
        }
        Ok(address(&self.opened.jid, &open.nick)?.into())
    }

    /// As whom the user writes.
    pub(crate) fn own_address(&self) -> Result<Jid, Error> {
        let nick = self.opened.open()?.nick.clone().unwrap_or_default();
        Ok(address(&self.opened.jid, &nick)?.into())
    }

    /// The stanza of a message that is sent anew.
    pub(crate) fn stanza_of(&self, message: &Message) -> Result<Element, Error> {
        let stanza = private(wire::message(&self.peer()?, message, &[]));
        Ok(self.signed(stanza).build()?)
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
