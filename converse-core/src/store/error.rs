//! What can go wrong in a store.

use thiserror::Error as ThisError;

use super::MAX_KEY_BYTES;
use crate::error::{BoxError, Error, ErrorKind};

/// A read or write that a store could not do. No variant holds a value.
#[derive(Debug, ThisError)]
#[non_exhaustive]
pub enum StoreError {
    /// The key, or the name of a secret, is longer than [`MAX_KEY_BYTES`].
    #[error("a key of {bytes} bytes is too long for the store, which takes {MAX_KEY_BYTES}")]
    KeyTooLong {
        /// Its length.
        bytes: usize,
    },
    /// A record has more names than [`MAX_NAMES`](super::MAX_NAMES).
    #[error(
        "a record of {names} names has too many; {} are taken",
        super::MAX_NAMES
    )]
    TooManyNames {
        /// How many it has.
        names: usize,
    },
    /// The value is larger than the store takes.
    #[error("a value of {bytes} bytes is too large for `{namespace}`, which takes {limit}")]
    ValueTooLarge {
        /// The table.
        namespace: &'static str,
        /// The value's size.
        bytes: usize,
        /// The largest size.
        limit: usize,
    },
    /// The namespace has as many entries as it may have.
    #[error("`{namespace}` is full with {limit} entries; delete some first")]
    Full {
        /// The table.
        namespace: &'static str,
        /// How many it may have.
        limit: usize,
    },
    /// The backend has no room for more.
    #[error("the store is full with {limit} bytes; delete something first")]
    OutOfSpace {
        /// How many it may have.
        limit: usize,
    },
    /// The value is not what it was read as, or cannot be written as JSON.
    ///
    /// What serde says about it is left out, because it quotes the value.
    #[error(
        "the value of {key:?} in `{namespace}` is not what it is used as, from column {column}"
    )]
    Format {
        /// The table.
        namespace: &'static str,
        /// The key.
        key: String,
        /// How many characters of the JSON fit.
        column: usize,
    },
    /// The backend failed.
    #[error("the store could not {action}")]
    Backend {
        /// What was to be done.
        action: &'static str,
        /// Why it could not.
        source: BoxError,
    },
}

impl From<StoreError> for Error {
    fn from(error: StoreError) -> Self {
        Self::new(ErrorKind::Store, error.to_string()).with_source(error)
    }
}
