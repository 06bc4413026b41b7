//! What is said about a handler that failed.

use std::any::Any;
use std::borrow::Cow;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use crate::BoxError;

/// What a handler was called with, for logs and for [`HandlerFailed`](super::HandlerFailed).
#[derive(Debug, Clone)]
pub(crate) enum Label {
    Static(&'static str),
    Shared(Arc<str>),
}

impl Label {
    pub(crate) fn as_str(&self) -> &str {
        match self {
            Self::Static(name) => name,
            Self::Shared(name) => name,
        }
    }

    pub(crate) fn to_cow(&self) -> Cow<'static, str> {
        match self {
            Self::Static(name) => Cow::Borrowed(name),
            Self::Shared(name) => Cow::Owned(name.as_ref().to_owned()),
        }
    }
}

/// How a handler failed.
pub(crate) enum Failure {
    Error(BoxError),
    Panic(Box<dyn Any + Send>),
}

impl Failure {
    /// What the failure says about itself. That is code of a plugin too, so it may panic as well.
    pub(crate) fn into_reason(self) -> String {
        catch_unwind(AssertUnwindSafe(|| self.reason())).unwrap_or_else(|_| "failed".to_owned())
    }

    fn reason(self) -> String {
        match self {
            Self::Error(error) => error.to_string(),
            Self::Panic(panic) => {
                let text = panic
                    .downcast_ref::<&'static str>()
                    .copied()
                    .or_else(|| panic.downcast_ref::<String>().map(String::as_str));
                text.map_or_else(|| "panicked".to_owned(), |text| format!("panicked: {text}"))
            }
        }
    }
}

/// Logs that a handler failed. The text of a panic may quote what the handler was working on, so it is left out.
pub(crate) fn log(owner: &str, event: &str, panicked: bool, reason: &str) {
    if panicked {
        tracing::error!(owner, event, "a handler panicked");
    } else {
        tracing::error!(owner, event, error = reason, "a handler returned an error");
    }
}
