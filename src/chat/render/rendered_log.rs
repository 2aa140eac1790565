//! The conversation as it stands on the screen: which bytes are whose line, which are links, what a selection means.
//!
//! The window's text widget shows this and is never read: FLTK's reading leaks, and would know nothing of names and
//! times. A page follows a [`MessageLog`] and says with each step what a view has to change ([`Edit`]). Runs on the
//! UI thread.

use std::collections::VecDeque;
use std::ops::Range;

use super::lines::LineWriter;
use super::plain;
use super::styled::Styled;
use crate::chat::state::message_log::{Entry, MessageLog, Position, Splice, count};
use crate::chat::state::queue::Pending;
use crate::clock::Clock;

/// What a view has to do: at byte `at`, `removed` bytes go, and `new` comes in their place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edit {
    /// Where.
    pub at: usize,
    /// How many bytes go.
    pub removed: usize,
    /// What comes.
    pub new: Styled,
    /// It has come above what the reader knows: what is below stays where it is on the screen.
    pub above: bool,
}

/// What is written of a conversation.
#[derive(Debug)]
pub struct RenderedLog {
    writer: LineWriter,
    clock: Clock,
    /// An entry each, with the day before it, and the mark.
    entries: VecDeque<Styled>,
    /// The position in the conversation up to which it is written.
    written: Position,
    /// The bytes of all entries together; what follows is what waits for its echo.
    settled: usize,
    tail: Styled,
    /// The line that says where what is new begins: before which entry, and which bytes of that one it is.
    mark: Option<(Position, Range<usize>)>,
}

/// A piece of one entry, counted without the mark before it: that goes, and what is below it stays where it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Span {
    /// The entry's position in the conversation.
    pub entry: Position,
    /// The first byte of it.
    pub start: usize,
    /// How many.
    pub len: usize,
}

impl RenderedLog {
    /// An empty page.
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

    /// Writes what is new to somebody who is called `me`, and below it what waits, with a mark before the entry at
    /// `news`, and drops what the conversation has dropped. Returns what has changed, in the order in which a view is
    /// to do it.
    pub fn update<'a>(
        &mut self,
        log: &MessageLog,
        me: &str,
        pending: impl IntoIterator<Item = &'a Pending>,
        news: Option<Position>,
    ) -> Vec<Edit> {
        let mut edits = Vec::new();
        self.drop_mark_unless(news, &mut edits);
        self.trim(log.first(), &mut edits);
        let mut new = Styled::default();
        for entry in log.since(self.written) {
            let mut written = Styled::default();
            // With nothing above it, it would divide nothing.
            if news == Some(self.written) && !self.entries.is_empty() {
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
            edits.push(Edit { at, removed: self.tail.text.len(), new, above: false });
            self.tail = tail;
        }
        edits
    }

    /// Writes what the conversation has taken in between, and moves with it. To be called before
    /// [`update`](RenderedLog::update).
    pub fn splice(&mut self, log: &MessageLog, me: &str, splices: &[Splice]) -> Vec<Edit> {
        let mut edits = Vec::new();
        match splices {
            [] => {}
            // It is all below, and will be written in its turn.
            [splice] if splice.before - splice.removed >= self.written => {
                self.mark = self.mark.take().map(|(entry, bytes)| (splice.moved(entry), bytes));
                self.written -= splice.inserted - splice.removed;
            }
            [splice] if splice.before <= self.written && splice.before - splice.inserted >= log.first() => {
                self.trim(log.first() + splice.inserted - splice.removed, &mut edits);
                edits.extend(self.splice_one(log, me, splice));
            }
            // What came has been dropped meanwhile, or there was more of it: whoever has so much to do begins anew.
            _ => {
                let removed = self.settled + self.tail.text.len();
                *self = RenderedLog { written: log.first(), ..RenderedLog::new(self.clock.clone()) };
                edits.push(Edit { at: 0, removed, new: Styled::default(), above: false });
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
            let divides = marked.as_ref().is_some_and(|(marked, _)| *marked == position) && writer.has_begun();
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
        // What follows may need a day above it now, or need it no more: that is seen at the first that has a day.
        let mut last = splice.before;
        for (stays, (position, entry)) in self.entries.range_mut(index..).zip(log.positions_since(splice.before)) {
            let (line, mark) = write(position, entry);
            self.mark = self.mark.take().or(mark);
            last = position;
            let old = std::mem::replace(stays, line.clone());
            if entry.at.is_some() {
                // Its own line is not touched.
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
        Some(Edit { at, removed, new, above: true })
    }

    /// The mark is of the past once there is another one, or none.
    fn drop_mark_unless(&mut self, news: Option<Position>, edits: &mut Vec<Edit>) {
        let Some((entry, bytes)) = self.mark.take_if(|(entry, _)| news != Some(*entry)) else { return };
        let Some(at) = self.offset(entry) else { return };
        let Some(written) = self.index(entry).and_then(|index| self.entries.get_mut(index)) else { return };
        edits.push(Edit { at: at + bytes.start, removed: bytes.len(), new: Styled::default(), above: false });
        self.settled -= bytes.len();
        written.remove(bytes);
    }

    /// Drops the entries before a position.
    fn trim(&mut self, first: Position, edits: &mut Vec<Edit>) {
        let mut gone = 0;
        while self.first() < first
            && let Some(entry) = self.entries.pop_front()
        {
            gone += entry.text.len();
        }
        // Some may have come and gone without being written.
        self.written = self.written.max(first);
        if self.entries.is_empty() {
            // It begins anew, with a day and without an empty line.
            self.writer = LineWriter::new(self.clock.clone());
        }
        if gone > 0 {
            self.settled -= gone;
            edits.push(Edit { at: 0, removed: gone, new: Styled::default(), above: false });
        }
    }

    /// The position of the oldest entry that is written here.
    fn first(&self) -> Position {
        self.written - count(self.entries.len())
    }

    /// The position after the newest entry that is written here.
    pub fn end(&self) -> Position {
        self.written
    }

    fn index(&self, entry: Position) -> Option<usize> {
        usize::try_from(entry.checked_sub(self.first())?).ok()
    }

    /// Where an entry begins, in bytes.
    fn offset(&self, entry: Position) -> Option<usize> {
        let index = self.index(entry).filter(|index| *index < self.entries.len())?;
        Some(self.entries.iter().take(index).map(|entry| entry.text.len()).sum())
    }

    /// The bytes of the whole page that a place has.
    pub fn bytes(&self, place: Span) -> Option<Range<usize>> {
        let start = self.offset(place.entry)? + self.mark_before(place.entry) + place.start;
        Some(start..start + place.len)
    }

    /// The bytes that are an entry's own line, without what is written above it.
    pub fn line(&self, entry: Position) -> Option<Range<usize>> {
        let text = &self.entries.get(self.index(entry)?)?.text;
        let start = self.offset(entry)?;
        Some(start + own_line(text)..start + text.len())
    }

    /// The entry that a byte of the page is part of; the end, if it is of none.
    pub fn entry_at(&self, at: usize) -> Position {
        let mut end = 0;
        let above = self.entries.iter().take_while(|entry| {
            end += entry.text.len();
            end <= at
        });
        self.first() + count(above.count())
    }

    /// How many bytes of an entry are the mark, with which it then begins.
    fn mark_before(&self, entry: Position) -> usize {
        self.mark.as_ref().filter(|(marked, _)| *marked == entry).map_or(0, |(_, bytes)| bytes.end)
    }

    /// The entries from a position on, each as it is written but without the mark, with its position.
    pub(crate) fn entries_from(&self, position: Position) -> impl Iterator<Item = (Position, &str)> {
        let skip = self.index(position).unwrap_or(0);
        let first = self.first().max(position);
        let entries = (first..).zip(self.entries.iter().skip(skip));
        entries.map(|(position, entry)| (position, entry.text.get(self.mark_before(position)..).unwrap_or("")))
    }

    /// The link that a byte of the page is part of.
    pub fn link_at(&self, at: usize) -> Option<&str> {
        let mut before = 0;
        for entry in &self.entries {
            let within = at - before;
            if within < entry.text.len() {
                let link = entry.links.iter().find(|link| link.contains(&within))?;
                return entry.text.get(link.clone());
            }
            before += entry.text.len();
        }
        None
    }

    /// The bytes of the last link before a byte of the page, or of the very last if there is none.
    pub fn link_before(&self, at: usize) -> Option<Range<usize>> {
        let mut before = 0;
        let mut links = Vec::new();
        for entry in &self.entries {
            links.extend(entry.links.iter().map(|link| link.start + before..link.end + before));
            before += entry.text.len();
        }
        links.iter().rfind(|link| link.end <= at).or(links.last()).cloned()
    }

    /// What a selection is worth as plain text. Within one entry it is what was selected; over several it is their
    /// lines, each whole, so that each has its time and its name.
    pub fn plain_text(&self, log: &MessageLog, selected: Range<usize>) -> String {
        let mut before = 0;
        let mut touched = Vec::new();
        for (position, entry) in (self.first()..).zip(&self.entries) {
            let (start, end) = (before.max(selected.start), (before + entry.text.len()).min(selected.end));
            // The LF that an entry begins with is not its own: it ends the line before.
            let text = entry.text.get(start.saturating_sub(before)..end.saturating_sub(before)).unwrap_or("");
            if !text.trim_matches('\n').is_empty() {
                touched.push((position, text));
            }
            before += entry.text.len();
        }
        let tail = selected.start.max(before)..selected.end.max(before);
        let tail = self.tail.text.get(tail.start - before..tail.end - before).unwrap_or("").trim_matches('\n');
        let mut lines = match touched.as_slice() {
            [(_, text)] if tail.is_empty() => vec![text.trim_matches('\n').to_owned()],
            [] => Vec::new(),
            // What the conversation has dropped meanwhile is copied as it stands here.
            touched => touched
                .iter()
                .map(|(position, text)| match log.of_view(*position) {
                    Some(entry) => plain::line(&self.clock, entry),
                    None => text.trim_matches('\n').to_owned(),
                })
                .collect(),
        };
        if !tail.is_empty() {
            lines.push(tail.to_owned());
        }
        lines.join("\n")
    }
}

/// Where an entry's own line begins: no text has more than one line, so it is the last.
fn own_line(text: &str) -> usize {
    text.rfind('\n').map_or(0, |lf| lf + 1)
}

#[cfg(test)]
mod tests;
