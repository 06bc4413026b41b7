//! A message that is being put together.

use std::fmt;

use converse_core::Error;
use converse_core::api::JidSelector;
use jid::BareJid;

use super::Chat;
use crate::error::ChatError;
use converse_messages::model::{Attachment, Hint, Message, MessageId, Reference, Reply};

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

/// What a message is to say.
#[derive(Default)]
pub(super) struct Draft {
    pub(super) body: String,
    pub(super) subject: Option<String>,
    pub(super) reply_to: Option<Reply>,
    pub(super) references: Vec<Reference>,
    pub(super) attachments: Vec<Attachment>,
    pub(super) unstyled: bool,
    pub(super) hints: Vec<Hint>,
}

impl Composer {
    pub(super) fn new(chat: &Chat, body: String) -> Self {
        Self {
            chat: chat.clone(),
            draft: Draft {
                body,
                ..Draft::default()
            },
            error: None,
        }
    }

    /// Answers a message (XEP-0461). It must have an id.
    pub fn reply_to(mut self, message: &Message) -> Self {
        match message.reference_id() {
            Some(id) => {
                self.draft.reply_to = Some(Reply::new(id, Some(message.from.clone())));
            }
            None => self.refuse(ChatError::NoId.into()),
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
            Ok(jid) => self.add_mention(&jid, name),
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
        if !self.draft.hints.contains(&hint) {
            self.draft.hints.push(hint);
        }
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

    fn add_mention(&mut self, jid: &BareJid, name: &str) {
        let taken = |start: usize| {
            let mut ranges = self
                .draft
                .references
                .iter()
                .filter_map(|one| one.range.as_ref());
            ranges.any(|range| range.contains(&start))
        };
        let body = &self.draft.body;
        let places = body.match_indices(name).filter(|_| !name.is_empty());
        let range = places
            .map(|(at, _)| body.get(..at).map_or(0, |before| before.chars().count()))
            .find(|start| !taken(*start))
            .map(|start| start..start + name.chars().count());
        self.draft.references.push(Reference::mention(jid, range));
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
