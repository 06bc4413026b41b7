//! One change of a list.

use serde::Serialize;

use super::ViewError;

/// What changed in a list that somebody follows.
///
/// As JSON: `{ "insert": { "index": 0, "item": … } }`, `{ "reset": [ … ] }` and so on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Diff<T> {
    /// An entry is new; what stood at `index`, and behind it, moves on by one.
    Insert {
        /// Where it stands, from 0 to the length of the list.
        index: usize,
        /// The new entry.
        item: T,
    },
    /// An entry has another content.
    Update {
        /// Where it stands.
        index: usize,
        /// What stands there now.
        item: T,
    },
    /// An entry is gone; what stood behind it moves up by one.
    Remove {
        /// Where it stood.
        index: usize,
    },
    /// The list is another one; nothing that was known of it holds any more.
    Reset(Vec<T>),
}

impl<T> Diff<T> {
    /// Makes the change in `list`.
    ///
    /// # Errors
    ///
    /// [`ViewError::OutOfBounds`], and `list` stays as it was, when it has no such position.
    ///
    /// ```
    /// use converse_core::view::Diff;
    ///
    /// let mut list = vec!["a", "c"];
    /// Diff::Insert { index: 1, item: "b" }.apply(&mut list)?;
    /// assert_eq!(list, ["a", "b", "c"]);
    /// assert!(Diff::Remove { index: 3 }.apply(&mut list).is_err());
    /// # Ok::<(), converse_core::view::ViewError>(())
    /// ```
    pub fn apply(self, list: &mut Vec<T>) -> Result<(), ViewError> {
        let len = list.len();
        match self {
            Self::Insert { index, item } if index <= len => list.insert(index, item),
            Self::Update { index, item } if index < len => list[index] = item,
            Self::Remove { index } if index < len => drop(list.remove(index)),
            Self::Reset(items) => *list = items,
            Self::Insert { index, .. } | Self::Update { index, .. } | Self::Remove { index } => {
                return Err(ViewError::OutOfBounds { index, len });
            }
        }
        Ok(())
    }

    /// The same change of a list of what `map` makes of the entries: rows of a user interface, for example.
    ///
    /// ```
    /// use converse_core::view::Diff;
    ///
    /// let diff = Diff::Update { index: 0, item: "Juliet" };
    /// assert_eq!(diff.map(str::len), Diff::Update { index: 0, item: 6 });
    /// ```
    pub fn map<U>(self, mut map: impl FnMut(T) -> U) -> Diff<U> {
        match self {
            Self::Insert { index, item } => {
                let item = map(item);
                Diff::Insert { index, item }
            }
            Self::Update { index, item } => {
                let item = map(item);
                Diff::Update { index, item }
            }
            Self::Remove { index } => Diff::Remove { index },
            Self::Reset(items) => Diff::Reset(items.into_iter().map(map).collect()),
        }
    }
}
