//! Where a server's program is.

use std::env;
use std::path::{Path, PathBuf};

use super::folder::target_dir;
use super::{Installation, ServerKind, ServerUnavailable};

/// A found server: its program below the root of an unpacked package, or of the system.
#[derive(Debug)]
pub(super) struct Found {
    /// Empty for the system's own, so that `/usr/...` can be appended as text.
    pub(super) root: String,
    pub(super) program: PathBuf,
}

impl Found {
    pub(super) fn look(
        kind: ServerKind,
        installation: Installation,
    ) -> Result<Found, ServerUnavailable> {
        let unpacked = target_dir()
            .join("servers")
            .join(kind.name().to_lowercase());
        if installation == Installation::Newer && unpacked.is_dir() {
            let program = unpacked.join(kind.program());
            return Ok(Found {
                root: unpacked.to_string_lossy().into_owned(),
                program,
            });
        }
        let program = in_path(kind.program());
        let program = program.ok_or(ServerUnavailable::NotInstalled {
            kind,
            how: kind.how(),
        })?;
        let found = Found {
            root: String::new(),
            program,
        };
        if installation == Installation::Newer && !found.is_new(kind) {
            return Err(ServerUnavailable::NoNewer { kind });
        }
        Ok(found)
    }

    /// Whether this build has SASL2: Prosody from 13, ejabberd from 24.
    pub(super) fn is_new(&self, kind: ServerKind) -> bool {
        match kind {
            ServerKind::Prosody => self.prosody_major() >= 13,
            ServerKind::Ejabberd => self.has_ejabberd_module("mod_auth_fast"),
        }
    }

    /// The first number of Prosody's version; 0 when it cannot be told.
    pub(super) fn prosody_major(&self) -> u32 {
        let file = format!("{}/usr/lib/prosody/prosody.version", self.root);
        let version = std::fs::read_to_string(file).unwrap_or_default();
        version
            .split('.')
            .next()
            .and_then(|major| major.trim().parse().ok())
            .unwrap_or(0)
    }

    /// Whether the ejabberd release has this module.
    pub(super) fn has_ejabberd_module(&self, module: &str) -> bool {
        let libraries = self.erlang_libraries();
        let entries = libraries
            .iter()
            .filter_map(|path| std::fs::read_dir(path).ok())
            .flatten();
        entries.flatten().any(|entry| {
            entry.file_name().to_string_lossy().starts_with("ejabberd-")
                && entry.path().join(format!("ebin/{module}.beam")).is_file()
        })
    }

    /// The folders in which the packages put Erlang libraries.
    pub(super) fn erlang_libraries(&self) -> Vec<PathBuf> {
        let lib = PathBuf::from(format!("{}/usr/lib", self.root));
        let triplet = format!("{}-linux-gnu", env::consts::ARCH);
        [lib.join(triplet), lib.join("erlang/lib")]
            .into_iter()
            .filter(|path| path.is_dir())
            .collect()
    }
}

/// Looks in `PATH` and in the folders of system administration, which users have not in theirs.
fn in_path(program: &str) -> Option<PathBuf> {
    let name = Path::new(program).file_name()?;
    let path = env::var_os("PATH").unwrap_or_default();
    let system = ["/usr/local/sbin", "/usr/sbin", "/sbin"].map(PathBuf::from);
    env::split_paths(&path)
        .chain(system)
        .map(|dir| dir.join(name))
        .find(|file| file.is_file())
}
