//! The state of a view: the page, the part in sight, what is selected and found, and where everything stands in the
//! widget. Runs on the UI thread.

use fltk::app;
use fltk::prelude::WidgetExt as _;
use fltk::widget::Widget;

use super::fonts::Fonts;
use super::place::Place;
use crate::chat::render::selection::{Point, Selection, Unit};
use crate::chat::render::viewport::{CODE_PADDING, Content, Laid, Metrics, Row, Thumb};
use crate::chat::render::wrap;
use crate::chat::state::Position;

/// Width of the scrollbar.
const SCROLLBAR: i32 = 10;
/// Space between columns.
const COLUMN_GAP: i32 = 10;
/// Maximum width of the text: longer rows are hard to read.
const TEXT_MAX: i32 = 900;
/// Widths of the column of names: at most, at least.
const NAMES_MAX: i32 = 110;
const NAMES_MIN: i32 = 52;
/// Space above a line that begins with a name.
const LINE_GAP: i32 = 3;
/// Size of the button that leads to the first new message.
const ABOVE_HEIGHT: i32 = 26;
const ABOVE_WIDTH: i32 = 140;

/// Purpose of a drag of the mouse.
#[derive(Clone, Copy, Debug)]
pub(super) enum Drag {
    /// It selects, beginning with this.
    Text(Selection, Unit),
    /// It moves the thumb, which it holds this far below the upper edge.
    Thumb { grip: i32, y: i32 },
}

/// A view in its widget.
pub(super) struct View {
    pub(super) widget: Widget,
    pub(super) place: Place,
    pub(super) fonts: Fonts,
    pub(super) drag: Option<Drag>,
    /// The unit that was selected by the last press: Shift and a click extend from there.
    pub(super) pressed: Option<Selection>,
    /// The user looks at this window.
    pub(super) is_looked_at: bool,
    /// Laid out anew since the last question: something else may be under the mouse.
    pub(super) is_relaid: bool,
}

/// Left edges and widths of the columns in the window.
#[derive(Clone, Copy, Debug)]
pub(super) struct Columns {
    pub(super) time: i32,
    pub(super) name: i32,
    pub(super) name_width: i32,
    pub(super) text: i32,
    pub(super) text_width: i32,
    pub(super) bar: i32,
}

impl View {
    pub(super) fn new(widget: Widget, place: Place) -> View {
        View {
            widget,
            place,
            fonts: Fonts::default(),
            drag: None,
            pressed: None,
            is_looked_at: false,
            is_relaid: false,
        }
    }

    pub(super) fn columns(&self) -> Columns {
        let (x, width) = (self.widget.x(), self.widget.w());
        let name_width = (width / 6).clamp(NAMES_MIN, NAMES_MAX);
        let name = x + self.fonts.time + COLUMN_GAP;
        let (text, bar) = (name + name_width + COLUMN_GAP, x + width - SCROLLBAR);
        let text_width = (bar - COLUMN_GAP - text).clamp(50, TEXT_MAX);
        Columns { time: x, name, name_width, text, text_width, bar }
    }

    /// Brings the lines in sight up to date.
    pub(super) fn lay_out(&mut self) {
        let zoom = self.widget.window().map_or(1.0, |window| app::screen_scale(window.screen_num()));
        self.fonts.set_zoom(zoom);
        #[expect(clippy::cast_precision_loss, reason = "a number of pixels")]
        let metrics = Metrics {
            height: self.widget.h(),
            text: self.columns().text_width as f32,
            row: self.fonts.row,
            gap: LINE_GAP,
            letter: self.fonts.letter,
        };
        let Place { page, viewport, .. } = &mut self.place;
        if viewport.lay_out(page, metrics, &mut self.fonts) {
            self.is_relaid = true;
            self.widget.redraw();
        }
        self.note_seen();
    }

    /// Notes what the reader has seen now: the end, and the first new message.
    fn note_seen(&mut self) {
        let Place { page, viewport, first_new, is_new_seen, unseen, .. } = &mut self.place;
        if viewport.is_at_end(page) {
            *unseen = 0;
        }
        if !*is_new_seen && self.is_looked_at {
            let shown = first_new.and_then(|first| page.shown_at(first));
            let below_top =
                |laid: &Laid| shown.is_none_or(|shown| laid.entry < shown || laid.entry == shown && laid.y >= 0);
            *is_new_seen = viewport.laid().first().is_some_and(below_top);
        }
    }

    /// Returns the number of new messages above the visible part, as long as the first of them has not been seen.
    pub(super) fn new_above(&self) -> Option<usize> {
        let Place { page, viewport, first_new, is_new_seen, .. } = &self.place;
        let first_new = first_new.filter(|_| !*is_new_seen)?;
        let top = viewport.laid().first()?;
        let count = page.messages(first_new, top.entry + Position::from(top.y < 0));
        (count > 0).then_some(count)
    }

    /// Returns the button that leads to the first new message: left edge, upper edge, width, height.
    pub(super) fn above_button(&self) -> Option<(i32, i32, i32, i32)> {
        self.new_above()?;
        Some((self.columns().bar - ABOVE_WIDTH - 6, self.widget.y() + 4, ABOVE_WIDTH, ABOVE_HEIGHT))
    }

    /// Returns whether that button is at a position in the window.
    pub(super) fn is_above_button(&self, x: i32, y: i32) -> bool {
        self.above_button()
            .is_some_and(|(left, top, w, h)| (left..left + w).contains(&x) && (top..top + h).contains(&y))
    }

    /// Leads to the first new message.
    pub(super) fn show_first_new(&mut self) {
        if let Some(first) = self.place.first_new.and_then(|first| self.place.page.shown_at(first)) {
            self.place.viewport.lead_to_line(first);
            self.lay_out();
        }
    }

    /// Returns the thumb of the scrollbar. While it is dragged, it is where the mouse holds it.
    pub(super) fn thumb(&self) -> Option<Thumb> {
        let thumb = self.place.viewport.thumb(self.widget.h())?;
        match self.drag {
            Some(Drag::Thumb { y, .. }) => Some(Thumb { y: y.clamp(0, self.widget.h() - thumb.height), ..thumb }),
            _ => Some(thumb),
        }
    }

    /// Returns the line and the row of text at a height in the window; above or below the text the first or the last.
    fn row_at(&self, y: i32) -> Option<(&Laid, &Row)> {
        let y = y - self.widget.y();
        let laid = self.place.viewport.laid();
        let texts = |laid: &'_ Laid| laid.rows.iter().filter(|row| row.content == Content::Text).count() > 0;
        let line = laid.iter().rfind(|laid| laid.y <= y && texts(laid)).or_else(|| laid.first())?;
        let row = line.rows.iter().rfind(|row| row.content == Content::Text && line.y + row.y <= y);
        Some((line, row.or_else(|| line.rows.iter().find(|row| row.content == Content::Text))?))
    }

    /// Returns the place in the text that is nearest to a position in the window.
    pub(super) fn point_at(&mut self, x: i32, y: i32) -> Option<Point> {
        self.lay_out();
        let columns = self.columns();
        let (line, row) = self.row_at(y)?;
        let (entry, name) = (line.entry, line.line.name);
        let is_first = line.row_with(0).is_some_and(|first| first.y == row.y);
        if x < columns.text - COLUMN_GAP / 2 && is_first && line.head.name && name > 0 {
            // A press on the name selects that; further left is before everything.
            return Some(Point { entry, byte: if x < columns.name { 0 } else { name / 2 } });
        }
        let (line, row) = (line.clone(), row.clone());
        let runs = wrap::runs(&line.line.styled, row.bytes.clone(), &mut self.fonts);
        let text = &line.line.styled.text;
        let byte = wrap::byte_at(&runs, in_row(x, columns, &line), false, text, &mut self.fonts);
        Some(Point { entry, byte: byte.unwrap_or(row.bytes.start) })
    }

    /// Returns the letter at a position in the window; `None` beside the text.
    pub(super) fn letter_at(&mut self, x: i32, y: i32) -> Option<Point> {
        let is_inside = (self.widget.x()..self.widget.x() + self.widget.w()).contains(&x)
            && (self.widget.y()..self.widget.y() + self.widget.h()).contains(&y);
        if !is_inside || self.is_above_button(x, y) {
            return None;
        }
        self.lay_out();
        let columns = self.columns();
        let (line, row) = self.row_at(y)?;
        let top = self.widget.y() + line.y + row.y;
        if !(top..top + self.fonts.row).contains(&y) {
            return None;
        }
        let (line, row) = (line.clone(), row.clone());
        let runs = wrap::runs(&line.line.styled, row.bytes, &mut self.fonts);
        let x = in_row(x, columns, &line);
        let byte = wrap::byte_at(&runs, x, true, &line.line.styled.text, &mut self.fonts)?;
        Some(Point { entry: line.entry, byte })
    }

    /// Returns where a place in the text stands in the window: left edge and upper edge of its row; `None` out of sight.
    pub(super) fn position_of(&mut self, point: Point) -> Option<(i32, i32)> {
        self.lay_out();
        let columns = self.columns();
        let line = self.place.viewport.laid().iter().find(|laid| laid.entry == point.entry)?.clone();
        let row = line.row_with(point.byte)?;
        let y = self.widget.y() + line.y + row.y;
        if point.byte < line.line.body {
            return Some((columns.name, y));
        }
        let runs = wrap::runs(&line.line.styled, row.bytes.clone(), &mut self.fonts);
        let run = runs.iter().find(|run| point.byte < run.bytes.end).or(runs.last());
        let text = &line.line.styled.text;
        let x = run.map_or(0.0, |run| run.x_of(point.byte, text, &mut self.fonts));
        #[expect(clippy::cast_possible_truncation, reason = "a number of pixels")]
        let x = left(columns, &line) + x.round() as i32;
        Some((x, y))
    }

    /// Returns the name at a position in the window, if it is cut there.
    pub(super) fn cut_name_at(&mut self, x: i32, y: i32) -> Option<String> {
        let columns = self.columns();
        if !(columns.name..columns.text).contains(&x) {
            return None;
        }
        let (line, row) = self.row_at(y)?;
        let is_first = line.head.name && line.row_with(0).is_some_and(|first| first.y == row.y);
        let name = line.line.styled.text[..line.line.name].to_owned();
        let style = line.line.styled.pieces(0..line.line.name).next().map(|(_, style)| style)?;
        #[expect(clippy::cast_precision_loss, reason = "a number of pixels")]
        let is_cut = self.fonts.elide(style, &name, columns.name_width as f32) != name;
        (is_first && is_cut).then_some(name)
    }
}

/// Returns the left edge of the rows of a line.
pub(super) fn left(columns: Columns, line: &Laid) -> i32 {
    columns.text + if line.is_code { i32::from(CODE_PADDING) } else { 0 }
}

#[expect(clippy::cast_precision_loss, reason = "a number of pixels")]
fn in_row(x: i32, columns: Columns, line: &Laid) -> f32 {
    (x - left(columns, line)) as f32
}
