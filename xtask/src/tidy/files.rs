//! File names, file lengths, and paths that exist on one machine only.

use super::Finding;
use crate::sources::Source;

/// Names that say nothing about what is inside.
const EMPTY_NAMES: [&str; 5] = ["utils", "helpers", "common", "misc", "manager"];

/// Users in examples.
const INVENTED: [&str; 2] = ["romeo", "juliet"];

/// Beyond this a file probably does two things.
const LONG: usize = 300;

/// Beyond this it certainly does.
const TOO_LONG: usize = 500;

/// `foo.rs` and `foo/`, never `foo/mod.rs`; names that say what is inside.
pub(super) fn names(sources: &[Source]) -> Vec<Finding> {
    let mut findings = Vec::new();
    for source in sources.iter().filter(|source| source.is_rust()) {
        let path = source.path.trim_end_matches(".rs");
        if source.name() == "mod.rs" {
            findings.push(Finding::error(
                &source.path,
                "write `name.rs` beside `name/`",
            ));
        }
        if let Some(name) = path.split('/').find(|part| EMPTY_NAMES.contains(part)) {
            let what = format!("`{name}` says nothing about what is inside");
            findings.push(Finding::error(&source.path, what));
        }
    }
    findings
}

/// Source files fit in a reader's head.
pub(super) fn lengths(sources: &[Source]) -> Vec<Finding> {
    let code = sources
        .iter()
        .filter(|source| source.is_rust() && source.in_dir("src"));
    let lengths = code.map(|source| (source, source.text.lines().count()));
    lengths
        .filter_map(|(source, lines)| match lines {
            lines if lines > TOO_LONG => {
                let what = format!("{lines} lines; {TOO_LONG} is the limit");
                Some(Finding::error(&source.path, what))
            }
            lines if lines > LONG => {
                let what = format!("{lines} lines; more than {LONG} is worth splitting");
                Some(Finding::warning(&source.path, what))
            }
            _ => None,
        })
        .collect()
}

/// No file knows where somebody keeps the project.
pub(super) fn home_paths(sources: &[Source]) -> Vec<Finding> {
    // In pieces, so that this file does not find itself.
    let homes = [
        concat!("/ho", "me/"),
        concat!("/Us", "ers/"),
        concat!("/ro", "ot/"),
        concat!("\\Us", "ers\\"),
    ];
    let mut findings = Vec::new();
    for source in sources {
        for (number, line) in source.text.lines().enumerate() {
            if homes.iter().any(|home| names_home(line, home)) {
                let place = format!("{}:{}", source.path, number + 1);
                findings.push(Finding::error(
                    place,
                    "an absolute path into somebody's home",
                ));
            }
        }
    }
    findings
}

/// Whether `line` has `home` at the start of a path and a name after it. The homes of people in
/// plays are nobody's.
fn names_home(line: &str, home: &str) -> bool {
    line.match_indices(home).any(|(at, _)| {
        let (before, rest) = (&line[..at], &line[at + home.len()..]);
        let drive = home.starts_with('\\') && before.ends_with(':');
        let inside_path =
            before.ends_with(|c: char| c.is_alphanumeric() || matches!(c, '.' | '_' | '-' | '}'));
        let named = rest.starts_with(|c: char| c.is_alphanumeric() || matches!(c, '.' | '_'));
        let invented = INVENTED.iter().any(|name| rest.starts_with(name));
        (drive || !inside_path) && named && !invented
    })
}

#[cfg(test)]
mod tests {
    use super::{home_paths, lengths, names};
    use crate::sources::Source;
    use crate::tidy::errors;

    #[test]
    fn empty_names_are_found() {
        assert_eq!(errors(names, "a/src/xml/framer.rs", ""), 0);
        assert_eq!(errors(names, "a/src/xml/mod.rs", ""), 1);
        assert_eq!(errors(names, "a/src/utils.rs", ""), 1);
        assert_eq!(errors(names, "a/tests/common/x.rs", ""), 1);
    }

    #[test]
    fn long_files_are_found() {
        assert_eq!(errors(lengths, "a/src/x.rs", &"\n".repeat(500)), 0);
        assert_eq!(errors(lengths, "a/src/x.rs", &"\n".repeat(501)), 1);
        assert_eq!(errors(lengths, "a/tests/x.rs", &"\n".repeat(501)), 0);
        let long = Source::new("a/src/x.rs", &"\n".repeat(301));
        assert!(lengths(&[long])[0].warning);
    }

    #[test]
    fn paths_of_one_machine_are_found() {
        let line = |home: &str| format!("see {home}me/x");
        assert_eq!(
            errors(home_paths, "README.md", &line(concat!("/ho", "me/"))),
            1
        );
        assert_eq!(
            errors(home_paths, "a.toml", &line(concat!("C:\\Us", "ers\\"))),
            1
        );
        assert_eq!(
            errors(
                home_paths,
                "README.md",
                "https://example.org/home/index.html"
            ),
            0
        );
        assert_eq!(errors(home_paths, "README.md", "the folder home/x"), 0);
        assert_eq!(
            errors(home_paths, "README.md", concat!("/ho", "me/romeo/x")),
            0
        );
    }
}
