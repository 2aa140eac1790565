//! The questions whether to delete messages, on the pages that list them. Plain data on the main thread.

use std::rc::Rc;

use super::context::Msg;
use crate::monitor::messages::{Action, Command};
use crate::monitor::model::{About, Confirmation, Input};
use crate::protocol::escape::escape;
use crate::server::{Deletion, StoredMessage};

/// Returns the question whether to delete a message.
pub(super) fn ask_one(message: &StoredMessage, about: About) -> Msg {
    let title = format!("Delete this message by {}: {}", escape(&message.from), escape(&message.text));
    let consequence =
        "This cannot be undone. It goes from the screens of chat windows, too; other programs may keep it".into();
    deletion(Deletion::One(message.stamp), Input::YesOrNo, title, consequence, about)
}

/// Returns the question whether to delete every message that was sent under a name.
pub(super) fn ask_all(name: &str, about: About) -> Msg {
    let shown = escape(name);
    let title = format!("Delete all messages by {shown}");
    let consequence =
        format!("All messages by {shown}, and by names that look like it, are deleted. This cannot be undone");
    deletion(Deletion::AllOf(name.to_owned()), Input::NoOrYes, title, consequence, about)
}

fn deletion(what: Deletion, input: Input, title: String, consequence: String, about: About) -> Msg {
    Msg::Ask(Confirmation {
        title,
        consequence,
        is_grave: true,
        yes: "Delete",
        input,
        about,
        action: Rc::new(move |_, _| Ok(Command::Action(Action::Deletion(what.clone())))),
    })
}
