//! The chat window: passes the user's input to the [`Chat`], and shows the chat's state.
//!
//! Everything here runs on the UI thread and never blocks: not on the network, not on a disk, not on another thread. A
//! run has this order: the settings are read, the window is shown, FLTK's event loop runs until the window is closed.
//! Only then is BYE sent and waited for. A thread of their own writes the settings, soon after they have changed.
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

mod bindings;
mod connect;
mod conversation;
mod fault_injection;
mod keyboard;
mod layout;
mod menu;
mod people;
mod private;
mod register;
mod trust_prompt;
mod widgets;

use super::state::{About, Whom};
use super::state::{Chat, Phase};
use crate::client::{Encryption, KnownServers, Password, ServerAddress};
use crate::clock::Clock;
use crate::ui::{self, Placement, Settings, Theme, Zoom, ZoomWatch};
use conversation::ConversationView;
use keyboard::FocusHandover;
use layout::Widgets;
use private::PrivateWindow;

/// Maximum time for the goodbye after the window is closed.
const GOODBYE: Duration = Duration::from_secs(2);

/// Options of the command line.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// Server address, in place of the remembered one.
    pub server: Option<ServerAddress>,
    /// Username, in place of the remembered one.
    pub name: Option<String>,
    /// Password to fill in.
    pub password: Option<Password>,
    /// Connect as soon as the window is shown.
    pub connect: bool,
    /// When to encrypt, in place of the remembered choice.
    pub encryption: Option<Encryption>,
    /// File of the known servers. Without a file, they are remembered until the program ends.
    pub known_servers: Option<PathBuf>,
    /// Theme, in place of the remembered one.
    pub theme: Option<Theme>,
    /// Set by a signal handler to end the program; the window then closes as if its user had closed it.
    pub stop: Arc<AtomicBool>,
}

/// Shows the window until it is closed, then sends BYE. Must be called on the main thread.
///
/// # Errors
///
/// Returns FLTK's error if the event loop fails.
pub fn run(options: &Options) -> Result<(), FltkError> {
    let settings = Settings::load("client");
    let theme = options.theme.or_else(|| settings.theme()).unwrap_or_default();
    let app = ui::start_app(theme);
    let window = ChatWindow::open(options, theme, settings);
    let ran = app.run();
    window.close();
    ran
}

/// The window with its model and its private windows. Cloning it gives another handle to the same.
///
/// FLTK's callbacks are closures that live as long as the program, so the state that they share is behind `Rc`. Each
/// borrow lasts for one call of the model: a callback may run inside another (a dialog runs the event loop), and must
/// not find the model borrowed.
#[derive(Clone)]
pub struct ChatWindow {
    widgets: Widgets,
    chat: Rc<RefCell<Chat>>,
    /// The conversation with everybody.
    room: ConversationView,
    /// The private windows, hidden ones included.
    privates: Rc<RefCell<Vec<PrivateWindow>>>,
    clock: Clock,
    requests: Rc<Requests>,
    settings: Rc<RefCell<Settings>>,
    theme: Rc<Cell<Theme>>,
    zoom: Zoom,
    zoomed: Rc<ZoomWatch>,
    handover: FocusHandover,
    /// Text of the password field, and the server that the other fields named when the password was typed.
    password: Rc<RefCell<(String, Option<ServerAddress>)>>,
    /// Phase at the last draw.
    phase: Rc<Cell<Phase>>,
    /// Trust prompt at the last draw: fingerprint and kind.
    shown_trust_prompt: Rc<RefCell<Option<(String, About)>>>,
    encryption: Rc<Cell<Encryption>>,
    known: Arc<KnownServers>,
    stop: Arc<AtomicBool>,
}

/// Requests of the room's window and the private windows to the program, served at the next tick. They are flags and
/// not calls, because FLTK delivers events in the middle of drawing too.
#[derive(Default)]
struct Requests {
    /// Redraw everything.
    draw: Cell<bool>,
    /// End the program.
    quit: Cell<bool>,
    /// The user has typed or clicked something.
    active: Cell<bool>,
}

impl Requests {
    /// Records that the user is active, if the event is a key, a click or the wheel. The model learns it at the next
    /// tick: FLTK makes events of its own while it shows and hides windows, and so in the middle of drawing.
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
        let name = options.name.clone().or_else(|| remembered("name")).or_else(connect::login_name);
        widgets.server.set_value(&host.unwrap_or_else(|| "localhost".into()));
        widgets.port.set_value(&port.unwrap_or_else(|| crate::client::DEFAULT_PORT.to_string()));
        widgets.name.set_value(&name.unwrap_or_default());
        widgets.show_password(options.password.as_ref());

        let encryption = options.encryption.unwrap_or_else(|| menu::remembered_encryption(&settings));
        let zoom = Zoom::restore(&settings);
        Placement::restore(&settings, &mut widgets.window, &widgets.size);
        let (chat, requests) = (Rc::<RefCell<Chat>>::default(), Rc::<Requests>::default());
        chat.borrow_mut().set_tap(tap);
        chat.borrow_mut().set_privacy(menu::remembered(&settings));
        let room = ConversationView::new(
            widgets.conversation.clone(),
            Whom::All,
            Rc::clone(&chat),
            clock.clone(),
            Rc::clone(&requests),
        );
        let window = ChatWindow {
            chat,
            room,
            privates: Rc::default(),
            clock,
            requests,
            settings: Rc::new(RefCell::new(settings)),
            theme: Rc::new(Cell::new(theme)),
            zoom,
            zoomed: Rc::default(),
            handover: FocusHandover::default(),
            password: Rc::default(),
            phase: Rc::new(Cell::new(Phase::Offline)),
            shown_trust_prompt: Rc::default(),
            encryption: Rc::new(Cell::new(encryption)),
            known: Arc::new(KnownServers::in_file(options.known_servers.clone())),
            stop: Arc::clone(&options.stop),
            widgets,
        };
        if let Some(complaint) = window.settings.borrow_mut().take_warning() {
            window.chat.borrow_mut().notice(&complaint);
        }
        if !options.connect {
            window.chat.borrow_mut().notice("Choose a server and a username, and press Connect");
        }
        window.note_password();
        window.bind();
        window.clone().show();
        if options.connect {
            window.clone().connect();
        }
        window
    }

    /// Sends BYE and joins the connection's threads, for at most `GOODBYE`. The event loop must have ended, so that
    /// the wait blocks no user.
    pub fn close(self) {
        // The callbacks keep the window alive as long as the program runs, so the parts that must be dropped are taken
        // out of it here.
        let mut settings = self.settings.replace(Settings::in_memory());
        self.save_fields(&mut settings);
        self.save_settings(&mut settings);
        drop(settings);
        self.room.reading.finish();
        self.privates().for_each(|private| private.finish());
        let chat = self.chat.take();
        if let Some(connection) = chat.into_connection() {
            connection.close(Instant::now() + GOODBYE);
        }
    }

    /// Returns the text of the status line.
    pub fn status(&self) -> String {
        self.room.widgets.status.text()
    }

    /// Returns the text of the entry.
    pub fn draft(&self) -> String {
        self.room.widgets.entry.value()
    }

    /// Returns the line that names the users who are typing.
    pub fn typing(&self) -> String {
        self.room.widgets.typing()
    }

    /// Returns the text of the status line in the private window for `name`, if there is such a window.
    pub fn status_with(&self, name: &str) -> Option<String> {
        self.privates().find(|private| private.name() == name).map(|private| private.status())
    }

    /// Returns the list of users in the room, one line for each.
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

    fn change_theme(&mut self) {
        let theme = self.theme.get().other();
        self.theme.set(theme);
        theme.apply();
        self.widgets.show_theme(theme);
    }

    /// Opens the private window for a user, or shows in the status line why it cannot.
    fn open_private(&mut self, name: &str) {
        let opened = self.chat.borrow_mut().open_conversation(name);
        if let Err(why) = opened {
            self.chat.borrow_mut().remark(why);
        }
        self.open_requested();
        self.draw();
    }

    /// Runs 30 times a second: takes the model's events, and redraws if they change something.
    fn tick(&mut self) {
        self.tick_wire();
        self.note_password();
        if self.stop.load(Ordering::Relaxed) || self.requests.quit.get() {
            self.hide();
        }
        if self.zoomed.has_changed(&self.widgets.window) {
            self.widgets.size.fit(&mut self.widgets.window);
            self.privates().for_each(|mut private| private.fit());
        }
        self.widgets.people.fit();
        let now = Instant::now();
        if self.requests.active.take() {
            self.chat.borrow_mut().record_activity(now);
        }
        let events = self.chat.borrow_mut().tick(now);
        self.open_requested();
        self.settings.borrow_mut().save_if_changed(now, |settings| self.save_settings(settings));
        let polled = self.room.poll() | self.poll_privates();
        if events || polled || self.requests.draw.take() {
            self.draw();
        }
        self.hand_over_focus();
    }

    /// Closes all windows, which ends the event loop.
    fn hide(&mut self) {
        self.privates().for_each(|mut private| private.hide());
        self.widgets.window.hide();
    }

    /// Updates every widget. Widgets whose content has not changed are not touched.
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
            self.on_phase_change(before, phase);
        }
        self.draw_trust_prompt();
    }

    /// Stores the server, port and name fields in the settings.
    fn save_fields(&self, settings: &mut Settings) {
        settings.set("server", &self.widgets.server.value());
        settings.set("port", &self.widgets.port.value());
        settings.set("name", &self.widgets.name.value());
    }

    /// Stores theme, window positions and zoom in the settings.
    fn save_settings(&self, settings: &mut Settings) {
        settings.set_theme(self.theme.get());
        Placement::remember(settings, &self.widgets.window, &self.widgets.size);
        self.zoom.remember(settings, &self.widgets.window);
        self.privates().for_each(|private| private.save_size(settings));
    }
}
