//! The reader's place in a conversation while another one is shown. Runs on the UI thread.

use super::Transcript;
use super::anchor::Anchor;
use crate::chat::render::rendered_log::{RenderedLog, Span};
use crate::chat::state::{MessageLog, Pending, Position, Splice};

/// The place, as plain data: it names entries and no bytes of the display. By default, the end is followed.
#[derive(Debug, Default)]
pub(in crate::chat::window::conversation) struct SavedPlace {
    /// The first visible row, unless the end is followed.
    anchor: Option<Anchor>,
    /// Number of entries below the visible part that the reader has not seen.
    unseen: u64,
    /// Position after the newest entry that was shown.
    end: Position,
    /// The selection, if it is within one entry.
    selected: Option<Span>,
}

impl SavedPlace {
    /// Moves the positions after changes to the log.
    pub(in crate::chat::window::conversation) fn splice(&mut self, splices: &[Splice]) {
        self.anchor = self.anchor.map(|anchor| anchor.after(splices));
        for splice in splices {
            self.selected.take_if(|selected| splice.removes(selected.entry));
            if let Some(selected) = &mut self.selected {
                selected.entry = splice.moved(selected.entry);
            }
        }
    }
}

impl Transcript {
    /// Returns the reader's place, before another conversation is shown.
    pub(in crate::chat::window::conversation) fn leave(&mut self) -> SavedPlace {
        SavedPlace {
            anchor: self.first_row_anchor(&[]),
            unseen: self.unseen,
            end: self.rendered.end(),
            selected: self.selected_span(),
        }
    }

    fn selected_span(&self) -> Option<Span> {
        let selected = self.selection()?;
        let entry = self.rendered.entry_at(selected.start);
        let whole = self.rendered.bytes(Span { entry, start: 0, len: 0 })?;
        let start = selected.start.checked_sub(whole.start)?;
        let is_within = self.rendered.line(entry).is_some_and(|line| selected.end <= line.end);
        is_within.then_some(Span { entry, start, len: selected.len() })
    }

    /// Shows another conversation, with the reader at this place.
    pub(in crate::chat::window::conversation) fn turn_to<'a>(
        &mut self,
        place: SavedPlace,
        log: &MessageLog,
        me: &str,
        pending: impl IntoIterator<Item = &'a Pending>,
        new_from: Option<Position>,
    ) {
        self.styles.set_text("");
        self.text.set_text("");
        self.rendered = RenderedLog::beginning_at(log.first(), self.clock.clone());
        self.following = place.anchor.is_none();
        (self.anchor, self.kept, self.search_start) = (place.anchor, None, (None, true));
        self.state.drawn.set(false);
        self.draw(log, me, pending, new_from, &[]);
        if !self.following {
            let came = u64::try_from(self.rendered.end() - place.end.max(log.first())).unwrap_or(0);
            self.unseen = place.unseen + came;
        }
        if let Some(selected) = place.selected.and_then(|span| self.rendered.bytes(span)) {
            self.select(&selected);
        }
        self.show_end_if_following();
    }
}
