//! Places in a text, in Unicode code points as on the wire (XEP-0426).

use std::ops::Range;

/// The part of a text; `None` if it does not reach that far.
pub(crate) fn slice(text: &str, range: Range<usize>) -> Option<&str> {
    if range.start > range.end {
        return None;
    }
    let start = offset(text, range.start)?;
    let rest = text.get(start..)?;
    let length = offset(rest, range.end - range.start)?;
    rest.get(..length)
}

/// Whether a text has a word as one of its own and in the same case.
pub(crate) fn has_word(text: &str, word: &str) -> bool {
    words(text, word).next().is_some()
}

/// Where a text has a word, in code points: as one of its own, and if it nowhere is, then as a part of others.
pub(crate) fn places<'a>(text: &'a str, word: &'a str) -> impl Iterator<Item = usize> + 'a {
    let whole = has_word(text, word);
    let parts = text.match_indices(word).map(|(start, _)| start);
    let parts = parts.filter(move |_| !whole && !word.is_empty());
    let places = words(text, word).chain(parts);
    places.map(|at| text.get(..at).map_or(0, |before| before.chars().count()))
}

/// Where a word stands in a text as one of its own, in bytes.
fn words<'a>(text: &'a str, word: &'a str) -> impl Iterator<Item = usize> + 'a {
    let is_word = |letter: Option<char>| letter.is_some_and(char::is_alphanumeric);
    let places = text.match_indices(word).map(|(start, _)| start);
    places.filter(move |start| {
        let (before, rest) = (text.get(..*start), text.get(start + word.len()..));
        let before = before.and_then(|before| before.chars().next_back());
        let after = rest.and_then(|rest| rest.chars().next());
        !word.is_empty() && !is_word(before) && !is_word(after)
    })
}

/// Where the code point of that number begins, in bytes; the end of the text counts.
fn offset(text: &str, code_points: usize) -> Option<usize> {
    let ends = text.char_indices().map(|(at, _)| at);
    ends.chain([text.len()]).nth(code_points)
}

/// The text without some parts of it. Parts that it does not have are left out of account; they may overlap and be in any
/// order. Gives also how a place in the old text is found in the new one.
pub(crate) fn without(text: &str, parts: &[Range<usize>]) -> (String, Cuts) {
    let length = text.chars().count();
    let mut cuts: Vec<Range<usize>> = parts
        .iter()
        .filter(|part| part.start < part.end && part.end <= length)
        .cloned()
        .collect();
    cuts.sort_unstable_by_key(|cut| (cut.start, cut.end));
    cuts.dedup_by(|next, before| {
        let joined = next.start <= before.end;
        if joined {
            before.end = before.end.max(next.end);
        }
        joined
    });
    let mut rest = cuts.iter().peekable();
    let kept = text.chars().enumerate().filter(|(at, _)| {
        while rest.next_if(|cut| cut.end <= *at).is_some() {}
        rest.peek().is_none_or(|cut| *at < cut.start)
    });
    let kept = kept.map(|(_, letter)| letter).collect();
    (kept, Cuts { cuts, length })
}

/// What was cut out of a text.
#[derive(Debug)]
pub(crate) struct Cuts {
    cuts: Vec<Range<usize>>,
    length: usize,
}

impl Cuts {
    /// Where a part of the text is now; `None` if it is not all there, or was never.
    pub(crate) fn moved(&self, part: Range<usize>) -> Option<Range<usize>> {
        if part.start > part.end || part.end > self.length {
            return None;
        }
        let mut before = 0;
        for cut in &self.cuts {
            if cut.start >= part.end {
                break;
            }
            if cut.end > part.start {
                return None;
            }
            before += cut.end - cut.start;
        }
        Some(part.start - before..part.end - before)
    }
}

#[cfg(test)]
mod tests {
    #![allow(
        clippy::single_range_in_vec_init,
        clippy::reversed_empty_ranges,
        reason = "parts are ranges, also one of them and a wrong one"
    )]

    use super::*;

    #[test]
    fn places_are_counted_in_code_points() {
        assert_eq!(slice("añ👍b", 1..3), Some("ñ👍"));
        assert_eq!(slice("añ👍b", 4..4), Some(""));
        assert_eq!(slice("añ👍b", 0..4), Some("añ👍b"));
        assert_eq!(slice("añ👍b", 2..5), None);
        assert_eq!(slice("abc", 2..1), None);
        assert_eq!(slice("", 0..usize::MAX), None);
    }

    #[test]
    fn a_word_stands_on_its_own() {
        for text in ["mara: your turn", "tamara, (mara)", "mara", "é mara!"] {
            assert!(has_word(text, "mara"), "{text}");
        }
        for text in ["marathon", "Mara", "tamara", "émara", "mara1", "", "ma ra"] {
            assert!(!has_word(text, "mara"), "{text}");
        }
        assert!(has_word("é.+[x] a.c", "+[x]"));
        assert!(!has_word("mara", ""));
        let all = |text, word| places(text, word).collect::<Vec<_>>();
        assert_eq!(all("é tamara mara mara", "mara"), [9, 14]);
        assert_eq!(all("é tamara", "mara"), [4]);
        assert!(all("mara", "").is_empty());
    }

    #[test]
    fn parts_are_cut_out_and_places_follow() {
        let (text, cuts) = without("> 👍 ja\nNein", &[0..7]);
        assert_eq!(text, "Nein");
        assert_eq!(cuts.moved(7..11), Some(0..4));
        assert_eq!(cuts.moved(6..11), None);
        assert_eq!(cuts.moved(7..12), None);
        let (text, cuts) = without("abcdef", &[4..5, 1..2, 1..3]);
        assert_eq!(text, "adf");
        assert_eq!(cuts.moved(3..4), Some(1..2));
        assert_eq!(cuts.moved(5..6), Some(2..3));
    }

    #[test]
    fn parts_that_cannot_be_are_not_cut() {
        for part in [3..2, 0..99, 9..10, 4..usize::MAX] {
            assert_eq!(without("abc", &[part]).0, "abc");
        }
        assert_eq!(without("abc", &[0..3]).0, "");
    }

    proptest::proptest! {
        #[test]
        fn what_is_not_cut_out_is_found_again(
            text in "[a-cñ👍]{0,12}",
            parts in proptest::collection::vec((0..14_usize, 0..14_usize), 0..5),
            start in 0..14_usize,
            end in 0..14_usize,
        ) {
            let parts: Vec<Range<usize>> = parts.into_iter().map(|(from, to)| from..to).collect();
            let (kept, cuts) = without(&text, &parts);
            proptest::prop_assert!(kept.chars().count() <= text.chars().count());
            if let Some(moved) = cuts.moved(start..end) {
                proptest::prop_assert_eq!(slice(&kept, moved), slice(&text, start..end));
            }
        }
    }
}
