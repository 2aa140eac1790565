//! The bar at the top of the room's window: the server, the security of the connection, and the two menus. Runs on the UI
//! thread.

use fltk::button::Button;
use fltk::draw;
use fltk::enums::{Font, LabelType};
use fltk::frame::Frame;
use fltk::group::Flex;
use fltk::menu::MenuButton;
use fltk::prelude::{GroupExt as _, WidgetBase as _, WidgetExt};
use fltk::widget::Widget;

use super::conversation::Action;
use super::menu::Menu;
use super::messages::{Msg, Pane, Sender};
use super::security_badge::SecurityBadge;
use super::widgets::{place, set_label};
use crate::chat::state::counted;
use crate::ui::{self, CONTROL_HEIGHT, elide, row, text_width, theme};

/// Widths of the button of the user's own menu.
const OWN_WIDTHS: std::ops::RangeInclusive<i32> = 72..=150;
/// Space beside the name in that button, for its arrow.
const ARROW: i32 = 40;
/// Least width of a server's address that is cut.
const SERVER_MIN: i32 = 40;
/// Width of a button with a picture, and of the button of the menu.
const PICTURE: i32 = 36;
const MENU: i32 = 84;
/// Labels of the button that finds text. FLTK draws the second as a magnifying glass.
const FIND: [&str; 2] = ["Find", "@search"];

/// Means by which a bar without room becomes narrower. Each includes those before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Means {
    /// Everything is there. Only a long name of the user is cut, to six letters.
    None,
    /// The padlock stands without words.
    Padlock,
    /// The button that finds text shows a picture.
    Find,
    /// The address of the server is cut, or left out.
    Server,
    /// There is less space between the buttons and in them.
    Spaces,
    /// The button that finds text is hidden.
    NoFind,
    /// The padlock is hidden.
    NoPadlock,
}

impl Means {
    const ALL: [Means; 7] =
        [Means::None, Means::Padlock, Means::Find, Means::Server, Means::Spaces, Means::NoFind, Means::NoPadlock];
}

/// Widths of the parts. What has none is hidden.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Widths {
    means: Means,
    server: i32,
    security: i32,
    now: i32,
    connect: i32,
    list: i32,
    find: i32,
    own: i32,
    menu: i32,
}

/// The bar.
pub(super) struct TopBar {
    row: Flex,
    /// The conversation while the sidebar is folded, and the server's address; as wide as the text.
    server: Frame,
    address: String,
    /// The conversation in the middle, while the sidebar does not name it.
    talk: Option<String>,
    pub(super) security: SecurityBadge,
    /// Shows the sidebar while it is folded.
    list: Button,
    /// Opens the card in place of the conversation, or cancels the next attempt.
    pub(super) connect: Button,
    /// Makes the next attempt at once.
    now: Button,
    find: Button,
    own_button: MenuButton,
    menu_button: MenuButton,
    offers_list: bool,
    offers_connect: bool,
    offers_now: bool,
    /// The widths that the parts have.
    widths: Option<Widths>,
    /// The user's own name, for which that button may be too narrow.
    name: String,
    /// The width of the bar and the parts that are offered, for which it was divided. `None` after a text or
    /// the zoom has changed: only then are the texts measured, which takes longer than the rest of an idle tick.
    divided: Option<(i32, [bool; 4])>,
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
        // It takes the rest of the width.
        let _ = Frame::default();
        let mut now = ui::primary_button("Connect now");
        now.hide();
        let now = place(&mut row, now, 116, "Try again without waiting", &send, Msg::ConnectNow);
        let mut connect = ui::primary_button("Connect …");
        connect.hide();
        let tip = "Choose a name and a server";
        let connect = place(&mut row, connect, 104, tip, &send, Msg::PressAtTop);
        let mut list = ui::button("Talks");
        list.hide();
        let list = place(&mut row, list, 84, "Show talks and people (F9)", &send, Msg::ToggleSidebar);
        let tip = "Find in the conversation (Ctrl+F)";
        let find = place(&mut row, ui::button(FIND[0]), 64, tip, &send, Msg::In(Pane::Room, Action::OpenFind));
        let mut own_button = ui::menu_button("You");
        own_button.set_tooltip("Away, register, disconnect");
        let mut menu_button = ui::menu_button("Menu");
        menu_button.set_tooltip("Find, save, settings, laboratory");
        row.end();
        page.fixed(&row, CONTROL_HEIGHT);
        let opening = send.clone();
        let menu = Menu::new(menu_button.clone(), move || opening(Msg::OpenMenu));
        let own = Menu::new(own_button.clone(), move || send(Msg::OpenMenu));
        TopBar {
            row,
            server,
            address: String::new(),
            talk: None,
            security,
            list,
            connect,
            now,
            find,
            own_button,
            menu_button,
            offers_list: false,
            offers_connect: false,
            offers_now: false,
            widths: None,
            name: String::new(),
            divided: None,
            own,
            menu,
        }
    }

    /// Returns whether a widget is in the bar.
    pub(super) fn contains(&self, widget: &Widget) -> bool {
        widget.inside(&self.row)
    }

    /// Shows the address of the server and the user's own name.
    pub(super) fn show(&mut self, server: &str, own: &str) {
        if self.address != server || self.name != own {
            server.clone_into(&mut self.address);
            own.clone_into(&mut self.name);
            self.label_server();
        }
    }

    /// Shows the button that unfolds the sidebar, with the number of unread private messages.
    pub(super) fn show_list_button(&mut self, shown: bool, unread: u64) {
        if shown {
            let label = counted(unread, "Talks");
            if self.list.label() != label {
                self.list.set_label(&label);
                self.divided = None;
            }
        }
        self.offers_list = shown;
    }

    /// Names the conversation in the middle, while the sidebar does not.
    pub(super) fn show_talk(&mut self, talk: Option<String>) {
        if self.talk != talk {
            self.talk = talk;
            self.label_server();
        }
    }

    fn label_server(&mut self) {
        let parts = self.talk.iter().chain([&self.address]).filter(|part| !part.is_empty());
        self.server.set_label(&parts.map(String::as_str).collect::<Vec<_>>().join(" · "));
        self.divided = None;
    }

    /// Labels the button that connects, or hides it. Shows the button that does not wait for the next attempt.
    pub(super) fn show_connect(&mut self, label: Option<&str>, now: bool) {
        if let Some(label) = label.filter(|label| self.connect.label() != *label) {
            self.connect.set_label(label);
            self.divided = None;
        }
        // A row has one primary button.
        ui::set_primary(&mut self.connect, !now);
        (self.offers_connect, self.offers_now) = (label.is_some(), now);
    }

    /// Divides the width of the bar after a change of the zoom.
    pub(super) fn fit_zoomed(&mut self) {
        self.divided = None;
        self.fit();
    }

    /// Divides the width of the bar. Called with every tick and whenever a part is shown or hidden, because a layout cannot be
    /// changed from within another.
    pub(super) fn fit(&mut self) {
        let offers = [self.offers_connect, self.offers_now, self.offers_list, self.security.is_known()];
        let between = Some((self.row.w(), offers));
        if std::mem::replace(&mut self.divided, between) == between {
            return;
        }
        let Some(widths) = Means::ALL.into_iter().find_map(|means| self.widths(means)) else { return };
        let arrow = arrow(widths.means);
        draw::set_font(Font::Helvetica, ui::TEXT_SIZE);
        set_label(&mut self.own_button, &ui::escape_label(&elide(&self.name, widths.own - arrow)));
        if self.widths.replace(widths) == Some(widths) {
            return;
        }
        set_label(&mut self.find, FIND[usize::from(widths.means >= Means::Find)]);
        self.row.set_pad(gap(widths.means));
        for (widget, width) in [
            (self.server.as_base_widget(), widths.server),
            (self.security.widget().as_base_widget(), widths.security),
            (self.now.as_base_widget(), widths.now),
            (self.connect.as_base_widget(), widths.connect),
            (self.list.as_base_widget(), widths.list),
            (self.find.as_base_widget(), widths.find),
            (self.own_button.as_base_widget(), widths.own),
            (self.menu_button.as_base_widget(), widths.menu),
        ] {
            let mut widget = widget;
            self.row.fixed(&widget, width);
            if width > 0 {
                widget.show();
            } else {
                widget.hide();
            }
        }
        self.row.layout();
        // A bar that was wider than the window has been drawn beside its place, too.
        if let Some(mut page) = self.row.parent() {
            page.redraw();
        }
    }

    /// Returns the widths by these means, or `None` if there is no room for them.
    fn widths(&self, means: Means) -> Option<Widths> {
        let (gap, arrow) = (gap(means), arrow(means));
        draw::set_font(Font::HelveticaBold, ui::TEXT_SIZE);
        let whole_server = text_width(&self.server.label()) + 4;
        draw::set_font(Font::Helvetica, ui::TEXT_SIZE);
        let is_narrow = means >= Means::Spaces;
        let labelled = |is_shown: bool, label: &str, usual: i32| match (is_shown, text_width(label)) {
            (false, _) => 0,
            (true, text) if is_narrow => text + 16,
            (true, text) => usual.max(text + 20),
        };
        let mut widths = Widths {
            means,
            server: 0,
            security: match means {
                Means::None => SecurityBadge::WIDTH,
                Means::NoPadlock => 0,
                _ => SecurityBadge::PADLOCK,
            },
            now: labelled(self.offers_now, "Connect now", 116),
            connect: labelled(self.offers_connect, &self.connect.label(), 104),
            list: labelled(self.offers_list, &self.list.label(), 84),
            find: match means {
                Means::None | Means::Padlock => 64,
                Means::NoFind | Means::NoPadlock => 0,
                _ => PICTURE,
            },
            own: 0,
            menu: if is_narrow { MENU - 14 } else { MENU },
        };
        if !self.security.is_known() {
            widths.security = 0;
        }
        let others = [widths.security, widths.now, widths.connect, widths.list, widths.find, widths.menu];
        // The rest of the width and the user's own name have gaps, too.
        let gaps = gap * (1 + others.iter().map(|width| i32::from(*width > 0)).sum::<i32>());
        let room = self.row.w() - others.iter().sum::<i32>() - gaps;
        let whole_own = (text_width(&self.name) + 2 + arrow).clamp(*OWN_WIDTHS.start(), *OWN_WIDTHS.end());
        let six: String = self.name.chars().take(6).chain(['…']).collect();
        let least_own = (text_width(&six) + 2 + arrow).clamp(*OWN_WIDTHS.start(), whole_own);
        let least_server = if means < Means::Server { whole_server + gap } else { 0 };
        if means < Means::NoPadlock && room < least_own + least_server {
            return None;
        }
        widths.own = (room - whole_server - gap).clamp(least_own, whole_own).min(room.max(0));
        let server = whole_server.min(room - widths.own - gap);
        if server >= SERVER_MIN.min(whole_server) {
            widths.server = server;
        }
        Some(widths)
    }
}

/// Returns the space between the parts.
fn gap(means: Means) -> i32 {
    if means >= Means::Spaces { 4 } else { ui::GAP }
}

/// Returns the space beside the user's own name.
fn arrow(means: Means) -> i32 {
    if means >= Means::Spaces { ARROW - 10 } else { ARROW }
}
