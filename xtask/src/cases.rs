//! `cargo xtask cases`: replays JSON cases with the runner of `converse-testkit`, in a program that links every grouping.

use std::path::Path;

use crate::failure::Result;
use crate::shell::Shell;

/// Where our own cases are, from the root of the workspace.
pub(crate) const OUR_CASES: &str = "tests/cases";

pub(crate) fn run(arguments: &[String]) -> Result {
    let runner = [
        "run",
        "--quiet",
        "--package",
        "converse-cases",
        "--bin",
        "cases",
        "--",
    ];
    Shell::cargo()
        .args(runner)
        .args(for_runner(arguments))
        .run()
}

/// The runner starts at the root of the workspace: a folder named from elsewhere becomes absolute,
/// and without one it is ours.
fn for_runner(arguments: &[String]) -> Vec<String> {
    let mut passed = Vec::new();
    let mut has_dir = false;
    let mut value_expected = false;
    for argument in arguments {
        if value_expected || argument.starts_with('-') {
            value_expected = matches!(argument.as_str(), "--area" | "--id");
            passed.push(argument.clone());
        } else {
            has_dir = true;
            let absolute = std::path::absolute(Path::new(argument));
            passed.push(
                absolute.map_or(argument.clone(), |path| path.to_string_lossy().into_owned()),
            );
        }
    }
    if !has_dir {
        passed.insert(0, OUR_CASES.to_owned());
    }
    passed
}

#[cfg(test)]
mod tests {
    use super::for_runner;

    fn check(line: &str) -> String {
        let arguments: Vec<String> = line.split_whitespace().map(str::to_owned).collect();
        for_runner(&arguments).join(" ")
    }

    #[test]
    fn arguments_are_passed_on() {
        assert_eq!(
            check("/x --area muc --id SEC-010"),
            "/x --area muc --id SEC-010"
        );
        assert_eq!(check("--area muc /x"), "--area muc /x");
    }

    #[test]
    fn our_own_cases_are_the_default() {
        assert_eq!(check(""), "tests/cases");
        assert_eq!(check("--id SEC-010"), "tests/cases --id SEC-010");
    }
}
