//! The list of users in the room, in the colours that their names have in the conversation. The user chooses with the
//! arrow keys or the mouse.
//!
//! It draws itself: an FLTK browser would read `@` in a name as the start of a format, has one look for a whole line,
//! and cannot show in a second line since when a user is away. Runs on the UI thread.

use std::cell::RefCell;
use std::rc::Rc;

use fltk::app;
use fltk::enums::{Event, Key};
use fltk::group::Flex;
use fltk::prelude::{GroupExt as _, ValuatorExt as _, WidgetBase as _, WidgetExt as _};
use fltk::valuator::{Scrollbar, ScrollbarType};
use fltk::widget::Widget;

mod drawing;

use crate::chat::state::{Chat, Row};
use crate::clock::Clock;
use crate::ui::{self, set_shown};
use drawing::height;

/// Maximum number of names that are listed. No one reads more, and listing them would take longer than a tick.
const SHOWN_MAX: usize = 1000;

/// Height of a name, without the note below it.
const NAME_HEIGHT: i32 = 24;

/// The list. Cloning it gives another handle to the same.
#[derive(Clone)]
pub(super) struct PeopleList {
    plate: Flex,
    area: Widget,
    bar: Scrollbar,
    state: Rc<RefCell<State>>,
}

#[derive(Default)]
struct State {
    rows: Vec<Row>,
    /// Number of users that are not listed.
    more: usize,
    /// The chosen user, by name, so that the choice stays with the user when others come and go.
    chosen: Option<String>,
    /// The user that was clicked last. The second click of a double click belongs to the same user, even if another row
    /// has come under the mouse.
    clicked: Option<String>,
    /// Version of the model's list that is shown.
    version: Option<u64>,
    /// Height of the area at the last [`fit`](PeopleList::fit).
    room: i32,
}

impl PeopleList {
    /// Creates the list as the last child of a plate.
    pub(super) fn build(plate: &mut Flex) -> PeopleList {
        let mut row = Flex::default().row();
        row.set_pad(0);
        let area = Widget::default();
        let mut bar = Scrollbar::default().with_type(ScrollbarType::Vertical);
        ui::style_scrollbar(&mut bar);
        bar.hide();
        row.fixed(&bar, 10);
        row.end();
        ui::add_focus_ring(plate, &area, |_| false);
        let mut list = PeopleList { plate: plate.clone(), area, bar, state: Rc::default() };
        let (state, bar) = (Rc::clone(&list.state), list.bar.clone());
        list.area.draw(move |area| state.borrow().draw(area, offset(&bar)));
        let mut area = list.area.clone();
        list.bar.set_callback(move |_| area.redraw());
        list
    }

    /// Calls `open` with a name when the user opens a private conversation.
    pub(super) fn on_open(&mut self, mut open: impl FnMut(&str) + 'static) {
        let mut list = self.clone();
        self.area.handle(move |area, event| match event {
            // A widget has only one handler, so this one redraws the focus ring too.
            Event::Focus | Event::Unfocus => {
                list.plate.redraw();
                true
            }
            Event::Push => {
                // FLTK refuses the focus only while the window does not have it.
                let _ = area.take_focus();
                if app::event_clicks() {
                    if let Some(name) = list.clicked() {
                        open(&name);
                    }
                } else {
                    let name = list.name_at(app::event_y());
                    list.state.borrow_mut().clicked.clone_from(&name);
                    list.choose(name);
                }
                true
            }
            // A click elsewhere is a first click there.
            Event::Leave => {
                list.state.borrow_mut().clicked = None;
                true
            }
            Event::KeyDown => match app::event_key() {
                Key::Enter | Key::KPEnter => {
                    let chosen = list.state.borrow().chosen.clone();
                    if let Some(name) = chosen {
                        open(&name);
                    }
                    true
                }
                key => list.move_choice(key),
            },
            Event::MouseWheel => list.scroll(app::event_dy_value() * NAME_HEIGHT * 2),
            Event::Enter | Event::Move => {
                list.update_tooltip();
                true
            }
            _ => false,
        });
    }

    /// Shows or hides the scrollbar after the window's height has changed. Called with every tick, because a layout
    /// cannot be changed from within another.
    pub(super) fn fit(&mut self) {
        let room = self.area.h();
        if std::mem::replace(&mut self.state.borrow_mut().room, room) != room {
            self.scroll(0);
        }
    }

    /// Updates the list, if it has changed.
    pub(super) fn draw(&mut self, chat: &Chat, clock: &Clock) {
        let version = chat.rows_version();
        {
            let state = &mut *self.state.borrow_mut();
            if state.version.replace(version) == Some(version) {
                return;
            }
            state.rows = chat.rows(SHOWN_MAX, clock);
            state.more = chat.people.roster().len().saturating_sub(SHOWN_MAX);
        }
        self.scroll(0);
        self.area.redraw();
    }

    /// Returns the listed users, one line for each.
    pub(super) fn lines(&self) -> Vec<String> {
        let line = |row: &Row| match row.details() {
            details if details.is_empty() => row.shown.clone(),
            details => format!("{}, {details}", row.shown),
        };
        self.state.borrow().rows.iter().map(line).collect()
    }

    /// Moves the choice with a key. Returns whether the key is handled.
    fn move_choice(&mut self, key: Key) -> bool {
        let next = {
            let state = self.state.borrow();
            let last = i32::try_from(state.rows.len()).unwrap_or(0) - 1;
            let now = state.rows.iter().position(|row| Some(&row.name) == state.chosen.as_ref());
            let now = now.and_then(|at| i32::try_from(at).ok());
            let Some(at) = ui::destination(key, now, last, self.area.h() / NAME_HEIGHT) else { return false };
            let at = usize::try_from(at.min(last)).unwrap_or(0);
            state.rows.get(at).map(|row| row.name.clone())
        };
        self.choose(next);
        self.show_chosen();
        true
    }

    fn choose(&mut self, name: Option<String>) {
        self.state.borrow_mut().chosen = name;
        self.area.redraw();
    }

    /// Scrolls the chosen row into view.
    fn show_chosen(&mut self) {
        let place = {
            let state = self.state.borrow();
            state
                .row_positions()
                .find(|(row, _)| Some(&row.name) == state.chosen.as_ref())
                .map(|(row, y)| (y, y + height(row)))
        };
        let (offset, h) = (offset(&self.bar), self.area.h());
        match place {
            Some((top, _)) if top < offset => self.scroll(top - offset),
            Some((_, bottom)) if bottom > offset + h => self.scroll(bottom - h - offset),
            _ => true,
        };
    }

    /// Scrolls by a number of pixels, within the bounds of the list.
    fn scroll(&mut self, by: i32) -> bool {
        let hidden = (self.state.borrow().height() - self.area.h()).max(0);
        set_shown(&mut self.bar, hidden > 0);
        let part = f64::from(self.area.h()) / f64::from((self.area.h() + hidden).max(1));
        #[expect(clippy::cast_possible_truncation, reason = "a part of one")]
        self.bar.set_slider_size(part as f32);
        self.bar.set_bounds(0.0, f64::from(hidden));
        self.bar.set_value(f64::from((offset(&self.bar) + by).clamp(0, hidden)));
        self.area.redraw();
        true
    }

    /// Returns the user at this height of the window.
    fn name_at(&self, y: i32) -> Option<String> {
        let y = y - self.area.y() + offset(&self.bar);
        let state = self.state.borrow();
        state.row_positions().find(|(row, top)| (*top..top + height(row)).contains(&y)).map(|(row, _)| row.name.clone())
    }

    /// Returns the user that was clicked last, if still listed.
    fn clicked(&self) -> Option<String> {
        let state = self.state.borrow();
        state.clicked.clone().filter(|name| state.rows.iter().any(|row| row.name == *name))
    }

    /// Sets the tooltip to the details of the user under the mouse, for which the list may have no room.
    fn update_tooltip(&mut self) {
        let name = self.name_at(app::event_y());
        let tip = {
            let state = self.state.borrow();
            let row = state.rows.iter().find(|row| Some(&row.name) == name.as_ref());
            row.map_or(String::new(), |row| match row.details() {
                details if details.is_empty() => format!("{}: a double click opens a private window", row.shown),
                details => format!("{}: {details}", row.shown),
            })
        };
        ui::set_tip(&mut self.area, &tip);
    }
}

impl State {
    /// Returns each row with its offset from the top of the first.
    fn row_positions(&self) -> impl Iterator<Item = (&Row, i32)> {
        self.rows.iter().scan(0, |y, row| {
            let top = *y;
            *y += height(row);
            Some((row, top))
        })
    }

    /// Returns the height of all rows.
    fn height(&self) -> i32 {
        self.rows.iter().map(height).sum::<i32>() + if self.more > 0 { NAME_HEIGHT } else { 0 }
    }
}

/// Returns how far the list is scrolled, in pixels.
#[expect(clippy::cast_possible_truncation, reason = "a number of pixels, which was an i32 before")]
fn offset(bar: &Scrollbar) -> i32 {
    bar.value() as i32
}
