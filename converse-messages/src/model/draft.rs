//! What a message is to say.

use chrono::{DateTime, Utc};
use jid::Jid;

use super::attachment::Attachment;
use super::delivery::Delivery;
use super::hint::Hint;
use super::message::{Message, MessageId, SentBy};
use super::reply::{Reference, Reply};
use super::text;
use crate::error::ContentError;

/// What a message is to say, while it is put together.
#[derive(Default)]
pub struct Draft {
    /// The text.
    pub body: String,
    /// The subject.
    pub subject: Option<String>,
    /// What it answers.
    pub reply_to: Option<Reply>,
    /// Who is mentioned.
    pub references: Vec<Reference>,
    /// The files.
    pub attachments: Vec<Attachment>,
    /// The text is to be shown as it is.
    pub unstyled: bool,
    /// What servers are asked to do with it.
    pub hints: Vec<Hint>,
}

impl Draft {
    /// A text.
    pub fn new(body: impl Into<String>) -> Self {
        Self {
            body: body.into(),
            ..Self::default()
        }
    }

    /// Whether it says nothing.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.body.is_empty() && self.attachments.is_empty()
    }

    /// Answers a message of a chat (XEP-0461).
    ///
    /// # Errors
    ///
    /// [`ContentError::NoId`].
    pub fn answer(&mut self, message: &Message) -> Result<(), ContentError> {
        let id = message.reference_id().ok_or(ContentError::NoId)?;
        self.reply_to = Some(Reply::new(id, Some(message.from.clone())));
        Ok(())
    }

    /// Mentions somebody (XEP-0372) where the text has his name as a word that is no mention yet; if it has not, the mention
    /// belongs to the message as a whole.
    pub fn mention(&mut self, jid: &Jid, name: &str) {
        let is_free = |start: usize| {
            let mut ranges = self.references.iter().filter_map(|one| one.range.as_ref());
            !ranges.any(|range| range.contains(&start))
        };
        let start = text::places(&self.body, name).find(|start| is_free(*start));
        let range = start.map(|start| start..start + name.chars().count());
        self.references.push(Reference::mention(jid, range));
    }

    /// Asks servers to do something with it.
    pub fn hint(&mut self, hint: Hint) {
        if !self.hints.contains(&hint) {
            self.hints.push(hint);
        }
    }

    /// The message that the user sends as it is, from an address and at a time.
    #[must_use]
    pub fn into_message(
        self,
        id: &MessageId,
        from: Jid,
        time: DateTime<Utc>,
    ) -> (Message, Vec<Hint>) {
        let mut message = Message::new(SentBy::Me, from, self.body, time);
        message.id = Some(id.clone());
        message.origin_id = Some(id.as_str().to_owned());
        message.delivery = Some(Delivery::Queued);
        message.subject = self.subject;
        message.reply_to = self.reply_to;
        message.references = self.references;
        message.attachments = self.attachments;
        message.unstyled = self.unstyled;
        (message, self.hints)
    }
}

/// The texts are private and are left out.
impl std::fmt::Debug for Draft {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Draft")
            .field("files", &self.attachments.len())
            .finish_non_exhaustive()
    }
}
