//! A message to a room that is being put together.

use std::fmt;

use converse_core::Error;
use converse_messages::model::{Draft, MessageId, Reply};
use converse_messages::{Attachment, Hint, Message};
use jid::Jid;

use super::Room;
use crate::error::MucError;

/// A message to everybody in a room that is being put together; got with [`Room::compose`]. Nothing happens before it is
/// [sent](Self::send).
///
/// ```no_run
/// use converse_core::prelude::*;
/// use converse_muc::prelude::*;
///
/// # async fn example(room: Room) -> Result<(), converse_core::Error> {
/// if let Some(question) = room.messages().last()? {
///     room.compose("By the hour of nine, Juliet.")
///         .reply_to(&question)
///         .mention("Juliet")
///         .send()
///         .await?;
/// }
/// # Ok(())
/// # }
/// ```
#[must_use = "a message is sent with `send`"]
pub struct RoomComposer {
    room: Room,
    draft: Draft,
    /// What cannot be sent; it is said when the message is.
    error: Option<MucError>,
}

impl RoomComposer {
    pub(super) fn new(room: &Room, body: String) -> Self {
        Self {
            room: room.clone(),
            draft: Draft::new(body),
            error: None,
        }
    }

    /// Answers a message (XEP-0461), which must have an id that the room gave it.
    pub fn reply_to(mut self, message: &Message) -> Self {
        match &message.stanza_id {
            Some(id) => self.draft.reply_to = Some(Reply::new(id, Some(message.from.clone()))),
            None => self.refuse(MucError::NoStanzaId),
        }
        self
    }

    /// Sends a file along (XEP-0447); those who know only links get its address (XEP-0066). A message with a file needs no text.
    pub fn attach(mut self, file: Attachment) -> Self {
        self.draft.attachments.push(file);
        self
    }

    /// Mentions an occupant (XEP-0372) where his nick stands in the text; if it does not, the mention belongs to the message
    /// as a whole. It names him as the room does, so that nobody's address is told.
    pub fn mention(mut self, nick: &str) -> Self {
        match self.room.jid().with_resource_str(nick) {
            Ok(occupant) => self.draft.mention(&Jid::from(occupant), nick),
            Err(_) => self.refuse(MucError::BadNick),
        }
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

    /// Sends it and adds it to the messages; more at [`Room::send_message`].
    ///
    /// # Errors
    ///
    /// As [`Room::send_message`]; and [`ErrorKind::InvalidArgument`](converse_core::ErrorKind::InvalidArgument) for a mention
    /// of what can be no nick, an answer to a message that the room gave no id, and a message with neither text nor file.
    pub async fn send(self) -> Result<MessageId, Error> {
        match self.error {
            Some(error) => Err(error.into()),
            None => self.room.send(self.draft).await,
        }
    }

    /// The first thing that cannot be sent is what is said.
    fn refuse(&mut self, error: MucError) {
        self.error.get_or_insert(error);
    }
}

/// The text is private and is left out.
impl fmt::Debug for RoomComposer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RoomComposer")
            .field("room", &self.room)
            .field("files", &self.draft.attachments.len())
            .finish_non_exhaustive()
    }
}
