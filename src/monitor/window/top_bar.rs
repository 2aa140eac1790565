//! The top row: while no server runs, the address to listen on and Start; otherwise the address that others connect to, and Stop.
//!
//! Main thread only.

use std::rc::Rc;

use fltk::button::Button;
use fltk::frame::Frame;
use fltk::group::Flex;
use fltk::menu::MenuButton;
use fltk::prelude::{GroupExt as _, WidgetExt as _};

use super::context::{Context, Msg};
use super::widgets::{TIGHT, add_button, label, set_active};
use crate::monitor::model::{Model, State};
use crate::ui::{self, Field, ThemeChoice};

/// Widths, in pixels.
const LISTEN_ON: i32 = 68;
const BUTTON: i32 = 72;

/// The row.
#[derive(Debug)]
pub(super) struct TopBar {
    pub(super) row: Flex,
    /// Shown while no server runs, with the next two.
    caption: Frame,
    address: Field,
    start: Button,
    /// Shown while a server runs, and while it starts or stops.
    others: Frame,
    stop: Button,
    menu: MenuButton,
}

impl TopBar {
    /// Creates the row in the current group.
    pub(super) fn new(context: &Context, listen: &str, theme: ThemeChoice) -> TopBar {
        let mut row = ui::row();
        row.set_pad(TIGHT);
        let caption = label("Listen on");
        row.fixed(&caption, LISTEN_ON);
        let mut address = Field::bare();
        address.set_value(listen);
        let field = address.clone();
        let start_there = move |_: &Model| Some(Msg::Start(field.value().trim().to_owned()));
        address.on_enter(context.on(start_there.clone()));
        let others = label("");
        let mut start = ui::primary_button("Start");
        let mut pressed = context.on(start_there);
        start.set_callback(move |_| pressed());
        row.fixed(&start, BUTTON);
        let stop = add_button(&mut row, BUTTON, "Stop", "", context.on(|_| Some(Msg::Stop)));
        let mut menu = ui::menu_button("Menu");
        let send = Rc::clone(&context.send);
        ThemeChoice::add_to(&mut menu, "Theme/", move |choice| send(Msg::ChooseTheme(choice)));
        theme.show_in(&menu, "Theme/");
        row.fixed(&menu, BUTTON);
        row.end();
        TopBar { row, caption, address, start, others, stop, menu }
    }

    /// Moves the keyboard focus to the first widget that is of use.
    pub(super) fn focus(&mut self) {
        if self.address.group().visible() { self.address.focus() } else { drop(self.menu.take_focus()) }
    }

    /// Draws the state of the server. The focus moves only within the row.
    pub(super) fn show(&mut self, state: &State) {
        let is_stopped = state.can_start();
        let has_changed = self.address.group().visible() != is_stopped;
        let had_focus = self.has_focus();
        let mut shown = [&self.caption.as_base_widget(), &self.address.group().as_base_widget()].map(Clone::clone);
        shown.iter_mut().for_each(|widget| ui::set_shown(widget, is_stopped));
        ui::set_shown(&mut self.start, is_stopped);
        ui::set_shown(&mut self.others, !is_stopped);
        set_active(&mut self.stop, state.can_stop());
        // What had the focus may be hidden or inactive now.
        if had_focus && (has_changed || !self.has_focus()) {
            self.focus();
        }
    }

    fn has_focus(&self) -> bool {
        fltk::app::focus().is_some_and(|focus| focus.inside(&self.row))
    }
}
