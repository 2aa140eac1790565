//! The wire below the conversation, and the items for fault injection (the user's "Laboratory"). Runs on the UI thread; the
//! experiments themselves run in the connection's own threads.

use fltk::group::Flex;
use fltk::prelude::WidgetExt as _;

use super::Windows;
use super::menu::Item;
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

/// The experiments and their menu items, which are checked while they are active.
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
    /// Gives the wire its callback.
    pub(super) fn bind_wire(&mut self) {
        let sender = self.sender.clone();
        self.widgets.wire.pane.on_send(move |bytes| {
            // The pane shows the outcome, and so needs it at once.
            sender.look(|windows| Some(windows.chat.link.send_raw(bytes))).transpose()?;
            Ok(String::new())
        });
    }

    /// Returns the items of the laboratory.
    pub(super) fn laboratory_items(&self) -> Vec<Item> {
        let wire = self.widgets.wire.column.visible();
        let mut items = vec![Item::new("Laboratory/Show the wire (F12)", Msg::ToggleWire).checked(wire).divided()];
        items.extend(EXPERIMENTS.map(|(fault, path)| {
            let active = self.chat.link.is_fault_active(fault);
            Item::new(path, Msg::Inject(fault)).checked(active)
        }));
        items.push(Item::new("Laboratory/Vanish (reset the connection)", Msg::Vanish));
        items
    }

    /// Shows or hides the wire. While it is hidden, its tap is closed.
    pub(super) fn toggle_wire(&mut self) {
        let row = &mut self.widgets.wire;
        let shows = !row.column.visible();
        set_shown(&mut row.column, shows);
        row.pane.set_open(shows);
    }
}
