//! The scrollbar's thumb: estimates of the heights of all lines, and the place that a position of the thumb stands for.

use super::{Metrics, Spot, Viewport};
use crate::chat::render::page::Page;
use crate::chat::state::talks::message_log::{Position, count};

/// Minimum height of the thumb.
const THUMB_MIN: i32 = 24;

/// The thumb of the scrollbar.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Thumb {
    /// Upper edge, counted from that of the scrollbar.
    pub y: i32,
    /// Height.
    pub height: i32,
}

impl Viewport {
    /// Estimates the heights of the entries from a position on, and drops those of entries that are gone.
    pub(super) fn estimate(&mut self, page: &Page, from: Position) {
        if from <= page.first() || self.first > page.first() {
            self.heights.clear();
            self.first = page.first();
        }
        while self.first < page.first() && self.heights.pop_front().is_some() {
            self.first += 1;
        }
        self.first = page.first();
        let known = usize::try_from(from - self.first).unwrap_or(0).min(self.heights.len());
        self.heights.truncate(known);
        for position in self.first + count(known)..page.end() {
            let height = self.estimated(page, position);
            self.heights.push_back(height);
        }
    }

    fn estimated(&self, page: &Page, position: Position) -> i32 {
        let Metrics { row, gap, text, letter, .. } = self.metrics;
        let Some((bytes, lines)) = page.size(position) else { return 0 };
        let head = page.head(position);
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a number of letters")]
        let in_a_row = ((text / letter.max(1.0)) as usize).max(1);
        let rows = bytes.div_ceil(in_a_row).max(1) * lines + usize::from(head.day) + usize::from(head.mark);
        i32::try_from(rows).unwrap_or(i32::MAX / 1_000_000) * row + if head.name { gap } else { 0 }
    }

    pub(super) fn note_height(&mut self, entry: Position, height: i32) {
        let index = usize::try_from(entry - self.first).ok();
        if let Some(known) = index.and_then(|index| self.heights.get_mut(index)) {
            *known = height;
        }
    }

    fn total(&self) -> i64 {
        self.heights.iter().map(|height| i64::from(*height)).sum()
    }

    /// Returns the thumb of a scrollbar of this height; `None` if everything is in sight.
    pub fn thumb(&self, bar: i32) -> Option<Thumb> {
        let (first, view) = (self.laid.first()?, i64::from(self.metrics.height));
        let (total, bar_height) = (self.total(), i64::from(bar));
        if total <= view || bar <= THUMB_MIN {
            return None;
        }
        let before = usize::try_from(first.entry - self.first).unwrap_or(0);
        let above: i64 = self.heights.iter().take(before).map(|height| i64::from(*height)).sum();
        let above = (above - i64::from(first.y)).clamp(0, total - view);
        let height = (bar_height * view / total).max(i64::from(THUMB_MIN));
        let free = bar_height - height;
        // At the end the thumb is at the end, although the heights are estimates.
        let y = if self.is_following() { free } else { free * above / (total - view) };
        Some(Thumb { y: i32::try_from(y).unwrap_or(0), height: i32::try_from(height).unwrap_or(THUMB_MIN) })
    }

    /// Scrolls to where the thumb was dragged. `y` is its upper edge.
    pub fn drag_thumb(&mut self, y: i32, bar: i32) {
        let Some(thumb) = self.thumb(bar) else { return };
        let free = i64::from(bar - thumb.height).max(1);
        let (total, view) = (self.total(), i64::from(self.metrics.height));
        let y = i64::from(y).clamp(0, free);
        self.scrolled_up |= y < i64::from(thumb.y);
        if y == free {
            return self.follow();
        }
        let mut above = (total - view) * y / free;
        let mut entry = self.first;
        for height in &self.heights {
            if above < i64::from(*height) {
                break;
            }
            above -= i64::from(*height);
            entry += 1;
        }
        self.spot = Some(Spot { entry, byte: None, y: -i32::try_from(above).unwrap_or(0) });
        self.moves(false);
    }
}
