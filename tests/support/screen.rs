//! A chat window in the test's own process: the test reads its widgets directly, and sends key and mouse events through X11.

use std::cell::RefCell;
use std::io::Write as _;
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::time::Instant;

use fltk::app;
use fltk::button::Button;
use fltk::group::Group;
use fltk::input::Input;
use fltk::menu::MenuButton;
use fltk::prelude::*;
use fltk::text::{TextDisplay, TextEditor};
use fltk::widget::Widget;
use multichat::internal::chat::window::{ChatWindow, Options, Shown};
use multichat::internal::ui::{self, Appearance, Settings, Theme, ThemeChoice};

use super::desktop::Window;
use super::{DEADLINE, Peer, Room};

thread_local! {
    /// The window that was opened last.
    static WINDOW: RefCell<Option<ChatWindow>> = const { RefCell::new(None) };
}

/// The size of windows in tests.
pub(crate) const SIZE: (u32, u32) = (800, 500);

/// A window of this process.
pub(crate) struct Screen {
    pub(crate) window: ChatWindow,
    pub(crate) desktop: Window,
}

impl Screen {
    /// Opens a window that connects as bob at once.
    pub(crate) fn open(addr: SocketAddr) -> Screen {
        let server = Some(addr.into());
        Screen::with(&Options { server, name: Some("bob".into()), connect: true, ..Options::default() })
    }

    /// The same; private conversations have windows of their own.
    pub(crate) fn with_own_windows(addr: SocketAddr) -> Screen {
        let mut settings = Settings::default();
        settings.set("own_windows", "yes");
        let server = Some(addr.into());
        let options = Options { server, name: Some("bob".into()), connect: true, ..Options::default() };
        Screen::with_settings(&options, settings)
    }

    /// Opens a window that does not connect, with this username filled in. It shows the card.
    pub(crate) fn with_card(name: &str) -> Screen {
        Screen::with(&Options { name: Some(name.into()), ..Options::default() })
    }

    /// The same; the user has gone from the card to the conversation.
    pub(crate) fn offline(name: &str) -> Screen {
        let screen = Screen::with_card(name);
        screen.leave_card();
        screen
    }

    /// Goes from the card to the conversation.
    pub(crate) fn leave_card(&self) {
        self.desktop.keys(&["Escape"]);
        self.until("the keyboard in the conversation", |_| widgets::<TextEditor>().iter().any(TextEditor::has_focus));
    }

    pub(crate) fn with(options: &Options) -> Screen {
        Screen::with_settings(options, Settings::default())
    }

    pub(crate) fn with_settings(options: &Options, settings: Settings) -> Screen {
        // Called for each window, although once would do.
        ui::start_app(Theme::Light);
        let appearance = Appearance::new(Some(ThemeChoice::Light), &settings);
        let window = ChatWindow::open(options, appearance, settings);
        WINDOW.with(|last| last.replace(Some(window.clone())));
        // Sends the requests to the X server, which creates the window.
        app::flush();
        let desktop = Window::of(std::process::id(), "multichat");
        desktop.place(SIZE.0, SIZE.1);
        Screen { window, desktop }
    }

    /// Runs the window's event loop until `shows` returns true.
    #[track_caller]
    pub(crate) fn until(&self, what: &str, mut shows: impl FnMut(&Screen) -> bool) {
        let deadline = Instant::now() + DEADLINE;
        while !shows(self) {
            if Instant::now() > deadline {
                let (status, texts) = (self.window.status(), texts());
                panic!("not shown: {what}; the status is {status:?}, and this is shown: {texts:#?}");
            }
            let _ = app::wait_for(0.02);
        }
    }

    #[track_caller]
    pub(crate) fn until_status(&self, begins: &str) {
        self.until(begins, |screen| screen.window.status().starts_with(begins));
    }

    #[track_caller]
    pub(crate) fn until_conversation(&self, part: &str) {
        self.until(part, |_| texts().first().is_some_and(|text| text.contains(part)));
    }

    /// Waits until this is in the entry.
    #[track_caller]
    pub(crate) fn until_draft(&self, draft: &str) {
        self.until(&format!("{draft:?} in the entry"), |screen| screen.window.draft() == draft);
    }

    /// Copies what is selected, and pastes it into the entry.
    pub(crate) fn paste_copied(&self) {
        self.desktop.keys(&["ctrl+c"]);
        self.desktop.click(300, 450);
        self.desktop.keys(&["ctrl+v"]);
    }

    pub(crate) fn close(self) {
        for mut window in app::windows().unwrap_or_default() {
            window.hide();
        }
        app::flush();
        self.window.close();
    }
}

/// Starts a server with ann as a peer and bob as a window.
pub(crate) fn bob_and_ann() -> (Room, Peer, Screen) {
    let room = Room::open();
    let mut ann = room.join("ann");
    let screen = Screen::open(room.addr());
    screen.until_status("Connected as bob");
    ann.expect("HELLO bob");
    (room, ann, screen)
}

/// Starts bob's window, and returns its connection to the test, which is the server. Ann is there.
pub(crate) fn bob_and_a_server() -> (Screen, TcpStream) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let screen = Screen::open(listener.local_addr().unwrap());
    let (mut server, _) = listener.accept().unwrap();
    server.write_all(b"HELLO ann\nHELLO bob\n").unwrap();
    screen.until_status("Connected as bob");
    (screen, server)
}

/// Returns all visible widgets of a kind, in their order in the window.
pub(crate) fn widgets<W: WidgetBase>() -> Vec<W> {
    app::first_window().and_then(|window| window.as_group()).map(|all| within(&all)).unwrap_or_default()
}

/// Returns all visible widgets of a kind in the window with this title.
pub(crate) fn widgets_in<W: WidgetBase>(title: &str) -> Vec<W> {
    let windows = app::windows().unwrap_or_default();
    let window = windows.into_iter().find(|window| window.shown() && window.label().starts_with(title));
    window.and_then(|window| window.as_group()).map(|all| within(&all)).unwrap_or_default()
}

/// Returns all visible widgets of a kind in a group.
fn within<W: WidgetBase>(group: &Group) -> Vec<W> {
    fn collect<W: WidgetBase>(group: &Group, out: &mut Vec<W>) {
        for child in (0..group.children()).filter_map(|at| group.child(at)).filter(WidgetExt::visible) {
            match (W::from_dyn_widget(&child), child.as_group()) {
                (Some(widget), _) => out.push(widget),
                (None, Some(group)) => collect(&group, out),
                (None, None) => {}
            }
        }
    }
    let mut out = Vec::new();
    collect(group, &mut out);
    out
}

/// A place to type in: a field, or the entry of a conversation.
#[derive(Clone)]
pub(crate) enum Typed {
    Field(Input),
    Entry(TextEditor),
}

impl Typed {
    pub(crate) fn value(&self) -> String {
        match self {
            Typed::Field(field) => field.value(),
            Typed::Entry(entry) => entry.buffer().map(|buffer| buffer.text()).unwrap_or_default(),
        }
    }

    pub(crate) fn set_value(&mut self, value: &str) {
        match self {
            Typed::Field(field) => field.set_value(value),
            Typed::Entry(entry) => entry.buffer().unwrap().set_text(value),
        }
    }

    pub(crate) fn widget(&self) -> Widget {
        match self {
            Typed::Field(field) => field.as_base_widget(),
            Typed::Entry(entry) => entry.as_base_widget(),
        }
    }
}

/// Returns the conversation of the window that was opened last.
pub(crate) fn shown() -> Shown {
    WINDOW.with(|window| window.borrow().as_ref().map(ChatWindow::shown).unwrap_or_default())
}

/// Returns the conversation in the window with this title, which is that one or one of its private windows.
pub(crate) fn text_in(title: &str) -> Option<String> {
    WINDOW.with(|window| window.borrow().as_ref()?.text_in(title))
}

/// Returns what is selected there.
pub(crate) fn selected() -> String {
    shown().selected()
}

/// Returns the conversation, and after it the contents of the window's text displays.
pub(crate) fn texts() -> Vec<String> {
    let displays = widgets::<TextDisplay>();
    let text = |text: &TextDisplay| text.buffer().map(|buffer| buffer.text()).unwrap_or_default();
    std::iter::once(shown().text()).chain(displays.iter().map(text)).collect()
}

/// Chooses an item of one of the menus, by its path.
#[track_caller]
pub(crate) fn choose(path: &str) {
    let windows = app::windows().unwrap_or_default();
    let menus: Vec<MenuButton> = windows.iter().filter_map(WidgetExt::as_group).flat_map(|all| within(&all)).collect();
    let found = menus.iter().find_map(|menu| Some((menu, menu.find_item(path)?)));
    let (menu, mut item) = found.unwrap_or_else(|| panic!("no menu has {path:?}"));
    item.do_callback(menu);
}

/// Returns the visible button whose label ends with a text.
pub(crate) fn button(label: &str) -> Option<Button> {
    widgets::<Button>().into_iter().find(|button| button.label().ends_with(label))
}
