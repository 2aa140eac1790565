//! In which order the table shows people: by which column, and which way.

use std::cmp::Reverse;

use super::table::Column;
use crate::server::ClientInfo;

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

    /// Puts them into this order. Those who are equal stay in the order of joining, whichever way.
    pub(super) fn sort(self, people: &mut [ClientInfo]) {
        people.sort_unstable_by_key(|person| person.id);
        match self.by {
            // As a person looks for somebody: Ann beside ann.
            Column::Name => self.sort_by(people, |person| person.name.as_str().to_lowercase()),
            Column::Tls => self.sort_by(people, |person| person.encrypted),
            Column::Address => self.sort_by(people, |person| (person.addr.ip().to_canonical(), person.addr.port())),
            Column::Since => self.sort_by(people, |person| person.id),
            Column::Messages => self.sort_by(people, |person| person.messages),
            Column::In => self.sort_by(people, |person| person.bytes_in),
            Column::Out => self.sort_by(people, |person| person.bytes_out),
            // Whose socket has been taking nothing for the longest is furthest behind.
            Column::Waiting => self.sort_by(people, |person| (person.stalled, person.backlog)),
        }
    }

    /// By a key that is made once for each, and not for each comparison: there may be ten thousand, four times a second.
    fn sort_by<K: Ord>(self, people: &mut [ClientInfo], key: impl Fn(&ClientInfo) -> K) {
        if self.descending {
            people.sort_by_cached_key(|person| Reverse(key(person)));
        } else {
            people.sort_by_cached_key(key);
        }
    }
}
