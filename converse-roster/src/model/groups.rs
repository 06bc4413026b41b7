//! The groups of a contact. Most contacts share theirs with many others, so equal lists are kept once.

use std::borrow::Borrow;
use std::collections::{BTreeSet, HashSet};
use std::fmt;
use std::hash::{Hash, Hasher};
use std::ops::Deref;
use std::sync::Arc;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// How many distinct lists are kept before the first look for those that nobody has any more.
const FIRST_LOOK: usize = 64;

/// The groups a contact is in, each once, in the order in which the server names them: a `&[String]`, cheap to clone.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Groups(Option<Arc<[String]>>);

impl Groups {
    pub(crate) fn new(groups: Vec<String>) -> Self {
        Self(
            Some(groups)
                .filter(|groups| !groups.is_empty())
                .map(Arc::from),
        )
    }

    fn is_unused(&self) -> bool {
        self.0
            .as_ref()
            .is_none_or(|groups| Arc::strong_count(groups) == 1)
    }
}

impl Deref for Groups {
    type Target = [String];

    fn deref(&self) -> &[String] {
        self.0.as_deref().unwrap_or_default()
    }
}

impl Borrow<[String]> for Groups {
    fn borrow(&self) -> &[String] {
        self
    }
}

impl Hash for Groups {
    fn hash<H: Hasher>(&self, state: &mut H) {
        (**self).hash(state);
    }
}

impl fmt::Debug for Groups {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(f)
    }
}

impl<T, const N: usize> PartialEq<[T; N]> for Groups
where
    String: PartialEq<T>,
{
    fn eq(&self, other: &[T; N]) -> bool {
        **self == other[..]
    }
}

impl<'a> IntoIterator for &'a Groups {
    type Item = &'a String;
    type IntoIter = std::slice::Iter<'a, String>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl From<Vec<String>> for Groups {
    fn from(groups: Vec<String>) -> Self {
        Self::new(groups)
    }
}

impl Serialize for Groups {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        (**self).serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Groups {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Vec::deserialize(deserializer).map(Self::new)
    }
}

/// Every list of groups that a contact has, once.
#[derive(Debug)]
pub(crate) struct GroupLists {
    known: HashSet<Groups>,
    next_look: usize,
}

impl Default for GroupLists {
    fn default() -> Self {
        Self {
            known: HashSet::new(),
            next_look: FIRST_LOOK,
        }
    }
}

impl GroupLists {
    /// The list that is equal to `groups` and shared by all who have it.
    pub(crate) fn share(&mut self, groups: Vec<String>) -> Groups {
        if groups.is_empty() {
            return Groups::default();
        }
        if let Some(known) = self.known.get(&groups[..]) {
            return known.clone();
        }
        if self.known.len() >= self.next_look {
            self.known.retain(|groups| !groups.is_unused());
            self.next_look = FIRST_LOOK.max(self.known.len() * 2);
        }
        let groups = Groups::new(groups);
        self.known.insert(groups.clone());
        groups
    }

    /// The names in these lists, sorted, each once.
    pub(crate) fn names<'a>(lists: impl Iterator<Item = &'a Groups>) -> Vec<String> {
        let mut seen = HashSet::new();
        let mut names = BTreeSet::new();
        for groups in lists {
            if seen.insert(groups.as_ptr()) {
                names.extend(groups.iter());
            }
        }
        names.into_iter().cloned().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(name: &str) -> Vec<String> {
        vec![name.to_owned(), "Kin".to_owned()]
    }

    #[test]
    fn equal_lists_are_kept_once_and_only_as_long_as_somebody_has_them() {
        let mut lists = GroupLists::default();
        let one = lists.share(list("a"));
        let other = lists.share(list("a"));
        assert_eq!(one.as_ptr(), other.as_ptr());
        assert_eq!(one, ["a", "Kin"]);
        for n in 0..10_000 {
            lists.share(list(&n.to_string()));
        }
        assert!(lists.known.len() <= 2 * FIRST_LOOK);
        assert_eq!(lists.share(list("a")).as_ptr(), one.as_ptr());
        let none = lists.share(Vec::new());
        assert!(none.is_empty());
        assert_eq!(
            GroupLists::names([&one, &none, &other].into_iter()),
            ["Kin", "a"]
        );
    }
}
