//! What is on a node.

use crate::xml::Element;

/// How many items of one answer or event are read.
pub const MAX_ITEMS: usize = 10_000;

/// An item (XEP-0060 §1.2).
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Item {
    /// Its id, unique on its node.
    pub id: String,
    /// What was published; an event about a node that carries no payloads has none.
    pub payload: Option<Element>,
}

/// Which items of a node.
///
/// ```
/// use converse_core::pubsub::Items;
///
/// assert_ne!(Items::all(), Items::newest(1));
/// assert_eq!(Items::ids(["current"]), Items::ids(vec!["current".to_owned()]));
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Items(pub(super) Which);

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Which {
    All,
    Newest(u32),
    Ids(Vec<String>),
}

impl Items {
    /// All that the service gives; it may give fewer than there are.
    #[must_use]
    pub fn all() -> Self {
        Self(Which::All)
    }

    /// The newest ones, at most `count`.
    #[must_use]
    pub fn newest(count: u32) -> Self {
        Self(Which::Newest(count))
    }

    /// Those of these ids.
    pub fn ids<S: Into<String>>(ids: impl IntoIterator<Item = S>) -> Self {
        Self(Which::Ids(ids.into_iter().map(Into::into).collect()))
    }
}
