//! What a message cannot say.

use converse_core::{Error, ErrorKind};

/// Why a message cannot be put together.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ContentError {
    /// Files are fetched from the web, or not at all.
    #[error("`{url}` is no http or https address of a file")]
    BadUrl {
        /// The address.
        url: String,
    },
}

impl From<ContentError> for Error {
    fn from(error: ContentError) -> Self {
        Self::new(ErrorKind::InvalidArgument, error.to_string()).with_source(error)
    }
}
