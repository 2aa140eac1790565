//! A border between two parts of a window, which the user drags with the mouse. Runs on the UI thread.

use fltk::app;
use fltk::draw;
use fltk::enums::{Cursor, Event};
use fltk::frame::Frame;
use fltk::prelude::{WidgetBase as _, WidgetExt as _};

use super::theme;

/// Length of the grip in the middle.
const GRIP: i32 = 28;

/// Direction in which a border is dragged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Drag {
    /// The border stands between left and right.
    Sideways,
    /// The border lies between above and below.
    UpAndDown,
}

/// Creates a border in the open layout, of a thickness that the layout gives it. `moved` is called with each step of the
/// drag, in pixels to the right or down.
pub fn splitter(drag: Drag, tooltip: &str, mut moved: impl FnMut(i32) + 'static) -> Frame {
    let mut border = Frame::default();
    border.set_tooltip(tooltip);
    border.draw(move |border| {
        let (x, y, w, h) = (border.x(), border.y(), border.w(), border.h());
        draw::draw_rect_fill(x, y, w, h, theme::BACKGROUND);
        draw::set_draw_color(theme::OUTLINE);
        match drag {
            Drag::Sideways => draw::draw_rectf(x + w / 2 - 1, y + (h - GRIP) / 2, 2, GRIP),
            Drag::UpAndDown => draw::draw_rectf(x + (w - GRIP) / 2, y + h / 2 - 1, GRIP, 2),
        }
    });
    let mut last = 0;
    border.handle(move |border, event| {
        let now = match drag {
            Drag::Sideways => app::event_x_root(),
            Drag::UpAndDown => app::event_y_root(),
        };
        let cursor = match event {
            Event::Push => {
                last = now;
                return true;
            }
            Event::Drag => {
                let step = now - std::mem::replace(&mut last, now);
                if step != 0 {
                    moved(step);
                }
                return true;
            }
            Event::Enter if drag == Drag::Sideways => Cursor::WE,
            Event::Enter => Cursor::NS,
            Event::Leave => Cursor::Default,
            _ => return event == Event::Released,
        };
        if let Some(mut window) = border.window() {
            window.set_cursor(cursor);
        }
        true
    });
    border
}
