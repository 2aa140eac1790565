//! The page of one conversation and the reader's place in it, shown or while another conversation is shown. Plain data,
//! on the UI thread.

use std::time::{Duration, Instant};

use crate::chat::render::find::Find;
use crate::chat::render::page::Page;
use crate::chat::render::selection::{Point, Selection, Span};
use crate::chat::render::viewport::{Spot, Viewport};
use crate::chat::state::{Position, Splice};
use crate::clock::Clock;

/// Time for which one tick searches.
const SLICE: Duration = Duration::from_millis(3);

/// The page of one conversation and the reader's place in it.
#[derive(Debug)]
pub(super) struct Place {
    pub(super) page: Page,
    pub(super) viewport: Viewport,
    pub(super) selection: Option<Selection>,
    pub(super) find: Find,
    pub(super) search_start: Option<SearchStart>,
    /// Number of messages that arrived below the visible part, up to a position.
    pub(super) unseen: u64,
    pub(super) counted_to: Position,
    /// The first new message, and whether it has been in sight since.
    pub(super) first_new: Option<Position>,
    pub(super) is_new_seen: bool,
}

/// The place where a search began: a spot, or the end.
#[derive(Clone, Copy, Debug)]
pub(super) struct SearchStart(pub(super) Option<Spot>);

impl Place {
    /// Returns the place at the end of an empty page.
    pub(super) fn new(clock: Clock) -> Place {
        Place {
            page: Page::new(clock),
            viewport: Viewport::default(),
            selection: None,
            find: Find::default(),
            search_start: None,
            unseen: 0,
            counted_to: Position::MIN,
            first_new: None,
            is_new_seen: true,
        }
    }

    /// Moves the positions beside those of the page after changes to the log.
    pub(super) fn splice(&mut self, splices: &[Splice]) {
        let moved = |entry| splices.iter().fold(entry, |entry, splice| splice.moved(entry));
        self.first_new = self.first_new.map(moved);
        self.counted_to = moved(self.counted_to);
        if let Some(began) = &mut self.search_start {
            began.0 = began.0.map(|spot| spot.after(splices));
        }
    }

    /// Searches on for [`SLICE`]. Returns whether the current hit is known since then.
    pub(super) fn search_on(&mut self) -> bool {
        self.find.go_on(&self.page, Some(Instant::now() + SLICE))
    }

    /// Returns the selected text as it is copied.
    pub(super) fn selected_text(&self) -> Option<String> {
        self.selection.map(|selection| self.page.copy(selection))
    }

    /// Returns the link at a point.
    pub(super) fn link_at(&self, point: Point) -> Option<String> {
        let line = self.page.line(point.entry)?;
        let bytes = line.styled.link_at(point.byte)?;
        Some(line.styled.text[bytes].to_owned())
    }

    /// Returns the newest link, or the one before the selection.
    pub(super) fn link_before_selection(&self) -> Option<Span> {
        let end = Point { entry: Position::MAX, byte: 0 };
        self.page.link_before(self.selection.map_or(end, |selection| selection.from))
    }
}

/// The place in a conversation while another one is shown. The default is the end of one that was never shown.
#[derive(Debug, Default)]
pub(in crate::chat::window::conversation) struct SavedPlace(pub(super) Option<Place>);

impl SavedPlace {
    /// Moves the place after changes to the log. The page itself is read anew then.
    pub(in crate::chat::window::conversation) fn splice(&mut self, splices: &[Splice]) {
        let Some(place) = self.0.as_mut().filter(|_| !splices.is_empty()) else { return };
        let moved = |entry| splices.iter().fold(entry, |entry, splice| splice.moved(entry));
        place.page.forget(splices);
        place.viewport.splice(splices);
        place.find.splice(splices);
        place.selection = place.selection.map(|Selection { from, to }| Selection {
            from: Point { entry: moved(from.entry), ..from },
            to: Point { entry: moved(to.entry), ..to },
        });
        place.splice(splices);
    }
}
