//! What can go wrong in a private chat, apart from what the room answers.

use converse_core::{Error, ErrorKind};
use jid::BareJid;

/// Why a call on a private chat was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PrivateChatError {
    /// The handle stands for a private chat that was closed.
    #[error("the private chat with `{}` in the room `{room}` is closed; open it again with room.private_chat", .nick.escape_debug())]
    Closed {
        /// In which room.
        room: BareJid,
        /// With whom.
        nick: String,
    },
    /// Whoever the chat is with is not in the room, or not under this nick.
    #[error("`{}` is not in the room `{room}` any more", .nick.escape_debug())]
    Gone {
        /// In which room.
        room: BareJid,
        /// Who.
        nick: String,
    },
    /// A message needs a text or a file.
    #[error("private_chat.send_message: the message is empty")]
    Empty,
    /// Only what the user wrote himself can be corrected and retracted.
    #[error("no message with the id `{}` was written by the user in this private chat", .id.escape_debug())]
    NotOwn {
        /// The id.
        id: String,
    },
    /// No such message is in the chat.
    #[error("no message with the id `{}` is in this private chat", .id.escape_debug())]
    NoMessage {
        /// The id.
        id: String,
    },
    /// Without an id nobody knows which message is meant.
    #[error("the message has no id, so that nothing can refer to it")]
    NoId,
    /// What was retracted stays retracted.
    #[error("the message was retracted; nothing more can become of it")]
    Retracted,
    /// People react with emojis.
    #[error("private_chat.react: `{}` is not one emoji", .text.escape_debug())]
    NoEmoji {
        /// What it is instead.
        text: String,
    },
    /// There is a limit to what people feel.
    #[error("private_chat.react: nobody has more than {max} reactions to a message")]
    TooManyReactions {
        /// How many there can be.
        max: usize,
    },
}

impl From<PrivateChatError> for Error {
    fn from(error: PrivateChatError) -> Self {
        let kind = match &error {
            PrivateChatError::Closed { .. } => ErrorKind::Closed,
            PrivateChatError::Gone { .. } => ErrorKind::Disconnected,
            _ => ErrorKind::InvalidArgument,
        };
        Self::new(kind, error.to_string()).with_source(error)
    }
}
