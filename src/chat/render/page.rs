//! A log as it is read: its entries and the messages without an answer, each with what is shown beside and above it.
//!
//! A page follows a log and holds a copy of its entries, so that a view can draw at any time. It formats nothing
//! in advance: [`line`](Page::line) writes the text of one entry, and a view asks for those in sight. Pure; runs on the UI
//! thread.

use std::collections::VecDeque;
use std::rc::Rc;

use jiff::civil::Date;

use super::blocks::{SPAN_MAX, Shape, Shaper, said};
use super::lines::{Line, Parts};
use crate::chat::state::ignore::IgnoredNames;
use crate::chat::state::outgoing::draft::FENCE;
use crate::chat::state::people::joins::Joins;
use crate::chat::state::talks::message_log::{Entry, Kind, Position, count};
use crate::clock::{Clock, LocalTime};

mod follow;
mod selecting;
mod text;

pub use text::{Author, MARK};

/// An entry with what was found out about it.
#[derive(Debug)]
pub(super) struct Item {
    pub(super) entry: Entry,
    pub(super) local: Option<LocalTime>,
    /// The user's name when the entry arrived: mentions of it stand out.
    me: Rc<str>,
    shape: Shape,
    head: Head,
}

/// Parts of a line beside and above its text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Head {
    /// A line with the day stands above.
    pub day: bool,
    /// The mark for new messages stands above.
    pub mark: bool,
    /// The time is shown: the minute is another than above.
    pub time: bool,
    /// The name is shown: somebody else speaks, or the minute is another than above.
    pub name: bool,
}

/// The user for whom a page is written, and what they have chosen to see.
#[derive(Clone, Copy, Debug)]
pub struct Reader<'a> {
    /// Name of the user: mentions of it stand out.
    pub me: &'a str,
    /// Display of joins and leaves.
    pub joins: Joins,
    /// People whose messages are folded.
    pub ignored: &'a IgnoredNames,
    /// Number that changes whenever other people are ignored.
    pub version: u64,
}

/// State at the end of the page, from which the next entry goes on.
#[derive(Clone, Copy, Debug, Default)]
struct Above {
    date: Option<Date>,
    minute: Option<LocalTime>,
    /// The last entry that is shown.
    last: Option<Position>,
}

/// The entries of a log, to be read.
#[derive(Debug)]
pub struct Page {
    clock: Clock,
    items: VecDeque<Item>,
    /// Position of the first item.
    first: Position,
    /// The messages without an answer. They follow the last item.
    tail: Vec<Item>,
    shaper: Shaper,
    /// Version of the ignored people for which the entries were shaped.
    version: u64,
    above: Above,
    /// The first new message.
    mark: Option<Position>,
    /// The first entry whose display has changed since the last [`take_changed`](Page::take_changed).
    changed: Option<Position>,
}

impl Page {
    /// Returns an empty page.
    pub fn new(clock: Clock) -> Page {
        Page {
            clock,
            items: VecDeque::new(),
            first: 0,
            tail: Vec::new(),
            shaper: Shaper::default(),
            version: 0,
            above: Above::default(),
            mark: None,
            changed: None,
        }
    }

    /// Returns the position of the oldest entry.
    pub fn first(&self) -> Position {
        self.first
    }

    /// Returns the position after the newest entry of the log.
    pub fn settled_end(&self) -> Position {
        self.first + count(self.items.len())
    }

    /// Returns the position after the last message without an answer.
    pub fn end(&self) -> Position {
        self.settled_end() + count(self.tail.len())
    }

    /// Returns the first position at which the display has changed since the last call.
    pub fn take_changed(&mut self) -> Option<Position> {
        self.changed.take()
    }

    fn note_change(&mut self, at: Position) {
        self.changed = Some(self.changed.map_or(at, |changed| changed.min(at)));
    }

    fn index(&self, position: Position) -> Option<usize> {
        usize::try_from(position.checked_sub(self.first)?).ok()
    }

    pub(super) fn item(&self, position: Position) -> Option<&Item> {
        let index = self.index(position)?;
        self.items.get(index).or_else(|| self.tail.get(index - self.items.len()))
    }

    /// Returns the items of the log from a position on.
    fn items_from(&self, position: Position) -> impl Iterator<Item = &Item> {
        self.items.range(self.index(position).unwrap_or(0).min(self.items.len())..)
    }

    /// Returns whether an entry is shown at its own position.
    pub fn is_shown(&self, position: Position) -> bool {
        let Some(item) = self.item(position) else { return false };
        match item.shape.block() {
            None => item.shape == Shape::Line,
            Some(first) if first >= self.first => first == position,
            // The beginning of the block was dropped: the oldest part that is kept stands for it.
            Some(_) => {
                let above = self.items_from(self.first).take(self.index(position).unwrap_or(0));
                above.into_iter().all(|other| other.shape != item.shape)
            }
        }
    }

    /// Returns the position at which an entry is shown: its own, or that of its block, or the next one below or above.
    pub fn shown_at(&self, position: Position) -> Option<Position> {
        let position = position.clamp(self.first, (self.end() - 1).max(self.first));
        if self.is_shown(position) {
            return Some(position);
        }
        if let Some(first) = self.item(position)?.shape.block() {
            return (first.max(self.first)..=position).find(|at| self.is_shown(*at));
        }
        self.shown_from(position).or_else(|| self.shown_before(position))
    }

    /// Returns the first entry from a position on that is shown.
    pub fn shown_from(&self, position: Position) -> Option<Position> {
        (position.max(self.first)..self.end()).find(|at| self.is_shown(*at))
    }

    /// Returns the last entry before a position that is shown.
    pub fn shown_before(&self, position: Position) -> Option<Position> {
        (self.first..position.min(self.end())).rev().find(|at| self.is_shown(*at))
    }

    /// Returns the entries of the group or block that is shown at a position.
    fn members(&self, position: Position) -> impl Iterator<Item = &Item> {
        let shape = self.item(position).map(|item| item.shape);
        self.items_from(position).take(SPAN_MAX).filter(move |item| Some(item.shape) == shape)
    }

    /// Returns the parts of what is shown at a position.
    fn parts(&self, position: Position) -> Option<Parts<'_>> {
        let item = self.item(position)?;
        if position >= self.settled_end() {
            return Some(Parts::pending(&item.entry));
        }
        Some(match item.shape {
            Shape::Code(_) => {
                let lines: Vec<&str> = self.code(position).collect();
                Parts::code(said(&item.entry).map_or("", |(from, _)| from), &lines)
            }
            Shape::Group(_) => Parts::group(self.members(position).map(|item| &item.entry)),
            Shape::Folded(_) => Parts::folded(self.members(position).count()),
            Shape::Line | Shape::Hidden => Parts::of(&item.entry),
        })
    }

    /// Returns the lines of a block of code.
    fn code(&self, position: Position) -> impl Iterator<Item = &str> {
        self.members(position).filter_map(|item| said(&item.entry)).map(|(_, text)| text).filter(|text| *text != FENCE)
    }

    /// Returns whether a block of code is shown at a position.
    pub fn is_code(&self, position: Position) -> bool {
        self.item(position).is_some_and(|item| matches!(item.shape, Shape::Code(_)))
    }

    /// Returns the line that is shown at a position.
    pub fn line(&self, position: Position) -> Option<Line> {
        Some(self.parts(position)?.line(&self.item(position)?.me))
    }

    /// Returns the parts beside and above a line.
    pub fn head(&self, position: Position) -> Head {
        let Some(item) = self.item(position) else { return Head::default() };
        let is_first = self.shown_before(position).is_none();
        // At the very top, the mark would divide nothing.
        let mark = self.mark.filter(|mark| !is_first && *mark >= self.first);
        let mark = mark.and_then(|mark| self.shown_at(mark)) == Some(position);
        let Head { day, time, name, .. } = item.head;
        let has_time = item.local.is_some();
        Head {
            day: day || is_first && has_time,
            mark,
            time: time || is_first && has_time,
            name: name || mark || is_first,
        }
    }

    /// Returns the time beside a line.
    pub fn time(&self, position: Position) -> Option<LocalTime> {
        self.item(position)?.local
    }

    /// Returns an estimate of the number of bytes in the longest line of what is shown at a position, and of the number
    /// of lines; `None` if nothing is shown there.
    pub fn size(&self, position: Position) -> Option<(usize, usize)> {
        if !self.is_shown(position) {
            return None;
        }
        let entry = &self.item(position)?.entry;
        let bytes = match &entry.kind {
            Kind::Message { text, .. }
            | Kind::Private { text, .. }
            | Kind::Announcement { text, .. }
            | Kind::Notice(text) => text.len(),
            _ => 1,
        };
        Some(if self.is_code(position) { (1, self.code(position).count()) } else { (bytes, 1) })
    }
}

#[cfg(test)]
mod tests;
