//! The chat window: it tells the [`Chat`] what the user wants, and shows what the chat knows.
//!
//! Everything here runs on the UI thread, and never waits: not for the network, not for a disk, not for another thread.
//! The order of a run is: settings are read, the window is shown, FLTK's loop runs until it is closed; only then is
//! BYE said and waited for, and only then are the settings written.
//!
//! These files, and those in [`ui`], are the only ones of the client that name fltk.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use fltk::app;
use fltk::enums::Event;
use fltk::prelude::{FltkError, InputExt as _, WidgetExt as _};

mod find;
mod layout;
mod paste;
mod people;
mod reading;
mod save;
mod transcript;
mod wire;
mod writing;

use super::{Chat, Mood, Phase, ServerAddress};
use crate::protocol::Username;
use crate::protocol::escape::escape;
use crate::ui::{self, Placement, Settings, Theme, Tone, Zoom};
use layout::Widgets;
use people::People;
use reading::Reading;
use writing::{Pressed, Writing};

/// How long the goodbye may take, once the window is closed.
const GOODBYE: Duration = Duration::from_secs(2);

/// After no key has been pressed for so long, nobody is in the middle of a word.
const PAUSE_IN_TYPING: Duration = Duration::from_secs(1);

/// What the command line asks for.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// The server, instead of the one from the last time.
    pub server: Option<ServerAddress>,
    /// The username, instead of the one from the last time.
    pub name: Option<String>,
    /// Connect at once.
    pub connect: bool,
    /// The theme, instead of the one from the last time.
    pub theme: Option<Theme>,
    /// Becomes true when the program is asked to end; the window then closes as if its user had closed it.
    pub stop: Arc<AtomicBool>,
}

/// Shows the window until it is closed, and says BYE. Call it on the main thread.
pub fn run(options: &Options) -> Result<(), FltkError> {
    let mut settings = Settings::load("client");
    let theme = options.theme.or_else(|| settings.theme()).unwrap_or_default();
    let app = ui::start_app(theme);
    let window = ChatWindow::open(options, theme, settings);
    let ran = app.run();
    window.close();
    ran
}

/// The window and what it shows.
///
/// Callbacks of FLTK are closures that live as long as the program, so what they share is behind `Rc`. Each borrow lasts for
/// one call of the model: a callback may run inside of another (a dialog runs the loop), and must not find it borrowed.
#[derive(Clone)]
pub struct ChatWindow {
    widgets: Widgets,
    chat: Rc<RefCell<Chat>>,
    reading: Reading,
    writing: Writing,
    people: Rc<RefCell<People>>,
    settings: Rc<RefCell<Settings>>,
    /// Lines that were pasted, until it is decided what becomes of them.
    pasted: Rc<RefCell<Vec<String>>>,
    /// When a key was last pressed in the entry.
    typed: Rc<Cell<Option<Instant>>>,
    theme: Rc<Cell<Theme>>,
    zoom: Zoom,
    /// Had this window the keyboard at the last tick?
    looking: Rc<Cell<bool>>,
    /// The phase that was drawn last.
    phase: Rc<Cell<Phase>>,
    stop: Arc<AtomicBool>,
}

impl ChatWindow {
    /// Builds the window and shows it.
    pub fn open(options: &Options, theme: Theme, mut settings: Settings) -> ChatWindow {
        let mut widgets = Widgets::build(theme);
        let server = options.server.as_ref();
        let mut remembered = |key: &str| settings.get(key);
        let host = server.map(|server| server.host().to_owned()).or_else(|| remembered("server"));
        let port = server.map(|server| server.port().to_string()).or_else(|| remembered("port"));
        let name = options.name.clone().or_else(|| remembered("name")).or_else(login_name);
        widgets.server.set_value(&host.unwrap_or_else(|| "localhost".into()));
        widgets.port.set_value(&port.unwrap_or_else(|| super::DEFAULT_PORT.to_string()));
        widgets.name.set_value(&name.unwrap_or_default());

        let zoom = Zoom::restore(&mut settings);
        Placement::restore(&mut settings, &mut widgets.window);

        let chat = Rc::<RefCell<Chat>>::default();
        let (shown, entry) = (Rc::clone(&chat), widgets.entry.clone());
        let reading = Reading::new(
            &widgets.conversation,
            widgets.bars.clone(),
            move |look| look(shown.borrow().conversation()),
            move || entry.clone().focus(),
        );
        let window = ChatWindow {
            reading,
            writing: Writing::new(&widgets.entry, &widgets.counter),
            people: Rc::new(RefCell::new(People::new(&widgets.people))),
            chat,
            zoom,
            pasted: Rc::default(),
            typed: Rc::default(),
            looking: Rc::default(),
            settings: Rc::new(RefCell::new(settings)),
            theme: Rc::new(Cell::new(theme)),
            phase: Rc::new(Cell::new(Phase::Offline)),
            stop: Arc::clone(&options.stop),
            widgets,
        };
        window.chat.borrow_mut().notice("Choose a server and a username, and press Connect");
        window.wire();
        window.clone().show();
        if options.connect {
            window.clone().connect();
        }
        window
    }

    /// Says BYE, and lets the threads end. The loop must have ended, so that nobody is kept waiting.
    pub fn close(self) {
        self.remember();
        // The callbacks hold on to the window as long as the program runs, so what has an end is taken out of it here.
        drop(self.settings.replace(Settings::forgetful()));
        self.reading.finish();
        let chat = self.chat.take();
        if let Some(connection) = chat.into_connection() {
            connection.close(Instant::now() + GOODBYE);
        }
    }

    /// What the status line says.
    pub fn status(&self) -> String {
        self.widgets.status.text()
    }

    /// What is in the entry.
    pub fn draft(&self) -> String {
        self.widgets.entry.value()
    }

    fn show(mut self) {
        self.widgets.window.show();
        self.draw();
        let widgets = &mut self.widgets;
        let first = if widgets.name.value().is_empty() { &mut widgets.name } else { &mut widgets.server };
        first.focus();
    }

    /// Connects to what the fields say, or says what is wrong with them.
    fn connect(&mut self) {
        if self.chat.borrow().phase() != Phase::Offline {
            return;
        }
        let widgets = &mut self.widgets;
        let server = match ServerAddress::from_fields(&widgets.server.value(), &widgets.port.value()) {
            Ok(server) => server,
            Err(why) => {
                self.chat.borrow_mut().remark(format!("Cannot connect: {why}"));
                widgets.server.focus();
                return self.draw();
            }
        };
        let name = match Username::parse(widgets.name.value().trim()) {
            Ok(name) => name,
            Err(why) => {
                self.chat.borrow_mut().remark(format!("Cannot connect: {}", in_a_field(why)));
                widgets.name.focus();
                return self.draw();
            }
        };
        self.remember();
        self.chat.borrow_mut().connect(server, name, Instant::now());
        self.draw();
    }

    fn leave(&mut self) {
        self.chat.borrow_mut().leave(Instant::now());
        self.draw();
    }

    /// Sends what is in the entry. It stays there if it cannot be sent.
    fn send(&mut self) {
        let text = self.widgets.entry.value();
        if text.trim().is_empty() {
            return;
        }
        let sent = self.chat.borrow_mut().say(&text);
        if sent {
            self.writing.sent(&text);
            self.widgets.entry.set_value("");
            self.reading.follow();
        }
        self.draw();
        self.widgets.entry.focus();
    }

    fn change_theme(&mut self) {
        let theme = self.theme.get().other();
        self.theme.set(theme);
        theme.apply();
        self.widgets.show_theme(theme);
    }

    fn show_newest(&mut self) {
        self.reading.follow();
        self.draw();
        self.widgets.entry.focus();
    }

    /// Thirty times a second: takes the news, and draws what they change.
    fn tick(&mut self) {
        if self.stop.load(Ordering::Relaxed) {
            self.widgets.window.hide();
        }
        let news = self.chat.borrow_mut().tick(Instant::now());
        let moved = self.reading.look();
        let wanted = self.chat.borrow().has_unsent() && self.entry_is_free();
        let looking = self.has_the_keyboard();
        let turned = self.looking.replace(looking) != looking;
        let left = self.chat.borrow().bytes_left(&self.widgets.entry.value());
        self.writing.count(left);
        if news || moved || wanted || turned {
            self.draw();
        }
    }

    /// Brings every widget up to date. What has not changed is not touched.
    fn draw(&mut self) {
        if self.entry_is_free() {
            let unsent = self.chat.borrow_mut().take_unsent();
            if let Some(text) = unsent {
                self.widgets.entry.set_value(&text);
                let end = i32::try_from(text.len()).unwrap_or(i32::MAX);
                // Out of range it is clamped, so this cannot fail in a way that matters.
                let _ = self.widgets.entry.input().set_position(end);
            }
        }
        let chat = self.chat.borrow();
        let call = self.reading.draw(chat.conversation(), chat.conversation().pending(), self.looking.get());
        self.people.borrow_mut().draw(&chat);
        let (mood, words) = chat.status();
        let (tone, words) = self.reading.hint().unwrap_or((tone(mood), words));
        self.widgets.status.set(tone, &words);
        self.widgets.show_newer(self.reading.unseen());
        self.widgets.show_count(chat.roster().len());
        let (phase, before) = (chat.phase(), self.phase.replace(chat.phase()));
        let was_refused = chat.was_refused();
        let title = chat.me().map_or_else(|| "multichat".into(), |me| format!("{me} - multichat"));
        drop(chat);
        let title = self.reading.title(&title);
        if self.widgets.window.label() != title {
            self.widgets.window.set_label(&title);
        }
        if call {
            // FLTK can ask a desktop for no more than this; the title has the count.
            fltk::dialog::beep(fltk::dialog::BeepType::Notification);
        }
        if phase != before {
            self.widgets.show_phase(phase);
            match phase {
                Phase::Online => self.widgets.entry.focus(),
                // Where the mistake is, if it is one.
                Phase::Offline if before == Phase::Connecting && was_refused => self.widgets.name.focus(),
                Phase::Offline if before == Phase::Connecting => self.widgets.server.focus(),
                _ => {}
            }
        }
    }

    /// Is the keyboard with this window, and so, as far as a program can know, the user's eyes?
    fn has_the_keyboard(&self) -> bool {
        app::focus().is_some_and(|widget| widget.inside(&self.widgets.window))
    }

    /// The names that Tab completes: our own comes last.
    fn names(&self) -> Vec<String> {
        let chat = self.chat.borrow();
        let mut names: Vec<_> = chat.roster().names().map(str::to_owned).collect();
        names.sort_by_key(|name| chat.me() == Some(name));
        names
    }

    /// A key was pressed in the entry; is it dealt with?
    fn press(&mut self, event: Event) -> bool {
        let window = self.clone();
        match self.writing.press(event, || window.names()) {
            Pressed::Done => true,
            Pressed::Nothing => false,
            Pressed::NoSuchName(typed) => {
                let typed = escape(&typed).into_owned();
                let remark = format!("Nobody here has a name that begins with {typed} (Shift+Tab leaves the entry)");
                self.chat.borrow_mut().remark(remark);
                self.draw();
                true
            }
        }
    }

    /// May a message that was not sent come back into the entry? Not while somebody types: it would end up in the middle.
    fn entry_is_free(&self) -> bool {
        self.widgets.entry.value().is_empty() && self.typed.get().is_none_or(|typed| typed.elapsed() > PAUSE_IN_TYPING)
    }

    /// Notes what is to be remembered; it is written when the program ends.
    fn remember(&self) {
        let mut settings = self.settings.borrow_mut();
        settings.set("server", &self.widgets.server.value());
        settings.set("port", &self.widgets.port.value());
        settings.set("name", &self.widgets.name.value());
        settings.set_theme(self.theme.get());
        Placement::remember(&mut settings, &self.widgets.window);
        self.zoom.remember(&mut settings, &self.widgets.window);
    }
}

/// The name by which the user logs in to this computer, if that is a username.
fn login_name() -> Option<String> {
    let name = std::env::var("USER").or_else(|_| std::env::var("USERNAME")).ok()?;
    Username::parse(&name).ok().map(|name| name.to_string())
}

/// A reason in the words for a window, where nobody writes HELLO.
fn in_a_field(why: crate::protocol::BadUsername) -> String {
    match why {
        crate::protocol::BadUsername::Empty => "choose a username".into(),
        why => why.to_string(),
    }
}

fn tone(mood: Mood) -> Tone {
    match mood {
        Mood::Idle => Tone::Idle,
        Mood::Busy => Tone::Busy,
        Mood::Good => Tone::Good,
        Mood::Warn => Tone::Warn,
        Mood::Error => Tone::Error,
    }
}
