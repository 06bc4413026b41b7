//! Just enough of Rust's lexer to look at code without its comments, strings and tests.

/// A piece of code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Token {
    pub(crate) kind: Kind,
    /// Counted from 1.
    pub(crate) line: usize,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Kind {
    /// An identifier or keyword.
    Word(String),
    /// One character of punctuation.
    Mark(char),
    /// A string, character or number.
    Literal,
}

impl Token {
    pub(crate) fn is_word(&self, word: &str) -> bool {
        matches!(&self.kind, Kind::Word(text) if text == word)
    }

    pub(crate) fn is_mark(&self, mark: char) -> bool {
        self.kind == Kind::Mark(mark)
    }

    /// The identifier, if it is one.
    pub(crate) fn word(&self) -> Option<&str> {
        match &self.kind {
            Kind::Word(text) => Some(text),
            _ => None,
        }
    }
}

/// All tokens of `source`; comments leave no trace.
pub(crate) fn tokens(source: &str) -> Vec<Token> {
    let mut lexer = Lexer {
        rest: source,
        line: 1,
        tokens: Vec::new(),
    };
    while lexer.step() {}
    lexer.tokens
}

/// All tokens but those of items marked `#[test]` or with a `#[cfg(...)]` that names `test` or
/// `doctest`.
pub(crate) fn without_tests(tokens: &[Token]) -> Vec<Token> {
    let mut kept = Vec::new();
    let mut at = 0;
    while let Some(token) = tokens.get(at) {
        if token.is_mark('#') && tokens.get(at + 1).is_some_and(|next| next.is_mark('[')) {
            let end = after_group(tokens, at + 1);
            if marks_test(&tokens[at + 2..end - 1]) {
                at = after_item(tokens, end);
                continue;
            }
        }
        kept.push(token.clone());
        at += 1;
    }
    kept
}

/// Whether the inside of an attribute excludes the item from a normal build.
fn marks_test(attribute: &[Token]) -> bool {
    let words: Vec<&str> = attribute.iter().filter_map(Token::word).collect();
    match words.as_slice() {
        ["test"] => true,
        ["cfg", rest @ ..] => {
            rest.iter().any(|word| matches!(*word, "test" | "doctest")) && !rest.contains(&"not")
        }
        _ => false,
    }
}

/// The position after the group that opens at `open`.
pub(crate) fn after_group(tokens: &[Token], open: usize) -> usize {
    let mut depth = 0_usize;
    for (at, token) in tokens.iter().enumerate().skip(open) {
        match token.kind {
            Kind::Mark('(' | '[' | '{') => depth += 1,
            Kind::Mark(')' | ']' | '}') => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth == 0 {
            return at + 1;
        }
    }
    tokens.len()
}

/// The position after the item that begins at `start`: after its `;` or its `{...}`.
fn after_item(tokens: &[Token], start: usize) -> usize {
    let mut at = start;
    while let Some(token) = tokens.get(at) {
        match token.kind {
            Kind::Mark(';') => return at + 1,
            Kind::Mark('{') => return after_group(tokens, at),
            Kind::Mark('(' | '[') => at = after_group(tokens, at),
            _ => at += 1,
        }
    }
    at
}

struct Lexer<'a> {
    rest: &'a str,
    line: usize,
    tokens: Vec<Token>,
}

impl Lexer<'_> {
    /// Takes one token, comment or space; false at the end.
    fn step(&mut self) -> bool {
        let Some(first) = self.rest.chars().next() else {
            return false;
        };
        if self.rest.starts_with("//") {
            self.take(self.rest.find('\n').unwrap_or(self.rest.len()));
        } else if self.rest.starts_with("/*") {
            self.take(block_comment(self.rest));
        } else if let Some(length) = raw_string(self.rest) {
            self.push(Kind::Literal, length);
        } else if first == '"' {
            self.push(Kind::Literal, quoted(self.rest, '"'));
        } else if first == '\'' {
            self.quote();
        } else if first.is_alphabetic() || first == '_' {
            let text = self.rest;
            let end = text
                .find(|c: char| !c.is_alphanumeric() && c != '_')
                .unwrap_or(text.len());
            self.push(Kind::Word(text[..end].to_owned()), end);
        } else if first.is_ascii_digit() {
            let text = self.rest;
            let end = text
                .find(|c: char| !c.is_alphanumeric() && c != '_')
                .unwrap_or(text.len());
            self.push(Kind::Literal, end);
        } else if first.is_whitespace() {
            self.take(first.len_utf8());
        } else {
            self.push(Kind::Mark(first), first.len_utf8());
        }
        true
    }

    /// A character, or a lifetime (which is dropped).
    fn quote(&mut self) {
        let mut characters = self.rest.chars().skip(1);
        let (second, third) = (characters.next(), characters.next());
        if second == Some('\\') || third == Some('\'') {
            self.push(Kind::Literal, quoted(self.rest, '\''));
        } else {
            self.take(1);
            let text = self.rest;
            let end = text
                .find(|c: char| !c.is_alphanumeric() && c != '_')
                .unwrap_or(text.len());
            self.take(end);
        }
    }

    fn push(&mut self, kind: Kind, length: usize) {
        self.tokens.push(Token {
            kind,
            line: self.line,
        });
        self.take(length);
    }

    fn take(&mut self, length: usize) {
        let (taken, rest) = self.rest.split_at(length);
        self.line += taken.matches('\n').count();
        self.rest = rest;
    }
}

/// The length of a block comment, nested ones included.
fn block_comment(text: &str) -> usize {
    let mut depth = 0_usize;
    let mut at = 0;
    while at < text.len() {
        if text[at..].starts_with("/*") {
            depth += 1;
            at += 2;
        } else if text[at..].starts_with("*/") {
            depth -= 1;
            at += 2;
            if depth == 0 {
                return at;
            }
        } else {
            at += text[at..].chars().next().map_or(1, char::len_utf8);
        }
    }
    text.len()
}

/// The length of a raw string (`r"..."`, `br#"..."#`) or of a prefixed one (`b"..."`, `c"..."`) at the
/// start of `text`.
fn raw_string(text: &str) -> Option<usize> {
    let prefix = ["br", "cr", "r", "b", "c"].iter().find(|prefix| {
        let after = text
            .strip_prefix(**prefix)
            .map(|rest| rest.trim_start_matches('#'));
        after.is_some_and(|rest| rest.starts_with('"'))
    })?;
    let body = &text[prefix.len()..];
    let hashes = body.len() - body.trim_start_matches('#').len();
    if !prefix.ends_with('r') {
        return (hashes == 0).then(|| prefix.len() + quoted(body, '"'));
    }
    let end = format!("\"{}", "#".repeat(hashes));
    let start = hashes + 1;
    let length = body[start..]
        .find(&end)
        .map_or(body.len(), |at| start + at + end.len());
    Some(prefix.len() + length)
}

/// The length of a quoted text, quotes included.
fn quoted(text: &str, quote: char) -> usize {
    let mut escaped = false;
    for (at, character) in text.char_indices().skip(1) {
        if escaped {
            escaped = false;
        } else if character == '\\' {
            escaped = true;
        } else if character == quote {
            return at + 1;
        }
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use super::{Kind, Token, tokens, without_tests};

    fn words(tokens: &[Token]) -> Vec<&str> {
        tokens.iter().filter_map(Token::word).collect()
    }

    #[test]
    fn comments_and_strings_are_not_code() {
        let source = "a /* b /* c */ d */ \"e\\\"f\" // g\nr#\"h\"i\"# 'j' '\\'' b\"k\" l";
        assert_eq!(words(&tokens(source)), ["a", "l"]);
        assert_eq!(tokens(source).last().unwrap().line, 2);
    }

    #[test]
    fn lifetimes_are_not_characters() {
        assert_eq!(
            words(&tokens("fn f<'a>(x: &'a str) {}")),
            ["fn", "f", "x", "str"]
        );
    }

    #[test]
    fn marks_are_single_characters() {
        let marks = tokens("a::b");
        assert_eq!(marks[1].kind, Kind::Mark(':'));
        assert_eq!(marks.len(), 4);
    }

    #[test]
    fn tests_are_left_out() {
        let source = "use a; #[cfg(test)] mod tests { use b; } #[cfg(not(test))] fn c() {} \
                      #[test] fn d() { e(); } #[cfg(all(test, unix))] use f; fn g() {}";
        let kept = without_tests(&tokens(source));
        assert_eq!(
            words(&kept),
            ["use", "a", "cfg", "not", "test", "fn", "c", "fn", "g"]
        );
    }
}
