//! The wire below the conversation, and the fault injection menu (the user's "Laboratory"). Runs on the UI thread; the
//! experiments themselves run in the connection's own threads.

use fltk::group::Flex;
use fltk::menu::MenuFlag;
use fltk::prelude::{MenuExt as _, WidgetExt as _};

use super::Windows;
use super::messages::Msg;
use super::widgets::end_hidden;
use crate::client::Fault;
use crate::clock::Clock;
use crate::ui::{GAP, WirePane, WireTools, set_shown};
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

/// The wire: a row in the window, hidden at first.
pub(super) struct WireRow {
    column: Flex,
    pub(super) pane: WirePane,
}

impl WireRow {
    /// Creates the row as the next one of `all`.
    pub(super) fn build(all: &mut Flex, wire: TapReceiver, clock: Clock) -> WireRow {
        let mut column = Flex::default().column();
        column.set_pad(GAP);
        let tools = WireTools::new();
        column.fixed(&tools.row, TOOLS);
        let pane = WirePane::new(tools, wire, clock, false, "A line for the server, as it is");
        end_hidden(all, &mut column, HEIGHT);
        WireRow { column, pane }
    }
}

impl Windows {
    /// Gives the wire and the menu items their callbacks.
    pub(super) fn bind_fault_injection(&mut self) {
        let sender = self.sender.clone();
        self.widgets.wire.pane.on_send(move |bytes| {
            // The pane shows the outcome, and so needs it at once.
            sender.look(|windows| Some(windows.chat.link.send_raw(bytes))).transpose()?;
            Ok(String::new())
        });
        self.add_item(SHOW_WIRE, MenuFlag::Toggle | MenuFlag::MenuDivider, Msg::ToggleWire);
        for (fault, line) in EXPERIMENTS {
            self.add_item(line, MenuFlag::Toggle, Msg::Inject(fault));
        }
        self.add_item("Laboratory/Vanish (reset the connection)", MenuFlag::Normal, Msg::Vanish);
    }

    /// Shows or hides the wire. While it is hidden, its tap is closed.
    pub(super) fn toggle_wire(&mut self) {
        let row = &mut self.widgets.wire;
        let shows = !row.column.visible();
        set_shown(&mut row.column, shows);
        row.pane.set_open(shows);
        self.check(SHOW_WIRE, shows);
    }

    /// Updates the check marks of the menu: an experiment may have ended by itself.
    pub(super) fn check_experiments(&self) {
        for (experiment, line) in EXPERIMENTS {
            self.check(line, self.chat.link.is_fault_active(experiment));
        }
    }

    fn check(&self, line: &str, on: bool) {
        if let Some(mut item) = self.widgets.menu.find_item(line) {
            if on { item.set() } else { item.clear() }
        }
    }
}
