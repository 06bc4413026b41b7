//! `cargo xtask test`: all tests, those with real servers included.

use std::fs;
use std::path::{Path, PathBuf};

use crate::failure::Result;
use crate::shell::Shell;
use crate::workspace::Metadata;
use crate::{setup, terminal};

pub(crate) fn run(arguments: &[String]) -> Result {
    setup::run(&[])?;
    let tests = suites(arguments);
    if arguments.is_empty() {
        tests.and(doctests())
    } else {
        println!("(documentation examples are run without a filter only)");
        tests
    }
}

/// Unit and integration tests whose names contain one of `filters`; all without one. Names at the
/// end what was skipped.
pub(crate) fn suites(filters: &[String]) -> Result {
    let target = Metadata::load()?.target_dir();
    let log = skip_log(&target);
    let runner = if setup::has_nextest() {
        terminal::step("cargo nextest run --workspace --all-features");
        Shell::cargo()
            .args(["nextest", "run", "--workspace", "--all-features"])
            .args(filters)
    } else {
        terminal::step("cargo test --workspace --all-features (cargo-nextest is not installed)");
        let targets = [
            "--lib",
            "--bins",
            "--tests",
            "--examples",
            "--no-fail-fast",
            "--",
        ];
        Shell::cargo()
            .args(["test", "--workspace", "--all-features"])
            .args(targets)
            .args(filters)
    };
    let result = runner.env("CONVERSE_SKIP_LOG", &log).run();
    report_skipped(&log);
    result
}

/// The examples in the documentation.
pub(crate) fn doctests() -> Result {
    terminal::step("cargo test --doc --workspace --all-features");
    Shell::cargo()
        .args(["test", "--quiet", "--doc", "--workspace", "--all-features"])
        .run()
}

/// An empty file into which tests write what they skip.
fn skip_log(target: &Path) -> PathBuf {
    let dir = target.join("tmp");
    let log = dir.join("skipped.log");
    // If it cannot be emptied, tests cannot write to it either: the tests matter more.
    let _ = fs::create_dir_all(&dir);
    let _ = fs::write(&log, "");
    log
}

fn report_skipped(log: &Path) {
    let text = fs::read_to_string(log).unwrap_or_default();
    for (line, count) in skipped(&text) {
        terminal::warn(&format!("{line} ({count} test(s))"));
    }
}

/// The different lines of a log and how often each occurs.
fn skipped(log: &str) -> Vec<(&str, usize)> {
    let mut lines: Vec<&str> = log
        .lines()
        .filter(|line| line.starts_with("SKIPPED"))
        .collect();
    lines.sort_unstable();
    lines
        .chunk_by(|a, b| a == b)
        .map(|same| (same[0], same.len()))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::skipped;

    #[test]
    fn what_was_skipped_is_counted() {
        let log = "SKIPPED: b\nSKIPPED: a\nnoise\nSKIPPED: b\n";
        assert_eq!(skipped(log), [("SKIPPED: a", 1), ("SKIPPED: b", 2)]);
        assert_eq!(skipped(""), []);
    }
}
