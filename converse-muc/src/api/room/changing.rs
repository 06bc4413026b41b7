//! Correcting and retracting what was sent, reacting to what was written, and having it taken away.

use converse_core::Error;
use converse_core::xml::Element;
use converse_messages::ContentError;
use converse_messages::model::{
    Author, Change, Fold, Message, MessageId, MessageKind, SentBy, reaction,
};
use converse_messages::outbox::About;
use converse_messages::wire as messages;

use super::Room;
use crate::error::MucError;
use crate::model::RoomFeature;

impl Room {
    /// Corrects a message of the user's own, also an old one and one that another of his clients has sent (XEP-0308). All
    /// but the text stays: files and what it answers; mentions go with the old text.
    ///
    /// `id` is that of the message or of one of its corrections. Gives the id of the correction itself. If it does not
    /// arrive, [`RoomMessageUpdateFailed`](crate::message::RoomMessageUpdateFailed) says so and the old text is back.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidArgument`](converse_core::ErrorKind::InvalidArgument) if the user wrote no message with that id
    /// in this room, or it was retracted, or the text is empty; the others of [`send_message`](Self::send_message).
    pub async fn correct(
        &self,
        id: impl AsRef<str>,
        body: impl Into<String>,
    ) -> Result<MessageId, Error> {
        let body = body.into();
        if body.is_empty() {
            return Err(ContentError::Empty.into());
        }
        let (by, nick) = self.author().await?;
        let original = self.own_message(id.as_ref())?;
        let new = self.new_id();
        let mut correction = original.corrected(&new, &by, body)?;
        correction.kind = MessageKind::Groupchat;
        correction.nick = Some(nick);
        let stanza = self
            .signed(messages::message(&self.address(), &correction, &[]))
            .build()?;
        let fold = Fold::Correction(Box::new(correction));
        self.send_change(stanza, by, new, fold).await
    }

    /// Retracts a message of the user's own (XEP-0424): it has no text any more, here and with those who do what they are
    /// asked. Whoever has read it has read it.
    ///
    /// # Errors
    ///
    /// As [`correct`](Self::correct); also `InvalidArgument` while a room that gives messages ids has not sent this one back.
    pub async fn retract(&self, id: impl AsRef<str>) -> Result<MessageId, Error> {
        let (by, _) = self.author().await?;
        let original = self.own_message(id.as_ref())?;
        let target = if self.opened.open()?.has(RoomFeature::StableIds) {
            original.stanza_id.ok_or(MucError::NoStanzaId)?
        } else {
            // XEP-0424 §4.1: without such ids the sender's own says which it is.
            let own = original.id.map(|id| id.as_str().to_owned());
            original.origin_id.or(own).ok_or(ContentError::NoId)?
        };
        let new = self.new_id();
        let kind = MessageKind::Groupchat;
        let stanza = messages::retraction(&self.address(), kind, &new, &target).build()?;
        self.send_change(stanza, by, new, Fold::Retraction { id: target })
            .await
    }

    /// Reacts to a message (XEP-0444): `emojis` are all reactions that the user has from now on, at most 32; none takes back
    /// those that he had. If the room refuses them,
    /// [`RoomMessageUpdateFailed`](crate::message::RoomMessageUpdateFailed) says so and those of before are back.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidArgument`](converse_core::ErrorKind::InvalidArgument) if there is no message with that id, or the
    /// room gave it none, or it was retracted, or something is not one emoji; the others of
    /// [`send_message`](Self::send_message).
    pub async fn react<T: AsRef<str>>(
        &self,
        id: impl AsRef<str>,
        emojis: impl IntoIterator<Item = T>,
    ) -> Result<MessageId, Error> {
        let emojis = reaction::distinct(emojis)?;
        let (by, _) = self.author().await?;
        let id = self.stanza_id(id.as_ref())?;
        let new = self.new_id();
        let kind = MessageKind::Groupchat;
        let stanza = messages::reactions(&self.address(), kind, &new, &id, &emojis).build()?;
        self.send_change(stanza, by, new, Fold::Reactions { id, emojis })
            .await
    }

    /// Has the room retract a message of anybody's (XEP-0425), which moderators may. It returns when the room has answered;
    /// that the message is retracted it tells everybody, the user included.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidArgument`](converse_core::ErrorKind::InvalidArgument) if there is no message with that id, or the
    /// room gave it none, or it was retracted, [`ErrorKind::Unsupported`](converse_core::ErrorKind::Unsupported) if the room
    /// knows no moderation, [`ErrorKind::Stanza`](converse_core::ErrorKind::Stanza) if the room refuses, and those of
    /// [`entered`](Self::entered).
    pub async fn moderate(&self, id: impl AsRef<str>, reason: Option<&str>) -> Result<(), Error> {
        self.entered().await?;
        let is_old = {
            let open = self.opened.open()?;
            match open.has(RoomFeature::Moderation) {
                true => false,
                false if open.has(RoomFeature::OldModeration) => true,
                false => return Err(MucError::NoModeration.into()),
            }
        };
        let id = self.stanza_id(id.as_ref())?;
        let reason = reason.filter(|reason| !reason.is_empty());
        let request = messages::moderate(&self.address(), &id, reason, is_old);
        self.api.iq(request).await.map(drop)
    }

    /// The message of the user's own with that id, if something can become of it.
    fn own_message(&self, id: &str) -> Result<Message, Error> {
        let open = self.opened.open()?;
        let found = open.talk.history.own(id).cloned();
        let message = found.ok_or_else(|| ContentError::not_own(id))?;
        message.still_there()?;
        Ok(message)
    }

    /// The id that the room gave a message.
    fn stanza_id(&self, id: &str) -> Result<String, Error> {
        let open = self.opened.open()?;
        let found = open.talk.history.any(id);
        let message = found.ok_or_else(|| ContentError::no_message(id))?;
        message.still_there()?;
        Ok(message.stanza_id.clone().ok_or(MucError::NoStanzaId)?)
    }

    /// The user, and under which nick.
    async fn author(&self) -> Result<(Author, String), Error> {
        let (jid, nick) = self.as_whom().await?;
        let now = self.api.environment().clock.now();
        Ok((Author::of_side(SentBy::Me, jid, now), nick))
    }

    /// Sends something that concerns a message, which is folded in at once; it goes out behind all that was sent before.
    async fn send_change(
        &self,
        stanza: Element,
        by: Author,
        id: MessageId,
        fold: Fold,
    ) -> Result<MessageId, Error> {
        let place = self.outbox_of_all()?.admit(&stanza).await?;
        let about = About::of(&fold);
        let change = Change {
            by,
            id: Some(id.clone()),
            fold,
        };
        let ticket = {
            let mut open = self.opened.open()?;
            open.talk.note_sent_change(&change);
            self.fold(&mut open, change, None);
            self.post(place, &id, stanza, about)?
        };
        ticket.queued().await?;
        Ok(id)
    }
}
