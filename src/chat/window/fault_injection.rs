//! The wire below the conversation, and the fault injection menu (the user's "Laboratory"). Runs on the UI thread; the
//! experiments themselves run in the connection's own threads.

use std::time::Instant;

use fltk::enums::Shortcut;
use fltk::group::Flex;
use fltk::menu::MenuFlag;
use fltk::prelude::{GroupExt as _, MenuExt as _, WidgetExt as _};

use super::ChatWindow;
use super::widgets::show_row;
use crate::client::Fault;
use crate::clock::Clock;
use crate::ui::{GAP, WirePane, WireTools};
use crate::wire::TapReceiver;

/// Height of the row, tools included.
const HEIGHT: i32 = 230;
/// Height of the tools.
const TOOLS: i32 = 30;

/// Menu items that are checked while their experiment is active.
const SHOW_WIRE: &str = "Laboratory/Show the wire (F12)";
const EXPERIMENTS: [(Fault, &str); 3] = [
    (Fault::StopReading, "Laboratory/Stop reading"),
    (Fault::Dribble, "Laboratory/Dribble one byte at a time"),
    (Fault::Flood, "Laboratory/Flood"),
];

/// The wire: a row in the window, hidden at first. Cloning it gives another handle to the same widgets.
#[derive(Clone)]
pub(super) struct WireRow {
    column: Flex,
    pane: WirePane,
}

impl WireRow {
    /// Creates the row as the next one of `all`.
    pub(super) fn build(all: &mut Flex, wire: TapReceiver, clock: Clock) -> WireRow {
        let mut column = Flex::default().column();
        column.set_pad(GAP);
        let tools = WireTools::new();
        column.fixed(tools.widget(), TOOLS);
        let pane = WirePane::new(tools, wire, clock, false, "A line for the server, as it is");
        column.end();
        column.hide();
        all.fixed(&column, HEIGHT);
        WireRow { column, pane }
    }
}

impl ChatWindow {
    /// Returns the visible lines of the wire, as they are copied to the clipboard.
    pub fn wire_text(&self) -> String {
        self.widgets.wire.pane.text()
    }

    /// Gives the wire and the menu items their callbacks.
    pub(super) fn bind_fault_injection(&self) {
        let sending = self.clone();
        self.widgets.wire.pane.clone().on_send(move |bytes| {
            sending.chat.borrow_mut().send_raw(bytes)?;
            Ok(String::new())
        });

        let mut menu = self.widgets.menu.clone();
        let mut window = self.clone();
        menu.add(SHOW_WIRE, Shortcut::None, MenuFlag::Toggle | MenuFlag::MenuDivider, move |_| window.toggle_wire());
        for (experiment, line) in EXPERIMENTS {
            let mut window = self.clone();
            menu.add(line, Shortcut::None, MenuFlag::Toggle, move |_| window.experiment(experiment));
        }
        let mut window = self.clone();
        menu.add("Laboratory/Vanish (reset the connection)", Shortcut::None, MenuFlag::Normal, move |_| {
            window.chat.borrow_mut().abort(Instant::now());
            window.draw();
        });
    }

    /// Shows or hides the wire. While it is hidden, its tap is closed.
    pub(super) fn toggle_wire(&mut self) {
        let row = &mut self.widgets.wire;
        let shows = !row.column.visible();
        show_row(&mut row.column, shows);
        row.pane.set_open(shows);
        self.check(SHOW_WIRE, shows);
    }

    /// Updates the check marks of the menu: an experiment may have ended by itself.
    pub(super) fn check_experiments(&self) {
        for (experiment, line) in EXPERIMENTS {
            self.check(line, self.chat.borrow().is_fault_active(experiment));
        }
    }

    fn check(&self, line: &str, on: bool) {
        if let Some(mut item) = self.widgets.menu.find_item(line) {
            if on { item.set() } else { item.clear() }
        }
    }

    /// Draws new lines of the wire. Called with every tick.
    pub(super) fn tick_wire(&mut self) {
        self.widgets.wire.pane.tick();
    }

    fn experiment(&mut self, experiment: Fault) {
        self.chat.borrow_mut().toggle_fault(experiment);
        self.draw();
    }
}
