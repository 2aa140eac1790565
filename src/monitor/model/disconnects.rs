//! The reasons for which connections ended: the columns of their list. The words are the server's. Pure functions.

use super::list::{Column, Listed, Look};
use crate::monitor::units;
use crate::sorting::Sorting;

/// A reason in words, and the number of connections that ended for it.
impl Listed for (&'static str, u64) {
    type Key = &'static str;

    const COLUMNS: &'static [Column<(&'static str, u64)>] = &[
        Column::<Self>::number("Count", (90, 0), |(_, count), _| (units::count(*count), Look::Plain))
            .sorted(|(_, one), (_, other)| one.cmp(other)),
        Column::<Self>::text("Reason", (300, 1), |(why, _), _| ((*why).to_owned(), Look::Plain))
            .sorted(|(one, _), (other, _)| one.cmp(other)),
    ];

    const NAME: usize = 1;

    const SORTING: Sorting = Sorting { column: Some(0), descending: true };

    fn key(&self) -> &'static str {
        self.0
    }

    fn looks_like(&self, other: &(&'static str, u64)) -> bool {
        self == other
    }
}
