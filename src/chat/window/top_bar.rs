//! The bar at the top of the room's window: the server, the security of the connection, and the two menus. Runs on the UI
//! thread.

use fltk::button::Button;
use fltk::draw;
use fltk::enums::{Font, LabelType};
use fltk::frame::Frame;
use fltk::group::Flex;
use fltk::menu::MenuButton;
use fltk::prelude::{GroupExt as _, WidgetBase as _, WidgetExt};

use super::conversation::Action;
use super::menu::Menu;
use super::messages::{Msg, Pane, Sender};
use super::security_badge::SecurityBadge;
use super::widgets::{place, set_label};
use crate::chat::state::counted;
use crate::ui::{self, CONTROL_HEIGHT, elide, row, set_shown, text_width, theme};

/// Room of the name in the button of the user's own menu.
const OWN_WIDTHS: std::ops::RangeInclusive<i32> = 72..=150;
/// Space beside the name in that button, for its arrow.
const ARROW: i32 = 40;

/// The bar.
pub(super) struct TopBar {
    row: Flex,
    /// The conversation while the sidebar is folded, and the server's address; as wide as the text.
    server: Frame,
    address: String,
    talk: Option<String>,
    /// Takes the rest of the width.
    rest: Frame,
    pub(super) security: SecurityBadge,
    /// Shows the sidebar while it is folded.
    list: Button,
    /// Opens the card in place of the conversation, or cancels the next attempt.
    pub(super) connect: Button,
    own_button: MenuButton,
    /// The user's own name, for which that button may be too narrow.
    name: String,
    /// The width of the bar and that of its other children, between which the rest was divided. `None` after a text or
    /// the zoom has changed: only then are the texts measured, which takes longer than the rest of an idle tick.
    divided: Option<(i32, i32)>,
    pub(super) own: Menu,
    pub(super) menu: Menu,
}

impl TopBar {
    /// Creates the bar as the first row of a page.
    pub(super) fn build(page: &mut Flex, sender: &Sender) -> TopBar {
        let send = sender.messages();
        let mut row = row();
        let mut server = Frame::default();
        server.set_label_type(LabelType::None);
        server.draw(|frame| {
            let (x, y, w, h) = (frame.x(), frame.y(), frame.w(), frame.h());
            draw::draw_rect_fill(x, y, w, h, theme::BACKGROUND);
            draw::set_draw_color(theme::TEXT);
            draw::set_font(Font::HelveticaBold, ui::TEXT_SIZE);
            let baseline = y + i32::midpoint(h, draw::height()) - draw::descent();
            draw::draw_text(&elide(&frame.label(), w), x, baseline);
        });
        let security = SecurityBadge::build(&mut row, &send);
        let rest = Frame::default();
        let mut connect = ui::primary_button("Connect …");
        connect.hide();
        let tip = "Choose a name and a server";
        let connect = place(&mut row, connect, 104, tip, &send, Msg::PressAtTop);
        let mut list = ui::button("Talks");
        list.hide();
        let list = place(&mut row, list, 84, "Show talks and people (F9)", &send, Msg::ToggleSidebar);
        let tip = "Find in the conversation (Ctrl+F)";
        place(&mut row, ui::button("Find"), 64, tip, &send, Msg::In(Pane::Room, Action::OpenFind));
        let mut own_button = ui::menu_button("You");
        own_button.set_tooltip("Away, register, disconnect");
        let mut menu = ui::menu_button("Menu");
        menu.set_tooltip("Find, save, settings, laboratory");
        row.fixed(&menu, 84);
        row.end();
        page.fixed(&row, CONTROL_HEIGHT);
        let opening = send.clone();
        let menu = Menu::new(menu, move || opening(Msg::OpenMenu));
        let own = Menu::new(own_button.clone(), move || send(Msg::OpenMenu));
        let (address, name, divided) = (String::new(), String::new(), None);
        let talk = None;
        TopBar { row, server, address, talk, rest, security, list, connect, own_button, name, divided, own, menu }
    }

    /// Shows the address of the server and the user's own name.
    pub(super) fn show(&mut self, server: &str, own: &str) {
        if self.address != server || self.name != own {
            server.clone_into(&mut self.address);
            own.clone_into(&mut self.name);
            self.label_server();
        }
        self.fit();
    }

    /// Shows the button that unfolds the sidebar, with the number of unread private messages.
    pub(super) fn show_list_button(&mut self, shown: bool, unread: u64) {
        if shown {
            set_label(&mut self.list, &counted(unread, "Talks"));
        }
        set_shown(&mut self.list, shown);
    }

    /// Names the conversation in the middle, while the sidebar does not.
    pub(super) fn show_talk(&mut self, talk: Option<String>) {
        if self.talk != talk {
            self.talk = talk;
            self.label_server();
        }
        self.fit();
    }

    fn label_server(&mut self) {
        let parts = self.talk.iter().chain([&self.address]).filter(|part| !part.is_empty());
        self.server.set_label(&parts.map(String::as_str).collect::<Vec<_>>().join(" · "));
        self.divided = None;
    }

    /// Labels the button that connects, or hides it.
    pub(super) fn show_connect(&mut self, label: Option<&str>) {
        if let Some(label) = label {
            set_label(&mut self.connect, label);
        }
        set_shown(&mut self.connect, label.is_some());
    }

    /// Divides the width of the bar after a change of the zoom.
    pub(super) fn fit_zoomed(&mut self) {
        self.divided = None;
        self.fit();
    }

    /// Divides the width of the bar. Called with every tick, because a layout cannot be changed from within another.
    pub(super) fn fit(&mut self) {
        let children = (0..self.row.children()).filter_map(|at| self.row.child(at));
        let others: i32 = children
            .filter(|child| child.visible() && !child.is_same(&self.server) && !child.is_same(&self.own_button))
            .map(|child| ui::GAP + if child.is_same(&self.rest) { 0 } else { child.w() })
            .sum();
        let between = Some((self.row.w(), others));
        if self.divided == between {
            return;
        }
        self.divided = between;
        draw::set_font(Font::Helvetica, ui::TEXT_SIZE);
        let wanted = (text_width(&self.name) + ARROW).clamp(*OWN_WIDTHS.start(), *OWN_WIDTHS.end());
        draw::set_font(Font::HelveticaBold, ui::TEXT_SIZE);
        // In a narrow window the name is cut before the address is.
        let (room, server) = (self.row.w() - others - ui::GAP, text_width(&self.server.label()) + 4);
        let own = wanted.min(room - server).max(*OWN_WIDTHS.start());
        let server = server.min(room - own).max(0);
        draw::set_font(Font::Helvetica, ui::TEXT_SIZE);
        set_label(&mut self.own_button, &ui::escape_label(&elide(&self.name, own - ARROW)));
        if (self.server.w(), self.own_button.w()) != (server, own) {
            self.row.fixed(&self.server, server);
            self.row.fixed(&self.own_button, own);
            self.row.layout();
        }
    }
}
