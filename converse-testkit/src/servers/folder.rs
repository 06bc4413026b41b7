//! The private folder of one server.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, SystemTime};
use std::{env, fs, process, thread};

use super::ServerUnavailable;

/// After this long the folder of a failed test is no longer of interest.
const KEEP_FAILED: Duration = Duration::from_secs(24 * 3600);

/// A folder of our own; removed when dropped, unless the test is failing: then its logs are wanted.
#[derive(Debug)]
pub(super) struct Folder {
    path: PathBuf,
}

impl Folder {
    /// Creates `target/tmp/servers/NAME-PID-NUMBER`.
    pub(super) fn create(name: &str) -> Result<Folder, ServerUnavailable> {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let parent = target_dir().join("tmp/servers");
        remove_old(&parent);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let path = parent.join(format!("{name}-{}-{number}", process::id()));
        // A leftover of an earlier process with our id.
        let _ = fs::remove_dir_all(&path);
        fs::create_dir_all(&path).map_err(ServerUnavailable::io(&path))?;
        Ok(Folder { path })
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// A path in here.
    pub(super) fn join(&self, name: impl AsRef<Path>) -> PathBuf {
        self.path.join(name)
    }

    /// Creates a folder in here, its parents included.
    pub(super) fn create_dir(&self, name: &str) -> Result<PathBuf, ServerUnavailable> {
        let path = self.join(name);
        fs::create_dir_all(&path).map_err(ServerUnavailable::io(&path))?;
        Ok(path)
    }

    /// Writes a file in here.
    pub(super) fn write(&self, name: &str, text: &str) -> Result<PathBuf, ServerUnavailable> {
        let path = self.join(name);
        fs::write(&path, text).map_err(ServerUnavailable::io(&path))?;
        Ok(path)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        if !thread::panicking() {
            let _ = fs::remove_dir_all(&self.path);
        }
    }
}

/// The build's target folder: the ancestor of the test program that cargo has marked. Without one
/// (a program copied elsewhere), the system's folder for temporary files.
pub(super) fn target_dir() -> PathBuf {
    let program = env::current_exe().unwrap_or_default();
    let marked = program
        .ancestors()
        .find(|dir| dir.join("CACHEDIR.TAG").is_file());
    marked.map_or_else(env::temp_dir, Path::to_path_buf)
}

/// Removes what failed tests of earlier days have left.
fn remove_old(parent: &Path) {
    let Ok(entries) = fs::read_dir(parent) else {
        return;
    };
    for entry in entries.flatten() {
        let modified = entry.metadata().and_then(|metadata| metadata.modified());
        let age = modified
            .ok()
            .and_then(|time| SystemTime::now().duration_since(time).ok());
        if age.is_some_and(|age| age > KEEP_FAILED) {
            let _ = fs::remove_dir_all(entry.path());
        }
    }
}
