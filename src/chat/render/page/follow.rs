//! Keeps a page up to date with its log: appended, trimmed, spliced, and the messages without an answer below.

use std::collections::VecDeque;
use std::rc::Rc;

use super::{Above, Head, Item, Page, Reader};
use crate::chat::render::blocks::{Shape, Shaper, said, speaker};
use crate::chat::state::outgoing::Pending;
use crate::chat::state::talks::message_log::{Entry, Kind, MessageLog, Position, Splice};

impl Page {
    /// Takes over new entries for their reader, drops those that the log has dropped, and puts the messages without an
    /// answer below. A mark for new messages stands above the entry at `first_new`.
    pub fn update<'a>(
        &mut self,
        log: &MessageLog,
        reader: Reader<'_>,
        pending: impl IntoIterator<Item = &'a Pending>,
        first_new: Option<Position>,
    ) {
        self.trim(log.first());
        if self.items.is_empty() {
            self.first = log.first();
        }
        if self.mark != first_new {
            [self.mark, first_new].into_iter().flatten().for_each(|at| self.note_change(at));
            self.mark = first_new;
        }
        if (self.shaper.joins, self.version) != (reader.joins, reader.version) {
            self.shape_all(reader);
        }
        let me: Rc<str> = reader.me.into();
        let settled = self.settled_end();
        for entry in log.since(settled) {
            self.items.push_back(self.item_of(entry.clone(), &me));
            self.shape(self.settled_end() - 1, reader);
        }
        if self.settled_end() > settled {
            self.note_change(settled);
        }
        self.set_tail(pending, &me);
    }

    /// Forgets the entries, but not where they ended. The next update takes over all that the log has.
    pub fn forget(&mut self, splices: &[Splice]) {
        let end = splices.iter().fold(self.settled_end(), |end, splice| splice.moved(end));
        *self = Page { first: end, ..Page::new(self.clock.clone()) };
    }

    fn item_of(&self, entry: Entry, me: &Rc<str>) -> Item {
        let local = entry.at.map(|at| self.clock.at_stamp(at));
        Item { entry, local, me: Rc::clone(me), shape: Shape::Line, head: Head::default() }
    }

    fn set_tail<'a>(&mut self, pending: impl IntoIterator<Item = &'a Pending>, me: &Rc<str>) {
        let entry = |pending: &Pending| {
            let text = crate::protocol::escape::escape(&pending.text).into_owned();
            Entry { at: Some(pending.at), kind: Kind::Message { from: me.as_ref().to_owned(), text, earlier: false } }
        };
        let tail: Vec<Entry> = pending.into_iter().map(entry).collect();
        let is_same = tail.len() == self.tail.len()
            && self.changed.is_none_or(|changed| changed > self.settled_end())
            && tail.iter().zip(&self.tail).all(|(new, old)| *new == old.entry);
        if is_same {
            return;
        }
        self.note_change(self.settled_end());
        self.tail = tail.into_iter().map(|entry| self.item_of(entry, me)).collect();
        let settled = self.above;
        for at in self.settled_end()..self.end() {
            self.set_head(at);
        }
        self.above = settled;
    }

    /// Applies the splices of the log. To be called before [`update`](Page::update).
    pub fn splice(&mut self, log: &MessageLog, reader: Reader<'_>, splices: &[Splice]) {
        let end = self.settled_end();
        match splices {
            [] => return,
            // The splice is all below, and comes with the update.
            [splice] if splice.before - splice.removed >= end => {
                self.first -= splice.inserted - splice.removed;
                self.mark = self.mark.map(|mark| splice.moved(mark));
            }
            [splice] if splice.before <= end && splice.before - splice.inserted >= log.first() => {
                self.trim(log.first() + splice.inserted - splice.removed);
                let Some(index) = self.index(splice.before) else { return };
                let removed = usize::try_from(splice.removed).unwrap_or(0);
                let from = splice.before - splice.inserted;
                let me: Rc<str> = reader.me.into();
                let between = log.positions_since(from).take_while(|(at, _)| *at < splice.before);
                let inserted: Vec<_> = between.map(|(_, entry)| self.item_of(entry.clone(), &me)).collect();
                let below = self.items.split_off(index);
                self.items.truncate(index.saturating_sub(removed));
                self.items.extend(inserted.into_iter().chain(below));
                self.first += splice.removed - splice.inserted;
                self.mark = self.mark.map(|mark| splice.moved(mark));
            }
            // The inserted entries were dropped meanwhile, or there was more than one splice: all is taken over anew.
            _ => {
                self.items = VecDeque::new();
                self.first = log.first();
                self.mark = None;
            }
        }
        self.shape_all(reader);
    }

    /// Finds out anew how every entry is shown.
    fn shape_all(&mut self, reader: Reader<'_>) {
        self.shaper = Shaper::new(reader.joins);
        self.version = reader.version;
        self.above = Above::default();
        for at in self.first..self.settled_end() {
            self.shape(at, reader);
        }
        self.note_change(self.first);
    }

    /// Finds out how the last entry so far is shown.
    fn shape(&mut self, position: Position, reader: Reader<'_>) {
        let Some(index) = self.index(position) else { return };
        let entry = &self.items[index].entry;
        let shape = self.shaper.next(position, entry, reader.ignored.treatment(entry));
        match shape {
            Shape::Code(fence) if fence >= self.first => return self.close_block(fence, position),
            // The first fence was dropped: what is left of the block is ordinary text.
            Shape::Code(_) => {}
            shape => self.items[index].shape = shape,
        }
        if let Some(first) = shape.block().filter(|first| *first != position) {
            self.note_change(first);
        }
        self.set_head(position);
    }

    /// Makes the messages of one sender between two fences a block, which changes what is above the others there.
    fn close_block(&mut self, fence: Position, last: Position) {
        let (Some(from), Some(to)) = (self.index(fence), self.index(last)) else { return };
        let sender = said(&self.items[from].entry).map(|(sender, _)| sender.to_owned());
        for item in self.items.range_mut(from..=to) {
            if said(&item.entry).map(|(sender, _)| sender) == sender.as_deref() {
                item.shape = Shape::Code(fence);
            }
        }
        self.note_change(fence);
        let above = self.shown_before(fence);
        let dated = self.items.range(..from).rev().find_map(|item| item.local);
        self.above =
            Above { date: dated.map(|local| local.date), minute: above.and_then(|at| self.time(at)), last: above };
        for at in fence..=last {
            self.set_head(at);
        }
    }

    /// Finds out what stands beside and above an entry, from what is above it.
    fn set_head(&mut self, position: Position) {
        if !self.is_shown(position) {
            return;
        }
        let Some(item) = self.item(position) else { return };
        let above = self.above.last.and_then(|at| self.item(at));
        let day = item.local.is_some_and(|local| self.above.date != Some(local.date));
        let time = item.local.is_some() && (day || item.local != self.above.minute);
        let before = above.and_then(|above| speaker(&above.entry));
        let head = Head { day, mark: false, time, name: time || speaker(&item.entry) != before };
        let local = item.local;
        self.above = Above {
            date: local.map(|local| local.date).or(self.above.date),
            minute: local.or(self.above.minute),
            last: Some(position),
        };
        let settled = self.items.len();
        if let Some(index) = self.index(position) {
            let item = if index < settled { self.items.get_mut(index) } else { self.tail.get_mut(index - settled) };
            if let Some(item) = item {
                item.head = head;
            }
        }
    }

    /// Drops the entries before a position.
    fn trim(&mut self, first: Position) {
        if self.first >= first {
            return;
        }
        let gone = self.index(first).unwrap_or(0).min(self.items.len());
        self.items.drain(..gone);
        // Entries may have come and gone without being seen here.
        self.first = first;
        if self.items.is_empty() {
            // The text begins anew, with a line for the day.
            self.shaper = Shaper::new(self.shaper.joins);
            self.above = Above::default();
        }
        // What is left is as it was, but stands at the top now.
        self.note_change(self.settled_end());
    }
}
