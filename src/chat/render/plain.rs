//! A log as plain text, for the clipboard and for a file. Pure; runs on any thread.

use super::lines::{BEGINNING, GAP, day_in_words, time};
use crate::chat::state::talks::message_log::{Entry, Kind};
use crate::clock::Clock;
use crate::protocol::Stamp;

/// Formats an entry as one line: `14:03  ann: hello`.
pub(crate) fn line(clock: &Clock, entry: &Entry) -> String {
    let time = time(entry.at.map(|at| clock.at_stamp(at)));
    match &entry.kind {
        Kind::Message { from, text, .. } => format!("{time}{from}: {text}"),
        Kind::Private { from, text } => format!("{time}{from} to you alone: {text}"),
        Kind::Announcement { text, .. } => format!("{time}Announcement: {text}"),
        Kind::Joined(name) => format!("{time}{name} joined"),
        Kind::Left(name) => format!("{time}{name} left"),
        Kind::Notice(text) => format!("{time}{text}"),
        Kind::Gap { .. } => GAP.into(),
        Kind::Beginning => BEGINNING.into(),
    }
}

/// Formats a log for a file, with each day above its lines.
pub fn file(clock: &Clock, entries: &[Entry], now: Stamp) -> String {
    let saved = clock.at_stamp(now);
    let (day, at) = (day_in_words(saved.date), time(Some(saved)));
    let mut out = format!("A conversation in multichat, saved on {day} at {}\n", at.trim_end());
    let mut day = None;
    for entry in entries {
        if let Some(date) = entry.at.map(|at| clock.at_stamp(at).date)
            && day.replace(date) != Some(date)
        {
            out.push_str(&format!("\n{}\n", day_in_words(date)));
        }
        out.push_str(&line(clock, entry));
        out.push('\n');
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_has_each_day_above_its_lines() {
        let at = 1_700_000_000_000_000;
        let said = |at, text: &str| Entry {
            at,
            kind: Kind::Message { from: "ann".into(), text: text.into(), earlier: false },
        };
        let entries = [
            Entry { at: None, kind: Kind::Notice("Choose a server".into()) },
            said(Some(at), "grüße"),
            Entry { at: Some(at + 60_000_000), kind: Kind::Left("ann".into()) },
            said(Some(at + 86_400_000_000), "again"),
        ];
        let expected = "\
A conversation in multichat, saved on Thursday, 16 November 2023 at 22:13
Choose a server

Tuesday, 14 November 2023
22:13  ann: grüße
22:14  ann left

Wednesday, 15 November 2023
22:13  ann: again
";
        assert_eq!(file(&Clock::utc(), &entries, at + 2 * 86_400_000_000), expected);
    }
}
