//! A map that forgets what was not used for longest.

use std::borrow::Borrow;
use std::collections::{BTreeMap, HashMap};
use std::hash::Hash;

#[derive(Debug)]
pub(super) struct Lru<K, V> {
    entries: HashMap<K, (V, u64)>,
    /// The keys by the time of their last use.
    used: BTreeMap<u64, K>,
    now: u64,
    limit: usize,
}

impl<K: Clone + Eq + Hash, V> Lru<K, V> {
    pub(super) fn new(limit: usize) -> Self {
        Self {
            entries: HashMap::new(),
            used: BTreeMap::new(),
            now: 0,
            limit,
        }
    }

    pub(super) fn get<Q>(&mut self, key: &Q) -> Option<&V>
    where
        K: Borrow<Q>,
        Q: Eq + Hash + ?Sized,
    {
        let (value, used) = self.entries.get_mut(key)?;
        self.now += 1;
        if let Some(key) = self.used.remove(used) {
            self.used.insert(self.now, key);
        }
        *used = self.now;
        Some(value)
    }

    pub(super) fn insert(&mut self, key: K, value: V) {
        self.remove(&key);
        while self.entries.len() >= self.limit {
            let Some((_, oldest)) = self.used.pop_first() else {
                return;
            };
            self.entries.remove(&oldest);
        }
        self.now += 1;
        self.used.insert(self.now, key.clone());
        self.entries.insert(key, (value, self.now));
    }

    pub(super) fn remove<Q>(&mut self, key: &Q)
    where
        K: Borrow<Q>,
        Q: Eq + Hash + ?Sized,
    {
        if let Some((_, used)) = self.entries.remove(key) {
            self.used.remove(&used);
        }
    }

    /// What is in it, in no order; this uses nothing.
    pub(super) fn iter(&self) -> impl Iterator<Item = (&K, &V)> {
        self.entries.iter().map(|(key, (value, _))| (key, value))
    }

    pub(super) fn clear(&mut self) {
        self.entries.clear();
        self.used.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::Lru;

    #[test]
    fn what_was_not_used_for_longest_makes_room() {
        let mut lru = Lru::new(2);
        lru.insert("a", 1);
        lru.insert("b", 2);
        assert_eq!(lru.get("a"), Some(&1));
        lru.insert("c", 3);
        assert_eq!(lru.get("b"), None);
        assert_eq!(
            (lru.get("a").copied(), lru.get("c").copied()),
            (Some(1), Some(3))
        );
        lru.insert("c", 4);
        lru.remove("a");
        lru.insert("d", 5);
        assert_eq!(
            (lru.get("c").copied(), lru.get("d").copied()),
            (Some(4), Some(5))
        );
        assert_eq!((lru.entries.len(), lru.used.len()), (2, 2));
        lru.clear();
        assert_eq!(lru.get("c"), None);
    }
}
