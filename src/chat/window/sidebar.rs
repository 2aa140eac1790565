//! The sidebar: the list of conversations, and the list of the people in the room with a field that filters it. Its
//! inner border can be dragged, and it folds away in a narrow window. Runs on the UI thread.

use fltk::enums::Event;
use fltk::frame::Frame;
use fltk::group::Flex;
use fltk::prelude::{GroupExt as _, WidgetBase as _, WidgetExt};

mod drawing;
mod folding;
mod list;
mod menus;
mod order;

use super::keys;
use super::messages::Msg;
use super::talks::SeenByUser;
use super::widgets::{column, on_click, plate, set_label};
use crate::chat::input::shortcuts::{KeyAction, Place};
use crate::chat::state::{Chat, Row, TalkId, TalkRow};
use crate::clock::Clock;
use crate::ui::{self, CAPTION_HEIGHT, CONTROL_HEIGHT, Drag, Field, Settings, set_shown, theme};
use folding::Folding;
use list::{Item, List, ListEvent, NAME_HEIGHT};
use menus::{IGNORED_MENU, OWN_MENU, PERSON_MENU, PERSON_MENUS, PRIVATE_MENU, ROOM_MENU, TALK_MENUS};

/// Maximum number of names that are listed. No one reads more, and listing them would take longer than a tick.
const SHOWN_MAX: usize = 1000;
/// Thickness of the border beside it.
const BORDER: i32 = ui::GAP;
/// Least height of the list of people, in rows.
const PEOPLE_MIN: i32 = 3;

/// The widgets, and what they show.
pub(super) struct Sidebar {
    border: Frame,
    side: Flex,
    here: Frame,
    talks_plate: Flex,
    talks_title: Frame,
    talks: List<TalkId>,
    filter: Field,
    people: List<String>,
    folding: Folding,
    /// The conversations with their numbers of unread messages, whatever the filter hides.
    order: Vec<(TalkId, u64)>,
    /// The shown state: the versions of the model's lists, the state of the views, and the filter.
    shown: Option<(u64, SeenByUser, String)>,
}

impl Sidebar {
    /// Creates the sidebar as the last child of a row without gaps.
    pub(super) fn build(middle: &mut Flex, settings: &Settings, send: &(impl Fn(Msg) + Clone + 'static)) -> Sidebar {
        let dragged = send.clone();
        let moved = move |step: i32| dragged(Msg::DragSidebar(step));
        let border = ui::splitter(Drag::Sideways, "Drag: wider or narrower (F9: hide or show the list)", moved);
        middle.fixed(&border, BORDER);
        let side = column();
        let mut talks_plate = plate();
        let talks_title = ui::heading("TALKS");
        talks_plate.fixed(&talks_title, CAPTION_HEIGHT);
        let mut talks = List::build(&talks_plate);
        talks_plate.end();

        let mut here_plate = plate();
        let mut head = Flex::default().row();
        let here = ui::heading("");
        let mut find = ui::button("Find");
        find.set_label_size(ui::TEXT_SIZE - 2);
        find.set_tooltip("Go to a person or a talk by part of the name (Ctrl+K)");
        on_click(&mut find, send, Msg::OpenFilter);
        head.fixed(&find, 44);
        head.end();
        here_plate.fixed(&head, CAPTION_HEIGHT);
        let filter = build_filter(&mut here_plate, send);
        let mut people = List::build(&here_plate);
        here_plate.end();
        side.end();
        bind(&mut talks, &mut people, send);
        let folding = Folding::remembered(settings);
        middle.fixed(&side, folding.width());
        let (shown, order) = Default::default();
        Sidebar { border, side, here, talks_plate, talks_title, talks, filter, people, folding, order, shown }
    }

    /// Updates the lists, if they have changed. `current` is the conversation that the window shows.
    pub(super) fn draw(&mut self, chat: &Chat, seen: SeenByUser, current: TalkId, clock: &Clock) {
        let is_turned = self.talks.set_current(current);
        self.draw_lists(chat, seen, clock);
        if is_turned {
            self.talks.show_chosen();
        }
    }

    fn draw_lists(&mut self, chat: &Chat, seen: SeenByUser, clock: &Clock) {
        let shown = (chat.rows_version() + chat.ignored.version(), seen, self.filter.value());
        if self.shown.as_ref() == Some(&shown) {
            return;
        }
        let part = shown.2.trim();
        let talks = chat.talk_rows(&shown.1);
        let unread = talks.iter().filter(|row| row.unread > 0).count();
        set_label(&mut self.talks_title, &if unread == 0 { "TALKS".into() } else { format!("TALKS {unread} unread") });
        self.order = talks.iter().map(|row| (row.talk, row.unread)).collect();
        let talks: Vec<_> = talks.into_iter().filter(|row| row.has_in_name(part)).map(talk_item).collect();
        let (people, more) = chat.rows(part, SHOWN_MAX, clock);
        let is_nobody = !part.is_empty() && talks.is_empty() && people.is_empty();
        self.people.set_hint(if is_nobody { "No name has that" } else { "" });
        let is_room_first = talks.first().is_some_and(|item| item.key == chat.talks.room_id());
        self.talks.show(talks, 0, Some(usize::from(is_room_first)));
        if part.is_empty() {
            // The list keeps its order under the mouse.
            self.order = self.talks.state.borrow().items.iter().map(|item| (item.key, item.unread)).collect();
        }
        let person = |row: Row| {
            let is_ignored = chat.ignored.hides(&row.name);
            person_item(row, is_ignored)
        };
        self.people.show(people.into_iter().map(person).collect(), more, None);
        let count = chat.people.roster().len();
        set_label(&mut self.here, &if count == 0 { "HERE".to_owned() } else { format!("HERE {count}") });
        self.shown = Some(shown);
        self.fit_talks();
    }

    /// Adapts the layout to the size of the window and to the number of conversations. Called with every tick, because a
    /// layout cannot be changed from within another.
    pub(super) fn fit(&mut self, window_width: i32) {
        self.folding.fit(window_width);
        let (is_shown, width) = (self.folding.is_shown(), self.folding.width());
        if let Some(mut middle) = self.side.parent().and_then(|middle| Flex::from_dyn_widget(&middle)) {
            if self.side.visible() != is_shown {
                set_shown(&mut self.border, is_shown);
                set_shown(&mut self.side, is_shown);
            }
            if is_shown && self.side.w() != width {
                middle.fixed(&self.side, width);
                middle.layout();
                middle.redraw();
            }
        }
        self.fit_talks();
        self.talks.fit();
        self.people.fit();
    }

    /// Gives the list of conversations the height of its rows, as far as there is room. While the mouse is over the people,
    /// they stay where they are, and while names are filtered, the field stays.
    fn fit_talks(&mut self) {
        if self.people.is_pointed_at() || self.filter.group().visible() || !self.side.visible() {
            return;
        }
        let around = self.talks_plate.h() - self.talks.area.h();
        let room = self.side.h() - ui::GAP - 2 * around - PEOPLE_MIN * NAME_HEIGHT;
        let wanted = self.talks.state.borrow().height();
        let height = around + wanted.min(room.min(self.side.h() / 2)).max(NAME_HEIGHT);
        if self.talks_plate.h() != height {
            self.side.fixed(&self.talks_plate, height);
            self.side.layout();
            self.side.redraw();
        }
    }

    /// Moves the border by a step of the drag.
    pub(super) fn drag(&mut self, step: i32) {
        self.folding.widen(-step);
    }

    /// Shows the sidebar if it is folded, or folds it.
    pub(super) fn toggle(&mut self) {
        self.folding.set_shown(!self.folding.is_shown());
    }

    /// Returns whether the sidebar is shown.
    pub(super) fn is_shown(&self) -> bool {
        self.folding.is_shown()
    }

    /// Returns whether a widget belongs to the sidebar.
    pub(super) fn contains(&self, widget: &impl WidgetExt) -> bool {
        widget.inside(&self.side)
    }

    /// Shows the filter field and focuses it. A folded sidebar is shown for that time.
    pub(super) fn open_filter(&mut self, window_width: i32) {
        self.folding.set_filtering(true);
        self.fit(window_width);
        set_shown(&mut self.filter.group().clone(), true);
        self.filter.focus();
    }

    /// Returns the text of the filter field.
    pub(super) fn filter_text(&self) -> String {
        self.filter.value()
    }

    /// Clears the filter field and hides it.
    pub(super) fn close_filter(&mut self) {
        self.folding.set_filtering(false);
        self.filter.set_value("");
        set_shown(&mut self.filter.group().clone(), false);
    }

    /// Focuses the list of people, on its first row; if the filter leaves none, that of the conversations.
    pub(super) fn go_to_list(&mut self) {
        if !self.people.focus_first() {
            self.talks.focus_first();
        }
    }

    /// Returns the conversations in the order in which they are listed, with their numbers of unread messages.
    pub(super) fn order(&self) -> Vec<(TalkId, u64)> {
        self.order.clone()
    }

    /// Stores width and folding in the settings.
    pub(super) fn remember(&self, settings: &mut Settings) {
        self.folding.remember(settings);
    }

    /// Returns the title of the list of conversations.
    pub(super) fn talks_title(&self) -> String {
        self.talks_title.label()
    }

    /// Returns the listed conversations, one line for each.
    pub(super) fn talk_lines(&self) -> Vec<String> {
        self.talks.lines()
    }

    /// Returns the listed people, one line for each.
    pub(super) fn people_lines(&self) -> Vec<String> {
        self.people.lines()
    }
}

/// Creates the filter field, hidden, in a column.
fn build_filter(column: &mut Flex, send: &(impl Fn(Msg) + Clone + 'static)) -> Field {
    let mut filter = Field::hinted("Part of a name", "Enter opens the first talk, Escape goes back");
    let changed = send.clone();
    filter.on_change(move |_| changed(Msg::Filter));
    let send = send.clone();
    filter.on_event(move |event| {
        let key = if event == Event::KeyDown { keys::find(Place::Filter) } else { None };
        match key {
            Some(KeyAction::Open) => send(Msg::OpenFirstMatch),
            Some(KeyAction::Close) => send(Msg::CloseFilter),
            Some(KeyAction::GoToList) => send(Msg::GoToList),
            _ => return false,
        }
        true
    });
    column.fixed(filter.group(), CONTROL_HEIGHT);
    filter.group().clone().hide();
    filter
}

/// Gives the lists their actions and their context menus.
fn bind(talks: &mut List<TalkId>, people: &mut List<String>, send: &(impl Fn(Msg) + Clone + 'static)) {
    let (chosen, area) = (send.clone(), talks.area.clone());
    let menus = menus::build(TALK_MENUS);
    let listed = talks.clone();
    talks.on_event(move |event, talk| match event {
        ListEvent::Chosen | ListEvent::Opened => chosen(Msg::ShowTalk(talk)),
        ListEvent::Menu => menus::choose(&menus, &TALK_MENUS, &listed, talk, &area, &chosen),
    });
    let (chosen, area) = (send.clone(), people.area.clone());
    let menus = menus::build(PERSON_MENUS);
    let listed = people.clone();
    people.on_event(move |event, name| match event {
        ListEvent::Chosen => {}
        ListEvent::Opened => chosen(Msg::OpenPrivate(name)),
        ListEvent::Menu => menus::choose(&menus, &PERSON_MENUS, &listed, name, &area, &chosen),
    });
}

/// Note beside the name of a conversation in which text waits that was not sent.
const DRAFT: &str = "draft";

fn talk_item(row: TalkRow) -> Item<TalkId> {
    let color = match (row.color, &row.note) {
        (_, Some(_)) => theme::MUTED,
        (Some(color), None) => theme::NAMES[color],
        (None, _) => theme::TEXT,
    };
    let details = row.details();
    let tip = if details.is_empty() { row.shown.clone() } else { format!("{}: {details}", row.shown) };
    let menu = match (row.color, &row.note) {
        (Some(_), _) => Some(PRIVATE_MENU),
        (None, Some(_)) => Some(ROOM_MENU),
        (None, None) => None,
    };
    let TalkRow { talk, shown, note, unread, has_draft, .. } = row;
    let beside = if has_draft { DRAFT } else { "" };
    Item { key: talk, name: shown, color, beside, note, unread, menu, tip }
}

fn person_item(row: Row, is_ignored: bool) -> Item<String> {
    let tip = match row.details() {
        details if details.is_empty() => format!("{}: double-click to open a talk", row.shown),
        details => format!("{}: {details}", row.shown),
    };
    let Row { name, shown, color, is_me, away } = row;
    let (beside, color, menu) = match (is_me, is_ignored) {
        (true, _) => ("you", theme::NAMES[color], OWN_MENU),
        (false, true) => ("ignored", theme::MUTED, IGNORED_MENU),
        (false, false) => ("", theme::NAMES[color], PERSON_MENU),
    };
    Item { key: name, name: shown, color, beside, note: away, unread: 0, menu: Some(menu), tip }
}
