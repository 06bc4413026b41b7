//! `cargo xtask msrv`: the minimum Rust version we state is the one that works.

use std::collections::BTreeSet;

use crate::failure::{Failure, Result};
use crate::shell::Shell;
use crate::terminal;
use crate::workspace::Metadata;

/// What the documents promise; raising it is a decision, not an accident.
const PROMISED: &str = "1.88";

pub(crate) fn run(_arguments: &[String]) -> Result {
    let metadata = Metadata::load()?;
    for package in metadata.members() {
        let stated = package.rust_version().unwrap_or("nothing");
        if version(stated) != version(PROMISED) {
            let message = format!(
                "{} states rust-version {stated}, not {PROMISED}",
                package.name()
            );
            return Err(Failure::new(message));
        }
    }
    if toolchain_installed() {
        terminal::step(&format!("cargo +{PROMISED} check"));
        let check = [
            "run",
            PROMISED,
            "cargo",
            "check",
            "--workspace",
            "--all-features",
        ];
        return Shell::new("rustup").args(check).run();
    }
    let built = built(&metadata);
    let packages = metadata
        .packages()
        .filter(|package| built.contains(package.id()));
    let wanted: Vec<_> = packages
        .map(|package| (package.name(), package.version(), package.rust_version()))
        .collect();
    let newer = newer(&wanted);
    if !newer.is_empty() {
        return Err(Failure::new(format!(
            "need more than Rust {PROMISED}: {}",
            newer.join(", ")
        )));
    }
    terminal::warn(&format!(
        "Rust {PROMISED} is not installed (rustup toolchain install {PROMISED}): the code was not \
         compiled with it. Checked instead: none of {} packages asks for more; uses of a newer \
         standard library are found by clippy::incompatible_msrv",
        wanted.len()
    ));
    println!(
        "{} Rust {PROMISED} as far as can be told",
        terminal::green("msrv:")
    );
    Ok(())
}

fn toolchain_installed() -> bool {
    let list = Shell::new("rustup")
        .args(["toolchain", "list"])
        .output()
        .unwrap_or_default();
    list.lines().any(|line| {
        line.strip_prefix(PROMISED)
            .is_some_and(|rest| rest.starts_with(['-', '.', ' ']) || rest.is_empty())
    })
}

/// The ids of what is built for users: our packages and all they depend on, not only for tests.
fn built(metadata: &Metadata) -> BTreeSet<&str> {
    let edges: Vec<_> = metadata
        .edges()
        .filter(|(.., kind)| *kind != "dev")
        .collect();
    let mut found = BTreeSet::new();
    let mut waiting: Vec<&str> = metadata.members().map(|package| package.id()).collect();
    while let Some(id) = waiting.pop() {
        if found.insert(id) {
            waiting.extend(
                edges
                    .iter()
                    .filter(|(from, ..)| *from == id)
                    .map(|(_, to, _)| *to),
            );
        }
    }
    found
}

/// Those of `packages` (name, version, stated Rust version) that want more than we promise.
fn newer(packages: &[(&str, &str, Option<&str>)]) -> Vec<String> {
    let newer = packages
        .iter()
        .filter(|(.., wants)| wants.is_some_and(|wants| version(wants) > version(PROMISED)));
    newer
        .map(|(name, at, wants)| format!("{name} {at} ({})", wants.unwrap_or_default()))
        .collect()
}

/// A version as numbers that can be compared: `1.88` is `1.88.0`.
fn version(text: &str) -> [u32; 3] {
    let mut numbers = text.split(['.', '-']).map(|part| part.parse().unwrap_or(0));
    std::array::from_fn(|_| numbers.next().unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use super::{newer, version};

    #[test]
    fn versions_compare_as_numbers() {
        assert!(version("1.100") > version("1.88"));
        assert_eq!(version("1.88.0"), version("1.88"));
        assert!(version("1.88.1") > version("1.88"));
    }

    #[test]
    fn packages_that_want_more_are_named() {
        let packages = [("old", "1.0.0", Some("1.56")), ("silent", "1.0.0", None)];
        assert_eq!(newer(&packages), Vec::<String>::new());
        assert_eq!(
            newer(&[("new", "2.0.0", Some("1.89"))]),
            ["new 2.0.0 (1.89)"]
        );
    }
}
