//! The thumb of a scrollbar, which is never too small to be seen and held. Runs on the UI thread.
//!
//! FLTK's thumb is the visible share of the text, and with 10,000 lines that is seven pixels. So the thumb is drawn, held and
//! dragged here, and the arrows are drawn in its colours. All else stays FLTK's: a press on the arrows, the wheel, and a press beside the thumb, which scrolls by a page. FLTK's
//! own thumb lies within ours, so it is never pressed.

use fltk::app;
use fltk::draw;
use fltk::enums::{Event, FrameType};
use fltk::prelude::{GroupExt as _, ValuatorExt as _, WidgetBase as _, WidgetExt};
use fltk::valuator::Scrollbar;

use super::theme;

/// Space between what is drawn of the thumb and its edges.
const INSET: i32 = 2;
/// Minimum length of the thumb: 24 pixels of it are drawn.
const THUMB_MIN: i32 = 24 + 2 * INSET;

/// Gives a scrollbar that was created as a widget of its own the common look, and its thumb.
pub fn style_scrollbar(bar: &mut Scrollbar) {
    color_scrollbar(bar);
    bar.draw(|bar| draw_thumb(bar));
    let mut grip = Grip::default();
    bar.super_handle_first(false);
    bar.handle(move |bar, event| grip.handle(bar, event));
}

/// Gives a scrollbar that FLTK has created within another widget the common colours. The other widget has to
/// [draw](draw_thumb) its thumb and to pass it [events](Grip::handle), because FLTK does not let code do so from within.
pub(super) fn color_scrollbar(bar: &mut impl WidgetExt) {
    bar.set_frame(FrameType::FlatBox);
    bar.set_color(theme::SURFACE);
    bar.set_selection_color(theme::OUTLINE);
    bar.set_label_color(theme::MUTED);
}

/// Gives the scrollbars inside a text display the common colours. The display has to [draw](draw_scrollbars) their thumbs.
pub fn style_scrollbars(display: &impl WidgetExt) {
    scrollbars(display).iter_mut().for_each(color_scrollbar);
}

/// Draws the scrollbars inside a text display, after FLTK has drawn them.
pub fn draw_scrollbars(display: &impl WidgetExt) {
    scrollbars(display).iter().for_each(draw_thumb);
}

fn scrollbars(display: &impl WidgetExt) -> Vec<Scrollbar> {
    let Some(group) = display.as_group() else { return Vec::new() };
    (0..group.children())
        .filter_map(|at| group.child(at))
        .filter_map(|child| Scrollbar::from_dyn_widget(&child))
        .collect()
}

/// Draws the arrows, and the thumb on its track, over FLTK's.
pub(super) fn draw_thumb(bar: &Scrollbar) {
    if !bar.visible_r() {
        return;
    }
    let track = Track::of(bar);
    draw::draw_rect_fill(bar.x(), bar.y(), bar.w(), bar.h(), theme::SURFACE);
    if track.length < bar.w().max(bar.h()) {
        draw_arrows(bar);
    }
    let (x, y, w, h) = thumb_of(bar).area(bar);
    draw::set_draw_color(theme::OUTLINE);
    draw::draw_rounded_rectf(x + INSET, y + INSET, w - 2 * INSET, h - 2 * INSET, (w.min(h) - 2 * INSET) / 2);
}

fn draw_arrows(bar: &Scrollbar) {
    let (x, y, w, h) = (bar.x(), bar.y(), bar.w(), bar.h());
    // From the middle of the end of the scrollbar to the tip, and half of the base.
    let (tip, half) = (2, 3);
    draw::set_draw_color(theme::MUTED);
    if is_flat(bar) {
        let middle = y + h / 2;
        for (at, to) in [(x + h / 2, -tip), (x + w - h / 2, tip)] {
            draw::draw_polygon(at - to, middle - half, at - to, middle + half, at + to, middle);
        }
    } else {
        let middle = x + w / 2;
        for (at, to) in [(y + w / 2, -tip), (y + h - w / 2, tip)] {
            draw::draw_polygon(middle - half, at - to, middle + half, at - to, middle, at + to);
        }
    }
}

/// The hold of the mouse on a thumb: its distance from the thumb's start, while the button is down.
#[derive(Debug, Default)]
pub(super) struct Grip(Option<i32>);

impl Grip {
    /// Handles an event of the mouse before FLTK does. Returns whether it was for the thumb.
    pub(super) fn handle(&mut self, bar: &mut Scrollbar, event: Event) -> bool {
        match event {
            Event::Push if bar.visible_r() && app::event_inside_widget(bar) => {
                let thumb = thumb_of(bar);
                let at = mouse(bar) - thumb.start;
                self.0 = (app::event_mouse_button() == app::MouseButton::Left && (0..thumb.length).contains(&at))
                    .then_some(at);
                self.0.is_some()
            }
            Event::Drag => {
                let Some(held) = self.0 else { return false };
                let (track, thumb) = (Track::of(bar), thumb_of(bar));
                let room = f64::from((track.length - thumb.length).max(1));
                let share = (f64::from(mouse(bar) - held - track.start) / room).clamp(0.0, 1.0);
                let value = (bar.minimum() + share * (bar.maximum() - bar.minimum())).round();
                if (value - bar.value()).abs() > 0.5 {
                    bar.set_value(value);
                    bar.do_callback();
                }
                true
            }
            Event::Released => self.0.take().is_some(),
            _ => false,
        }
    }
}

/// A part of a scrollbar, along it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Track {
    /// In the window's pixels.
    start: i32,
    length: i32,
}

impl Track {
    /// Returns the part between the arrows, which FLTK draws if there is room.
    fn of(bar: &Scrollbar) -> Track {
        let (start, length, across) =
            if is_flat(bar) { (bar.x(), bar.w(), bar.h()) } else { (bar.y(), bar.h(), bar.w()) };
        if length < 3 * across {
            Track { start, length }
        } else {
            Track { start: start + across, length: length - 2 * across }
        }
    }

    /// Returns the part of the scrollbar as a rectangle.
    fn area(self, bar: &Scrollbar) -> (i32, i32, i32, i32) {
        let Track { start, length } = self;
        if is_flat(bar) { (start, bar.y(), length, bar.h()) } else { (bar.x(), start, bar.w(), length) }
    }

    /// Returns the thumb on this track: for a share of the text that is visible, and a position from 0 to 1.
    #[expect(clippy::cast_possible_truncation, reason = "numbers of pixels")]
    fn thumb(self, visible: f64, position: f64) -> Track {
        let length = ((f64::from(self.length) * visible).round() as i32).max(THUMB_MIN).min(self.length);
        let start = (f64::from(self.length - length) * position.clamp(0.0, 1.0)).round() as i32;
        Track { start: self.start + start, length }
    }
}

fn thumb_of(bar: &Scrollbar) -> Track {
    let range = bar.maximum() - bar.minimum();
    let position = if range > 0.0 { (bar.value() - bar.minimum()) / range } else { 0.5 };
    Track::of(bar).thumb(f64::from(bar.slider_size()), position)
}

fn is_flat(bar: &Scrollbar) -> bool {
    bar.w() > bar.h()
}

/// Returns the position of the mouse along the scrollbar.
fn mouse(bar: &Scrollbar) -> i32 {
    if is_flat(bar) { app::event_x() } else { app::event_y() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_thumb_is_the_visible_share_of_its_track_but_never_too_small_nor_too_large() {
        let track = Track { start: 100, length: 200 };
        assert_eq!(track.thumb(0.5, 0.0), Track { start: 100, length: 100 });
        assert_eq!(track.thumb(0.001, 0.5), Track { start: 186, length: 28 });
        assert_eq!(track.thumb(0.001, 1.0), Track { start: 272, length: 28 });
        assert_eq!(Track { start: 0, length: 10 }.thumb(0.001, 1.0), Track { start: 0, length: 10 });
    }
}
