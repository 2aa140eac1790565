//! The context menu of the messages: what can be done with the line under the mouse, and with the conversation. Runs on the
//! UI thread.

use super::transcript::Target;
use super::update::Action;
use crate::chat::input::shortcuts::KeyAction;
use crate::chat::window::context_menu::with_keys;
use crate::protocol::Username;
use crate::ui::ContextMenu;

/// An item: its label, the key that does the same, and the action. Without an action it is greyed.
struct Item {
    label: String,
    key: Option<KeyAction>,
    action: Option<Action>,
}

impl Item {
    fn new(label: impl Into<String>, key: Option<KeyAction>, action: Action) -> Item {
        Item { label: label.into(), key, action: Some(action) }
    }
}

/// Shows the menu at a position in the window. Returns the action that the user chooses. The event loop runs meanwhile.
pub(super) fn choose(menu: &mut ContextMenu, target: Target, is_with_all: bool, at: (i32, i32)) -> Option<Action> {
    let mut items = of_target(target, is_with_all);
    items.extend(of_conversation());
    menu.set_items(with_keys(items.iter().map(|item| (item.label.as_str(), item.key))));
    for (at, item) in items.iter().enumerate() {
        menu.set_active(at, item.action.is_some());
    }
    items.swap_remove(menu.choose(at)?).action
}

/// Returns the items for what is under the mouse.
fn of_target(target: Target, is_with_all: bool) -> Vec<Item> {
    let Target { selected, line, author, link } = target;
    let mut items = vec![match (selected, line) {
        (Some(text), _) => Item::new("Copy", Some(KeyAction::Copy), Action::CopyText(text)),
        (None, Some(text)) => Item::new("Copy this message", None, Action::CopyText(text)),
        (None, None) => Item { label: "Copy".into(), key: Some(KeyAction::Copy), action: None },
    }];
    items.extend(link.map(|link| Item::new("Copy link", None, Action::CopyText(link))));
    // A name that no server should let in could mean something else to the menu.
    let Some(author) = author.filter(|author| !author.is_me && Username::parse(&author.name).is_ok()) else {
        return items;
    };
    // All would read the reply to a private message that is shown among theirs.
    if !(is_with_all && author.is_private) {
        items.push(Item::new("Reply", None, Action::Reply(author.name.clone())));
    }
    if is_with_all {
        items.push(Item::new(format!("Message {} privately", author.name), None, Action::Message(author.name)));
    }
    items
}

/// Returns the items for the conversation.
fn of_conversation() -> [Item; 3] {
    [
        Item::new("Find …", Some(KeyAction::OpenFind), Action::OpenFind),
        Item::new("Save as …", Some(KeyAction::Save), Action::OpenSave),
        Item::new("Select a link", Some(KeyAction::SelectLink), Action::SelectLink),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chat::render::page::Author;

    fn labels(target: Target, is_with_all: bool) -> Vec<String> {
        let label = |item: Item| if item.action.is_some() { item.label } else { format!("({})", item.label) };
        of_target(target, is_with_all).into_iter().map(label).collect()
    }

    fn by(name: &str, is_me: bool) -> Target {
        let author = Some(Author { name: name.into(), is_me, is_private: false });
        Target { line: Some("hello".into()), author, ..Target::default() }
    }

    #[test]
    fn the_items_are_those_that_make_sense() {
        assert_eq!(labels(Target::default(), true), ["(Copy)"]);
        assert_eq!(labels(by("ann", false), true), ["Copy this message", "Reply", "Message ann privately"]);
        assert_eq!(labels(by("ann", false), false), ["Copy this message", "Reply"]);
        assert_eq!(labels(by("ann", true), true), ["Copy this message"]);
        assert_eq!(labels(by("a/b", false), true), ["Copy this message"]);
        let mut to_me = by("ann", false);
        to_me.author.iter_mut().for_each(|author| author.is_private = true);
        assert_eq!(labels(to_me, true), ["Copy this message", "Message ann privately"]);
        let marked = Target { selected: Some("ell".into()), link: Some("https://x.org".into()), ..by("ann", true) };
        assert_eq!(labels(marked, true), ["Copy", "Copy link"]);
    }
}
