//! The questions about a registered name: another password, and the end of the registration. Main thread; pure functions.

use std::rc::Rc;

use super::context::Msg;
use crate::monitor::messages::{Action, Command, MemberAction};
use crate::monitor::model::{About, Confirmation, Input, Model};
use crate::protocol::Username;
use crate::protocol::escape::escape;

/// Returns the question whether to perform this action, which is not [`MemberAction::Add`], on the marked name.
pub(super) fn ask(model: &Model, action: MemberAction) -> Option<Msg> {
    model.members().marked_name().map(|name| Msg::Ask(question(name, action)))
}

fn question(name: Username, action: MemberAction) -> Confirmation {
    let shown = escape(name.as_str());
    let (title, consequence, yes) = match action {
        MemberAction::Remove => (
            format!("Let anybody have the name {shown}"),
            format!("The password of {shown} is forgotten, and the name belongs to nobody"),
            "Remove",
        ),
        _ => (
            format!("Replace the password of {shown}"),
            format!("{shown} cannot come in with the old one any more: you will have to tell the new one"),
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
            (MemberAction::Remove, "Let anybody have the name ann"),
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
