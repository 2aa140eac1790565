//! The mouse and the keys in a view: they scroll and select. Runs on the UI thread.

use std::cell::RefCell;
use std::rc::Rc;

use fltk::app::{self, MouseButton};
use fltk::enums::{Event, Key};
use fltk::prelude::WidgetExt as _;

use super::view::{Drag, View};
use crate::chat::render::selection::{Selection, Unit};
use crate::ui;

/// Number of rows that one step of the wheel scrolls by.
const WHEEL_ROWS: i32 = 3;

/// The handler of a view's events. It returns whether it has taken the event.
#[derive(Clone)]
pub(in crate::chat::window::conversation) struct Events(pub(super) Rc<RefCell<View>>);

impl Events {
    pub(in crate::chat::window::conversation) fn handle(&self, event: Event) -> bool {
        // FLTK asks for the focus of widgets while others are drawn, too.
        let Ok(mut view) = self.0.try_borrow_mut() else { return false };
        match event {
            Event::Focus | Event::Unfocus | Event::Enter | Event::Leave => true,
            Event::Move => {
                let name = view.cut_name_at(app::event_x(), app::event_y());
                ui::set_tip(&mut view.widget, &name.unwrap_or_default());
                true
            }
            Event::Push if app::event_mouse_button() == MouseButton::Left => {
                view.press();
                // FLTK tells the widget that it has the focus now.
                let mut widget = view.widget.clone();
                drop(view);
                let _ = widget.take_focus();
                true
            }
            Event::Drag => {
                view.drag_to(app::event_x(), app::event_y());
                true
            }
            Event::Released => {
                view.release();
                true
            }
            Event::MouseWheel => {
                let rows = WHEEL_ROWS * app::event_dy_value();
                view.scroll_rows(rows);
                true
            }
            Event::KeyDown => view.press_key(app::event_key()),
            _ => false,
        }
    }

    /// Selects everything.
    pub(in crate::chat::window::conversation) fn select_all(&self) {
        let view = &mut *self.0.borrow_mut();
        view.place.selection = view.place.page.select_all();
        view.copy_to_primary();
        view.widget.redraw();
    }
}

impl View {
    fn scroll_rows(&mut self, rows: i32) {
        self.lay_out();
        let by = rows * self.fonts.row;
        self.place.viewport.scroll(by);
        self.lay_out();
    }

    fn press_key(&mut self, key: Key) -> bool {
        let page = (self.widget.h() / self.fonts.row.max(1) - 1).max(1);
        match key {
            _ if app::is_event_alt() || app::is_event_shift() => return false,
            Key::Up => self.scroll_rows(-1),
            Key::Down => self.scroll_rows(1),
            Key::PageUp => self.scroll_rows(-page),
            Key::PageDown => self.scroll_rows(page),
            Key::Home => {
                self.lay_out();
                self.place.viewport.scroll_to_top(&self.place.page);
                self.lay_out();
            }
            Key::End => {
                self.place.viewport.follow();
                self.lay_out();
            }
            _ => return false,
        }
        true
    }

    fn press(&mut self) {
        let (x, y) = (app::event_x(), app::event_y());
        self.lay_out();
        if self.is_above_button(x, y) {
            return self.show_first_new();
        }
        if x >= self.columns().bar {
            return self.press_bar(y - self.widget.y());
        }
        let unit = match app::event_clicks_num() {
            0 => Unit::Letter,
            1 => Unit::Word,
            _ => Unit::Message,
        };
        let Some(point) = self.point_at(x, y) else { return };
        let point = if unit == Unit::Word { self.letter_at(x, y).unwrap_or(point) } else { point };
        let pressed = self.place.page.select_around(point, unit);
        let from = match self.pressed.filter(|_| app::is_event_shift()) {
            Some(earlier) => earlier,
            None => pressed,
        };
        self.pressed = Some(from);
        self.drag = Some(Drag::Text(from, unit));
        self.select(from.with(pressed));
    }

    /// Moves the thumb to the mouse, unless it is there, and holds it.
    fn press_bar(&mut self, y: i32) {
        let Some(thumb) = self.thumb() else { return };
        let is_on_it = (thumb.y..thumb.y + thumb.height).contains(&y);
        let grip = if is_on_it { y - thumb.y } else { thumb.height / 2 };
        self.drag = Some(Drag::Thumb { grip, y: y - grip });
        if !is_on_it {
            self.place.viewport.drag_thumb(y - grip, self.widget.h());
            self.lay_out();
        }
        self.widget.redraw();
    }

    pub(super) fn drag_to(&mut self, x: i32, y: i32) {
        match self.drag {
            Some(Drag::Text(from, unit)) => {
                if let Some(point) = self.point_at(x, y) {
                    let to = self.place.page.select_around(point, unit);
                    self.select(from.with(to));
                }
            }
            Some(Drag::Thumb { grip, .. }) => {
                let y = y - self.widget.y() - grip;
                self.drag = Some(Drag::Thumb { grip, y });
                self.place.viewport.drag_thumb(y, self.widget.h());
                self.lay_out();
                self.widget.redraw();
            }
            None => {}
        }
    }

    /// Scrolls while the mouse selects beyond the upper or the lower edge. Runs 30 times a second.
    pub(super) fn scroll_while_selecting(&mut self) {
        let (x, y) = (app::event_x(), app::event_y());
        let (top, bottom) = (self.widget.y(), self.widget.y() + self.widget.h());
        let beyond = (y - top).min(0) + (y - bottom).max(0);
        if matches!(self.drag, Some(Drag::Text(..))) && beyond != 0 {
            // The further beyond, the faster.
            let by = (beyond / 4).clamp(-self.fonts.row * 4, self.fonts.row * 4);
            self.place.viewport.scroll(by);
            self.drag_to(x, y.clamp(top, bottom - 1));
        }
    }

    fn release(&mut self) {
        if let Some(Drag::Text(..)) = self.drag.take() {
            self.copy_to_primary();
        }
        self.widget.redraw();
    }

    fn select(&mut self, selection: Selection) {
        let selection = Some(selection).filter(|selection| !selection.is_empty());
        self.place.selection = selection.map(|selection| self.place.page.with_whole_names(selection));
        self.widget.redraw();
    }

    /// Gives other programs the selected text for a click with the middle button.
    fn copy_to_primary(&self) {
        if let Some(text) = self.place.selected_text() {
            app::copy2(&text);
        }
    }
}
