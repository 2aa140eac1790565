//! The text of a page: all of it, what is selected, and links.

use std::ops::Range;

use super::{Item, Page};
use crate::chat::render::blocks::{Shape, said};
use crate::chat::render::lines::{day_in_words, time};
use crate::chat::render::links::links;
use crate::chat::render::plain;
use crate::chat::render::selection::{Point, Selection, Span};
use crate::chat::state::talks::message_log::{Kind, Position};

/// The line above new messages.
pub const MARK: &str = "new since you looked away";

/// The author of a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Author {
    /// Name of the author, escaped.
    pub name: String,
    /// The user wrote it.
    pub is_me: bool,
    /// It was said to one person only.
    pub is_private: bool,
}

impl Page {
    /// Writes the text of the line at a position. Returns false if nothing is shown there.
    pub(crate) fn write(&self, position: Position, out: &mut String) -> bool {
        // A group is written once, and not for each of its members.
        let parts = if self.is_shown(position) { self.parts(position) } else { None };
        parts.inspect(|parts| parts.write(out)).is_some()
    }

    /// Returns everything that is shown, each line with its time and its name: `14:03  ann  hello`.
    pub fn text(&self) -> String {
        let (mut lines, mut line) = (Vec::new(), String::new());
        for position in self.first()..self.end() {
            if !self.write(position, &mut line) {
                continue;
            }
            let head = self.head(position);
            lines.extend(self.time(position).filter(|_| head.day).map(|local| day_in_words(local.date)));
            if head.mark {
                lines.push(format!("──── {MARK} ────"));
            }
            lines.push(time(self.time(position)) + &line);
        }
        lines.join("\n")
    }

    /// Returns the number of messages between two positions.
    pub fn messages(&self, from: Position, to: Position) -> usize {
        let is_message = |item: &&Item| {
            let is_folded = matches!(item.shape, Shape::Folded(_));
            !is_folded && (said(&item.entry).is_some() || matches!(item.entry.kind, Kind::Announcement { .. }))
        };
        let span = usize::try_from(to - from.max(self.first())).unwrap_or(0);
        self.items_from(from).take(span).filter(is_message).count()
    }

    /// Returns whether the operator has deleted a message.
    pub(in crate::chat::render) fn is_deleted(&self, position: Position) -> bool {
        self.item(position).is_some_and(|item| matches!(item.entry.kind, Kind::Deleted { .. }))
    }

    /// Returns the position of the first of the newest `count` messages.
    pub fn start_of_newest(&self, count: u64) -> Position {
        let (mut left, mut at) = (count, self.settled_end());
        while left > 0 && at > self.first() {
            at -= 1;
            left -= self.messages(at, at + 1) as u64;
        }
        at
    }

    /// Returns the author of the message that is shown at a position; `None` for what nobody has said, and for what is folded.
    pub fn author(&self, position: Position) -> Option<Author> {
        let item = self.item(position)?;
        let is_message = self.is_shown(position) && matches!(item.shape, Shape::Line | Shape::Code(_));
        let (name, _) = said(&item.entry).filter(|_| is_message)?;
        let is_private = matches!(item.entry.kind, Kind::Private { .. });
        Some(Author { name: name.to_owned(), is_me: *name == *item.me, is_private })
    }

    /// Returns the position of the newest message.
    pub fn newest_message(&self) -> Option<Position> {
        (self.first()..self.end()).rev().find(|at| self.author(*at).is_some())
    }

    /// Returns the newest link before a point, or the newest of all if there is none before.
    pub fn link_before(&self, point: Point) -> Option<Span> {
        let before = |span: &Span| (Point { entry: span.entry, byte: span.start }) < point;
        let newest_first = || (self.first()..self.end()).rev().flat_map(|at| self.links_at(at).into_iter().rev());
        newest_first().find(before).or_else(|| newest_first().next())
    }

    /// Returns the whole line with which an entry is shown.
    pub fn whole_line(&self, entry: Position) -> Option<Span> {
        let entry = self.shown_at(entry)?;
        Some(Span { entry, start: 0, len: self.line(entry)?.styled.text.len() })
    }

    fn links_at(&self, entry: Position) -> Vec<Span> {
        let mut text = String::new();
        // Writing out a line with its styles takes longer than looking for what every link has.
        if !self.write(entry, &mut text) || links(&text).is_empty() {
            return Vec::new();
        }
        let links = self.line(entry).map(|line| line.styled.links).unwrap_or_default();
        links.into_iter().map(|link| Span { entry, start: link.start, len: link.len() }).collect()
    }

    /// Returns a selection as plain text: within one line the selected text, and across several whole lines, each with its
    /// time and its name.
    pub fn copy(&self, selection: Selection) -> String {
        let Selection { from, to } = selection;
        let mut text = String::new();
        if !selection.is_across() {
            self.write(from.entry, &mut text);
            return text.get(part(&text, from.byte, to.byte)).unwrap_or("").to_owned();
        }
        let shown = (from.entry..=to.entry).filter(|at| self.is_shown(*at));
        shown.flat_map(|at| self.plain_lines(at)).collect::<Vec<_>>().join("\n")
    }

    /// Returns the plain lines of what is shown at a position: those of every member of a group, and below the name the
    /// lines of a block of code as they are.
    fn plain_lines(&self, position: Position) -> Vec<String> {
        let plain = |item: &Item| plain::line(&self.clock, &item.entry);
        let Some(item) = self.item(position) else { return Vec::new() };
        if position >= self.settled_end() {
            return vec![plain(item)];
        }
        if self.is_code(position) {
            let name = self.line(position).map(|line| line.styled.text[..line.name].to_owned()).unwrap_or_default();
            let title = format!("{}{name}:", time(item.local));
            return std::iter::once(title).chain(self.code(position).map(str::to_owned)).collect();
        }
        match item.shape {
            Shape::Group(_) => self.members(position).map(plain).collect(),
            Shape::Folded(_) => {
                let mut text = String::new();
                self.write(position, &mut text);
                vec![time(item.local) + &text]
            }
            _ => vec![plain(item)],
        }
    }
}

/// Returns the range between two bytes of a text, or between the nearest characters.
pub(crate) fn part(text: &str, from: usize, to: usize) -> Range<usize> {
    let (from, to) = (from.min(text.len()), to.min(text.len()));
    text.floor_char_boundary(from)..text.ceil_char_boundary(to)
}
