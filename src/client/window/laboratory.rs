//! The wire below the conversation, and the menu of the laboratory. Runs on the UI thread: what the experiments do, the
//! connection's own threads do.

use std::time::Instant;

use fltk::enums::Shortcut;
use fltk::group::Flex;
use fltk::menu::MenuFlag;
use fltk::prelude::{GroupExt as _, MenuExt as _, WidgetExt as _};

use super::ChatWindow;
use super::talk::show_row;
use crate::client::Experiment;
use crate::clock::Clock;
use crate::ui::{GAP, WirePane, WireTools};
use crate::wire::Wire;

/// How high it is, tools and all.
const HEIGHT: i32 = 230;
/// The height of its tools.
const TOOLS: i32 = 30;

/// The wire, a row in the window that is hidden at first. Cloning it gives another handle to the same widgets.
#[derive(Clone)]
pub(super) struct WireRow {
    column: Flex,
    pane: WirePane,
}

impl WireRow {
    /// Makes it as the next row of `all`.
    pub(super) fn build(all: &mut Flex, wire: Wire, clock: Clock) -> WireRow {
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
    /// The lines of the wire that are shown, as they are copied.
    pub fn wire_text(&self) -> String {
        self.widgets.wire.pane.text()
    }

    /// Gives the wire and the laboratory their work.
    pub(super) fn wire_laboratory(&self) {
        let sending = self.clone();
        self.widgets.wire.pane.clone().on_send(move |bytes| {
            sending.chat.borrow_mut().send_raw(bytes)?;
            Ok(String::new())
        });

        let mut menu = self.widgets.menu.clone();
        let mut add = |label: &str, flag, action: fn(&mut ChatWindow)| {
            let mut window = self.clone();
            menu.add(&format!("Laboratory/{label}"), Shortcut::None, flag, move |_| action(&mut window));
        };
        add("Show the wire, or hide it (F12)", MenuFlag::MenuDivider, ChatWindow::turn_wire);
        add("Stop reading, or read again", MenuFlag::Normal, |window| window.experiment(Experiment::StopReading));
        add("Dribble one byte at a time, or not", MenuFlag::Normal, |window| window.experiment(Experiment::Dribble));
        add("Flood, or stop it", MenuFlag::Normal, |window| window.experiment(Experiment::Flood));
        add("Vanish (reset the connection)", MenuFlag::Normal, |window| {
            window.chat.borrow_mut().vanish(Instant::now());
            window.draw();
        });
    }

    /// Shows the wire, or hides it. While it is hidden, nobody looks.
    pub(super) fn turn_wire(&mut self) {
        let row = &mut self.widgets.wire;
        let shows = !row.column.visible();
        show_row(&mut row.column, shows);
        row.pane.look(shows);
    }

    /// Draws what has gone by; to be called with every tick.
    pub(super) fn look_at_wire(&mut self) {
        self.widgets.wire.pane.tick();
    }

    fn experiment(&mut self, experiment: Experiment) {
        self.chat.borrow_mut().experiment(experiment);
        self.draw();
    }
}
