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
