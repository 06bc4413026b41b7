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
    /// The Python environment with other people's clients is not there.
    #[error("the Python peers are not installed (cargo xtask setup)")]
    NoPeers,
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
        matches!(
            self,
            Self::NotInstalled { .. } | Self::NoNewer { .. } | Self::NoPeers
        )
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
/// Everything but what is simply not installed; with `CONVERSE_REQUIRE_SERVERS=1` in the
/// environment, that as well.
pub fn or_skip<T>(started: Result<T, ServerUnavailable>) -> Result<Option<T>, ServerUnavailable> {
    let required = env::var("CONVERSE_REQUIRE_SERVERS").is_ok_and(|value| value == "1");
    let decided = decide(started, required)?;
    if let Err(absence) = &decided {
        report_skip(absence);
    }
    Ok(decided.ok())
}

/// Whether to go on with it, to go on without it (the inner error), or to fail (the outer one).
fn decide<T>(
    started: Result<T, ServerUnavailable>,
    required: bool,
) -> Result<Result<T, ServerUnavailable>, ServerUnavailable> {
    match started {
        Err(error) if required || !error.is_absence() => Err(error),
        other => Ok(other),
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

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

    use super::{ServerKind, ServerUnavailable, decide};

    fn absent() -> Result<(), ServerUnavailable> {
        let kind = ServerKind::Ejabberd;
        Err(ServerUnavailable::NotInstalled {
            kind,
            how: kind.how(),
        })
    }

    #[test]
    fn a_missing_server_skips_unless_required() {
        let skipped = decide(absent(), false).unwrap().unwrap_err();
        assert_eq!(
            skipped.to_string(),
            "ejabberd is not installed (apt-get install ejabberd)"
        );
        decide(absent(), true).unwrap_err();
        decide(Ok(()), true).unwrap().unwrap();
    }

    #[test]
    fn a_broken_server_always_fails() {
        let broken = ServerUnavailable::DidNotStart {
            kind: ServerKind::Prosody,
            reason: "it ended".to_owned(),
            log: String::new(),
        };
        decide::<()>(Err(broken), false).unwrap_err();
    }
}
