//! The conversation on the screen: a widget that draws a [`Page`](crate::chat::render::page::Page) in columns, follows its
//! end unless the reader has scrolled up, and keeps what is read in its place whatever changes above.
//!
//! The widget is our own. FLTK's text display has no hanging indent, numbers rows from the beginning of the text, and
//! wraps all of it to know how many there are. This one lays out the lines in sight only, each time something changes,
//! which makes the number of lines that are kept irrelevant. Runs on the UI thread.
//!
//! | file | does |
//! | --- | --- |
//! | `place.rs` | the page and the reader's place in it |
//! | `view.rs` | where everything stands in the widget |
//! | `events.rs` | scrolling and selecting |
//! | `drawing.rs` | drawing |
//! | `fonts.rs` | the widths of words |
//! | `target.rs` | the target of a context menu |
//! | `shown.rs` | what is shown, as text |

use std::cell::RefCell;
use std::rc::Rc;

use fltk::group::Flex;
use fltk::prelude::{WidgetBase as _, WidgetExt as _};
use fltk::widget::Widget;

mod drawing;
mod events;
mod fonts;
mod place;
mod shown;
mod target;
mod view;

pub(super) use events::Events;
pub(super) use place::SavedPlace;
pub use shown::Shown;
pub(super) use target::Target;

use super::under_line::FirstRow;
use crate::chat::render::find::Towards;
use crate::chat::render::page::Reader;
use crate::chat::render::selection::{Point, Selection, Span};
use crate::chat::state::{MessageLog, Pending, Position, Splice};
use crate::clock::Clock;
use crate::ui;
use place::{Place, SearchStart};
use view::View;

/// The view of a conversation's text.
pub(super) struct Transcript {
    widget: Widget,
    clock: Clock,
    view: Rc<RefCell<View>>,
    /// Number of messages below the visible part at the last tick.
    told_unseen: u64,
}

/// Creates the widget of a view on its plate.
pub(super) fn build_widget(plate: &mut Flex) -> Widget {
    let widget = Widget::default();
    ui::add_focus_ring(plate, &widget, |_| false);
    widget
}

impl Transcript {
    /// Creates the view in its widget, with a row that may be drawn over its last one.
    pub(super) fn new(widget: &Widget, over: FirstRow, clock: Clock) -> Transcript {
        let mut widget = widget.clone();
        let view = Rc::new(RefCell::new(View::new(widget.clone(), Place::new(clock.clone()))));
        let drawn = Rc::clone(&view);
        widget.draw(move |widget| {
            if let Ok(mut view) = drawn.try_borrow_mut() {
                view.draw();
            }
            over.draw_over(widget);
        });
        Transcript { widget, clock, view, told_unseen: 0 }
    }

    /// Returns the text as it stands in the window.
    pub(super) fn shown(&self) -> Shown {
        Shown::of(&self.view)
    }

    /// Returns the handler of the widget's events.
    pub(super) fn events(&self) -> Events {
        Events(Rc::clone(&self.view))
    }

    /// Returns true while a mouse button is down that was pressed in the text: nothing may move then.
    pub(super) fn is_held(&self) -> bool {
        ui::is_held(&self.widget)
    }

    /// Returns whether another place in the text may be under the mouse since the last call.
    pub(super) fn was_redrawn(&self) -> bool {
        std::mem::take(&mut self.view.borrow_mut().is_relaid)
    }

    /// Runs 30 times a second. Returns whether another widget needs a redraw.
    pub(super) fn tick(&mut self) -> bool {
        let view = &mut *self.view.borrow_mut();
        let new_above = view.place.is_new_seen;
        if view.drag.is_some() {
            view.scroll_while_selecting();
        } else if view.widget.visible_r() {
            view.lay_out();
        }
        if view.place.is_new_seen != new_above {
            view.widget.redraw();
        }
        // It changes while the view is drawn, too.
        std::mem::replace(&mut self.told_unseen, view.place.unseen) != view.place.unseen
    }

    /// Returns the entries in view, if the reader has scrolled up since the last call or, with `tries`, has tried to.
    pub(super) fn scrolled_up(&mut self, tries: bool) -> Option<(Position, Position)> {
        let view = &mut *self.view.borrow_mut();
        view.lay_out();
        let up = view.place.viewport.take_scrolled_up() || tries;
        let (first, last) = (view.place.viewport.laid().first()?, view.place.viewport.laid().last()?);
        up.then_some((first.entry, last.entry + 1))
    }

    /// Returns the last entry in view.
    pub(super) fn last_in_view(&self) -> Position {
        let view = &mut *self.view.borrow_mut();
        view.lay_out();
        view.place.viewport.laid().last().map_or(view.place.page.end(), |laid| laid.entry)
    }

    /// Selects an entry and scrolls it into view.
    pub(super) fn show_entry(&mut self, entry: Position) {
        let line = self.view.borrow().place.page.whole_line(entry);
        line.into_iter().for_each(|line| self.show(line));
    }

    /// Selects a piece of a line and scrolls it into view.
    pub(super) fn show(&mut self, span: Span) {
        let view = &mut *self.view.borrow_mut();
        view.lay_out();
        view.place.viewport.lead_to(Point { entry: span.entry, byte: span.start });
        view.place.selection = Some(Selection::of(span));
        view.lay_out();
        view.widget.redraw();
    }

    /// Leads to the first new message.
    pub(super) fn show_first_new(&mut self) {
        self.view.borrow_mut().show_first_new();
    }

    /// Scrolls to the end and follows new entries.
    pub(super) fn follow(&mut self) {
        let view = &mut *self.view.borrow_mut();
        view.place.viewport.follow();
        view.place.unseen = 0;
        view.widget.redraw();
    }

    /// Returns the number of messages below the visible part that arrived there.
    pub(super) fn unseen(&self) -> u64 {
        self.view.borrow().place.unseen
    }

    /// Updates the page from the log. `focused` says whether the user looks at this window. Returns whether the hits of a
    /// search have changed.
    pub(super) fn draw<'a>(
        &mut self,
        log: &MessageLog,
        reader: Reader<'_>,
        pending: impl IntoIterator<Item = &'a Pending>,
        new_from: Option<Position>,
        splices: &[Splice],
        focused: bool,
    ) -> bool {
        let view = &mut *self.view.borrow_mut();
        view.is_looked_at = focused;
        let place = &mut view.place;
        let settled = splices.iter().fold(place.page.settled_end(), |end, splice| splice.moved(end));
        let has_deleted = splices.iter().any(Splice::is_in_place);
        let unseen_from = has_deleted.then(|| place.page.start_of_newest(place.unseen));
        place.splice(splices);
        place.page.splice(log, reader, splices);
        place.page.update(log, reader, pending, new_from);
        if std::mem::replace(&mut place.first_new, new_from) != new_from {
            place.is_new_seen = false;
        }
        let Some(from) = place.page.take_changed() else { return false };
        place.viewport.page_changed(&place.page, from, splices);
        place.selection = place.selection.and_then(|selection| place.page.select_still(selection, splices, settled));
        view.pressed = view.pressed.and_then(|pressed| place.page.select_still(pressed, splices, settled));
        if let Some(from) = unseen_from {
            let from = splices.iter().fold(from, |from, splice| splice.moved(from));
            place.unseen = place.page.messages(from, place.counted_to) as u64;
        }
        let end = place.page.settled_end();
        let arrived = place.page.messages(std::mem::replace(&mut place.counted_to, end), end);
        place.unseen = if place.viewport.is_following() { 0 } else { place.unseen + arrived as u64 };
        view.widget.redraw();
        place.find.update(&place.page, from, splices)
    }

    /// Takes the page with the reader's place, before another conversation is shown.
    pub(super) fn leave(&mut self) -> SavedPlace {
        let place = Place::new(self.clock.clone());
        SavedPlace(Some(std::mem::replace(&mut self.view.borrow_mut().place, place)))
    }

    /// Shows the page of another conversation, with the reader at this place. To be brought up to date at once.
    pub(super) fn turn_to(&mut self, place: SavedPlace) {
        let view = &mut *self.view.borrow_mut();
        (view.drag, view.pressed, view.is_relaid) = (None, None, true);
        view.place = place.0.unwrap_or_else(|| Place::new(self.clock.clone()));
        view.place.viewport.refresh();
        view.widget.redraw();
    }

    /// Begins a search, with the text of the last one. The visible part stays in view until there is a hit.
    pub(super) fn begin_search(&mut self, wanted: &str) {
        let from = self.last_in_view();
        let place = &mut self.view.borrow_mut().place;
        place.search_start = Some(SearchStart(place.viewport.place()));
        place.find.begin(wanted, from);
        place.search_on();
        self.widget.redraw();
    }

    /// Ends the search: nothing is marked any more, and the view returns to where the search began, unless the reader has
    /// scrolled since the last hit.
    pub(super) fn end_search(&mut self) {
        self.return_to_search_start();
        let place = &mut self.view.borrow_mut().place;
        place.find.end();
        place.search_start = None;
    }

    /// Searches for another text, as far as there is time for. Returns whether the current hit is known.
    pub(super) fn search(&mut self, wanted: &str) -> bool {
        let place = &mut self.view.borrow_mut().place;
        place.find.look_for(wanted);
        place.search_on()
    }

    /// Returns whether a search has not come to its end.
    pub(super) fn is_searching(&self) -> bool {
        self.view.borrow().place.find.is_searching()
    }

    /// Searches on. Returns whether the current hit is known since then.
    pub(super) fn search_on(&mut self) -> bool {
        self.widget.redraw();
        self.view.borrow_mut().place.search_on()
    }

    /// Goes to the next hit or the previous one.
    pub(super) fn step(&mut self, towards: Towards) {
        let place = &mut self.view.borrow_mut().place;
        place.find.step(towards, &place.page);
    }

    /// Shows the current hit or, without one, the place where the search began.
    pub(super) fn show_hit(&mut self) {
        let hit = self.view.borrow().place.find.current;
        match hit {
            Some(hit) => self.show(hit),
            None => self.return_to_search_start(),
        }
    }

    fn return_to_search_start(&mut self) {
        let view = &mut *self.view.borrow_mut();
        view.place.selection = None;
        if let Some(began) = view.place.search_start
            && view.place.viewport.is_led()
        {
            view.place.viewport.go_back(began.0);
        }
        view.widget.redraw();
    }

    /// Returns the number of hits in words.
    pub(super) fn found(&self) -> String {
        self.view.borrow().place.find.words()
    }

    /// Returns the selection.
    pub(super) fn selection(&self) -> Option<Selection> {
        self.view.borrow().place.selection
    }

    /// Returns the selected text as it is copied.
    pub(super) fn selected_text(&self) -> Option<String> {
        self.view.borrow().place.selected_text()
    }

    /// Selects the newest link, or the one before the selection. Returns whether there is one.
    pub(super) fn select_link(&mut self) -> bool {
        let link = self.view.borrow().place.link_before_selection();
        link.inspect(|link| self.show(*link)).is_some()
    }

    /// Returns the link at the start of the selection.
    pub(super) fn selected_link(&self) -> Option<String> {
        let place = &self.view.borrow().place;
        place.link_at(place.selection?.from)
    }

    /// Returns the link at a position in the window, with its entry.
    pub(super) fn link_at(&self, x: i32, y: i32) -> Option<(Position, String)> {
        let view = &mut *self.view.borrow_mut();
        let point = view.letter_at(x, y)?;
        Some((point.entry, view.place.link_at(point)?))
    }

    /// Returns whether a position in the window is over text, and not over the scrollbar or a button.
    pub(super) fn is_text(&self, x: i32, y: i32) -> bool {
        let view = self.view.borrow();
        x < view.columns().bar && !view.is_above_button(x, y)
    }
}
