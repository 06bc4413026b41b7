//! What can be wrong with a status.

use converse_core::{Error, ErrorKind};

/// Why a status was refused; nothing was changed or sent.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum StatusError {
    /// There is no such status.
    #[error(
        "user.status.set: `{}` is no status; take one of online, chat, away, dnd, xa, offline and unavailable",
        .value.escape_debug()
    )]
    Unknown {
        /// What was given.
        value: String,
    },
    /// The presence is shown to as many as can be remembered.
    #[error(
        "user.status.show_to: the presence is shown to {most} already; hide it from some first",
        most = crate::model::MOST_SHOWN_TO
    )]
    ShownToTooMany,
}

impl From<StatusError> for Error {
    fn from(error: StatusError) -> Self {
        Self::new(ErrorKind::InvalidArgument, error.to_string()).with_source(error)
    }
}

/// A [`Status`](crate::Status) given as such cannot be wrong.
impl From<std::convert::Infallible> for StatusError {
    fn from(never: std::convert::Infallible) -> Self {
        match never {}
    }
}
