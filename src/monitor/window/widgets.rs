//! Small widgets and helpers that several files of the window use. A leaf: it imports no other file of the window.
//!
//! Main thread only.

use fltk::app;
use fltk::button::Button;
use fltk::enums::{Event, Key};
use fltk::frame::Frame;
use fltk::group::Flex;
use fltk::menu::MenuButton;
use fltk::prelude::{MenuExt as _, WidgetBase as _, WidgetExt as _};

use crate::ui::{self, theme};

/// Height of a row of tools, in pixels.
pub(super) const TOOLS: i32 = 30;
/// Space between a list and the rows above and below it, in pixels.
pub(super) const TIGHT: i32 = 6;

/// Creates a button of this width, in pixels, in the row that is the current group.
pub(super) fn add_button(
    row: &mut Flex,
    width: i32,
    label: &str,
    tooltip: &str,
    mut pressed: impl FnMut() + 'static,
) -> Button {
    let mut button = ui::place(row, ui::button(label), width, tooltip);
    button.set_callback(move |_| pressed());
    button
}

/// Creates the text before a field.
pub(super) fn label(text: &str) -> Frame {
    let mut label = ui::note(text);
    label.set_label_color(theme::MUTED);
    label
}

/// Calls `open` when a menu button is pressed: by the mouse, which does not move the keyboard focus, by Enter or by the space bar.
pub(super) fn opens_menu(menu: &mut MenuButton, mut open: impl FnMut(&mut MenuButton) + 'static) {
    // FLTK gives the focus only to a menu with an item.
    if menu.size() == 0 {
        menu.add_choice(" ");
    }
    menu.super_handle_first(false);
    menu.handle(move |menu, event| {
        let opens = match event {
            Event::Push => true,
            Event::KeyDown => [Key::Enter, Key::KPEnter, Key::from_char(' ')].contains(&app::event_key()),
            _ => false,
        };
        if opens {
            open(menu);
        }
        opens
    });
}

/// Activates or deactivates a button.
pub(super) fn set_active(button: &mut Button, active: bool) {
    if button.active() != active {
        if active { button.activate() } else { button.deactivate() }
    }
}
