//! What can be wrong with settings.

use std::convert::Infallible;
use std::path::PathBuf;

use thiserror::Error as ThisError;

use super::origin::Origin;
use crate::error::{Error, ErrorKind};

/// A setting that is unknown, of the wrong type, or in a source that cannot be read.
///
/// No variant holds the value of a secret setting; only numbers out of range and words that are no choice are shown.
#[derive(Debug, ThisError)]
#[non_exhaustive]
pub enum SettingsError {
    /// No plugin and not the core declares this setting.
    #[error("there is no setting `{key}`{origin}{}", suggestion(nearest.as_deref()))]
    Unknown {
        /// The name asked for.
        key: String,
        /// The known name most like it.
        nearest: Option<String>,
        /// Where it was given.
        origin: Origin,
    },
    /// The value is not of the setting's type or not within its limits.
    #[error("setting `{key}`{origin} takes {expected}, not {found}")]
    WrongType {
        /// The setting, with the path inside it for a value in a map.
        key: String,
        /// What it takes.
        expected: String,
        /// What was given: its type, or a number or word that is not allowed.
        found: String,
        /// Where it was given.
        origin: Origin,
    },
    /// Two declarations of one setting do not agree.
    #[error(
        "setting `{key}` is {first_kind} for `{first_owner}`, but `{second_owner}` declares it as \
         {second_kind}; one of them has to choose another name"
    )]
    TypeClash {
        /// The setting.
        key: String,
        /// Who declared it first.
        first_owner: String,
        /// The type it has since.
        first_kind: String,
        /// Who declares it differently.
        second_owner: String,
        /// The type that does not fit.
        second_kind: String,
    },
    /// The text of a source is not TOML or not JSON.
    #[error("{place} cannot be read: {message}")]
    Syntax {
        /// The file and line, or the line of the text.
        place: String,
        /// What the parser says, without the text itself.
        message: String,
    },
    /// One source gives a setting twice.
    #[error("setting `{key}`{origin} is given twice")]
    Duplicate {
        /// The setting.
        key: String,
        /// Where the second one is.
        origin: Origin,
    },
    /// The file cannot be opened.
    #[error("settings file `{}` cannot be opened", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the operating system says.
        source: std::io::Error,
    },
    /// The file's name does not say what format it has.
    #[error("settings file `{}` must end in .toml or .json", path.display())]
    Format {
        /// The file.
        path: PathBuf,
    },
    /// The value of an environment variable is not UTF-8.
    #[error("environment variable `{variable}` is not UTF-8")]
    NotUtf8 {
        /// The variable.
        variable: String,
    },
    /// Settings come as a map from names to values.
    #[error("settings are a map, not {found}")]
    NotAMap {
        /// What was given instead.
        found: String,
    },
    /// More than one thing is wrong.
    #[error("{}", join(.0))]
    Several(Vec<SettingsError>),
}

impl SettingsError {
    /// One error for `problems`; `Ok` if there are none.
    pub(crate) fn from_all(mut problems: Vec<Self>) -> Result<(), Self> {
        match problems.len() {
            0 => Ok(()),
            1 => Err(problems.remove(0)),
            _ => Err(Self::Several(problems)),
        }
    }
}

fn suggestion(nearest: Option<&str>) -> String {
    nearest.map_or_else(String::new, |name| format!("; did you mean `{name}`?"))
}

fn join(errors: &[SettingsError]) -> String {
    let texts: Vec<String> = errors.iter().map(ToString::to_string).collect();
    texts.join("; ")
}

impl From<SettingsError> for Error {
    fn from(error: SettingsError) -> Self {
        Self::new(ErrorKind::Config, error.to_string()).with_source(error)
    }
}

impl From<Infallible> for SettingsError {
    fn from(never: Infallible) -> Self {
        match never {}
    }
}
