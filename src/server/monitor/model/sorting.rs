//! In which order the table shows people: by which column, and which way.

use std::cmp::Ordering;

use super::Column;
use crate::server::Person;

/// By which column, and which way. At first, in the order of joining.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sorting {
    /// By this column.
    pub by: Column,
    /// The largest first, or the last in the alphabet.
    pub descending: bool,
}

impl Default for Sorting {
    fn default() -> Sorting {
        Sorting { by: Column::Since, descending: false }
    }
}

impl Sorting {
    /// By this column; the other way round, if it was by this column already. Of numbers, one looks for the largest.
    #[must_use]
    pub fn or_turned(self, by: Column) -> Sorting {
        if self.by == by { self.turned() } else { Sorting { by, descending: by.is_numeric() } }
    }

    /// The other way round.
    #[must_use]
    pub fn turned(self) -> Sorting {
        Sorting { descending: !self.descending, ..self }
    }

    /// By the column that is so many further on, if there is one.
    #[must_use]
    pub fn moved(self, columns: isize) -> Sorting {
        let at = Column::ALL.iter().position(|column| *column == self.by);
        let to = at.and_then(|at| at.checked_add_signed(columns)).and_then(|to| Column::ALL.get(to));
        to.map_or(self, |by| self.or_turned(*by))
    }

    /// Who comes first. Those who are equal stay in the order of joining, whichever way.
    pub(super) fn compare(self, one: &Person, other: &Person) -> Ordering {
        let order = match self.by {
            Column::Name => compare_names(one.name.as_str(), other.name.as_str()),
            Column::Address => {
                let key = |person: &Person| (person.addr.ip().to_canonical(), person.addr.port());
                key(one).cmp(&key(other))
            }
            Column::Since => one.id.cmp(&other.id),
            Column::Messages => one.messages.cmp(&other.messages),
            Column::In => one.bytes_in.cmp(&other.bytes_in),
            Column::Out => one.bytes_out.cmp(&other.bytes_out),
            // Whose socket has been taking nothing for the longest is furthest behind.
            Column::Waiting => (one.stalled, one.backlog).cmp(&(other.stalled, other.backlog)),
        };
        let order = if self.descending { order.reverse() } else { order };
        order.then(one.id.cmp(&other.id))
    }
}

/// As a person looks for them: Ann beside ann. It takes no memory, since ten thousand are compared at a time.
fn compare_names(one: &str, other: &str) -> Ordering {
    one.chars().flat_map(char::to_lowercase).cmp(other.chars().flat_map(char::to_lowercase))
}
