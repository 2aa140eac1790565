//! Reading a conversation: its [`Transcript`], and the actions on its text. These are find, copy, open a link, save as
//! text, and the mark before the first unread message. Each window with a conversation has one. Runs on the UI thread.

use std::cell::{Cell, RefCell};
use std::path::PathBuf;
use std::rc::Rc;
use std::time::{Duration, Instant};

use fltk::app;
use fltk::enums::{Event, Key};
use fltk::group::Flex;
use fltk::menu::MenuButton;
use fltk::prelude::{WidgetBase as _, WidgetExt as _};
use fltk::text::TextDisplay;

mod actions;
mod pointing;
mod remarks;

use super::find::{FindBar, Finding};
use super::results::SearchResults;
use super::save::SaveBar;
use super::transcript::Transcript;
use crate::chat::background::{BackgroundTasks, Report};
use crate::chat::render::find::Find;
use crate::chat::state::{MessageLog, Pending, Position, Search, Splice, UnreadTracker};
use crate::clock::Clock;
use crate::mood::Mood;
use crate::ui;

/// Time for which the status line shows a remark.
const REMARK_DURATION: Duration = Duration::from_secs(15);

/// Calls a closure with the log of the conversation, which stays borrowed for that call only.
type WithLog = dyn Fn(&mut dyn FnMut(&MessageLog));

/// The rows below a conversation, shown on demand.
#[derive(Clone)]
pub(super) struct ToolBars {
    results: SearchResults,
    find: FindBar,
    save: SaveBar,
}

impl ToolBars {
    /// Creates them, hidden, in a column.
    pub(in crate::chat::window) fn build(column: &mut Flex) -> ToolBars {
        ToolBars { results: SearchResults::build(column), find: FindBar::build(column), save: SaveBar::build(column) }
    }
}

/// A link in the conversation: the entry that contains it, and the address.
type Link = (Position, String);

/// The reading part of a conversation view. Cloning it gives another handle to the same.
#[derive(Clone)]
pub(in crate::chat::window) struct Reading {
    inner: Rc<Inner>,
}

struct Inner {
    display: TextDisplay,
    bars: RefCell<ToolBars>,
    transcript: RefCell<Transcript>,
    unread: RefCell<UnreadTracker>,
    find: RefCell<Find>,
    tasks: RefCell<BackgroundTasks>,
    with_log: Box<WithLog>,
    clock: Clock,
    /// The user's home directory.
    home: Option<PathBuf>,
    /// Position of the mouse, while it is over the conversation.
    mouse: Cell<Option<(i32, i32)>>,
    /// The link under the mouse, whose destination the status line shows.
    hovered: RefCell<Option<Link>>,
    /// The link on which the mouse button was pressed, if the status line was showing its destination.
    pressed: RefCell<Option<Link>>,
    /// Destination, in words, of the link that Enter would open.
    selected: RefCell<Option<String>>,
    /// Outcome of the last action, and when it was set.
    remark: RefCell<Option<(Instant, Mood, String)>>,
    private: bool,
    /// Text to search for in the server's history.
    server_search: RefCell<Option<String>>,
    /// The wheel or a key that scrolls up was used, even if the top was already in view.
    scroll_attempted: Cell<bool>,
    /// The hovered link, the selected link or the remark has changed.
    hint_changed: Cell<bool>,
    /// A message arrived while the text was held, and is still to be drawn.
    redraw_deferred: Cell<bool>,
    /// The context menu.
    menu: MenuButton,
    /// Moves the keyboard focus to the entry.
    focus_entry: Box<dyn Fn()>,
}

impl Reading {
    /// Shows a conversation in `display`, with these rows below it. `private` says that every message is addressed to
    /// the user. `with_log` gives access to the conversation's log; `focus_entry` moves the keyboard focus to the
    /// entry.
    pub(super) fn new(
        display: &TextDisplay,
        bars: ToolBars,
        clock: &Clock,
        private: bool,
        with_log: impl Fn(&mut dyn FnMut(&MessageLog)) + 'static,
        focus_entry: impl Fn() + 'static,
    ) -> Reading {
        let unread = if private { UnreadTracker::private() } else { UnreadTracker::default() };
        let mut bars = bars;
        if private {
            bars.find.be_private();
        }
        let inner = Rc::new(Inner {
            display: display.clone(),
            bars: RefCell::new(bars),
            transcript: RefCell::new(Transcript::new(display, clock.clone())),
            unread: RefCell::new(unread),
            find: RefCell::default(),
            tasks: RefCell::default(),
            with_log: Box::new(with_log),
            clock: clock.clone(),
            home: directories::UserDirs::new().map(|dirs| dirs.home_dir().to_owned()),
            mouse: Cell::default(),
            hovered: RefCell::default(),
            pressed: RefCell::default(),
            selected: RefCell::default(),
            remark: RefCell::default(),
            private,
            server_search: RefCell::default(),
            scroll_attempted: Cell::default(),
            hint_changed: Cell::default(),
            redraw_deferred: Cell::default(),
            menu: pointing::menu(),
            focus_entry: Box::new(focus_entry),
        });
        let reading = Reading { inner };
        reading.bind();
        reading
    }

    /// Updates the display from the log and the user's pending messages. `focused` says whether the user looks at this
    /// window. Returns true if the user's attention is needed.
    pub(in crate::chat::window) fn draw<'a>(
        &self,
        log: &MessageLog,
        me: &str,
        pending: impl IntoIterator<Item = &'a Pending>,
        splices: &[Splice],
        focused: bool,
    ) -> bool {
        let mut unread = self.inner.unread.borrow_mut();
        splices.iter().for_each(|splice| unread.splice(splice));
        let alert = unread.notice(log, me, focused);
        let mut transcript = self.inner.transcript.borrow_mut();
        transcript.draw(log, me, pending, unread.first_new(), splices);
        let mut bars = self.inner.bars.borrow_mut();
        if bars.find.is_open() {
            let mut find = self.inner.find.borrow_mut();
            if !splices.is_empty() {
                find.splice(splices, transcript.rendered());
                bars.find.show_count(&find.words());
            }
            if find.search(transcript.rendered()) {
                bars.find.show_count(&find.words());
            }
        }
        alert
    }

    /// Runs 30 times a second: processes the user's actions on the display and the results of background tasks. Returns
    /// whether another widget needs a redraw.
    pub(in crate::chat::window) fn poll(&self) -> bool {
        let inner = &*self.inner;
        let report = inner.tasks.borrow().try_report();
        match report {
            Some(Report::Done(words)) => {
                // A user who is already typing the next file name keeps the row.
                let mut save = inner.bars.borrow().save.clone();
                if !save.has_focus() {
                    save.close();
                }
                self.set_remark(Mood::Good, words);
            }
            Some(Report::Failed(words)) => self.set_remark(Mood::Warn, words),
            None => {}
        }
        if inner.remark.borrow_mut().take_if(|(since, ..)| since.elapsed() > REMARK_DURATION).is_some() {
            inner.hint_changed.set(true);
        }
        self.poll_selection();
        if self.is_held() {
            return inner.hint_changed.take();
        }
        let moved = inner.transcript.borrow_mut().poll();
        self.poll_mouse();
        moved | inner.hint_changed.take() | inner.redraw_deferred.take()
    }

    /// Returns true while the reader holds the text with the mouse or the scrollbar. Nothing must be drawn then,
    /// because that would move what is pressed or selected. Call [`defer_redraw`](Reading::defer_redraw) instead.
    pub(in crate::chat::window) fn is_held(&self) -> bool {
        self.inner.transcript.borrow().is_held()
    }

    /// Makes [`poll`](Reading::poll) request a redraw once the text is no longer held.
    pub(in crate::chat::window) fn defer_redraw(&self) {
        self.inner.redraw_deferred.set(true);
    }

    /// Returns a window title with the number of mentions since the user last looked at the window.
    pub(in crate::chat::window) fn title(&self, title: &str) -> String {
        self.inner.unread.borrow().title(title)
    }

    /// Scrolls to the end and follows new messages.
    pub(in crate::chat::window) fn follow(&self) {
        self.inner.transcript.borrow_mut().follow();
    }

    /// Returns the entries in view, if the reader has scrolled up, or tried to, since the last call.
    pub(in crate::chat::window) fn scrolled_up(&self) -> Option<(Position, Position)> {
        if self.is_held() {
            return None;
        }
        let mut transcript = self.inner.transcript.borrow_mut();
        let tries = self.inner.scroll_attempted.get();
        let in_view = transcript.scrolled_up(tries);
        if in_view.is_some() {
            self.inner.scroll_attempted.set(false);
        }
        in_view
    }

    /// Takes the text that the user wants to search for on the server.
    pub(in crate::chat::window) fn take_server_search(&self) -> Option<String> {
        self.inner.server_search.take()
    }

    /// Takes the index of the search result that the user has opened.
    pub(in crate::chat::window) fn take_opened(&self) -> Option<usize> {
        self.inner.bars.borrow().results.take_opened()
    }

    /// Shows the state of the search on the server.
    pub(in crate::chat::window) fn show_search(&self, search: &Search) {
        let mut results = self.inner.bars.borrow().results.clone();
        results.show(search, &self.inner.clock);
    }

    /// Scrolls to one entry.
    pub(in crate::chat::window) fn show_entry(&self, entry: Position) {
        self.inner.transcript.borrow_mut().show_entry(entry);
    }

    /// Returns the number of entries that arrived below the visible part.
    pub(in crate::chat::window) fn unseen(&self) -> u64 {
        self.inner.transcript.borrow().unseen()
    }

    /// Waits until every file is saved. Called when the window is closed.
    pub(in crate::chat::window) fn finish(&self) {
        self.inner.tasks.take().finish();
    }

    /// Begins another conversation below the end of this one, as after a `/clear`.
    pub(in crate::chat::window) fn reset(&self) {
        // The keyboard focus stays where it is, in another window.
        self.hide_bars();
        self.clear_remark();
        self.follow();
    }

    /// Handles the keys that work wherever the focus is in the window. The window calls this with each event that none
    /// of its widgets has handled.
    pub(in crate::chat::window) fn shortcut(&self, event: Event) -> bool {
        if event != Event::KeyDown && event != Event::Shortcut {
            return false;
        }
        if app::event_key() == Key::Escape {
            return self.close_bars();
        }
        let Some(key) = app::event_key().to_char().filter(|_| app::is_event_command()) else { return false };
        match (app::is_event_shift(), key) {
            (false, key) => self.run_shortcut(key),
            (true, 'f') if !self.inner.private => {
                let wanted = self.inner.bars.borrow().find.wanted();
                let results = self.inner.bars.borrow().results.clone();
                if results.focus_on(&wanted) {
                    return true;
                }
                self.open_find();
                if !wanted.is_empty() {
                    self.find(&Finding::Everywhere(wanted));
                }
                true
            }
            _ => false,
        }
    }

    fn bind(&self) {
        let bars = self.inner.bars.borrow().clone();
        let reading = self.clone();
        bars.find.bind(move |finding| reading.find(&finding));
        let (saves, cancels) = (self.clone(), self.clone());
        bars.save.bind(move |path| saves.save(&path), move || _ = cancels.close_bars());
        let reading = self.clone();
        if let Some(mut plate) = self.inner.display.parent().and_then(|plate| Flex::from_dyn_widget(&plate)) {
            ui::add_focus_ring_with(&mut plate, &self.inner.display, move |event| reading.on_display(event));
        }
    }
}
