//! The window for the board: what people need to connect, as large as fits, to be projected. F11 fills the screen, and Escape closes
//! it.
//!
//! Main thread only; the lines are in `model/board.rs`.

use std::cell::RefCell;
use std::rc::Rc;

use fltk::app;
use fltk::draw;
use fltk::enums::{Align, Color, Event, Font, Key};
use fltk::frame::Frame;
use fltk::group::Group;
use fltk::prelude::{GroupExt as _, WidgetBase as _, WidgetExt as _, WindowExt as _};
use fltk::window::Window;

use crate::monitor::model::Model;
use crate::monitor::model::board::{self, BoardLine, LineKind};
use crate::ui::{self, theme};

/// Title, which also says how the window is used: nothing beside the lines is projected.
const TITLE: &str = "For the board (F11: full screen, Escape: close)";
/// Size at first, and minimum size, in pixels.
const SIZE: (i32, i32) = (960, 600);
const SMALLEST: (i32, i32) = (320, 200);
/// Height of a line, as a multiple of the size of its text.
const LEADING: f64 = 1.4;
/// Part of the width that stays empty at each side.
const MARGIN: f64 = 0.04;
/// Minimum and maximum size of a text, in pixels.
const TEXT: (f64, f64) = (8.0, 600.0);
/// Size at which the width of a text is measured.
const MEASURED_AT: i32 = 100;

/// The window, hidden until it is wanted.
#[derive(Debug)]
pub(super) struct Board {
    window: Window,
    frame: Frame,
    lines: Rc<RefCell<Vec<BoardLine>>>,
}

impl Board {
    /// Creates the window.
    pub(super) fn new() -> Board {
        Group::set_current(None::<&Group>);
        let mut window = ui::window(SIZE.0, SIZE.1, TITLE, ui::Program::Server);
        let mut frame = Frame::default_fill();
        window.resizable(&frame);
        window.end();
        window.size_range(SMALLEST.0, SMALLEST.1, 0, 0);
        let lines = Rc::<RefCell<Vec<BoardLine>>>::default();
        let drawn = Rc::clone(&lines);
        frame.draw(move |frame| draw_lines(frame, &drawn.borrow()));
        // FLTK calls this for Escape, too.
        window.set_callback(hide);
        window.handle(|window, event| {
            let is_toggle = event == Event::KeyDown && app::event_key() == Key::F11;
            if is_toggle {
                window.fullscreen(!window.fullscreen_active());
            }
            is_toggle
        });
        Board { window, frame, lines }
    }

    /// Shows the window, in front of others.
    pub(super) fn show(&mut self) {
        self.window.show();
    }

    /// Hides the window.
    pub(super) fn hide(&mut self) {
        if self.window.shown() {
            hide(&mut self.window);
        }
    }

    /// Draws the lines if they have changed. To be called when the state of the server has changed.
    pub(super) fn update(&mut self, model: &Model) {
        let lines = board::lines(model);
        if *self.lines.borrow() != lines {
            self.lines.replace(lines);
            self.frame.redraw();
        }
    }

    /// Returns the lines, or none while the window is hidden.
    pub(super) fn text(&self) -> String {
        let text = || self.lines.borrow().iter().map(|line| line.text.clone()).collect::<Vec<_>>().join("\n");
        if self.window.shown() { text() } else { String::new() }
    }
}

fn hide(window: &mut Window) {
    if window.fullscreen_active() {
        window.fullscreen(false);
    }
    ui::hide_window(window);
}

/// The look of a kind of line: its share of the height, its font and its colour.
fn look(kind: LineKind) -> (f64, Font, Color) {
    match kind {
        LineKind::Caption => (0.4, Font::Helvetica, theme::MUTED),
        LineKind::Main => (1.0, Font::HelveticaBold, theme::TEXT),
        LineKind::Also => (0.5, Font::Helvetica, theme::TEXT),
        LineKind::Key => (0.7, Font::CourierBold, theme::TEXT),
    }
}

#[expect(clippy::cast_possible_truncation, reason = "numbers of pixels")]
fn draw_lines(frame: &Frame, lines: &[BoardLine]) {
    let (x, y, w, h) = (frame.x(), frame.y(), frame.w(), frame.h());
    draw::draw_rect_fill(x, y, w, h, theme::BACKGROUND);
    let widths: Vec<_> = lines
        .iter()
        .map(|line| {
            draw::set_font(look(line.kind).1, MEASURED_AT);
            draw::width(&line.text) / f64::from(MEASURED_AT)
        })
        .collect();
    let shares: Vec<_> = lines.iter().map(|line| look(line.kind).0).collect();
    let sizes = sizes(&widths, &shares, f64::from(w), f64::from(h));
    let mut top = f64::from(y) + (f64::from(h) - sizes.iter().sum::<f64>() * LEADING) / 2.0;
    for (line, size) in lines.iter().zip(sizes) {
        let (_, font, color) = look(line.kind);
        draw::set_font(font, size as i32);
        draw::set_draw_color(color);
        draw::draw_text2(&ui::escape_label(&line.text), x, top as i32, w, (size * LEADING) as i32, Align::Center);
        top += size * LEADING;
    }
}

/// Returns the sizes of texts, of which each has a width at size 1 and a share of the height. All of them together fit into an area,
/// and each is as large as its share of the height and its own width allow.
fn sizes(widths: &[f64], shares: &[f64], width: f64, height: f64) -> Vec<f64> {
    let unit = height / (LEADING * (shares.iter().sum::<f64>() + 0.5));
    let room = width * (1.0 - 2.0 * MARGIN);
    let fitting = widths.iter().zip(shares).map(|(width, share)| (share * unit).min(room / width.max(0.1)));
    fitting.map(|size| size.clamp(TEXT.0, TEXT.1).floor()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_line_is_as_large_as_the_area_allows_and_none_is_cut() {
        // A short line, a long one, and a caption.
        let (widths, shares) = ([5.0, 30.0, 8.0], [1.0, 1.0, 0.4]);
        for (width, height) in [(640.0, 400.0), (3840.0, 2160.0), (400.0, 1000.0), (2000.0, 200.0)] {
            let sizes = sizes(&widths, &shares, width, height);
            assert!(sizes.iter().zip(widths).all(|(size, text)| size * text <= width), "{sizes:?} in {width}");
            assert!(sizes.iter().sum::<f64>() * LEADING <= height, "{sizes:?} in {height}");
            assert!(sizes[0] >= sizes[1] && sizes[0] > sizes[2], "{sizes:?}");
            let is_filled = sizes.iter().sum::<f64>() * LEADING > height * 0.8;
            let is_wide = sizes[0] * widths[0] > width * 0.85;
            assert!(is_filled || is_wide || sizes[1] * widths[1] > width * 0.85, "{sizes:?} in {width} by {height}");
        }
        assert_eq!(sizes(&[], &[], 100.0, 100.0), Vec::<f64>::new());
    }
}
