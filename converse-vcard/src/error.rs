//! What can be wrong with what the user wants to publish.

use converse_core::{Error, ErrorKind};

use crate::model::ImageError;

/// Why a call of the grouping was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum VCardError {
    /// The picture may not be published.
    #[error("{call}: {source}")]
    Image {
        /// The call, such as `vcard.set_avatar`.
        call: &'static str,
        /// What is wrong with it.
        source: ImageError,
    },
    /// There is no session.
    #[error("{call}: there is no session")]
    Offline {
        /// The call.
        call: &'static str,
    },
    /// The server keeps nothing for the account (XEP-0163).
    #[error("{call}: the server has no nodes for accounts (XEP-0163)")]
    NoNodes {
        /// The call.
        call: &'static str,
    },
}

impl From<VCardError> for Error {
    fn from(error: VCardError) -> Self {
        let kind = match &error {
            VCardError::Image { .. } => ErrorKind::InvalidArgument,
            VCardError::Offline { .. } => ErrorKind::Disconnected,
            VCardError::NoNodes { .. } => ErrorKind::Unsupported,
        };
        Self::new(kind, error.to_string()).with_source(error)
    }
}
