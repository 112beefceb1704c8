//! The values used most recently, up to a total weight.

use std::{collections::HashMap, hash::Hash};

/// Keeps what was used most recently; what was used longest ago makes room. A value heavier than everything together
/// is handed back to nobody and kept by nobody.
pub(super) struct Recent<K, V> {
    entries: HashMap<K, Entry<V>>,
    limit: u64,
    weight: u64,
    uses: u64,
}

struct Entry<V> {
    value: V,
    weight: u64,
    used: u64,
}

impl<K: Eq + Hash + Clone, V: Clone> Recent<K, V> {
    pub(super) fn new(limit: u64) -> Self {
        Self {
            entries: HashMap::new(),
            limit,
            weight: 0,
            uses: 0,
        }
    }

    pub(super) fn get(&mut self, key: &K) -> Option<V> {
        self.uses += 1;
        let entry = self.entries.get_mut(key)?;
        entry.used = self.uses;
        Some(entry.value.clone())
    }

    pub(super) fn put(&mut self, key: K, value: V, weight: u64) {
        self.uses += 1;
        let entry = Entry {
            value,
            weight,
            used: self.uses,
        };
        self.weight += weight;
        if let Some(replaced) = self.entries.insert(key, entry) {
            self.weight -= replaced.weight;
        }
        while self.weight > self.limit && self.drop_oldest() {}
    }

    /// Looks at every entry: there are thousands at most, and making room follows on loading code from a disk.
    fn drop_oldest(&mut self) -> bool {
        let oldest = self
            .entries
            .iter()
            .min_by_key(|(_, entry)| entry.used)
            .map(|(key, _)| key.clone());
        let dropped = oldest.and_then(|key| self.entries.remove(&key));
        self.weight -= dropped.as_ref().map_or(0, |entry| entry.weight);
        dropped.is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_used_longest_ago_makes_room() {
        let mut recent = Recent::new(10);
        recent.put("a", 1, 4);
        recent.put("b", 2, 4);
        assert_eq!(recent.get(&"a"), Some(1));
        recent.put("c", 3, 4);
        assert_eq!(
            (recent.get(&"a"), recent.get(&"b"), recent.get(&"c")),
            (Some(1), None, Some(3))
        );
    }

    #[test]
    fn a_replaced_value_weighs_nothing_any_more() {
        let mut recent = Recent::new(10);
        for value in 0..9 {
            recent.put("a", value, 6);
        }
        recent.put("b", 0, 4);
        assert_eq!((recent.get(&"a"), recent.get(&"b")), (Some(8), Some(0)));
    }

    #[test]
    fn what_is_too_heavy_is_not_kept() {
        let mut recent = Recent::new(10);
        recent.put("a", 1, 11);
        assert_eq!(recent.get(&"a"), None);
        recent.put("b", 2, 10);
        assert_eq!(recent.get(&"b"), Some(2));
    }
}
