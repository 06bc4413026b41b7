//! Reading many entries, a page at a time.

use std::fmt;
use std::ops::Bound;

use super::MAX_PAGE_ENTRIES;

/// Which entries of a namespace to read, in the order of their keys' bytes.
///
/// ```
/// use converse_core::store::Scan;
///
/// // The last 50 messages of a chat, then the 50 before those:
/// let newest = Scan::prefix("juliet@capulet.example/").reversed().limit(50);
/// let older = newest.clone().after("juliet@capulet.example/1594-01-29T21:40:00Z");
/// assert_eq!(older.limit, 50);
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Scan {
    /// What the keys begin with.
    pub prefix: String,
    /// The key that was last on the page before.
    pub after: Option<String>,
    /// How many entries at most; more than [`MAX_PAGE_ENTRIES`] count as that many.
    pub limit: usize,
    /// Whether to go from the last key to the first.
    pub reverse: bool,
}

impl Scan {
    /// All entries.
    #[must_use]
    pub fn all() -> Self {
        Self::prefix("")
    }

    /// The entries whose keys begin with `prefix`.
    pub fn prefix(prefix: impl Into<String>) -> Self {
        Self {
            prefix: prefix.into(),
            after: None,
            limit: MAX_PAGE_ENTRIES,
            reverse: false,
        }
    }

    /// Those that come after `key` in the direction of the scan; `key` need not exist.
    #[must_use]
    pub fn after(mut self, key: impl Into<String>) -> Self {
        self.after = Some(key.into());
        self
    }

    /// At most `limit` of them.
    #[must_use]
    pub fn limit(mut self, limit: usize) -> Self {
        self.limit = limit;
        self
    }

    /// From the last key to the first.
    #[must_use]
    pub fn reversed(mut self) -> Self {
        self.reverse = true;
        self
    }

    /// For backends: between which keys to read; `None` if there can be none.
    ///
    /// ```
    /// use std::ops::Bound;
    /// use converse_core::store::Scan;
    ///
    /// let (from, to) = Scan::prefix("a").range().unwrap();
    /// assert_eq!((from, to), (Bound::Included("a".to_owned()), Bound::Excluded("b".to_owned())));
    /// ```
    #[must_use]
    pub fn range(&self) -> Option<(Bound<String>, Bound<String>)> {
        let prefix = self.prefix.as_str();
        let beyond = beyond(prefix);
        let is_beyond = |key: &str| beyond.as_deref().is_some_and(|beyond| key >= beyond);
        let mut range = (
            Bound::Included(prefix.to_owned()),
            beyond.clone().map_or(Bound::Unbounded, Bound::Excluded),
        );
        match &self.after {
            Some(after) if self.reverse => {
                if after.as_str() <= prefix {
                    return None;
                }
                if !is_beyond(after) {
                    range.1 = Bound::Excluded(after.clone());
                }
            }
            Some(after) if after.as_str() >= prefix => {
                if is_beyond(after) {
                    return None;
                }
                range.0 = Bound::Excluded(after.clone());
            }
            _ => {}
        }
        Some(range)
    }
}

/// The least text above everything that begins with `prefix`; none if there is no such text.
fn beyond(prefix: &str) -> Option<String> {
    let mut text = prefix.to_owned();
    while let Some(last) = text.pop() {
        // The order of UTF-8 is the order of code points; a range of characters steps over the surrogates.
        if let Some(next) = (last..=char::MAX).nth(1) {
            text.push(next);
            return Some(text);
        }
    }
    None
}

/// One entry; its `Debug` shows the size of the value only, which may be a private message.
#[derive(Clone, PartialEq, Eq)]
pub struct Entry {
    /// The key.
    pub key: String,
    /// The value.
    pub value: Vec<u8>,
}

impl fmt::Debug for Entry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}: {} bytes", self.key, self.value.len())
    }
}

/// What a scan found.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Page {
    /// The entries, in the direction of the scan.
    pub entries: Vec<Entry>,
    /// Whether there are more: go on with [`Scan::after`] the last one.
    pub more: bool,
}
