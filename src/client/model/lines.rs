//! The conversation as lines of styled text: what is written, and in which style each byte of it.
//!
//! The window's text widget wants one style letter for each *byte* of text. Both are made here, together, so that they
//! cannot get out of step, and are tested without a window. Runs on the UI thread.

use std::ops::Range;

use jiff::civil::Date;

use super::conversation::{Entry, Kind, shown_name};
use super::links::links;
use super::mentions::mentions;
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
    /// An address that can be opened.
    Link,
    /// Our own name, in what others say.
    Mention,
    /// Where what is new begins.
    Mark,
    /// A name, in one of [`NAME_COLORS`] colours.
    Name(usize),
}

impl Style {
    /// Every style, in the order of the table.
    pub fn all() -> impl Iterator<Item = Style> {
        [Style::Text, Style::Muted, Style::Pale, Style::Private, Style::Announcement]
            .into_iter()
            .chain([Style::Link, Style::Mention, Style::Mark])
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
            Style::Link => 5,
            Style::Mention => 6,
            Style::Mark => 7,
            Style::Name(color) => 8 + color % NAME_COLORS,
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
    /// The bytes of the text that are links.
    pub links: Vec<Range<usize>>,
}

impl Styled {
    fn push(&mut self, style: Style, text: &str) {
        self.text.push_str(text);
        self.styles.extend(std::iter::repeat_n(style.letter(), text.len()));
    }

    /// Appends what somebody said: addresses as links, and what names `me` so that it stands out.
    fn push_said(&mut self, style: Style, text: &str, me: &str) {
        let links = links(text).into_iter().map(|range| (range, Style::Link));
        let mut special: Vec<_> =
            mentions(text, me).into_iter().map(|range| (range, Style::Mention)).chain(links).collect();
        // A name within an address is no mention: the address, which begins before it or with it, comes first.
        special.sort_by_key(|(range, style)| (range.start, *style != Style::Link));
        let mut done = 0;
        for (range, special) in special {
            if range.start < done {
                continue;
            }
            self.push(style, &text[done..range.start]);
            let at = self.text.len();
            self.push(special, &text[range.clone()]);
            if special == Style::Link {
                self.links.push(at..self.text.len());
            }
            done = range.end;
        }
        self.push(style, &text[done..]);
    }

    /// Appends another one.
    pub(super) fn append(&mut self, other: &Styled) {
        let by = self.text.len();
        self.text.push_str(&other.text);
        self.styles.push_str(&other.styles);
        self.links.extend(other.links.iter().map(|range| range.start + by..range.end + by));
    }

    /// Removes bytes, which contain no part of a link.
    pub(super) fn remove(&mut self, gone: Range<usize>) {
        for range in &mut self.links {
            if range.start >= gone.end {
                *range = range.start - gone.len()..range.end - gone.len();
            }
        }
        self.text.replace_range(gone.clone(), "");
        self.styles.replace_range(gone, "");
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
#[derive(Clone, Debug)]
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

    /// Appends an entry: its line, with a line for the day before it if a new one has begun. `me` is whose name stands out.
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
            Kind::Private { from, text } => said(Style::Private, from, " to you alone:  ", text),
            Kind::Announcement(text) => {
                out.push(Style::Announcement, "Announcement:  ");
                out.push_said(Style::Announcement, text, me);
            }
            Kind::Joined(name) => out.push(Style::Muted, &format!("{name} joined")),
            Kind::Left(name) => out.push(Style::Muted, &format!("{name} left")),
            Kind::Notice(text) => out.push(Style::Pale, text),
        }
    }

    /// Appends the line that divides what is new from what was seen, and gives back which bytes it is.
    pub(super) fn write_mark(&mut self, out: &mut Styled) -> Range<usize> {
        let start = out.text.len();
        self.start_line(out);
        out.push(Style::Mark, "──── new since you looked away ────");
        start..out.text.len()
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

/// A day as it stands above its lines.
pub(super) fn day_in_words(date: Date) -> String {
    date.strftime("%A, %-d %B %Y").to_string()
}

/// What a line begins with.
pub(super) fn time(local: Option<LocalTime>) -> String {
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
            Kind::Announcement("lunch".into()),
            Kind::Joined("小明".into()),
            Kind::Left("小明".into()),
            Kind::Notice("…".into()),
        ];
        let entries: Vec<_> = kinds.into_iter().map(|kind| Entry { at: None, kind }).collect();
        let text = written(&entries).text;
        assert_eq!(text, "ann to you alone:  psst\nAnnouncement:  lunch\n小明 joined\n小明 left\n…");
    }

    /// The pieces of text in a style.
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
    fn what_is_removed_takes_its_styles_with_it_and_leaves_the_links_in_place() {
        let mut out = written(&[message(None, "a"), message(None, "http://a.example")]);
        out.remove(0.."ann  a\n".len());
        assert_eq!(out.text, "ann  http://a.example");
        assert_eq!(out.text.len(), out.styles.len());
        assert_eq!(&out.text[out.links[0].clone()], "http://a.example");
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
        assert_eq!(letters, "ABCDEFGHIJKLMNOPQRST");
    }
}
