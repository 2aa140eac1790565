//! A row of segments of which one is chosen, all visible at once: tabs, and choices between a few items.
//!
//! A segment is as wide as its label, and the rest of the width is divided evenly.
//!
//! It is a single widget that draws itself: one stop for Tab, and Left and Right choose. Runs on the UI thread.

use std::cell::RefCell;
use std::rc::Rc;

use fltk::app;
use fltk::draw;
use fltk::enums::{Align, Event, Font, Key};
use fltk::frame::Frame;
use fltk::prelude::{WidgetBase as _, WidgetExt as _};

use super::theme;

/// Space between the plate and the chosen segment on it.
const INSET: i32 = 3;
/// Radius of the plate's corners.
const RADIUS: i32 = 8;
/// Size of the labels.
const TEXT: i32 = 13;

/// The segments. Cloning them gives another handle to the same widget.
#[derive(Clone, Debug)]
pub struct Segments {
    frame: Frame,
    state: Rc<RefCell<State>>,
}

#[derive(Debug)]
struct State {
    labels: Vec<String>,
    /// Widest label that each segment has had, in pixels: segments do not move when one becomes shorter.
    widths: Vec<f64>,
    chosen: usize,
}

impl Segments {
    /// Creates segments with these labels in the open group, the first one chosen.
    pub fn new(labels: &[&str]) -> Segments {
        let labels: Vec<String> = labels.iter().map(|label| (*label).to_owned()).collect();
        let state = Rc::new(RefCell::new(State { widths: vec![0.0; labels.len()], labels, chosen: 0 }));
        let mut frame = Frame::default();
        let drawn = Rc::clone(&state);
        frame.draw(move |frame| draw_segments(frame, &mut drawn.borrow_mut()));
        let segments = Segments { frame, state };
        segments.clone().handle_events();
        segments
    }

    /// Returns the widget for a layout.
    pub fn widget(&self) -> &Frame {
        &self.frame
    }

    /// Returns the index of the chosen segment.
    pub fn chosen(&self) -> usize {
        self.state.borrow().chosen
    }

    /// Chooses a segment without calling the `on_change` callback.
    pub fn choose(&mut self, at: usize) {
        if self.chosen() != at {
            self.state.borrow_mut().chosen = at;
            self.frame.redraw();
        }
    }

    /// Changes the label of a segment.
    pub fn set_label(&mut self, at: usize, label: &str) {
        let mut state = self.state.borrow_mut();
        if let Some(old) = state.labels.get_mut(at)
            && old != label
        {
            label.clone_into(old);
            self.frame.redraw();
        }
    }

    /// Calls `changed` when the user has chosen another segment.
    pub fn on_change(&mut self, mut changed: impl FnMut() + 'static) {
        self.frame.set_callback(move |_| changed());
    }

    /// Takes the keyboard focus.
    pub fn focus(&mut self) {
        if self.frame.take_focus().is_ok() {
            app::set_focus(&self.frame);
        }
    }

    fn handle_events(mut self) {
        let state = self.state;
        self.frame.handle(move |frame, event| match event {
            Event::Focus | Event::Unfocus => {
                frame.redraw();
                true
            }
            Event::Push => {
                let x = app::event_x() - frame.x();
                let to = state.borrow_mut().edges(frame.w()).iter().skip(1).take_while(|edge| **edge <= x).count();
                let _ = frame.take_focus();
                choose(frame, &state, to);
                true
            }
            Event::KeyDown => {
                let chosen = state.borrow().chosen;
                match app::event_key() {
                    Key::Left => choose(frame, &state, chosen.saturating_sub(1)),
                    Key::Right => choose(frame, &state, chosen + 1),
                    _ => return false,
                }
                true
            }
            _ => false,
        });
    }
}

impl State {
    /// Returns where the segments begin, and where the last one ends, in pixels from the left.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_precision_loss,
        reason = "numbers of pixels and of segments"
    )]
    fn edges(&mut self, width: i32) -> Vec<i32> {
        // The label of the chosen one is bold, and so the widest that it can be.
        draw::set_font(Font::HelveticaBold, TEXT);
        for (widest, label) in self.widths.iter_mut().zip(&self.labels) {
            *widest = widest.max(draw::width(label));
        }
        let rest = (f64::from(width) - self.widths.iter().sum::<f64>()) / self.widths.len().max(1) as f64;
        let ends = self.widths.iter().scan(0.0, |end, width| {
            *end += width + rest;
            Some(end.round() as i32)
        });
        std::iter::once(0).chain(ends).collect()
    }
}

/// Chooses a segment, or the last if there are fewer, and runs the callback.
fn choose(frame: &mut Frame, state: &Rc<RefCell<State>>, to: usize) {
    let changed = {
        let mut state = state.borrow_mut();
        let to = to.min(state.labels.len().saturating_sub(1));
        std::mem::replace(&mut state.chosen, to) != to
    };
    // After the borrow has ended: the callback may read the state.
    if changed {
        frame.redraw();
        frame.do_callback();
    }
}

fn draw_segments(frame: &Frame, state: &mut State) {
    let (x, y, w, h) = (frame.x(), frame.y(), frame.w(), frame.h());
    // The corners too, or the antialiased edge of a focus ring would stay there.
    draw::draw_rect_fill(x, y, w, h, theme::BACKGROUND);
    draw::set_draw_color(theme::RAISED);
    draw::draw_rounded_rectf(x, y, w, h, RADIUS);
    let edges = state.edges(w);
    for ((number, label), edges) in state.labels.iter().enumerate().zip(edges.windows(2)) {
        let (left, right) = (x + edges[0], x + edges[1]);
        let chosen = number == state.chosen;
        if chosen {
            draw::set_draw_color(theme::SURFACE);
            draw::draw_rounded_rectf(left + INSET, y + INSET, right - left - 2 * INSET, h - 2 * INSET, RADIUS - INSET);
        }
        draw::set_draw_color(if chosen { theme::TEXT } else { theme::MUTED });
        draw::set_font(if chosen { Font::HelveticaBold } else { Font::Helvetica }, TEXT);
        draw::draw_text2(label, left, y, right - left, h, Align::Center);
    }
    if frame.has_focus() {
        draw::set_draw_color(theme::FOCUS);
        draw::draw_rounded_rect(x, y, w, h, RADIUS);
    }
}
