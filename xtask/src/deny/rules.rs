//! What `deny.toml` asks for, and who does not comply.

use super::spdx;
use crate::failure::{Failure, Result};

/// How the source of a crate begins that comes from a registry, and so has a version that does not change.
const REGISTRY: [&str; 2] = ["registry+", "sparse+"];

/// A package we build upon (or one of ours).
#[derive(Debug, Clone, Copy)]
pub(super) struct Dependency<'a> {
    pub(super) name: &'a str,
    pub(super) version: &'a str,
    /// Its SPDX expression.
    pub(super) licence: Option<&'a str>,
    /// Where it comes from; `None` for a folder of ours.
    pub(super) source: Option<&'a str>,
}

/// The lists in `deny.toml`.
#[derive(Debug)]
pub(super) struct Rules {
    allowed_licences: Vec<String>,
    banned_crates: Vec<String>,
}

impl Rules {
    pub(super) fn parse(text: &str) -> Result<Rules> {
        let allowed_licences = strings(text, "licenses", "allow");
        let banned_crates = strings(text, "bans", "deny");
        match (allowed_licences, banned_crates) {
            (Some(allowed_licences), Some(banned_crates)) => Ok(Rules {
                allowed_licences,
                banned_crates,
            }),
            _ => Err(Failure::new(
                "deny.toml needs `allow` in [licenses] and `deny` in [bans]",
            )),
        }
    }

    /// Who does not comply, as sentences.
    pub(super) fn violations(&self, dependencies: &[Dependency<'_>]) -> Vec<String> {
        let mut violations = Vec::new();
        for Dependency {
            name,
            version,
            licence,
            source,
        } in dependencies
        {
            match licence.map(|licence| (licence, spdx::satisfied(licence, &self.allowed_licences)))
            {
                None => violations.push(format!("{name} {version} states no licence")),
                Some((licence, Ok(false))) => {
                    violations.push(format!("{name} {version} is under {licence}: not allowed"));
                }
                Some((licence, Err(error))) => {
                    violations.push(format!("{name} {version}: licence `{licence}`: {error}"));
                }
                Some((_, Ok(true))) => {}
            }
            if self.banned_crates.iter().any(|banned| banned == name) {
                violations.push(format!("{name} {version} is banned"));
            }
            if source.is_some_and(|source| !REGISTRY.iter().any(|kind| source.starts_with(kind))) {
                violations.push(format!("{name} {version} does not come from a registry"));
            }
        }
        violations
    }
}

/// The strings in `key = [...]` of `[table]`.
fn strings(text: &str, table: &str, key: &str) -> Option<Vec<String>> {
    let mut lines = text.lines().map(without_comment).map(str::trim);
    lines.find(|line| *line == format!("[{table}]"))?;
    let mut lines = lines.take_while(|line| !is_header(line));
    let first = lines.find_map(|line| {
        let (name, value) = line.split_once('=')?;
        (name.trim() == key).then(|| value.trim().to_owned())
    })?;
    let mut value = first;
    while !value.contains(']') {
        value.push_str(lines.next()?);
    }
    Some(
        value
            .split('"')
            .skip(1)
            .step_by(2)
            .map(str::to_owned)
            .collect(),
    )
}

fn is_header(line: &str) -> bool {
    line.starts_with('[') && line.ends_with(']')
}

/// A line up to a `#` that is not inside a string.
fn without_comment(line: &str) -> &str {
    let comment = line
        .match_indices('#')
        .find(|(at, _)| line[..*at].matches('"').count().is_multiple_of(2));
    comment.map_or(line, |(at, _)| &line[..at])
}

#[cfg(test)]
mod tests {
    use super::{Dependency, Rules};

    const RULES: &str = "[graph]\nallow = [\"X\"]\n[licenses]\n# allow = [\"GPL-3.0-only\"]\nallow = [\n    \
                         \"MIT\",   # \"GPL-2.0-only\"\n    \"ISC\",\n]\n[bans]\ndeny = [\"openssl\"]\n";

    fn check(name: &str, licence: Option<&str>, source: Option<&str>) -> Vec<String> {
        let dependency = Dependency {
            name,
            version: "1.0.0",
            licence,
            source,
        };
        Rules::parse(RULES).unwrap().violations(&[dependency])
    }

    #[test]
    fn who_complies_is_not_mentioned() {
        assert_eq!(
            check("a", Some("MIT"), Some("registry+somewhere")),
            Vec::<String>::new()
        );
        assert_eq!(
            check("a", Some("GPL-3.0-only OR ISC"), None),
            Vec::<String>::new()
        );
    }

    #[test]
    fn who_does_not_comply_is_named() {
        for (name, licence, source) in [
            ("a", None, None),
            ("a", Some("GPL-3.0-only"), None),
            ("a", Some("GPL-2.0-only"), None),
            ("a", Some("MIT AND X"), None),
            ("a", Some("MIT ("), None),
            ("openssl", Some("MIT"), None),
            ("a", Some("MIT"), Some("git+https://example.org/a")),
        ] {
            assert_eq!(
                check(name, licence, source).len(),
                1,
                "{name} {licence:?} {source:?}"
            );
        }
    }

    #[test]
    fn a_file_without_rules_is_an_error() {
        Rules::parse("[licenses]\n[bans]\n").unwrap_err();
    }

    #[test]
    fn our_own_file_has_rules() {
        let rules = Rules::parse(include_str!("../../../deny.toml")).unwrap();
        assert!(
            rules
                .allowed_licences
                .iter()
                .any(|licence| licence == "MIT")
        );
        assert!(rules.banned_crates.iter().any(|name| name == "openssl"));
    }
}
