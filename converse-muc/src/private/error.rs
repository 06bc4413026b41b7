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
}

impl From<PrivateChatError> for Error {
    fn from(error: PrivateChatError) -> Self {
        let kind = match &error {
            PrivateChatError::Closed { .. } => ErrorKind::Closed,
            PrivateChatError::Gone { .. } => ErrorKind::Disconnected,
        };
        Self::new(kind, error.to_string()).with_source(error)
    }
}
