//! The layout of the lines in sight, from the row that keeps its place upwards and downwards.

use std::collections::VecDeque;

use super::{Content, Laid, Metrics, Row, Spot, Viewport};
use crate::chat::render::page::Page;
use crate::chat::render::wrap::{self, Measure};
use crate::chat::state::talks::message_log::Position;

impl Viewport {
    /// Lays out the lines in sight around the spot, or from the end upwards.
    pub(super) fn lay(&mut self, page: &Page, measure: &mut impl Measure) {
        let mut lines = VecDeque::new();
        let height = self.metrics.height;
        let from =
            self.spot.and_then(|spot| self.lay_spot(page, spot, measure)).or_else(|| self.lay_last(page, measure));
        lines.extend(from);
        self.fill_up(page, &mut lines, measure);
        self.fill_down(page, &mut lines, measure);
        // No empty space below the last line, unless all lines have room.
        shift(&mut lines, |lines| lines.back().map_or(0, |last| (height - last.y - last.height).max(0)));
        self.fill_up(page, &mut lines, measure);
        shift(&mut lines, |lines| lines.front().map_or(0, |first| -first.y.max(0)));
        self.fill_down(page, &mut lines, measure);
        lines.retain(|line| line.y < height && line.y + line.height > 0);
        self.laid = lines.into();
    }

    /// Lays out the line of the spot, in its place.
    fn lay_spot(&mut self, page: &Page, spot: Spot, measure: &mut impl Measure) -> Option<Laid> {
        let entry = page.shown_at(spot.entry)?;
        let mut line = self.lay_line(page, entry, measure);
        let byte = if entry == spot.entry { spot.byte } else { None };
        let row = byte.and_then(|byte| line.row_with(byte)).map_or(0, |row| row.y);
        line.y = spot.y - row;
        Some(line)
    }

    /// Lays out the last line, at the lower edge.
    fn lay_last(&mut self, page: &Page, measure: &mut impl Measure) -> Option<Laid> {
        let mut line = self.lay_line(page, page.shown_before(page.end())?, measure);
        line.y = self.metrics.height - line.height;
        Some(line)
    }

    /// Adds lines at the top until they fill the view.
    fn fill_up(&mut self, page: &Page, lines: &mut VecDeque<Laid>, measure: &mut impl Measure) {
        while let Some(first) = lines.front()
            && first.y > 0
            && let Some(entry) = page.shown_before(first.entry)
        {
            let below = first.y;
            let mut line = self.lay_line(page, entry, measure);
            line.y = below - line.height;
            lines.push_front(line);
        }
    }

    /// Adds lines at the bottom until they fill the view.
    fn fill_down(&mut self, page: &Page, lines: &mut VecDeque<Laid>, measure: &mut impl Measure) {
        while let Some(last) = lines.back()
            && last.y + last.height < self.metrics.height
            && let Some(entry) = page.shown_from(last.entry + 1)
        {
            let above = last.y + last.height;
            let mut line = self.lay_line(page, entry, measure);
            line.y = above;
            lines.push_back(line);
        }
    }

    fn lay_line(&mut self, page: &Page, entry: Position, measure: &mut impl Measure) -> Laid {
        let Metrics { row, gap, text, .. } = self.metrics;
        let (line, head, is_code) = (page.line(entry).unwrap_or_default(), page.head(entry), page.is_code(entry));
        let (mut rows, mut y) = (Vec::new(), 0);
        let mut add = |content, bytes, y: &mut i32| {
            rows.push(Row { y: *y, content, bytes });
            *y += row;
        };
        for (is_there, content) in [(head.day, Content::Day), (head.mark, Content::Mark)] {
            if is_there {
                y += gap;
                add(content, 0..0, &mut y);
            }
        }
        y += if head.name { gap } else { 0 };
        // Each line of a block of code is wrapped by itself.
        let mut start = line.body;
        for piece in line.styled.text[line.body..].split('\n') {
            let room = if is_code { text - f32::from(CODE_PADDING) * 2.0 } else { text };
            let end = start + piece.len();
            for bytes in wrap::rows(&line.styled, start..end, room, measure) {
                add(Content::Text, bytes, &mut y);
            }
            start = end + 1;
        }
        let height = y + if is_code { gap } else { 0 };
        self.note_height(entry, height);
        Laid { entry, y: 0, height, line, head, is_code, rows }
    }
}

/// Space between the ground of a block of code and its text, left and right.
pub const CODE_PADDING: u8 = 8;

/// Moves all lines down by a number of pixels.
fn shift(lines: &mut VecDeque<Laid>, by: impl Fn(&VecDeque<Laid>) -> i32) {
    let by = by(lines);
    lines.iter_mut().for_each(|line| line.y += by);
}
