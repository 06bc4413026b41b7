//! Why a command failed, and with which exit code.

use std::io;
use std::path::Path;

/// What every command returns.
pub(crate) type Result<T = ()> = std::result::Result<T, Failure>;

/// A failed command: one message for people, one code for the caller.
#[derive(Debug)]
pub(crate) struct Failure {
    pub(crate) message: String,
    pub(crate) code: u8,
}

impl Failure {
    /// A failure with exit code 1.
    pub(crate) fn new(message: impl Into<String>) -> Failure {
        Failure {
            message: message.into(),
            code: 1,
        }
    }

    /// A file that could not be read or written.
    pub(crate) fn file(path: &Path, error: &io::Error) -> Failure {
        Failure::new(format!("{}: {error}", path.display()))
    }
}
