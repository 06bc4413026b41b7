//! SPDX licence expressions, <https://spdx.github.io/spdx-spec/v2.3/SPDX-license-expressions/>.
//!
//! `OR`, `AND`, `WITH`, parentheses, and the `/` that older crates write for `OR`.

/// Whether `expression` can be met with the `allowed` licences alone. A licence `WITH` an exception
/// counts as allowed if the pair is, or the licence itself: exceptions only add permissions.
pub(super) fn satisfied(expression: &str, allowed: &[String]) -> Result<bool, String> {
    let spaced = expression
        .replace('/', " OR ")
        .replace('(', " ( ")
        .replace(')', " ) ");
    let words: Vec<&str> = spaced.split_whitespace().collect();
    let mut parser = Parser {
        words: &words,
        allowed,
    };
    let value = parser.alternatives()?;
    match parser.words {
        [] => Ok(value),
        [word, ..] => Err(format!("unexpected `{word}`")),
    }
}

struct Parser<'a> {
    words: &'a [&'a str],
    allowed: &'a [String],
}

impl<'a> Parser<'a> {
    /// `a OR b`: binds weakest.
    fn alternatives(&mut self) -> Result<bool, String> {
        let mut value = self.conjunction()?;
        while self.take("OR") {
            value |= self.conjunction()?;
        }
        Ok(value)
    }

    /// `a AND b`.
    fn conjunction(&mut self) -> Result<bool, String> {
        let mut value = self.licence()?;
        while self.take("AND") {
            value &= self.licence()?;
        }
        Ok(value)
    }

    /// A licence, with an exception or without, or a group.
    fn licence(&mut self) -> Result<bool, String> {
        if self.take("(") {
            let value = self.alternatives()?;
            return if self.take(")") {
                Ok(value)
            } else {
                Err("`)` is missing".to_owned())
            };
        }
        let name = self.name()?;
        let mut value = self.allows(name);
        if self.take("WITH") {
            let exception = self.name()?;
            value |= self.allows(&format!("{name} WITH {exception}"));
        }
        Ok(value)
    }

    fn name(&mut self) -> Result<&'a str, String> {
        match self.words {
            [word, rest @ ..] if !matches!(*word, "OR" | "AND" | "WITH" | "(" | ")") => {
                self.words = rest;
                Ok(word)
            }
            _ => Err("the name of a licence is missing".to_owned()),
        }
    }

    fn allows(&self, name: &str) -> bool {
        self.allowed.iter().any(|allowed| allowed == name)
    }

    fn take(&mut self, word: &str) -> bool {
        match self.words {
            [first, rest @ ..] if *first == word => {
                self.words = rest;
                true
            }
            _ => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::satisfied;

    fn check(expression: &str) -> Result<bool, String> {
        let allowed = [
            "MIT",
            "Apache-2.0",
            "GPL-2.0-only WITH Classpath-exception-2.0",
        ];
        satisfied(expression, &allowed.map(str::to_owned))
    }

    #[test]
    fn expressions_that_can_be_met() {
        for expression in [
            "MIT",
            "MIT OR GPL-3.0-only",
            "GPL-3.0-only OR MIT",
            "GPL-3.0-only/MIT",
            "MIT AND Apache-2.0",
            "(GPL-3.0-only OR MIT) AND Apache-2.0",
            "GPL-3.0-only AND X OR MIT",
            "Apache-2.0 WITH LLVM-exception",
            "GPL-2.0-only WITH Classpath-exception-2.0",
            "((MIT))",
        ] {
            assert_eq!(check(expression), Ok(true), "{expression}");
        }
    }

    #[test]
    fn expressions_that_cannot_be_met() {
        for expression in [
            "GPL-3.0-only",
            "MIT AND GPL-3.0-only",
            "MIT AND (GPL-3.0-only OR X)",
            "GPL-2.0-only",
            "GPL-2.0-only WITH X",
            "mit",
        ] {
            assert_eq!(check(expression), Ok(false), "{expression}");
        }
    }

    #[test]
    fn nonsense_is_not_permission() {
        for expression in [
            "", "MIT OR", "OR MIT", "(MIT", "MIT)", "MIT MIT", "MIT WITH",
        ] {
            check(expression).unwrap_err();
        }
    }
}
