//! The order of a table: the column and the direction, and the steps by which mouse and keys change them. Plain data.

/// A column and a direction. The default is the order in which the rows came.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sorting {
    /// Index of the column whose cells are compared, if any.
    pub column: Option<usize>,
    /// If true, the largest comes first, or the last in the alphabet.
    pub descending: bool,
}

impl Sorting {
    /// Returns the order by `column`, or the reverse order if this is by `column` already. Numbers begin with the largest,
    /// which is the one that a user looks for.
    #[must_use]
    pub fn by_column(self, column: usize, is_numeric: bool) -> Sorting {
        if self.column == Some(column) {
            self.reversed()
        } else {
            Sorting { column: Some(column), descending: is_numeric }
        }
    }

    /// Returns the same column in the other direction.
    #[must_use]
    pub fn reversed(self) -> Sorting {
        Sorting { descending: !self.descending, ..self }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_column_that_is_asked_for_twice_is_turned_round_and_numbers_begin_with_the_largest() {
        let sorting = Sorting::default().by_column(4, true);
        assert_eq!(sorting, Sorting { column: Some(4), descending: true });
        assert_eq!(sorting.by_column(4, true), Sorting { column: Some(4), descending: false });
        assert_eq!(sorting.by_column(0, false), Sorting { column: Some(0), descending: false });
    }
}
