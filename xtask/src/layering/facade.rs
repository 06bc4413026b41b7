//! The facade has no logic: `src/lib.rs` re-exports, and that is all there is.

use crate::sources::Source;
use crate::tokens::{Token, after_group, tokens, without_tests};

/// What is in the facade besides re-exports, as sentences.
pub(super) fn violations(sources: &[Source]) -> Vec<String> {
    let ours = sources
        .iter()
        .filter(|source| source.path.starts_with("src/") && source.is_rust());
    let mut violations = Vec::new();
    for source in ours {
        if source.path == "src/lib.rs" {
            let code = without_tests(&tokens(&source.text));
            if let Some(line) = other_than_reexports(&code) {
                violations.push(format!(
                    "src/lib.rs:{line}: the facade holds `pub use` and documentation only"
                ));
            }
        } else {
            violations.push(format!(
                "{}: the facade is one file, src/lib.rs",
                source.path
            ));
        }
    }
    violations
}

/// The line of the first item that is no `use`, `extern crate` or module of such.
fn other_than_reexports(code: &[Token]) -> Option<usize> {
    let mut at = 0;
    while let Some(token) = code.get(at) {
        if token.is_mark('#') {
            let inner = code.get(at + 1).is_some_and(|next| next.is_mark('!'));
            at = after_group(code, at + 1 + usize::from(inner));
        } else if token.is_word("pub") {
            at += 1;
        } else if token.is_word("use") || token.is_word("extern") {
            at += code[at..].iter().position(|token| token.is_mark(';'))? + 1;
        } else if token.is_word("mod") && code.get(at + 2).is_some_and(|next| next.is_mark('{')) {
            let end = after_group(code, at + 2);
            let inside = other_than_reexports(&code[at + 3..end - 1]);
            if inside.is_some() {
                return inside;
            }
            at = end;
        } else {
            return Some(token.line);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::violations;
    use crate::sources::Source;

    #[test]
    fn reexports_are_all_a_facade_needs() {
        let text = "//! Docs.\n#![doc(html_root_url = \"x\")]\npub use a::{b, c as d};\n\
                    #[cfg(feature = \"muc\")]\npub use converse_muc as muc;\n\
                    /// Docs.\npub mod prelude { pub use a::b; }\n\
                    #[cfg(test)] mod tests { fn f() {} }";
        assert_eq!(
            violations(&[Source::new("src/lib.rs", text)]),
            Vec::<String>::new()
        );
    }

    #[test]
    fn logic_is_a_violation() {
        for text in ["pub fn f() {}", "pub mod x { const A: u8 = 1; }", "mod y;"] {
            assert_eq!(
                violations(&[Source::new("src/lib.rs", text)]).len(),
                1,
                "{text}"
            );
        }
        assert_eq!(violations(&[Source::new("src/other.rs", "")]).len(), 1);
    }
}
