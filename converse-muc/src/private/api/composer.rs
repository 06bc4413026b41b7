//! A private message that is being put together.

use std::fmt;

use converse_core::Error;
use converse_messages::model::{Attachment, Draft, Hint, Message, MessageId};

use super::PrivateChat;

/// A private message that is being put together; got with [`PrivateChat::compose`]. Nothing happens before it is
/// [sent](Self::send).
#[must_use = "a message is sent with `send`"]
pub struct PrivateComposer {
    chat: PrivateChat,
    draft: Draft,
    /// What cannot be sent; it is said when the message is.
    error: Option<Error>,
}

impl PrivateComposer {
    pub(super) fn new(chat: &PrivateChat, body: String) -> Self {
        Self {
            chat: chat.clone(),
            draft: Draft::new(body),
            error: None,
        }
    }

    /// Answers a message of this chat (XEP-0461). It must have an id.
    pub fn reply_to(mut self, message: &Message) -> Self {
        if let Err(error) = self.draft.answer(message) {
            self.error.get_or_insert(error.into());
        }
        self
    }

    /// Sends a file along (XEP-0447); those who know only links get its address (XEP-0066). A message with a file needs no text.
    pub fn attach(mut self, file: Attachment) -> Self {
        self.draft.attachments.push(file);
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

    /// Sends it and adds it to the chat; more at [`PrivateChat::send_message`].
    ///
    /// # Errors
    ///
    /// As [`PrivateChat::send_message`]; and [`ErrorKind::InvalidArgument`](converse_core::ErrorKind::InvalidArgument) for an
    /// answer to a message without an id, and a message with neither text nor file.
    pub async fn send(self) -> Result<MessageId, Error> {
        match self.error {
            Some(error) => Err(error),
            None => self.chat.send(self.draft).await,
        }
    }
}

/// The text is private and is left out.
impl fmt::Debug for PrivateComposer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PrivateComposer")
            .field("chat", &self.chat)
            .field("files", &self.draft.attachments.len())
            .finish_non_exhaustive()
    }
}
