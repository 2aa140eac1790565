//! The context menus of the sidebar's rows: the items of each kind of row, and the message that each sends. Runs on the UI
//! thread.

use fltk::app;
use fltk::enums::Event;
use fltk::prelude::WidgetExt as _;
use fltk::widget::Widget;

use super::list::{List, NAME_HEIGHT};
use crate::chat::input::shortcuts::KeyAction;
use crate::chat::state::TalkId;
use crate::chat::window::context_menu::with_keys;
use crate::chat::window::messages::Msg;
use crate::ui::ContextMenu;

/// Item of a context menu: its label, the action whose key does the same, and what it does with the row.
type MenuItem<K> = (&'static str, Option<KeyAction>, fn(K) -> Msg);

const CLOSE: MenuItem<TalkId> = ("Close", Some(KeyAction::CloseTalk), Msg::CloseTalk);
/// Items of the context menu of a private conversation, and of one with the room of another server, which has no window of
/// its own.
pub(super) const TALK_MENUS: [&[MenuItem<TalkId>]; 2] =
    [&[("Open in its own window", None, Msg::OwnWindow), CLOSE], &[CLOSE]];
pub(super) const PRIVATE_MENU: usize = 0;
pub(super) const ROOM_MENU: usize = 1;

const MESSAGE: MenuItem<String> = ("Message", None, Msg::OpenPrivate);
const MENTION: MenuItem<String> = ("Mention", None, Msg::Mention);
const COPY_NAME: MenuItem<String> = ("Copy name", None, Msg::CopyName);
/// Items of the context menu of a person, of one whom the user ignores, and of the user.
pub(super) const PERSON_MENUS: [&[MenuItem<String>]; 3] = [
    &[MESSAGE, MENTION, COPY_NAME, ("Ignore", None, Msg::Ignore)],
    &[MESSAGE, MENTION, COPY_NAME, ("Stop ignoring", None, Msg::Unignore)],
    &[COPY_NAME],
];
pub(super) const PERSON_MENU: usize = 0;
pub(super) const IGNORED_MENU: usize = 1;
pub(super) const OWN_MENU: usize = 2;

/// Creates the context menus of a list.
pub(super) fn build<K, const N: usize>(menus: [&[MenuItem<K>]; N]) -> [ContextMenu; N] {
    menus.map(|items| ContextMenu::new(with_keys(items.iter().map(|(label, key, _)| (*label, *key)))))
}

/// Shows the context menu of a row, and carries out what the user chooses.
pub(super) fn choose<K: Clone + Eq + std::hash::Hash + 'static>(
    menus: &[ContextMenu],
    items: &[&[MenuItem<K>]],
    list: &List<K>,
    row: K,
    area: &Widget,
    send: &impl Fn(Msg),
) {
    // The list may change while its menu is open.
    let menu = list.state.borrow().items.iter().find(|item| item.key == row).and_then(|item| item.menu);
    if let Some(menu) = menu
        && let Some(at) = menus[menu].choose(menu_place(area))
    {
        send(items[menu][at].2(row));
    }
}

/// Returns the place of a context menu: at the mouse, or in the list if a key has opened it.
fn menu_place(area: &Widget) -> (i32, i32) {
    let by_mouse = app::event() == Event::Push;
    if by_mouse { (app::event_x(), app::event_y()) } else { (area.x() + 20, area.y() + NAME_HEIGHT) }
}
