//! One minute of deliveries as a small graph: a bar for each second, the newest at the right.
//!
//! Main thread only. The values are in the model. The number at the top is the value of the full height.

use fltk::draw;
use fltk::enums::Font;

use crate::monitor::model::{Rate, SECONDS};
use crate::monitor::units;
use crate::ui::theme;

/// Width of the numbers beside the bars, in pixels.
const LABELS: i32 = 46;
/// Font size of the numbers.
const TEXT: i32 = 10;

/// Draws the graph into this rectangle.
pub(super) fn draw(rate: &Rate, x: i32, y: i32, w: i32, h: i32) {
    let axis = rate.axis();
    let (left, width) = (x + LABELS, w - LABELS);
    let bar = width / i32::try_from(SECONDS).unwrap_or(1);
    if bar < 1 {
        return;
    }
    // Bars have whole pixels, so they may need less than the width; they are aligned at the right.
    let right = left + width;
    let left = right - bar * i32::try_from(SECONDS).unwrap_or(1);
    draw::set_draw_color(theme::RAISED);
    draw::draw_xyline(left, y, right);
    draw::draw_xyline(left, y + h, right);
    draw::set_draw_color(theme::MUTED);
    draw::set_font(Font::Helvetica, TEXT);
    label(&units::rate(axis), left - 6, y + TEXT / 2 - 1);
    label("0", left - 6, y + h + TEXT / 2 - 1);
    let first = right - bar * i32::try_from(rate.per_second().len()).unwrap_or(0);
    for (at, growth) in (0..).zip(rate.per_second()) {
        // Rounded up, so that the smallest value is still visible.
        #[allow(clippy::cast_possible_truncation)]
        let height = (growth / axis * f64::from(h)).ceil() as i32;
        if height > 0 {
            let gap = i32::from(bar > 2);
            draw::draw_rect_fill(first + at * bar, y + h - height, bar - gap, height, theme::ACCENT);
        }
    }
}

/// Draws a text that ends at `right`.
fn label(text: &str, right: i32, baseline: i32) {
    // Whole pixels.
    #[allow(clippy::cast_possible_truncation)]
    let width = draw::width(text).ceil() as i32;
    draw::draw_text(text, right - width, baseline);
}
