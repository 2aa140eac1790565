//! The drawer between the text of a conversation and its entry: at most one bar, such as the one that finds text, and at
//! most one pane, such as the wire, whose upper edge can be dragged. What is opened takes the place of the other of its
//! kind. Runs on the UI thread.

use std::cell::RefCell;
use std::rc::Rc;

use fltk::app;
use fltk::frame::Frame;
use fltk::group::Flex;
use fltk::prelude::{GroupExt as _, WidgetExt};
use fltk::table::Table;
use fltk::widget::Widget;

mod plan;

use crate::ui::{self, Density, Drag, GAP, Settings, set_shown};
use plan::{EDGE, Parts, Plan};

/// Default height of a pane.
const USUAL: i32 = 220;
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
    panes: Vec<Pane>,
    /// The open parts, the newest at the end.
    opened: Vec<Flex>,
    /// The wanted height of a pane.
    wanted: i32,
}

/// A pane. Its clones are handles to the same widgets.
#[derive(Clone)]
struct Pane {
    column: Flex,
    rows: Table,
    around: [i32; 3],
    density: Density,
    set_density: Rc<RefCell<dyn FnMut(Density)>>,
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

    /// Adds a pane, which has been built, hidden, in the view: the heights of all beside its rows, by density, and the function
    /// that gives it another density.
    pub(in crate::chat::window) fn add_pane(
        &self,
        (pane, rows): (&Flex, &Table),
        around: [i32; 3],
        set_density: impl FnMut(Density) + 'static,
    ) {
        let (column, rows, set_density) = (pane.clone(), rows.clone(), Rc::new(RefCell::new(set_density)));
        self.0.borrow_mut().panes.push(Pane { column, rows, around, density: Density::Roomy, set_density });
    }

    /// Opens a bar or a pane, in place of the other of its kind.
    pub(in crate::chat::window) fn open(&self, part: &Flex) {
        let mut hidden = {
            let state = &mut *self.0.borrow_mut();
            let is_bar = state.is_bar(part);
            let (hidden, others) =
                std::mem::take(&mut state.opened).into_iter().partition(|other| state.is_bar(other) == is_bar);
            state.opened = others;
            state.opened.push(part.clone());
            hidden
        };
        hidden.retain(|other: &Flex| !other.is_same(part));
        hidden.iter_mut().for_each(|other| set_shown(other, false));
        set_shown(&mut part.clone(), true);
        self.fit();
    }

    /// Closes a bar or a pane.
    pub(in crate::chat::window) fn close(&self, part: &Flex) {
        set_shown(&mut part.clone(), false);
        self.0.borrow_mut().opened.retain(|other| !other.is_same(part));
        self.fit();
    }

    /// Returns whether a bar or a pane is open, even if a newer one has taken its room.
    pub(in crate::chat::window) fn is_open(&self, part: &Flex) -> bool {
        contains(&self.0.borrow().opened, part)
    }

    /// Returns whether a bar or a pane is what was opened last.
    pub(in crate::chat::window) fn is_newest(&self, part: &Flex) -> bool {
        self.0.borrow().opened.last().is_some_and(|newest| newest.is_same(part))
    }

    /// Returns whether a bar is open.
    pub(in crate::chat::window) fn has_bar(&self) -> bool {
        self.0.borrow().open_bar().is_some()
    }

    fn drag(&self, step: i32) {
        {
            let mut state = self.0.borrow_mut();
            let height = |state: &State| state.plan().pane.map_or(state.wanted, |(height, _)| height);
            // From what is seen, so that a drag back begins at once.
            state.wanted = height(&state) - step;
            state.wanted = height(&state);
        }
        self.fit();
    }

    /// Divides the height among the text, the open bar and the open pane. Called with every tick, because a layout cannot be
    /// changed from within another.
    pub(in crate::chat::window) fn fit(&self) {
        let (plan, mut view, mut shown, pane) = {
            let state = self.0.borrow();
            let plan = state.plan();
            let edge = plan.pane.is_some_and(|(_, density)| density == Density::Roomy);
            let mut shown: Vec<(Widget, bool)> = Vec::new();
            shown.extend(state.view.child(0).map(|text| (text, plan.shows_text)));
            shown.extend(state.edge.as_ref().map(|widget| (widget.as_base_widget(), edge)));
            shown.extend(state.open_bar().map(|bar| (bar.as_base_widget(), plan.shows_bar)));
            let pane = state.open_pane();
            shown.extend(pane.map(|pane| (pane.column.as_base_widget(), plan.pane.is_some())));
            (plan, state.view.clone(), shown, pane.cloned())
        };
        let mut changed = false;
        for (widget, is_shown) in &mut shown {
            if widget.visible() != *is_shown {
                let had_keyboard = app::focus().is_some_and(|focus| focus.inside(widget));
                if *is_shown {
                    widget.show();
                } else {
                    widget.hide();
                }
                changed = true;
                if let (true, Some(pane)) = (had_keyboard, &pane) {
                    // The keyboard goes to what covers the part. FLTK refuses it only while the window does not have it.
                    let _ = pane.rows.clone().take_focus();
                }
            }
        }
        if let (Some(pane), Some((height, density))) = (pane, plan.pane) {
            if self.0.borrow_mut().note_density(&pane.column, density) {
                (pane.set_density.borrow_mut())(density);
                changed = true;
            }
            if pane.column.h() != height {
                view.fixed(&pane.column, height);
                changed = true;
            }
        }
        if changed {
            view.layout();
            ui::redraw_window(&view);
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
    fn is_bar(&self, part: &Flex) -> bool {
        contains(&self.bars, part)
    }

    fn open_bar(&self) -> Option<&Flex> {
        self.opened.iter().find(|part| self.is_bar(part))
    }

    fn open_pane(&self) -> Option<&Pane> {
        self.panes.iter().find(|pane| contains(&self.opened, &pane.column))
    }

    /// Notes the density of a pane. Returns whether it had another one.
    fn note_density(&mut self, column: &Flex, density: Density) -> bool {
        let mut panes = self.panes.iter_mut();
        let pane = panes.find(|pane| pane.column.is_same(column));
        pane.is_some_and(|pane| std::mem::replace(&mut pane.density, density) != density)
    }

    /// Returns the division of the height.
    fn plan(&self) -> Plan {
        let Some(pane) = self.open_pane() else { return Plan::WITHOUT_PANE };
        let bar = self.open_bar();
        Plan::of(&Parts {
            height: self.height(),
            window: self.view.window().map_or(0, |window| window.h()),
            bar: bar.map_or(0, WidgetExt::h),
            bar_is_newer: bar.is_some() && self.opened.last().is_some_and(|newest| self.is_bar(newest)),
            around: pane.around,
            wanted: self.wanted,
        })
    }

    /// Returns the height that the row of the entry, which is the last, leaves for everything else.
    fn height(&self) -> i32 {
        let entry = self.view.child(self.view.children() - 1).map_or(0, |entry| entry.h());
        self.view.h() - entry - GAP
    }
}

fn contains(parts: &[Flex], part: &Flex) -> bool {
    parts.iter().any(|other| other.is_same(part))
}
