//! A log as rendered on the screen: the bytes of each entry, the links, and the text of a selection.
//!
//! The window's text widget shows this text and is never read: reading from FLTK leaks, and the widget knows nothing
//! of names and times. A rendered log follows a [`MessageLog`], and each step returns the changes that a view must
//! apply ([`Edit`]). Runs on the UI thread.

use std::collections::VecDeque;
use std::ops::Range;

use super::lines::LineWriter;
use super::plain;
use super::styled::Styled;
use crate::chat::state::outgoing::Pending;
use crate::chat::state::talks::message_log::{Entry, MessageLog, Position, Splice, count};
use crate::clock::Clock;

/// A change of a view: at byte `at`, `removed` bytes are replaced by `new`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edit {
    /// Byte offset.
    pub at: usize,
    /// Number of bytes to remove.
    pub removed: usize,
    /// Text to insert.
    pub new: Styled,
}

/// The rendered text of a log.
#[derive(Debug)]
pub struct RenderedLog {
    writer: LineWriter,
    clock: Clock,
    /// One text per entry, preceded by its day and the mark for new messages.
    entries: VecDeque<Styled>,
    /// Position in the log up to which it is rendered.
    written: Position,
    /// Number of bytes of all entries together. The messages without an answer follow.
    settled: usize,
    tail: Styled,
    /// The line above the first new entry: the position of that entry, and the bytes of the line within its text.
    mark: Option<(Position, Range<usize>)>,
}

/// A piece of one entry, counted without the mark above it: the mark is temporary, and must not move what is below.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Span {
    /// Position of the entry in the log.
    pub entry: Position,
    /// First byte within the entry.
    pub start: usize,
    /// Number of bytes.
    pub len: usize,
}

impl RenderedLog {
    /// Returns an empty text.
    pub fn new(clock: Clock) -> RenderedLog {
        RenderedLog {
            writer: LineWriter::new(clock.clone()),
            clock,
            entries: VecDeque::new(),
            written: 0,
            settled: 0,
            tail: Styled::default(),
            mark: None,
        }
    }

    /// Returns an empty text for a log whose oldest entry is at this position.
    pub fn beginning_at(first: Position, clock: Clock) -> RenderedLog {
        RenderedLog { written: first, ..RenderedLog::new(clock) }
    }

    /// Renders new entries for the user `me`, and below them the messages without an answer, with a mark above the
    /// entry at `first_new`. Removes entries that the log has dropped. Returns the edits, in the order in which a view
    /// must apply them.
    pub fn update<'a>(
        &mut self,
        log: &MessageLog,
        me: &str,
        pending: impl IntoIterator<Item = &'a Pending>,
        first_new: Option<Position>,
    ) -> Vec<Edit> {
        let mut edits = Vec::new();
        self.remove_mark_unless(first_new, &mut edits);
        self.trim(log.first(), &mut edits);
        let mut new = Styled::default();
        for entry in log.since(self.written) {
            let mut written = Styled::default();
            // At the very top, the mark would divide nothing.
            if first_new == Some(self.written) && !self.entries.is_empty() {
                let bytes = self.writer.write_mark(&mut written);
                self.mark = Some((self.written, bytes));
            }
            self.writer.write(&mut written, entry, me);
            new.append(&written);
            self.settled += written.text.len();
            self.entries.push_back(written);
            self.written += 1;
        }
        let mut tail = Styled::default();
        let mut below = self.writer.clone();
        for pending in pending {
            below.write_pending(&mut tail, me, pending);
        }
        if !new.text.is_empty() || tail != self.tail {
            let at = self.settled - new.text.len();
            new.append(&tail);
            edits.push(Edit { at, removed: self.tail.text.len(), new });
            self.tail = tail;
        }
        edits
    }

    /// Renders the entries that were spliced in. To be called before [`update`](RenderedLog::update).
    pub fn splice(&mut self, log: &MessageLog, me: &str, splices: &[Splice]) -> Vec<Edit> {
        let mut edits = Vec::new();
        match splices {
            [] => {}
            // The splice is all below, and is rendered in its turn.
            [splice] if splice.before - splice.removed >= self.written => {
                self.mark = self.mark.take().map(|(entry, bytes)| (splice.moved(entry), bytes));
                self.written -= splice.inserted - splice.removed;
            }
            [splice] if splice.before <= self.written && splice.before - splice.inserted >= log.first() => {
                self.trim(log.first() + splice.inserted - splice.removed, &mut edits);
                edits.extend(self.splice_one(log, me, splice));
            }
            // The inserted entries were dropped meanwhile, or there was more than one splice. Such a change is
            // rendered from scratch.
            _ => {
                let removed = self.settled + self.tail.text.len();
                *self = RenderedLog::beginning_at(log.first(), self.clock.clone());
                edits.push(Edit { at: 0, removed, new: Styled::default() });
            }
        }
        edits
    }

    fn splice_one(&mut self, log: &MessageLog, me: &str, splice: &Splice) -> Option<Edit> {
        let index = self.index(splice.before)?;
        let top = index.saturating_sub(usize::try_from(splice.removed).ok()?);
        let marked = self.mark.take().map(|(entry, bytes)| (splice.moved(entry), bytes));
        let from = splice.before - splice.inserted;
        let mut writer = LineWriter::after(self.clock.clone(), log.before(from));
        let mut write = |position: Position, entry: &Entry| {
            let mut line = Styled::default();
            let divides = marked.as_ref().is_some_and(|(marked, _)| *marked == position) && writer.begun;
            let mark = divides.then(|| (position, writer.write_mark(&mut line)));
            writer.write(&mut line, entry, me);
            (line, mark)
        };
        let mut lines = Vec::new();
        for (position, entry) in log.positions_since(from).take_while(|(at, _)| *at < splice.before) {
            let (line, mark) = write(position, entry);
            self.mark = self.mark.take().or(mark);
            lines.push(line);
        }
        let at = self.entries.iter().take(top).map(|entry| entry.text.len()).sum();
        let mut removed: usize = self.entries.range(top..index).map(|entry| entry.text.len()).sum();
        let mut new = Styled::default();
        lines.iter().for_each(|line| new.append(line));
        // The entries that follow may need a line for their day now, or no longer. The first entry that has a day
        // settles that.
        let mut last = splice.before;
        for (stays, (position, entry)) in self.entries.range_mut(index..).zip(log.positions_since(splice.before)) {
            let (line, mark) = write(position, entry);
            self.mark = self.mark.take().or(mark);
            last = position;
            let old = std::mem::replace(stays, line.clone());
            if entry.at.is_some() {
                // The entry's own line stays.
                let own = own_line(&line.text);
                removed += old.text.len() - (line.text.len() - own);
                new.append(&line.beginning(own));
                break;
            }
            removed += old.text.len();
            new.append(&line);
        }
        if last + 1 >= self.written {
            self.writer = writer;
        }
        self.mark = self.mark.take().or(marked.filter(|(marked, _)| !(from..=last).contains(marked)));
        self.settled = self.settled + new.text.len() - removed;
        let below = self.entries.split_off(index);
        self.entries.truncate(top);
        self.entries.extend(lines.into_iter().chain(below));
        Some(Edit { at, removed, new })
    }

    /// Removes the mark if it is to be elsewhere or nowhere.
    fn remove_mark_unless(&mut self, first_new: Option<Position>, edits: &mut Vec<Edit>) {
        let Some((entry, bytes)) = self.mark.take_if(|(entry, _)| first_new != Some(*entry)) else { return };
        let Some(at) = self.offset(entry) else { return };
        let Some(written) = self.index(entry).and_then(|index| self.entries.get_mut(index)) else { return };
        edits.push(Edit { at: at + bytes.start, removed: bytes.len(), new: Styled::default() });
        self.settled -= bytes.len();
        written.remove(bytes);
    }

    /// Removes the entries before a position.
    fn trim(&mut self, first: Position, edits: &mut Vec<Edit>) {
        let mut gone = 0;
        while self.first() < first
            && let Some(entry) = self.entries.pop_front()
        {
            gone += entry.text.len();
        }
        // Entries may have come and gone without being rendered.
        self.written = self.written.max(first);
        if self.entries.is_empty() {
            // The text begins anew, with a line for the day and without an empty line.
            self.writer = LineWriter::new(self.clock.clone());
        }
        if gone > 0 {
            self.settled -= gone;
            edits.push(Edit { at: 0, removed: gone, new: Styled::default() });
        }
    }

    /// Returns the position of the oldest rendered entry.
    fn first(&self) -> Position {
        self.written - count(self.entries.len())
    }

    /// Returns the position after the newest rendered entry.
    pub fn end(&self) -> Position {
        self.written
    }

    fn index(&self, entry: Position) -> Option<usize> {
        usize::try_from(entry.checked_sub(self.first())?).ok()
    }

    /// Returns the byte offset of an entry.
    fn offset(&self, entry: Position) -> Option<usize> {
        let index = self.index(entry).filter(|index| *index < self.entries.len())?;
        Some(self.entries.iter().take(index).map(|entry| entry.text.len()).sum())
    }

    /// Returns the bytes of a span in the whole text.
    pub fn bytes(&self, span: Span) -> Option<Range<usize>> {
        let start = self.offset(span.entry)? + self.mark_before(span.entry) + span.start;
        Some(start..start + span.len)
    }

    /// Returns the bytes of an entry's own line, without the day and the mark above it.
    pub fn line(&self, entry: Position) -> Option<Range<usize>> {
        let text = &self.entries.get(self.index(entry)?)?.text;
        let start = self.offset(entry)?;
        Some(start + own_line(text)..start + text.len())
    }

    /// Returns the entries, each with the byte offset at which it begins.
    fn placed(&self) -> impl Iterator<Item = (usize, &Styled)> {
        self.entries.iter().scan(0, |end, entry| {
            let start = *end;
            *end += entry.text.len();
            Some((start, entry))
        })
    }

    /// Returns the entry at a byte offset; the end if there is none.
    pub fn entry_at(&self, at: usize) -> Position {
        self.first() + count(self.placed().take_while(|(before, entry)| before + entry.text.len() <= at).count())
    }

    /// Returns the number of bytes of the mark at the beginning of an entry's text.
    fn mark_before(&self, entry: Position) -> usize {
        self.mark.as_ref().filter(|(marked, _)| *marked == entry).map_or(0, |(_, bytes)| bytes.end)
    }

    /// Returns the entries from a position on, with their positions, each as rendered but without the mark.
    pub(crate) fn entries_from(&self, position: Position) -> impl Iterator<Item = (Position, &str)> {
        let skip = self.index(position).unwrap_or(0);
        let first = self.first().max(position);
        let entries = (first..).zip(self.entries.iter().skip(skip));
        entries.map(|(position, entry)| (position, entry.text.get(self.mark_before(position)..).unwrap_or("")))
    }

    /// Returns the link at a byte offset.
    pub fn link_at(&self, at: usize) -> Option<&str> {
        let (before, entry) = self.placed().find(|(before, entry)| at < before + entry.text.len())?;
        let link = entry.links.iter().find(|link| link.contains(&(at - before)))?;
        entry.text.get(link.clone())
    }

    /// Returns the bytes of the last link before a byte offset, or of the very last one if there is none before.
    pub fn link_before(&self, at: usize) -> Option<Range<usize>> {
        let links: Vec<_> = self
            .placed()
            .flat_map(|(before, entry)| entry.links.iter().map(move |link| link.start + before..link.end + before))
            .collect();
        links.iter().rfind(|link| link.end <= at).or(links.last()).cloned()
    }

    /// Returns a selection as plain text. Within one entry it is the selected text; across several it is their whole
    /// lines, so that each has its time and its name.
    pub fn plain_text(&self, log: &MessageLog, selected: Range<usize>) -> String {
        let touched = (self.first()..)
            .zip(self.placed())
            .map(|(position, (before, entry))| (position, selected_part(&entry.text, before, &selected)));
        let touched: Vec<_> = touched.filter(|(_, text)| !text.is_empty()).collect();
        let tail = selected_part(&self.tail.text, self.settled, &selected);
        let mut lines: Vec<_> = match touched.as_slice() {
            [(_, text)] if tail.is_empty() => vec![(*text).to_owned()],
            // An entry that the log has dropped meanwhile is copied as rendered.
            touched => touched
                .iter()
                .map(|(position, text)| match log.entry_for_view(*position) {
                    Some(entry) => plain::line(&self.clock, entry),
                    None => (*text).to_owned(),
                })
                .collect(),
        };
        if !tail.is_empty() {
            lines.push(tail.to_owned());
        }
        lines.join("\n")
    }
}

/// Returns the selected part of a text that begins at the byte `before`, without the line ends around it: the LF at the
/// beginning of an entry ends the line before.
fn selected_part<'a>(text: &'a str, before: usize, selected: &Range<usize>) -> &'a str {
    let within = |at: usize| at.saturating_sub(before).min(text.len());
    text.get(within(selected.start)..within(selected.end)).unwrap_or("").trim_matches('\n')
}

/// Returns where an entry's own line begins: no message has more than one line, so it is the last.
fn own_line(text: &str) -> usize {
    text.rfind('\n').map_or(0, |lf| lf + 1)
}

#[cfg(test)]
mod tests;
