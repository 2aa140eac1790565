//! The page of the conversation in the room: the newest messages, the marked one as a whole, and the field for an announcement.
//! Main thread only; the rows are in the model.

use fltk::button::Button;
use fltk::enums::{FrameType, Shortcut};
use fltk::group::Flex;
use fltk::prelude::{DisplayExt as _, GroupExt as _, WidgetBase as _, WidgetExt as _};
use fltk::text::{TextBuffer, TextDisplay, WrapMode};

use super::action_bar::{ask_ban, ask_kick};
use super::context::{Context, Msg};
use super::deleting;
use super::list_page::{DELETE, ENTER, Item, ListPage, SHIFT_DELETE, empty};
use super::widgets::{TIGHT, add_button, set_active};
use crate::monitor::model::{About, ChatRow, Model};
use crate::ui::{self, Field, Marking, theme};

/// Width of a button, in pixels.
const BUTTON: i32 = 84;
/// Minimum and maximum height of the marked message as a whole, in pixels. Otherwise it has what the list can spare.
const WHOLE: (i32, i32) = (36, 140);
/// Height of the list beside it, and of the row below, with the space around them.
const BESIDE_WHOLE: i32 = 2 * TIGHT + ui::CONTROL_HEIGHT + 110;
/// Texts of an empty list.
const NOTHING_SAID: &str = "Nothing has been said. Messages appear here as they are sent";
const NOT_KEPT: &str = "This server keeps no messages (--no-history), so they cannot be shown here";

/// The page.
#[derive(Debug)]
pub(super) struct ChatPage {
    pub(super) column: Flex,
    pub(super) list: ListPage<ChatRow>,
    pub(super) announcement: Field,
    delete: Button,
    /// The text of the marked message as a whole, on its card.
    whole: TextBuffer,
    card: Flex,
}

impl ChatPage {
    /// Creates an empty page in the current group.
    pub(super) fn new(context: &Context) -> ChatPage {
        let mut column = Flex::default().column();
        column.set_pad(TIGHT);
        // It draws a background of its own, so that a list that becomes smaller leaves no trace.
        column.set_frame(FrameType::FlatBox);
        column.set_color(theme::BACKGROUND);
        let list = ListPage::new(context, |model| &model.chat.list, |model| &mut model.chat.list, Marking::One, menu());
        let (whole, card) = whole_message();
        let mut row = ui::row();
        let mut announcement =
            Field::hinted("Announce to everyone", "Send this to everyone as an announcement (Enter)");
        let field = announcement.clone();
        let announce = move |_: &Model| Some(Msg::Announce(field.value()));
        announcement.on_enter(context.on(announce.clone()));
        add_button(&mut row, BUTTON, "Send", "Send this to everyone (Enter)", context.on(announce));
        let tooltip = "Delete the selected message, also from the screens of chat windows (Delete)";
        let delete = add_button(&mut row, BUTTON, "Delete …", tooltip, context.on(ask_delete_one));
        row.end();
        column.fixed(&row, ui::CONTROL_HEIGHT);
        column.end();
        ChatPage { column, list, announcement, delete, whole, card }
    }

    /// Shows the marked message as a whole below the list, which its row may have no room for, or no longer.
    pub(super) fn toggle_whole(&mut self) {
        let is_shown = self.card.visible();
        self.column.fixed(&self.card, (self.column.h() - BESIDE_WHOLE).clamp(WHOLE.0, WHOLE.1));
        ui::set_shown(&mut self.card, !is_shown);
        self.column.layout();
        self.column.redraw();
        self.list.table().show_focused();
    }

    /// Draws the conversation, if it has changed. Called with every tick.
    pub(super) fn show(&mut self, model: &Model) {
        let hint = if model.chat.is_unavailable() { NOT_KEPT } else { NOTHING_SAID };
        if !self.list.show(model, empty(model, hint)) {
            return;
        }
        let marked = model.chat.list.marked();
        set_active(&mut self.delete, marked.is_some_and(|row| row.message().is_some()));
        let text = marked.map(ChatRow::text).unwrap_or_default();
        if self.whole.text() != text {
            self.whole.set_text(&text);
        }
    }
}

/// Creates the text of the marked message, hidden, and its card in the current group.
fn whole_message() -> (TextBuffer, Flex) {
    let mut card = ui::card();
    card.set_margins(8, 4, 8, 4);
    let (mut display, buffer) = (TextDisplay::default(), TextBuffer::default());
    display.set_buffer(buffer.clone());
    display.wrap_mode(WrapMode::AtBounds, 0);
    display.set_frame(FrameType::FlatBox);
    display.set_color(theme::SURFACE);
    display.set_text_color(theme::TEXT);
    display.set_text_size(ui::TEXT_SIZE);
    display.set_selection_color(theme::ACCENT);
    display.show_cursor(false);
    ui::style_scrollbars(&display);
    display.draw(|display| ui::draw_scrollbars(display));
    display.clear_visible_focus();
    card.end();
    card.hide();
    (buffer, card)
}

/// Returns the items of the context menu.
fn menu() -> Vec<Item> {
    vec![
        Item("Show all of it", ENTER, |_| Some(Msg::ToggleWhole)),
        Item("Delete …", DELETE, ask_delete_one),
        Item("Delete all by this name …", SHIFT_DELETE, ask_delete_all),
        Item("Kick …", Shortcut::None, |model| with_sender(model, ask_kick)),
        Item("Ban …", Shortcut::None, |model| with_sender(model, ask_ban)),
    ]
}

fn ask_delete_one(model: &Model) -> Option<Msg> {
    Some(deleting::ask_one(model.chat.list.marked()?.message()?, About::Chat))
}

/// Returns the question about all messages of the sender of the marked one, deleted or not.
fn ask_delete_all(model: &Model) -> Option<Msg> {
    Some(deleting::ask_all(model.chat.list.marked()?.sender()?, About::Chat))
}

/// Returns the message that selects the sender of the marked message among the people, and then asks about them.
fn with_sender(model: &Model, ask: fn(&Model) -> Option<Msg>) -> Option<Msg> {
    Some(Msg::AskAbout(model.chat.list.marked()?.sender()?.to_owned(), ask))
}
