//! The wire below the conversation, and the items for fault injection (the user's "Laboratory"). Runs on the UI thread; the
//! experiments themselves run in the connection's own threads.

use fltk::app;
use fltk::group::Flex;
use fltk::prelude::WidgetExt as _;

use super::Windows;
use super::conversation::Drawer;
use super::menu::Item;
use super::messages::Msg;
use super::widgets::{Middle, end_hidden};
use crate::chat::state::Phase;
use crate::client::Fault;
use crate::clock::Clock;
use crate::ui::{Density, GAP, WirePane, WireTools};
use crate::wire::TapReceiver;

/// Height of the pane, tools included, until the drawer sets it.
const HEIGHT: i32 = 230;
/// Height of the tools, and in a small pane.
const TOOLS: [i32; 2] = [30, 26];
/// Height of everything around the lines, by density.
const AROUND: [i32; 3] = [116, 72, 38];

/// The experiments and their menu items, which are checked while they are active.
const EXPERIMENTS: [(Fault, &str); 3] = [
    (Fault::StopReading, "Laboratory/Stop reading"),
    (Fault::Dribble, "Laboratory/Dribble one byte at a time"),
    (Fault::Flood, "Laboratory/Flood"),
];

/// The wire: a pane of the drawer.
pub(super) struct WireRow {
    pub(super) column: Flex,
    pub(super) pane: WirePane,
    /// The pane was visible at the last tick.
    is_open: bool,
    /// It was opened in place of the card, which returns when it is closed.
    over_card: bool,
}

impl WireRow {
    /// Creates the pane as the next row of `view`.
    pub(super) fn build(view: &mut Flex, drawer: &Drawer, wire: TapReceiver, clock: Clock) -> WireRow {
        let mut column = Flex::default().column();
        column.set_pad(GAP);
        let tools = WireTools::new();
        let tools_row = tools.row.clone();
        column.fixed(&tools_row, TOOLS[0]);
        let pane = WirePane::new(tools, wire, clock, false, "A line for the server, sent unchanged");
        end_hidden(view, &mut column, HEIGHT);
        let (mut around, mut lines) = (column.clone(), pane.clone());
        drawer.add_pane((&column, pane.table()), AROUND, move |density| {
            let is_roomy = density == Density::Roomy;
            around.set_pad(if is_roomy { GAP } else { 4 });
            around.fixed(&tools_row, TOOLS[usize::from(!is_roomy)]);
            around.layout();
            lines.set_density(density);
        });
        WireRow { column, pane, is_open: false, over_card: false }
    }

    /// Takes new lines. While the pane is hidden, its tap is closed.
    pub(super) fn tick(&mut self) {
        let is_open = self.column.visible();
        if std::mem::replace(&mut self.is_open, is_open) != is_open {
            self.pane.set_open(is_open);
        }
        self.pane.tick();
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

    /// Hides the wire, and focuses the entry if the keyboard was there.
    pub(super) fn close_wire(&mut self) {
        let column = &self.widgets.wire.column;
        let had_keyboard = app::focus().is_some_and(|focused| focused.inside(column));
        self.room.widgets.drawer.close(column);
        let over_card = std::mem::take(&mut self.widgets.wire.over_card);
        if over_card && self.chat.link.phase() == Phase::Offline {
            self.open_card();
        } else if had_keyboard {
            self.room.widgets.entry.focus();
        }
    }

    /// Shows or hides the wire. It is below the conversation, which takes the place of the card or of a question.
    pub(super) fn toggle_wire(&mut self) {
        let middle = self.widgets.middle();
        if self.widgets.wire.column.visible() && middle == Middle::Conversation {
            self.close_wire();
        } else {
            self.widgets.wire.over_card = middle == Middle::Card;
            self.widgets.show_middle(Middle::Conversation);
            self.room.widgets.drawer.open(&self.widgets.wire.column);
        }
        self.widgets.wire.tick();
    }
}
