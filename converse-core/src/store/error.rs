//! What can go wrong in a store.

use std::path::PathBuf;

use thiserror::Error as ThisError;

use super::MAX_KEY_BYTES;
use crate::error::{BoxError, Error, ErrorKind};
use crate::settings::SettingsError;

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
    /// The account has logged out, and all that was kept for it was removed, as the setting `clear_store_on_logout` says; nothing
    /// is kept for it until the next login.
    #[error("the account was cleared when it logged out; log in to keep something again")]
    Cleared,
    /// The backend does not offer this.
    #[error("this store cannot {action}")]
    Unsupported {
        /// What was to be done.
        action: &'static str,
    },
    /// The disk is full. What was there stays as it was.
    #[error("the store could not {action}: the disk is full; make room on it")]
    DiskFull {
        /// What was to be done.
        action: &'static str,
        /// What the backend says.
        source: BoxError,
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

/// Why the stores that the settings `storage` and `message_storage` choose could not be opened. Nothing was changed.
#[derive(Debug, ThisError)]
#[non_exhaustive]
pub enum StorageError {
    /// No backend of that name is in the program.
    #[error(
        "setting `{setting}` is `{backend}`, and no such store is in this program; {}",
        how_to_link(backend)
    )]
    NotLinked {
        /// The setting.
        setting: &'static str,
        /// The backend that it chooses.
        backend: String,
    },
    /// Two backends have the same name.
    #[error(
        "setting `{setting}` is `{backend}`, which `{}` and `{}` both bring; leave one out",
        packages[0],
        packages[1]
    )]
    Ambiguous {
        /// The setting.
        setting: &'static str,
        /// The backend that it chooses.
        backend: &'static str,
        /// Who registers it.
        packages: [&'static str; 2],
    },
    /// It is not known where the user's programs keep their data.
    #[error("the environment names no folder for data; set `store_path`")]
    NoFolder,
    /// The folder for the file cannot be made.
    #[error("the folder {} cannot be made; set `store_path` to another place", path.display())]
    Folder {
        /// Which folder.
        path: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
    /// A setting cannot be read.
    #[error("the settings of the store are not usable")]
    Settings {
        /// Why.
        source: Box<SettingsError>,
    },
    /// The backend could not open.
    #[error("the store that setting `{setting}` chooses could not be opened")]
    Open {
        /// The setting.
        setting: &'static str,
        /// Why; that of `converse-sqlite` is its `OpenError`.
        source: BoxError,
    },
}

impl StorageError {
    pub(super) fn settings(source: SettingsError) -> Self {
        Self::Settings {
            source: Box::new(source),
        }
    }
}

fn how_to_link(backend: &str) -> &'static str {
    match backend {
        "local" => "enable the feature `sqlite` of `converse`",
        _ => "name the crate that brings it in a source",
    }
}

impl From<StorageError> for Error {
    fn from(error: StorageError) -> Self {
        let kind = match &error {
            StorageError::Open { source, .. } if !source.is::<StorageError>() => ErrorKind::Store,
            _ => ErrorKind::Config,
        };
        Self::new(kind, error.to_string()).with_source(error)
    }
}
