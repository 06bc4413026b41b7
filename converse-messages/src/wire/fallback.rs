//! What stands in a text only for those who do not know better (XEP-0428).

use std::borrow::Cow;
use std::ops::Range;

use converse_core::ns;
use converse_core::xml::ElementRef;

use crate::model::text::{Cuts, without};

/// How many parts of one text are cut out.
const MAX_RANGES: usize = 64;

/// The text without what is in it for those who do not know `known` specifications. A part that the text does not have
/// is left out of account, so that nothing is hidden by mistake.
pub(super) fn strip(
    text: Cow<'_, str>,
    fallbacks: &[ElementRef<'_>],
    known: impl Fn(&str) -> bool,
) -> (String, Option<Cuts>) {
    let mut ranges = Vec::new();
    for fallback in fallbacks {
        if !fallback.attr("for").is_some_and(|spec| known(&spec)) {
            continue;
        }
        let mut parts = fallback
            .children()
            .filter(|part| part.ns() == ns::FALLBACK)
            .peekable();
        if parts.peek().is_none() {
            ranges.push(0..text.chars().count());
        }
        for part in parts.filter(|part| part.name() == "body") {
            if ranges.len() < MAX_RANGES {
                ranges.extend(range(part, &text));
            }
        }
    }
    if ranges.is_empty() {
        return (text.into_owned(), None);
    }
    let (text, cuts) = without(&text, &ranges);
    (text, Some(cuts))
}

/// The part of the text that is meant: all of it, if no part is given.
fn range(part: ElementRef<'_>, text: &str) -> Option<Range<usize>> {
    match (part.attr("start"), part.attr("end")) {
        (None, None) => Some(0..text.chars().count()),
        (start, end) => {
            let start = start?.trim().parse().ok()?;
            Some(start..end?.trim().parse().ok()?)
        }
    }
}
