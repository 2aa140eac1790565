//! The card in the middle of the room's window, in place of the conversation: name, server and password to connect with,
//! and below each field the reason why it was rejected. Runs on the UI thread.
//!
//! The card is a column in the middle of its place. In a small window it leaves out what it can do without: the heading,
//! the older ones of the recent servers, and at last the space between its rows and the end of a long reason.
//!
//! The servers that were found on the network are below everything else, since they come and go by themselves: nothing that the user
//! is about to press moves.

use fltk::app;
use fltk::button::Button;
use fltk::draw;
use fltk::enums::FrameType;
use fltk::frame::Frame;
use fltk::group::{Flex, Group};
use fltk::prelude::{GroupExt as _, WidgetBase as _, WidgetExt};

mod reason;
mod server_list;

use super::messages::{Msg, Sender};
use super::widgets::place;
use crate::chat::found_servers::{FoundRow, FoundServers};
use crate::chat::recent_servers::RecentServer;
use crate::chat::state::{InvalidField, Phase, shown_server};
use crate::ui::{self, CONTROL_HEIGHT, CheckBox, Field, row, set_shown, theme};
use reason::Reason;
use server_list::{ROW_HEIGHT, Row, RowAction, ServerList};

/// Largest width of the card.
const WIDTH_MAX: i32 = 460;
/// Width of the labels in front of the fields.
const LABEL_WIDTH: i32 = 84;
/// Space left and right of the rows.
const PADDING: i32 = 16;
/// Space above and below all rows, and between them; where there is room, and where there is none.
const ROOMY: (i32, i32) = (16, 8);
const TIGHT: (i32, i32) = (6, 4);
const HEADING_HEIGHT: i32 = 28;
const CHECK_HEIGHT: i32 = 24;
/// Height of the heading above the servers on the network.
const FOUND_HEADING_HEIGHT: i32 = 22;
/// Number of them for which the recent servers leave room.
const FOUND_ROOM: i32 = 3;
/// Number of recent servers that are shown before there is such room.
const RECENT_MIN: usize = 2;

/// The card. Cloning it gives another handle to the same.
#[derive(Clone)]
pub(super) struct ConnectCard {
    /// The place of the card, which fills the middle.
    place: Group,
    card: Flex,
    heading: Frame,
    pub(super) name: Field,
    pub(super) server: Field,
    recent_row: Flex,
    recent: ServerList,
    found_heading: Frame,
    found: ServerList,
    found_row: Flex,
    /// Servers on the network are listed.
    lists_found: bool,
    check_row: Flex,
    has_password: CheckBox,
    password_row: Flex,
    pub(super) password: Field,
    /// Above the fields; below the name, the server and the password.
    texts: [Reason; 4],
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
        card.draw(|card| {
            draw::set_draw_color(theme::RAISED);
            draw::draw_rounded_rect(card.x(), card.y(), card.w(), card.h(), 8);
        });
        let heading = ui::heading("Connect to a server");
        card.fixed(&heading, HEADING_HEIGHT);
        let note = Reason::build(&mut card, 0, theme::WARN);
        let (_, name) = labelled(&mut card, "Your name");
        let below_name = Reason::build(&mut card, LABEL_WIDTH, theme::ERROR);
        let (_, mut server) = labelled(&mut card, "Server");
        server.input().set_tooltip(
            "A name or an address, with a port if it is not 5555:\nhost, host:port, [::1]:port or multichat://host",
        );
        let below_server = Reason::build(&mut card, LABEL_WIDTH, theme::ERROR);
        let mut recent_row = row();
        let label = ui::heading("Recent");
        recent_row.fixed(&label, LABEL_WIDTH);
        let mut recent = ServerList::build(true);
        recent_row.end();
        card.fixed(&recent_row, 0);
        let mut check_row = row();
        let label = Frame::default();
        check_row.fixed(&label, LABEL_WIDTH);
        let mut has_password = CheckBox::new("This server has a password");
        check_row.end();
        card.fixed(&check_row, CHECK_HEIGHT);
        let (mut password_row, password) = labelled(&mut card, "Password");
        let mut password = password.masked();
        password
            .input()
            .set_tooltip("The server's password or, if your name is registered, that of the name.\nIt is not stored.");
        password_row.hide();
        let below_password = Reason::build(&mut card, LABEL_WIDTH, theme::ERROR);
        let mut buttons = row();
        let label = Frame::default();
        buttons.fixed(&label, LABEL_WIDTH);
        let tip = "Connect (Enter in one of these fields)";
        let connect = place(&mut buttons, ui::primary_button("Connect"), 104, tip, &send, Msg::Connect);
        let mut cancel = place(&mut buttons, ui::button("Cancel"), 104, "", &send, Msg::Leave);
        cancel.hide();
        let tip = "Go back to the messages (Escape)";
        let mut back = place(&mut buttons, ui::button("Back to the chat"), 150, tip, &send, Msg::CloseCard);
        back.hide();
        Frame::default();
        buttons.end();
        card.fixed(&buttons, CONTROL_HEIGHT);
        let mut found_heading = ui::heading("On this network");
        found_heading.hide();
        card.fixed(&found_heading, FOUND_HEADING_HEIGHT);
        let mut found_row = row();
        let mut found = ServerList::build(false);
        found_row.end();
        found_row.hide();
        card.fixed(&found_row, 0);
        card.end();
        place_of_card.end();
        let shown = send.clone();
        has_password.on_change(move || shown(Msg::ShowPassword));
        bind_lists([&mut recent, &mut found], &server, &send);
        let texts = [note, below_name, below_server, below_password];
        let mut all = ConnectCard {
            place: place_of_card,
            card,
            heading,
            name,
            server,
            recent_row,
            recent,
            found_heading,
            found,
            found_row,
            lists_found: false,
            check_row,
            has_password,
            password_row,
            password,
            texts,
            connect,
            cancel,
            back,
        };
        all.fit_to_place();
        all
    }

    /// Fits the card whenever its place has another size.
    fn fit_to_place(&mut self) {
        let mut fitted = self.clone();
        self.place.resize_callback(move |_, _, _, _, _| fitted.fit());
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
        self.texts[1..].iter().map(Reason::text).collect()
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
        for (below, field) in self.texts[1..].iter_mut().zip(fields) {
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

    /// Shows a text above the fields.
    pub(super) fn show_note(&mut self, text: &str) {
        self.texts[0].set(text);
        self.fit();
    }

    /// Lists the recent servers.
    pub(super) fn show_recent(&mut self, servers: &[RecentServer]) {
        if servers.is_empty() && self.recent.has_focus() {
            self.server.focus();
        }
        let row = |recent: &RecentServer| Row {
            name: shown_server(&recent.server),
            about: format!("as {}", recent.name),
            ..Row::default()
        };
        self.recent.set(servers.iter().map(row).collect());
        self.fit();
    }

    /// Keeps room for servers on the network.
    pub(super) fn list_found(&mut self) {
        self.lists_found = true;
        self.fit_to_place();
        self.fit();
    }

    /// Lists the servers on the network.
    pub(super) fn show_found(&mut self, found: &FoundServers) {
        let row = |(at, row): (usize, &FoundRow)| {
            let server = &row.server;
            let address = shown_server(&server.address.into());
            let about = match row.is_gone {
                true => "is gone".to_owned(),
                false if found.looks_like_another(at) => format!("on {}, {address}, a name like another", server.host),
                false => format!("on {}, {address}", server.host),
            };
            Row { name: server.name.clone(), about, padlock: Some(server.has_tls), is_gone: row.is_gone }
        };
        if found.rows().is_empty() && self.found.has_focus() {
            self.server.focus();
        }
        if self.found.set(found.rows().iter().enumerate().map(row).collect()) {
            self.fit();
        }
    }

    /// Returns the rows of the servers on the network, as text.
    pub(super) fn found_lines(&self) -> Vec<String> {
        self.found.lines()
    }

    /// Returns whether the user is about to choose a server on the network.
    pub(super) fn holds_found(&self) -> bool {
        self.found_row.visible() && self.found.is_held()
    }

    /// Takes the keyboard from the server's field to the recent servers, or else to those on the network. Returns whether there are
    /// any.
    pub(super) fn focus_list(&mut self) -> bool {
        self.recent.focus() || self.found.focus()
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
        self.recent.set_active(offline);
        self.found.set_active(offline);
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
        let has_password = self.password_row.visible();
        // Name, server, check box, buttons.
        let mut rows = vec![CONTROL_HEIGHT, CONTROL_HEIGHT, CHECK_HEIGHT, CONTROL_HEIGHT];
        rows.extend(has_password.then_some(CONTROL_HEIGHT));
        let texts: Vec<_> = self.texts.iter().map(|text| text.height(width - 2 * PADDING)).collect();
        rows.extend(texts.iter().flatten());
        let height = |rows: &[i32], (padding, pad): (i32, i32)| {
            2 * padding + rows.iter().map(|row| row + pad).sum::<i32>() - pad
        };
        let is_tight = height(&rows, ROOMY) > h;
        let spaces = if is_tight { TIGHT } else { ROOMY };
        // The field itself says that there is a password.
        let has_check = !(is_tight && has_password);
        if !has_check {
            rows.remove(2);
        }
        set_visible(&mut self.check_row, has_check);
        let missing = (height(&rows, spaces) - h).max(0);
        for (text, height) in self.texts.iter_mut().zip(texts) {
            text.set_height(&mut self.card, (height.unwrap_or(0) - missing).max(0));
        }
        let room = h - height(&rows, spaces) - spaces.1;
        let rows_in = |room: i32| usize::try_from(room / ROW_HEIGHT).unwrap_or(0);
        let recent = rows_in(room).min(self.recent.len());
        let recent = if self.lists_found {
            let for_found = h / 8 + HEADING_HEIGHT + FOUND_HEADING_HEIGHT + FOUND_ROOM * ROW_HEIGHT + 3 * spaces.1;
            recent.min(rows_in(room - for_found).max(RECENT_MIN))
        } else {
            recent
        };
        let recent_height = i32::try_from(recent).unwrap_or(0) * ROW_HEIGHT;
        set_visible(&mut self.recent_row, recent > 0);
        self.card.fixed(&self.recent_row, recent_height);
        rows.extend((recent > 0).then_some(recent_height));
        let has_heading = height(&rows, spaces) + HEADING_HEIGHT + spaces.1 <= h;
        set_visible(&mut self.heading, has_heading);
        rows.extend(has_heading.then_some(HEADING_HEIGHT));
        let height = height(&rows, spaces).min(h);
        // Its top stays where it is while its rows come and go.
        let top = (h / 8).min(h - height);
        let below = h - top - height - FOUND_HEADING_HEIGHT - 2 * spaces.1;
        let found = rows_in(below).min(self.found.len());
        let found_height = i32::try_from(found).unwrap_or(0) * ROW_HEIGHT;
        set_visible(&mut self.found_heading, found > 0);
        set_visible(&mut self.found_row, found > 0);
        self.card.fixed(&self.found_row, found_height);
        let height = if found > 0 { height + FOUND_HEADING_HEIGHT + found_height + 2 * spaces.1 } else { height };
        self.card.set_margins(PADDING, spaces.0, PADDING, spaces.0);
        self.card.set_pad(spaces.1);
        self.card.resize(x + (w - width) / 2, y + top, width, height);
        self.place.redraw();
    }
}

/// Sends what the user does with the rows of the recent servers and of those on the network.
fn bind_lists([recent, found]: [&mut ServerList; 2], server: &Field, send: &(impl Fn(Msg) + Clone + 'static)) {
    let (chosen, mut above) = (send.clone(), server.clone());
    recent.on_action(move |action| match action {
        RowAction::Choose(at) => chosen(Msg::ChooseRecent(at)),
        RowAction::Forget(at) => chosen(Msg::ForgetRecent(at)),
        RowAction::Leave => above.focus(),
    });
    let (chosen, mut above) = (send.clone(), server.clone());
    found.on_action(move |action| match action {
        RowAction::Choose(at) => chosen(Msg::ChooseFound(at)),
        RowAction::Forget(_) => {}
        RowAction::Leave => above.focus(),
    });
}

/// Shows or hides a row, without a layout.
fn set_visible(widget: &mut impl WidgetExt, visible: bool) {
    if visible { widget.show() } else { widget.hide() }
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
