//! What can go wrong with a file.

use std::path::PathBuf;

use converse_core::BoxError;
use converse_core::store::StoreError;
use rusqlite::ffi::ErrorCode;

/// Why a file cannot be used as a store. Nothing in it was changed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OpenError {
    /// The file cannot be made: a folder is missing, or the permission.
    #[error("the store {} cannot be made; its folder must exist and be writable", path.display())]
    NotMade {
        /// Which file.
        path: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
    /// The file cannot be opened.
    #[error("the store {} cannot be opened; it must be a file that can be read and written", path.display())]
    Inaccessible {
        /// Which file.
        path: PathBuf,
        /// What SQLite says.
        source: rusqlite::Error,
    },
    /// The file is no SQLite file, or is damaged.
    #[error("the store {} is damaged or is no store; move it away or restore a copy", path.display())]
    Corrupt {
        /// Which file.
        path: PathBuf,
        /// What SQLite says.
        source: rusqlite::Error,
    },
    /// It is an SQLite file of another program.
    #[error("{} belongs to another program; choose another file", path.display())]
    Foreign {
        /// Which file.
        path: PathBuf,
    },
    /// A newer version of this crate wrote it.
    #[error("the store {} has version {found}, and this program knows versions up to {known}; use a newer program", path.display())]
    Newer {
        /// Which file.
        path: PathBuf,
        /// Its version.
        found: i64,
        /// The newest that is known.
        known: i64,
    },
    /// Another process keeps it locked for longer than it is waited for.
    #[error("the store {} is locked by another process; end that first", path.display())]
    Locked {
        /// Which file.
        path: PathBuf,
        /// What SQLite says.
        source: rusqlite::Error,
    },
    /// It can be read only.
    #[error("the store {} is read-only; make the file and its folder writable", path.display())]
    ReadOnly {
        /// Which file.
        path: PathBuf,
        /// What SQLite says.
        source: rusqlite::Error,
    },
    /// The disk is full.
    #[error("there is no room on the disk for the store {}", path.display())]
    DiskFull {
        /// Which file.
        path: PathBuf,
        /// What SQLite says.
        source: rusqlite::Error,
    },
    /// A thread for it cannot be started.
    #[error("no thread can be started for the store {}", path.display())]
    Thread {
        /// Which file.
        path: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
}

impl OpenError {
    pub(crate) fn new(path: &std::path::Path, source: rusqlite::Error) -> Self {
        let path = path.to_owned();
        match source.sqlite_error_code() {
            Some(ErrorCode::NotADatabase | ErrorCode::DatabaseCorrupt) => {
                Self::Corrupt { path, source }
            }
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => {
                Self::Locked { path, source }
            }
            Some(ErrorCode::ReadOnly) => Self::ReadOnly { path, source },
            Some(ErrorCode::DiskFull) => Self::DiskFull { path, source },
            _ => Self::Inaccessible { path, source },
        }
    }
}

/// What SQLite says of a read or write.
pub(crate) fn failed(action: &'static str) -> impl Fn(rusqlite::Error) -> StoreError {
    move |error| {
        let is_full = is_full(&error);
        store_error(action, is_full, error)
    }
}

/// Why a batch of writes was not kept, for each of them.
#[derive(Debug, Clone, thiserror::Error)]
#[error("{text}")]
pub(crate) struct Lost {
    is_full: bool,
    text: String,
}

impl From<rusqlite::Error> for Lost {
    fn from(error: rusqlite::Error) -> Self {
        Self {
            is_full: is_full(&error),
            text: error.to_string(),
        }
    }
}

impl From<Lost> for StoreError {
    fn from(lost: Lost) -> Self {
        store_error("commit a write", lost.is_full, lost)
    }
}

fn is_full(error: &rusqlite::Error) -> bool {
    error.sqlite_error_code() == Some(ErrorCode::DiskFull)
}

fn store_error(action: &'static str, is_full: bool, source: impl Into<BoxError>) -> StoreError {
    let source = source.into();
    if is_full {
        return StoreError::DiskFull { action, source };
    }
    StoreError::Backend { action, source }
}
