//! What can go wrong with a transfer.

use jid::BareJid;

use super::VERSION;
use crate::error::{Error, ErrorKind};
use crate::store::error::StoreError;

/// Why an export or import ended. No variant holds a value.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TransferError {
    /// The first line does not say that this is an export. Nothing was written to the store.
    #[error("line 1 is not the first line of an export; choose another file")]
    Foreign,
    /// A newer program wrote it. Nothing was written to the store.
    #[error(
        "the export has version {found}, and this program knows versions up to {VERSION}; use a newer program"
    )]
    Newer {
        /// Its version.
        found: u32,
    },
    /// It is another account's. Nothing was written to the store.
    #[error("the export is of {found}, not of {expected}; allow another account if that is meant")]
    OtherAccount {
        /// Whose it is.
        found: BareJid,
        /// Whose it should be.
        expected: BareJid,
    },
    /// A line is not what an export has. What was before it is in the store.
    #[error("line {line} is damaged, from column {column}; what is before it was read")]
    Damaged {
        /// Which line, from 1.
        line: u64,
        /// How many bytes of it are good, about.
        column: usize,
    },
    /// A line is longer than any that an export has. What was before it is in the store.
    #[error("line {line} is too long for an export; what is before it was read")]
    TooLong {
        /// Which line, from 1.
        line: u64,
    },
    /// It ends before its end. What there was is in the store.
    #[error(
        "the export was cut off: line {line} is not there, or not whole; what is before it was read"
    )]
    CutOff {
        /// The first line that is missing, from 1.
        line: u64,
    },
    /// It says at its end that there was more or less. What there was is in the store.
    #[error("line {line} counts other lines than there are; some were lost or added")]
    Miscounted {
        /// The last line, from 1.
        line: u64,
    },
    /// There is something behind the end. What was before it is in the store.
    #[error("line {line} comes after the end of the export")]
    Surplus {
        /// The first line behind the end, from 1.
        line: u64,
    },
    /// The store does not take what a line says. What was some lines before it is in the store.
    #[error("the store does not take line {line}, or one of those before it")]
    Refused {
        /// Up to which line was to be written, from 1.
        line: u64,
        /// What the store says.
        source: StoreError,
    },
    /// The store cannot be read.
    #[error("the store cannot be read")]
    Store {
        /// What the store says.
        #[from]
        source: StoreError,
    },
    /// The lines cannot be written or read.
    #[error("the export cannot be written or read")]
    Io {
        /// What the system says.
        #[from]
        source: std::io::Error,
    },
}

impl From<TransferError> for Error {
    fn from(error: TransferError) -> Self {
        let kind = match &error {
            TransferError::Refused { .. } | TransferError::Store { .. } => ErrorKind::Store,
            _ => ErrorKind::InvalidArgument,
        };
        Self::new(kind, error.to_string()).with_source(error)
    }
}
