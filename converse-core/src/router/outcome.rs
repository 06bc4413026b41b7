//! What becomes of a stanza that is sent.

use serde::Serialize;

use crate::error::Error;

/// What has become of a stanza that was sent.
#[derive(Debug)]
#[non_exhaustive]
pub enum Outcome {
    /// The server has it.
    Acknowledged,
    /// It certainly never left: to send it again doubles nothing.
    NotSent(Error),
    /// It left, and the session ended before the server said that it has it: it may have arrived, or not.
    Unknown(Error),
}

impl Outcome {
    /// Whether the server has it, and otherwise why that is not known.
    ///
    /// # Errors
    ///
    /// That of [`NotSent`](Self::NotSent) or [`Unknown`](Self::Unknown).
    pub fn acknowledged(self) -> Result<(), Error> {
        match self {
            Self::Acknowledged => Ok(()),
            Self::NotSent(error) | Self::Unknown(error) => Err(error),
        }
    }
}

/// Which session of an instance it is: each that is bound anew has the next number. One that is resumed keeps its own.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct SessionNumber(u64);

impl SessionNumber {
    /// The number of the session that follows.
    pub(crate) fn next(self) -> Self {
        Self(self.0.wrapping_add(1))
    }
}
