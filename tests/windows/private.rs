//! Private conversations in windows of their own, being away and typing, on a real screen against the real server; and what a raw socket in the same room
//! hears of all that, which is nothing.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::TcpListener;
use std::thread;
use std::time::{Duration, Instant};

use crate::support::desktop::{Test, Window};
use crate::support::program::{Home, Program};
use crate::support::screen::{Screen, Typed, choose, text_in};
use crate::support::{Peer, Room, eventually};
use fltk::app;
use fltk::button::Button;
use fltk::group::Group;
use fltk::input::Input;
use fltk::prelude::*;
use fltk::window::Window as FltkWindow;

pub(crate) fn tests() -> Vec<Test> {
    vec![
        ("two programs talk alone, and the room hears nothing", two_programs),
        ("closing a private window leaves the program, closing the room's ends it", closing),
        ("what somebody says opens a window, unread until it is looked at", opens),
        ("a key pressed while a window opens by itself lands where it was meant", keyboard),
        ("a name that is chosen opens a window, and what is written there is for one", chosen),
        ("the window says who has left, keeps the text, and says who is back", left_and_back),
        ("what somebody who has just left did not get comes back by Up, and what was typed since", just_left),
        ("escape closes nothing, and a closed window keeps its draft", kept),
        ("a window that was read and closed is given to the next stranger", given),
        ("a private window and what is written stay with their server", moved),
        ("the size of a private window is that of the last one, even after a kill", sized),
        ("typing appears, and is gone with the message", typing),
        ("typing is gone after six seconds", typing_expires),
        ("who is away is shown, since when and why", away),
        ("commands are for the program, and what is no command is not sent", commands),
        ("nc hears nothing that it did not ask for", nc),
    ]
}

/// Where the entry of a private window is, whose size is what it begins with.
const ENTRY: (u32, u32) = (100, 364);

/// Clicks into a private window, as whoever wants to write there does.
fn go_to(private: &Window) {
    private.go_to(ENTRY.0, ENTRY.1);
}

fn program(home: &Home, room: &Room, name: &str) -> (Program, Window) {
    let file = home.path().join("multichat").join("client.conf");
    if !file.exists() {
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        std::fs::write(&file, "own_windows = yes\n").unwrap();
    }
    let args = [&room.addr().to_string(), "--name", name, "--connect"];
    let program = Program::start(env!("CARGO_BIN_EXE_client"), home, &args);
    let window = Window::of(program.id(), &format!("^{name} - multichat$"));
    (program, window)
}

fn two_programs() {
    let room = Room::open();
    let mut carl = room.join("carl");
    let (home, other_home) = (Home::new(), Home::new());
    // Ann comes last, and so knows of bob from the first moment.
    let (bob, _bobs) = program(&other_home, &room, "bob");
    let (ann, anns) = program(&home, &room, "ann");
    anns.type_text("/msg bob psst");
    anns.keys(&["Return"]);
    let with_ann = Window::of(bob.id(), "^(1) ann - multichat$");
    go_to(&with_ann);
    with_ann.type_text("what is it?");
    // To be in the window is to have seen it.
    Window::of(bob.id(), "^ann - multichat$");
    anns.keys(&["shift+Tab"]);
    with_ann.keys(&["Return"]);
    Window::of(ann.id(), "bob - multichat$");
    carl.expect("HELLO bob");
    carl.expect("HELLO ann");
    carl.sync();
}

fn closing() {
    let room = Room::open();
    let mut ann = room.join("ann");
    let home = Home::new();
    let (mut bob, bobs) = program(&home, &room, "bob");
    ann.expect("HELLO bob");
    ann.send("TELL bob psst\n");
    let with_ann = Window::of(bob.id(), "^(1) ann");
    go_to(&with_ann);
    with_ann.type_text("a draft");
    Window::of(bob.id(), "^ann - multichat$").close();
    bobs.type_text("still here");
    bobs.keys(&["Return"]);
    ann.expect("MSG bob still here");
    ann.send("TELL bob hey\n");
    let again = Window::of(bob.id(), "^(1) ann");
    go_to(&again);
    again.keys(&["Return"]);
    ann.expect("TELL bob a draft");
    assert!(bob.runs());
    bobs.close();
    ann.expect("BYE bob");
    assert!(bob.ended().success());
}

/// What these tests want of a screen besides.
impl Screen {
    /// In a room with ann.
    fn with_ann(capabilities: &str) -> (Room, Peer, Screen) {
        let room = Room::open();
        let mut ann = room.join(&format!("ann {capabilities}"));
        let screen = Screen::with_own_windows(room.addr());
        screen.until_status("Connected as bob");
        ann.expect("HELLO bob");
        screen.until_people(&["ann", "bob, you"]);
        (room, ann, screen)
    }

    #[track_caller]
    fn until_talks(&self, talks: &[&str]) {
        self.until(&format!("{talks:?}"), |screen| screen.window.talks() == talks);
    }

    #[track_caller]
    fn until_people(&self, people: &[&str]) {
        self.until(&format!("{people:?}"), |screen| screen.window.people() == people);
    }

    /// Waits for a private window, and gives it back.
    #[track_caller]
    fn until_title(&self, title: &str) -> FltkWindow {
        self.until(title, |_| titled(title).is_some());
        titled(title).unwrap()
    }

    #[track_caller]
    fn until_status_with_ann(&self, begins: &str) {
        self.until(begins, |screen| screen.window.status_with("ann").is_some_and(|is| is.starts_with(begins)));
    }

    /// Runs the event loop while `hear` waits for what the window sends; returns its value.
    fn while_heard<T: Send + 'static>(&self, hear: impl FnOnce() -> T + Send + 'static) -> T {
        let heard = thread::spawn(hear);
        self.until("what is sent", |_| heard.is_finished());
        heard.join().unwrap()
    }

    /// Writes into the entry of the room and presses Enter; what is written is taken.
    fn enter(&self, line: &str) {
        self.type_line(line);
        self.until("an empty entry", |screen| screen.window.draft().is_empty());
    }

    fn type_line(&self, line: &str) {
        self.desktop.go_to(100, 444);
        self.desktop.type_text(line);
        self.until(line, |screen| screen.window.draft() == line);
        self.desktop.keys(&["Return"]);
    }
}

fn windows() -> Vec<FltkWindow> {
    let all = app::windows().unwrap_or_default();
    all.iter().filter_map(FltkWindow::from_dyn_widget).collect()
}

fn titled(title: &str) -> Option<FltkWindow> {
    windows().into_iter().find(|window| window.label() == title && window.shown())
}

/// The first widget of a kind that can be seen in a window.
fn find<W: WidgetBase>(group: &Group) -> Option<W> {
    (0..group.children())
        .filter_map(|at| group.child(at))
        .filter(WidgetExt::visible)
        .find_map(|child| W::from_dyn_widget(&child).or_else(|| child.as_group().and_then(|group| find(&group))))
}

/// The desktop's handle for the private window with ann.
fn private() -> Window {
    app::flush();
    Window::of(std::process::id(), "ann - multichat$")
}

fn conversation(window: &FltkWindow) -> String {
    text_in(&window.label()).unwrap()
}

fn entry(window: &FltkWindow) -> Typed {
    Typed::Entry(find(&window.as_group().unwrap()).unwrap())
}

fn opens() {
    let (_room, mut ann, screen) = Screen::with_ann("");
    ann.send("TELL bob psst\u{202e}\nTELL bob hey\n");
    let with_ann = screen.until_title("(2) ann - multichat");
    screen.until_talks(&["Everybody", "ann, 2 unread"]);
    assert!(conversation(&with_ann).contains("ann  psst<U+202E>"), "{}", conversation(&with_ann));
    screen.enter("nobody took my keyboard");
    ann.expect("MSG bob nobody took my keyboard");
    screen.until_title("(2) ann - multichat");
    go_to(&private());
    screen.until_title("ann - multichat");
    screen.until_talks(&["Everybody", "ann"]);
    screen.close();
}

fn keyboard() {
    let (_room, mut ann, screen) = Screen::with_ann("");
    screen.desktop.type_text("h");
    screen.until("the first letter", |screen| screen.window.draft() == "h");
    ann.send("TELL bob psst\n");
    let with_ann = screen.until_title("(1) ann - multichat");
    // As many window managers do, the keyboard is given to the new window.
    private().type_text("ello");
    screen.until("the rest of the word", |screen| screen.window.draft() == "hello");
    assert_eq!(entry(&with_ann).value(), "");
    screen.until_title("(1) ann - multichat");
    screen.close();
}

fn chosen() {
    let (room, mut ann, screen) = Screen::with_ann("");
    let mut carl = room.join("carl");
    ann.expect("HELLO carl");
    screen.until_people(&["ann", "bob, you", "carl"]);
    // From the entry over Send, the talks and Find to the list of people; the first there is ann, who then has the keyboard.
    screen.desktop.keys(&["Tab", "Tab", "Tab", "Tab", "Return"]);
    let with_ann = screen.until_title("ann - multichat");
    let private = private();
    private.type_text("just between us");
    private.keys(&["Return"]);
    screen.until("what was said", |_| conversation(&with_ann).contains("bob  just between us"));
    ann.expect("TELL bob just between us");
    carl.sync();
    screen.close();
}

fn left_and_back() {
    let (room, mut ann, screen) = Screen::with_ann("");
    ann.send("TELL bob bye then\n");
    let with_ann = screen.until_title("(1) ann - multichat");
    drop(ann);
    screen.until_status_with_ann("ann has left");
    screen.until_talks(&["Everybody", "ann, has left, 1 unread"]);
    screen.until_people(&["bob, you"]);
    let private = private();
    go_to(&private);
    screen.until_talks(&["Everybody", "ann, has left"]);
    private.type_text("wait!");
    private.keys(&["Return"]);
    screen.until_status_with_ann("Not sent: ann has left");
    assert_eq!(entry(&with_ann).value(), "wait!");
    let mut ann = room.join("ann");
    screen.until("ann again", |_| conversation(&with_ann).contains("ann joined"));
    screen.until_status_with_ann("ann is here");
    private.keys(&["Return"]);
    screen.until("what was said", |_| conversation(&with_ann).contains("bob  wait!"));
    ann.expect("TELL bob wait!");
    screen.close();
}

fn just_left() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let addr = listener.local_addr().unwrap();
    let server = std::thread::spawn(move || {
        let (mut socket, _) = listener.accept().unwrap();
        socket.write_all(b"HELLO ann\nHELLO bob\n").unwrap();
        for line in BufReader::new(socket.try_clone().unwrap()).lines().map_while(Result::ok) {
            if let Some((label, "TELL ann are you there?")) = line.split_once(' ') {
                socket.write_all(format!("{label} ERR NO_SUCH_USER ann\n").as_bytes()).unwrap();
            }
        }
    });
    let screen = Screen::with_own_windows(addr);
    screen.until_status("Connected as bob");
    screen.enter("/msg ann");
    let with_ann = screen.until_title("ann - multichat");
    let private = private();
    private.type_text("are you there?");
    private.keys(&["Return"]);
    screen.until_status_with_ann("Not sent: ann has left. Up brings the text back");
    // It is not mixed with what has been typed since.
    private.type_text("next");
    screen.until("what is typed", |_| entry(&with_ann).value() == "next");
    private.keys(&["Up"]);
    screen.until("the text", |_| entry(&with_ann).value() == "are you there?");
    private.keys(&["Up"]);
    screen.until("what was typed", |_| entry(&with_ann).value() == "next");
    screen.close();
    server.join().unwrap();
}

fn kept() {
    let (_room, mut ann, screen) = Screen::with_ann("");
    screen.enter("/msg ann");
    let mut with_ann = screen.until_title("ann - multichat");
    let private = private();
    private.type_text("a draft");
    private.keys(&["Escape", "x"]);
    screen.until("the key after Escape", |_| entry(&with_ann).value() == "a draftx");
    assert!(with_ann.shown());
    with_ann.hide();
    screen.until("its end", |_| !with_ann.shown());
    screen.enter("/msg ann");
    screen.until_title("ann - multichat");
    assert_eq!(entry(&with_ann).value(), "a draftx");
    ann.sync();
    screen.close();
}

fn given() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let screen = Screen::with_own_windows(listener.local_addr().unwrap());
    let (mut server, _) = listener.accept().unwrap();
    let strangers: Vec<_> = (0..50).map(|n| format!("TELL n{n} psst\n")).collect();
    server.write_all(format!("HELLO bob\n{}", strangers.concat()).as_bytes()).unwrap();
    screen.until_title("(1) n49 - multichat");
    let count = windows().len();
    app::flush();
    let first = Window::of(std::process::id(), "n0 - multichat$");
    go_to(&first);
    screen.until_title("n0 - multichat");
    first.type_text("x");
    first.keys(&["BackSpace", "ctrl+w"]);
    screen.until("its end", |_| titled("n0 - multichat").is_none());
    server.write_all(b"TELL late hello\n").unwrap();
    let late = screen.until_title("(1) late - multichat");
    assert_eq!(windows().len(), count);
    let shown = conversation(&late);
    assert!(shown.ends_with("late  hello") && !shown.contains("n0"), "{shown}");
    screen.close();
}

/// Leaves, and connects to this room.
fn go_to_room(screen: &Screen, room: &Room, ann: &mut Peer) {
    let main = windows().into_iter().find(|it| it.label() == "bob - multichat" && it.shown());
    if main.is_some() {
        choose("Disconnect");
    }
    screen.until_status("Not connected");
    let main = titled("multichat").unwrap();
    let mut fields: Vec<Input> = all(&main.as_group().unwrap());
    fields[1].set_value(&room.addr().to_string());
    press(&main, "Connect");
    screen.until_status("Connected as bob");
    ann.expect("HELLO bob");
}

fn press(window: &FltkWindow, label: &str) {
    let buttons = all::<Button>(&window.as_group().unwrap());
    buttons.into_iter().find(|button| button.label() == label).unwrap().do_callback();
}

/// All widgets of a kind that can be seen in a window.
fn all<W: WidgetBase>(group: &Group) -> Vec<W> {
    let children = (0..group.children()).filter_map(|at| group.child(at)).filter(WidgetExt::visible);
    children
        .flat_map(|child| match W::from_dyn_widget(&child) {
            Some(widget) => vec![widget],
            None => child.as_group().map_or(Vec::new(), |group| all(&group)),
        })
        .collect()
}

fn moved() {
    let (room, mut ann, screen) = Screen::with_ann("");
    let other_room = Room::open();
    let mut other_ann = other_room.join("ann");
    ann.send("TELL bob psst\n");
    let with_ann = screen.until_title("(1) ann - multichat");
    let desktop = private();
    go_to(&desktop);
    desktop.type_text("for ann");
    screen.until("the draft", |_| entry(&with_ann).value() == "for ann");
    screen.until_title("ann - multichat");
    screen.desktop.go_to(100, 444);
    screen.desktop.type_text("for all");
    screen.until("the other draft", |screen| screen.window.draft() == "for all");

    go_to_room(&screen, &other_room, &mut other_ann);
    ann.expect("BYE bob");
    assert_eq!(screen.window.draft(), "");
    let title = format!("ann on {} - multichat", room.addr());
    screen.until("the server in the title", |_| with_ann.label() == title);
    go_to(&desktop);
    desktop.keys(&["Return"]);
    screen.until("why not", |_| {
        entry(&with_ann).value() == "for ann"
            && screen.window.status_with("ann").is_some_and(|is| is.starts_with("Not sent"))
    });
    other_ann.send("TELL bob I am another\n");
    let with_other = screen.until_title("(1) ann - multichat");
    assert!(entry(&with_other).value().is_empty() && !conversation(&with_other).contains("psst"));
    other_ann.sync();

    go_to_room(&screen, &room, &mut ann);
    screen.until("the room's draft", |screen| screen.window.draft() == "for all");
    screen.until("the title", |_| with_ann.label() == "ann - multichat");
    go_to(&desktop);
    desktop.keys(&["Return"]);
    screen.until("what was said", |_| conversation(&with_ann).ends_with("bob  for ann"));
    ann.expect("TELL bob for ann");
    screen.close();
}

fn sized() {
    let room = Room::open();
    let mut ann = room.join("ann");
    let home = Home::new();
    let (bob, _bobs) = program(&home, &room, "bob");
    ann.expect("HELLO bob");
    ann.send("TELL bob psst\n");
    let with_ann = Window::of(bob.id(), "ann - multichat$");
    with_ann.place(610, 333);
    let file = home.path().join("multichat").join("client.conf");
    eventually("the size in the settings", || {
        let settings = std::fs::read_to_string(&file).unwrap_or_default();
        if settings.contains("private_window = 610x333\n") { Ok(()) } else { Err(settings) }
    });
    bob.kill();
    ann.expect("BYE bob");
    let (bob, _bobs) = program(&home, &room, "bob");
    ann.expect("HELLO bob");
    ann.send("TELL bob psst\n");
    let (.., width, height) = Window::of(bob.id(), "ann - multichat$").geometry();
    assert_eq!((width, height), (610, 333));
}

fn typing() {
    let (_room, mut ann, screen) = Screen::with_ann("typing");
    ann.send("TYPING\n");
    screen.until("typing", |screen| screen.window.typing() == "ann is typing …");
    ann.send("MSG ann hi\n");
    screen.until_conversation("ann  hi");
    assert_eq!(screen.window.typing(), "");
    // And the other way round: told once, since it is one message.
    screen.desktop.type_text("hel");
    let mut ann = screen.while_heard(move || {
        ann.expect("TYPING bob");
        ann
    });
    screen.desktop.type_text("lo");
    screen.desktop.keys(&["Return"]);
    let mut ann = screen.while_heard(move || {
        ann.expect("MSG bob hello");
        ann
    });
    ann.sync();
    screen.close();
}

fn typing_expires() {
    let (_room, mut ann, screen) = Screen::with_ann("");
    ann.send("TYPING\n");
    screen.until("typing", |screen| screen.window.typing() == "ann is typing …");
    let began = Instant::now();
    screen.until("nobody typing", |screen| screen.window.typing().is_empty());
    let took = began.elapsed();
    assert!(took > Duration::from_secs(5), "{took:?}");
    screen.close();
}

fn away() {
    let (_room, mut ann, screen) = Screen::with_ann("away");
    ann.send("AWAY lunch\n");
    screen.until("ann away", |screen| {
        let people = screen.window.people();
        people[0].starts_with("ann, away since ") && people[0].ends_with(": lunch")
    });
    ann.send("AWAY\n");
    screen.until_people(&["ann", "bob, you"]);
    screen.enter("/away tea");
    let mut ann = screen.while_heard(move || {
        ann.expect("AWAY bob tea");
        ann
    });
    screen.until("being away", |screen| screen.window.status().ends_with("You are away: tea"));
    screen.enter("/back");
    screen.while_heard(move || ann.expect("AWAY bob"));
    screen.close();
}

fn commands() {
    let (_room, mut ann, screen) = Screen::with_ann("");
    screen.type_line("/dance");
    screen.until("the reason", |screen| screen.window.status().contains("/dance is not a command"));
    assert_eq!(screen.window.draft(), "/dance");
    screen.desktop.keys(&["Home"]);
    screen.desktop.type_text("/");
    screen.desktop.keys(&["Return"]);
    screen.until("an empty entry", |screen| screen.window.draft().is_empty());
    ann.expect("MSG bob /dance");
    screen.type_line("/quit");
    screen.until("the end", |_| windows().iter().all(|window| !window.shown()));
    screen.close();
    ann.expect("BYE bob");
}

fn nc() {
    let (room, mut ann, screen) = Screen::with_ann("away typing");
    let mut nc = room.join("nc");
    screen.enter("/away lunch");
    screen.enter("/msg ann psst");
    let with_ann = screen.until_title("ann - multichat");
    screen.enter("/back");
    screen.until("the receipt", |_| conversation(&with_ann).contains("psst"));
    let (heard, _ann) = screen.while_heard(move || {
        let mut heard = Vec::new();
        while !heard.contains(&"AWAY bob".to_owned()) {
            heard.push(ann.line());
        }
        (heard, ann)
    });
    assert!(heard.contains(&"AWAY bob lunch".into()) && heard.contains(&"TELL bob psst".into()), "{heard:?}");
    nc.sync();
    screen.close();
}
