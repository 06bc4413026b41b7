//! Why a case does not pass.

use std::fmt;

use converse_core::Error;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::scripted::ScriptError;

/// Why a case does not pass.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Trouble {
    /// The client did something else.
    Failed(String),
    /// The runner, or the build it is part of, cannot do what the case asks for.
    Unsupported(String),
}

pub(super) type Done = Result<(), Trouble>;

impl Trouble {
    pub(super) fn failed(why: impl Into<String>) -> Self {
        Self::Failed(why.into())
    }

    pub(super) fn unsupported(what: impl Into<String>) -> Self {
        Self::Unsupported(what.into())
    }
}

impl fmt::Display for Trouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Failed(why) => f.write_str(why),
            Self::Unsupported(what) => write!(f, "unsupported: {what}"),
        }
    }
}

impl From<ScriptError> for Trouble {
    fn from(error: ScriptError) -> Self {
        Self::Failed(error.to_string())
    }
}

impl From<Error> for Trouble {
    fn from(error: Error) -> Self {
        Self::Failed(format!("{error:?}"))
    }
}

/// The parameters of a step; one that is unknown makes the step unsupported.
pub(super) fn parameters<T: DeserializeOwned>(value: &Value) -> Result<T, Trouble> {
    serde_json::from_value(value.clone())
        .map_err(|error| Trouble::unsupported(format!("{value}: {error}")))
}
