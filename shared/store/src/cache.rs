//! A bounded memory of what was read.

use std::borrow::Borrow;
use std::collections::HashMap;
use std::hash::Hash;
use std::mem;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Keeps at least the `generation_max` entries used last, and at most twice as many.
///
/// Entries live in two generations. What is used moves to the young one; when that is full, the old
/// one is forgotten and the young one grows old. So nothing is searched for a victim.
#[derive(Debug)]
pub(crate) struct Cache<K, V> {
    generations: Mutex<Generations<K, V>>,
    generation_max: usize,
}

#[derive(Debug)]
struct Generations<K, V> {
    young: HashMap<K, V>,
    old: HashMap<K, V>,
}

impl<K: Hash + Eq + Clone, V: Clone> Cache<K, V> {
    /// Makes a cache that forgets what was not used for `generation_max` other entries.
    pub(crate) fn new(generation_max: usize) -> Self {
        let generations = Generations { young: HashMap::new(), old: HashMap::new() };
        Self { generations: Mutex::new(generations), generation_max }
    }

    /// Returns the entry of `key`, if it is remembered.
    pub(crate) fn get<Q: Hash + Eq + ?Sized>(&self, key: &Q) -> Option<V>
    where
        K: Borrow<Q>,
    {
        let mut generations = self.lock();
        if let Some(value) = generations.young.get(key) {
            return Some(value.clone());
        }
        let (key, value) = generations.old.remove_entry(key)?;
        self.remember(&mut generations, key, value.clone());
        Some(value)
    }

    /// Remembers `value`, unless what is remembered already is kept by `keep`.
    pub(crate) fn insert_unless(&self, key: K, value: V, keep: impl Fn(&V) -> bool) {
        let mut generations = self.lock();
        let known = generations.young.get(&key).or_else(|| generations.old.get(&key));
        if !known.is_some_and(keep) {
            generations.old.remove(&key);
            self.remember(&mut generations, key, value);
        }
    }

    /// Returns what is remembered, or else remembers `value` and returns it.
    pub(crate) fn get_or_insert(&self, key: &K, value: V) -> V {
        self.insert_unless(key.clone(), value.clone(), |_| true);
        // It is gone again only if as many others came in between as are ever remembered.
        self.get(key).unwrap_or(value)
    }

    /// Forgets the entry of `key`.
    pub(crate) fn remove(&self, key: &K) {
        let mut generations = self.lock();
        generations.young.remove(key);
        generations.old.remove(key);
    }

    /// Remembers `value`.
    pub(crate) fn insert(&self, key: K, value: V) {
        self.insert_unless(key, value, |_| false);
    }

    fn remember(&self, generations: &mut Generations<K, V>, key: K, value: V) {
        if generations.young.len() >= self.generation_max && !generations.young.contains_key(&key) {
            generations.old = mem::take(&mut generations.young);
        }
        generations.young.insert(key, value);
    }

    fn lock(&self) -> MutexGuard<'_, Generations<K, V>> {
        // Every change leaves the maps whole, so a panic elsewhere spoils nothing.
        self.generations.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_forgets_what_is_not_used_and_keeps_what_is() {
        let cache = Cache::new(10);
        cache.insert(0, "used");
        for key in 1..1000 {
            cache.insert(key, "once");
            assert_eq!(cache.get(&0), Some("used"), "after {key}");
        }
        assert_eq!(cache.get(&1), None);
        let generations = cache.lock();
        assert!(generations.young.len() + generations.old.len() <= 20);
    }

    #[test]
    fn what_is_removed_is_gone_and_what_is_there_stays() {
        let cache = Cache::new(1);
        cache.insert("old", 1);
        cache.insert("young", 2);
        cache.remove(&"old");
        cache.remove(&"young");
        assert_eq!((cache.get("old"), cache.get("young")), (None, None));
        assert_eq!(cache.get_or_insert(&"new", 3), 3);
        assert_eq!(cache.get_or_insert(&"new", 4), 3);
    }

    #[test]
    fn an_older_value_does_not_replace_a_newer_one() {
        let cache = Cache::new(10);
        cache.insert("web", 7);
        cache.insert_unless("web", 6, |known| *known > 6);
        assert_eq!(cache.get("web"), Some(7));
        cache.insert_unless("web", 8, |known| *known > 8);
        assert_eq!(cache.get("web"), Some(8));
    }
}
