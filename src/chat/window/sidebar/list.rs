//! A list of names with the mouse and the keyboard: of the conversations or of the people in the room.
//!
//! It draws itself: an FLTK browser would read `@` in a name as the start of a format, has one look for a whole line,
//! and cannot show in a second line since when a user is away. While rows come and go, the first visible one stays where
//! it is, and while the mouse is over the list, the row under it. Runs on the UI thread.

use std::cell::RefCell;
use std::hash::Hash;
use std::rc::Rc;

use fltk::app::{self, MouseButton};
use fltk::enums::{Color, Event};
use fltk::group::Flex;
use fltk::prelude::{GroupExt as _, ValuatorExt as _, WidgetBase as _, WidgetExt as _};
use fltk::valuator::{Scrollbar, ScrollbarType};
use fltk::widget::Widget;

mod keyboard;
mod mouse;

use super::order::{Extent, keep_order, kept_offset, tops};
use crate::ui::{self, TypeAhead, set_shown, theme};

/// Height of a name, without the note below it.
pub(super) const NAME_HEIGHT: i32 = 24;
/// Height of the note below a name.
pub(super) const NOTE_HEIGHT: i32 = 17;

/// One row. All texts are escaped.
#[derive(Clone, Debug)]
pub(super) struct Item<K> {
    pub(super) key: K,
    pub(super) name: String,
    pub(super) color: Color,
    /// Behind the name: that it is the user.
    pub(super) beside: &'static str,
    /// In a line below the name.
    pub(super) note: Option<String>,
    /// Number of unread messages, for which the name is bold.
    pub(super) unread: u64,
    /// Index of its context menu, if it has one.
    pub(super) menu: Option<usize>,
    pub(super) tip: String,
}

impl<K> Item<K> {
    pub(super) fn height(&self) -> i32 {
        NAME_HEIGHT + if self.note.is_some() { NOTE_HEIGHT } else { 0 }
    }
}

/// An action of the user on a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ListEvent {
    /// Clicked.
    Chosen,
    /// Double-clicked, or Enter.
    Opened,
    /// Clicked with the right button, or pressed the menu key. The menu belongs at the mouse, or in the list.
    Menu,
}

/// The list. Cloning it gives another handle to the same.
#[derive(Clone)]
pub(super) struct List<K> {
    plate: Flex,
    pub(super) area: Widget,
    bar: Scrollbar,
    pub(super) state: Rc<RefCell<State<K>>>,
}

pub(super) struct State<K> {
    pub(super) items: Vec<Item<K>>,
    /// Number of rows that are not listed.
    pub(super) more: usize,
    /// The row with the keyboard focus, by key, so that the choice stays with it when others come and go.
    pub(super) chosen: Option<K>,
    /// The row that the window shows.
    pub(super) current: Option<K>,
    /// The row whose context menu is open.
    pub(super) in_menu: Option<K>,
    /// Words in place of rows, where there are none.
    pub(super) hint: &'static str,
    /// The row that was clicked last. The second click of a double click belongs to the same one, even if another row
    /// has come under the mouse.
    clicked: Option<K>,
    /// Height of the mouse within the list, while it is over it.
    mouse: Option<i32>,
    ahead: TypeAhead,
    /// The list was at its top, and is not any more only because rows stay under the mouse.
    drifted: bool,
    /// Height of the area at the last [`fit`](List::fit).
    room: i32,
}

impl<K: Clone + Eq + Hash + 'static> List<K> {
    /// Creates the list as the next child of a plate, whose edge shows the keyboard focus.
    pub(super) fn build(plate: &Flex) -> List<K> {
        let mut row = Flex::default().row();
        row.set_pad(0);
        let area = Widget::default();
        let mut bar = Scrollbar::default().with_type(ScrollbarType::Vertical);
        ui::style_scrollbar(&mut bar);
        bar.hide();
        row.fixed(&bar, 10);
        row.end();
        let state = State {
            items: Vec::new(),
            more: 0,
            chosen: None,
            current: None,
            in_menu: None,
            hint: "",
            clicked: None,
            mouse: None,
            ahead: TypeAhead::default(),
            drifted: false,
            room: 0,
        };
        let ringed = area.clone();
        plate
            .clone()
            .draw(move |plate| ui::draw_ring(plate, if ringed.has_focus() { theme::FOCUS } else { theme::SURFACE }));
        let mut list = List { plate: plate.clone(), area, bar, state: Rc::new(RefCell::new(state)) };
        let (state, bar) = (Rc::clone(&list.state), list.bar.clone());
        list.area.draw(move |area| state.borrow().draw(area, offset(&bar)));
        let (mut area, state) = (list.area.clone(), Rc::clone(&list.state));
        list.bar.set_callback(move |_| {
            state.borrow_mut().drifted = false;
            area.redraw();
        });
        list
    }

    /// Calls `act` with what the user does, and with the key of the row.
    pub(super) fn on_event(&mut self, mut act: impl FnMut(ListEvent, K) + 'static) {
        let mut list = self.clone();
        self.area.handle(move |area, event| match event {
            Event::Focus => {
                list.choose_one();
                list.plate.redraw();
                true
            }
            Event::Unfocus => {
                list.plate.redraw();
                true
            }
            // The keyboard stays where it is, and the row is marked as long as its menu is open.
            Event::Push if app::event_mouse_button() == MouseButton::Right => {
                if let Some(key) = list.key_at(app::event_y()) {
                    list.mark_in_menu(Some(key.clone()));
                    act(ListEvent::Menu, key);
                    list.mark_in_menu(None);
                }
                true
            }
            Event::Push => {
                // A menu leaves the keyboard where it is.
                if app::event_mouse_button() != MouseButton::Right {
                    // FLTK refuses the focus only while the window does not have it.
                    let _ = area.take_focus();
                }
                if let Some((event, key)) = list.press() {
                    act(event, key);
                }
                true
            }
            Event::KeyDown => match list.key() {
                Some(Some((event, key))) => {
                    act(event, key);
                    true
                }
                handled => handled.is_some(),
            },
            Event::MouseWheel => {
                list.state.borrow_mut().drifted = false;
                list.scroll(app::event_dy_value() * NAME_HEIGHT * 2)
            }
            Event::Enter | Event::Move => {
                list.point(app::event_y());
                true
            }
            // FLTK does not report that the mouse has left what is hidden below it.
            Event::Leave | Event::Hide => {
                let mut state = list.state.borrow_mut();
                // A click elsewhere is a first click there.
                (state.clicked, state.mouse) = (None, None);
                true
            }
            _ => false,
        });
    }

    fn mark_in_menu(&mut self, key: Option<K>) {
        self.state.borrow_mut().in_menu = key;
        self.area.redraw();
    }

    /// Moves the keyboard's choice to a row.
    pub(super) fn choose(&mut self, key: Option<K>) {
        self.state.borrow_mut().chosen = key;
        self.area.redraw();
    }

    /// Marks the row that the window shows. Returns whether it is another one than before.
    pub(super) fn set_current(&mut self, key: K) -> bool {
        let mut state = self.state.borrow_mut();
        let is_other = state.current.as_ref() != Some(&key);
        if is_other {
            (state.current, state.chosen) = (Some(key.clone()), Some(key));
            self.area.redraw();
        }
        is_other
    }

    /// Sets the words in place of rows, where there are none.
    pub(super) fn set_hint(&mut self, hint: &'static str) {
        self.state.borrow_mut().hint = hint;
        self.area.redraw();
    }

    /// Shows these rows, and that there are `more`. From the row `keeps_order` on, rows that are shown keep their order while
    /// the mouse is over the list.
    pub(super) fn show(&mut self, mut items: Vec<Item<K>>, more: usize, keeps_order: Option<usize>) {
        let now = offset(&self.bar);
        let kept = {
            let mut state = self.state.borrow_mut();
            let old: Vec<Extent<K>> = state.extents();
            if let (Some(first), true) = (keeps_order, state.mouse.is_some()) {
                let before: Vec<K> = old.iter().map(|(key, _)| key.clone()).collect();
                keep_order(&before, &mut items[first..], |item| &item.key);
            }
            (state.items, state.more) = (items, more);
            state.drifted |= state.mouse.is_some() && now == 0;
            match state.mouse {
                Some(mouse) => kept_offset(&old, &state.extents(), now, mouse),
                // A reader at the top stays there, and sees those who are sorted before the others.
                None if now == 0 => 0,
                None => kept_offset(&old, &state.extents(), now, 0),
            }
        };
        self.scroll(kept - now);
    }

    /// Shows or hides the scrollbar after the list's height has changed, and returns to the top if the list has left it for
    /// the mouse, which has gone. Called with every tick, because a layout cannot be changed from within another.
    pub(super) fn fit(&mut self) {
        let returns = {
            let state = &mut *self.state.borrow_mut();
            state.mouse.is_none() && std::mem::take(&mut state.drifted)
        };
        if returns {
            self.scroll(-offset(&self.bar));
        }
        let room = self.area.h();
        if std::mem::replace(&mut self.state.borrow_mut().room, room) != room {
            self.scroll(0);
        }
    }

    /// Returns the rows, one line for each, or the words in their place.
    pub(super) fn lines(&self) -> Vec<String> {
        let line = |item: &Item<K>| {
            let unread = if item.unread > 0 { format!("{} unread", item.unread) } else { String::new() };
            let parts = [item.name.as_str(), item.beside, item.note.as_deref().unwrap_or_default(), &unread];
            parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(", ")
        };
        let state = self.state.borrow();
        let hint = Some(state.hint.to_owned()).filter(|hint| state.items.is_empty() && !hint.is_empty());
        hint.into_iter().chain(state.items.iter().map(line)).collect()
    }

    /// Returns whether the mouse is over the list.
    pub(super) fn is_pointed_at(&self) -> bool {
        self.state.borrow().mouse.is_some()
    }

    /// Scrolls the chosen row into view.
    pub(super) fn show_chosen(&mut self) {
        let place = {
            let mut state = self.state.borrow_mut();
            state.drifted = false;
            let extents = state.extents();
            tops(&extents).find(|(key, ..)| Some(*key) == state.chosen.as_ref()).map(|(_, top, h)| (top, top + h))
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
}

impl<K: Clone> State<K> {
    pub(super) fn extents(&self) -> Vec<Extent<K>> {
        self.items.iter().map(|item| (item.key.clone(), item.height())).collect()
    }
}

impl<K> State<K> {
    /// Returns the height of all rows.
    pub(super) fn height(&self) -> i32 {
        self.items.iter().map(Item::height).sum::<i32>() + if self.more > 0 { NAME_HEIGHT } else { 0 }
    }
}

/// Returns how far the list is scrolled, in pixels.
#[expect(clippy::cast_possible_truncation, reason = "a number of pixels, which was an i32 before")]
fn offset(bar: &Scrollbar) -> i32 {
    bar.value() as i32
}
