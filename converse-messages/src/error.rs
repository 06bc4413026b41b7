//! What a message cannot say.

use converse_core::{Error, ErrorKind};

/// Why a message cannot be put together, or nothing can become of one.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ContentError {
    /// Files are fetched from the web, or not at all.
    #[error("`{url}` is no http or https address of a file")]
    BadUrl {
        /// The address.
        url: String,
    },
    /// A message needs a text or a file.
    #[error("the message is empty; give it a text")]
    Empty,
    /// Only what the user wrote himself can be corrected and retracted.
    #[error("no message with the id `{}` was written by the user here", .id.escape_debug())]
    NotOwn {
        /// The id.
        id: String,
    },
    /// No such message is here.
    #[error("no message with the id `{}` is here", .id.escape_debug())]
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
    #[error("`{}` is not one emoji, with which one could react", .text.escape_debug())]
    NoEmoji {
        /// What it is instead.
        text: String,
    },
    /// There is a limit to what people feel.
    #[error("nobody has more than {max} reactions to a message")]
    TooManyReactions {
        /// How many there can be.
        max: usize,
    },
}

impl ContentError {
    /// There is no message with this id.
    pub fn no_message(id: impl Into<String>) -> Self {
        Self::NoMessage { id: id.into() }
    }

    /// The user wrote no message with this id.
    pub fn not_own(id: impl Into<String>) -> Self {
        Self::NotOwn { id: id.into() }
    }
}

impl From<ContentError> for Error {
    fn from(error: ContentError) -> Self {
        Self::new(ErrorKind::InvalidArgument, error.to_string()).with_source(error)
    }
}
