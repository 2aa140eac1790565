//! The thread list: its columns, and what its filter covers. Main thread; the widget is in `window/list_page.rs`.

use std::time::Duration;

use super::list::{Column, Listed, Look};
use crate::monitor::units;
use crate::protocol::escape::escape;
use crate::server::ThreadInfo;

impl Listed for ThreadInfo {
    type Key = String;

    const COLUMNS: &'static [Column<ThreadInfo>] = &[
        Column::<Self>::text("Thread", (180, 2), |thread, _| (name(thread), look(thread, Look::Plain)))
            .sorted(|one, other| one.name.cmp(&other.name)),
        Column::<Self>::text("Activity", (240, 3), |thread, _| {
            (escape(&thread.doing).into_owned(), look(thread, Look::Plain))
        })
        .sorted(|one, other| one.doing.cmp(&other.doing)),
        Column::<Self>::number("For", (70, 0), |thread, _| {
            (thread.lasted.map(lasted).unwrap_or_default(), look(thread, Look::Muted))
        })
        .sorted(|one, other| one.lasted.cmp(&other.lasted)),
        Column::<Self>::number("In the send queue", (170, 1), |thread, _| {
            let bytes = thread.backlog.map(|bytes| units::bytes(bytes as u64));
            (bytes.unwrap_or_default(), look(thread, Look::Muted))
        })
        .sorted(|one, other| one.backlog.cmp(&other.backlog)),
    ];

    fn key(&self) -> String {
        self.name.clone()
    }

    fn is_same(&self, other: &ThreadInfo) -> bool {
        self.name == other.name
    }

    fn has(&self, words: &str) -> bool {
        name(self).to_lowercase().contains(words) || self.doing.to_lowercase().contains(words)
    }
}

/// Returns the look of a cell: severe for a thread that writes to a client that does not read.
fn look(thread: &ThreadInfo, usual: Look) -> Look {
    if thread.name.starts_with("drain ") { Look::Error } else { usual }
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
    use crate::clock::Clock;
    use crate::monitor::model::List;
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

    fn rows(threads: &List<ThreadInfo>) -> Vec<String> {
        let cell = |row, column| threads.cell(row, column, &Clock::utc()).unwrap().0;
        (0..threads.len()).map(|row| [0, 1, 2, 3].map(|column| cell(row, column)).join(" | ")).collect()
    }

    #[test]
    fn a_row_has_the_name_the_activity_its_duration_and_the_queue() {
        let mut threads = List::default();
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
        let is_severe = |row| threads.cell(row, 0, &Clock::utc()).unwrap().1 == Look::Error;
        assert_eq!([0, 1, 2].map(is_severe), [false, true, false]);
    }

    #[test]
    fn the_filter_covers_names_and_activities_and_stays_when_they_change() {
        let mut threads = List::default();
        threads.set_filter(" ANN ");
        threads.set(vec![
            thread("client #1", Some("ann"), "reading from ann"),
            thread("client #2", Some("ben"), "writing to ann"),
            thread("client #3", Some("carl"), "reading from carl"),
        ]);
        assert_eq!((threads.len(), threads.all().len()), (2, 3));
        threads.set_filter("carl");
        assert_eq!(rows(&threads), ["client #3, carl | reading from carl | 1.2 s | 2.0 KiB"]);
        assert_eq!(threads.cell(1, 0, &Clock::utc()), None);
    }
}
