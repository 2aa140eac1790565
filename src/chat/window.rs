//! The chat window: passes the user's input to the [`Chat`], and shows the chat's state.
//!
//! Everything here runs on the UI thread and never blocks: not on the network, not on a disk, not on another thread. A
//! run has this order: the settings are read, the window is shown, FLTK's event loop runs until the window is closed.
//! Only then is BYE sent and waited for. A thread of their own writes the settings, soon after they have changed.
//!
//! These files, and those in `ui`, are the only ones of the client that name fltk.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::{Duration, Instant};

use fltk::prelude::{FltkError, WidgetExt as _};

mod alerts;
mod bindings;
mod choices;
mod connect;
mod connect_card;
mod context_menu;
mod conversation;
mod fault_injection;
mod help;
mod keyboard;
mod keys;
mod layout;
mod menu;
mod messages;
mod private;
mod quit;
mod register;
mod security_badge;
mod shown;
mod sidebar;
mod talks;
mod top_bar;
mod trust_card;
mod update;
mod widgets;

use super::found_servers::FoundServers;
use super::recent_servers::RecentServers;
use super::state::{About, Chat, IGNORED_ON, InvalidField, Phase};
use crate::client::{Encryption, KnownServers, Password, ServerAddress};
use crate::clock::Clock;
use crate::discovery::{HeardServer, Listener};
use crate::ui::{self, Appearance, Placement, Settings, ThemeChoice, Zoom, ZoomWatch};
use alerts::Alerter;
use conversation::ConversationView;
pub use conversation::Shown;
use help::HelpWindow;
use keyboard::FocusHandover;
use layout::Widgets;
use messages::{Msg, Pane, Sender};
use private::PrivateWindow;
use talks::HiddenTalks;

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
    /// List the servers that announce themselves on the network.
    pub discover: bool,
    /// When to encrypt, in place of the remembered choice.
    pub encryption: Option<Encryption>,
    /// File of the known servers. Without a file, they are remembered until the program ends.
    pub known_servers: Option<PathBuf>,
    /// Theme, in place of the remembered one.
    pub theme: Option<ThemeChoice>,
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
    let appearance = Appearance::new(options.theme, &settings);
    let app = ui::start_app(appearance.theme());
    let window = ChatWindow::open(options, appearance, settings);
    let ran = app.run();
    window.close();
    ran
}

/// The window with its model and its private windows: a handle for the program. FLTK's callbacks have others.
#[derive(Clone)]
pub struct ChatWindow(Sender);

/// The state: the model, and the windows that show it. It changes in [`update`](Windows::update) only.
struct Windows {
    sender: Sender,
    widgets: Widgets,
    chat: Chat,
    /// The conversation that the main window shows.
    room: ConversationView,
    /// The states of those that are not shown.
    hidden: HiddenTalks,
    /// The private windows, closed ones included.
    privates: Vec<PrivateWindow>,
    clock: Clock,
    settings: Settings,
    appearance: Appearance,
    zoom: Zoom,
    zoomed: ZoomWatch,
    handover: FocusHandover,
    alerter: Alerter,
    help: HelpWindow,
    recent: RecentServers,
    discovers: bool,
    /// Hears the servers on the network while the card is shown.
    listener: Option<Listener>,
    found: FoundServers,
    /// The announcements of the address that the user has connected to last.
    announced: Vec<HeardServer>,
    /// The field that was invalid when Connect was pressed, and the reason.
    rejected: Option<(InvalidField, String)>,
    /// Text of the password field, and the server that the other field named when the password was typed.
    password: (String, Option<ServerAddress>),
    /// Phase at the last draw.
    phase: Phase,
    /// Trust prompt at the last draw: fingerprint and kind.
    shown_trust_prompt: Option<(String, About)>,
    encryption: Encryption,
    /// The choice with which the connection was made, or the last one.
    connected_with: Encryption,
    known: Arc<KnownServers>,
    stop: Arc<AtomicBool>,
}

impl ChatWindow {
    /// Builds the window and shows it.
    pub fn open(options: &Options, appearance: Appearance, mut settings: Settings) -> ChatWindow {
        let (clock, (tap, wire)) = (Clock::system(), crate::wire::tap());
        let sender = Sender::default();
        let (mut widgets, conversation) = Widgets::build(wire, clock.clone(), &settings, &sender);
        let server = options.server.as_ref().map(ToString::to_string);
        let server = server.or_else(|| connect::remembered_server(&settings));
        let name = options.name.clone().or_else(|| settings.get("name")).or_else(connect::login_name);
        widgets.card.server.set_value(&server.unwrap_or_else(|| "localhost".into()));
        widgets.card.name.set_value(&name.unwrap_or_default());
        widgets.card.set_password(options.password.as_ref().map_or("", Password::reveal));

        let recent = RecentServers::read(|key| settings.get(key));
        widgets.card.show_recent(recent.all());
        if options.discover {
            widgets.card.list_found();
        }
        let encryption = options.encryption.unwrap_or_else(|| choices::remembered_encryption(&settings));
        let zoom = Zoom::restore(&settings);
        Placement::restore(&settings, &mut widgets.window, &widgets.size);
        let mut chat = Chat::default();
        chat.link.set_tap(tap);
        chat.set_privacy(choices::remembered(&settings));
        chat.alerts.set_settings(alerts::remembered(&settings));
        chat.people.set_joins(choices::remembered_joins(&settings));
        settings.beginning_with(IGNORED_ON).for_each(|(server, names)| chat.ignored.restore(server, names));
        if let Some(complaint) = settings.take_warning() {
            chat.talks.notice(&complaint);
            widgets.card.show_note(&complaint);
        }
        let room = ConversationView::new(conversation, true, clock.clone(), &sender.actions(Pane::Room));
        let mut windows = Windows {
            sender: sender.clone(),
            widgets,
            chat,
            room,
            hidden: HiddenTalks::default(),
            privates: Vec::new(),
            clock,
            settings,
            appearance,
            zoom,
            zoomed: ZoomWatch::default(),
            handover: FocusHandover::default(),
            alerter: Alerter::default(),
            help: HelpWindow::default(),
            recent,
            discovers: options.discover,
            listener: None,
            found: FoundServers::default(),
            announced: Vec::new(),
            rejected: None,
            password: Default::default(),
            phase: Phase::Offline,
            shown_trust_prompt: None,
            encryption,
            connected_with: encryption,
            known: Arc::new(KnownServers::in_file(options.known_servers.clone())),
            stop: Arc::clone(&options.stop),
        };
        windows.note_password();
        windows.bind();
        windows.show();
        sender.open(windows);
        if options.connect {
            sender.send(Msg::Connect);
        }
        ChatWindow(sender)
    }

    /// Sends BYE and joins the connection's threads, for at most `GOODBYE`. The event loop must have ended, so that
    /// the wait blocks no user.
    pub fn close(self) {
        let Some(mut windows) = self.0.close() else { return };
        windows.save_fields();
        let Windows { mut settings, appearance, widgets, zoom, mut privates, room, chat, .. } = windows;
        room.widgets.drawer.remember(&mut settings);
        note_settings(&mut settings, &chat, &appearance, &widgets, &zoom, &mut privates);
        drop(settings);
        room.reading.finish();
        privates.into_iter().for_each(|private| private.conversation.reading.finish());
        if let Some(connection) = chat.link.into_connection() {
            connection.close(Instant::now() + GOODBYE);
        }
    }

    /// Returns the text of the status line.
    pub fn status(&self) -> String {
        self.0.look(|windows| windows.room.widgets.status())
    }

    /// Returns the reason below a field of the card, if one was rejected.
    pub fn reason(&self) -> String {
        self.0.look(|windows| windows.widgets.card.reason())
    }

    /// Returns the text of the entry.
    pub fn draft(&self) -> String {
        self.0.look(|windows| windows.room.widgets.entry.value())
    }

    /// Returns the line that names the users who are typing.
    pub fn typing(&self) -> String {
        self.0.look(|windows| windows.room.widgets.typing())
    }

    /// Returns who the other user of the private conversation in the main window is.
    pub fn about(&self) -> String {
        self.0.look(|windows| windows.room.widgets.about())
    }

    /// Returns the text of the status line of the window that shows the private conversation with `name`, if there is one.
    pub fn status_with(&self, name: &str) -> Option<String> {
        self.0.look(|windows| {
            let own = windows.privates.iter().filter(|private| private.talk().is_some());
            let mut views = own.map(|private| &private.conversation).chain([&windows.room]);
            views.find(|view| view.name() == name).map(|view| view.widgets.status())
        })
    }

    /// Returns the rows of the servers on the network.
    pub fn found(&self) -> Vec<String> {
        self.0.look(|windows| windows.widgets.card.found_lines())
    }

    /// Returns the title of the list of conversations.
    pub fn talks_title(&self) -> String {
        self.0.look(|windows| windows.widgets.sidebar.talks_title())
    }

    /// Returns the list of conversations, one line for each.
    pub fn talks(&self) -> Vec<String> {
        self.0.look(|windows| windows.widgets.sidebar.talk_lines())
    }

    /// Returns the list of users in the room, one line for each.
    pub fn people(&self) -> Vec<String> {
        self.0.look(|windows| windows.widgets.sidebar.people_lines())
    }

    /// Returns the visible lines of the wire, as they are copied to the clipboard.
    pub fn wire_text(&self) -> String {
        self.0.look(|windows| windows.widgets.wire.pane.text())
    }
}

impl Windows {
    fn show(&mut self) {
        self.widgets.window.show();
        self.draw();
        self.widgets.card.focus();
    }

    /// Stores the server and the name in the settings.
    fn save_fields(&mut self) {
        self.settings.set("server", &self.widgets.card.server.value());
        self.settings.set("port", "");
        self.settings.set("name", &self.widgets.card.name.value());
    }
}

/// Stores the ignored people, theme, window positions and zoom in the settings.
fn note_settings(
    settings: &mut Settings,
    chat: &Chat,
    appearance: &Appearance,
    widgets: &Widgets,
    zoom: &Zoom,
    privates: &mut [PrivateWindow],
) {
    chat.ignored.settings().for_each(|(key, names)| settings.set(&key, &names));
    appearance.remember(settings);
    Placement::remember(settings, &widgets.window, &widgets.size);
    zoom.remember(settings, &widgets.window);
    privates.iter_mut().for_each(|private| private.save_size(settings));
    widgets.sidebar.remember(settings);
}
