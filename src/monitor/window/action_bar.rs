//! The row below the table in which the operator acts: kick and ban whoever is marked, say something to everybody. What
//! has to be asked first is asked in the same place, with the consequence in a line below.
//!
//! It is a row and not a dialog: FLTK's dialogs run a loop of their own inside of the callback that opens them, and the
//! callback could then be entered a second time. Main thread only.

use fltk::button::Button;
use fltk::enums::Font;
use fltk::frame::Frame;
use fltk::group::Flex;
use fltk::prelude::{GroupExt as _, WidgetExt as _};

use super::view::set_active;
use crate::monitor::model::{BanBy, BanDuration, Confirmation, Model, Mood};
use crate::ui::{self, Field, Segments, StatusLine, Tone, theme};

/// The bar, and the parts of it that something is done with.
#[derive(Debug)]
pub(super) struct Bar {
    outer: Flex,
    idle: Flex,
    asking: Flex,
    note: StatusLine,
    title: Frame,
    pub(super) kick: Button,
    pub(super) ban: Button,
    pub(super) announcement: Field,
    pub(super) send: Button,
    pub(super) reason: Field,
    pub(super) file: Field,
    pub(super) by: Segments,
    pub(super) span: Segments,
    pub(super) yes: Button,
    pub(super) no: Button,
    /// The question that is shown.
    asked: Option<Confirmation>,
}

impl Bar {
    /// A bar that asks nothing, to be made inside of a group.
    pub(super) fn new() -> Bar {
        let mut outer = Flex::default().column();
        outer.set_pad(0);

        let mut idle = row();
        let mut kick = ui::button("Kick …");
        kick.set_tooltip("End the connection of whoever is marked in the table (Delete)");
        idle.fixed(&kick, 76);
        let mut ban = ui::button("Ban …");
        ban.set_tooltip("Do not let in any more whoever is marked in the table (Shift+Delete)");
        idle.fixed(&ban, 76);
        let caption = label("Announce");
        idle.fixed(&caption, 74);
        let announcement = Field::bare();
        let mut send = ui::button("Send");
        send.set_tooltip("Say this to everybody (Enter)");
        idle.fixed(&send, 76);
        idle.end();
        outer.fixed(&idle, ui::CONTROL_HEIGHT);

        let mut asking = row();
        let title = label("");
        let reason = Field::bare();
        let file = Field::bare();
        let by = Segments::new(&BanBy::ALL.map(BanBy::label));
        let span = Segments::new(&BanDuration::ALL.map(BanDuration::label));
        let yes = ui::primary_button("");
        asking.fixed(&yes, 76);
        let no = ui::button("Cancel");
        asking.fixed(&no, 76);
        asking.end();
        outer.fixed(&asking, ui::CONTROL_HEIGHT);

        let note = StatusLine::new();
        outer.fixed(note.widget(), StatusLine::HEIGHT);
        outer.end();
        asking.hide();
        note.widget().clone().hide();
        Bar {
            outer,
            idle,
            asking,
            note,
            title,
            kick,
            ban,
            announcement,
            send,
            reason,
            file,
            by,
            span,
            yes,
            no,
            asked: None,
        }
    }

    /// What a layout places.
    pub(super) fn widget(&self) -> &Flex {
        &self.outer
    }

    /// How high it has to be.
    pub(super) fn height(&self) -> i32 {
        ui::CONTROL_HEIGHT + if self.note.widget().visible() { StatusLine::HEIGHT } else { 0 }
    }

    /// What its line says; nothing if there is none.
    pub(super) fn said(&self) -> String {
        if self.note.widget().visible() { self.note.text() } else { String::new() }
    }

    /// Whether somebody is there to be kicked.
    pub(super) fn show_marked(&mut self, somebody: bool) {
        set_active(&mut self.kick, somebody);
        set_active(&mut self.ban, somebody);
    }

    /// Where something is chosen for the question that is asked.
    pub(super) fn choices(&self) -> [Frame; 2] {
        [self.by.widget().clone(), self.span.widget().clone()]
    }

    /// Draws what the model has now. Says whether a question has come, gone or taken the place of another: the keyboard
    /// goes with it.
    pub(super) fn show(&mut self, model: &Model) -> bool {
        let note = model.note();
        let mut line = self.note.widget().clone();
        if let Some((mood, text)) = &note {
            self.note.set(tone(*mood), text);
            line.show();
        } else {
            line.hide();
        }
        let ask = model.desk().ask();
        let turned = match (&self.asked, ask) {
            // Another choice is no other question.
            (Some(Confirmation::Ban(before, ..)), Some(Confirmation::Ban(now, ..))) => before != now,
            (before, now) => before.as_ref() != now,
        };
        if self.asked.as_ref() != ask {
            self.asked = ask.cloned();
            self.ask();
        }
        self.outer.layout();
        self.outer.redraw();
        turned
    }

    /// Gives the keyboard to where the answer begins.
    pub(super) fn focus_question(&mut self) {
        match self.asked {
            Some(Confirmation::Kick(_)) => self.reason.focus(),
            Some(Confirmation::Ban(..)) => self.by.focus(),
            Some(Confirmation::Save | Confirmation::Export) => self.file.focus(),
            Some(Confirmation::Deletion(_) | Confirmation::NewPassword(_) | Confirmation::Unregister(_)) => {
                drop(self.yes.take_focus())
            }
            // So much is not to happen by one key too many.
            Some(Confirmation::ForgetAllOf(_)) => drop(self.no.take_focus()),
            None => {}
        }
    }

    /// Lays out the row for the question that is asked.
    fn ask(&mut self) {
        let Some(ask) = &self.asked else {
            self.asking.hide();
            self.idle.show();
            return;
        };
        self.idle.hide();
        let (title, yes) = match ask {
            Confirmation::Kick(_) => (180, "Kick"),
            Confirmation::Ban(_, by, span) => {
                self.by.choose(BanBy::ALL.iter().position(|other| other == by).unwrap_or(0));
                self.span.choose(BanDuration::ALL.iter().position(|other| other == span).unwrap_or(0));
                (0, "Ban")
            }
            Confirmation::Save | Confirmation::Export => (110, "Save"),
            Confirmation::Deletion(_) | Confirmation::ForgetAllOf(_) => (0, "Delete"),
            Confirmation::NewPassword(_) => (0, "Replace"),
            Confirmation::Unregister(_) => (0, "Remove"),
        };
        fltk::draw::set_font(Font::Helvetica, ui::TEXT_SIZE);
        let widest = match ask {
            Confirmation::Ban(..) => 110,
            _ if title == 0 => self.outer.w() - 2 * (76 + ui::GAP),
            _ => title,
        };
        self.title.set_label(&ui::escape_label(&ui::elide(&ask.title(), widest)));
        // For a ban the title takes what is left: a choice is as wide as it is.
        self.asking.fixed(&self.title, title);
        self.asking.fixed(self.by.widget(), 140);
        self.asking.fixed(self.span.widget(), 272);
        self.yes.set_label(yes);
        set_visible(self.reason.group(), matches!(ask, Confirmation::Kick(_)));
        set_visible(self.file.group(), matches!(ask, Confirmation::Save | Confirmation::Export));
        set_visible(self.by.widget(), matches!(ask, Confirmation::Ban(..)));
        set_visible(self.span.widget(), matches!(ask, Confirmation::Ban(..)));
        self.asking.show();
        self.asking.layout();
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

fn set_visible(widget: &impl fltk::prelude::WidgetExt, visible: bool) {
    let mut widget = widget.as_base_widget();
    if visible { widget.show() } else { widget.hide() }
}

fn tone(mood: Mood) -> Tone {
    match mood {
        Mood::Idle => Tone::Idle,
        Mood::Busy => Tone::Busy,
        Mood::Good => Tone::Good,
        Mood::Bad => Tone::Error,
    }
}
