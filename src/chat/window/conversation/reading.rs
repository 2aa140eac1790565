//! Reading a conversation: its [`Transcript`], and everything that can be done with what is written there. Find, copy,
//! open a link, save as text, and see where what is new begins. Each window with a conversation has one. Runs on the UI
//! thread.

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

pub mod actions;
pub mod pointing;
pub mod remarks;

use super::find::{FindBar, Finding};
use super::results::SearchResults;
use super::save::SaveBar;
use super::transcript::Transcript;
use crate::chat::background::{BackgroundTasks, Report};
use crate::chat::state::{Find, MessageLog, Pending, Position, Search, Splice, UnreadTracker};
use crate::clock::Clock;
use crate::ui::{self, Tone};

/// How long it is told what has become of an errand.
const REMARK_DURATION: Duration = Duration::from_secs(15);

/// Lets somebody look at the conversation, for as long as that lasts.
type WithLog = dyn Fn(&mut dyn FnMut(&MessageLog));

/// The rows below a conversation, which are shown when they are wanted.
#[derive(Clone)]
pub(super) struct ToolBars {
    results: SearchResults,
    find: FindBar,
    save: SaveBar,
}

impl ToolBars {
    /// Makes them, hidden, within a column.
    pub(in crate::chat::window) fn build(column: &mut Flex) -> ToolBars {
        ToolBars { results: SearchResults::build(column), find: FindBar::build(column), save: SaveBar::build(column) }
    }
}

/// A link in the conversation: in which entry, and the address.
type Link = (Position, String);

/// Cloning it gives another handle to the same.
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
    /// The user's own folder.
    home: Option<PathBuf>,
    /// Where the mouse is, while it is over the conversation.
    mouse: Cell<Option<(i32, i32)>>,
    /// The link under the mouse, of which the status line says where it leads.
    hovered: RefCell<Option<Link>>,
    /// The link on which the button was pressed, if the status line said where it leads.
    pressed: RefCell<Option<Link>>,
    /// Where the link leads that Enter would open, in words.
    selected: RefCell<Option<String>>,
    /// What has become of the last thing that was tried, and since when that is known.
    remark: RefCell<Option<(Instant, Tone, String)>>,
    private: bool,
    /// What is to be looked for on the server.
    server_search: RefCell<Option<String>>,
    /// The wheel or a key that scrolls up was used, be there still something above or not.
    scroll_attempted: Cell<bool>,
    /// One of the three hints has changed.
    hint_changed: Cell<bool>,
    /// Something has come while the text was held, and waits to be drawn.
    redraw_deferred: Cell<bool>,
    /// What can be done, on a click with the right button.
    menu: MenuButton,
    /// Gives the keyboard back to where one writes.
    focus_entry: Box<dyn Fn()>,
}

impl Reading {
    /// Shows a conversation in `display`, with these rows below it; `private` if all of it is said to the user. `with_log`
    /// lets it look at the conversation; `back` gives the keyboard to where one writes.
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

    /// Brings it up to date with the conversation, and with what of ours waits. `looking`: do the user's eyes rest on
    /// this window? Returns true if they should be called.
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
        transcript.draw(log, me, pending, unread.news(), splices);
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

    /// Thirty times a second: sees what the user has done to the display, and what has become of tasks. Returns
    /// whether something looks different elsewhere.
    pub(in crate::chat::window) fn poll(&self) -> bool {
        let inner = &*self.inner;
        let report = inner.tasks.borrow().report_of_one();
        match report {
            Some(Report::Done(words)) => {
                // Whoever is writing the name of the next file meanwhile goes on with that.
                let mut save = inner.bars.borrow().save.clone();
                if !save.has_keyboard() {
                    save.close();
                }
                self.set_remark(Tone::Good, words);
            }
            Some(Report::Failed(words)) => self.set_remark(Tone::Warn, words),
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

    /// Returns true while the reader has the text in hand: nothing is drawn then, since it would move what is pressed or
    /// selected. Call [`wait`](Reading::wait) instead.
    pub(in crate::chat::window) fn is_held(&self) -> bool {
        self.inner.transcript.borrow().is_held()
    }

    /// Has [`look`](Reading::look) say that there is something to be drawn, once the button is up.
    pub(in crate::chat::window) fn defer_redraw(&self) {
        self.inner.redraw_deferred.set(true);
    }

    /// A window's title, with how often the user was named while they looked elsewhere.
    pub(in crate::chat::window) fn title(&self, title: &str) -> String {
        self.inner.unread.borrow().title(title)
    }

    /// Goes to the end, and stays there.
    pub(in crate::chat::window) fn follow(&self) {
        self.inner.transcript.borrow_mut().follow();
    }

    /// Which entries are in view, if the reader has scrolled up since this was last asked, or tried to.
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

    /// What the user wants to look for on the server, once.
    pub(in crate::chat::window) fn take_server_search(&self) -> Option<String> {
        self.inner.server_search.take()
    }

    /// Which of what was found there the user wants to go to, once.
    pub(in crate::chat::window) fn take_opened(&self) -> Option<usize> {
        self.inner.bars.borrow().results.take_opened()
    }

    /// Shows how the search on the server stands.
    pub(in crate::chat::window) fn show_search(&self, search: &Search) {
        let mut results = self.inner.bars.borrow().results.clone();
        results.show(search, &self.inner.clock);
    }

    /// Shows one entry.
    pub(in crate::chat::window) fn show_entry(&self, entry: Position) {
        self.inner.transcript.borrow_mut().show_entry(entry);
    }

    /// How many entries have come below what the reader sees.
    pub(in crate::chat::window) fn unseen(&self) -> u64 {
        self.inner.transcript.borrow().unseen()
    }

    /// Waits until what is being saved is saved; for when the window is closed.
    pub(in crate::chat::window) fn finish(&self) {
        self.inner.tasks.take().finish();
    }

    /// What follows is another conversation: it begins below the end of this one, as after a `/clear`.
    pub(in crate::chat::window) fn reset(&self) {
        // The keyboard stays where it is, which is in another window.
        self.hide_bars();
        self.clear_remark();
        self.follow();
    }

    /// Keys that work wherever the keyboard is in the window. To be called by the window with each event that nobody in
    /// it wanted.
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
