//! Correcting and retracting what was sent, and reacting to what was written.

use converse_core::Error;
use converse_core::xml::Element;

use super::Chat;
use converse_messages::ContentError;
use converse_messages::model::{
    Author, Change, Fold, Message, MessageId, MessageKind, SentBy, reaction,
};
use converse_messages::outbox::About;
use converse_messages::wire;

impl Chat {
    /// Corrects a message of the user's own, also an old one and one that another of his clients has sent (XEP-0308). All
    /// but the text stays: subject, files and what it answers; mentions go with the old text.
    ///
    /// `id` is that of the message or of one of its corrections. Gives the id of the correction itself. If it does not
    /// arrive, [`MessageUpdateFailed`](crate::message::MessageUpdateFailed) says so and the old text is back.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidArgument`](converse_core::ErrorKind::InvalidArgument) if the user wrote no message with that id
    /// in this chat, or has retracted it, or the text is empty; the others of [`send_message`](Self::send_message).
    pub async fn correct(
        &self,
        id: impl AsRef<str>,
        body: impl Into<String>,
    ) -> Result<MessageId, Error> {
        let body = body.into();
        if body.is_empty() {
            return Err(ContentError::Empty.into());
        }
        self.check_kind()?;
        let (original, by) = (self.own_message(id.as_ref())?, self.author()?);
        let new = self.new_id();
        let correction = original.corrected(&new, &by, body)?;
        let stanza = self
            .signed(wire::message(&self.address(), &correction, &[]))
            .build()?;
        let fold = Fold::Correction(Box::new(correction));
        self.send_change(stanza, by, new, fold).await
    }

    /// Retracts a message of the user's own (XEP-0424): it has no text any more, here and with those who do what they are
    /// asked. Whoever has read it has read it.
    ///
    /// # Errors
    ///
    /// As [`correct`](Self::correct).
    pub async fn retract(&self, id: impl AsRef<str>) -> Result<MessageId, Error> {
        self.check_kind()?;
        let (original, by) = (self.own_message(id.as_ref())?, self.author()?);
        let new = self.new_id();
        let target = original.id.ok_or(ContentError::NoId)?;
        let kind = MessageKind::Chat;
        let stanza = wire::retraction(&self.address(), kind, &new, target.as_str()).build()?;
        let id = target.to_string();
        self.send_change(stanza, by, new, Fold::Retraction { id })
            .await
    }

    /// Reacts to a message of either (XEP-0444): `emojis` are all reactions that the user has from now on, at most 32; none
    /// takes back those that he had. If the other one refuses them,
    /// [`MessageUpdateFailed`](crate::message::MessageUpdateFailed) says so and those of before are back.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidArgument`](converse_core::ErrorKind::InvalidArgument) if there is no message with that id, or it
    /// was retracted, or something is not one emoji; the others of [`send_message`](Self::send_message).
    pub async fn react<T: AsRef<str>>(
        &self,
        id: impl AsRef<str>,
        emojis: impl IntoIterator<Item = T>,
    ) -> Result<MessageId, Error> {
        let all = reaction::distinct(emojis)?;
        self.check_kind()?;
        let id = id.as_ref();
        let found = self.messages().get(id)?;
        let message = found.ok_or_else(|| ContentError::no_message(id))?;
        message.still_there()?;
        let by = self.author()?;
        let new = self.new_id();
        let target = message.reference_id().ok_or(ContentError::NoId)?.to_owned();
        let stanza =
            wire::reactions(&self.address(), MessageKind::Chat, &new, &target, &all).build()?;
        let fold = Fold::Reactions {
            id: target,
            emojis: all,
        };
        self.send_change(stanza, by, new, fold).await
    }

    /// The message of the user's own with that id, if something can become of it.
    fn own_message(&self, id: &str) -> Result<Message, Error> {
        let open = self.conversation.open()?;
        let found = open.history.find(SentBy::Me, id).cloned();
        let message = found.ok_or_else(|| ContentError::not_own(id))?;
        message.still_there()?;
        Ok(message)
    }

    fn author(&self) -> Result<Author, Error> {
        let now = self.api.environment().clock.now();
        Ok(Author::of_side(SentBy::Me, self.sender()?, now))
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
            let mut open = self.conversation.open()?;
            open.note_sent_change(&change);
            self.fold(&mut open, change);
            self.post(place, &mut open, &id, stanza, about)?
        };
        ticket.queued().await?;
        Ok(id)
    }
}
