//! The places of a list's rows while the rows change: what is read stays where it is, and nothing moves under the mouse.
//! Runs on the UI thread; knows no widget.

use std::collections::HashMap;
use std::hash::Hash;

/// A row: its key, and its height in pixels.
pub(super) type Extent<K> = (K, i32);

/// Returns each key with its distance from the top of the first row.
pub(super) fn tops<K>(rows: &[Extent<K>]) -> impl Iterator<Item = (&K, i32, i32)> {
    rows.iter().scan(0, |y, (key, height)| {
        let top = *y;
        *y += height;
        Some((key, top, *height))
    })
}

/// Returns the offset to which a list must be scrolled after its rows have changed, so that the row at the height `still`
/// in view stays there. If that row has gone, the next one that is still listed stays.
pub(super) fn kept_offset<K: Eq + Hash>(old: &[Extent<K>], new: &[Extent<K>], offset: i32, still: i32) -> i32 {
    let listed: HashMap<&K, i32> = tops(new).map(|(key, top, _)| (key, top)).collect();
    let mut below = tops(old).skip_while(|(_, top, height)| top + height <= offset + still);
    let kept = below.find_map(|(key, top, _)| Some((top, listed.get(key)?)));
    kept.map_or(offset, |(top, now)| offset + now - top)
}

/// Sorts rows into the order of `before`, in which they are shown; those that are new follow.
pub(super) fn keep_order<K: Eq + Hash, R>(before: &[K], rows: &mut [R], key: impl Fn(&R) -> &K) {
    let places: HashMap<&K, usize> = before.iter().zip(0..).collect();
    rows.sort_by_key(|row| places.get(key(row)).copied().unwrap_or(usize::MAX));
}

#[cfg(test)]
mod tests {
    use std::hash::Hasher;

    use super::*;

    fn rows(names: &[&'static str]) -> Vec<Extent<&'static str>> {
        names.iter().map(|name| (*name, if *name == "away" { 40 } else { 20 })).collect()
    }

    #[test]
    fn the_first_visible_row_stays_while_others_come_and_go_above_it() {
        let (old, offset) = (rows(&["ann", "bob", "carl", "dora"]), 45);
        let kept = |new: &[&'static str]| kept_offset(&old, &rows(new), offset, 0);
        assert_eq!(kept(&["ann", "anton", "bob", "carl", "dora"]), 65);
        assert_eq!(kept(&["bob", "carl", "dora"]), 25);
        assert_eq!(kept(&["away", "ann", "bob", "carl", "dora"]), 85, "a row that is higher");
        assert_eq!(kept(&["ann", "bob", "carl", "dora", "zoe"]), 45);
        assert_eq!(kept(&["ann", "bob", "dora"]), 25, "carl has gone, and dora stays where she was");
        assert_eq!(kept(&["ann"]), 45, "nothing is left to stay");
    }

    #[test]
    fn each_row_is_compared_a_few_times_however_many_there_are() {
        thread_local!(static COMPARED: std::cell::Cell<usize> = const { std::cell::Cell::new(0) });
        #[derive(Clone, Eq)]
        struct Name(u32);
        impl Hash for Name {
            fn hash<H: Hasher>(&self, state: &mut H) {
                self.0.hash(state);
            }
        }
        impl PartialEq for Name {
            fn eq(&self, other: &Self) -> bool {
                COMPARED.set(COMPARED.get() + 1);
                self.0 == other.0
            }
        }
        let rows = |from: u32| (from..from + 1000).map(|n| (Name(n), 20)).collect::<Vec<_>>();
        // None of the rows in sight is left.
        assert_eq!(kept_offset(&rows(0), &rows(1000), 500, 0), 500);
        let before: Vec<Name> = (0..1000).map(Name).collect();
        keep_order(&before, &mut rows(500), |(name, _)| name);
        assert!(COMPARED.get() < 10_000, "{} comparisons", COMPARED.get());
    }

    #[test]
    fn the_row_under_the_mouse_stays_when_one_comes_between() {
        let old = rows(&["ann", "bob", "dora"]);
        assert_eq!(kept_offset(&old, &rows(&["ann", "bob", "carl", "dora"]), 0, 45), 20, "dora is under the mouse");
        assert_eq!(kept_offset(&old, &rows(&["ann", "bob", "carl", "dora"]), 0, 25), 0, "bob is");
    }

    #[test]
    fn an_order_that_is_looked_at_stays_and_what_is_new_follows() {
        let mut rows = ["dora", "carl", "ann"];
        keep_order(&["ann", "bob", "carl"], &mut rows, |name| name);
        assert_eq!(rows, ["ann", "carl", "dora"]);
    }
}
