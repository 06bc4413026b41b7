//! What the documents must say.

use super::Finding;
use crate::sources::Source;

/// Every library explains itself: a README or documentation of the crate.
pub(super) fn crate_docs(sources: &[Source]) -> Vec<Finding> {
    let libraries = sources
        .iter()
        .filter(|source| source.path.ends_with("src/lib.rs"));
    libraries
        .filter(|library| {
            let dir = library.path.trim_end_matches("src/lib.rs");
            let readme = sources
                .iter()
                .any(|source| source.path == format!("{dir}README.md"));
            !readme && !library.text.starts_with("//!") && !library.text.starts_with("#![doc")
        })
        .map(|library| Finding::error(&library.path, "no documentation of the crate, no README"))
        .collect()
}

/// What changed since the last release is written down as it happens.
pub(super) fn changelog(sources: &[Source]) -> Vec<Finding> {
    let changelog = sources.iter().find(|source| source.path == "CHANGELOG.md");
    let unreleased = changelog.is_some_and(|changelog| {
        let headings = changelog
            .text
            .lines()
            .filter_map(|line| line.strip_prefix("## "));
        headings
            .map(|heading| heading.trim_start_matches('['))
            .any(|it| it.starts_with("Unreleased"))
    });
    if unreleased {
        return Vec::new();
    }
    vec![Finding::error("CHANGELOG.md", "no section `## Unreleased`")]
}

/// An example nobody hears of teaches nobody.
pub(super) fn examples(sources: &[Source]) -> Vec<Finding> {
    let readme = sources.iter().find(|source| source.path == "README.md");
    let readme = readme.map_or("", |source| source.text.as_str());
    let missing = sources
        .iter()
        .filter(|source| example_name(&source.path).is_some_and(|name| !mentions(readme, name)));
    missing
        .map(|source| Finding::error(&source.path, "the README does not list it"))
        .collect()
}

/// The example a file is the root of: `examples/x.rs`, `examples/x/main.rs` or a package.
fn example_name(path: &str) -> Option<&str> {
    let path = path.strip_prefix("examples/")?;
    match path.split_once('/') {
        None => path.strip_suffix(".rs"),
        Some((name, "main.rs" | "Cargo.toml")) => Some(name),
        Some(_) => None,
    }
}

/// Whether `name` is in `text` as a word of its own.
fn mentions(text: &str, name: &str) -> bool {
    let part_of_name = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-');
    text.match_indices(name).any(|(at, _)| {
        let before = text[..at].chars().next_back();
        let after = text[at + name.len()..].chars().next();
        !before.is_some_and(part_of_name) && !after.is_some_and(part_of_name)
    })
}

/// Every package says under which licence it comes.
pub(super) fn licences(sources: &[Source]) -> Vec<Finding> {
    let manifests = sources
        .iter()
        .filter(|source| source.name() == "Cargo.toml");
    manifests
        .filter(|manifest| {
            let package = table(&manifest.text, "[package]");
            package.is_some_and(|lines| !lines.iter().any(|line| line.starts_with("license")))
        })
        .map(|manifest| Finding::error(&manifest.path, "no `license` in [package]"))
        .collect()
}

/// The lines of one table of a TOML file.
fn table<'a>(text: &'a str, header: &str) -> Option<Vec<&'a str>> {
    let mut lines = text.lines();
    lines.find(|line| line.trim() == header)?;
    Some(lines.take_while(|line| !line.starts_with('[')).collect())
}

#[cfg(test)]
mod tests {
    use super::{changelog, crate_docs, examples, licences};
    use crate::sources::Source;
    use crate::tidy::errors;

    #[test]
    fn crates_without_documentation_are_found() {
        assert_eq!(errors(crate_docs, "a/src/lib.rs", "pub fn f() {}"), 1);
        assert_eq!(errors(crate_docs, "a/src/lib.rs", "//! Docs."), 0);
        let files = [
            Source::new("a/src/lib.rs", ""),
            Source::new("a/README.md", ""),
        ];
        assert_eq!(crate_docs(&files), []);
    }

    #[test]
    fn a_changelog_without_news_is_found() {
        assert_eq!(changelog(&[]).len(), 1);
        assert_eq!(
            errors(changelog, "CHANGELOG.md", "# Changelog\n\n## 1.0\n"),
            1
        );
        assert_eq!(
            errors(
                changelog,
                "CHANGELOG.md",
                "# Changelog\n\n## [Unreleased]\n"
            ),
            0
        );
        assert_eq!(errors(changelog, "CHANGELOG.md", "## Unreleased\n"), 0);
    }

    #[test]
    fn unlisted_examples_are_found() {
        let readme = |text| Source::new("README.md", text);
        let files = |text, path| examples(&[readme(text), Source::new(path, "")]).len();
        assert_eq!(files("see `echo_bot`", "examples/echo_bot.rs"), 0);
        assert_eq!(files("see `echo_bot2`", "examples/echo_bot.rs"), 1);
        assert_eq!(files("nothing", "examples/greeter-plugin/Cargo.toml"), 1);
        assert_eq!(files("nothing", "examples/greeter-plugin/src/lib.rs"), 0);
    }

    #[test]
    fn packages_without_a_licence_are_found() {
        let path = "a/Cargo.toml";
        assert_eq!(
            errors(
                licences,
                path,
                "[package]\nname = \"a\"\n[dependencies]\nlicense = 1"
            ),
            1
        );
        assert_eq!(
            errors(licences, path, "[package]\nlicense.workspace = true\n"),
            0
        );
        assert_eq!(errors(licences, path, "[workspace]\n"), 0);
    }
}
