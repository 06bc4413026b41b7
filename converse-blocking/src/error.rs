//! What can be wrong with a block before anything is sent.

use converse_core::{Error, ErrorKind};
use jid::Jid;

/// Why a call of the grouping was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum BlockingError {
    /// What was given is no address.
    #[error("{call}: `{}` is not a JID", .given.escape_debug())]
    InvalidJid {
        /// The call, such as `blocking.block`.
        call: &'static str,
        /// What was given.
        given: String,
    },
    /// The address is the user's own.
    #[error("{call}: `{jid}` is the own address, which cannot be blocked")]
    Own {
        /// The call.
        call: &'static str,
        /// The address.
        jid: Jid,
    },
    /// No address was given. On the wire an empty list takes back every block.
    #[error("{call}: no address was given; `blocking.unblock_all` takes back every block")]
    Nobody {
        /// The call.
        call: &'static str,
    },
    /// The server does not block.
    #[error("{call}: the server does not offer blocking (XEP-0191)")]
    Unsupported {
        /// The call.
        call: &'static str,
    },
    /// The server blocks, but takes no reports.
    #[error("{call}: the server takes no reports (XEP-0377); use `blocking.block`")]
    NoReports {
        /// The call.
        call: &'static str,
    },
    /// There is no session.
    #[error("{call}: there is no session")]
    Offline {
        /// The call.
        call: &'static str,
    },
}

impl From<BlockingError> for Error {
    fn from(error: BlockingError) -> Self {
        let kind = match &error {
            BlockingError::Unsupported { .. } | BlockingError::NoReports { .. } => {
                ErrorKind::Unsupported
            }
            BlockingError::Offline { .. } => ErrorKind::Disconnected,
            _ => ErrorKind::InvalidArgument,
        };
        Self::new(kind, error.to_string()).with_source(error)
    }
}
