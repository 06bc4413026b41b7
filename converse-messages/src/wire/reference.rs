//! References (XEP-0372).

use std::ops::Range;

use converse_core::xml::ElementRef;

use crate::model::text::Cuts;
use crate::model::{Reference, ReferenceKind};

/// The longest address of something that is referred to, in bytes.
const LONGEST_URI: usize = 4096;

/// A reference; one that stood in what was cut out of the text went with it.
pub(super) fn read(
    reference: ElementRef<'_>,
    length: usize,
    cuts: Option<&Cuts>,
) -> Option<Reference> {
    if reference.attr("anchor").is_some() {
        // It is about a place in another message.
        return None;
    }
    let kind = ReferenceKind::from_name(&reference.attr("type")?)?;
    let uri = reference.attr("uri")?;
    let uri = uri.trim();
    if uri.is_empty() || uri.len() > LONGEST_URI {
        return None;
    }
    let number = |name| -> Option<usize> { reference.attr(name)?.trim().parse().ok() };
    let range: Option<Range<usize>> = number("begin").zip(number("end")).map(|(b, e)| b..e);
    let range = match (range, cuts) {
        (Some(range), Some(cuts)) => Some(cuts.moved(range)?),
        (range, _) => range.filter(|range| range.start <= range.end && range.end <= length),
    };
    Some(Reference {
        kind,
        uri: uri.to_owned(),
        range,
    })
}
