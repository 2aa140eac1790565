//! The row of figures between the controls and the table: clients, messages, deliveries, and clients that do not keep up.
//!
//! Main thread only; the values are in the model. Each figure draws its own text. Beside the deliveries is a graph of the last
//! minute.

use std::cell::RefCell;
use std::rc::Rc;

use fltk::draw;
use fltk::enums::{Color, Font, FrameType};
use fltk::frame::Frame;
use fltk::group::Flex;
use fltk::prelude::{GroupExt as _, WidgetBase as _, WidgetExt as _};

use super::graph;
use crate::monitor::model::Model;
use crate::monitor::units;
use crate::ui::{self, theme};

/// Height of the row, in pixels.
pub(super) const HEIGHT: i32 = 56;
/// Distance between a figure's edge and its text, in pixels.
const PADDING: i32 = 14;
/// Width of the number beside the graph, in pixels.
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

/// A number with a caption.
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
    /// Creates the figures in the current group, all zero.
    pub(super) fn new(model: &Rc<RefCell<Model>>) -> Totals {
        let mut row = Flex::default().row();
        row.set_pad(ui::GAP);
        let clients = Figure::new(|_| ());
        let messages = Figure::new(|_| ());
        let drawn = Rc::clone(model);
        let deliveries = Figure::new(move |frame| {
            let x = frame.x() + BESIDE_GRAPH;
            let w = frame.w() - BESIDE_GRAPH - PADDING;
            graph::draw(drawn.borrow().deliveries(), x, frame.y() + 11, w, frame.h() - 22);
        });
        let behind = Figure::new(|_| ());
        row.fixed(&clients.frame, 96);
        row.fixed(&messages.frame, 110);
        row.fixed(&behind.frame, 190);
        row.end();
        Totals { row, clients, messages, deliveries, behind }
    }

    /// Returns the widget for the layout.
    pub(super) fn widget(&self) -> &Flex {
        &self.row
    }

    /// Draws the model's current totals.
    pub(super) fn show(&mut self, model: &Model) {
        let behind = model.clients().not_keeping_up() as u64;
        self.clients.set(units::count(model.clients().len() as u64), "clients", theme::TEXT);
        self.messages.set(units::count(model.totals().messages), "messages", theme::TEXT);
        self.deliveries.set(model.deliveries_per_second(), "deliveries per second", theme::TEXT);
        // The queued bytes of all clients, also of those that keep up: together they share one bounded budget of memory.
        let caption = match model.totals().waiting as u64 {
            0 => "not keeping up".to_owned(),
            waiting => format!("not keeping up, {} wait", units::bytes(waiting)),
        };
        self.behind.set(units::count(behind), &caption, if behind == 0 { theme::TEXT } else { theme::WARN });
        // The graph moves even if the number stays the same.
        self.deliveries.frame.redraw();
    }
}

impl Figure {
    /// Creates a figure in the current group. `more` draws what is beside the text.
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
