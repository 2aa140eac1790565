//! One minute of traffic as a small graph: a bar for each second, the latest at the right.
//!
//! Main thread only. It draws what the model says; the number at its top is what its whole height stands for.

use fltk::draw;
use fltk::enums::Font;

use crate::monitor::model::{SECONDS, Traffic, units};
use crate::ui::theme;

/// The room for the number and the time beside the bars.
const LABELS: i32 = 46;
/// The size of the labels.
const TEXT: i32 = 10;

/// Draws the graph into this place, in the colours of the theme.
pub(super) fn draw(traffic: &Traffic, x: i32, y: i32, w: i32, h: i32) {
    let axis = traffic.axis();
    let (left, width) = (x + LABELS, w - LABELS);
    let bar = width / i32::try_from(SECONDS).unwrap_or(1);
    if bar < 1 {
        return;
    }
    // As many whole pixels as the bars take, at the right.
    let right = left + width;
    let left = right - bar * i32::try_from(SECONDS).unwrap_or(1);
    draw::set_draw_color(theme::RAISED);
    draw::draw_xyline(left, y, right);
    draw::draw_xyline(left, y + h, right);
    draw::set_draw_color(theme::MUTED);
    draw::set_font(Font::Helvetica, TEXT);
    label(&units::rate(axis), left - 6, y + TEXT / 2 - 1);
    label("0", left - 6, y + h + TEXT / 2 - 1);
    let first = right - bar * i32::try_from(traffic.per_second().len()).unwrap_or(0);
    for (at, rate) in (0..).zip(traffic.per_second()) {
        // A share of the height, in whole pixels; what is little is still to be seen.
        #[allow(clippy::cast_possible_truncation)]
        let height = (rate / axis * f64::from(h)).ceil() as i32;
        if height > 0 {
            let gap = i32::from(bar > 2);
            draw::draw_rect_fill(first + at * bar, y + h - height, bar - gap, height, theme::ACCENT);
        }
    }
}

/// A text that ends here, with its baseline here.
fn label(text: &str, right: i32, baseline: i32) {
    // Whole pixels.
    #[allow(clippy::cast_possible_truncation)]
    let width = draw::width(text).ceil() as i32;
    draw::draw_text(text, right - width, baseline);
}
