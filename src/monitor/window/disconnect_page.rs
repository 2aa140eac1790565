//! The page of the reasons for which connections ended (the tab "Endings"). Main thread only; the numbers are in the model.

use fltk::browser::HoldBrowser;
use fltk::group::Flex;
use fltk::prelude::{BrowserExt as _, GroupExt as _};

use super::widgets::{TAB, card, list};
use crate::monitor::model::Model;
use crate::monitor::units;
use crate::ui;

/// The page: one line for each reason.
#[derive(Debug)]
pub(super) struct DisconnectPage {
    card: Flex,
    list: HoldBrowser,
    /// The reasons as they were last drawn.
    shown: Vec<(&'static str, u64)>,
}

impl DisconnectPage {
    /// Creates an empty page in the current group.
    pub(super) fn new() -> DisconnectPage {
        let mut card = card([8, 6, 2, 6]);
        let list = list(&[70]);
        ui::add_focus_ring(&mut card, &list);
        card.end();
        DisconnectPage { card, list, shown: Vec::new() }
    }

    /// Returns the widget to show and hide.
    pub(super) fn widget(&self) -> &Flex {
        &self.card
    }

    /// Draws the reasons, if they have changed.
    pub(super) fn show(&mut self, model: &Model) {
        if self.shown == model.disconnects() {
            return;
        }
        self.shown = model.disconnects().to_vec();
        let (at, selected) = (self.list.position(), self.list.value());
        self.list.clear();
        for (why, count) in model.disconnects() {
            self.list.add(&format!("{}{TAB}{why}", units::count(*count)));
        }
        self.list.select(selected);
        self.list.set_position(at);
    }
}
