//! The conversation as lines of styled text: what is written, and in which style each byte of it.
//!
//! The window's text widget wants one style letter for each *byte* of text. Both are made here, together, so that they
//! cannot get out of step, and are tested without a window. Runs on the UI thread.

use jiff::civil::Date;

use super::conversation::{Entry, Kind, shown_name};
use super::queue::Pending;
use crate::clock::{Clock, LocalTime};
use crate::protocol::escape::escape;

/// How many colours there are for names.
pub const NAME_COLORS: usize = 12;

/// How a piece of text looks. The window has a table with a font and a colour for each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Style {
    /// What people say.
    Text,
    /// Times, joins and leaves.
    Muted,
    /// What is not confirmed yet, and what this program itself says.
    Pale,
    /// Said to us alone.
    Private,
    /// Said by the operator.
    Announcement,
    /// A name, in one of [`NAME_COLORS`] colours.
    Name(usize),
}

impl Style {
    /// Every style, in the order of the table.
    pub fn all() -> impl Iterator<Item = Style> {
        [Style::Text, Style::Muted, Style::Pale, Style::Private, Style::Announcement]
            .into_iter()
            .chain((0..NAME_COLORS).map(Style::Name))
    }

    /// The letter for it, from `A` on, as the text widget wants it.
    fn letter(self) -> char {
        let at = match self {
            Style::Text => 0,
            Style::Muted => 1,
            Style::Pale => 2,
            Style::Private => 3,
            Style::Announcement => 4,
            Style::Name(color) => 5 + color % NAME_COLORS,
        };
        char::from(b'A' + u8::try_from(at).unwrap_or(0))
    }
}

/// The colour of a name: the same in every window, today and tomorrow.
pub fn name_color(name: &str) -> usize {
    // FNV-1a: short, and stable, which the hasher of std does not promise to be.
    let hash = name
        .bytes()
        .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3));
    // The low bits of short names are much alike, so the high ones are mixed in.
    usize::try_from((hash ^ (hash >> 43)) % NAME_COLORS as u64).unwrap_or(0)
}

/// Text, and a style letter for each byte of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Styled {
    /// The text.
    pub text: String,
    /// As long as the text, in bytes.
    pub styles: String,
}

impl Styled {
    fn push(&mut self, style: Style, text: &str) {
        self.text.push_str(text);
        self.styles.extend(std::iter::repeat_n(style.letter(), text.len()));
    }

    /// Appends a line with the name of somebody who is here.
    pub fn push_person(&mut self, name: &str, is_me: bool) {
        let name = shown_name(name);
        self.start_line();
        self.push(Style::Name(name_color(&name)), &name);
        if is_me {
            self.push(Style::Muted, "  you");
        }
    }

    /// Appends a line that says how many names are left out.
    pub fn push_more(&mut self, count: usize) {
        self.start_line();
        self.push(Style::Muted, &format!("and {count} more"));
    }

    /// Lines are ended by the next one, so that there is no empty line at the end.
    fn start_line(&mut self) {
        if !self.text.is_empty() {
            self.push(Style::Text, "\n");
        }
    }
}

/// Writes entries as lines. It remembers the day, to say when a new one begins.
///
/// Each line but the very first begins with LF, instead of ending with one, so that the text never ends in an empty line.
#[derive(Debug)]
pub struct Writer {
    clock: Clock,
    day: Option<Date>,
    begun: bool,
}

impl Writer {
    /// A writer that begins with no day.
    pub fn new(clock: Clock) -> Writer {
        Writer { clock, day: None, begun: false }
    }

    /// Appends an entry: its line, with a line for the day before it if a new one has begun.
    pub fn write(&mut self, out: &mut Styled, entry: &Entry) {
        let local = entry.at.map(|at| self.clock.at_stamp(at));
        if let Some(LocalTime { date, .. }) = local
            && self.day.replace(date) != Some(date)
        {
            self.start_line(out);
            out.push(Style::Muted, &date.strftime("%A, %-d %B %Y").to_string());
        }
        self.start_line(out);
        out.push(Style::Muted, &time(local));
        let mut said = |style, from: &str, how: &str, text: &str| {
            out.push(Style::Name(name_color(from)), from);
            out.push(style, how);
            out.push(style, text);
        };
        match &entry.kind {
            Kind::Message { from, text, earlier: false } => said(Style::Text, from, "  ", text),
            Kind::Message { from, text, earlier: true } => said(Style::Muted, from, "  ", text),
            Kind::Private { from, text } => said(Style::Private, from, " to you alone:  ", text),
            Kind::Announcement(text) => {
                out.push(Style::Announcement, "Announcement:  ");
                out.push(Style::Announcement, text);
            }
            Kind::Joined(name) => out.push(Style::Muted, &format!("{name} joined")),
            Kind::Left(name) => out.push(Style::Muted, &format!("{name} left")),
            Kind::Notice(text) => out.push(Style::Pale, text),
        }
    }

    /// Appends a message that waits for its echo.
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

/// What a line begins with.
fn time(local: Option<LocalTime>) -> String {
    local.map_or(String::new(), |LocalTime { hour, minute, .. }| format!("{hour:02}:{minute:02}  "))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::client::model::{Aim, Whom};
    use crate::protocol::Stamp;

    fn written(entries: &[Entry]) -> Styled {
        let mut writer = Writer::new(Clock::utc());
        let mut out = Styled::default();
        for entry in entries {
            writer.write(&mut out, entry);
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
            Kind::Announcement("lunch".into()),
            Kind::Joined("小明".into()),
            Kind::Left("小明".into()),
            Kind::Notice("…".into()),
        ];
        let entries: Vec<_> = kinds.into_iter().map(|kind| Entry { at: None, kind }).collect();
        let text = written(&entries).text;
        assert_eq!(text, "ann to you alone:  psst\nAnnouncement:  lunch\n小明 joined\n小明 left\n…");
    }

    #[test]
    fn what_waits_is_escaped_and_pale() {
        let mut out = Styled::default();
        let aim = Aim::Say(Whom::All);
        let pending = Pending { aim, text: "a\u{202e}b".into(), at: 0, sent: true };
        Writer::new(Clock::utc()).write_pending(&mut out, "bob", &pending);
        assert_eq!(out.text, "00:00  bob  a<U+202E>b");
        assert!(out.styles.ends_with(&"C".repeat("bob  a<U+202E>b".len())));
    }

    #[test]
    fn each_style_has_a_letter_of_its_own_in_the_order_of_the_table() {
        let letters: String = Style::all().map(Style::letter).collect();
        assert_eq!(letters, "ABCDEFGHIJKLMNOPQ");
    }
}
