//! The top row: while no server runs, the address to listen on and Start; otherwise the address that others connect to. Beside it
//! are the choice of who can connect, the window for the board, Stop, and the menu.
//!
//! Main thread only. The widgets that are there always never move.

use std::cell::Cell;
use std::rc::Rc;

use fltk::app;
use fltk::button::Button;
use fltk::enums::Shortcut;
use fltk::frame::Frame;
use fltk::group::Flex;
use fltk::menu::{MenuButton, MenuFlag};
use fltk::prelude::{GroupExt as _, InputExt as _, MenuExt as _, WidgetExt as _};

use super::connect_line::ConnectLine;
use super::context::{Context, Msg};
use super::widgets::{TIGHT, add_button, label, opens_menu, set_active};
use crate::monitor::model::{Model, Scope, State, reach};
use crate::server::Listen;
use crate::ui::{self, Field, ThemeChoice};

/// Widths, in pixels.
const LISTEN_ON: i32 = 68;
const BUTTON: i32 = 72;
const SCOPE: i32 = 164;
const BOARD: i32 = 104;

/// The row.
#[derive(Debug)]
pub(super) struct TopBar {
    pub(super) row: Flex,
    /// Shown while no server runs, with the next two.
    caption: Frame,
    address: Field,
    start: Button,
    /// Shown while a server runs, and while it starts or stops, with the next one.
    connect: ConnectLine,
    copy: MenuButton,
    scope: MenuButton,
    stop: Button,
}

impl TopBar {
    /// Creates the row in the current group.
    pub(super) fn new(context: &Context, listen: &Listen, theme: ThemeChoice) -> TopBar {
        let mut row = ui::row();
        row.set_pad(TIGHT);
        let caption = label("Listen on");
        row.fixed(&caption, LISTEN_ON);
        let mut address = Field::bare();
        address.set_value(&listen.to_string());
        let field = address.clone();
        let start_there = move |_: &Model| Some(Msg::Start(field.value().into()));
        address.on_enter(context.on(start_there.clone()));
        let mut start = ui::primary_button("Start");
        let mut pressed = context.on(start_there);
        start.set_callback(move |_| pressed());
        row.fixed(&start, BUTTON);
        let connect = ConnectLine::new();
        let copy = menu(&mut row, BUTTON, "Copy", "Copy an address or the key", context, copy_items);
        let scope = scope_menu(&mut row, context);
        let tooltip = "Show what people need to connect, large, to be projected";
        add_button(&mut row, BOARD, "For the board", tooltip, context.on(|_| Some(Msg::ShowBoard)));
        let stop = add_button(&mut row, BUTTON, "Stop", "Stop the server", context.on(|_| Some(Msg::Stop)));
        main_menu(&mut row, context, theme);
        row.end();
        TopBar { row, caption, address, start, connect, copy, scope, stop }
    }

    /// Returns the addresses to listen on, of the running server or of the next one.
    pub(super) fn listen(&self) -> Listen {
        self.address.value().into()
    }

    /// Replaces the addresses to listen on.
    pub(super) fn set_listen(&mut self, listen: &Listen) {
        self.address.set_value(&listen.to_string());
    }

    /// Lets the user write the addresses to listen on.
    pub(super) fn edit(&mut self) {
        self.address.focus();
        // All of it is selected: what is typed replaces it.
        self.address.caret_to_end();
        let _ = self.address.input().set_mark(0);
    }

    /// Moves the keyboard focus to the first widget that is of use: the address, or the choice of who can connect to it.
    pub(super) fn focus(&mut self) {
        if self.address.group().visible() { self.address.focus() } else { drop(self.scope.take_focus()) }
    }

    /// Returns true if the operator begins here: the server does not run, or nobody else can connect to it yet.
    pub(super) fn is_first(&self) -> bool {
        self.address.group().visible() || Scope::of(&self.listen()) == Scope::Computer
    }

    /// Draws the state of the server, and how others connect. The focus moves only within the row.
    pub(super) fn show(&mut self, model: &Model) {
        let is_stopped = model.state().can_start();
        let has_changed = self.address.group().visible() != is_stopped;
        let had_focus = self.has_focus();
        ui::set_shown(&mut self.caption, is_stopped);
        ui::set_shown(&mut self.address.group().clone(), is_stopped);
        ui::set_shown(&mut self.start, is_stopped);
        ui::set_shown(&mut self.connect.widget().clone(), !is_stopped);
        ui::set_shown(&mut self.copy, !is_stopped);
        self.connect.show(model);
        set_active(&mut self.stop, model.state().can_stop());
        // What had the focus may be hidden or inactive now.
        if had_focus && (has_changed || !self.has_focus()) {
            self.focus();
        }
    }

    /// Shows who can connect to the address that is written. Called with every tick.
    pub(super) fn tick(&mut self) {
        let label = Scope::of(&self.listen()).label();
        if self.scope.label() != label {
            self.scope.set_label(label);
        }
    }

    fn has_focus(&self) -> bool {
        app::focus().is_some_and(|focus| focus.inside(&self.row))
    }
}

/// Creates a menu whose items are made when it opens. The mouse opens it without moving the keyboard focus; Enter opens it like the
/// space bar.
fn menu(
    row: &mut Flex,
    width: i32,
    label: &str,
    tooltip: &str,
    context: &Context,
    items: fn(&Model) -> Vec<(String, Msg)>,
) -> MenuButton {
    let mut menu = ui::menu_button(label);
    menu.set_tooltip(tooltip);
    row.fixed(&menu, width);
    let context = context.clone();
    fill(&mut menu, &context, items);
    opens_menu(&mut menu, move |menu| {
        fill(menu, &context, items);
        menu.popup();
    });
    menu
}

/// Replaces the items of a menu.
fn fill(menu: &mut MenuButton, context: &Context, items: fn(&Model) -> Vec<(String, Msg)>) {
    menu.clear();
    let items = items(&context.model.borrow());
    if items.is_empty() {
        menu.add("Not running", Shortcut::None, MenuFlag::Inactive, |_| ());
    }
    for (label, message) in items {
        let (send, message) = (Rc::clone(&context.send), Cell::new(Some(message)));
        menu.add(&escape_item(&label), Shortcut::None, MenuFlag::Normal, move |_| {
            message.take().into_iter().for_each(|message| send(message));
        });
    }
}

/// Escapes a text for an item of a menu, in which a slash would begin a menu within the menu.
fn escape_item(text: &str) -> String {
    ui::escape_label(&text.replace('/', "\\/").replace('&', "&&"))
}

fn copy_items(model: &Model) -> Vec<(String, Msg)> {
    let State::Listening(listening) = model.state() else { return Vec::new() };
    let mut addresses = model.addresses();
    if addresses.is_empty() {
        addresses.clone_from(listening);
    }
    let texts = addresses.iter().flat_map(|address| [address.to_string(), reach::url(*address)]);
    let mut items: Vec<_> = texts.map(|text| (text.clone(), Msg::Copy(text))).collect();
    if let Some(fingerprint) = model.fingerprint() {
        let label = format!("Key {} …", reach::beginning(fingerprint, 1));
        items.push((label, Msg::Copy(fingerprint.to_owned())));
    }
    items
}

fn scope_menu(row: &mut Flex, context: &Context) -> MenuButton {
    let items = |_: &Model| {
        let label =
            |scope: Scope| if scope == Scope::Other { format!("{} …", scope.label()) } else { scope.label().into() };
        Scope::ALL.map(|scope| (label(scope), Msg::LetIn(scope))).into()
    };
    menu(row, SCOPE, Scope::Computer.label(), "Who can connect", context, items)
}

fn main_menu(row: &mut Flex, context: &Context, theme: ThemeChoice) {
    let mut menu = ui::menu_button("Menu");
    let send = Rc::clone(&context.send);
    ThemeChoice::add_to(&mut menu, "Theme/", move |choice| send(Msg::ChooseTheme(choice)));
    theme.show_in(&menu, "Theme/");
    let send = Rc::clone(&context.send);
    menu.add("Quit", Shortcut::Command | 'q', MenuFlag::Normal, move |_| send(Msg::Close));
    row.fixed(&menu, BUTTON);
}
