//! Where programs keep what belongs to a user.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use super::error::StorageError;

/// The folder of the program's data, for its user alone; it is there then.
pub(super) fn of(program: &str) -> Result<PathBuf, StorageError> {
    let data = data(|name| std::env::var_os(name)).ok_or(StorageError::NoFolder)?;
    let folder = data.join(name(program));
    match make(&folder) {
        Ok(()) => Ok(folder),
        Err(source) => Err(StorageError::Folder {
            path: folder,
            source,
        }),
    }
}

/// The user's folder for data: `$XDG_DATA_HOME` or `~/.local/share`, on macOS `~/Library/Application Support`, on Windows
/// `%LOCALAPPDATA%`.
fn data(variable: impl Fn(&str) -> Option<OsString>) -> Option<PathBuf> {
    // A path that is not absolute is to be ignored (XDG Base Directory Specification).
    let folder = |name| {
        let path = variable(name).map(PathBuf::from);
        path.filter(|path| path.is_absolute())
    };
    if cfg!(windows) {
        folder("LOCALAPPDATA")
    } else if cfg!(target_os = "macos") {
        folder("HOME").map(|home| home.join("Library/Application Support"))
    } else {
        folder("XDG_DATA_HOME").or_else(|| folder("HOME").map(|home| home.join(".local/share")))
    }
}

/// A program's name as the name of a folder.
fn name(program: &str) -> String {
    let allowed = |c: char| {
        if c.is_alphanumeric() || "-_.".contains(c) {
            c
        } else {
            '-'
        }
    };
    let name: String = program.chars().map(allowed).take(64).collect();
    match name.trim_matches(['.', '-']) {
        "" => "converse".to_owned(),
        name => name.to_owned(),
    }
}

fn make(folder: &Path) -> std::io::Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

#[cfg(test)]
mod tests {
    use super::{data, name};
    use std::ffi::OsString;
    use std::path::PathBuf;

    #[cfg(all(unix, not(target_os = "macos")))]
    #[test]
    fn the_folder_is_where_the_user_says() {
        type Variables = &'static [(&'static str, &'static str)];
        let with = |pairs: Variables| {
            data(move |name| {
                let found = pairs.iter().find(|(key, _)| *key == name);
                found.map(|(_, value)| OsString::from(value))
            })
        };
        const HOME: (&str, &str) = ("HOME", "/users/mara");
        let cases: [(Variables, Option<&str>); 4] = [
            (&[HOME], Some("/users/mara/.local/share")),
            (&[HOME, ("XDG_DATA_HOME", "/data")], Some("/data")),
            (
                &[HOME, ("XDG_DATA_HOME", "data")],
                Some("/users/mara/.local/share"),
            ),
            (&[("XDG_DATA_HOME", "")], None),
        ];
        for (variables, expected) in cases {
            assert_eq!(
                with(variables),
                expected.map(PathBuf::from),
                "{variables:?}"
            );
        }
    }

    #[test]
    fn a_programs_name_is_one_folder() {
        for (program, folder) in [
            ("Verona", "Verona"),
            ("Verona 1.2", "Verona-1.2"),
            ("../../etc/passwd", "etc-passwd"),
            ("Österreich", "Österreich"),
            ("..", "converse"),
            ("", "converse"),
        ] {
            assert_eq!(name(program), folder, "{program}");
        }
    }
}
