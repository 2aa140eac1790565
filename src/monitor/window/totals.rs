//! The figures between the controls and the table: how many are here, how much goes on, and how much waits.
//!
//! Main thread only. Each figure draws its own text; beside the deliveries stands a minute of them.

use std::cell::RefCell;
use std::rc::Rc;

use fltk::draw;
use fltk::enums::{Color, Font, FrameType};
use fltk::frame::Frame;
use fltk::group::Flex;
use fltk::prelude::{GroupExt as _, WidgetBase as _, WidgetExt as _};

use super::graph;
use crate::monitor::model::{Model, units};
use crate::ui::{self, theme};

/// How high the row of figures is.
pub(super) const HEIGHT: i32 = 56;
/// Between a figure's edge and its text.
const PADDING: i32 = 14;
/// The room for the number beside the graph.
const BESIDE_GRAPH: i32 = 140;

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
    shown: Rc<RefCell<Shown>>,
}

#[derive(Clone, Debug, PartialEq)]
struct Shown {
    number: String,
    caption: String,
    color: Color,
}

impl Totals {
    /// The figures of a server that does not run, to be made inside of a group.
    pub(super) fn new(model: &Rc<RefCell<Model>>) -> Totals {
        let mut row = Flex::default().row();
        row.set_pad(ui::GAP);
        let clients = Figure::new(|_| ());
        let messages = Figure::new(|_| ());
        let drawn = Rc::clone(model);
        let deliveries = Figure::new(move |frame| {
            let x = frame.x() + BESIDE_GRAPH;
            let w = frame.w() - BESIDE_GRAPH - PADDING;
            graph::draw(drawn.borrow().traffic(), x, frame.y() + 11, w, frame.h() - 22);
        });
        let behind = Figure::new(|_| ());
        row.fixed(&clients.frame, 96);
        row.fixed(&messages.frame, 110);
        row.fixed(&behind.frame, 190);
        row.end();
        Totals { row, clients, messages, deliveries, behind }
    }

    /// What a layout places.
    pub(super) fn widget(&self) -> &Flex {
        &self.row
    }

    /// Draws what the model has now.
    pub(super) fn show(&mut self, model: &Model) {
        let behind = model.table().not_keeping_up() as u64;
        self.clients.set(units::count(model.table().len() as u64), "clients", theme::TEXT);
        self.messages.set(units::count(model.totals().messages), "messages", theme::TEXT);
        self.deliveries.set(model.deliveries_per_second(), "deliveries per second", theme::TEXT);
        // Also what waits for those who keep up: it is in the same memory, and its sum is bounded.
        let caption = match model.totals().waiting as u64 {
            0 => "not keeping up".to_owned(),
            waiting => format!("not keeping up, {} wait", units::bytes(waiting)),
        };
        self.behind.set(units::count(behind), &caption, if behind == 0 { theme::TEXT } else { theme::WARN });
        // The graph moves although its number may be the same.
        self.deliveries.frame.redraw();
    }
}

impl Figure {
    fn new(more: impl Fn(&Frame) + 'static) -> Figure {
        let mut frame = Frame::default();
        frame.set_frame(FrameType::RFlatBox);
        frame.set_color(theme::SURFACE);
        let shown = Shown { number: "0".into(), caption: String::new(), color: theme::TEXT };
        let shown = Rc::new(RefCell::new(shown));
        let drawn = Rc::clone(&shown);
        frame.draw(move |frame| {
            let shown = drawn.borrow();
            let (x, y) = (frame.x() + PADDING, frame.y());
            draw::push_clip(frame.x(), y, frame.w(), frame.h());
            draw::set_draw_color(shown.color);
            draw::set_font(Font::HelveticaBold, 20);
            draw::draw_text(&shown.number, x, y + 27);
            draw::set_draw_color(theme::MUTED);
            draw::set_font(Font::Helvetica, 12);
            draw::draw_text(&shown.caption, x, y + 45);
            more(frame);
            draw::pop_clip();
        });
        Figure { frame, shown }
    }

    fn set(&mut self, number: String, caption: &str, color: Color) {
        let shown = Shown { number, caption: caption.to_owned(), color };
        if *self.shown.borrow() != shown {
            *self.shown.borrow_mut() = shown;
            self.frame.redraw();
        }
    }
}
