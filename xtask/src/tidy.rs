//! `cargo xtask tidy`: what neither the compiler nor clippy looks at.

mod code;
mod documents;
mod files;

use crate::failure::{Failure, Result};
use crate::sources::{self, Source};
use crate::{terminal, workspace};

/// Something untidy.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Finding {
    /// The file, with a line if there is one.
    place: String,
    what: String,
    /// Worth knowing, but no failure.
    warning: bool,
}

impl Finding {
    fn error(place: impl Into<String>, what: impl Into<String>) -> Finding {
        Finding {
            place: place.into(),
            what: what.into(),
            warning: false,
        }
    }

    fn warning(place: impl Into<String>, what: impl Into<String>) -> Finding {
        Finding {
            warning: true,
            ..Finding::error(place, what)
        }
    }
}

/// Looks at all files and says what it found.
type Check = fn(&[Source]) -> Vec<Finding>;

const CHECKS: &[Check] = &[
    files::names,
    files::lengths,
    files::home_paths,
    code::ignored_tests,
    code::leftovers,
    code::prints,
    code::features,
    documents::crate_docs,
    documents::changelog,
    documents::examples,
    documents::licences,
];

pub(crate) fn run(_arguments: &[String]) -> Result {
    let sources = sources::read(workspace::root())?;
    let findings: Vec<Finding> = CHECKS.iter().flat_map(|check| check(&sources)).collect();
    let mut errors = 0;
    for Finding {
        place,
        what,
        warning,
    } in &findings
    {
        if *warning {
            terminal::warn(&format!("{place}: {what}"));
        } else {
            errors += 1;
            println!("{} {place}: {what}", terminal::red("tidy:"));
        }
    }
    if errors > 0 {
        return Err(Failure::new(format!("{errors} untidy place(s)")));
    }
    println!(
        "{} {} files are tidy",
        terminal::green("tidy:"),
        sources.len()
    );
    Ok(())
}

#[cfg(test)]
fn errors(check: Check, path: &str, text: &str) -> usize {
    check(&[Source::new(path, text)])
        .iter()
        .filter(|finding| !finding.warning)
        .count()
}
