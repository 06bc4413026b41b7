//! Other people's clients, to talk to ours.

use std::path::PathBuf;

use super::ServerUnavailable;
use super::folder::target_dir;

/// The Python that has `slixmpp`: that of `CONVERSE_PYTHON` if it is set, else as `cargo xtask setup` installed it.
///
/// # Errors
///
/// [`ServerUnavailable::NoPeers`] where it did not; [`or_skip`](super::or_skip) takes it.
pub fn python_peers() -> Result<PathBuf, ServerUnavailable> {
    if let Some(python) = std::env::var_os("CONVERSE_PYTHON") {
        return Ok(PathBuf::from(python));
    }
    let python = target_dir().join("python-peers/bin/python");
    if python.is_file() {
        Ok(python)
    } else {
        Err(ServerUnavailable::NoPeers)
    }
}
