//! The order of the client table: the column and the direction, and the steps by which mouse and keys change them.
//!
//! Plain data on the main thread. The order within a column is in [`client_columns`](super::client_columns).

use super::client_columns::Column;
use crate::server::ClientInfo;

/// A column and a direction. The default is the order of joining.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sorting {
    /// The column whose cells are compared.
    pub column: Column,
    /// If true, the largest comes first, or the last in the alphabet.
    pub descending: bool,
}

impl Default for Sorting {
    fn default() -> Sorting {
        Sorting { column: Column::Since, descending: false }
    }
}

impl Sorting {
    /// Returns the order by `column`, or the reverse order if this is by `column` already. Numbers begin with the largest,
    /// which is the one that a user looks for.
    #[must_use]
    pub fn by_column(self, column: Column) -> Sorting {
        if self.column == column { self.reversed() } else { Sorting { column, descending: column.is_numeric() } }
    }

    /// Returns the same column in the other direction.
    #[must_use]
    pub fn reversed(self) -> Sorting {
        Sorting { descending: !self.descending, ..self }
    }

    /// Returns the order by the column this many places to the right, or `self` if there is none.
    #[must_use]
    pub fn shifted(self, columns: isize) -> Sorting {
        let at = Column::ALL.iter().position(|column| *column == self.column);
        let to = at.and_then(|at| at.checked_add_signed(columns)).and_then(|to| Column::ALL.get(to));
        to.map_or(self, |column| self.by_column(*column))
    }

    /// Sorts clients into this order.
    pub(super) fn sort(self, clients: &mut [ClientInfo]) {
        self.column.sort(clients, self.descending);
    }
}
