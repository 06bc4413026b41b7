//! The command line of the runner.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use super::format::{Case, Level, read};
use super::groupings::Groupings;
use super::run::{Verdict, run};

/// Where our own cases are, from the root of the workspace.
const OUR_CASES: &str = "tests/cases";

const USAGE: &str = "usage: cases [DIR] [--area AREA] [--id ID]";

/// What is to be run.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Selection {
    dir: PathBuf,
    area: Option<String>,
    id: Option<String>,
}

impl Selection {
    fn read(arguments: impl Iterator<Item = String>) -> Option<Self> {
        let mut selection = Self {
            dir: PathBuf::from(OUR_CASES),
            area: None,
            id: None,
        };
        let mut arguments = arguments;
        while let Some(argument) = arguments.next() {
            match argument.as_str() {
                "--area" => selection.area = Some(arguments.next()?),
                "--id" => selection.id = Some(arguments.next()?),
                flag if flag.starts_with('-') => return None,
                dir => selection.dir = PathBuf::from(dir),
            }
        }
        Some(selection)
    }

    fn wants(&self, case: &Case) -> bool {
        self.area.as_ref().is_none_or(|area| *area == case.area)
            && self.id.as_ref().is_none_or(|id| *id == case.id)
    }
}

/// Replays the cases that the arguments name, and tells on `out`: a line a case, a summary by area, and a last line
/// `N passed, N failed`. The exit code is 1 when a `must` failed, and 2 when nothing could be run.
pub fn main(
    arguments: impl Iterator<Item = String>,
    groupings: &'static dyn Groupings,
    out: &mut impl Write,
) -> ExitCode {
    let told = match Selection::read(arguments) {
        None => writeln!(out, "{USAGE}").map(|()| 2),
        Some(selection) => tell(&selection, groupings, out),
    };
    // Without anybody to tell there is nothing to be told.
    ExitCode::from(told.unwrap_or(2))
}

/// How many passed and failed.
#[derive(Debug, Clone, Copy, Default)]
struct Count {
    passed: usize,
    failed: usize,
}

fn tell(
    selection: &Selection,
    groupings: &'static dyn Groupings,
    out: &mut impl Write,
) -> std::io::Result<u8> {
    let files = match files(&selection.dir) {
        Ok(files) => files,
        Err(error) => {
            writeln!(out, "{}: {error}", selection.dir.display())?;
            return Ok(2);
        }
    };
    let mut counts: BTreeMap<(String, Level), Count> = BTreeMap::new();
    for path in files {
        let file = match read(&path) {
            Ok(file) => file,
            Err(error) => {
                writeln!(out, "{error}")?;
                return Ok(2);
            }
        };
        if file.skipped > 0 {
            let name = path
                .file_name()
                .unwrap_or_default()
                .to_string_lossy()
                .into_owned();
            writeln!(
                out,
                "skipped {} entries without steps in {name}",
                file.skipped
            )?;
        }
        for case in file.cases.iter().filter(|case| selection.wants(case)) {
            let verdict = run(case, groupings);
            let count = counts.entry((case.area.clone(), case.level)).or_default();
            match verdict {
                Verdict::Passed => {
                    count.passed += 1;
                    writeln!(out, "PASS {}", case.id)?;
                }
                Verdict::Failed(why) => {
                    count.failed += 1;
                    writeln!(out, "FAIL {} [{}] {why}", case.id, case.level)?;
                }
                Verdict::Unsupported(what) => {
                    count.failed += 1;
                    writeln!(out, "FAIL {} [{}] unsupported: {what}", case.id, case.level)?;
                }
            }
            out.flush()?;
        }
    }
    summary(&counts, out)
}

fn files(dir: &Path) -> std::io::Result<Vec<PathBuf>> {
    let entries: Result<Vec<_>, _> = std::fs::read_dir(dir)?
        .map(|entry| entry.map(|entry| entry.path()))
        .collect();
    let is_json = |path: &PathBuf| {
        path.extension()
            .is_some_and(|extension| extension == "json")
    };
    let mut files: Vec<PathBuf> = entries?.into_iter().filter(is_json).collect();
    files.sort();
    Ok(files)
}

fn summary(counts: &BTreeMap<(String, Level), Count>, out: &mut impl Write) -> std::io::Result<u8> {
    writeln!(out)?;
    let mut areas: Vec<&String> = counts.keys().map(|(area, _)| area).collect();
    areas.dedup();
    for area in areas {
        let mut line = format!("{area:12}");
        for level in [Level::Must, Level::Should, Level::May] {
            if let Some(count) = counts.get(&(area.clone(), level)) {
                line += &format!("  {level} {}/{}", count.passed, count.passed + count.failed);
            }
        }
        writeln!(out, "{line}")?;
    }
    let sum = |pick: fn(&Count) -> usize| counts.values().map(pick).sum::<usize>();
    let (passed, failed) = (sum(|count| count.passed), sum(|count| count.failed));
    let failed_must = counts
        .iter()
        .any(|((_, level), count)| *level == Level::Must && count.failed > 0);
    writeln!(out, "{passed} passed, {failed} failed")?;
    Ok(match (passed + failed, failed_must) {
        // A selection of nothing is a mistake.
        (0, _) => 2,
        (_, true) => 1,
        (_, false) => 0,
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

    use super::*;

    #[test]
    fn arguments_select() {
        let read = |line: &str| Selection::read(line.split_whitespace().map(ToOwned::to_owned));
        let all = read("").unwrap();
        assert_eq!((all.dir, all.area), (PathBuf::from(OUR_CASES), None));
        let one = read("/x --area sm --id SM-001").unwrap();
        assert_eq!(one.dir, PathBuf::from("/x"));
        assert_eq!(
            (one.area.unwrap(), one.id.unwrap()),
            ("sm".to_owned(), "SM-001".to_owned())
        );
        assert!(read("--area").is_none() && read("--verbose").is_none());
    }
}
