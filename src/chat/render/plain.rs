//! A log as plain text, for the clipboard and for a file. Pure; runs on any thread.

use super::lines::{BEGINNING, GAP, Parts, day_in_words, time};
use crate::chat::state::deleted::DELETED;
use crate::chat::state::ignore::{IgnoredNames, Treatment};
use crate::chat::state::people::joins::Joins;
use crate::chat::state::talks::message_log::{Entry, Kind};
use crate::clock::Clock;
use crate::protocol::Stamp;

/// Formats an entry as one line: `14:03  ann: hello`.
pub(crate) fn line(clock: &Clock, entry: &Entry) -> String {
    let time = time(entry.at.map(|at| clock.at_stamp(at)));
    match &entry.kind {
        Kind::Message { from, text, .. } => format!("{time}{from}: {text}"),
        Kind::Private { from, text } => format!("{time}{from} to you only: {text}"),
        Kind::Announcement { text, .. } => format!("{time}Announcement: {text}"),
        Kind::Deleted { from } => format!("{time}{from}: {DELETED}"),
        Kind::Joined(name) => format!("{time}{name} joined"),
        Kind::Left(name) => format!("{time}{name} left"),
        Kind::Notice(text) => format!("{time}{text}"),
        Kind::Gap { .. } => GAP.into(),
        Kind::Beginning => BEGINNING.into(),
    }
}

/// Returns the entries that a file has, which are those that the window shows: consecutive messages of ignored people are one
/// notice, and their joins and leaves are left out, as are those of everyone if the user has chosen so.
pub fn shown<'a>(entries: impl Iterator<Item = &'a Entry>, joins: Joins, ignored: &IgnoredNames) -> Vec<Entry> {
    let mut shown: Vec<Entry> = Vec::new();
    let mut folded = 0;
    for entry in entries {
        match ignored.treatment(entry) {
            Treatment::LeaveOut => {}
            Treatment::Fold => {
                if folded > 0 {
                    shown.pop();
                }
                folded += 1;
                shown.push(Entry { at: entry.at, kind: Kind::Notice(Parts::folded(folded).text.into_owned()) });
            }
            Treatment::Show if joins == Joins::Hide && matches!(entry.kind, Kind::Joined(_) | Kind::Left(_)) => {}
            Treatment::Show => {
                folded = 0;
                shown.push(entry.clone());
            }
        }
    }
    shown
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

    #[test]
    fn a_file_has_what_is_shown() {
        let mut ignored = IgnoredNames::default();
        ignored.add("ann");
        let message = |from: &str| Kind::Message { from: from.into(), text: "hi".into(), earlier: false };
        let kinds = [
            message("ann"),
            Kind::Left("ann".into()),
            message("ANN"),
            message("ben"),
            Kind::Joined("carl".into()),
            message("ann"),
        ];
        let entries = kinds.map(|kind| Entry { at: None, kind });
        let lines = |joins| {
            let shown = shown(entries.iter(), joins, &ignored);
            shown.iter().map(|entry| line(&Clock::utc(), entry)).collect::<Vec<_>>()
        };
        let folded = ["2 messages from ignored people", "1 message from ignored people"];
        assert_eq!(lines(Joins::Grouped), [folded[0], "ben: hi", "carl joined", folded[1]]);
        assert_eq!(lines(Joins::Hide), [folded[0], "ben: hi", folded[1]]);
    }
}
