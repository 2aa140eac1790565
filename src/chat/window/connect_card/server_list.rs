//! A list of servers on the card: the recent ones, or those that were found on the network. They are chosen with the arrow keys or
//! the mouse. A recent one is forgotten with Delete or the cross at the end of its row. Runs on the UI thread.
//!
//! The list draws itself. It has no scrollbar: the card shows as many rows as it has room for, the first ones.

use std::cell::RefCell;
use std::rc::Rc;

use fltk::app;
use fltk::draw;
use fltk::enums::{Event, Font, FrameType, Key};
use fltk::prelude::{WidgetBase as _, WidgetExt as _};
use fltk::widget::Widget;

use crate::chat::input::shortcuts::{KeyAction, Place};
use crate::chat::window::keys;
use crate::chat::window::security_badge::padlock;
use crate::ui::{self, TEXT_SIZE, elide, theme};

/// Height of a row.
pub(super) const ROW_HEIGHT: i32 = 26;
/// Width of the end of a row, where a click forgets the server.
const CROSS: i32 = 26;
/// Space left of the text.
const INSET: i32 = 10;
/// Width of the padlock in front of it.
const PADLOCK: i32 = 16;

/// A row: the text that stands out, and the text behind it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Row {
    pub(super) name: String,
    pub(super) about: String,
    /// A padlock in front of the row, closed or open.
    pub(super) padlock: Option<bool>,
    /// The server has gone.
    pub(super) is_gone: bool,
}

/// Action of the user on a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum RowAction {
    /// Fill it into the fields.
    Choose(usize),
    /// Take it off the list.
    Forget(usize),
    /// Go back to the field above.
    Leave,
}

/// Outcome of an event.
enum Outcome {
    /// It is not for the list.
    NotTaken,
    /// The list changes.
    Taken,
    /// Something is to be done beyond the list.
    Action(RowAction),
}

/// The list. Cloning it gives another handle to the same.
#[derive(Clone)]
pub(super) struct ServerList {
    area: Widget,
    state: Rc<RefCell<State>>,
    /// Rows can be taken off the list.
    forgets: bool,
}

#[derive(Default)]
struct State {
    rows: Vec<Row>,
    chosen: usize,
    /// The row below the mouse, and whether the mouse is at its end.
    below_mouse: Option<(usize, bool)>,
    /// Choosing makes sense now.
    is_active: bool,
}

impl ServerList {
    /// Creates the list in the open group. The user `forgets` its rows, or not.
    pub(super) fn build(forgets: bool) -> ServerList {
        let mut area = Widget::default();
        let state = Rc::new(RefCell::new(State { is_active: true, ..State::default() }));
        let drawn = Rc::clone(&state);
        area.draw(move |area| drawn.borrow().draw(area, forgets));
        ServerList { area, state, forgets }
    }

    /// Calls `act` when the user does something with a row.
    pub(super) fn on_action(&mut self, mut act: impl FnMut(RowAction) + 'static) {
        let list = self.clone();
        self.area.handle(move |area, event| {
            let outcome = list.on_event(area, event);
            let is_taken = !matches!(outcome, Outcome::NotTaken);
            if is_taken {
                area.redraw();
            }
            // After the borrow has ended: the callback changes the rows.
            if let Outcome::Action(action) = outcome {
                act(action);
            }
            is_taken
        });
    }

    /// Shows these servers. Returns whether they differ from those before.
    pub(super) fn set(&mut self, rows: Vec<Row>) -> bool {
        let state = &mut *self.state.borrow_mut();
        let differs = state.rows != rows;
        if differs {
            state.rows = rows;
            state.chosen = state.chosen.min(state.rows.len().saturating_sub(1));
            self.area.redraw();
        }
        differs
    }

    /// Returns whether the user is about to choose: the mouse is over a row, or the list has the keyboard focus.
    pub(super) fn is_held(&self) -> bool {
        // A list that was hidden or inactive while the mouse left it was not told so.
        let is_below_mouse = app::belowmouse::<Widget>().is_some_and(|below| below.is_same(&self.area));
        self.has_focus() || is_below_mouse && self.state.borrow().below_mouse.is_some()
    }

    /// Returns the rows as text.
    pub(super) fn lines(&self) -> Vec<String> {
        let padlock = |row: &Row| match row.padlock {
            _ if row.is_gone => "",
            Some(true) => ", closed",
            Some(false) => ", open",
            None => "",
        };
        self.state.borrow().rows.iter().map(|row| format!("{} {}{}", row.name, row.about, padlock(row))).collect()
    }

    /// Returns the number of rows.
    pub(super) fn len(&self) -> usize {
        self.state.borrow().rows.len()
    }

    /// Lets the user choose, or not.
    pub(super) fn set_active(&mut self, active: bool) {
        self.state.borrow_mut().is_active = active;
        self.area.visible_focus(active);
        self.area.redraw();
    }

    /// Returns whether the list has the keyboard focus.
    pub(super) fn has_focus(&self) -> bool {
        self.area.has_focus()
    }

    /// Takes the keyboard focus, if there is something to choose.
    pub(super) fn focus(&mut self) -> bool {
        let can = self.area.visible_r() && self.state.borrow().is_active && self.len() > 0;
        can && self.area.take_focus().is_ok()
    }

    /// Returns the row at this place of the window, and whether it is its end.
    fn row_at(&self, x: i32, y: i32) -> Option<(usize, bool)> {
        let row = usize::try_from((y - self.area.y()) / ROW_HEIGHT).ok()?;
        let is_inside = (self.area.y()..self.area.y() + self.area.h()).contains(&y) && row < self.len();
        is_inside.then_some((row, self.forgets && x >= self.area.x() + self.area.w() - CROSS))
    }

    /// Handles an event. Returns what follows from it.
    fn on_event(&self, area: &mut Widget, event: Event) -> Outcome {
        if !self.state.borrow().is_active {
            return Outcome::NotTaken;
        }
        let here = self.row_at(app::event_x(), app::event_y());
        match event {
            Event::Focus | Event::Unfocus => Outcome::Taken,
            Event::Enter | Event::Move => {
                self.state.borrow_mut().below_mouse = here;
                let tip = match here {
                    Some((_, true)) => "Remove this server from the list (Delete)",
                    _ if self.forgets => "Use this server, and your name there (Enter)",
                    _ => {
                        "Fill in the address of this server (Enter).\nAnyone on the network can announce a server under any name"
                    }
                };
                ui::set_tip(area, tip);
                Outcome::Taken
            }
            Event::Leave => {
                self.state.borrow_mut().below_mouse = None;
                Outcome::Taken
            }
            Event::Push => {
                // The second click of a double click is not for the row that has come under the mouse.
                let Some((row, forgets)) = here.filter(|_| !app::event_clicks()) else { return Outcome::NotTaken };
                self.state.borrow_mut().chosen = row;
                Outcome::Action(if forgets { RowAction::Forget(row) } else { RowAction::Choose(row) })
            }
            Event::KeyDown => self.on_key(area, app::event_key()),
            _ => Outcome::NotTaken,
        }
    }

    fn on_key(&self, area: &Widget, key: Key) -> Outcome {
        let state = &mut *self.state.borrow_mut();
        // What has no room is not there for the keyboard either.
        let rows = usize::try_from(area.h() / ROW_HEIGHT).unwrap_or(0).min(state.rows.len());
        let Some(last) = rows.checked_sub(1) else { return Outcome::NotTaken };
        let chosen = state.chosen.min(last);
        match keys::find(Place::Lists) {
            Some(KeyAction::Open) => return Outcome::Action(RowAction::Choose(chosen)),
            Some(KeyAction::Remove) if self.forgets => return Outcome::Action(RowAction::Forget(chosen)),
            _ => {}
        }
        match key {
            Key::Up if chosen == 0 => return Outcome::Action(RowAction::Leave),
            Key::Up => state.chosen = chosen - 1,
            Key::Down => state.chosen = (chosen + 1).min(last),
            Key::Home => state.chosen = 0,
            Key::End => state.chosen = last,
            key if key == Key::from_char(' ') => return Outcome::Action(RowAction::Choose(chosen)),
            _ => return Outcome::NotTaken,
        }
        Outcome::Taken
    }
}

impl State {
    fn draw(&self, area: &Widget, forgets: bool) {
        let (x, y, w, h) = (area.x(), area.y(), area.w(), area.h());
        draw::push_clip(x, y, w, h);
        draw::draw_rect_fill(x, y, w, h, theme::BACKGROUND);
        for (top, (at, row)) in (0..).map(|row| y + row * ROW_HEIGHT).zip(self.rows.iter().enumerate()) {
            let has_keyboard = area.has_focus() && at == self.chosen;
            let (is_below_mouse, is_at_end) = match self.below_mouse {
                Some((row, at_end)) => (row == at, row == at && at_end),
                None => (false, false),
            };
            if has_keyboard || is_below_mouse {
                draw::draw_box(FrameType::RFlatBox, x, top, w, ROW_HEIGHT, theme::RAISED);
            }
            if has_keyboard {
                draw::set_draw_color(theme::ACCENT);
                draw::draw_rounded_rect(x, top, w, ROW_HEIGHT, 6);
            }
            draw::set_font(Font::Helvetica, TEXT_SIZE);
            let baseline = top + i32::midpoint(ROW_HEIGHT, draw::height()) - draw::descent();
            let right = x + w - if forgets { CROSS } else { INSET };
            let mut left = x + INSET;
            if let Some(closed) = row.padlock {
                padlock(left - 4, top + (ROW_HEIGHT - 14) / 2, closed, theme::MUTED);
                left += PADLOCK;
            }
            // What is behind a long name of a server on the network can be read: it says which one it is.
            let all = right - left;
            let room =
                if row.padlock.is_some() { (all - INSET - ui::text_width(&row.about)).max(all / 2) } else { all };
            let shown = elide(&row.name, room);
            draw::set_draw_color(if self.is_active && !row.is_gone { theme::TEXT } else { theme::MUTED });
            draw::draw_text(&shown, left, baseline);
            let after = left + ui::text_width(&shown) + INSET;
            draw::set_draw_color(theme::MUTED);
            draw::draw_text(&elide(&row.about, right - after), after, baseline);
            if !forgets {
                continue;
            }
            draw::set_draw_color(if is_at_end { theme::ERROR } else { theme::MUTED });
            draw::set_line_style(draw::LineStyle::Solid, 2);
            let (left, upper) = (right + (CROSS - 8) / 2, top + (ROW_HEIGHT - 8) / 2);
            draw::draw_line(left, upper, left + 8, upper + 8);
            draw::draw_line(left, upper + 8, left + 8, upper);
            draw::set_line_style(draw::LineStyle::Solid, 0);
        }
        draw::pop_clip();
    }
}
