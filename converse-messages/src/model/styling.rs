//! How a text is to look (XEP-0393).

use std::ops::Range;

use serde::{Deserialize, Serialize};

/// How deep quotations are told apart; what is deeper looks like the last of them.
const MAX_DEPTH: usize = 8;
/// How many styles of one text are found; the rest of it is plain.
const MAX_STYLES: usize = 10_000;
/// What begins and ends a preformatted block.
const FENCE: &str = "```";

/// How a part of a text is to look.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Style {
    /// How.
    #[serde(rename = "type")]
    pub kind: StyleKind,
    /// Which part, in bytes; the signs that make it so belong to it (XEP-0393 §7).
    pub range: Range<usize>,
}

/// How a part of a text is to look.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum StyleKind {
    /// `*bold*`.
    Strong,
    /// `_italic_`.
    Emphasis,
    /// `~struck through~`.
    Strike,
    /// `` `of equal width` ``.
    Preformatted,
    /// Lines of equal width, between lines of three grave accents.
    PreformattedBlock,
    /// Lines that begin with `>`; one in another is in its range.
    Quotation,
}

impl StyleKind {
    fn of(sign: u8) -> Option<Self> {
        match sign {
            b'*' => Some(Self::Strong),
            b'_' => Some(Self::Emphasis),
            b'~' => Some(Self::Strike),
            b'`' => Some(Self::Preformatted),
            _ => None,
        }
    }
}

/// How the parts of a text are to look, by where they begin; what is in another comes after it. It takes time in
/// proportion to the text.
pub(super) fn parse(text: &str) -> Vec<Style> {
    let mut start = 0;
    let lines = text.split('\n').map(|line| {
        let range = start..start + line.len();
        start = range.end + 1;
        range
    });
    let mut found = Found {
        text,
        styles: Vec::new(),
    };
    found.blocks(lines.collect(), 0);
    found.styles
}

struct Found<'a> {
    text: &'a str,
    styles: Vec<Style>,
}

impl Found<'_> {
    /// Blocks end with a line (§5.1).
    fn blocks(&mut self, lines: Vec<Range<usize>>, depth: usize) {
        let mut rest = lines.into_iter().peekable();
        while let Some(line) = rest.next() {
            let begin = line.start;
            let mut end = line.end;
            if self.str(&line).starts_with(FENCE) {
                for next in rest.by_ref() {
                    end = next.end;
                    if self.str(&next) == FENCE {
                        break;
                    }
                }
                self.add(StyleKind::PreformattedBlock, begin..end);
            } else if depth < MAX_DEPTH && self.str(&line).starts_with('>') {
                let mut quoted = vec![self.without_sign(line)];
                while let Some(next) = rest.next_if(|next| self.str(next).starts_with('>')) {
                    end = next.end;
                    quoted.push(self.without_sign(next));
                }
                self.add(StyleKind::Quotation, begin..end);
                self.blocks(quoted, depth + 1);
            } else {
                self.line(line);
            }
        }
    }

    /// A quoted line without its sign and one white space after it.
    fn without_sign(&self, line: Range<usize>) -> Range<usize> {
        let start = line.start + 1;
        let first = self.str(&(start..line.end)).chars().next();
        let space = first.filter(|letter| letter.is_whitespace());
        start + space.map_or(0, char::len_utf8)..line.end
    }

    fn line(&mut self, line: Range<usize>) {
        let mut ends = Ends::default();
        for at in line.clone() {
            let sign = self.text.as_bytes()[at];
            if StyleKind::of(sign).is_some() && !self.is_space_before(&line, at) {
                ends.of(sign).push(at);
            }
        }
        self.spans(line, &mut ends);
    }

    /// The spans within a line or a span (§5.2). None holds another of its own kind, so they are at most four deep.
    fn spans(&mut self, within: Range<usize>, ends: &mut Ends) {
        let bytes = self.text.as_bytes();
        let mut at = within.start;
        while at < within.end {
            let sign = bytes[at];
            let Some(kind) = StyleKind::of(sign) else {
                at += 1;
                continue;
            };
            if at + 1 < within.end && bytes[at + 1] == sign {
                // Nothing is between the two, so neither counts.
                at += 2;
                continue;
            }
            let end = ends.next(sign, at + 2).filter(|end| *end < within.end);
            let Some(end) = end.filter(|_| self.can_begin(&within, at)) else {
                at += 1;
                continue;
            };
            self.add(kind, at..end + 1);
            if kind != StyleKind::Preformatted {
                self.spans(at + 1..end, ends);
            }
            at = end + 1;
        }
    }

    /// A span begins where its block or the span around it does, or after white space, and not before white space.
    fn can_begin(&self, within: &Range<usize>, at: usize) -> bool {
        let after = self.str(&(at + 1..within.end)).chars().next();
        (at == within.start || self.is_space_before(within, at))
            && after.is_some_and(|letter| !letter.is_whitespace())
    }

    fn is_space_before(&self, within: &Range<usize>, at: usize) -> bool {
        let before = self.str(&(within.start..at)).chars().next_back();
        before.is_some_and(char::is_whitespace)
    }

    fn add(&mut self, kind: StyleKind, range: Range<usize>) {
        if self.styles.len() < MAX_STYLES {
            self.styles.push(Style { kind, range });
        }
    }

    /// A part of the text; all places that are asked for are beside signs or line ends, which are one byte each.
    fn str(&self, range: &Range<usize>) -> &str {
        self.text.get(range.clone()).unwrap_or_default()
    }
}

/// Where spans can end in a line, by their signs, in order.
#[derive(Default)]
struct Ends {
    places: [Vec<usize>; 4],
}

impl Ends {
    fn of(&mut self, sign: u8) -> &mut Vec<usize> {
        let [strong, emphasis, strike, preformatted] = &mut self.places;
        match sign {
            b'*' => strong,
            b'_' => emphasis,
            b'~' => strike,
            _ => preformatted,
        }
    }

    fn next(&mut self, sign: u8, from: usize) -> Option<usize> {
        let places = self.of(sign);
        let first = places.partition_point(|place| *place < from);
        places.get(first).copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn styled(text: &str) -> Vec<(StyleKind, &str)> {
        let styles = parse(text).into_iter();
        styles
            .map(|style| (style.kind, text.get(style.range).unwrap_or("?")))
            .collect()
    }

    use StyleKind::{Emphasis, Preformatted, PreformattedBlock, Quotation, Strike, Strong};

    #[test]
    fn the_examples_of_the_specification() {
        assert_eq!(styled("plain span"), []);
        assert_eq!(styled("*strong span*"), [(Strong, "*strong span*")]);
        assert_eq!(styled("plain _emphasis_ plain"), [(Emphasis, "_emphasis_")]);
        assert_eq!(
            styled("`pre` plain *strong*"),
            [(Preformatted, "`pre`"), (Strong, "*strong*")]
        );
        assert_eq!(styled("*strong*plain*"), [(Strong, "*strong*")]);
        assert_eq!(styled("* plain *strong*"), [(Strong, "*strong*")]);
        for text in [
            "not strong*",
            "*not strong",
            "*not \n strong*",
            "*not *strong",
            "**",
            "***",
            "****",
        ] {
            assert_eq!(styled(text), [], "{text:?}");
        }
        assert_eq!(styled("Everyone ~dis~likes cake."), [(Strike, "~dis~")]);
        assert_eq!(styled("`*monospace*`"), [(Preformatted, "`*monospace*`")]);
        assert_eq!(
            styled("*`monospace and bold`*"),
            [
                (Strong, "*`monospace and bold`*"),
                (Preformatted, "`monospace and bold`")
            ]
        );
    }

    #[test]
    fn blocks() {
        let text = "```ignored\n(println \"*Hello*\")\n```\nplain";
        assert_eq!(
            styled(text),
            [(PreformattedBlock, "```ignored\n(println \"*Hello*\")\n```")]
        );
        let text = "> ```\n> (println)\nplain *bold*";
        assert_eq!(
            styled(text),
            [
                (Quotation, "> ```\n> (println)"),
                (PreformattedBlock, "```\n> (println)"),
                (Strong, "*bold*"),
            ]
        );
        let text = ">> That that is, _is_.\n> Said the hermit.\nWho?";
        assert_eq!(
            styled(text),
            [
                (Quotation, ">> That that is, _is_.\n> Said the hermit."),
                (Quotation, "> That that is, _is_."),
                (Emphasis, "_is_"),
            ]
        );
        assert_eq!(styled("```\nopen"), [(PreformattedBlock, "```\nopen")]);
        assert_eq!(styled(""), []);
    }

    #[test]
    fn places_are_bytes_of_the_text() {
        assert_eq!(styled("ü *ñ👍* é"), [(Strong, "*ñ👍*")]);
        assert_eq!(
            styled(">\u{3000}*ä*"),
            [(Quotation, ">\u{3000}*ä*"), (Strong, "*ä*")]
        );
        assert_eq!(styled("\u{2003}*a*\u{2003}*"), [(Strong, "*a*")]);
    }

    #[test]
    fn spans_hold_other_spans() {
        assert_eq!(
            styled("*_~`x`~_*")
                .into_iter()
                .map(|(kind, _)| kind)
                .collect::<Vec<_>>(),
            [Strong, Emphasis, Strike, Preformatted]
        );
        assert_eq!(styled("*_a*_"), [(Strong, "*_a*")]);
        assert_eq!(styled("_*a_ b*"), [(Emphasis, "_*a_")]);
    }

    #[test]
    fn long_texts_take_no_longer_than_their_length() {
        for sign in [
            "*a ", "*", "_*~`", "> ", ">", "* _ ~ ", "```\n", "*_a ", "a* ",
        ] {
            let text = sign.repeat(200_000 / sign.len());
            assert!(parse(&text).len() <= MAX_STYLES);
        }
    }

    proptest::proptest! {
        #[test]
        fn styles_are_parts_of_the_text_one_in_another(text in "[*_~`> a\nñ\u{2003}]{0,40}") {
            let styles = parse(&text);
            for style in &styles {
                proptest::prop_assert!(text.get(style.range.clone()).is_some_and(|part| !part.is_empty()));
            }
            for (before, after) in styles.iter().zip(styles.iter().skip(1)) {
                let (before, after) = (&before.range, &after.range);
                let is_inside = after.end <= before.end;
                proptest::prop_assert!(before.start <= after.start);
                proptest::prop_assert!(is_inside || after.start >= before.end || text.contains('>'));
            }
        }
    }
}
