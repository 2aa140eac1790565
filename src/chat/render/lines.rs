//! Lines of styled text: one for each entry of a log, and one for each day. Runs on the UI thread.

use std::ops::Range;

use jiff::civil::Date;

use super::styled::{Style, Styled, name_color};
use crate::chat::state::outgoing::Pending;
use crate::chat::state::talks::message_log::{Entry, Kind};
use crate::clock::{Clock, LocalTime};
use crate::protocol::escape::escape;

/// Lines for missing messages, and for the beginning of the history.
pub(crate) const GAP: &str = "···· some messages are missing here ····";
pub(crate) const BEGINNING: &str = "···· this is where it begins ····";

/// Writes entries as lines, and remembers the day, to write a line when another one begins.
///
/// Each line but the very first begins with LF, instead of ending with one, so that the text never ends in an empty
/// line.
#[derive(Clone, Debug)]
pub struct LineWriter {
    clock: Clock,
    day: Option<Date>,
    /// A line was written.
    pub(super) begun: bool,
}

impl LineWriter {
    /// Returns a writer without a day and without a line.
    pub fn new(clock: Clock) -> LineWriter {
        LineWriter { clock, day: None, begun: false }
    }

    /// Returns a writer that continues after these entries, newest first.
    pub(crate) fn after<'a>(clock: Clock, before: impl Iterator<Item = &'a Entry>) -> LineWriter {
        let mut before = before.peekable();
        let begun = before.peek().is_some();
        let day = before.find_map(|entry| entry.at).map(|at| clock.at_stamp(at).date);
        LineWriter { clock, day, begun }
    }
    /// Appends an entry's line, preceded by a line for the day if a new one has begun. Mentions of `me` stand out.
    pub fn write(&mut self, out: &mut Styled, entry: &Entry, me: &str) {
        let local = entry.at.map(|at| self.clock.at_stamp(at));
        if let Some(LocalTime { date, .. }) = local
            && self.day.replace(date) != Some(date)
        {
            self.start_line(out);
            out.push(Style::Muted, &day_in_words(date));
        }
        self.start_line(out);
        out.push(Style::Muted, &time(local));
        let mut said = |style, from: &str, how: &str, text: &str| {
            out.push(Style::Name(name_color(from)), from);
            out.push(style, how);
            out.push_said(style, text, if from == me { "" } else { me });
        };
        match &entry.kind {
            Kind::Message { from, text, earlier: false } => said(Style::Text, from, "  ", text),
            Kind::Message { from, text, earlier: true } => said(Style::Muted, from, "  ", text),
            Kind::Private { from, text } => said(Style::Private, from, " to you alone: ", text),
            Kind::Announcement { text, .. } => {
                out.push(Style::Announcement, "Announcement: ");
                out.push_said(Style::Announcement, text, me);
            }
            Kind::Joined(name) => out.push(Style::Muted, &format!("{name} joined")),
            Kind::Left(name) => out.push(Style::Muted, &format!("{name} left")),
            Kind::Notice(text) => out.push(Style::Pale, text),
            Kind::Gap { .. } => out.push(Style::Mark, GAP),
            Kind::Beginning => out.push(Style::Pale, BEGINNING),
        }
    }

    /// Appends the line that divides new from seen messages. Returns its bytes.
    pub(crate) fn write_mark(&mut self, out: &mut Styled) -> Range<usize> {
        let start = out.text.len();
        self.start_line(out);
        out.push(Style::Mark, "──── new since you looked away ────");
        start..out.text.len()
    }

    /// Appends a message that has no answer yet.
    pub fn write_pending(&mut self, out: &mut Styled, me: &str, pending: &Pending) {
        self.start_line(out);
        out.push(Style::Muted, &time(Some(self.clock.at_stamp(pending.at))));
        out.push(Style::Pale, &format!("{me}  {}", escape(&pending.text)));
    }

    fn start_line(&mut self, out: &mut Styled) {
        if std::mem::replace(&mut self.begun, true) {
            out.push(Style::Muted, "\n");
        }
    }
}

/// Formats a day for the line above its messages.
pub(crate) fn day_in_words(date: Date) -> String {
    date.strftime("%A, %-d %B %Y").to_string()
}

/// Formats the time at the beginning of a line; empty without a time.
pub(crate) fn time(local: Option<LocalTime>) -> String {
    local.map_or(String::new(), |LocalTime { hour, minute, .. }| format!("{hour:02}:{minute:02}  "))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chat::state::{RequestKind, Whom};
    use crate::protocol::Stamp;

    fn written(entries: &[Entry]) -> Styled {
        let mut writer = LineWriter::new(Clock::utc());
        let mut out = Styled::default();
        for entry in entries {
            writer.write(&mut out, entry, "bob");
        }
        assert_eq!(out.text.len(), out.styles.len());
        out
    }

    fn message(at: Option<Stamp>, text: &str) -> Entry {
        Entry { at, kind: Kind::Message { from: "ann".into(), text: text.into(), earlier: false } }
    }

    #[test]
    fn a_line_has_the_time_the_name_and_the_text_each_in_its_style() {
        let out = written(&[message(Some(1_700_000_000_000_000), "grüße"), message(None, "hi")]);
        assert_eq!(out.text, "Tuesday, 14 November 2023\n22:13  ann  grüße\nann  hi");
        let name = Style::Name(name_color("ann")).letter().to_string().repeat(3);
        assert!(out.styles.ends_with(&format!("B{name}AAAA")), "{}", out.styles);
    }

    #[test]
    fn a_day_is_announced_once() {
        let (day, at) = (86_400_000_000, 1_700_000_000_000_000);
        let days = |stamps: &[Stamp]| {
            let entries: Vec<_> = stamps.iter().map(|at| message(Some(*at), "hi")).collect();
            written(&entries).text.matches("day, ").count()
        };
        assert_eq!(days(&[at, at + 1]), 1);
        assert_eq!(days(&[at, at + day]), 2);
    }

    #[test]
    fn every_kind_is_written_with_a_style_for_each_byte() {
        let kinds = [
            Kind::Private { from: "ann".into(), text: "psst".into() },
            Kind::Announcement { text: "lunch".into(), earlier: false },
            Kind::Joined("小明".into()),
            Kind::Left("小明".into()),
            Kind::Notice("…".into()),
        ];
        let entries: Vec<_> = kinds.into_iter().map(|kind| Entry { at: None, kind }).collect();
        let text = written(&entries).text;
        assert_eq!(text, "ann to you alone: psst\nAnnouncement: lunch\n小明 joined\n小明 left\n…");
    }

    /// Returns the pieces of text in a style.
    fn in_style(out: &Styled, style: Style) -> Vec<&str> {
        let mut pieces: Vec<&str> = Vec::new();
        let mut inside = false;
        for (at, letter) in out.styles.char_indices() {
            let is = letter == style.letter();
            if is && !inside {
                let length = out.styles[at..].chars().take_while(|next| *next == letter).count();
                pieces.push(&out.text[at..at + length]);
            }
            inside = is;
        }
        pieces
    }

    #[test]
    fn links_and_our_own_name_stand_out_in_what_others_say() {
        let out = written(&[message(None, "Bob, see https://example.org/bob (bob?)")]);
        assert_eq!(in_style(&out, Style::Mention), ["Bob", "bob"]);
        assert_eq!(in_style(&out, Style::Link), ["https://example.org/bob"]);
        assert_eq!(
            out.links.iter().map(|link| &out.text[link.clone()]).collect::<Vec<_>>(),
            ["https://example.org/bob"]
        );
    }

    #[test]
    fn our_own_name_in_what_we_say_ourselves_does_not() {
        let kind = Kind::Message { from: "bob".into(), text: "I am bob".into(), earlier: false };
        assert_eq!(in_style(&written(&[Entry { at: None, kind }]), Style::Mention), [""; 0]);
    }

    #[test]
    fn what_waits_is_escaped_and_pale() {
        let mut out = Styled::default();
        let kind = RequestKind::Say(Whom::All);
        let pending = Pending::new(kind, "a\u{202e}b".into(), 0);
        LineWriter::new(Clock::utc()).write_pending(&mut out, "bob", &pending);
        assert_eq!(out.text, "00:00  bob  a<U+202E>b");
        assert!(out.styles.ends_with(&"C".repeat("bob  a<U+202E>b".len())));
    }
}
