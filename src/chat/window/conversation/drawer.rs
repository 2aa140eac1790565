//! The drawer between the text of a conversation and its entry: at most one bar, such as the one that finds text, and at
//! most one pane, such as the wire, whose upper edge can be dragged. What is opened takes the place of the other of its
//! kind. Runs on the UI thread.

use std::cell::RefCell;
use std::rc::Rc;

use fltk::frame::Frame;
use fltk::group::Flex;
use fltk::prelude::{GroupExt as _, WidgetExt as _};
use fltk::widget::Widget;

use crate::ui::{self, Drag, GAP, Settings, set_shown};

/// Thickness of the edge above a pane.
const EDGE: i32 = 8;
/// Default height of a pane.
const USUAL: i32 = 220;
/// Least height of a pane, and of the text above it.
const PANE_MIN: i32 = 110;
const TEXT_MIN: i32 = 56;
/// Key of the height in the settings.
const HEIGHT: &str = "drawer_height";

/// The drawer. Cloning it gives another handle to the same.
#[derive(Clone)]
pub(in crate::chat::window) struct Drawer(Rc<RefCell<State>>);

struct State {
    view: Flex,
    /// `None` until it is built.
    edge: Option<Frame>,
    bars: Vec<Flex>,
    panes: Vec<Flex>,
    /// The open parts, the newest at the end.
    opened: Vec<Flex>,
    /// The wanted height of a pane.
    wanted: i32,
}

impl Drawer {
    /// Creates the drawer, closed, as the next rows of a view, below its text.
    pub(in crate::chat::window) fn build(view: &mut Flex) -> Drawer {
        let (bars, panes, opened) = Default::default();
        let state = State { view: view.clone(), edge: None, bars, panes, opened, wanted: USUAL };
        let drawer = Drawer(Rc::new(RefCell::new(state)));
        let dragged = drawer.clone();
        let mut edge = ui::splitter(Drag::UpAndDown, "Drag: higher or lower", move |step| dragged.drag(step));
        view.fixed(&edge, EDGE);
        edge.hide();
        drawer.0.borrow_mut().edge = Some(edge);
        drawer
    }

    /// Adds a bar, which has been built, hidden, in the view.
    pub(in crate::chat::window) fn add_bar(&self, bar: &Flex) {
        self.0.borrow_mut().bars.push(bar.clone());
    }

    /// Adds a pane, which has been built, hidden, in the view.
    pub(in crate::chat::window) fn add_pane(&self, pane: &Flex) {
        self.0.borrow_mut().panes.push(pane.clone());
    }

    /// Opens a bar or a pane, in place of the other of its kind.
    pub(in crate::chat::window) fn open(&self, part: &Flex) {
        let others: Vec<Flex> = {
            let state = self.0.borrow();
            let kind = if contains(&state.bars, part) { &state.bars } else { &state.panes };
            kind.iter().filter(|other| !other.is_same(part)).cloned().collect()
        };
        others.iter().for_each(|other| self.close(other));
        let is_pane = contains(&self.0.borrow().panes, part);
        if is_pane {
            self.show_edge(true);
        }
        let mut opened = part.clone();
        set_shown(&mut opened, true);
        self.0.borrow_mut().opened.retain(|other| !other.is_same(part));
        self.0.borrow_mut().opened.push(opened);
        self.fit();
    }

    /// Closes a bar or a pane.
    pub(in crate::chat::window) fn close(&self, part: &Flex) {
        set_shown(&mut part.clone(), false);
        let is_pane = contains(&self.0.borrow().panes, part);
        self.0.borrow_mut().opened.retain(|other| !other.is_same(part));
        if is_pane {
            self.show_edge(false);
        }
    }

    fn show_edge(&self, shown: bool) {
        let edge = self.0.borrow().edge.clone();
        if let Some(mut edge) = edge {
            set_shown(&mut edge, shown);
        }
    }

    /// Returns whether a bar or a pane is what was opened last.
    pub(in crate::chat::window) fn is_newest(&self, part: &Flex) -> bool {
        self.0.borrow().opened.last().is_some_and(|newest| newest.is_same(part))
    }

    /// Returns whether a bar is open.
    pub(in crate::chat::window) fn has_bar(&self) -> bool {
        let state = self.0.borrow();
        state.opened.iter().any(|part| contains(&state.bars, part))
    }

    fn drag(&self, step: i32) {
        {
            let mut state = self.0.borrow_mut();
            // From what is seen, so that a drag back begins at once.
            state.wanted = state.height() - step;
            state.wanted = state.height();
        }
        self.fit();
    }

    /// Gives the open pane its height, or hides it while there is room for the text only. Called with every tick, because a
    /// layout cannot be changed from within another.
    pub(in crate::chat::window) fn fit(&self) {
        let state = self.0.borrow();
        let Some(pane) = state.opened.iter().find(|part| contains(&state.panes, part)) else { return };
        let (mut pane, height, mut view) = (pane.clone(), state.height(), state.view.clone());
        let has_room = state.room() >= PANE_MIN + TEXT_MIN;
        drop(state);
        if pane.visible() != has_room {
            set_shown(&mut pane, has_room);
            self.show_edge(has_room);
        }
        if pane.h() != height {
            view.fixed(&pane, height);
            view.layout();
            view.redraw();
        }
    }

    /// Restores the remembered height.
    pub(in crate::chat::window) fn restore(&self, settings: &Settings) {
        if let Some(height) = settings.get(HEIGHT).and_then(|height| height.parse().ok()) {
            self.0.borrow_mut().wanted = height;
        }
    }

    /// Stores the height in the settings.
    pub(in crate::chat::window) fn remember(&self, settings: &mut Settings) {
        settings.set(HEIGHT, &self.0.borrow().wanted.to_string());
    }
}

impl State {
    /// Returns the height of the pane: the wanted one, as far as that is at most two fifths of the window, and leaves room
    /// for the text.
    fn height(&self) -> i32 {
        let window = self.view.window().map_or(0, |window| window.h());
        pane_height(self.wanted, window, self.room())
    }

    /// Returns the height that the other rows of the view leave for the text and a pane.
    fn room(&self) -> i32 {
        let is_of_pane = |row: &Widget| {
            self.panes.iter().any(|pane| pane.is_same(row)) || self.edge.as_ref().is_some_and(|edge| edge.is_same(row))
        };
        // The first row is the text, which takes what is left.
        let children = (1..self.view.children()).filter_map(|at| self.view.child(at));
        let others = children.filter(|row| row.visible() && !is_of_pane(row)).map(|row| row.h() + GAP);
        self.view.h() - others.sum::<i32>() - EDGE - 2 * GAP
    }
}

/// Returns the height of a pane in a window, where `room` is left for the pane and the text.
fn pane_height(wanted: i32, window: i32, room: i32) -> i32 {
    wanted.min(window * 2 / 5).min(room - TEXT_MIN).max(PANE_MIN)
}

fn contains(parts: &[Flex], part: &Flex) -> bool {
    parts.iter().any(|other| other.is_same(part))
}

#[cfg(test)]
mod tests {
    use super::pane_height;

    #[test]
    fn a_pane_has_two_fifths_at_most_and_leaves_the_text_some_lines() {
        assert_eq!(pane_height(220, 640, 500), 220);
        assert_eq!(pane_height(900, 640, 500), 256);
        assert_eq!(pane_height(220, 400, 190), 134, "the text has its least height");
        assert_eq!(pane_height(10, 640, 500), 110);
    }
}
