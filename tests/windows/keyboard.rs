//! The keyboard belongs to the user: whatever comes from the network while
//! somebody is in the middle of a word, the rest of the word arrives where the word began. Each kind of news meets each place to
//! type in, without a window manager and with one (openbox).

use std::collections::BTreeMap;
use std::io::{self, Write as _};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::thread;
use std::time::Duration;

use crossbeam_channel::Receiver;
use fltk::app;
use fltk::button::Button;
use fltk::enums::Key;
use fltk::group::Group;
use fltk::input::Input;
use fltk::menu::MenuButton;
use fltk::prelude::*;
use fltk::table::Table;
use fltk::text::TextEditor;
use fltk::window::Window as FltkWindow;
use multichat::server::Config;

use crate::support::desktop::{Test, Window, click_here, look_away, type_here};
use crate::support::other_windows::{OtherProgram, WindowManager};
use crate::support::screen::{Screen, Typed, choose};
use crate::support::tls::own_certificate;
use crate::support::{Room, config, lines};

pub(crate) fn tests() -> Vec<Test> {
    vec![
        ("no news moves the keyboard, without a window manager", || all_news(None)),
        ("no news moves the keyboard, with a window manager", || all_news(Some(WindowManager::start()))),
        ("from the card the keyboard goes on to the entry, or to the field at fault", handed_over),
        ("who comes back to the window is where one can write", comes_back),
        ("a word begun in the card does not end in the entry", begun_in_the_card),
        ("from a button that is gone the keyboard goes to the entry", button_gone),
        ("escape closes what is open before it answers a question", escape),
        ("who comes back to a question finds the keyboard on the answer that changes nothing", question_while_away),
    ]
}

/// Pause between the keys of a very good typist.
const BETWEEN_KEYS: Duration = Duration::from_millis(12);

/// Where somebody types.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Place {
    Entry,
    Private,
    Find,
    Save,
    Register,
    Wire,
    OtherServers,
}

const PLACES: [Place; 7] =
    [Place::Entry, Place::Private, Place::Find, Place::Save, Place::Register, Place::Wire, Place::OtherServers];

/// What the network has to tell meanwhile.
#[derive(Clone, Copy, Debug, PartialEq)]
enum News {
    Reconnect,
    Refusal,
    SearchAnswer,
    Question,
    SlowConnect,
    PrivateMessage,
}

const NEWS: [News; 6] =
    [News::PrivateMessage, News::SearchAnswer, News::SlowConnect, News::Refusal, News::Question, News::Reconnect];

/// Bob's window, and a server that says what the test wants.
struct Stage {
    screen: Screen,
    listener: TcpListener,
    socket: TcpStream,
    heard: Receiver<String>,
    other_servers: OtherProgram,
    /// A room that encrypts, for when the server is to show a certificate.
    encrypting: Room,
    strangers: usize,
    /// The label of the search, `#` included.
    find: String,
}

impl Stage {
    fn online() -> Stage {
        let mut stage = Stage::connecting();
        stage.welcome();
        stage
    }

    /// Bob has connected, and the server has said nothing.
    fn connecting() -> Stage {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        listener.set_nonblocking(true).unwrap();
        let screen = Screen::with_own_windows(listener.local_addr().unwrap());
        screen.desktop.place(900, 800);
        let (socket, heard) = accept(&screen, &listener);
        let encrypting = Room::with(Config { tls: Some(own_certificate()), require_tls: true, ..config() });
        let (other_servers, find) = (OtherProgram::open(), String::new());
        Stage { screen, listener, socket, heard, other_servers, encrypting, strangers: 0, find }
    }

    fn say(&mut self, lines: &str) {
        self.socket.write_all(lines.as_bytes()).unwrap();
    }

    fn welcome(&mut self) {
        self.say("HELLO ann\nHELLO bob\n");
        self.screen.until_status("Connected as bob");
    }

    fn hang_up(&mut self) {
        self.socket.shutdown(Shutdown::Both).unwrap();
    }

    fn accept(&mut self) {
        (self.socket, self.heard) = accept(&self.screen, &self.listener);
    }

    /// Presses Connect, on the card.
    fn connect(&mut self) {
        if button("Connect …").is_some() {
            self.press("Connect …");
        }
        self.press("Connect");
        self.accept();
    }

    fn press(&self, label: &str) {
        self.screen.until(label, |_| button(label).is_some());
        button(label).unwrap().do_callback();
    }

    /// Bob leaves, and connects anew to a server that takes its time.
    fn connect_slowly(&mut self) {
        choose("Disconnect");
        self.hang_up();
        self.screen.until_status("Not connected");
        self.connect();
    }

    /// Opens a place to type in, while bob is in the room; returns its field and its window.
    fn open(&mut self, place: Place) -> Option<(Typed, Window)> {
        let room = || Window::of(std::process::id(), "bob - multichat$");
        match place {
            Place::Entry | Place::OtherServers => {}
            Place::Private => {
                if titled("ann - multichat").is_none() {
                    // By bob himself: what opens by itself gives the keyboard back for a moment.
                    Typed::Entry(entry()).set_value("/msg ann");
                    self.press("Send");
                    self.screen.until("ann's window", |_| titled("ann - multichat").is_some());
                    self.settle("ann's window", || app::focus().is_some());
                }
            }
            Place::Find => self.screen.desktop.keys(&["ctrl+f"]),
            Place::Save => self.screen.desktop.keys(&["ctrl+s"]),
            Place::Register => {
                choose("Register this name …");
            }
            Place::Wire => self.screen.desktop.keys(&["F12"]),
        }
        let shown = match place {
            Place::Find => "Search all messages",
            Place::Save => "Cancel",
            Place::Register => "Register",
            Place::Wire => "Clear",
            _ => "Send",
        };
        self.screen.until(shown, |_| button(shown).is_some());
        let mut fields = fields().into_iter().map(Typed::Field);
        app::flush();
        Some(match place {
            Place::OtherServers => return None,
            Place::Private => {
                let entry = find(&titled("ann - multichat").unwrap().as_group().unwrap()).remove(0);
                (Typed::Entry(entry), Window::of(std::process::id(), "ann - multichat$"))
            }
            Place::Entry => (Typed::Entry(entry()), room()),
            Place::Find | Place::Save | Place::Register => (fields.next().unwrap(), room()),
            // The filter is the one before.
            Place::Wire => (fields.nth(1).unwrap(), room()),
        })
    }

    fn close(&mut self, place: Place) {
        match place {
            Place::Find | Place::Save | Place::Register => {
                // Each row has one of these.
                let is_of_a_row =
                    |button: &Button| ["Search all messages", "Cancel"].contains(&button.label().as_str());
                let all = || room_window().as_group().unwrap();
                let rows = || find(&all()).iter().filter(|&it| is_of_a_row(it)).count();
                // The list of what was found, and the wire.
                let panes = || find::<Table>(&all()).len();
                while let before @ 1.. = rows() + panes() {
                    self.screen.desktop.keys(&["Escape"]);
                    self.screen.until("less", |_| rows() + panes() < before);
                }
            }
            Place::Wire if button("Clear").is_some() => {
                self.screen.desktop.keys(&["F12"]);
                self.screen.until("no wire", |_| button("Clear").is_none());
            }
            _ => {}
        }
    }

    /// Waits until the keyboard is where it belongs: a window manager gives it to a window that has just opened, which gives
    /// it back.
    fn settle(&self, what: &str, belongs: impl Fn() -> bool) {
        self.other_servers.settle(&self.screen);
        self.screen.until(what, |_| belongs());
        self.other_servers.settle(&self.screen);
    }

    /// What comes before the news.
    fn prepare(&mut self, news: News) {
        match news {
            News::SlowConnect | News::Refusal => self.connect_slowly(),
            News::Question => {
                self.connect_slowly();
                self.say("ERR TLS_REQUIRED\n");
                self.hang_up();
                // This one is spoken to in TLS, as soon as somebody does.
                let listener = &self.listener;
                let mut accepted = None;
                self.screen.until("a TLS connection", |_| {
                    accepted = listener.accept().ok();
                    accepted.is_some()
                });
                self.socket = accepted.unwrap().0;
                self.socket.set_nonblocking(false).unwrap();
            }
            News::SearchAnswer => {
                self.screen.desktop.keys(&["ctrl+f"]);
                self.screen.until("the row", |_| button("Search all messages").is_some());
                self.screen.desktop.keys(&["ctrl+a"]);
                self.screen.desktop.type_text("tea");
                self.screen.desktop.keys(&["ctrl+shift+f"]);
                let heard = self.heard.clone();
                let mut find = None;
                self.screen.until("FIND", |_| {
                    find = heard.try_iter().find_map(|line| line.strip_suffix(" FIND tea").map(str::to_owned));
                    find.is_some()
                });
                self.find = find.unwrap();
            }
            News::Reconnect | News::PrivateMessage => {}
        }
    }

    /// The news come, and are seen.
    fn tell(&mut self, news: News) {
        match news {
            News::SlowConnect => self.welcome(),
            News::Refusal => {
                self.say("ERR BANNED go away\n");
                self.hang_up();
                self.screen.until_status("You are banned");
            }
            News::Question => {
                join(&self.socket, self.encrypting.addr());
                self.screen.until_status("Is this 127.0.0.1:");
                // For a user at the conversation, it is behind the button in the top bar.
                let is_asked = || button("Answer …").is_some() || button("Trust this server").is_some();
                self.screen.until("the question", |_| is_asked());
            }
            News::SearchAnswer => {
                self.say(&format!("@5 FOUND ann tea time\n{} END FIND\n", self.find));
                // Where the wire is open, it is in place of what was found.
                self.screen.until("what was found", |screen| {
                    notes().iter().any(|note| note.starts_with("1 message"))
                        || button("Clear").is_some() && screen.window.wire_text().contains("END FIND")
                });
            }
            News::Reconnect => {
                self.hang_up();
                self.screen.until_status("Trying again");
                self.accept();
                self.welcome();
            }
            News::PrivateMessage => {
                self.strangers += 1;
                let title = format!("(1) cleo{} - multichat", self.strangers);
                self.say(&format!("TELL cleo{} psst\n", self.strangers));
                self.screen.until(&title, |_| titled(&title).is_some());
                app::flush();
                // A window that opened as an icon is not to be seen.
                if app::focus().is_some() {
                    Window::of(std::process::id(), &format!("cleo{} - multichat$", self.strangers));
                }
            }
        }
    }

    /// Bob is in the room again, with nothing open.
    fn tidy_up(&mut self, place: Place, news: News) {
        match news {
            News::Refusal => {
                self.connect();
                self.welcome();
            }
            News::Question => {
                if button("Answer …").is_some() {
                    self.press("Answer …");
                }
                self.press("Do not connect");
                self.connect();
                self.welcome();
            }
            News::Reconnect => {
                // A connection that is lost again at once is made again later and later.
                self.connect_slowly();
                self.welcome();
            }
            News::SearchAnswer => self.close(Place::Find),
            News::SlowConnect | News::PrivateMessage => {}
        }
        self.close(place);
    }

    fn meets(&mut self, place: Place, news: News) {
        // The name that is registered is that of a connection.
        // What is opened last is what one types in: there is one bar, and one pane.
        let is_search = news == News::SearchAnswer;
        if is_search {
            self.prepare(news);
        }
        let spot = self.open(place);
        if !is_search {
            self.prepare(news);
        }
        // The card is in the way of what is below the conversation.
        if !matches!(place, Place::Private | Place::OtherServers) && button("Back to the chat").is_some() {
            self.press("Back to the chat");
        }
        let what = |part: &str| format!("{part}, in {place:?} at {news:?}");
        let Some((mut field, window)) = spot else {
            self.other_servers.desktop().focus();
            self.screen.until("another program in use", |_| app::focus().is_none());
            self.other_servers.take_keys();
            type_here("hel");
            self.tell(news);
            type_here("l");
            self.other_servers.settle(&self.screen);
            type_here("o");
            let (mut keys, other_servers) = (0, &self.other_servers);
            self.screen.until(&what("five letters"), |_| {
                keys += other_servers.take_keys();
                keys == 5
            });
            assert!(app::focus().is_none(), "{}", what("the keyboard"));
            self.screen.desktop.focus();
            self.screen.until("the keyboard again", |_| app::focus().is_some());
            return self.tidy_up(place, news);
        };
        field.set_value("");
        // Above the tooltip that the mouse may have left.
        let widget = field.widget();
        window.go_to(u32::try_from(widget.x() + 20).unwrap(), u32::try_from(widget.y() + widget.h() / 2).unwrap());
        // A window manager looks at a click before it hands it on, so the keys could overtake it.
        self.settle(&what("the keyboard there"), || field.widget().has_focus());
        let others = || {
            let this = field.widget().as_widget_ptr() as usize;
            let values = all_inputs().into_iter().filter(move |(input, _)| *input != this);
            values.collect::<BTreeMap<_, _>>()
        };
        let mut before = others();
        type_here("hel");
        self.screen.until(&what("the first letters"), |_| field.value() == "hel");
        self.tell(news);
        type_here("l");
        self.settle(&what("the keyboard"), || field.widget().has_focus());
        type_here("o");
        self.screen.until(&what("the whole word"), |_| field.value() == "hello");
        self.settle(&what("the keyboard still"), || field.widget().has_focus());
        // Those that can be seen still, or again.
        let after = others();
        before.retain(|field, _| after.contains_key(field));
        assert!(before.iter().all(|(field, value)| after[field] == *value), "{}", what(""));
        assert!(!self.heard.try_iter().any(|line| line.contains("hel")), "{}", what("nothing is sent"));
        field.set_value("");
        self.tidy_up(place, news);
    }
}

fn all_news(_manager: Option<WindowManager>) {
    let mut stage = Stage::online();
    for news in NEWS {
        for place in PLACES {
            stage.meets(place, news);
        }
    }
    stage.screen.close();
}

fn accept(screen: &Screen, listener: &TcpListener) -> (TcpStream, Receiver<String>) {
    let mut accepted = None;
    screen.until("a connection", |_| {
        accepted = listener.accept().ok();
        accepted.is_some()
    });
    let (socket, _) = accepted.unwrap();
    socket.set_nonblocking(false).unwrap();
    let heard = lines(socket.try_clone().unwrap());
    (socket, heard)
}

/// Passes on all bytes between a socket and a server.
fn join(socket: &TcpStream, server: SocketAddr) {
    let server = TcpStream::connect(server).unwrap();
    for (from, to) in [(socket, &server), (&server, socket)] {
        let (mut from, mut to) = (from.try_clone().unwrap(), to.try_clone().unwrap());
        thread::spawn(move || {
            let _ = io::copy(&mut from, &mut to);
            let _ = to.shutdown(Shutdown::Write);
        });
    }
}

fn windows() -> Vec<FltkWindow> {
    app::windows().unwrap_or_default().iter().filter_map(FltkWindow::from_dyn_widget).collect()
}

/// The window with this title, whatever its count of unread messages, while it is shown.
fn titled(title: &str) -> Option<FltkWindow> {
    let is_meant = |label: &str| label == title || label.split_once(") ").is_some_and(|(_, rest)| rest == title);
    windows().into_iter().find(|window| is_meant(&window.label()) && window.shown())
}

/// The room's window: the one with a menu.
fn room_window() -> FltkWindow {
    let has_menu = |window: &FltkWindow| !find::<MenuButton>(&window.as_group().unwrap()).is_empty();
    windows().into_iter().find(|window| window.shown() && has_menu(window)).unwrap()
}

/// All widgets of a kind that can be seen in a window, in their order.
fn find<W: WidgetBase>(group: &Group) -> Vec<W> {
    let mut found = Vec::new();
    for child in (0..group.children()).filter_map(|at| group.child(at)).filter(WidgetExt::visible) {
        match (W::from_dyn_widget(&child), child.as_group()) {
            (Some(widget), _) => found.push(widget),
            (None, Some(group)) => found.extend(find::<W>(&group)),
            (None, None) => {}
        }
    }
    found
}

/// The button of the room's window with this label, while it is shown.
fn button(label: &str) -> Option<Button> {
    find::<Button>(&room_window().as_group()?).into_iter().find(|button| button.label() == label)
}

fn notes() -> Vec<String> {
    find::<fltk::frame::Frame>(&room_window().as_group().unwrap()).iter().map(WidgetExt::label).collect()
}

/// The places to type in, in the room's window and in ann's, with what stands there.
fn all_inputs() -> Vec<(usize, String)> {
    let windows = [Some(room_window()), titled("ann - multichat")];
    let groups: Vec<_> = windows.into_iter().flatten().filter_map(|window| window.as_group()).collect();
    let fields = groups.iter().flat_map(find).map(Typed::Field);
    let entries = groups.iter().flat_map(find).map(Typed::Entry);
    fields.chain(entries).map(|place| (place.widget().as_widget_ptr() as usize, place.value())).collect()
}

/// The fields of the card, or of the rows below the conversation.
fn fields() -> Vec<Input> {
    find(&room_window().as_group().unwrap())
}

fn entry() -> TextEditor {
    find(&room_window().as_group().unwrap()).remove(0)
}

fn handed_over() {
    let mut stage = Stage::connecting();
    let card = fields();
    assert!(card[1].has_focus(), "the keyboard begins with the server");
    stage.say("ERR BAD_PASSWORD no\n");
    stage.hang_up();
    stage.screen.until_status("Refused: wrong password");
    stage.screen.until("the field at fault", |_| fields().get(2).is_some_and(Input::has_focus));
    assert!(stage.screen.window.reason().starts_with("Wrong password"), "{}", stage.screen.window.reason());
    stage.screen.desktop.keys(&["Return"]);
    stage.accept();
    stage.say("ERR USERNAME_TAKEN bob\n");
    stage.hang_up();
    stage.screen.until_status("Refused: the name bob is taken");
    stage.screen.until("the other field at fault", |_| card[0].has_focus());
    // A click on the button, which is gone while there is a connection, is as good as Enter.
    let connect = button("Connect").unwrap();
    stage.screen.desktop.click(
        u32::try_from(connect.x() + connect.w() / 2).unwrap(),
        u32::try_from(connect.y() + connect.h() / 2).unwrap(),
    );
    stage.accept();
    stage.welcome();
    stage.screen.until("the entry", |_| fields().is_empty() && entry().has_focus());
    // What is wrong with the fields themselves is seen at once.
    choose("Disconnect");
    stage.screen.until_status("Not connected");
    let (mut name, mut server) = (card[0].clone(), card[1].clone());
    for (is, address, at) in [("bob", "localhost:x", 1), ("bob", "localhost:70000", 1), ("bob", "", 1), ("b b", "x", 0)]
    {
        name.set_value(is);
        server.set_value(address);
        stage.press("Connect");
        assert!(card[at].has_focus(), "{is} {address}: {}", stage.screen.window.reason());
        assert!(!stage.screen.window.reason().is_empty());
    }
    stage.screen.close();
}

fn comes_back() {
    let mut stage = Stage::connecting();
    look_away();
    stage.screen.until("nobody there", |_| app::focus().is_none());
    stage.welcome();
    assert!(app::focus().is_none());
    stage.screen.desktop.type_text("hello");
    stage.screen.until("it in the entry", |screen| screen.window.draft() == "hello");
    stage.screen.close();
}

fn begun_in_the_card() {
    let mut stage = Stage::connecting();
    let card = fields();
    stage.screen.until("the keyboard in the card", |_| card[1].has_focus());
    let typing = thread::spawn(|| {
        for letter in "correct horse ".repeat(6).split_inclusive(|_| true) {
            type_here(letter);
            thread::sleep(BETWEEN_KEYS);
        }
    });
    stage.screen.until("a letter", |_| "corect hs".chars().any(|letter| app::event_key() == Key::from_char(letter)));
    stage.welcome();
    stage.screen.until("the last letter", |_| typing.is_finished());
    typing.join().unwrap();
    assert_eq!(stage.screen.window.draft(), "");
    stage.screen.until("the entry", |_| fields().is_empty() && entry().has_focus());
    assert_eq!(stage.screen.window.draft(), "");
    stage.screen.close();
}

fn button_gone() {
    let mut stage = Stage::online();
    let entry = entry();
    for label in ["Not encrypted", "Send"] {
        app::set_focus(&button(label).unwrap());
        stage.hang_up();
        stage.screen.until_status("Trying again");
        assert!(entry.has_focus(), "{label}");
        stage.accept();
        stage.welcome();
    }
    stage.hang_up();
    stage.screen.until_status("Trying again");
    app::set_focus(&button("Cancel").unwrap());
    stage.accept();
    stage.welcome();
    assert!(entry.has_focus(), "Cancel");
    stage.screen.close();
}

fn question_while_away() {
    let mut stage = Stage::online();
    stage.prepare(News::Question);
    look_away();
    stage.screen.until("nobody there", |_| app::focus().is_none());
    stage.tell(News::Question);
    stage.screen.until("the question", |_| button("Do not connect").is_some());
    assert!(app::focus().is_none());
    stage.screen.desktop.focus();
    stage.screen.until("the answer", |_| button("Do not connect").is_some_and(|no| no.has_focus()));
    stage.screen.close();
}

fn escape() {
    let mut stage = Stage::online();
    let (mut field, window) = stage.open(Place::Find).unwrap();
    stage.prepare(News::Question);
    stage.press("Back to the chat");
    let widget = field.widget();
    window.go_to(u32::try_from(widget.x() + 20).unwrap(), u32::try_from(widget.y() + widget.h() / 2).unwrap());
    stage.screen.until("the keyboard there", |_| field.widget().has_focus());
    stage.tell(News::Question);
    field.set_value("");
    stage.screen.desktop.keys(&["Escape"]);
    stage.screen.until("the row gone", |_| button("Search all messages").is_none());
    assert!(button("Answer …").is_some(), "a key that was meant for something else answers nothing");
    stage.press("Answer …");
    stage.screen.until("the question", |_| button("Do not connect").is_some_and(|no| no.has_focus()));
    stage.screen.desktop.keys(&["Escape"]);
    stage.screen.until("the card", |_| button("Connect").is_some());
    click_here();
    stage.screen.close();
}
