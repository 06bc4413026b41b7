//! What is said about a handler that failed.

use std::any::Any;
use std::borrow::Cow;
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
    /// For the event; a log gets the text of an error only, since a panic's may quote what it was working on.
    pub(crate) fn reason(&self) -> String {
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

    pub(crate) fn log(&self, owner: &str, event: &str) {
        match self {
            Self::Error(error) => {
                tracing::error!(owner, event, error = %error, "a handler returned an error");
            }
            Self::Panic(_) => tracing::error!(owner, event, "a handler panicked"),
        }
    }
}
