//! What can go wrong with a chat before anything is sent.

use converse_core::{Error, ErrorKind};
use jid::BareJid;

/// Why a call of the grouping was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ChatError {
    /// The handle stands for a chat that was closed.
    #[error("the chat with `{jid}` is closed; open it again with chats.open")]
    Closed {
        /// With whom.
        jid: BareJid,
    },
    /// The setting `allow_non_roster_messaging` is off, and this is no contact.
    #[error(
        "chats.open: `{jid}` is no contact; add the contact, or set `allow_non_roster_messaging`"
    )]
    Stranger {
        /// Who it is.
        jid: BareJid,
    },
    /// Announcements are not answered.
    #[error("chat.send_message: `{jid}` only makes announcements and takes no messages")]
    Headlines {
        /// Who makes them.
        jid: BareJid,
    },
    /// No grouping for OTR is part of the program.
    #[error("chat.initiate_otr: OTR is not supported; no plugin here knows it")]
    NoOtr,
    /// As many older messages are here as fit.
    #[error(
        "as many messages of the chat with `{jid}` are here as fit; close it and open it again"
    )]
    TooManyMessages {
        /// With whom.
        jid: BareJid,
    },
    /// The attribute belongs to the framework.
    #[error("chat.set: `{attribute}` cannot be set; it follows from what happens in the chat")]
    ReadOnly {
        /// Which one.
        attribute: String,
    },
}

impl From<ChatError> for Error {
    fn from(error: ChatError) -> Self {
        let kind = match &error {
            ChatError::Closed { .. } => ErrorKind::Closed,
            ChatError::Headlines { .. } | ChatError::NoOtr | ChatError::TooManyMessages { .. } => {
                ErrorKind::Unsupported
            }
            _ => ErrorKind::InvalidArgument,
        };
        Self::new(kind, error.to_string()).with_source(error)
    }
}
