//! The row of figures between the controls and the table: clients, messages, deliveries, and clients that do not keep up.
//!
//! Main thread only. A figure reads its number from the model while it is drawn. Beside the deliveries is a graph of the last
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

/// A number with a caption, and the colour of the number.
struct Figure(String, String, Color);

/// Creates the row of figures in the current group. They change when it is redrawn.
pub(super) fn new(model: &Rc<RefCell<Model>>) -> Flex {
    let mut row = ui::row();
    let clients =
        figure(model, |model, _| Figure(units::count(model.clients.all().len() as u64), "clients".into(), theme::TEXT));
    let messages =
        figure(model, |model, _| Figure(units::count(model.totals().messages), "messages".into(), theme::TEXT));
    figure(model, |model, frame| {
        let w = frame.w() - BESIDE_GRAPH - PADDING;
        graph::draw(model.deliveries(), frame.x() + BESIDE_GRAPH, frame.y() + 11, w, frame.h() - 22);
        Figure(model.deliveries_per_second(), "deliveries per second".into(), theme::TEXT)
    });
    let behind = figure(model, |model, _| {
        let behind = model.clients.not_keeping_up() as u64;
        // The queued bytes of all clients, also of those that keep up: together they share one bounded budget of memory.
        let caption = match model.totals().waiting as u64 {
            0 => "slow readers".to_owned(),
            waiting => format!("slow readers, {} wait", units::bytes(waiting)),
        };
        Figure(units::count(behind), caption, if behind == 0 { theme::TEXT } else { theme::WARN })
    });
    row.fixed(&clients, 96);
    row.fixed(&messages, 110);
    row.fixed(&behind, 190);
    row.end();
    row
}

/// Creates a figure in the current group. `content` is called while the figure is drawn, and may draw beside the text.
fn figure(model: &Rc<RefCell<Model>>, content: fn(&Model, &Frame) -> Figure) -> Frame {
    let mut frame = Frame::default();
    frame.set_frame(FrameType::RFlatBox);
    frame.set_color(theme::SURFACE);
    let model = Rc::clone(model);
    frame.draw(move |frame| {
        let (x, y) = (frame.x() + PADDING, frame.y());
        draw::push_clip(frame.x(), y, frame.w(), frame.h());
        let Figure(number, caption, color) = content(&model.borrow(), frame);
        draw::set_draw_color(color);
        draw::set_font(Font::HelveticaBold, 20);
        draw::draw_text(&number, x, y + 27);
        draw::set_draw_color(theme::MUTED);
        draw::set_font(Font::Helvetica, 12);
        draw::draw_text(&caption, x, y + 45);
        draw::pop_clip();
    });
    frame
}
