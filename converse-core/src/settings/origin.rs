//! Where a setting was given.

use std::fmt;
use std::path::PathBuf;

/// Where a setting was given; its `Display` is what an error adds after the setting's name, empty for [`Origin::Code`].
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum Origin {
    /// In the application's code.
    #[default]
    Code,
    /// In an environment variable.
    Variable(String),
    /// In a file, or in text that came from nowhere known.
    Text {
        /// The file.
        path: Option<PathBuf>,
        /// The line, from 1.
        line: usize,
    },
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Code => Ok(()),
            Self::Variable(name) => write!(f, " (environment variable `{name}`)"),
            Self::Text {
                path: Some(path),
                line,
            } => write!(f, " ({}:{line})", path.display()),
            Self::Text { path: None, line } => write!(f, " (line {line})"),
        }
    }
}
