//! The figures between the controls and the table: how many are here, and how much goes on.
//!
//! Main thread only. Each figure draws its own text.

use std::cell::RefCell;
use std::rc::Rc;

use fltk::draw;
use fltk::enums::{Color, Font, FrameType};
use fltk::frame::Frame;
use fltk::group::Flex;
use fltk::prelude::{GroupExt as _, WidgetBase as _, WidgetExt as _};

use crate::server::monitor::model::{Model, units};
use crate::ui::{self, theme};

/// How high the row of figures is.
pub(super) const HEIGHT: i32 = 58;

/// The row of figures.
#[derive(Debug)]
pub(super) struct Totals {
    row: Flex,
    clients: Figure,
    messages: Figure,
    deliveries: Figure,
    behind: Figure,
}

/// One of them: a number and what it counts.
#[derive(Clone, Debug)]
struct Figure {
    frame: Frame,
    shown: Rc<RefCell<(String, Color)>>,
}

impl Totals {
    /// The figures of a server that does not run, to be made inside of a group.
    pub(super) fn new() -> Totals {
        let mut row = Flex::default().row();
        row.set_pad(ui::GAP);
        let totals = Totals {
            clients: Figure::new("clients"),
            messages: Figure::new("messages"),
            deliveries: Figure::new("deliveries per second"),
            behind: Figure::new("not keeping up"),
            row: row.clone(),
        };
        row.end();
        totals
    }

    /// What a layout places.
    pub(super) fn widget(&self) -> &Flex {
        &self.row
    }

    /// Draws what the model has now.
    pub(super) fn show(&mut self, model: &Model) {
        let behind = model.table().not_keeping_up() as u64;
        self.clients.set(units::count(model.table().len() as u64), theme::TEXT);
        self.messages.set(units::count(model.totals().messages), theme::TEXT);
        self.deliveries.set(model.deliveries_per_second(), theme::TEXT);
        self.behind.set(units::count(behind), if behind == 0 { theme::TEXT } else { theme::WARN });
    }
}

impl Figure {
    fn new(caption: &'static str) -> Figure {
        let mut frame = Frame::default();
        frame.set_frame(FrameType::RFlatBox);
        frame.set_color(theme::SURFACE);
        let shown = Rc::new(RefCell::new(("0".to_owned(), theme::TEXT)));
        let drawn = Rc::clone(&shown);
        frame.draw(move |frame| {
            let (number, color) = &*drawn.borrow();
            let (x, y) = (frame.x() + 14, frame.y());
            draw::push_clip(frame.x(), y, frame.w(), frame.h());
            draw::set_draw_color(*color);
            draw::set_font(Font::HelveticaBold, 20);
            draw::draw_text(number, x, y + 28);
            draw::set_draw_color(theme::MUTED);
            draw::set_font(Font::Helvetica, 12);
            draw::draw_text(caption, x, y + 46);
            draw::pop_clip();
        });
        Figure { frame, shown }
    }

    fn set(&mut self, number: String, color: Color) {
        if *self.shown.borrow() != (number.clone(), color) {
            *self.shown.borrow_mut() = (number, color);
            self.frame.redraw();
        }
    }
}
