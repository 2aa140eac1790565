//! The row below the table with the operator's actions: kick, ban, announce. A question that must be confirmed takes the place
//! of this row, with its consequence in a line below.
//!
//! It is a row and not a dialog: FLTK's dialogs run a loop of their own inside of the callback that opens them, and the
//! callback could then be entered a second time. Main thread only.

use fltk::button::Button;
use fltk::enums::Font;
use fltk::frame::Frame;
use fltk::group::Flex;
use fltk::prelude::{GroupExt as _, WidgetExt as _};

use super::widgets::{set_active, set_visible};
use crate::monitor::model::{BanBy, BanDuration, Confirmation, Model};
use crate::ui::{self, Field, Segments, StatusLine, theme};

/// The two rows, of which one is visible, and the note below them.
#[derive(Debug)]
pub(super) struct ActionBar {
    outer: Flex,
    /// The row without a question: the buttons and the announcement.
    idle: Flex,
    /// The row of the pending question.
    question: Flex,
    note: StatusLine,
    title: Frame,
    pub(super) kick: Button,
    pub(super) ban: Button,
    pub(super) announcement: Field,
    pub(super) send: Button,
    pub(super) reason: Field,
    pub(super) file: Field,
    pub(super) ban_by: Segments,
    pub(super) ban_duration: Segments,
    pub(super) yes: Button,
    pub(super) no: Button,
    /// The question as it was last drawn.
    shown: Option<Confirmation>,
}

impl ActionBar {
    /// Creates a bar without a question in the current group.
    pub(super) fn new() -> ActionBar {
        let mut outer = Flex::default().column();
        outer.set_pad(0);

        let mut idle = row();
        let mut kick = ui::button("Kick …");
        kick.set_tooltip("End the connection of the client that is marked in the table (Delete)");
        idle.fixed(&kick, 76);
        let mut ban = ui::button("Ban …");
        ban.set_tooltip("Do not let in the marked client any more (Shift+Delete)");
        idle.fixed(&ban, 76);
        let caption = label("Announce");
        idle.fixed(&caption, 74);
        let announcement = Field::bare();
        let mut send = ui::button("Send");
        send.set_tooltip("Say this to everybody (Enter)");
        idle.fixed(&send, 76);
        idle.end();
        outer.fixed(&idle, ui::CONTROL_HEIGHT);

        let mut question = row();
        let title = label("");
        let reason = Field::bare();
        let file = Field::bare();
        let ban_by = Segments::new(&BanBy::ALL.map(BanBy::label));
        let ban_duration = Segments::new(&BanDuration::ALL.map(BanDuration::label));
        let yes = ui::primary_button("");
        question.fixed(&yes, 76);
        let no = ui::button("Cancel");
        question.fixed(&no, 76);
        question.end();
        outer.fixed(&question, ui::CONTROL_HEIGHT);

        let note = StatusLine::new();
        outer.fixed(note.widget(), StatusLine::HEIGHT);
        outer.end();
        question.hide();
        note.widget().clone().hide();
        ActionBar {
            outer,
            idle,
            question,
            note,
            title,
            kick,
            ban,
            announcement,
            send,
            reason,
            file,
            ban_by,
            ban_duration,
            yes,
            no,
            shown: None,
        }
    }

    /// Returns the widget for the layout.
    pub(super) fn widget(&self) -> &Flex {
        &self.outer
    }

    /// Returns the height that the bar needs, in pixels.
    pub(super) fn height(&self) -> i32 {
        ui::CONTROL_HEIGHT + if self.note.widget().visible() { StatusLine::HEIGHT } else { 0 }
    }

    /// Returns the text of the note, or an empty string if it is hidden.
    pub(super) fn note(&self) -> String {
        if self.note.widget().visible() { self.note.text() } else { String::new() }
    }

    /// Activates Kick and Ban if a client is marked.
    pub(super) fn show_marked(&mut self, marked: bool) {
        set_active(&mut self.kick, marked);
        set_active(&mut self.ban, marked);
    }

    /// Returns the widgets in which the operator chooses the kind and duration of a ban.
    pub(super) fn choices(&self) -> [Frame; 2] {
        [self.ban_by.widget().clone(), self.ban_duration.widget().clone()]
    }

    /// Draws the model's note and question. Returns true if a question has appeared, disappeared or replaced another: then the
    /// keyboard focus moves.
    pub(super) fn show(&mut self, model: &Model) -> bool {
        let note = model.note();
        let mut line = self.note.widget().clone();
        if let Some((level, text)) = &note {
            self.note.set(*level, text);
            line.show();
        } else {
            line.hide();
        }
        let pending = model.actions().pending();
        let has_changed = match (&self.shown, pending) {
            // Another kind or duration of the ban is the same question.
            (Some(Confirmation::Ban(before, ..)), Some(Confirmation::Ban(now, ..))) => before != now,
            (before, now) => before.as_ref() != now,
        };
        if self.shown.as_ref() != pending {
            self.shown = pending.cloned();
            self.draw_question();
        }
        self.outer.layout();
        self.outer.redraw();
        has_changed
    }

    /// Moves the keyboard focus to the first widget of the answer.
    pub(super) fn focus_question(&mut self) {
        match self.shown {
            Some(Confirmation::Kick(_)) => self.reason.focus(),
            Some(Confirmation::Ban(..)) => self.ban_by.focus(),
            Some(Confirmation::SaveLog | Confirmation::ExportHistory) => self.file.focus(),
            Some(Confirmation::DeleteMessage(_) | Confirmation::ResetPassword(_) | Confirmation::Unregister(_)) => {
                drop(self.yes.take_focus());
            }
            // The focus is on Cancel, so that one key too many does not delete so much.
            Some(Confirmation::DeleteAllFrom(_)) => drop(self.no.take_focus()),
            None => {}
        }
    }

    /// Lays out the row for the question in `shown`, or shows the other row if there is none.
    fn draw_question(&mut self) {
        let Some(question) = &self.shown else {
            self.question.hide();
            self.idle.show();
            return;
        };
        self.idle.hide();
        let (title, yes) = match question {
            Confirmation::Kick(_) => (180, "Kick"),
            Confirmation::Ban(_, by, duration) => {
                self.ban_by.choose(BanBy::ALL.iter().position(|other| other == by).unwrap_or(0));
                self.ban_duration.choose(BanDuration::ALL.iter().position(|other| other == duration).unwrap_or(0));
                (0, "Ban")
            }
            Confirmation::SaveLog | Confirmation::ExportHistory => (110, "Save"),
            Confirmation::DeleteMessage(_) | Confirmation::DeleteAllFrom(_) => (0, "Delete"),
            Confirmation::ResetPassword(_) => (0, "Replace"),
            Confirmation::Unregister(_) => (0, "Remove"),
        };
        fltk::draw::set_font(Font::Helvetica, ui::TEXT_SIZE);
        let widest = match question {
            Confirmation::Ban(..) => 110,
            _ if title == 0 => self.outer.w() - 2 * (76 + ui::GAP),
            _ => title,
        };
        self.title.set_label(&ui::escape_label(&ui::elide(&question.title(), widest)));
        // For a ban the title takes the remaining width, because the choices have a fixed one.
        self.question.fixed(&self.title, title);
        self.question.fixed(self.ban_by.widget(), 140);
        self.question.fixed(self.ban_duration.widget(), 272);
        self.yes.set_label(yes);
        set_visible(self.reason.group(), matches!(question, Confirmation::Kick(_)));
        set_visible(self.file.group(), matches!(question, Confirmation::SaveLog | Confirmation::ExportHistory));
        set_visible(self.ban_by.widget(), matches!(question, Confirmation::Ban(..)));
        set_visible(self.ban_duration.widget(), matches!(question, Confirmation::Ban(..)));
        self.question.show();
        self.question.layout();
    }
}

fn row() -> Flex {
    let mut row = Flex::default().row();
    row.set_pad(ui::GAP);
    row
}

fn label(text: &str) -> Frame {
    let mut label = ui::note(text);
    label.set_label_color(theme::MUTED);
    label
}
