//! A server that cannot be had, and what a test does about it.

use std::io::{self, Write};
use std::path::PathBuf;
use std::{env, fs};

use super::ServerKind;

/// Why there is no server.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ServerUnavailable {
    /// The program is not on this machine.
    #[error("{} is not installed ({how})", kind.name())]
    NotInstalled {
        /// Which server.
        kind: ServerKind,
        /// What would install it.
        how: &'static str,
    },
    /// [`Installation::Newer`](super::Installation::Newer) was asked for and is not there.
    #[error("a newer {} than the system's is not unpacked (cargo xtask setup)", kind.name())]
    NoNewer {
        /// Which server.
        kind: ServerKind,
    },
    /// It was started, but did not become ready.
    #[error("{} did not start: {reason}; its last words: {log}", kind.name())]
    DidNotStart {
        /// Which server.
        kind: ServerKind,
        /// What was waited for.
        reason: String,
        /// The end of its log.
        log: String,
    },
    /// No certificate could be made.
    #[error("no certificate could be made")]
    Certificate(#[from] rcgen::Error),
    /// Its folder or its process could not be created.
    #[error("cannot use {}", path.display())]
    Io {
        /// The file, folder or program.
        path: PathBuf,
        /// The operating system's word on it.
        source: io::Error,
    },
    /// It runs, but refused an administrative request.
    #[error("the server refused to {what}: {answer}")]
    Refused {
        /// What was asked.
        what: String,
        /// What it answered.
        answer: String,
    },
}

impl ServerUnavailable {
    /// Whether it is simply not there, as opposed to broken.
    fn is_absence(&self) -> bool {
        matches!(self, Self::NotInstalled { .. } | Self::NoNewer { .. })
    }

    /// For `map_err`: an input or output error with the path it happened at.
    pub(super) fn io(path: impl Into<PathBuf>) -> impl FnOnce(io::Error) -> ServerUnavailable {
        let path = path.into();
        |source| ServerUnavailable::Io { path, source }
    }
}

/// Lets a test go on without a server that is not installed.
///
/// Says `SKIPPED: ejabberd is not installed (apt-get install ejabberd)` on standard error, past the
/// test runner's capture, and in the file named by `CONVERSE_SKIP_LOG` if that is set
/// (`cargo xtask test` reads it back); then returns `None`.
///
/// # Errors
///
/// Everything but [`ServerUnavailable::NotInstalled`] and [`ServerUnavailable::NoNewer`]; with
/// `CONVERSE_REQUIRE_SERVERS=1` in the environment, those as well.
pub fn or_skip<T>(started: Result<T, ServerUnavailable>) -> Result<Option<T>, ServerUnavailable> {
    let required = env::var("CONVERSE_REQUIRE_SERVERS").is_ok_and(|value| value == "1");
    match started {
        Ok(server) => Ok(Some(server)),
        Err(error) if error.is_absence() && !required => {
            report_skip(&error);
            Ok(None)
        }
        Err(error) => Err(error),
    }
}

/// A report that cannot be written must not fail the test: nobody would be there to read it.
fn report_skip(missing: &ServerUnavailable) {
    let line = format!("SKIPPED: {missing}\n");
    let _ = io::stderr().write_all(line.as_bytes());
    if let Some(path) = env::var_os("CONVERSE_SKIP_LOG")
        && let Ok(mut log) = fs::OpenOptions::new().append(true).create(true).open(path)
    {
        let _ = log.write_all(line.as_bytes());
    }
}
