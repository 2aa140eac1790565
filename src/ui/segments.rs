//! A row of segments of which one is chosen, all visible at once: tabs, and choices between a few items.
//!
//! A segment is as wide as its label, and the rest of the width is divided evenly. The segments may be in two groups, with a gap
//! between them.
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
/// Space between two groups.
const GROUP_GAP: i32 = 14;

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
    /// Number of segments in the first of two groups; 0 if there is one group.
    first_group: usize,
}

impl Segments {
    /// Creates segments with these labels in the open group, the first one chosen.
    pub fn new(labels: &[&str]) -> Segments {
        let labels: Vec<String> = labels.iter().map(|label| (*label).to_owned()).collect();
        let state = Rc::new(RefCell::new(State { widths: vec![0.0; labels.len()], labels, chosen: 0, first_group: 0 }));
        let mut frame = Frame::default();
        let drawn = Rc::clone(&state);
        frame.draw(move |frame| draw_segments(frame, &mut drawn.borrow_mut()));
        let segments = Segments { frame, state };
        segments.clone().handle_events();
        segments
    }

    /// Separates the first segments, of this number, from the others by a gap.
    pub fn group_first(&mut self, number: usize) {
        self.state.borrow_mut().first_group = number;
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
                let to =
                    state.borrow_mut().spans(frame.w()).iter().position(|(left, right)| (*left..*right).contains(&x));
                let _ = frame.take_focus();
                if let Some(to) = to {
                    choose(frame, &state, to);
                }
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
    /// Returns the left and the right edge of each segment, in pixels from the left of the widget.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_precision_loss,
        reason = "numbers of pixels and of segments"
    )]
    fn spans(&mut self, width: i32) -> Vec<(i32, i32)> {
        // The label of the chosen one is bold, and so the widest that it can be.
        draw::set_font(Font::HelveticaBold, TEXT);
        for (widest, label) in self.widths.iter_mut().zip(&self.labels) {
            *widest = widest.max(draw::width(label));
        }
        let gap = if self.first_group == 0 { 0 } else { GROUP_GAP };
        let rest = (f64::from(width - gap) - self.widths.iter().sum::<f64>()) / self.widths.len().max(1) as f64;
        let mut end = 0.0;
        let spans = self.widths.iter().enumerate().map(|(at, width)| {
            if gap > 0 && at == self.first_group {
                end += f64::from(gap);
            }
            let left = end;
            end += width + rest;
            (left.round() as i32, end.round() as i32)
        });
        spans.collect()
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
    let spans = state.spans(w);
    let groups = [&spans[..state.first_group.min(spans.len())], &spans[state.first_group.min(spans.len())..]];
    let plates = groups.map(|group| Some((x + group.first()?.0, group.last()?.1 - group.first()?.0)));
    draw::set_draw_color(theme::RAISED);
    for (left, width) in plates.into_iter().flatten() {
        draw::draw_rounded_rectf(left, y, width, h, RADIUS);
    }
    for (at, (label, (left, right))) in state.labels.iter().zip(spans).enumerate() {
        let (left, width, chosen) = (x + left, right - left, at == state.chosen);
        if chosen {
            draw::set_draw_color(theme::SURFACE);
            draw::draw_rounded_rectf(left + INSET, y + INSET, width - 2 * INSET, h - 2 * INSET, RADIUS - INSET);
        }
        draw::set_draw_color(if chosen { theme::TEXT } else { theme::MUTED });
        draw::set_font(if chosen { Font::HelveticaBold } else { Font::Helvetica }, TEXT);
        draw::draw_text2(label, left, y, width, h, Align::Center);
    }
    if frame.has_focus() {
        draw::set_draw_color(theme::FOCUS);
        let chosen_group = usize::from(state.chosen >= state.first_group);
        if let Some((left, width)) = plates[chosen_group] {
            draw::draw_rounded_rect(left, y, width, h, RADIUS);
        }
    }
}
