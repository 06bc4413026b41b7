//! What can go wrong between a caller and the bus.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use crate::{BoxError, Error, ErrorKind};

/// Why an emission did not take place.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum EmitError {
    /// The bus has stopped; nobody heard the event.
    #[error("the bus has stopped; start a new instance")]
    Closed,
    /// The work given to [`Bus::dispatch`](super::Bus::dispatch) panicked; what it had not yet done is lost.
    #[error("work on the bus panicked; the rest of it is lost")]
    Panicked,
    /// An argument has no JSON form.
    #[error("the arguments of event `{name}` have no JSON form")]
    Arguments {
        /// The name of the event.
        name: String,
        /// What serde says about it.
        source: serde_json::Error,
    },
}

/// Why a request was not answered.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CallError {
    /// No plugin answers requests of this type.
    #[error("nobody answers `{request}`; enable the feature or the plugin that does")]
    NoAnswerer {
        /// The type of the request.
        request: &'static str,
    },
    /// The answer did not come within the deadline.
    #[error("`{request}` was not answered within {} ms", .after.as_millis())]
    Timeout {
        /// The type of the request.
        request: &'static str,
        /// The deadline.
        after: Duration,
    },
    /// The answerer panicked, or stopped before it answered.
    #[error("the answerer of `{request}` failed or stopped before it answered")]
    Failed {
        /// The type of the request.
        request: &'static str,
    },
    /// A handler asked its own actor, which can answer only when that handler has returned.
    #[error("`{request}` is answered by the actor that asks; call the method instead")]
    Own {
        /// The type of the request.
        request: &'static str,
    },
    /// The bus has stopped.
    #[error("the bus has stopped; start a new instance")]
    Closed,
}

/// Why a value did not come out of its hooks. Whoever gets one must not use the value in its old form.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum HookError {
    /// A hook took the value out of circulation on purpose; see [`Stop`].
    #[error("`{hook}` was stopped by `{by}`: {reason}")]
    Stopped {
        /// The name of the hook.
        hook: &'static str,
        /// The plugin that stopped it.
        by: Arc<str>,
        /// Why it did.
        reason: String,
    },
    /// A hook returned an error.
    #[error("`{hook}` was refused by `{by}`")]
    Refused {
        /// The name of the hook.
        hook: &'static str,
        /// The plugin that refused it.
        by: Arc<str>,
        /// Its reason.
        source: BoxError,
    },
    /// A hook panicked, or its actor stopped with the value in hand.
    #[error("`{hook}` was lost in `{by}`, which failed or stopped")]
    Failed {
        /// The name of the hook.
        hook: &'static str,
        /// The plugin that failed.
        by: Arc<str>,
    },
    /// A handler passed a value to a hook of its own actor, which could run only when that handler has returned.
    #[error("`{hook}` has a hook of `{by}`, which is the one that asks; spawn a task for it")]
    Own {
        /// The name of the hook.
        hook: &'static str,
        /// The plugin that asks itself.
        by: Arc<str>,
    },
    /// The hooks were not done within the deadline.
    #[error("the hooks of `{hook}` were not done within {} ms", .after.as_millis())]
    Timeout {
        /// The name of the hook.
        hook: &'static str,
        /// The deadline.
        after: Duration,
    },
    /// The bus has stopped.
    #[error("the bus has stopped; start a new instance")]
    Closed,
}

/// What a hook returns as its error to take a value out of circulation on purpose: [`HookError::Stopped`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stop {
    reason: String,
}

impl Stop {
    /// Stops the value; `reason` is for whoever passed it in.
    pub fn new(reason: impl Into<String>) -> Self {
        Self {
            reason: reason.into(),
        }
    }

    pub(crate) fn into_reason(self) -> String {
        self.reason
    }
}

impl fmt::Display for Stop {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.reason)
    }
}

impl std::error::Error for Stop {}

/// A second answerer was offered for a type of request that has one.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{request}` is already answered by `{by}`; `{refused}` cannot answer it too")]
pub struct AnswererTaken {
    /// The type of the request.
    pub request: &'static str,
    /// The plugin that answers it.
    pub by: Arc<str>,
    /// The plugin that wanted to.
    pub refused: Arc<str>,
}

impl From<EmitError> for Error {
    fn from(error: EmitError) -> Self {
        let kind = match &error {
            EmitError::Closed => ErrorKind::Closed,
            EmitError::Panicked => ErrorKind::Plugin,
            EmitError::Arguments { .. } => ErrorKind::InvalidArgument,
        };
        Self::new(kind, error.to_string()).with_source(error)
    }
}

impl From<CallError> for Error {
    fn from(error: CallError) -> Self {
        let kind = match &error {
            CallError::NoAnswerer { .. } => ErrorKind::Unsupported,
            CallError::Timeout { .. } => ErrorKind::Timeout,
            CallError::Failed { .. } | CallError::Own { .. } => ErrorKind::Plugin,
            CallError::Closed => ErrorKind::Closed,
        };
        Self::new(kind, error.to_string()).with_source(error)
    }
}

impl From<HookError> for Error {
    fn from(error: HookError) -> Self {
        let kind = match &error {
            HookError::Timeout { .. } => ErrorKind::Timeout,
            HookError::Closed => ErrorKind::Closed,
            _ => ErrorKind::Plugin,
        };
        Self::new(kind, error.to_string()).with_source(error)
    }
}

impl From<AnswererTaken> for Error {
    fn from(error: AnswererTaken) -> Self {
        Self::new(ErrorKind::Plugin, error.to_string()).with_source(error)
    }
}
