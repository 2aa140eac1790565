//! The page of the registered names, its tools (the field for a new name, and the buttons for the marked one), and their
//! questions.
//!
//! Main thread only; the names are in the model.

use std::rc::Rc;

use fltk::button::Button;
use fltk::enums::Shortcut;
use fltk::group::Flex;
use fltk::prelude::{GroupExt as _, WidgetExt as _};

use super::context::{Context, Msg};
use super::list_page::{DELETE, Item, ListPage, empty};
use super::widgets::{add_button, set_active};
use crate::monitor::messages::{Action, Command, MemberAction};
use crate::monitor::model::{About, Confirmation, Input, Model};
use crate::protocol::Username;
use crate::protocol::escape::escape;
use crate::server::Member;
use crate::ui::{self, Field, Marking};

/// Text of the empty list.
const NO_MEMBERS: &str = "No registered names. Type a name above and press Register to add one";

/// The tools beside the tabs while the page is visible.
#[derive(Debug)]
pub(super) struct MemberTools {
    pub(super) row: Flex,
    pub(super) name: Field,
    reset: Button,
    remove: Button,
}

/// The page: one line for each registered name, and a field for a generated password.
#[derive(Debug)]
pub(super) struct MemberPage {
    pub(super) column: Flex,
    pub(super) tools: MemberTools,
    pub(super) list: ListPage<Member>,
    /// A generated password, which the operator reads or copies to pass it on. Hidden if there is none.
    password: Field,
}

impl MemberTools {
    /// Creates the tools in the current group, the row beside the tabs.
    pub(super) fn new(context: &Context) -> MemberTools {
        let mut row = ui::row();
        let mut name = Field::hinted("Name", "The name to register");
        let typed = name.clone();
        let add = move |_: &Model| Some(Msg::AddMember(typed.value()));
        name.on_enter(context.on(add.clone()));
        let tooltip = "Register the name with a new password (Enter)";
        add_button(&mut row, 80, "Register", tooltip, context.on(add));
        let ask = |action| context.on(move |model| ask(model, action));
        let tooltip = "Make a new password for the selected name";
        let reset = add_button(&mut row, 116, "New password", tooltip, ask(MemberAction::Reset));
        let tooltip = "Remove the registration of the selected name (Delete)";
        let remove = add_button(&mut row, 76, "Remove", tooltip, ask(MemberAction::Remove));
        row.end();
        MemberTools { row, name, reset, remove }
    }
}

impl MemberPage {
    /// Creates an empty page in the current group.
    pub(super) fn new(tools: MemberTools, context: &Context) -> MemberPage {
        let mut column = Flex::default().column();
        let menu = vec![
            Item("New password …", Shortcut::None, |model| ask(model, MemberAction::Reset)),
            Item("Remove …", DELETE, |model| ask(model, MemberAction::Remove)),
            Item("Copy name", Shortcut::None, |model| Some(Msg::Copy(model.members.list.marked()?.name.clone()))),
        ];
        let list =
            ListPage::new(context, |model| &model.members.list, |model| &mut model.members.list, Marking::One, menu);
        let mut password = Field::bare();
        password.set_editable(false);
        column.fixed(password.group(), ui::CONTROL_HEIGHT);
        password.group().clone().hide();
        column.end();
        MemberPage { column, tools, list, password }
    }

    /// Draws the names and the generated password.
    pub(super) fn show(&mut self, model: &Model) {
        let members = &model.members;
        if self.list.show(model, empty(model, NO_MEMBERS)) {
            set_active(&mut self.tools.reset, members.list.marked().is_some());
            set_active(&mut self.tools.remove, members.list.marked().is_some());
        }
        let password = members.password.as_ref().map(|(name, password)| format!("{name}: {}", password.reveal()));
        if self.password.value() != password.as_deref().unwrap_or_default() {
            self.password.set_value(password.as_deref().unwrap_or_default());
            ui::set_shown(&mut self.password.group().clone(), password.is_some());
        }
    }
}

/// Returns the question whether to perform this action, which is not [`MemberAction::Add`], on the marked name.
fn ask(model: &Model, action: MemberAction) -> Option<Msg> {
    model.members.marked_name().map(|name| Msg::Ask(question(name, action)))
}

fn question(name: Username, action: MemberAction) -> Confirmation {
    let shown = escape(name.as_str());
    let (title, consequence, yes) = match action {
        MemberAction::Remove => (
            format!("Remove the registration of {shown}"),
            format!("The password of {shown} is deleted, and anyone can use the name"),
            "Remove",
        ),
        _ => (
            format!("Replace the password of {shown}"),
            format!("The old password of {shown} stops working: pass the new one on"),
            "Replace",
        ),
    };
    Confirmation {
        title,
        consequence,
        is_grave: true,
        yes,
        input: Input::YesOrNo,
        about: About::Members,
        action: Rc::new(move |_, _| Ok(Command::Action(Action::Member(action, name.clone())))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_yes_becomes_an_action() {
        let ann = Username::parse("ann").unwrap();
        for (action, title) in [
            (MemberAction::Reset, "Replace the password of ann"),
            (MemberAction::Remove, "Remove the registration of ann"),
        ] {
            let question = question(ann.clone(), action);
            assert_eq!((question.title.as_str(), question.is_grave), (title, true));
            match (question.action)(&Model::default(), "") {
                Ok(Command::Action(seen)) => assert_eq!(seen, Action::Member(action, ann.clone())),
                _ => panic!("no action"),
            }
        }
    }
}
