//! The page of the bans in force. Main thread only; the list itself is in the model.

use fltk::app;
use fltk::browser::HoldBrowser;
use fltk::enums::{Event, Key};
use fltk::group::Flex;
use fltk::prelude::{BrowserExt as _, GroupExt as _, WidgetExt as _};

use super::widgets::{TAB, card, list};
use crate::clock::Clock;
use crate::monitor::model::BanList;
use crate::server::network::Network;
use crate::server::{Ban, BanTarget};
use crate::ui;

/// The page: one line for each ban.
#[derive(Debug)]
pub(super) struct BanPage {
    card: Flex,
    pub(super) list: HoldBrowser,
    clock: Clock,
    /// The bans as they were last drawn.
    shown: Vec<Ban>,
}

impl BanPage {
    /// Creates an empty page in the current group. The key Delete calls the list's callback.
    pub(super) fn new(clock: Clock) -> BanPage {
        let mut card = card([8, 6, 2, 6]);
        let list = list(&[280]);
        let mut pressed = list.clone();
        ui::add_focus_ring_with(&mut card, &list, move |event| {
            let delete = event == Event::KeyDown && app::event_key() == Key::Delete;
            if delete {
                pressed.do_callback();
            }
            delete
        });
        card.end();
        BanPage { card, list, clock, shown: Vec::new() }
    }

    /// Returns the widget to show and hide.
    pub(super) fn widget(&self) -> &Flex {
        &self.card
    }

    /// Draws the bans and returns true if they have changed. The list is left alone while they are the same, because this may
    /// run inside of its callback.
    pub(super) fn show(&mut self, bans: &BanList) -> bool {
        if self.shown == bans.all() {
            return false;
        }
        self.shown = bans.all().to_vec();
        let at = self.list.position();
        self.list.clear();
        for ban in bans.all() {
            let whom = match &ban.target {
                BanTarget::Name(name) => name.to_string(),
                BanTarget::Address(address) => format!("everybody from {}", Network::of(*address)),
            };
            let until = match ban.until {
                Some(until) => format!("until {}", self.clock.day_and_time(until)),
                None => "for good".to_owned(),
            };
            self.list.add(&format!("{whom}{TAB}{until}"));
        }
        if let Some(row) = bans.marked().and_then(|row| i32::try_from(row + 1).ok()) {
            self.list.select(row);
        }
        self.list.set_position(at);
        true
    }
}
