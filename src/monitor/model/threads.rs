//! The threads of the server as the window lists them: who does what, for how long, and what waits.
//!
//! Like the table of clients it keeps what it was given, and puts a cell into words only when it is asked for one.

use std::time::Duration;

use super::units;
use crate::protocol::escape::escape;
use crate::server::ThreadInfo;

/// The columns, in their order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ThreadColumn {
    /// The thread's name, and whom it is there for.
    Name,
    /// What it does.
    Doing,
    /// For how long.
    Lasted,
    /// What waits in the outbox of the client that it is there for.
    Outbox,
}

impl ThreadColumn {
    /// Every column, in its order.
    pub const ALL: [ThreadColumn; 4] =
        [ThreadColumn::Name, ThreadColumn::Doing, ThreadColumn::Lasted, ThreadColumn::Outbox];
}

/// The threads of the last look at them.
#[derive(Debug, Default)]
pub struct Threads {
    all: Vec<ThreadInfo>,
    /// Which of them the filter lets through.
    shown: Vec<usize>,
    /// What a thread must have in its words, in small letters.
    filter: String,
}

impl Threads {
    /// How many are shown.
    pub fn rows(&self) -> usize {
        self.shown.len()
    }

    /// How many there are.
    pub fn total(&self) -> usize {
        self.all.len()
    }

    /// What a cell says.
    pub fn cell(&self, row: usize, column: ThreadColumn) -> Option<String> {
        let thread = self.all.get(*self.shown.get(row)?)?;
        Some(match column {
            ThreadColumn::Name => name(thread),
            ThreadColumn::Doing => escape(&thread.doing).into_owned(),
            ThreadColumn::Lasted => thread.lasted.map(lasted).unwrap_or_default(),
            ThreadColumn::Outbox => thread.backlog.map(|bytes| units::bytes(bytes as u64)).unwrap_or_default(),
        })
    }

    /// Whether the thread in a row waits for a client that does not read.
    pub fn is_draining(&self, row: usize) -> bool {
        self.shown.get(row).and_then(|at| self.all.get(*at)).is_some_and(|thread| thread.name.starts_with("drain "))
    }

    pub(super) fn set(&mut self, threads: Vec<ThreadInfo>) {
        self.all = threads;
        self.sieve();
    }

    pub(super) fn filter(&mut self, words: &str) {
        self.filter = words.trim().to_lowercase();
        self.sieve();
    }

    fn sieve(&mut self) {
        let passes = |thread: &ThreadInfo| {
            self.filter.is_empty()
                || name(thread).to_lowercase().contains(&self.filter)
                || thread.doing.to_lowercase().contains(&self.filter)
        };
        self.shown = (0..self.all.len()).filter(|at| passes(&self.all[*at])).collect();
    }
}

/// `client #7, ann`; a drain thread has the name in its own.
fn name(thread: &ThreadInfo) -> String {
    match &thread.serves {
        Some(client) if thread.name.starts_with("client ") => format!("{}, {}", thread.name, escape(client.as_str())),
        _ => escape(&thread.name).into_owned(),
    }
}

/// With tenths, as long as one can follow them.
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

    fn rows(threads: &Threads) -> Vec<String> {
        let row = |row| ThreadColumn::ALL.map(|column| threads.cell(row, column).unwrap()).join(" | ");
        (0..threads.rows()).map(row).collect()
    }

    #[test]
    fn a_row_says_who_does_what_for_how_long_and_what_waits() {
        let mut threads = Threads::default();
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
    fn the_filter_looks_at_names_and_at_what_they_do_and_stays_when_they_change() {
        let mut threads = Threads::default();
        threads.filter(" ANN ");
        threads.set(vec![
            thread("client #1", Some("ann"), "reading from ann"),
            thread("client #2", Some("ben"), "writing to ann"),
            thread("client #3", Some("carl"), "reading from carl"),
        ]);
        assert_eq!((threads.rows(), threads.total()), (2, 3));
        threads.filter("carl");
        assert_eq!(rows(&threads), ["client #3, carl | reading from carl | 1.2 s | 2.0 KiB"]);
        assert_eq!(threads.cell(1, ThreadColumn::Name), None);
    }

    #[test]
    fn ten_thousand_threads_are_listed_and_filtered() {
        let mut threads = Threads::default();
        let client =
            |n: u32| thread(&format!("client #{n}"), Some(&format!("user{n}")), &format!("reading from user{n}"));
        threads.set((1..=10_000).map(client).collect());
        assert_eq!(threads.rows(), 10_000);
        let last = threads.cell(9_999, ThreadColumn::Name);
        assert_eq!(last.as_deref(), Some("client #10000, user10000"));
        threads.filter("user999");
        assert_eq!((threads.rows(), threads.total()), (11, 10_000));
        threads.filter("");
        assert_eq!(threads.rows(), 10_000);
    }
}
