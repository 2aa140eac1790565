//! The most recent items of a log, numbered and filtered: the store behind the monitor's log and behind the wire's lines.
//!
//! Pure; the owner decides what passes the filter. The UI thread owns it.

use std::collections::VecDeque;

/// The most recent items. Those that pass the filter are numbered from 0 in the order of arrival; the numbers stay the same
/// when the oldest items are dropped.
#[derive(Debug)]
pub struct RingLog<T> {
    items: VecDeque<T>,
    /// Number of items dropped: the position of `items[0]` among all items that ever arrived.
    dropped: u64,
    /// Positions of the items that pass the filter.
    shown: VecDeque<u64>,
    /// Number of items that passed the filter and were dropped.
    first: u64,
}

impl<T> Default for RingLog<T> {
    fn default() -> RingLog<T> {
        RingLog { items: VecDeque::new(), dropped: 0, shown: VecDeque::new(), first: 0 }
    }
}

impl<T> RingLog<T> {
    /// Maximum number of items kept.
    pub const MAX: usize = 10_000;

    /// Appends an item, and drops the oldest at [`MAX`](Self::MAX).
    pub fn push(&mut self, item: T, passes: bool) {
        if self.items.len() == Self::MAX {
            self.items.pop_front();
            self.dropped += 1;
            if self.shown.front().is_some_and(|position| *position < self.dropped) {
                self.shown.pop_front();
                self.first += 1;
            }
        }
        if passes {
            self.shown.push_back(self.dropped + self.items.len() as u64);
        }
        self.items.push_back(item);
    }

    /// Returns the newest item, whether it passes the filter or not.
    pub fn last_mut(&mut self) -> Option<&mut T> {
        self.items.back_mut()
    }

    /// Returns all items, oldest first.
    pub fn into_items(self) -> VecDeque<T> {
        self.items
    }

    /// Filters all items again. Those that pass are numbered from 0.
    pub fn filter(&mut self, passes: impl Fn(&T) -> bool) {
        let numbered = (self.dropped..).zip(&self.items);
        self.shown = numbered.filter(|(_, item)| passes(item)).map(|(position, _)| position).collect();
        self.first = 0;
    }

    /// Returns the number of the first item that passes the filter.
    pub fn first(&self) -> u64 {
        self.first
    }

    /// Returns how many items pass the filter.
    pub fn len(&self) -> usize {
        self.shown.len()
    }

    /// Returns whether no item passes the filter.
    pub fn is_empty(&self) -> bool {
        self.shown.is_empty()
    }

    /// Returns the item with this number.
    pub fn get(&self, number: u64) -> Option<&T> {
        let at = usize::try_from(number.checked_sub(self.first)?).ok()?;
        let at = usize::try_from(self.shown.get(at)?.checked_sub(self.dropped)?).ok()?;
        self.items.get(at)
    }

    /// Returns the items that pass the filter, oldest first.
    pub fn iter(&self) -> impl Iterator<Item = &T> {
        (self.first..).map_while(|number| self.get(number))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_bounded_and_numbers_stay() {
        let mut log = RingLog::default();
        let is_odd = |number: &usize| number % 2 == 1;
        for number in 0..RingLog::<usize>::MAX + 10 {
            log.push(number, is_odd(&number));
        }
        assert_eq!((log.items.len(), log.len(), log.first()), (RingLog::<usize>::MAX, RingLog::<usize>::MAX / 2, 5));
        assert_eq!((log.get(4), log.get(5), log.iter().next()), (None, Some(&11), Some(&11)));
        log.filter(|_| true);
        assert_eq!((log.len(), log.first(), log.get(0)), (RingLog::<usize>::MAX, 0, Some(&10)));
        log.filter(|_| false);
        assert!(log.is_empty() && log.get(0).is_none());
    }
}
