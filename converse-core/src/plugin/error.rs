//! What can be wrong with plugins.

use crate::error::{BoxError, Error, ErrorKind};

/// Why plugins could not be set up.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PluginError {
    /// Two plugins of one name are linked or were added.
    #[error("two plugins are named `{name}`; rename or remove one of them")]
    Duplicate {
        /// The name.
        name: String,
    },
    /// A dependency is not linked, not allowed, or blacklisted.
    #[error(
        "plugin `{plugin}` needs plugin `{dependency}`, which does not run; link it, allow it, or leave `{plugin}` out"
    )]
    MissingDependency {
        /// Who needs it.
        plugin: String,
        /// What is missing.
        dependency: String,
    },
    /// Plugins wait for each other.
    #[error("plugins depend on each other in a circle: {}", plugins.join(" → "))]
    Cycle {
        /// The circle, its first plugin repeated at the end.
        plugins: Vec<String>,
    },
    /// `initialize` returned an error.
    #[error("plugin `{plugin}` did not start")]
    Initialize {
        /// The plugin.
        plugin: String,
        /// What it said.
        source: BoxError,
    },
    /// `initialize` panicked.
    #[error("plugin `{plugin}` panicked while it started: {reason}")]
    Panicked {
        /// The plugin.
        plugin: String,
        /// The panic's message.
        reason: String,
    },
    /// `plugins().add` after `initialize`.
    #[error("plugin `{plugin}` came too late: add plugins before `initialize`")]
    TooLate {
        /// The plugin.
        plugin: String,
    },
}

impl From<PluginError> for Error {
    fn from(error: PluginError) -> Self {
        let message = match &error {
            PluginError::Initialize { plugin, source } => {
                format!("plugin `{plugin}` did not start: {source}")
            }
            other => other.to_string(),
        };
        Self::new(ErrorKind::Plugin, message).with_source(error)
    }
}
