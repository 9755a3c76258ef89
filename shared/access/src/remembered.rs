//! A bounded memory: what was used lately is in it, what was not is forgotten.

use std::collections::HashMap;
use std::hash::Hash;

/// Remembers at most a given number of values.
///
/// There are two generations. What is used moves into the young one. When that is full, the old one is
/// dropped and the young one becomes old. So each operation costs one or two look-ups, no matter how
/// many strangers pass by.
#[derive(Debug)]
pub(crate) struct Remembered<K, V> {
    young: HashMap<K, V>,
    old: HashMap<K, V>,
    generation_max: usize,
}

impl<K: Hash + Eq, V> Remembered<K, V> {
    /// Makes an empty memory of at most `max` values.
    pub(crate) fn new(max: usize) -> Self {
        Self { young: HashMap::new(), old: HashMap::new(), generation_max: (max / 2).max(1) }
    }

    /// Takes a value out, if it is remembered. Who goes on using it puts it back.
    pub(crate) fn take(&mut self, key: &K) -> Option<(K, V)> {
        self.young.remove_entry(key).or_else(|| self.old.remove_entry(key))
    }

    /// Returns a value, which counts as using it.
    pub(crate) fn get(&mut self, key: &K) -> Option<&V> {
        if !self.young.contains_key(key) {
            let (key, value) = self.old.remove_entry(key)?;
            self.put(key, value);
        }
        self.young.get(key)
    }

    /// Remembers a value.
    pub(crate) fn put(&mut self, key: K, value: V) {
        if self.young.len() >= self.generation_max && !self.young.contains_key(&key) {
            self.old = std::mem::take(&mut self.young);
        }
        self.young.insert(key, value);
    }

    #[cfg(test)]
    fn len(&self) -> usize {
        self.young.len() + self.old.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_memory_is_bounded_and_keeps_what_is_used() {
        let mut remembered = Remembered::new(10);
        remembered.put(u32::MAX, "kept");
        for stranger in 0..10_000 {
            remembered.put(stranger, "stranger");
            assert!(remembered.len() <= 10);
            assert_eq!(remembered.get(&u32::MAX), Some(&"kept"));
        }
        assert_eq!(remembered.get(&0), None);
        assert_eq!(remembered.get(&9_999), Some(&"stranger"));
        assert_eq!(remembered.take(&9_999), Some((9_999, "stranger")));
        assert_eq!(remembered.get(&9_999), None);
    }
}
