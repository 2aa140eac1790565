//! The two menus of the top bar, made from lists of items: a part of the window adds an item by adding it to a list.
//! Runs on the UI thread.
//!
//! A list depends on the state, and is compared with the menu whenever something is drawn: check marks and greyed items
//! follow the state. Items are added and removed only before a menu opens, because FLTK keeps pointers to the items of an
//! open one.

use fltk::app;
use fltk::enums::{Event, Shortcut};
use fltk::menu::{MenuButton, MenuFlag};
use fltk::prelude::{MenuExt as _, WidgetBase as _};

use super::Windows;
use super::conversation::Action;
use super::keys::{self, shortcut_of};
use super::messages::{Msg, Pane};
use crate::chat::input::shortcuts::KeyAction;
use crate::chat::state::Phase;
use crate::ui::ThemeChoice;

/// An item of a menu.
#[derive(Clone, Debug)]
pub(super) struct Item {
    /// The label, after those of the menus that lead to it: `Theme/Dark`.
    path: String,
    msg: Msg,
    mark: Mark,
    active: bool,
    divided: bool,
    /// The action whose key the item shows.
    key: Option<KeyAction>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mark {
    None,
    /// One that is on or off.
    Check(bool),
    /// One of several, of which one is chosen.
    Radio(bool),
}

impl Item {
    /// Creates an item that sends a message.
    pub(super) fn new(path: &str, msg: Msg) -> Item {
        Item { path: path.to_owned(), msg, mark: Mark::None, active: true, divided: false, key: None }
    }

    /// Returns the item with the key of an action, which does the same.
    pub(super) fn with_key(self, key: KeyAction) -> Item {
        Item { key: Some(key), ..self }
    }

    /// Returns the item with a check mark that is on or off.
    pub(super) fn checked(self, on: bool) -> Item {
        Item { mark: Mark::Check(on), ..self }
    }

    /// Returns the item as one of several, of which one is chosen.
    pub(super) fn chosen(self, chosen: bool) -> Item {
        Item { mark: Mark::Radio(chosen), ..self }
    }

    /// Returns the item, greyed unless it is `active`.
    pub(super) fn only_if(self, active: bool) -> Item {
        Item { active, ..self }
    }

    /// Returns the item with a line below it.
    pub(super) fn divided(self) -> Item {
        Item { divided: true, ..self }
    }

    fn flag(&self) -> MenuFlag {
        let kind = match self.mark {
            Mark::None => MenuFlag::Normal,
            Mark::Check(_) => MenuFlag::Toggle,
            Mark::Radio(_) => MenuFlag::Radio,
        };
        if self.divided { kind | MenuFlag::MenuDivider } else { kind }
    }
}

/// A menu and the items that it was made from.
pub(super) struct Menu {
    button: MenuButton,
    /// Paths of the items, and where FLTK has them.
    built: Vec<(String, i32)>,
}

impl Menu {
    /// Makes a menu of a button. `opening` is called before it opens. The mouse opens it without moving the keyboard focus,
    /// which FLTK would leave on the button; Enter opens it like the space bar.
    pub(super) fn new(mut button: MenuButton, mut opening: impl FnMut() + 'static) -> Menu {
        button.super_handle_first(false);
        button.handle(move |button, event| {
            let opens = match event {
                Event::Push => true,
                Event::KeyDown => keys::presses(),
                _ => false,
            };
            if opens {
                opening();
                button.popup();
            }
            opens
        });
        Menu { button, built: Vec::new() }
    }

    /// Adds and removes items, unless the menu is open.
    fn build(&mut self, items: &[Item], send: &(impl Fn(Msg) + Clone + 'static)) {
        let is_built = items.iter().map(|item| &item.path).eq(self.built.iter().map(|(path, _)| path));
        if is_built || app::grab().is_some() {
            return;
        }
        self.button.clear();
        for item in items {
            let (send, msg) = (send.clone(), item.msg.clone());
            let shortcut = item.key.map_or(Shortcut::None, shortcut_of);
            self.button.add(&item.path, shortcut, item.flag(), move |_| send(msg.clone()));
        }
        let place = |item: &Item| (item.path.clone(), self.button.find_index(&item.path));
        self.built = items.iter().map(place).collect();
    }

    /// Shows which items are on, and which are greyed.
    fn refresh(&self, items: &[Item]) {
        for (item, (path, at)) in items.iter().zip(&self.built) {
            let Some(mut shown) = self.button.at(*at).filter(|_| *path == item.path) else { continue };
            match item.mark {
                Mark::Check(true) | Mark::Radio(true) => shown.set(),
                Mark::Check(false) | Mark::Radio(false) => shown.clear(),
                Mark::None => {}
            }
            if item.active { shown.activate() } else { shown.deactivate() }
        }
    }
}

impl Windows {
    /// Brings the items of both menus up to date. Only to be called before a menu opens.
    pub(super) fn build_menus(&mut self) {
        let (own, main) = (self.own_items(), self.main_items());
        let send = self.sender.messages();
        self.widgets.top.own.build(&own, &send);
        self.widgets.top.menu.build(&main, &send);
    }

    /// Brings check marks and greyed items of both menus up to date.
    pub(super) fn refresh_menus(&self) {
        self.widgets.top.own.refresh(&self.own_items());
        self.widgets.top.menu.refresh(&self.main_items());
    }

    /// Returns the items of the menu with the user's own name.
    fn own_items(&self) -> Vec<Item> {
        let online = self.chat.link.phase() == Phase::Online;
        let (away, msg) = match self.chat.people.own_away() {
            Some(_) => ("I am back", Msg::SetBack),
            None => ("Set me away", Msg::SetAway),
        };
        vec![
            Item::new(away, msg).only_if(online).divided(),
            Item::new("Register this name …", Msg::OpenRegister).only_if(online),
            Item::new("Change my name …", Msg::In(Pane::Room, Action::AskName)).only_if(online).divided(),
            Item::new("Disconnect", Msg::Leave).only_if(online),
        ]
    }

    /// Returns the items of the main menu.
    fn main_items(&self) -> Vec<Item> {
        let theme = |choice: ThemeChoice| {
            let label = format!("Theme/{}", choice.label());
            Item::new(&label, Msg::ChooseTheme(choice)).chosen(choice == self.appearance.choice())
        };
        let mut items = vec![
            Item::new("Find …", Msg::In(Pane::Room, Action::OpenFind)).with_key(KeyAction::OpenFind),
            Item::new("Save as …", Msg::In(Pane::Room, Action::OpenSave)).with_key(KeyAction::Save).divided(),
        ];
        items.extend(ThemeChoice::ALL.map(theme));
        items.extend(self.alert_items());
        items.extend(self.choice_items());
        let (own, shown) = (self.has_own_windows(), self.widgets.sidebar.is_shown());
        items.push(Item::new("Private talks in windows of their own", Msg::ToggleOwnWindows).checked(own));
        items.push(Item::new("Talks and people beside the text (F9)", Msg::ToggleSidebar).checked(shown));
        items.extend(self.laboratory_items());
        items.push(Item::new("Keys and commands", Msg::ShowHelp).with_key(KeyAction::Help));
        items
    }
}
