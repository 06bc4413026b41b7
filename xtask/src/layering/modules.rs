//! Edges between the modules of `converse-core`.

use std::collections::{BTreeMap, BTreeSet};

use crate::sources::Source;
use crate::tokens::{Token, after_group, tokens, without_tests};

/// From the bottom to the top. A module imports from the levels below its own and, in one direction,
/// from its own.
const LEVELS: &[&[&str]] = &[
    &["error", "ns", "env"],
    &["xml"],
    &["stanza"],
    &["promise"],
    &["bus"],
    &["contract", "forms", "view"],
    &["settings", "store"],
    &["sasl"],
    &["transport"],
    &["router"],
    &["registration"],
    &["session"],
    &["disco"],
    &["api"],
    &["pubsub"],
    &["plugin"],
    &["discovery"],
    &["converse"],
    &["prelude"],
];

const SRC: &str = "converse-core/src/";

/// One module naming another, and where.
type Edges = BTreeMap<(String, String), String>;

/// The imports that must not be, as sentences.
pub(super) fn violations(sources: &[Source]) -> Vec<String> {
    let files: Vec<(Vec<&str>, &Source)> = sources.iter().filter_map(module_path).collect();
    let reexports = reexports(sources);
    let mut violations = unknown_modules(&files);
    let mut edges = Edges::new();
    for (path, source) in &files {
        let code = without_tests(&tokens(&source.text));
        for (target, line) in imports(&code, path) {
            let target = reexports.get(&target).unwrap_or(&target).clone();
            let place = format!("{}:{line}", source.path);
            edges.entry((path[0].to_owned(), target)).or_insert(place);
        }
    }
    for ((from, to), place) in &edges {
        let (Some(low), Some(high)) = (level(from), level(to)) else {
            continue;
        };
        let both_ways = low == high && edges.contains_key(&(to.clone(), from.clone()));
        if from != to && (high > low || both_ways) {
            let why = if both_ways {
                "and is imported by it"
            } else {
                "which stands above it"
            };
            violations.push(format!("{place}: module `{from}` imports `{to}`, {why}"));
        }
    }
    violations
}

fn level(module: &str) -> Option<usize> {
    LEVELS.iter().position(|level| level.contains(&module))
}

/// The module path of a source file of core: `xml/framer.rs` is `[xml, framer]`. Nothing for the
/// crate's root and for files of tests.
fn module_path(source: &Source) -> Option<(Vec<&str>, &Source)> {
    let path = source.path.strip_prefix(SRC)?.strip_suffix(".rs")?;
    let path: Vec<&str> = path.split('/').collect();
    let root = path == ["lib"] || path[0] == "bin" || path == ["main"];
    (!root && !path.contains(&"tests")).then_some((path, source))
}

fn unknown_modules(files: &[(Vec<&str>, &Source)]) -> Vec<String> {
    let names: BTreeSet<&str> = files.iter().map(|(path, _)| path[0]).collect();
    let unknown = names.into_iter().filter(|name| level(name).is_none());
    unknown
        .map(|name| format!("{SRC}: module `{name}` has no place in the layering yet"))
        .collect()
}

/// What the crate's root re-exports, and from which module: `crate::Error` is `error`'s.
fn reexports(sources: &[Source]) -> BTreeMap<String, String> {
    let mut map = BTreeMap::new();
    let Some(root) = sources
        .iter()
        .find(|source| source.path == format!("{SRC}lib.rs"))
    else {
        return map;
    };
    let code = tokens(&root.text);
    for (at, token) in code.iter().enumerate() {
        let from = code.get(at + 1).and_then(Token::word);
        let Some(module) = from.filter(|name| token.is_word("use") && level(name).is_some()) else {
            continue;
        };
        let names = code[at + 2..]
            .iter()
            .take_while(|token| !token.is_mark(';'));
        for name in names.filter_map(Token::word) {
            map.insert(name.to_owned(), module.to_owned());
        }
    }
    map
}

/// The names right below the crate's root that `code` in module `path` speaks of, by `crate::` or
/// by `super::`.
fn imports(code: &[Token], path: &[&str]) -> Vec<(String, usize)> {
    let mut found = Vec::new();
    // How deep we are in inline modules: the brace depth at which each one began.
    let (mut inline, mut depth): (Vec<usize>, usize) = (Vec::new(), 0);
    let mut at = 0;
    while let Some(token) = code.get(at) {
        if token.is_mark('{') {
            if at >= 2 && code[at - 2].is_word("mod") {
                inline.push(depth);
            }
            depth += 1;
        } else if token.is_mark('}') {
            depth = depth.saturating_sub(1);
            inline.pop_if(|began| *began == depth);
        } else if token.is_word("crate") {
            found.extend(names_after(code, at + 1));
        } else if token.is_word("super") && !follows_path(code, at) {
            let mut ups = 1;
            while code.get(at + 3).is_some_and(|next| next.is_word("super")) {
                ups += 1;
                at += 3;
            }
            if ups == path.len() + inline.len() {
                found.extend(names_after(code, at + 1));
            }
        }
        at += 1;
    }
    found
}

/// Whether the token at `at` comes after `::`.
fn follows_path(code: &[Token], at: usize) -> bool {
    at >= 2 && code[at - 1].is_mark(':') && code[at - 2].is_mark(':')
}

/// The first names after `::` at `at`: one, or those of a `{group}`.
fn names_after(code: &[Token], at: usize) -> Vec<(String, usize)> {
    let is_path = code.get(at).is_some_and(|token| token.is_mark(':'))
        && code.get(at + 1).is_some_and(|token| token.is_mark(':'));
    let Some(first) = code.get(at + 2).filter(|_| is_path) else {
        return Vec::new();
    };
    if let Some(name) = first.word() {
        return vec![(name.to_owned(), first.line)];
    }
    if !first.is_mark('{') {
        return Vec::new();
    }
    let end = after_group(code, at + 2);
    let mut names = Vec::new();
    let mut expected = true;
    let mut position = at + 3;
    while position < end {
        let token = &code[position];
        if let (true, Some(name)) = (expected, token.word()) {
            names.push((name.to_owned(), token.line));
        }
        expected = token.is_mark(',');
        position = if token.is_mark('{') {
            after_group(code, position)
        } else {
            position + 1
        };
    }
    names
}

#[cfg(test)]
mod tests {
    use super::violations;
    use crate::sources::Source;

    fn check(files: &[(&str, &str)]) -> Vec<String> {
        let source =
            |(path, text): &(&str, &str)| Source::new(&format!("converse-core/src/{path}"), text);
        violations(&files.iter().map(source).collect::<Vec<_>>())
    }

    #[test]
    fn downwards_is_fine() {
        let files = [
            (
                "lib.rs",
                "pub mod api; pub mod xml; pub mod error; pub use error::{Error, Kind};",
            ),
            ("error.rs", "use std::fmt;"),
            ("xml.rs", "use crate::Error; mod framer;"),
            (
                "xml/framer.rs",
                "use super::Limits; use super::super::error::Kind;",
            ),
            (
                "api.rs",
                "use crate::{Error, bus::{Bus, session}, xml}; fn f(x: crate::store::S) {}",
            ),
        ];
        assert_eq!(check(&files), Vec::<String>::new());
    }

    #[test]
    fn upwards_is_a_violation_however_it_is_written() {
        for text in [
            "use crate::session::Session;",
            "use crate::{error::Error, session};",
            "fn f() { crate::session::g(); }",
            "use super::super::session::Session;",
            "mod inner { use super::super::super::session; }",
            "use crate::Session;",
        ] {
            let root = "pub use session::Session;";
            let found = check(&[("lib.rs", root), ("bus/inbox.rs", text)]);
            assert_eq!(found.len(), 1, "{text}: {found:?}");
            assert!(found[0].contains("`bus` imports `session`"), "{found:?}");
        }
    }

    #[test]
    fn what_is_not_code_or_a_test_is_not_looked_at() {
        for text in [
            "// use crate::session;",
            "const A: &str = \"crate::session\";",
            "#[cfg(test)] mod tests { use crate::session; }",
            "pub(crate) fn session() {} pub(super) fn x() {}",
            "use super::session;", // a sibling inside `bus`
        ] {
            assert_eq!(
                check(&[("bus/inbox.rs", text)]),
                Vec::<String>::new(),
                "{text}"
            );
        }
        assert_eq!(
            check(&[("bus/tests.rs", "use crate::session;")]),
            Vec::<String>::new()
        );
    }

    #[test]
    fn two_on_one_level_must_not_import_each_other() {
        let store = ("store.rs", "use crate::settings::Settings;");
        assert_eq!(check(&[store]), Vec::<String>::new());
        assert_eq!(
            check(&[store, ("settings.rs", "use crate::store::Store;")]).len(),
            2
        );
    }

    #[test]
    fn a_module_without_a_place_is_named() {
        assert_eq!(check(&[("gadgets.rs", "")]).len(), 1);
    }
}
