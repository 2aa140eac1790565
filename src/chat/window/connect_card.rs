//! The card in the middle of the room's window, in place of the conversation: name, server and password to connect with,
//! and below each field the reason why it was rejected. Runs on the UI thread.
//!
//! The card is a column in the middle of its place. What has no room there is left out: first the heading, then the
//! recent servers.

use fltk::app;
use fltk::button::Button;
use fltk::draw;
use fltk::enums::FrameType;
use fltk::frame::Frame;
use fltk::group::{Flex, Group};
use fltk::prelude::{GroupExt as _, WidgetBase as _, WidgetExt};

mod reason;

use super::messages::{Msg, Sender};
use super::widgets::place;
use crate::chat::state::{InvalidField, Phase};
use crate::ui::{self, CONTROL_HEIGHT, CheckBox, Field, row, set_shown, theme};
use reason::Reason;

/// Largest width of the card.
const WIDTH_MAX: i32 = 460;
/// Width of the labels in front of the fields.
const LABEL_WIDTH: i32 = 84;
/// Space between the edge of the card and its rows.
const PADDING: i32 = 16;
/// Space between the rows.
const PAD: i32 = 8;
const HEADING_HEIGHT: i32 = 28;
const CHECK_HEIGHT: i32 = 24;

/// The card. Cloning it gives another handle to the same.
#[derive(Clone)]
pub(super) struct ConnectCard {
    /// The place of the card, which fills the middle.
    place: Group,
    card: Flex,
    heading: Frame,
    pub(super) name: Field,
    pub(super) server: Field,
    has_password: CheckBox,
    password_row: Flex,
    pub(super) password: Field,
    /// Below the name, the server and the password.
    reasons: [Reason; 3],
    pub(super) connect: Button,
    /// Replaces `connect` while there is a connection.
    pub(super) cancel: Button,
    back: Button,
}

impl ConnectCard {
    /// Creates the card, in the order in which Tab visits its widgets.
    pub(super) fn build(sender: &Sender) -> ConnectCard {
        let send = sender.messages();
        let mut place_of_card = Group::default();
        place_of_card.set_frame(FrameType::FlatBox);
        place_of_card.set_color(theme::BACKGROUND);
        let mut card = Flex::default().column();
        card.set_frame(FrameType::RFlatBox);
        card.set_color(theme::BACKGROUND);
        card.set_margins(PADDING, PADDING, PADDING, PADDING);
        card.set_pad(PAD);
        card.draw(|card| {
            draw::set_draw_color(theme::RAISED);
            draw::draw_rounded_rect(card.x(), card.y(), card.w(), card.h(), 8);
        });
        let heading = ui::heading("Connect to a server");
        card.fixed(&heading, HEADING_HEIGHT);
        let (_, name) = labelled(&mut card, "Your name");
        let below_name = Reason::build(&mut card, LABEL_WIDTH);
        let (_, mut server) = labelled(&mut card, "Server");
        server.input().set_tooltip(
            "A name or an address, with a port if it is not 5555:\nhost, host:port, [::1]:port or multichat://host",
        );
        let below_server = Reason::build(&mut card, LABEL_WIDTH);
        let mut check_row = row();
        let label = Frame::default();
        check_row.fixed(&label, LABEL_WIDTH);
        let mut has_password = CheckBox::new("This server has a password");
        check_row.end();
        card.fixed(&check_row, CHECK_HEIGHT);
        let (mut password_row, password) = labelled(&mut card, "Password");
        let mut password = password.masked();
        password.input().set_tooltip("The room's, or that of your name, if it has one. It is kept nowhere.");
        password_row.hide();
        let below_password = Reason::build(&mut card, LABEL_WIDTH);
        let mut buttons = row();
        let label = Frame::default();
        buttons.fixed(&label, LABEL_WIDTH);
        let tip = "Enters the room (Enter in one of these fields)";
        let connect = place(&mut buttons, ui::primary_button("Connect"), 104, tip, &send, Msg::Connect);
        let mut cancel = place(&mut buttons, ui::button("Cancel"), 104, "", &send, Msg::Leave);
        cancel.hide();
        let tip = "Shows the messages (Escape)";
        let mut back = place(&mut buttons, ui::button("Back to the chat"), 150, tip, &send, Msg::CloseCard);
        back.hide();
        Frame::default();
        buttons.end();
        card.fixed(&buttons, CONTROL_HEIGHT);
        card.end();
        place_of_card.end();
        let shown = send.clone();
        has_password.on_change(move || shown(Msg::ShowPassword));
        let reasons = [below_name, below_server, below_password];
        let mut all = ConnectCard {
            place: place_of_card,
            card,
            heading,
            name,
            server,
            has_password,
            password_row,
            password,
            reasons,
            connect,
            cancel,
            back,
        };
        let mut fitted = all.clone();
        all.place.resize_callback(move |_, _, _, _, _| fitted.fit());
        all
    }

    /// Returns the widget for a layout.
    pub(super) fn place(&mut self) -> &mut Group {
        &mut self.place
    }

    /// Returns the fields.
    pub(super) fn fields(&mut self) -> [&mut Field; 3] {
        [&mut self.name, &mut self.server, &mut self.password]
    }

    /// Returns a field.
    pub(super) fn field(&mut self, which: InvalidField) -> &mut Field {
        match which {
            InvalidField::Name => &mut self.name,
            InvalidField::Server => &mut self.server,
            InvalidField::Password => &mut self.password,
        }
    }

    /// Returns the text below the fields, if one was rejected.
    pub(super) fn reason(&self) -> String {
        self.reasons.iter().map(Reason::text).collect()
    }

    /// Returns whether the keyboard focus is in the card.
    pub(super) fn has_focus(&self) -> bool {
        app::focus().is_some_and(|widget| widget.inside(&self.place))
    }

    /// Focuses the first field that is to be filled in, or else the server.
    pub(super) fn focus(&mut self) {
        if self.name.value().is_empty() { self.name.focus() } else { self.server.focus() }
    }

    /// Shows the password field if its box is checked. A password that is not shown is not sent.
    pub(super) fn show_password(&mut self) {
        let shown = self.has_password.is_checked();
        set_shown(&mut self.password_row, shown);
        if shown {
            self.password.focus();
        } else {
            self.password.set_value("");
        }
        self.fit();
    }

    /// Fills in a password, and shows its field.
    pub(super) fn set_password(&mut self, password: &str) {
        self.password.set_value(password);
        self.open_password(!password.is_empty());
    }

    fn open_password(&mut self, open: bool) {
        self.has_password.set_checked(open);
        set_shown(&mut self.password_row, open);
        self.fit();
    }

    /// Shows why a field was rejected, below it, or nothing.
    pub(super) fn show_reason(&mut self, reason: Option<(InvalidField, &str)>) {
        let fields = [InvalidField::Name, InvalidField::Server, InvalidField::Password];
        let mut changed = false;
        for (below, field) in self.reasons.iter_mut().zip(fields) {
            let text = reason.filter(|(at, _)| *at == field).map_or("", |(_, text)| text);
            changed |= below.set(text);
        }
        if changed {
            if matches!(reason, Some((InvalidField::Password, _))) {
                self.open_password(true);
            }
            self.fit();
        }
    }

    /// Enables the fields and buttons that make sense in this phase.
    pub(super) fn show_phase(&mut self, phase: Phase) {
        let offline = phase == Phase::Offline;
        let presses = self.connect.has_focus() || self.cancel.has_focus();
        for field in self.fields() {
            field.set_active(offline);
            // Until the outcome is known, the focus may stay. After a look at another program FLTK would otherwise give
            // it to Cancel, which the next space would press.
            field.input().visible_focus(true);
        }
        if phase == Phase::Leaving {
            self.cancel.deactivate();
        } else {
            self.cancel.activate();
        }
        set_shown(&mut self.connect, offline);
        set_shown(&mut self.cancel, !offline);
        // FLTK would give the focus of a hidden button to any other button, which the next key would press.
        match phase {
            Phase::Offline if presses => drop(self.connect.take_focus()),
            Phase::Leaving if presses => self.server.focus(),
            _ if presses => drop(self.cancel.take_focus()),
            _ => {}
        }
    }

    /// Shows the button that leads back to the conversation.
    pub(super) fn show_back(&mut self, shown: bool) {
        set_shown(&mut self.back, shown);
    }

    /// Gives the card its size, in the middle of its place.
    fn fit(&mut self) {
        let (x, y, w, h) = (self.place.x(), self.place.y(), self.place.w(), self.place.h());
        let width = w.min(WIDTH_MAX);
        let mut height = 2 * PADDING + 3 * CONTROL_HEIGHT + CHECK_HEIGHT + 3 * PAD;
        if self.password_row.visible() {
            height += CONTROL_HEIGHT + PAD;
        }
        for reason in &mut self.reasons {
            height += reason.fit(&mut self.card, width - 2 * PADDING, PAD);
        }
        let has_heading = height + HEADING_HEIGHT + PAD <= h;
        if has_heading {
            self.heading.show();
            height += HEADING_HEIGHT + PAD;
        } else {
            self.heading.hide();
        }
        // A little above the middle, where the eye looks for it.
        self.card.resize(x + (w - width) / 2, y + (h - height).max(0) / 3, width, height.min(h));
        self.place.redraw();
    }
}

/// Creates a field with a label in front of it.
fn labelled(card: &mut Flex, text: &str) -> (Flex, Field) {
    let mut line = row();
    let label = ui::note(text);
    line.fixed(&label, LABEL_WIDTH);
    let field = Field::bare();
    line.end();
    card.fixed(&line, CONTROL_HEIGHT);
    (line, field)
}
