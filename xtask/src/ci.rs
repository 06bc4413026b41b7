//! `cargo xtask ci`: what must hold before a commit.
//!
//! Ordered so that cheap checks speak first, and with one set of features (`--all-features`) wherever
//! possible, so that clippy, checks, tests and documentation share their dependencies' builds.

use std::time::{Duration, Instant};

use crate::failure::{Failure, Result};
use crate::shell::Shell;
use crate::{cases, deny, features, layering, msrv, setup, terminal, test, tidy, workspace};

/// A step: its name and what it does.
type Step = (&'static str, fn() -> Result);

const STEPS: &[Step] = &[
    ("fmt", fmt),
    ("layering", || layering::run(&[])),
    ("tidy", || tidy::run(&[])),
    ("deny", || deny::run(&[])),
    ("clippy", clippy),
    ("msrv", || msrv::run(&[])),
    ("features", || features::run(&[])),
    ("doc", doc),
    ("setup", || setup::run(&[])),
    ("test", || test::suites(&[])),
    ("doctest", test::doctests),
    ("cases", || cases::run(&[])),
];

/// What became of a step.
struct Outcome {
    name: &'static str,
    time: Duration,
    /// `None` if it was not run.
    result: Option<Result>,
}

pub(crate) fn run(arguments: &[String]) -> Result {
    let fail_fast = match arguments {
        [] => false,
        [flag] if flag == "--fail-fast" => true,
        _ => {
            return Err(Failure {
                message: "usage: cargo xtask ci [--fail-fast]".into(),
                code: 2,
            });
        }
    };
    let mut outcomes = Vec::new();
    for (name, step) in STEPS {
        let failed = outcomes.iter().any(Outcome::failed);
        outcomes.push(if failed && fail_fast {
            Outcome {
                name,
                time: Duration::ZERO,
                result: None,
            }
        } else {
            perform(name, *step)
        });
    }
    println!();
    for outcome in &outcomes {
        println!("{}", outcome.line());
    }
    let failed = outcomes.iter().filter(|outcome| outcome.failed()).count();
    let passed = outcomes
        .iter()
        .filter(|outcome| matches!(outcome.result, Some(Ok(()))))
        .count();
    println!("{passed} passed, {failed} failed");
    if failed == 0 {
        Ok(())
    } else {
        Err(Failure::new("continuous integration failed"))
    }
}

fn perform(name: &'static str, step: fn() -> Result) -> Outcome {
    if name == "cases" && !workspace::root().join(cases::OUR_CASES).is_dir() {
        return Outcome {
            name,
            time: Duration::ZERO,
            result: None,
        };
    }
    println!("\n{}", terminal::bold(&format!("=== {name}")));
    let start = Instant::now();
    let result = step();
    if let Err(failure) = &result {
        println!("{} {}", terminal::red("error:"), failure.message);
    }
    Outcome {
        name,
        time: start.elapsed(),
        result: Some(result),
    }
}

impl Outcome {
    fn failed(&self) -> bool {
        matches!(self.result, Some(Err(_)))
    }

    fn line(&self) -> String {
        let verdict = match &self.result {
            Some(Ok(())) => terminal::green("ok"),
            Some(Err(failure)) => format!("{} {}", terminal::red("FAILED"), failure.message),
            None => terminal::yellow("not run"),
        };
        format!(
            "{:<10} {:>7.1} s  {verdict}",
            self.name,
            self.time.as_secs_f64()
        )
    }
}

fn fmt() -> Result {
    Shell::cargo().args(["fmt", "--all", "--check"]).run()
}

fn clippy() -> Result {
    let targets = [
        "clippy",
        "--quiet",
        "--workspace",
        "--all-targets",
        "--all-features",
    ];
    Shell::cargo()
        .args(targets)
        .args(["--", "-D", "warnings"])
        .run()
}

fn doc() -> Result {
    let documentation = [
        "doc",
        "--quiet",
        "--workspace",
        "--all-features",
        "--no-deps",
    ];
    Shell::cargo()
        .args(documentation)
        .env("RUSTDOCFLAGS", "-D warnings")
        .run()
}
