//! Why waiting for a promise failed.

use std::time::Duration;

use crate::{Error, ErrorKind};

/// Why a promise was not kept.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PromiseError {
    /// Nobody declared a promise of this name.
    #[error("promise `{name}` is unknown{}; declare it with `promises().add`", did_you_mean(.nearest.as_deref()))]
    Unknown {
        /// The name that was asked for.
        name: String,
        /// The declared name that resembles it most.
        nearest: Option<String>,
    },
    /// The session or the instance ended while the promise was pending.
    #[error(
        "promise `{name}` was cancelled: what it waited for has ended; wait again after the next login"
    )]
    Cancelled {
        /// The name of the promise.
        name: String,
    },
    /// The promise was still pending when the given time was over.
    #[error("promise `{name}` was not kept within {} ms", .after.as_millis())]
    Timeout {
        /// The name of the promise.
        name: String,
        /// How long it was waited for.
        after: Duration,
    },
}

fn did_you_mean(nearest: Option<&str>) -> String {
    nearest.map_or_else(String::new, |name| format!(" (did you mean `{name}`?)"))
}

impl From<PromiseError> for Error {
    fn from(error: PromiseError) -> Self {
        let kind = match &error {
            PromiseError::Unknown { .. } => ErrorKind::Promise,
            PromiseError::Cancelled { .. } => ErrorKind::Disconnected,
            PromiseError::Timeout { .. } => ErrorKind::Timeout,
        };
        Self::new(kind, error.to_string()).with_source(error)
    }
}
