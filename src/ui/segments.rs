//! A row of segments of which one is chosen, all visible at once: tabs, and choices between a few items.
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
    chosen: usize,
}

impl Segments {
    /// Creates segments with these labels in the open group, the first one chosen.
    pub fn new(labels: &[&str]) -> Segments {
        let labels: Vec<String> = labels.iter().map(|label| (*label).to_owned()).collect();
        let state = Rc::new(RefCell::new(State { labels, chosen: 0 }));
        let mut frame = Frame::default();
        let drawn = Rc::clone(&state);
        frame.draw(move |frame| draw_segments(frame, &drawn.borrow()));
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
                let to = {
                    let count = i32::try_from(state.borrow().labels.len()).unwrap_or(1).max(1);
                    (app::event_x() - frame.x()) * count / frame.w().max(1)
                };
                let _ = frame.take_focus();
                choose(frame, &state, usize::try_from(to).unwrap_or(0));
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

fn draw_segments(frame: &Frame, state: &State) {
    let (x, y, w, h) = (frame.x(), frame.y(), frame.w(), frame.h());
    // The corners too, or the antialiased edge of a focus ring would stay there.
    draw::draw_rect_fill(x, y, w, h, theme::BACKGROUND);
    draw::set_draw_color(theme::RAISED);
    draw::draw_rounded_rectf(x, y, w, h, RADIUS);
    let count = i32::try_from(state.labels.len()).unwrap_or(1).max(1);
    for (at, (number, label)) in (0..).zip(state.labels.iter().enumerate()) {
        let (left, right) = (x + w * at / count, x + w * (at + 1) / count);
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
