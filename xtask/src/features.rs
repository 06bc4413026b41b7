//! `cargo xtask features`: every set of features builds.

use crate::failure::Result;
use crate::shell::Shell;
use crate::terminal;
use crate::workspace::Metadata;

pub(crate) fn run(_arguments: &[String]) -> Result {
    let metadata = Metadata::load()?;
    let facade = metadata.facade()?;
    for arguments in sets(facade.name(), &facade.features()) {
        terminal::step(&format!("cargo {}", arguments.join(" ")));
        Shell::cargo().args(arguments).arg("--quiet").run()?;
    }
    Ok(())
}

/// The checks to run. The defaults are checked with the whole workspace, tests and examples
/// included, which shares its build with clippy's.
fn sets(facade: &str, features: &[&str]) -> Vec<Vec<String>> {
    let alone = features
        .iter()
        .map(|feature| format!("--no-default-features --features {feature}"));
    let facade_only = std::iter::once("--no-default-features".to_owned())
        .chain(alone)
        .chain(["--all-features".to_owned()])
        .map(|choice| format!("check --package {facade} {choice}"));
    let lines = facade_only.chain(["check --workspace --all-targets".to_owned()]);
    lines
        .map(|line| line.split(' ').map(str::to_owned).collect())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::sets;

    #[test]
    fn every_feature_stands_alone_once() {
        let lines: Vec<String> = sets("converse", &["muc", "roster"])
            .iter()
            .map(|words| words.join(" "))
            .collect();
        assert_eq!(
            lines,
            [
                "check --package converse --no-default-features",
                "check --package converse --no-default-features --features muc",
                "check --package converse --no-default-features --features roster",
                "check --package converse --all-features",
                "check --workspace --all-targets",
            ]
        );
    }
}
