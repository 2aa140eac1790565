//! The row below the table for a question that must be confirmed. In a line below are its consequence, and the result of the last
//! action. Row and line always have their place, so that nothing moves when a question or a result comes or goes.
//!
//! It is a row and not a dialog: FLTK's dialogs run a loop of their own inside of the callback that opens them, and the
//! callback could then be entered a second time. Main thread only.

use std::rc::Rc;

use fltk::button::Button;
use fltk::enums::Font;
use fltk::frame::Frame;
use fltk::group::Flex;
use fltk::prelude::{GroupExt as _, WidgetExt as _};

use super::context::{Context, Msg};
use super::widgets::{TOOLS, add_button, label};
use crate::monitor::messages::{Action, Command};
use crate::monitor::model::{About, BAN_BY, BAN_DURATIONS, Confirmation, Input, Model, ban, check_reason, people};
use crate::ui::{self, Field, Segments, StatusLine, theme};

/// Width of a button, in pixels.
const BUTTON: i32 = 76;
/// Width of the question before a field, in pixels.
const TITLE: i32 = 250;
/// Height of the line below the row, in pixels: just enough for its text, because the people need the room.
const NOTE: i32 = 18;
/// Height of the row and of the line below it, in pixels.
pub(super) const HEIGHT: i32 = TOOLS + NOTE;

/// The two rows, of which one is visible, and the note below them.
#[derive(Debug)]
pub(super) struct ActionBar {
    pub(super) outer: Flex,
    /// The row without a question.
    idle: Frame,
    /// The row of the pending question.
    question: Flex,
    note: StatusLine,
    title: Frame,
    pub(super) text: Field,
    pub(super) file: Field,
    address: Field,
    ban_by: Segments,
    ban_duration: Segments,
    pub(super) yes: Button,
    pub(super) no: Button,
    /// The [version](crate::monitor::model::ActionState::version) of the question that was last drawn.
    version: u64,
}

impl ActionBar {
    /// Creates a bar without a question in the current group.
    pub(super) fn new(context: &Context) -> ActionBar {
        let mut outer = Flex::default().column();
        outer.set_pad(0);

        let idle = label("Select people to kick or to ban them, or press the right button on one");
        outer.fixed(&idle, TOOLS);

        let mut question = ui::row();
        let mut title = label("");
        title.set_label_color(theme::TEXT);
        let [text, file, address] = [(); 3].map(|()| {
            let mut field = Field::bare();
            field.on_enter(context.on(|_| Some(Msg::Yes)));
            field
        });
        let mut ban_by = Segments::new(&BAN_BY);
        let mut ban_duration = Segments::new(&BAN_DURATIONS.map(|(label, ..)| label));
        let (by, duration) = (ban_by.clone(), ban_duration.clone());
        let choose = move |_: &Model| Some(Msg::Choose([by.chosen(), duration.chosen()]));
        ban_by.on_change(context.on(choose.clone()));
        ban_duration.on_change(context.on(choose));
        question.fixed(ban_by.widget(), 200);
        question.fixed(ban_duration.widget(), 272);
        let mut yes = ui::primary_button("");
        let mut confirm = context.on(|_| Some(Msg::Yes));
        yes.set_callback(move |_| confirm());
        question.fixed(&yes, BUTTON);
        let no = add_button(&mut question, BUTTON, "Cancel", "", context.on(|_| Some(Msg::No)));
        question.end();
        outer.fixed(&question, TOOLS);

        let note = StatusLine::new();
        outer.fixed(note.widget(), NOTE);
        outer.end();
        question.hide();
        ActionBar { outer, idle, question, note, title, text, file, address, ban_by, ban_duration, yes, no, version: 0 }
    }

    /// Returns the text of the line, empty if there is nothing to say.
    pub(super) fn note(&self) -> String {
        self.note.text()
    }

    /// Returns the text that was entered for the question.
    pub(super) fn typed(&self) -> String {
        let shown = [&self.text, &self.file, &self.address].into_iter().find(|field| field.group().visible());
        shown.map(Field::value).unwrap_or_default()
    }

    /// Returns the widgets in which the operator chooses the kind and duration of a ban.
    pub(super) fn choices(&self) -> [Frame; 2] {
        [self.ban_by.widget().clone(), self.ban_duration.widget().clone()]
    }

    /// Draws the model's note and question. Returns true if a question has appeared, disappeared or replaced another: then the
    /// keyboard focus moves.
    pub(super) fn show(&mut self, model: &Model) -> bool {
        match model.actions().note() {
            Some((level, text)) => self.note.set(level, None, text),
            None => self.note.clear(),
        }
        let has_changed = self.version != model.actions().version();
        self.version = model.actions().version();
        if has_changed {
            let pending = model.actions().pending();
            ui::set_shown(&mut self.idle, pending.is_none());
            ui::set_shown(&mut self.question, pending.is_some());
            if let Some(question) = pending {
                self.draw_question(question);
            }
        }
        has_changed
    }

    /// Moves the keyboard focus to the first widget of the answer.
    pub(super) fn focus(&mut self, question: &Confirmation) {
        match question.input {
            Input::YesOrNo => drop(self.yes.take_focus()),
            Input::NoOrYes => drop(self.no.take_focus()),
            Input::Text => self.text.focus(),
            Input::File(_) => self.file.focus(),
            Input::Address(_) => self.address.focus(),
            Input::Choices { .. } => self.ban_by.focus(),
        }
    }

    /// Lays out the row for a question.
    fn draw_question(&mut self, question: &Confirmation) {
        // A width of zero is all that the other widgets leave, and `widest` the least that this can be.
        let (width, widest) = match &question.input {
            Input::YesOrNo | Input::NoOrYes => (0, self.outer.w() - 2 * (BUTTON + ui::GAP)),
            Input::Text => (TITLE, TITLE),
            Input::File(_) => (110, 110),
            Input::Address(_) => (70, 70),
            Input::Choices { .. } => (0, 110),
        };
        fltk::draw::set_font(Font::Helvetica, ui::TEXT_SIZE);
        self.title.set_label(&ui::escape_label(&ui::elide(&question.title, widest)));
        self.question.fixed(&self.title, width);
        self.yes.set_label(question.yes);
        match &question.input {
            Input::Choices { chosen, .. } => {
                self.ban_by.choose(chosen[0]);
                self.ban_duration.choose(chosen[1]);
            }
            // A name that could not be used stays, so that the user can correct it.
            Input::Address(current) => self.address.set_value(current),
            Input::File(suggestion) if self.file.value().is_empty() => self.file.set_value(suggestion),
            _ => {}
        }
        let has_choices = matches!(question.input, Input::Choices { .. });
        ui::set_shown(&mut self.text.group().clone(), matches!(question.input, Input::Text));
        ui::set_shown(&mut self.file.group().clone(), matches!(question.input, Input::File(_)));
        ui::set_shown(&mut self.address.group().clone(), matches!(question.input, Input::Address(_)));
        self.choices().iter_mut().for_each(|choice| ui::set_shown(choice, has_choices));
        self.question.layout();
    }
}

/// Returns the question whether to kick the marked clients.
pub(super) fn ask_kick(model: &Model) -> Option<Msg> {
    let subjects = model.clients.subjects();
    let (whom, ids): (_, Vec<_>) = (people(&subjects), subjects.iter().map(|subject| subject.id).collect());
    let consequence = match ids.len() {
        0 => return None,
        1 => format!("{whom} sees the reason, and can join again at once"),
        _ => "They see the reason, and can join again at once".into(),
    };
    Some(Msg::Ask(Confirmation {
        title: format!("Kick {whom}. Reason (optional):"),
        consequence,
        is_grave: false,
        yes: "Kick",
        input: Input::Text,
        about: About::Clients,
        action: Rc::new(move |_, reason| {
            let reason = reason.trim().to_owned();
            check_reason(&reason)?;
            Ok(Command::Action(Action::Kick { ids: ids.clone(), people: whom.clone(), reason }))
        }),
    }))
}

/// Returns the question whether to ban the marked clients.
pub(super) fn ask_ban(model: &Model) -> Option<Msg> {
    ask_ban_by(model, 0)
}

/// Returns the question whether to ban the marked clients by one of [`BAN_BY`].
pub(super) fn ask_ban_by(model: &Model, by: usize) -> Option<Msg> {
    ban(&model.clients, [by, 0]).map(Msg::Ask)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::monitor::model::tests::{client, running};
    use crate::server::id::ConnectionId;

    #[test]
    fn a_kick_is_of_the_marked_client_and_its_reason_is_validated() {
        let mut model = Model::default();
        assert!(ask_kick(&model).is_none() && ask_ban(&model).is_none(), "nobody is marked");
        model = running(vec![client(7, "ann")]);
        model.clients.mark(0);
        let Some(Msg::Ask(question)) = ask_kick(&model) else { panic!("no question") };
        assert_eq!(question.title, "Kick ann. Reason (optional):");
        model.actions_mut().ask(question);
        assert!(model.confirm("two\nlines").is_none());
        assert!(model.actions().note().unwrap().1.starts_with("The reason cannot contain <U+000A>"));
        let kick = Action::Kick { ids: vec![ConnectionId(7)], people: "ann".into(), reason: "calm down".into() };
        let command = model.confirm("  calm down ");
        assert!(matches!(command, Some(Command::Action(action)) if action == kick));
        assert!(model.actions().pending().is_none(), "answered");
    }

    #[test]
    fn one_question_counts_those_who_are_marked_and_its_yes_is_for_them() {
        let mut model = running(vec![client(7, "ann"), client(8, "ben"), client(9, "carl")]);
        model.clients.set_marks([0, 2], None);
        let Some(Msg::Ask(question)) = ask_kick(&model) else { panic!("no question") };
        assert_eq!(question.title, "Kick 2 people. Reason (optional):");
        model.actions_mut().ask(question);
        // Another mark is of no importance to the pending question.
        model.clients.mark(1);
        let kick = Action::Kick {
            ids: vec![ConnectionId(7), ConnectionId(9)],
            people: "2 people".into(),
            reason: String::new(),
        };
        let command = model.confirm("");
        assert!(matches!(command, Some(Command::Action(action)) if action == kick));
    }
}
