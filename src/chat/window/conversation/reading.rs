//! Reading a conversation: its [`Transcript`], and everything that can be done with what is written there. Find, copy,
//! open a link, save as text, and see where what is new begins. Each window with a conversation has one. Runs on the UI
//! thread.

use std::cell::{Cell, RefCell};
use std::path::PathBuf;
use std::rc::Rc;
use std::time::{Duration, Instant, SystemTime};

use fltk::app;
use fltk::enums::{Event, Key};
use fltk::group::Flex;
use fltk::menu::MenuButton;
use fltk::prelude::{WidgetBase as _, WidgetExt as _};
use fltk::text::TextDisplay;

pub mod pointing;
pub mod telling;

use super::find::{FindBar, Finding};
use super::results::Results;
use super::save::SaveBar;
use super::transcript::Transcript;
use crate::chat::background::{BackgroundTasks, Report};
use crate::chat::render::find::Find;
use crate::chat::render::plain;
use crate::chat::state::{Entry, MessageLog, Pending, Position, Search, Splice, UnreadTracker};
use crate::clock::{Clock, stamp_now};
use crate::files::{self, typed_path};
use crate::ui::{self, Tone};

/// How long it is told what has become of an errand.
const TOLD_FOR: Duration = Duration::from_secs(15);

/// Lets somebody look at the conversation, for as long as that lasts.
type Peek = dyn Fn(&mut dyn FnMut(&MessageLog));

/// The rows below a conversation, which are shown when they are wanted.
#[derive(Clone)]
pub(super) struct Bars {
    results: Results,
    find: FindBar,
    save: SaveBar,
}

impl Bars {
    /// Makes them, hidden, within a column.
    pub(in crate::chat::window) fn build(column: &mut Flex) -> Bars {
        Bars { results: Results::build(column), find: FindBar::build(column), save: SaveBar::build(column) }
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
    bars: RefCell<Bars>,
    transcript: RefCell<Transcript>,
    attention: RefCell<UnreadTracker>,
    find: RefCell<Find>,
    errands: RefCell<BackgroundTasks>,
    peek: Box<Peek>,
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
    told: RefCell<Option<(Instant, Tone, String)>>,
    private: bool,
    /// What is to be looked for on the server.
    everywhere: RefCell<Option<String>>,
    /// The wheel or a key that scrolls up was used, be there still something above or not.
    pulls: Cell<bool>,
    /// One of the three hints has changed.
    hint_changed: Cell<bool>,
    /// Something has come while the text was held, and waits to be drawn.
    waits: Cell<bool>,
    /// What can be done, on a click with the right button.
    menu: MenuButton,
    /// Gives the keyboard back to where one writes.
    back: Box<dyn Fn()>,
}

impl Reading {
    /// Shows a conversation in `display`, with these rows below it; `private` if all of it is said to the user. `peek`
    /// lets it look at the conversation; `back` gives the keyboard to where one writes.
    pub(super) fn new(
        display: &TextDisplay,
        bars: Bars,
        clock: &Clock,
        private: bool,
        peek: impl Fn(&mut dyn FnMut(&MessageLog)) + 'static,
        back: impl Fn() + 'static,
    ) -> Reading {
        let attention = if private { UnreadTracker::private() } else { UnreadTracker::default() };
        let mut bars = bars;
        if private {
            bars.find.be_private();
        }
        let inner = Rc::new(Inner {
            display: display.clone(),
            bars: RefCell::new(bars),
            transcript: RefCell::new(Transcript::new(display, clock.clone())),
            attention: RefCell::new(attention),
            find: RefCell::default(),
            errands: RefCell::default(),
            peek: Box::new(peek),
            clock: clock.clone(),
            home: directories::UserDirs::new().map(|dirs| dirs.home_dir().to_owned()),
            mouse: Cell::default(),
            hovered: RefCell::default(),
            pressed: RefCell::default(),
            selected: RefCell::default(),
            told: RefCell::default(),
            private,
            everywhere: RefCell::default(),
            pulls: Cell::default(),
            hint_changed: Cell::default(),
            waits: Cell::default(),
            menu: pointing::menu(),
            back: Box::new(back),
        });
        let reading = Reading { inner };
        reading.wire();
        reading
    }

    /// Brings it up to date with the conversation, and with what of ours waits. `looking`: do the user's eyes rest on
    /// this window? Returns true if they should be called.
    pub(in crate::chat::window) fn draw<'a>(
        &self,
        conversation: &MessageLog,
        me: &str,
        pending: impl IntoIterator<Item = &'a Pending>,
        splices: &[Splice],
        looking: bool,
    ) -> bool {
        let mut attention = self.inner.attention.borrow_mut();
        splices.iter().for_each(|splice| attention.splice(splice));
        let call = attention.notice(conversation, me, looking);
        let mut transcript = self.inner.transcript.borrow_mut();
        transcript.draw(conversation, me, pending, attention.first_new(), splices);
        let mut bars = self.inner.bars.borrow_mut();
        if bars.find.is_open() {
            let mut find = self.inner.find.borrow_mut();
            if !splices.is_empty() {
                find.splice(splices, transcript.page());
                bars.find.show_count(&find.words());
            }
            if find.search(transcript.page()) {
                bars.find.show_count(&find.words());
            }
        }
        call
    }

    /// Thirty times a second: sees what the user has done to the display, and what has become of errands. Returns
    /// whether something looks different elsewhere.
    pub(in crate::chat::window) fn look(&self) -> bool {
        let inner = &*self.inner;
        let report = inner.errands.borrow().try_report();
        match report {
            Some(Report::Done(words)) => {
                // Whoever is writing the name of the next file meanwhile goes on with that.
                let mut save = inner.bars.borrow().save.clone();
                if !save.has_keyboard() {
                    save.close();
                }
                self.tell(Tone::Good, words);
            }
            Some(Report::Failed(words)) => self.tell(Tone::Warn, words),
            None => {}
        }
        if inner.told.borrow_mut().take_if(|(since, ..)| since.elapsed() > TOLD_FOR).is_some() {
            inner.hint_changed.set(true);
        }
        self.look_at_selection();
        if self.is_held() {
            return inner.hint_changed.take();
        }
        let moved = inner.transcript.borrow_mut().look();
        self.look_at_mouse();
        moved | inner.hint_changed.take() | inner.waits.take()
    }

    /// Returns true while the reader has the text in hand: nothing is drawn then, since it would move what is pressed or
    /// selected. Call [`wait`](Reading::wait) instead.
    pub(in crate::chat::window) fn is_held(&self) -> bool {
        self.inner.transcript.borrow().is_held()
    }

    /// Has [`look`](Reading::look) say that there is something to be drawn, once the button is up.
    pub(in crate::chat::window) fn wait(&self) {
        self.inner.waits.set(true);
    }

    /// A window's title, with how often the user was named while they looked elsewhere.
    pub(in crate::chat::window) fn title(&self, title: &str) -> String {
        self.inner.attention.borrow().title(title)
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
        let tries = self.inner.pulls.get();
        let in_view = transcript.scrolled_up(tries);
        if in_view.is_some() {
            self.inner.pulls.set(false);
        }
        in_view
    }

    /// What the user wants to look for on the server, once.
    pub(in crate::chat::window) fn take_everywhere(&self) -> Option<String> {
        self.inner.everywhere.take()
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
        self.inner.errands.take().finish();
    }

    /// What follows is another conversation: it begins below the end of this one, as after a `/clear`.
    pub(in crate::chat::window) fn turn(&self) {
        // The keyboard stays where it is, which is in another window.
        self.hide_bars();
        self.untell();
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
            (false, key) => self.does(key),
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

    /// Does what belongs to Ctrl and this key, if anything does.
    pub(in crate::chat::window) fn does(&self, key: char) -> bool {
        match key {
            'f' => self.open_find(),
            's' => self.open_save(),
            'o' => self.select_link(),
            'c' => return self.copy(),
            _ => return false,
        }
        true
    }

    /// Opens the row to find something. What is read stays in view until there is something to be seen.
    pub(in crate::chat::window) fn open_find(&self) {
        let was_open = self.inner.bars.borrow().find.is_open();
        self.inner.bars.borrow_mut().find.open();
        if was_open {
            return;
        }
        let wanted = self.inner.bars.borrow().find.wanted();
        let mut transcript = self.inner.transcript.borrow_mut();
        transcript.begin();
        let mut find = self.inner.find.borrow_mut();
        find.begin(&wanted, transcript.last_in_view(), transcript.page());
        self.inner.bars.borrow_mut().find.show_count(&find.words());
    }

    pub(in crate::chat::window) fn open_save(&self) {
        let name = files::name_at(&self.inner.clock, SystemTime::now());
        let path = self.inner.home.as_ref().map_or_else(|| PathBuf::from(&name), |home| home.join(&name));
        self.inner.bars.borrow_mut().save.open(&path.to_string_lossy());
    }

    /// Closes the rows below the conversation, and gives the keyboard back to where one writes; was one open?
    fn close_bars(&self) -> bool {
        let was_open = self.hide_bars();
        if was_open {
            (self.inner.back)();
        }
        was_open
    }

    fn hide_bars(&self) -> bool {
        let mut bars = self.inner.bars.borrow().clone();
        let was_open = bars.find.is_open() || bars.save.is_open() || bars.results.is_open();
        bars.find.close();
        bars.results.close();
        bars.save.close();
        if was_open {
            self.inner.transcript.borrow_mut().unselect();
        }
        was_open
    }

    fn find(&self, finding: &Finding) {
        match finding {
            Finding::Close => {
                self.close_bars();
                return;
            }
            Finding::Everywhere(words) => {
                self.inner.everywhere.replace(Some(words.clone()));
                return;
            }
            _ => {}
        }
        let mut find = self.inner.find.borrow_mut();
        let mut transcript = self.inner.transcript.borrow_mut();
        match finding {
            Finding::For(wanted) => find.look_for(wanted, transcript.page()),
            Finding::Step(towards) => find.step(*towards),
            Finding::Everywhere(_) | Finding::Close => {}
        }
        self.inner.bars.borrow_mut().find.show_count(&find.words());
        match find.current().and_then(|place| transcript.page().bytes(place)) {
            Some(piece) => transcript.show(&piece),
            None => transcript.go_back(),
        }
    }

    /// Selects the newest link, or the one before the one that is selected.
    fn select_link(&self) {
        let mut transcript = self.inner.transcript.borrow_mut();
        let before = transcript.selection().map_or(usize::MAX, |selected| selected.start);
        if let Some(link) = transcript.page().link_before(before) {
            transcript.show(&link);
            drop(transcript);
            // Enter is for the conversation now.
            let _ = self.inner.display.clone().take_focus();
            self.look_at_selection();
        }
    }

    fn open_link(&self, link: &str) {
        self.inner.errands.borrow_mut().browse(link);
    }

    /// Puts what is selected on the clipboard, as plain text; is something selected?
    fn copy(&self) -> bool {
        let transcript = self.inner.transcript.borrow();
        let Some(selected) = transcript.selection() else { return false };
        (self.inner.peek)(&mut |conversation| {
            app::copy(&transcript.page().plain_text(conversation, selected.clone()));
        });
        true
    }

    /// Has the conversation written into a file, by a thread: neither the words nor the disk keep the window waiting.
    fn save(&self, path: &str) {
        if path.trim().is_empty() {
            return;
        }
        let mut entries: Vec<Entry> = Vec::new();
        (self.inner.peek)(&mut |conversation| entries = conversation.since(conversation.first()).cloned().collect());
        let path = match typed_path(path, self.inner.home.as_deref()) {
            Ok(path) => path,
            Err(why) => return self.tell(Tone::Warn, format!("Not saved: {why}")),
        };
        let clock = self.inner.clock.clone();
        self.inner.errands.borrow_mut().save(path, move || plain::file(&clock, &entries, stamp_now()));
        (self.inner.back)();
    }

    fn wire(&self) {
        let bars = self.inner.bars.borrow().clone();
        let reading = self.clone();
        bars.find.wire(move |finding| reading.find(&finding));
        let (saves, cancels) = (self.clone(), self.clone());
        bars.save.wire(move |path| saves.save(&path), move || _ = cancels.close_bars());
        let reading = self.clone();
        if let Some(mut plate) = self.inner.display.parent().and_then(|plate| Flex::from_dyn_widget(&plate)) {
            ui::ring_and(&mut plate, &self.inner.display, move |event| reading.on_display(event));
        }
    }
}
