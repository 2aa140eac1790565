//! One entry of a log as a line of styled text: the name, and what was said. Pure; runs on the UI thread.
//!
//! A line's text has the name, what stands between, and the message, one after the other. The screen shows the name in a
//! column of its own or leaves it out; search, selection and copying count bytes of the whole text.

use std::borrow::Cow;
use std::collections::HashSet;

use jiff::civil::Date;

use super::styled::{Style, Styled, name_color};
use super::text_runs::begins_right_to_left;
use crate::chat::state::deleted::DELETED;
use crate::chat::state::talks::message_log::{Entry, Kind};
use crate::clock::LocalTime;

/// Lines for missing messages, and for the beginning of the history.
pub(crate) const GAP: &str = "···· some messages are missing here ····";
pub(crate) const BEGINNING: &str = "···· beginning of the history ····";

/// Maximum number of joins and leaves that are written with their names; more of them are counted.
const NAMED_MAX: usize = 3;

/// The text of one line.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Line {
    /// Name and message.
    pub styled: Styled,
    /// Number of bytes of the name, at the beginning.
    pub name: usize,
    /// First byte of what stands in the column of the text.
    pub body: usize,
}

/// The pieces of a line before they are styled.
#[derive(Debug, Default)]
pub(super) struct Parts<'a> {
    pub(super) name: &'a str,
    /// Text between the name and the message. It begins with `lead` bytes of space, which the columns replace.
    pub(super) how: &'static str,
    pub(super) lead: usize,
    pub(super) text: Cow<'a, str>,
    pub(super) style: Option<Style>,
    /// Said by a person: links and mentions stand out.
    pub(super) is_said: bool,
}

impl<'a> Parts<'a> {
    /// Returns the parts of an entry that stands for itself.
    pub(super) fn of(entry: &'a Entry) -> Parts<'a> {
        let said = |style, name: &'a str, how, lead, text: &'a str| Parts {
            name,
            how,
            lead,
            text: text.into(),
            style: Some(style),
            is_said: true,
        };
        match &entry.kind {
            Kind::Message { from, text, earlier: false } => said(Style::Text, from, "  ", 2, text),
            Kind::Message { from, text, earlier: true } => said(Style::Muted, from, "  ", 2, text),
            Kind::Private { from, text } => said(Style::Private, from, " to you only: ", 1, text),
            Kind::Announcement { text, .. } => said(Style::Announcement, "", "Announcement: ", 0, text),
            Kind::Deleted { from } => Parts { name: from, how: "  ", lead: 2, ..Parts::note(Style::Pale, DELETED) },
            Kind::Joined(name) => Parts::note(Style::Muted, format!("{name} joined")),
            Kind::Left(name) => Parts::note(Style::Muted, format!("{name} left")),
            Kind::Notice(text) => Parts::note(Style::Pale, text.as_str()),
            Kind::Gap { .. } => Parts::note(Style::Mark, GAP),
            Kind::Beginning => Parts::note(Style::Pale, BEGINNING),
        }
    }

    /// Returns the parts of a line without a name.
    fn note(style: Style, text: impl Into<Cow<'a, str>>) -> Parts<'a> {
        Parts { text: text.into(), style: Some(style), ..Parts::default() }
    }

    /// Returns the parts of a message without an answer, for the user `me`.
    pub(super) fn pending(entry: &'a Entry) -> Parts<'a> {
        Parts { style: Some(Style::Pale), is_said: false, ..Parts::of(entry) }
    }

    /// Returns the parts of a block of code: the messages between its fences, as they are.
    pub(super) fn code(from: &'a str, lines: &[&str]) -> Parts<'a> {
        let text = lines.join("\n").into();
        Parts { name: from, how: "  ", lead: 2, text, style: Some(Style::Code), is_said: false }
    }

    /// Returns the parts of joins and leaves that are shown as one: each with its name if they are few, otherwise the
    /// numbers of people.
    pub(super) fn group<'e>(members: impl Iterator<Item = &'e Entry>) -> Parts<'a> {
        let mut few = Vec::new();
        let (mut joined, mut left) = (HashSet::new(), HashSet::new());
        for entry in members {
            if few.len() <= NAMED_MAX {
                few.push(Parts::of(entry).text.into_owned());
            }
            match &entry.kind {
                Kind::Joined(name) => joined.insert(name),
                Kind::Left(name) => left.insert(name),
                _ => false,
            };
        }
        let people = |count: usize| if count == 1 { "1 person".to_owned() } else { format!("{count} people") };
        let words = match (joined.len(), left.len()) {
            _ if few.len() <= NAMED_MAX => few.join(", "),
            (joined, 0) => format!("{} joined", people(joined)),
            (0, left) => format!("{} left", people(left)),
            (joined, left) => format!("{} joined, {left} left", people(joined)),
        };
        Parts::note(Style::Muted, words)
    }

    /// Returns the parts of messages of ignored people.
    pub(super) fn folded(count: usize) -> Parts<'a> {
        let messages = if count == 1 { "1 message".to_owned() } else { format!("{count} messages") };
        Parts::note(Style::Muted, format!("{messages} from ignored people"))
    }

    /// Returns the line, in which mentions of `me` stand out unless `me` is the sender.
    pub(super) fn line(&self, me: &str) -> Line {
        let style = self.style.unwrap_or(Style::Text);
        let mut styled = Styled::default();
        let of_name = if style == Style::Pale { style } else { Style::Name(name_color(self.name)) };
        styled.push(of_name, self.name);
        styled.push(style, self.how);
        if self.is_said {
            styled.push_said(style, &self.text, if self.name == me { "" } else { me });
        } else {
            styled.push(style, &self.text);
        }
        // What this program says is read from the left, whatever names are in it.
        let is_message = !self.name.is_empty() && self.how.trim().is_empty() && style != Style::Code;
        styled.is_rtl = is_message && begins_right_to_left(&self.text);
        Line { styled, name: self.name.len(), body: self.name.len() + self.lead }
    }

    /// Writes the text of that line.
    pub(super) fn write(&self, out: &mut String) {
        out.clear();
        out.extend([self.name, self.how, &self.text]);
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

    fn entry(kind: Kind) -> Entry {
        Entry { at: None, kind }
    }

    fn message(from: &str, text: &str) -> Entry {
        entry(Kind::Message { from: from.into(), text: text.into(), earlier: false })
    }

    /// Returns the pieces of text in a style.
    fn in_style(line: &Line, style: Style) -> Vec<&str> {
        let text = &line.styled.text;
        let pieces = line.styled.pieces(0..text.len());
        pieces.filter(|(_, of)| *of == style).map(|(piece, _)| &text[piece]).collect()
    }

    #[test]
    fn a_line_has_the_name_and_the_text_each_in_its_style() {
        let said = message("ann", "grüße");
        let line = Parts::of(&said).line("bob");
        assert_eq!(line.styled.text, "ann  grüße");
        assert_eq!((&line.styled.text[..line.name], &line.styled.text[line.body..]), ("ann", "grüße"));
        assert_eq!(in_style(&line, Style::Name(name_color("ann"))), ["ann"]);
        assert_eq!(in_style(&line, Style::Text), ["  grüße"]);
    }

    #[test]
    fn every_kind_is_written_and_found_as_the_same_text() {
        let kinds = [
            (Kind::Private { from: "ann".into(), text: "psst".into() }, "ann to you only: psst"),
            (Kind::Announcement { text: "lunch".into(), earlier: false }, "Announcement: lunch"),
            (Kind::Deleted { from: "ann".into() }, "ann  (deleted by the operator)"),
            (Kind::Joined("小明".into()), "小明 joined"),
            (Kind::Left("小明".into()), "小明 left"),
            (Kind::Notice("…".into()), "…"),
            (Kind::Beginning, BEGINNING),
        ];
        for (kind, expected) in kinds {
            let entry = entry(kind);
            let (parts, mut text) = (Parts::of(&entry), String::new());
            parts.write(&mut text);
            assert_eq!((text.as_str(), parts.line("bob").styled.text.as_str()), (expected, expected));
        }
    }

    #[test]
    fn links_and_our_own_name_stand_out_in_what_others_say() {
        let said = message("ann", "Bob, see https://example.org/bob (bob?)");
        let line = Parts::of(&said).line("bob");
        assert_eq!(in_style(&line, Style::Mention), ["Bob", "bob"]);
        assert_eq!(in_style(&line, Style::Link), ["https://example.org/bob"]);
        let links: Vec<_> = line.styled.links.iter().map(|link| &line.styled.text[link.clone()]).collect();
        assert_eq!(links, ["https://example.org/bob"]);
    }

    #[test]
    fn our_own_name_in_what_we_say_ourselves_does_not() {
        let said = message("bob", "I am bob");
        assert_eq!(in_style(&Parts::of(&said).line("bob"), Style::Mention), [""; 0]);
    }

    #[test]
    fn few_joins_are_named_and_many_are_counted() {
        let group = |kinds: &[Kind]| {
            let entries: Vec<_> = kinds.iter().cloned().map(entry).collect();
            Parts::group(entries.iter()).text.into_owned()
        };
        let joined = |n: usize| Kind::Joined(format!("p{n}"));
        assert_eq!(group(&[Kind::Left("ann".into()), Kind::Joined("ann".into())]), "ann left, ann joined");
        let mut many: Vec<_> = (0..12).map(joined).collect();
        assert_eq!(group(&many), "12 people joined");
        many.extend([Kind::Left("p1".into()), Kind::Left("p2".into()), Kind::Left("p1".into()), joined(1)]);
        assert_eq!(group(&many), "12 people joined, 2 left");
        assert_eq!(group(&[Kind::Left("a".into()), joined(1), joined(1), joined(1)]), "1 person joined, 1 left");
    }

    #[test]
    fn what_waits_is_pale_all_over() {
        let waits = message("bob", "see http://a.example");
        let line = Parts::pending(&waits).line("bob");
        assert_eq!(in_style(&line, Style::Pale), ["bob  see http://a.example"]);
        assert!(line.styled.links.is_empty());
    }
}
