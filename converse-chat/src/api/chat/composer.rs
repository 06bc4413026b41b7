//! A message that is being put together.

use std::fmt;

use converse_core::Error;
use converse_core::api::JidSelector;

use super::Chat;
use converse_messages::model::{Attachment, Draft, Hint, Message, MessageId};

/// A message that is being put together; got with [`Chat::compose`]. Nothing happens before it is [sent](Self::send).
///
/// ```no_run
/// use converse_core::prelude::*;
/// use converse_chat::prelude::*;
///
/// # async fn example(chat: Chat) -> Result<(), converse_core::Error> {
/// if let Some(question) = chat.messages().last()? {
///     chat.compose("By the hour of nine, Juliet.")
///         .reply_to(&question)
///         .mention("juliet@capulet.example", "Juliet")
///         .attach(Attachment::new("https://files.montague.example/map.png")?.media_type("image/png"))
///         .hint(Hint::NoPermanentStore)
///         .send()
///         .await?;
/// }
/// # Ok(())
/// # }
/// ```
#[must_use = "a message is sent with `send`"]
pub struct Composer {
    chat: Chat,
    draft: Draft,
    /// What cannot be sent; it is said when the message is.
    error: Option<Error>,
}

impl Composer {
    pub(super) fn new(chat: &Chat, body: String) -> Self {
        Self {
            chat: chat.clone(),
            draft: Draft::new(body),
            error: None,
        }
    }

    /// Answers a message (XEP-0461). It must have an id.
    pub fn reply_to(mut self, message: &Message) -> Self {
        if let Err(error) = self.draft.answer(message) {
            self.refuse(error.into());
        }
        self
    }

    /// Sends a file along (XEP-0447); those who know only links get its address (XEP-0066). A message with a file needs no text.
    pub fn attach(mut self, file: Attachment) -> Self {
        self.draft.attachments.push(file);
        self
    }

    /// Mentions somebody (XEP-0372). `name` is what he is called in the text; if it does not stand there, the mention belongs
    /// to the message as a whole.
    pub fn mention(mut self, jid: impl JidSelector, name: &str) -> Self {
        match jid.bare("chat.compose") {
            Ok(jid) => self.draft.mention(&jid.into(), name),
            Err(error) => self.refuse(error),
        }
        self
    }

    /// Gives it a subject.
    pub fn subject(mut self, subject: impl Into<String>) -> Self {
        self.draft.subject = Some(subject.into());
        self
    }

    /// Asks servers to do something with it (XEP-0334).
    pub fn hint(mut self, hint: Hint) -> Self {
        self.draft.hint(hint);
        self
    }

    /// Has the text shown as it is, without styling (XEP-0393 §6).
    pub fn unstyled(mut self) -> Self {
        self.draft.unstyled = true;
        self
    }

    /// Sends it and adds it to the chat; more at [`Chat::send_message`].
    ///
    /// # Errors
    ///
    /// As [`Chat::send_message`]; and [`ErrorKind::InvalidArgument`](converse_core::ErrorKind::InvalidArgument) for a mention
    /// that is no JID, an answer to a message without an id, and a message with neither text nor file.
    pub async fn send(self) -> Result<MessageId, Error> {
        match self.error {
            Some(error) => Err(error),
            None => self.chat.send(self.draft).await,
        }
    }

    /// The first thing that cannot be sent is what is said.
    fn refuse(&mut self, error: Error) {
        self.error.get_or_insert(error);
    }
}

/// The text is private and is left out.
impl fmt::Debug for Composer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Composer")
            .field("chat", &self.chat)
            .field("files", &self.draft.attachments.len())
            .finish_non_exhaustive()
    }
}
