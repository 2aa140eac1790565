//! The chat window: it tells the [`Chat`] what the user wants, and shows what the chat knows.
//!
//! Everything here runs on the UI thread, and never waits: not for the network, not for a disk, not for another thread.
//! The order of a run is: settings are read, the window is shown, FLTK's loop runs until it is closed; only then is
//! BYE said and waited for. Settings are written by a thread of their own, soon after they have changed.
//!
//! These files, and those in [`ui`], are the only ones of the client that name fltk.

use std::cell::{Cell, RefCell};
use std::path::PathBuf;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use fltk::enums::Event;
use fltk::prelude::{FltkError, WidgetExt as _};

pub mod bindings;
pub mod conversation;
pub mod fault_injection;
pub mod keyboard;
pub mod layout;
pub mod menu;
pub mod people;
pub mod private;
pub mod register;
pub mod trust_prompt;

use super::state::{About, Whom};
use super::state::{Chat, Mood, Phase};
use crate::client::{BadAddress, ConnectOptions, Encryption, KnownServers, Password, ServerAddress};
use crate::clock::Clock;
use crate::protocol::Username;
use crate::protocol::escape::escape;
use crate::ui::{self, Placement, Settings, Theme, Tone, Zoom, ZoomWatch};
use conversation::ConversationView;
use keyboard::Handover;
use layout::Widgets;
use private::PrivateWindow;

/// How long the goodbye may take, once the window is closed.
const GOODBYE: Duration = Duration::from_secs(2);

/// What the command line asks for.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// The server, instead of the one from the last time.
    pub server: Option<ServerAddress>,
    /// The username, instead of the one from the last time.
    pub name: Option<String>,
    /// The password to fill in.
    pub password: Option<Password>,
    /// Connect at once.
    pub connect: bool,
    /// Whether to encrypt, instead of what was chosen.
    pub encryption: Option<Encryption>,
    /// The file of the servers that are known. Without one, they are known until the program ends.
    pub known_servers: Option<PathBuf>,
    /// The theme, instead of the one from the last time.
    pub theme: Option<Theme>,
    /// Becomes true when the program is asked to end; the window then closes as if its user had closed it.
    pub stop: Arc<AtomicBool>,
}

/// Shows the window until it is closed, and says BYE. Call it on the main thread.
pub fn run(options: &Options) -> Result<(), FltkError> {
    let settings = Settings::load("client");
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
    /// The talk with everybody.
    room: ConversationView,
    /// The windows for the others, hidden ones too.
    privates: Rc<RefCell<Vec<PrivateWindow>>>,
    clock: Clock,
    wishes: Rc<Wishes>,
    settings: Rc<RefCell<Settings>>,
    theme: Rc<Cell<Theme>>,
    zoom: Zoom,
    zoomed: Rc<ZoomWatch>,
    handover: Handover,
    /// The password that is in its field, and for which server it was written there.
    password: Rc<RefCell<(String, Option<ServerAddress>)>>,
    /// The phase that was drawn last.
    phase: Rc<Cell<Phase>>,
    /// The question about a certificate that was drawn last.
    asked: Rc<RefCell<Option<(String, About)>>>,
    encryption: Rc<Cell<Encryption>>,
    known: Arc<KnownServers>,
    stop: Arc<AtomicBool>,
}

/// What a window, whichever it is, wants of the program.
#[derive(Default)]
struct Wishes {
    /// Everything is to be drawn.
    draw: Cell<bool>,
    /// The program is to end.
    quit: Cell<bool>,
    /// Its user has typed or clicked something.
    active: Cell<bool>,
}

impl Wishes {
    /// Notes whether an event comes from the user. The model is told at the next tick: FLTK makes events of its own while it
    /// shows and hides, and so in the middle of drawing.
    fn watch(&self, event: Event) {
        if matches!(event, Event::KeyDown | Event::Push | Event::MouseWheel) {
            self.active.set(true);
        }
    }
}

impl ChatWindow {
    /// Builds the window and shows it.
    pub fn open(options: &Options, theme: Theme, settings: Settings) -> ChatWindow {
        let (clock, (tap, wire)) = (Clock::system(), crate::wire::tap());
        let mut widgets = Widgets::build(theme, wire, clock.clone());
        let server = options.server.as_ref();
        let remembered = |key: &str| settings.get(key);
        let host = server.map(|server| server.host().to_owned()).or_else(|| remembered("server"));
        let port = server.map(|server| server.port().to_string()).or_else(|| remembered("port"));
        let name = options.name.clone().or_else(|| remembered("name")).or_else(login_name);
        widgets.server.set_value(&host.unwrap_or_else(|| "localhost".into()));
        widgets.port.set_value(&port.unwrap_or_else(|| crate::client::DEFAULT_PORT.to_string()));
        widgets.name.set_value(&name.unwrap_or_default());
        widgets.show_password(options.password.as_ref());

        let encryption = options.encryption.unwrap_or_else(|| menu::remembered_encryption(&settings));
        let zoom = Zoom::restore(&settings);
        Placement::restore(&settings, &mut widgets.window, &widgets.size);
        let (chat, wishes) = (Rc::<RefCell<Chat>>::default(), Rc::<Wishes>::default());
        chat.borrow_mut().set_tap(tap);
        chat.borrow_mut().set_privacy(menu::remembered(&settings));
        let room =
            ConversationView::new(widgets.talk.clone(), Whom::All, Rc::clone(&chat), clock.clone(), Rc::clone(&wishes));
        let window = ChatWindow {
            chat,
            room,
            privates: Rc::default(),
            clock,
            wishes,
            settings: Rc::new(RefCell::new(settings)),
            theme: Rc::new(Cell::new(theme)),
            zoom,
            zoomed: Rc::default(),
            handover: Handover::default(),
            password: Rc::default(),
            phase: Rc::new(Cell::new(Phase::Offline)),
            asked: Rc::default(),
            encryption: Rc::new(Cell::new(encryption)),
            known: Arc::new(KnownServers::in_file(options.known_servers.clone())),
            stop: Arc::clone(&options.stop),
            widgets,
        };
        if let Some(complaint) = window.settings.borrow_mut().take_complaint() {
            window.chat.borrow_mut().notice(&complaint);
        }
        if !options.connect {
            window.chat.borrow_mut().notice("Choose a server and a username, and press Connect");
        }
        window.look_at_password();
        window.wire();
        window.clone().show();
        if options.connect {
            window.clone().connect();
        }
        window
    }

    /// Says BYE, and lets the threads end. The loop must have ended, so that nobody is kept waiting.
    pub fn close(self) {
        // The callbacks hold on to the window as long as the program runs, so what has an end is taken out of it here.
        let mut settings = self.settings.replace(Settings::forgetful());
        self.note_fields(&mut settings);
        self.note(&mut settings);
        drop(settings);
        self.room.reading.finish();
        self.privates().for_each(|private| private.finish());
        let chat = self.chat.take();
        if let Some(connection) = chat.into_connection() {
            connection.close(Instant::now() + GOODBYE);
        }
    }

    /// What the status line says.
    pub fn status(&self) -> String {
        self.room.widgets.status.text()
    }

    /// What is in the entry.
    pub fn draft(&self) -> String {
        self.room.widgets.entry.value()
    }

    /// What is said of who is typing.
    pub fn typing(&self) -> String {
        self.room.widgets.typing()
    }

    /// What the status line of the private window for somebody says, if there is one.
    pub fn status_with(&self, name: &str) -> Option<String> {
        self.privates().find(|private| private.name() == name).map(|private| private.status())
    }

    /// Who is here, a line for each person.
    pub fn people(&self) -> Vec<String> {
        self.widgets.people.lines()
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
                self.chat.borrow_mut().cannot_connect(&why);
                // The port is read first.
                let is_port = matches!(&why, BadAddress::BadPort(port) if port == widgets.port.value().trim());
                if is_port {
                    widgets.port.focus();
                } else {
                    widgets.server.focus();
                }
                return self.draw();
            }
        };
        let name = match Username::parse(widgets.name.value().trim()) {
            Ok(name) => name,
            Err(why) => {
                self.chat.borrow_mut().cannot_connect(in_a_field(why));
                widgets.name.focus();
                return self.draw();
            }
        };
        let password = match Password::typed(&widgets.password.value()) {
            Ok(password) => password,
            Err(why) => {
                self.chat.borrow_mut().cannot_connect(why);
                widgets.password.focus();
                return self.draw();
            }
        };
        if password.is_some() && !self.password_is_for(&server) {
            self.widgets.password.set_value("");
            self.chat.borrow_mut().cannot_connect(format!(
                "that was the password for another server. Type the one for {}, or connect without",
                escape(&server.to_string())
            ));
            self.widgets.password.focus();
            return self.draw();
        }
        if self.chat.borrow().server().is_some_and(|before| *before != server) {
            for text in self.room.take_draft() {
                self.chat.borrow_mut().keep_draft_for_server(text);
            }
        }
        self.note_fields(&mut self.settings.borrow_mut());
        let (encryption, known) = (self.encryption.get(), Arc::clone(&self.known));
        let visit = ConnectOptions { password, encryption, known, ..ConnectOptions::new(server, name) };
        self.chat.borrow_mut().connect(visit, Instant::now());
        self.draw();
    }

    /// Notes for which server the password is that is in the field: the one that is in the other fields when it is written.
    fn look_at_password(&self) {
        let password = self.widgets.password.value();
        if self.password.borrow().0 != password {
            let server = ServerAddress::from_fields(&self.widgets.server.value(), &self.widgets.port.value());
            self.password.replace((password, server.ok()));
        }
    }

    /// Whether the password may be sent there. One that was written while the fields named no server is for any.
    fn password_is_for(&self, server: &ServerAddress) -> bool {
        self.look_at_password();
        self.password.borrow_mut().1.get_or_insert_with(|| server.clone()) == server
    }

    fn leave(&mut self) {
        self.chat.borrow_mut().leave(Instant::now());
        self.draw();
    }

    fn change_theme(&mut self) {
        let theme = self.theme.get().other();
        self.theme.set(theme);
        theme.apply();
        self.widgets.show_theme(theme);
    }

    /// Opens the private window for somebody, or says why not.
    fn talk_with(&mut self, name: &str) {
        let opened = self.chat.borrow_mut().open_conversation(name);
        if let Err(why) = opened {
            self.chat.borrow_mut().remark(why);
        }
        self.answer_calls();
        self.draw();
    }

    /// Thirty times a second: takes the news, and draws what they change.
    fn tick(&mut self) {
        self.look_at_wire();
        self.look_at_password();
        if self.stop.load(Ordering::Relaxed) || self.wishes.quit.get() {
            self.hide();
        }
        if self.zoomed.has_turned(&self.widgets.window) {
            self.widgets.size.fit(&mut self.widgets.window);
            self.privates().for_each(|mut private| private.fit());
        }
        self.widgets.people.fit();
        let now = Instant::now();
        if self.wishes.active.take() {
            self.chat.borrow_mut().record_activity(now);
        }
        let news = self.chat.borrow_mut().tick(now);
        self.answer_calls();
        self.settings.borrow_mut().keep(now, |settings| self.note(settings));
        let looked = self.room.look() | self.look_at_privates();
        if news || looked || self.wishes.draw.take() {
            self.draw();
        }
        self.hand_over();
    }

    /// Closes all windows, with which the loop ends.
    fn hide(&mut self) {
        self.privates().for_each(|mut private| private.hide());
        self.widgets.window.hide();
    }

    /// Brings every widget up to date. What has not changed is not touched.
    fn draw(&mut self) {
        self.room.draw();
        self.draw_privates();
        self.check_experiments();
        let chat = self.chat.borrow();
        self.widgets.people.draw(&chat, &self.clock);
        self.widgets.show_count(chat.roster().len());
        let (phase, before) = (chat.phase(), self.phase.replace(chat.phase()));
        let title = chat.online_name().map_or_else(|| "multichat".into(), |me| format!("{me} - multichat"));
        drop(chat);
        let new_password = self.chat.borrow_mut().take_new_password();
        if new_password.is_some() {
            self.widgets.show_password(new_password.as_ref());
        }
        let title = self.room.title(&title);
        if self.widgets.window.label() != title {
            self.widgets.window.set_label(&title);
        }
        if phase != before {
            self.widgets.show_phase(phase);
            self.phase_has_changed(before, phase);
        }
        self.draw_stranger();
    }

    /// Notes what the fields say.
    fn note_fields(&self, settings: &mut Settings) {
        settings.set("server", &self.widgets.server.value());
        settings.set("port", &self.widgets.port.value());
        settings.set("name", &self.widgets.name.value());
    }

    /// Notes how everything looks.
    fn note(&self, settings: &mut Settings) {
        settings.set_theme(self.theme.get());
        Placement::remember(settings, &self.widgets.window, &self.widgets.size);
        self.zoom.remember(settings, &self.widgets.window);
        self.privates().for_each(|private| private.note_size(settings));
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
