//! The thread list: the columns, and the threads that pass its filter. A column of this list begins here.
//!
//! Like the client table it keeps the threads of the last update and formats a cell only on request. Main thread; the
//! widget is in `window/thread_page.rs`.

use std::time::Duration;

use crate::monitor::units;
use crate::protocol::escape::escape;
use crate::server::ThreadInfo;

/// A column of the thread list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ThreadColumn {
    /// The thread's name, and its client's.
    Name,
    /// The current activity.
    Doing,
    /// Time since the activity began.
    Lasted,
    /// Bytes queued in the outbox of the thread's client.
    Outbox,
}

impl ThreadColumn {
    /// Every column, from left to right.
    pub const ALL: [ThreadColumn; 4] =
        [ThreadColumn::Name, ThreadColumn::Doing, ThreadColumn::Lasted, ThreadColumn::Outbox];
}

/// The threads of the last update, and the filter.
#[derive(Debug, Default)]
pub struct ThreadList {
    all: Vec<ThreadInfo>,
    /// Indices of the threads that pass the filter.
    shown: Vec<usize>,
    /// Text that a thread's name or activity must contain, in lower case.
    filter: String,
}

impl ThreadList {
    /// Returns the number of threads that pass the filter.
    pub fn rows(&self) -> usize {
        self.shown.len()
    }

    /// Returns the number of threads, filtered or not.
    pub fn total(&self) -> usize {
        self.all.len()
    }

    /// Returns the text of a cell, or `None` if there is no such row.
    pub fn cell(&self, row: usize, column: ThreadColumn) -> Option<String> {
        let thread = self.all.get(*self.shown.get(row)?)?;
        Some(match column {
            ThreadColumn::Name => name(thread),
            ThreadColumn::Doing => escape(&thread.doing).into_owned(),
            ThreadColumn::Lasted => thread.lasted.map(lasted).unwrap_or_default(),
            ThreadColumn::Outbox => thread.backlog.map(|bytes| units::bytes(bytes as u64)).unwrap_or_default(),
        })
    }

    /// Returns true if the thread in `row` writes to a client that does not read.
    pub fn is_draining(&self, row: usize) -> bool {
        self.shown.get(row).and_then(|at| self.all.get(*at)).is_some_and(|thread| thread.name.starts_with("drain "))
    }

    pub(super) fn set(&mut self, threads: Vec<ThreadInfo>) {
        self.all = threads;
        self.apply_filter();
    }

    /// Shows only threads that contain these words, in any case.
    pub(super) fn set_filter(&mut self, words: &str) {
        self.filter = words.trim().to_lowercase();
        self.apply_filter();
    }

    fn apply_filter(&mut self) {
        let passes = |thread: &ThreadInfo| {
            self.filter.is_empty()
                || name(thread).to_lowercase().contains(&self.filter)
                || thread.doing.to_lowercase().contains(&self.filter)
        };
        self.shown = (0..self.all.len()).filter(|at| passes(&self.all[*at])).collect();
    }
}

/// Returns the shown name: `client #7, ann`. A drain thread is named after its client already.
fn name(thread: &ThreadInfo) -> String {
    match &thread.serves {
        Some(client) if thread.name.starts_with("client ") => format!("{}, {}", thread.name, escape(client.as_str())),
        _ => escape(&thread.name).into_owned(),
    }
}

/// Formats a duration: with tenths of a second below a minute, as long as they can be followed.
fn lasted(lasted: Duration) -> String {
    if lasted < Duration::from_mins(1) { format!("{:.1} s", lasted.as_secs_f64()) } else { units::duration(lasted) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::Username;

    fn thread(name: &str, serves: Option<&str>, doing: &str) -> ThreadInfo {
        ThreadInfo {
            name: name.into(),
            serves: serves.map(|name| Username::parse(name).unwrap()),
            doing: doing.into(),
            lasted: Some(Duration::from_millis(1200)),
            backlog: serves.map(|_| 2048),
        }
    }

    fn rows(threads: &ThreadList) -> Vec<String> {
        let row = |row| ThreadColumn::ALL.map(|column| threads.cell(row, column).unwrap()).join(" | ");
        (0..threads.rows()).map(row).collect()
    }

    #[test]
    fn a_row_has_the_name_the_activity_its_duration_and_the_queue() {
        let mut threads = ThreadList::default();
        threads.set(vec![
            thread("accept", None, "accepting"),
            thread("drain carl", Some("carl"), "draining carl"),
            thread("client #1", Some("ann"), "reading from ann"),
        ]);
        let expected = [
            "accept | accepting | 1.2 s | ",
            "drain carl | draining carl | 1.2 s | 2.0 KiB",
            "client #1, ann | reading from ann | 1.2 s | 2.0 KiB",
        ];
        assert_eq!(rows(&threads), expected);
        assert_eq!((0..3).map(|row| threads.is_draining(row)).collect::<Vec<_>>(), [false, true, false]);
    }

    #[test]
    fn the_filter_covers_names_and_activities_and_stays_when_they_change() {
        let mut threads = ThreadList::default();
        threads.set_filter(" ANN ");
        threads.set(vec![
            thread("client #1", Some("ann"), "reading from ann"),
            thread("client #2", Some("ben"), "writing to ann"),
            thread("client #3", Some("carl"), "reading from carl"),
        ]);
        assert_eq!((threads.rows(), threads.total()), (2, 3));
        threads.set_filter("carl");
        assert_eq!(rows(&threads), ["client #3, carl | reading from carl | 1.2 s | 2.0 KiB"]);
        assert_eq!(threads.cell(1, ThreadColumn::Name), None);
    }

    #[test]
    fn ten_thousand_threads_are_listed_and_filtered() {
        let mut threads = ThreadList::default();
        let client =
            |n: u32| thread(&format!("client #{n}"), Some(&format!("user{n}")), &format!("reading from user{n}"));
        threads.set((1..=10_000).map(client).collect());
        assert_eq!(threads.rows(), 10_000);
        let last = threads.cell(9_999, ThreadColumn::Name);
        assert_eq!(last.as_deref(), Some("client #10000, user10000"));
        threads.set_filter("user999");
        assert_eq!((threads.rows(), threads.total()), (11, 10_000));
        threads.set_filter("");
        assert_eq!(threads.rows(), 10_000);
    }
}
