//! The part of a page that is in sight: which lines stand where. Pure; runs on the UI thread.
//!
//! A place is kept as a row of text and its distance from the upper edge ([`Spot`]), not as a number of rows from the
//! beginning: nothing that changes above can move it. Only lines in sight are laid out. For the scrollbar, the height of
//! every other line is estimated from its length, until the line has been in sight once.

use std::collections::VecDeque;
use std::ops::Range;

use super::lines::Line;
use super::page::{Head, Page};
use super::selection::Point;
use super::wrap::Measure;
use crate::chat::state::talks::message_log::{Position, Splice};

mod laying;
mod thumb;

pub use laying::CODE_PADDING;
pub use thumb::Thumb;

/// Sizes that the layout depends on, in pixels.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Metrics {
    /// Height of the view.
    pub height: i32,
    /// Width of the column of the text.
    pub text: f32,
    /// Height of a row.
    pub row: i32,
    /// Space above a line that begins with a name.
    pub gap: i32,
    /// Width of an ordinary letter, for estimates.
    pub letter: f32,
}

/// Content of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Content {
    /// A day.
    Day,
    /// The mark for new messages.
    Mark,
    /// Text of the line.
    Text,
}

/// A row of a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// Upper edge, counted from that of the line.
    pub y: i32,
    /// Its content.
    pub content: Content,
    /// Bytes of the line.
    pub bytes: Range<usize>,
}

/// A line in sight.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Laid {
    /// Position at which it is shown.
    pub entry: Position,
    /// Upper edge, counted from that of the view.
    pub y: i32,
    /// Height with everything above its text.
    pub height: i32,
    /// The text.
    pub line: Line,
    /// Parts beside and above the text.
    pub head: Head,
    /// A block of code.
    pub is_code: bool,
    /// The rows.
    pub rows: Vec<Row>,
}

/// A row of text, and its distance from the upper edge of the view.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Spot {
    entry: Position,
    /// A byte in the row; `None` for the upper edge of the whole line.
    byte: Option<usize>,
    y: i32,
}

impl Spot {
    /// Returns the spot after changes to the log.
    #[must_use]
    pub fn after(self, splices: &[Splice]) -> Spot {
        Spot { entry: splices.iter().fold(self.entry, |entry, splice| splice.moved(entry)), ..self }
    }
}

/// A view of a page.
#[derive(Debug, Default)]
pub struct Viewport {
    metrics: Metrics,
    /// The row that keeps its place; `None` while the end is followed.
    spot: Option<Spot>,
    /// The spot is new, and may be beyond what can be scrolled to.
    is_moving: bool,
    /// The end is not followed although it is in sight, because the view was led to this place.
    is_led: bool,
    /// The lines in sight, from the top.
    laid: Vec<Laid>,
    is_stale: bool,
    /// Heights of all entries from `first` on, 0 for those that are not shown.
    heights: VecDeque<i32>,
    first: Position,
    /// The reader has scrolled up since the last [`take_scrolled_up`](Viewport::take_scrolled_up).
    scrolled_up: bool,
}

impl Viewport {
    /// Returns the lines in sight, from the top. [`lay_out`](Viewport::lay_out) brings them up to date.
    pub fn laid(&self) -> &[Laid] {
        &self.laid
    }

    /// Returns whether the view follows the end.
    pub fn is_following(&self) -> bool {
        self.spot.is_none()
    }

    /// Follows the end.
    pub fn follow(&mut self) {
        (self.spot, self.is_led, self.is_stale) = (None, false, true);
    }

    /// Returns the place of the view, to come back to. `None` is the end.
    pub fn place(&self) -> Option<Spot> {
        self.spot
    }

    /// Returns to a place.
    pub fn go_back(&mut self, place: Option<Spot>) {
        self.spot = place;
        self.moves(false);
    }

    /// Notes that the spot is another one: by the reader, or because the view is led there.
    fn moves(&mut self, is_led: bool) {
        (self.is_led, self.is_moving, self.is_stale) = (is_led, true, true);
    }

    /// Moves the place after changes to the log, which is read anew.
    pub fn splice(&mut self, splices: &[Splice]) {
        self.spot = self.spot.map(|spot| spot.after(splices));
    }

    /// Lays out the lines in sight anew, for another view.
    pub fn refresh(&mut self) {
        self.is_stale = true;
    }

    /// Returns whether the view stands where it was led to, and the reader has not scrolled since.
    pub fn is_led(&self) -> bool {
        self.is_led
    }

    /// Returns whether the reader has scrolled up since the last call.
    pub fn take_scrolled_up(&mut self) -> bool {
        std::mem::take(&mut self.scrolled_up)
    }

    /// Scrolls by a number of pixels, down if it is positive.
    pub fn scroll(&mut self, by: i32) {
        self.hold();
        if let Some(spot) = &mut self.spot {
            spot.y -= by;
        }
        self.moves(false);
        self.scrolled_up |= by < 0;
    }

    /// Scrolls to the first line.
    pub fn scroll_to_top(&mut self, page: &Page) {
        self.spot = page.shown_from(page.first()).map(|entry| Spot { entry, byte: None, y: 0 });
        self.moves(false);
        self.scrolled_up = true;
    }

    /// Leads the view to a point in the text. A row that is in sight stays where it is; another one comes into the upper
    /// half.
    pub fn lead_to(&mut self, point: Point) {
        self.hold();
        let is_in_sight = self.row_of(point).is_some_and(|y| y >= 0 && y + self.metrics.row <= self.metrics.height);
        if !is_in_sight {
            let y = self.metrics.height / 3;
            self.scrolled_up |= self.laid.first().is_some_and(|laid| point.entry <= laid.entry);
            self.spot = Some(Spot { entry: point.entry, byte: Some(point.byte), y });
        }
        self.moves(true);
    }

    /// Leads the view to a line, with everything above its text.
    pub fn lead_to_line(&mut self, entry: Position) {
        self.spot = Some(Spot { entry, byte: None, y: 0 });
        self.moves(true);
        self.scrolled_up = true;
    }

    /// Returns where the row with a point stands, if its line is in sight.
    pub fn row_of(&self, point: Point) -> Option<i32> {
        let laid = self.laid.iter().find(|laid| laid.entry == point.entry)?;
        Some(laid.y + laid.row_with(point.byte)?.y)
    }

    /// Returns the first row of text in sight.
    pub fn first_row(&self) -> Option<Point> {
        self.first_spot().map(|spot| Point { entry: spot.entry, byte: spot.byte.unwrap_or(0) })
    }

    /// Returns the line of the first row that can be read, and where that row stands, if its name stands further up: a
    /// reader of a long run of messages wants to know whose they are.
    pub fn nameless_top(&self) -> Option<(&Laid, i32)> {
        // A third of a row may be out of sight.
        let is_readable = |y: i32| y >= -self.metrics.row / 3;
        let texts = |laid: &Laid| {
            let rows = laid.rows.iter().filter(|row| row.content == Content::Text);
            rows.map(|row| laid.y + row.y).collect::<Vec<_>>()
        };
        let mut lines = self.laid.iter().map(|laid| (laid, texts(laid)));
        let (laid, rows) = lines.find(|(_, rows)| rows.iter().any(|y| is_readable(*y)))?;
        let (first, top) = (*rows.first()?, rows.into_iter().find(|y| is_readable(*y))?);
        let has_name = laid.head.name && first == top;
        (laid.line.name > 0 && !has_name).then_some((laid, top))
    }

    fn first_spot(&self) -> Option<Spot> {
        self.first_spot_of(|_| true)
    }

    fn first_spot_of(&self, is_wanted: impl Fn(Position) -> bool) -> Option<Spot> {
        self.laid.iter().filter(|laid| is_wanted(laid.entry)).find_map(|laid| {
            let is_visible = |row: &&Row| row.content == Content::Text && laid.y + row.y + self.metrics.row > 0;
            let row = laid.rows.iter().find(is_visible)?;
            Some(Spot { entry: laid.entry, byte: Some(row.bytes.start), y: laid.y + row.y })
        })
    }

    /// Keeps the first row in sight at its place from now on.
    fn hold(&mut self) {
        self.spot = self.first_spot().or(self.spot);
    }

    /// Returns whether the end is in sight.
    pub fn is_at_end(&self, page: &Page) -> bool {
        let Some(last) = self.laid.last() else { return true };
        last.y + last.height <= self.metrics.height && page.shown_from(last.entry + 1).is_none()
    }

    /// Takes note of changes to the page, of which the lines are laid out anew.
    pub fn page_changed(&mut self, page: &Page, from: Position, splices: &[Splice]) {
        self.splice(splices);
        // A deleted message may take fewer rows, so another one keeps its place.
        let is_deleted = |entry| page.is_deleted(entry);
        let is_deletion = matches!(splices, [splice] if splice.is_in_place());
        if is_deletion && self.spot.is_some_and(|spot| is_deleted(spot.entry)) {
            self.spot = self.first_spot_of(|entry| !is_deleted(entry)).or(self.spot);
        }
        self.estimate(page, from);
        self.is_stale = true;
    }

    /// Lays out the lines in sight, unless nothing has changed. Returns whether something had.
    pub fn lay_out(&mut self, page: &Page, metrics: Metrics, measure: &mut impl Measure) -> bool {
        if self.metrics != metrics {
            let has_other_rows = Metrics { height: 0, ..self.metrics } != Metrics { height: 0, ..metrics };
            self.metrics = metrics;
            self.is_stale = true;
            if has_other_rows {
                self.estimate(page, Position::MIN);
            }
        }
        if !std::mem::take(&mut self.is_stale) {
            return false;
        }
        self.lay(page, measure);
        if std::mem::take(&mut self.is_moving)
            && let Some(spot) = self.spot
        {
            // A place that the view was led to stays its own, and the reader's own place is the first row.
            let led = spot.byte.filter(|_| self.is_led);
            let at = led.and_then(|byte| self.row_of(Point { entry: spot.entry, byte }));
            self.spot = at.map(|y| Spot { y, ..spot }).or_else(|| self.first_spot());
        }
        if !self.is_led && self.is_at_end(page) {
            self.spot = None;
        }
        true
    }
}

impl Laid {
    /// Returns the row that contains a byte.
    pub fn row_with(&self, byte: usize) -> Option<&Row> {
        let text = || self.rows.iter().filter(|row| row.content == Content::Text);
        text().rfind(|row| row.bytes.start <= byte).or_else(|| text().next())
    }
}

#[cfg(test)]
mod tests;
