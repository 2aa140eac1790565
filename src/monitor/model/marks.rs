//! The marks of a list: keys and not row numbers, because rows move while the operator thinks. Plain data on the main thread.

use std::collections::HashSet;
use std::hash::Hash;

/// The marked rows, and the ends of the range that was marked last.
#[derive(Clone, Debug)]
pub(super) struct Marks<K> {
    marked: HashSet<K>,
    /// The row from which a range is extended, and the row with the keyboard.
    ends: Option<(K, K)>,
}

impl<K> Default for Marks<K> {
    fn default() -> Marks<K> {
        Marks { marked: HashSet::new(), ends: None }
    }
}

impl<K: Clone + Eq + Hash> Marks<K> {
    /// Creates the marks of these rows.
    pub(super) fn new(marked: impl IntoIterator<Item = K>, ends: Option<(K, K)>) -> Marks<K> {
        Marks { marked: marked.into_iter().collect(), ends }
    }

    /// Returns the marks of the rows with these keys.
    pub(super) fn among(&self, keys: impl Iterator<Item = K>) -> Marks<K> {
        Marks { marked: keys.filter(|key| self.contains(key)).collect(), ends: self.ends.clone() }
    }

    /// Returns true if nothing is marked.
    pub(super) fn is_empty(&self) -> bool {
        self.marked.is_empty()
    }

    /// Returns true if the row with this key is marked.
    pub(super) fn contains(&self, key: &K) -> bool {
        self.marked.contains(key)
    }

    /// Returns the ends of the range that was marked last.
    pub(super) fn ends(&self) -> Option<&(K, K)> {
        self.ends.as_ref()
    }
}
