//! The text files of the project.

use std::fs;
use std::path::Path;

use crate::failure::{Failure, Result};

/// A text file; its path is relative to the root and has `/` in it on every system.
#[derive(Debug, Clone)]
pub(crate) struct Source {
    pub(crate) path: String,
    pub(crate) text: String,
}

impl Source {
    #[cfg(test)]
    pub(crate) fn new(path: &str, text: &str) -> Source {
        Source {
            path: path.to_owned(),
            text: text.to_owned(),
        }
    }

    pub(crate) fn is_rust(&self) -> bool {
        self.path.ends_with(".rs")
    }

    /// The file's name without its folders.
    pub(crate) fn name(&self) -> &str {
        self.path.rsplit('/').next().unwrap_or(&self.path)
    }

    /// Whether it is below a folder `dir` at any level: `in_dir("src")` for `converse-core/src/x.rs`.
    pub(crate) fn in_dir(&self, dir: &str) -> bool {
        let mut parts: Vec<&str> = self.path.split('/').collect();
        parts.pop();
        parts.contains(&dir)
    }
}

/// All text files below `root`, in order; build output and version control left out.
pub(crate) fn read(root: &Path) -> Result<Vec<Source>> {
    let mut sources = Vec::new();
    visit(root, "", &mut sources)?;
    sources.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(sources)
}

fn visit(dir: &Path, prefix: &str, sources: &mut Vec<Source>) -> Result {
    let entries = fs::read_dir(dir).map_err(|error| Failure::file(dir, &error))?;
    for entry in entries.flatten() {
        let (name, path) = (
            entry.file_name().to_string_lossy().into_owned(),
            entry.path(),
        );
        let kind = entry
            .file_type()
            .map_err(|error| Failure::file(&path, &error))?;
        if kind.is_dir() {
            // Cargo and other tools mark what they can make again; a fuzzer's corpus is binary.
            let generated = path.join("CACHEDIR.TAG").exists();
            if !generated && !matches!(name.as_str(), ".git" | "target" | "corpus" | "artifacts") {
                visit(&path, &format!("{prefix}{name}/"), sources)?;
            }
        } else if kind.is_file()
            && let Ok(text) = fs::read_to_string(&path)
        {
            sources.push(Source {
                path: format!("{prefix}{name}"),
                text,
            });
        }
    }
    Ok(())
}
