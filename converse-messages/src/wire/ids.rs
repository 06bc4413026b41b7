//! Ids that others chose.

use std::borrow::Cow;

/// The longest id that is kept, in bytes; nobody needs one that long.
const LONGEST: usize = 1024;

/// An id that says something and can be kept.
pub fn usable(id: Option<Cow<'_, str>>) -> Option<String> {
    let id = id.filter(|id| !id.is_empty() && id.len() <= LONGEST)?;
    Some(id.into_owned())
}
