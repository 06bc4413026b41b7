//! Why a diff could not be applied.

use crate::{Error, ErrorKind};

/// Why a [`Diff`](super::Diff) could not be applied to a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ViewError {
    /// The list has no such position: it is not the one that the diff is about.
    #[error(
        "position {index} is outside of a list of {len}; apply each diff once, in order, to the snapshot of its view"
    )]
    OutOfBounds {
        /// The position that the diff names.
        index: usize,
        /// How long the list is.
        len: usize,
    },
}

impl From<ViewError> for Error {
    fn from(error: ViewError) -> Self {
        Self::new(ErrorKind::InvalidArgument, error.to_string()).with_source(error)
    }
}
