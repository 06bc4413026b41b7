//! Which part of a long list is wanted, and which part came (XEP-0059).

use serde::Serialize;

/// Which part of a list is wanted (XEP-0059 §2). A number, or `()` for whatever the other side gives, is enough.
///
/// ```
/// use converse_muc::Paging;
///
/// let first = Paging::new().max(20);
/// let second = Paging::new().max(20).after("henry-the-fifth@chat.shakespeare.example");
/// let last = Paging::new().max(20).before("");
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct Paging {
    /// How many at most.
    pub max: Option<u32>,
    /// Those that follow this one.
    pub after: Option<String>,
    /// Those that precede this one; the last ones if it is empty.
    pub before: Option<String>,
    /// Those from this place on, counted from 0, where the other side can.
    pub index: Option<u64>,
}

impl Paging {
    /// Whatever the other side gives.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// At most so many; 0 asks only how many there are.
    #[must_use]
    pub fn max(mut self, max: u32) -> Self {
        self.max = Some(max);
        self
    }

    /// Those that follow one, by the id that [`next`](super::RoomPage::next) takes from the page before.
    #[must_use]
    pub fn after(mut self, id: impl Into<String>) -> Self {
        self.after = Some(id.into());
        self.before = None;
        self
    }

    /// Those that precede one; the last ones if it is empty.
    #[must_use]
    pub fn before(mut self, id: impl Into<String>) -> Self {
        self.before = Some(id.into());
        self.after = None;
        self
    }

    /// Those from a place on, counted from 0, where the other side can (XEP-0059 §2.6).
    #[must_use]
    pub fn index(mut self, index: u64) -> Self {
        self.index = Some(index);
        self
    }

    /// Whether nothing is asked for.
    pub(super) fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

impl From<()> for Paging {
    fn from((): ()) -> Self {
        Self::new()
    }
}

impl From<u32> for Paging {
    fn from(max: u32) -> Self {
        Self::new().max(max)
    }
}

/// Which part of a list came, as the other side says.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub(super) struct Place {
    /// The id of the first entry of the page.
    pub(super) first: Option<String>,
    /// The id of the last.
    pub(super) last: Option<String>,
    /// The place of the first, counted from 0.
    pub(super) index: Option<u64>,
    /// How many there are in all.
    pub(super) count: Option<u64>,
    /// How many entries came, those that cannot be read too.
    pub(super) came: u64,
}

impl Place {
    /// What to ask for the entries after these; `None` if these are the last ones.
    pub(super) fn next(&self, max: Option<u32>) -> Option<Paging> {
        let last = self.last.as_ref().filter(|_| self.came > 0)?;
        if let (Some(index), Some(count)) = (self.index, self.count)
            && index.saturating_add(self.came) >= count
        {
            return None;
        }
        let next = Paging::new().after(last);
        Some(Paging { max, ..next })
    }

    /// What to ask for the entries before these; `None` if these are the first ones.
    pub(super) fn previous(&self, max: Option<u32>) -> Option<Paging> {
        let first = self.first.as_ref().filter(|_| self.index != Some(0))?;
        let previous = Paging::new().before(first);
        Some(Paging { max, ..previous })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(index: Option<u64>, count: Option<u64>, came: u64) -> Place {
        Place {
            first: Some("a".to_owned()),
            last: Some("c".to_owned()),
            index,
            count,
            came,
        }
    }

    #[test]
    fn the_pages_beside_a_page() {
        let middle = place(Some(3), Some(9), 3);
        assert_eq!(middle.next(Some(3)), Some(Paging::new().max(3).after("c")));
        assert_eq!(
            middle.previous(Some(2)),
            Some(Paging::new().max(2).before("a"))
        );
        let first = place(Some(0), Some(9), 3);
        assert_eq!(first.previous(None), None);
        assert_eq!(first.next(None), Some(Paging::new().after("c")));
        assert_eq!(place(Some(6), Some(9), 3).next(None), None);
        // Who does not count is asked until nothing comes.
        assert!(place(None, None, 3).next(None).is_some());
        assert_eq!(place(None, None, 0).next(None), None);
        assert_eq!(place(Some(u64::MAX), Some(1), 3).next(None), None);
    }

    #[test]
    fn a_list_that_is_not_paged_is_complete() {
        let whole = Place {
            came: 5,
            ..Place::default()
        };
        assert_eq!((whole.next(None), whole.previous(None)), (None, None));
    }
}
