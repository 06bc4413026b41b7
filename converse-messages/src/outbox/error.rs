//! What the outbox refuses.

use converse_core::{Error, ErrorKind};

/// Why something cannot be queued, or nothing can be done about what is.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum OutboxError {
    /// There is a limit to what can wait.
    #[error(
        "the outbox is full with {entries} entries of {bytes} bytes; wait until some have left"
    )]
    Full {
        /// How much waits.
        entries: usize,
        /// How large it is.
        bytes: usize,
    },
    /// Nobody has logged in.
    #[error("there is no account to send from: log in first")]
    NoAccount,
    /// It has arrived, or was never here.
    #[error("nothing with the id `{}` waits in the outbox", .id.escape_debug())]
    NotQueued {
        /// The id.
        id: String,
    },
    /// Somebody may have it by now.
    #[error("what has the id `{}` has left already; correct or retract it instead", .id.escape_debug())]
    Left {
        /// The id.
        id: String,
    },
    /// Corrections, retractions and reactions have no text that could be another.
    #[error("what has the id `{}` is no message; withdraw it and send another one", .id.escape_debug())]
    NoMessage {
        /// The id.
        id: String,
    },
    /// Its conversation is not there.
    #[error("the conversation of `{}` is not open", .id.escape_debug())]
    NoConversation {
        /// The id.
        id: String,
    },
    /// It was withdrawn before it could leave.
    #[error("the message was withdrawn")]
    Withdrawn,
    /// The user has logged out, and all that was kept for the account was removed.
    #[error(
        "the message was not sent: the user has logged out, and what was kept for the account was removed"
    )]
    Cleared,
    /// It waited in memory only, as the setting `outbox` says, and the process has ended.
    #[error(
        "the message was not sent: the program ended before it could be; send it again if it still matters"
    )]
    Forgotten,
    /// It waited too long.
    #[error("the message could not be sent within its time; send it again if it still matters")]
    Expired,
}

impl OutboxError {
    pub(crate) fn not_queued(id: &str) -> Self {
        Self::NotQueued { id: id.to_owned() }
    }
}

impl From<OutboxError> for Error {
    fn from(error: OutboxError) -> Self {
        let kind = match &error {
            OutboxError::NoAccount => ErrorKind::Disconnected,
            OutboxError::Full { .. } | OutboxError::Left { .. } => ErrorKind::Conflict,
            OutboxError::Withdrawn
            | OutboxError::Cleared
            | OutboxError::Forgotten
            | OutboxError::NoConversation { .. } => ErrorKind::Closed,
            OutboxError::Expired => ErrorKind::Timeout,
            OutboxError::NotQueued { .. } | OutboxError::NoMessage { .. } => {
                ErrorKind::InvalidArgument
            }
        };
        Self::new(kind, error.to_string()).with_source(error)
    }
}
