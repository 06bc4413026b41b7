//! A contact's clients that are there.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::ser::SerializeMap as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::presence::Resource;

/// How many resources of a contact are kept; of more, the least important are forgotten.
const MAX_RESOURCES: usize = 64;

/// The clients of a contact that are there, by the name of their resource; at most 64. As JSON it is an object.
///
/// ```
/// use converse_roster::Resources;
///
/// let resources: Resources = serde_json::from_str(
///     r#"{ "oar": { "priority": 1, "chat_status": "away", "since": "2026-02-01T00:00:00Z" } }"#,
/// )?;
/// assert_eq!(resources.get("oar").map(|resource| resource.priority), Some(1));
/// assert_eq!(resources.names().collect::<Vec<_>>(), ["oar"]);
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Resources {
    /// Sorted by name. Most contacts have one or two, so there is no room to spare.
    known: Vec<(Arc<str>, Resource)>,
}

impl Resources {
    /// The resource of that name.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Resource> {
        let index = self.find(name).ok()?;
        self.known.get(index).map(|(_, resource)| resource)
    }

    /// The resource that speaks for the contact: the one of the highest priority, among equals the newest.
    #[must_use]
    pub fn best(&self) -> Option<(&str, &Resource)> {
        self.iter().max_by_key(|(_, resource)| resource.rank())
    }

    /// All of them, sorted by name.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Resource)> {
        self.known
            .iter()
            .map(|(name, resource)| (&**name, resource))
    }

    /// Their names, sorted.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.known.iter().map(|(name, _)| &**name)
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.known.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.known.is_empty()
    }

    /// Adds a resource or replaces what it said before.
    pub(crate) fn put(&mut self, name: &str, resource: Resource) {
        match self.find(name) {
            Ok(index) => self.known[index].1 = resource,
            Err(mut index) => {
                if self.known.len() >= MAX_RESOURCES {
                    let forgotten = self.forget_least();
                    index -= usize::from(forgotten < index);
                }
                self.known.reserve_exact(1);
                self.known.insert(index, (Arc::from(name), resource));
            }
        }
    }

    /// Takes a resource away; whether it was there.
    pub(crate) fn remove(&mut self, name: &str) -> bool {
        let found = self.find(name);
        if let Ok(index) = found {
            self.known.remove(index);
        }
        found.is_ok()
    }

    /// Takes all of them away.
    pub(crate) fn clear(&mut self) {
        self.known = Vec::new();
    }

    fn forget_least(&mut self) -> usize {
        let ranked = self.known.iter().enumerate();
        let least = ranked.min_by_key(|(_, (_, resource))| resource.rank());
        let index = least.map_or(0, |(index, _)| index);
        self.known.remove(index);
        index
    }

    fn find(&self, name: &str) -> Result<usize, usize> {
        self.known
            .binary_search_by(|(known, _)| (**known).cmp(name))
    }
}

impl Serialize for Resources {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.len()))?;
        for (name, resource) in self.iter() {
            map.serialize_entry(name, resource)?;
        }
        map.end()
    }
}

impl<'de> Deserialize<'de> for Resources {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let read = BTreeMap::<String, Resource>::deserialize(deserializer)?;
        let mut resources = Self::default();
        for (name, resource) in read {
            resources.put(&name, resource);
        }
        Ok(resources)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

    use super::*;
    use crate::model::ChatStatus;

    fn resource(priority: i8, order: u64) -> Resource {
        Resource {
            priority,
            chat_status: ChatStatus::Online,
            status: None,
            since: chrono::DateTime::from_timestamp(0, 0).unwrap(),
            order,
        }
    }

    #[test]
    fn they_stay_sorted_whatever_comes_and_goes() {
        let mut resources = Resources::default();
        for (order, name) in ["m", "z", "a", "m", "k"].into_iter().enumerate() {
            resources.put(name, resource(0, order as u64));
        }
        assert_eq!(resources.names().collect::<Vec<_>>(), ["a", "k", "m", "z"]);
        assert!(resources.remove("k") && !resources.remove("k"));
        assert_eq!(resources.best().unwrap().0, "m");
        let text = serde_json::to_string(&resources).unwrap();
        let read: Resources = serde_json::from_str(&text).unwrap();
        assert_eq!(read.len(), 3);
    }

    #[test]
    fn they_are_bounded_and_the_important_ones_stay() {
        let mut resources = Resources::default();
        resources.put("important", resource(5, 0));
        for n in 1..10_000_u64 {
            resources.put(&format!("r{}", n * 7919 % 10_000), resource(0, n));
        }
        assert_eq!(resources.len(), MAX_RESOURCES);
        assert!(resources.get("important").is_some());
        let newest = format!("r{}", 9_999_u64 * 7919 % 10_000);
        assert!(resources.get(&newest).is_some());
        assert!(resources.names().is_sorted());
    }
}
