//! What an archive does that cannot be.

use converse_core::{Error, ErrorKind};

/// Why catching up with an archive, or filling a gap, has stopped. What was not seen stays unknown, and is asked for again.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SyncError {
    /// It gives messages again that it has given before.
    #[error("the archive repeats itself: `{}` came before", .id.escape_debug())]
    Repeats {
        /// The id of one that came twice.
        id: String,
    },
    /// A page has nothing new, and is said not to be the last one.
    #[error("the archive says that there is more and gives nothing")]
    NoProgress,
    /// So many pages are too many for what was asked.
    #[error("the archive has given {pages} pages without coming to an end")]
    TooManyPages {
        /// How many.
        pages: usize,
    },
    /// None of the messages behind a gap is in the archive any more: nothing tells what of the rest belongs into it.
    #[error("the archive has no message any more by which the gap could be found")]
    NoEdge,
    /// It has answered with an error, or not at all.
    #[error("the archive has not answered: {0}")]
    Archive(#[source] Error),
    /// What is kept of an archive was written by a newer version of the program.
    #[error("what is kept of the archive has version {version}; this program knows {known}")]
    Newer {
        /// The version that is there.
        version: u64,
        /// The newest version that can be read.
        known: u64,
    },
    /// What is kept of an archive cannot be read.
    #[error("what is kept of the archive cannot be read: {0}")]
    Malformed(#[source] serde_json::Error),
}

impl From<SyncError> for Error {
    fn from(error: SyncError) -> Self {
        let kind = match &error {
            SyncError::Archive(cause) => cause.kind(),
            SyncError::Newer { .. } | SyncError::Malformed(_) => ErrorKind::Store,
            _ => ErrorKind::InvalidResponse,
        };
        Self::new(kind, error.to_string()).with_source(error)
    }
}
