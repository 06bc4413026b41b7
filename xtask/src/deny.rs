//! `cargo xtask deny`: licences, banned crates and sources against `deny.toml`.
//!
//! `cargo deny` does it where it is installed. Elsewhere we do what can be done without its database:
//! everything but the security advisories.

mod rules;
mod spdx;

use std::collections::BTreeMap;
use std::fs;

use rules::{Dependency, Rules};

use crate::failure::{Failure, Result};
use crate::shell::Shell;
use crate::terminal;
use crate::workspace::{self, Metadata};

pub(crate) fn run(_arguments: &[String]) -> Result {
    if Shell::cargo().args(["deny", "--version"]).output().is_ok() {
        return Shell::cargo().args(["deny", "check"]).run();
    }
    let path = workspace::root().join("deny.toml");
    let text = fs::read_to_string(&path).map_err(|error| Failure::file(&path, &error))?;
    let rules = Rules::parse(&text)?;
    let metadata = Metadata::load()?;
    let dependencies: Vec<Dependency<'_>> = metadata
        .packages()
        .map(|package| Dependency {
            name: package.name(),
            version: package.version(),
            licence: package.license(),
            source: package.source(),
        })
        .collect();
    report_duplicates(&dependencies);
    terminal::warn(
        "security advisories were NOT checked: their database needs cargo-deny and the network \
         (cargo install cargo-deny --locked)",
    );
    let violations = rules.violations(&dependencies);
    for violation in &violations {
        println!("{} {violation}", terminal::red("deny:"));
    }
    if violations.is_empty() {
        println!(
            "{} licences, bans and sources of {} packages are in order",
            terminal::green("deny:"),
            dependencies.len()
        );
        return Ok(());
    }
    Err(Failure::new(format!(
        "{} violation(s) of deny.toml",
        violations.len()
    )))
}

fn report_duplicates(dependencies: &[Dependency<'_>]) {
    let mut versions: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for dependency in dependencies {
        versions
            .entry(dependency.name)
            .or_default()
            .push(dependency.version);
    }
    let duplicates: Vec<String> = versions
        .iter()
        .filter(|(_, versions)| versions.len() > 1)
        .map(|(name, versions)| format!("{name} {}", versions.join(" and ")))
        .collect();
    if !duplicates.is_empty() {
        terminal::warn(&format!(
            "in more than one version: {}",
            duplicates.join(", ")
        ));
    }
}
