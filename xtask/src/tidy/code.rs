//! What must not be in the code.

use super::Finding;
use crate::sources::Source;
use crate::tokens::{Kind, Token, tokens};

/// Macros that mark unfinished or forgotten work.
const LEFTOVER_MACROS: [&str; 3] = ["todo", "unimplemented", "dbg"];

/// Where a cargo feature may be asked for: the facade, which is the package at the root.
const FACADE: [&str; 4] = ["src/", "tests/", "examples/", "benches/"];

/// A test that does not run protects nothing.
pub(super) fn ignored_tests(sources: &[Source]) -> Vec<Finding> {
    scan(sources, |window| match window {
        [hash, open, word, ..] if hash.is_mark('#') && open.is_mark('[') => word
            .is_word("ignore")
            .then(|| "an ignored test; fix it or delete it".to_owned()),
        _ => None,
    })
}

/// Nothing unfinished is committed.
pub(super) fn leftovers(sources: &[Source]) -> Vec<Finding> {
    let mut findings = scan(sources, |window| {
        let name = macro_name(window).filter(|name| LEFTOVER_MACROS.contains(name))?;
        Some(format!("`{name}!` is unfinished work"))
    });
    // In pieces, so that this file does not find itself.
    let note = concat!("FIX", "ME");
    for source in sources.iter().filter(|source| source.is_rust()) {
        for (number, line) in source.text.lines().enumerate() {
            if line.contains(note) {
                let place = format!("{}:{}", source.path, number + 1);
                findings.push(Finding::error(
                    place,
                    format!("a {note}: do it, or open an issue"),
                ));
            }
        }
    }
    findings
}

/// A library reports through results and `tracing`, not on somebody's terminal.
pub(super) fn prints(sources: &[Source]) -> Vec<Finding> {
    let libraries = sources.iter().filter(|source| {
        let tool = source.path.starts_with("xtask/") || source.path.starts_with("examples/");
        source.in_dir("src") && !source.in_dir("bin") && !tool
    });
    let libraries: Vec<Source> = libraries.cloned().collect();
    scan(&libraries, |window| {
        let name = macro_name(window)?;
        let prints = matches!(name, "print" | "println" | "eprint" | "eprintln");
        prints.then(|| format!("`{name}!` in a library"))
    })
}

/// Features choose crates; only the facade knows them.
pub(super) fn features(sources: &[Source]) -> Vec<Finding> {
    let elsewhere = sources
        .iter()
        .filter(|source| !FACADE.iter().any(|dir| source.path.starts_with(dir)));
    let elsewhere: Vec<Source> = elsewhere.cloned().collect();
    scan(&elsewhere, |window| match window {
        [word, equals, value, ..]
            if word.is_word("feature") && equals.is_mark('=') && value.kind == Kind::Literal =>
        {
            Some("`cfg(feature = ...)` outside the facade".to_owned())
        }
        _ => None,
    })
}

/// The name of the macro that is called where `window` starts.
fn macro_name(window: &[Token]) -> Option<&str> {
    match window {
        [name, bang, open, ..]
            if bang.is_mark('!')
                && (open.is_mark('(') || open.is_mark('[') || open.is_mark('{')) =>
        {
            name.word()
        }
        _ => None,
    }
}

/// Looks at the code of all Rust files, from every token on.
fn scan(sources: &[Source], look: impl Fn(&[Token]) -> Option<String>) -> Vec<Finding> {
    let mut findings = Vec::new();
    for source in sources.iter().filter(|source| source.is_rust()) {
        let code = tokens(&source.text);
        for (at, token) in code.iter().enumerate() {
            if let Some(what) = look(&code[at..]) {
                findings.push(Finding::error(
                    format!("{}:{}", source.path, token.line),
                    what,
                ));
            }
        }
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::{features, ignored_tests, leftovers, prints};
    use crate::tidy::errors;

    #[test]
    fn ignored_tests_are_found() {
        assert_eq!(
            errors(ignored_tests, "a/src/x.rs", "#[ignore] fn f() {}"),
            1
        );
        assert_eq!(
            errors(
                ignored_tests,
                "a/src/x.rs",
                "#[ignore = \"slow\"] fn f() {}"
            ),
            1
        );
        assert_eq!(
            errors(
                ignored_tests,
                "a/src/x.rs",
                "#[test] fn ignore() {} // #[ignore]"
            ),
            0
        );
    }

    #[test]
    fn leftovers_are_found() {
        let text = "fn f() { todo!() } fn g() { dbg!(1); unimplemented!(\"x\") }";
        assert_eq!(errors(leftovers, "a/src/x.rs", text), 3);
        assert_eq!(
            errors(leftovers, "a/src/x.rs", concat!("// FIX", "ME: x")),
            1
        );
        assert_eq!(
            errors(leftovers, "a/src/x.rs", "// todo!()\nlet todo = a != b;"),
            0
        );
    }

    #[test]
    fn prints_are_found_in_libraries() {
        let text = "fn f() { println!(\"x\"); }";
        assert_eq!(errors(prints, "converse-core/src/x.rs", text), 1);
        assert_eq!(errors(prints, "converse-testkit/src/bin/cases.rs", text), 0);
        assert_eq!(errors(prints, "examples/bot.rs", text), 0);
        assert_eq!(errors(prints, "xtask/src/x.rs", text), 0);
        assert_eq!(
            errors(prints, "converse-core/src/x.rs", "/// println!(\"x\")"),
            0
        );
    }

    #[test]
    fn features_are_found_outside_the_facade() {
        let text = "#[cfg(feature = \"muc\")] fn f() {}";
        assert_eq!(errors(features, "converse-core/src/x.rs", text), 1);
        assert_eq!(errors(features, "converse-core/tests/it/x.rs", text), 1);
        assert_eq!(errors(features, "src/lib.rs", text), 0);
        assert_eq!(errors(features, "tests/it/linking.rs", text), 0);
        assert_eq!(
            errors(features, "converse-core/src/x.rs", "let feature = node;"),
            0
        );
    }
}
