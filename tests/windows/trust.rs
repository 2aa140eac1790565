//! Passwords and certificates on a real screen: what is asked, what the keys answer, what the lock
//! shows, and what gets to the server.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{TcpListener, TcpStream};
use std::time::{Duration, Instant};

use fltk::app;
use fltk::frame::Frame;
use fltk::input::Input;
use fltk::prelude::*;
use multichat::internal::chat::window::Options;
use multichat::server::Config;

use crate::support::desktop::{Test, Window};
use crate::support::program::{Home, Program};
use crate::support::screen::{SIZE, Screen, button, choose, texts, widgets};
use crate::support::tls::{certificate_file, own_certificate};
use crate::support::{DEADLINE, Peer, Room, config};

/// Where the answer that trusts a server is in a window of this size.
const YES: (u32, u32) = (170, 342);

const SECRET: &str = "correct horse";

pub(crate) fn tests() -> Vec<Test> {
    vec![
        ("a password is typed as dots, sent before the name, and kept nowhere", password),
        ("the password of the variable is filled in", variable),
        ("two real programs: a question the first time, none the second", programs),
        ("whom the system's roots vouch for is not asked about", vouched),
        ("the first certificate is asked about, and Enter trusts nothing", first_use),
        ("escape is no, and nothing is sent", no),
        ("a changed certificate is refused, and Enter changes nothing", changed),
        ("a connection in plain text has an open lock", plain),
        ("what the status line tells of something does not hide the connection, nor outlive a lock", told),
        ("a wrong password stays, and its field has the keyboard", wrong_password),
        ("a password that was written for one server is not sent to another", other_server),
        ("a name is registered in a row of masked fields", register),
        ("a name that was registered is its owner's, who comes back with its password", owner),
        ("a password that is typed into the entry goes nowhere", not_here),
        ("a choice of encryption that is taken back changes nothing, and nothing is said", taken_back),
    ]
}

/// A room that speaks with nobody in plain text.
fn secret_room() -> Room {
    Room::with(secret_room_config())
}

fn secret_room_config() -> Config {
    Config { tls: Some(own_certificate()), require_tls: true, ..config() }
}

/// A listener that says what a test wants.
struct Listener(TcpListener);

impl Listener {
    fn new() -> Listener {
        Listener(TcpListener::bind("127.0.0.1:0").unwrap())
    }

    fn addr(&self) -> String {
        self.0.local_addr().unwrap().to_string()
    }

    fn accept(&self) -> BufReader<TcpStream> {
        let (socket, _) = self.0.accept().unwrap();
        socket.set_read_timeout(Some(DEADLINE)).unwrap();
        BufReader::new(socket)
    }
}

fn line(reader: &mut BufReader<TcpStream>) -> String {
    let mut line = String::new();
    reader.read_line(&mut line).unwrap();
    line
}

fn client(home: &Home, args: &[&str], variables: &[(&str, &str)]) -> (Program, Window) {
    let program = Program::start_in(env!("CARGO_BIN_EXE_client"), home, args, variables);
    let window = Window::of(program.id(), "multichat");
    window.place(SIZE.0, SIZE.1);
    (program, window)
}

/// All files below a folder.
fn files(folder: &std::path::Path) -> Vec<std::path::PathBuf> {
    std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] })
        .collect()
}

fn password() {
    let (home, listener) = (Home::new(), Listener::new());
    let (mut program, window) = client(&home, &[&listener.addr(), "--name", "bob"], &[("RUST_LOG", "trace")]);
    // From the server to the box, which opens the field.
    window.keys(&["Tab", "space"]);
    window.type_text(SECRET);
    window.keys(&["Return"]);
    let mut server = listener.accept();
    assert_eq!(line(&mut server), format!("PASS {SECRET}\n"));
    assert!(line(&mut server).starts_with("HELLO bob "));
    server.get_mut().write_all(b"HELLO bob\n").unwrap();
    Window::of(program.id(), "^bob - multichat$");
    window.close();
    assert!(program.ended().success());
    let log = program.complaints().join("\n");
    assert!(!log.contains("horse"), "{log}");
    for file in files(home.path()) {
        let text = String::from_utf8_lossy(&std::fs::read(&file).unwrap()).into_owned();
        assert!(!text.contains("horse"), "{}: {text}", file.display());
    }
}

fn variable() {
    let (home, listener) = (Home::new(), Listener::new());
    let args = [&*listener.addr(), "--name", "bob", "--connect"];
    let (_program, _window) = client(&home, &args, &[("MULTICHAT_PASSWORD", SECRET)]);
    assert_eq!(line(&mut listener.accept()), format!("PASS {SECRET}\n"));
}

fn programs() {
    let home = Home::new();
    let server = env!("CARGO_BIN_EXE_server");
    let server = Program::start(server, &home, &["--headless", "--listen", "127.0.0.1:0", "--tls"]);
    let addr = server.listening();
    let shown = server.next_line();
    let fingerprint = shown.strip_prefix("key ").unwrap();
    let mut ann = Peer::in_plain_text(addr.parse().unwrap());
    ann.join("ann");
    for time in ["the first", "the second"] {
        let (mut program, window) = client(&home, &[&addr, "--name", "bob", "--connect", "--tls"], &[]);
        if time == "the first" {
            // Once the question can be read, a click answers it; before, it is not taken for an answer.
            let mut clicked = Instant::now();
            let click = || {
                // Sooner it would be a double click, of which only the first counts.
                if clicked.elapsed() > Duration::from_millis(800) {
                    window.click(YES.0, YES.1);
                    clicked = Instant::now();
                }
            };
            Window::until("a yes", click, || {
                let text = std::fs::read_to_string(home.path().join("multichat/known_servers")).ok()?;
                assert!(text.contains(&format!("{addr} key {fingerprint}\n")), "{text}");
                Some(())
            });
        }
        ann.expect("HELLO bob");
        Window::of(program.id(), "^bob - multichat$");
        window.type_text("in private");
        window.keys(&["Return"]);
        ann.expect("MSG bob in private");
        window.close();
        assert!(program.ended().success());
        ann.expect("BYE bob");
    }
}

fn vouched() {
    let (home, room) = (Home::new(), secret_room());
    let addr = format!("localhost:{}", room.addr().port());
    let file = certificate_file();
    let roots = [("SSL_CERT_FILE", file.to_str().unwrap())];
    let (program, _window) = client(&home, &[&addr, "--name", "bob", "--connect", "--tls"], &roots);
    Window::of(program.id(), "^bob - multichat$");
    let text = std::fs::read_to_string(home.path().join("multichat/known_servers")).unwrap();
    assert!(text.contains(&format!("{addr} vouched\n")), "{text}");
}

/// A window that connects to this address as bob, with a file of servers that are known.
fn screen(addr: &str, home: &Home) -> Screen {
    let known_servers = Some(home.path().join("known_servers"));
    let server = Some(addr.parse().unwrap());
    Screen::with(&Options { server, name: Some("bob".into()), connect: true, known_servers, ..Options::default() })
}

/// The question that is asked, if there is one.
fn question() -> Option<String> {
    widgets::<Frame>().iter().any(|frame| frame.label().starts_with("SHA256:")).then(|| texts().concat())
}

/// Presses Enter until it is taken for an answer, which it is not at first.
fn enter_until(screen: &Screen, what: &str, mut shows: impl FnMut(&Screen) -> bool) {
    let mut pressed = Instant::now();
    screen.desktop.keys(&["Return"]);
    screen.until(what, |screen| {
        if pressed.elapsed() > Duration::from_millis(500) {
            screen.desktop.keys(&["Return"]);
            pressed = Instant::now();
        }
        shows(screen)
    });
}

fn first_use() {
    let (home, room) = (Home::new(), secret_room());
    let screen = screen(&room.addr().to_string(), &home);
    screen.until_status("Is this 127.0.0.1:");
    let fingerprint = room.server.fingerprint().unwrap();
    screen.until("the question", |_| question().is_some());
    assert!(widgets::<Frame>().iter().any(|frame| frame.label() == fingerprint));
    assert!(widgets::<Frame>().iter().any(|frame| frame.label().starts_with("First time here. Compare")));
    screen.until("the answer that changes nothing", |_| button("Do not connect").is_some_and(|no| no.has_focus()));
    screen.desktop.keys(&["Return"]);
    screen.until("no question", |_| question().is_none());
    screen.until("the card", |_| button("Connect").is_some());
    assert!(room.names().is_empty() && !home.path().join("known_servers").exists());

    // The keyboard is in the card again.
    screen.desktop.keys(&["Return"]);
    screen.until("the question again", |_| button("Do not connect").is_some_and(|no| no.has_focus()));
    button("Copy").unwrap().do_callback();
    screen.desktop.keys(&["shift+Tab"]);
    screen.until("the other answer", |_| button("Trust this server").is_some_and(|yes| yes.has_focus()));
    enter_until(&screen, "the room", |screen| screen.window.status().starts_with("Connected as bob"));
    assert_eq!(question(), None);
    assert!(room.person("bob").unwrap().encrypted);
    let lock = button("Encrypted").unwrap();
    let tooltip = lock.tooltip().unwrap();
    assert!(tooltip.contains("just trusted") && tooltip.contains(&fingerprint), "{tooltip}");
    lock.clone().do_callback();
    screen.until_status("Fingerprint copied. Encrypted. You have just");
    screen.close();
}

fn no() {
    let (home, room) = (Home::new(), secret_room());
    let screen = screen(&room.addr().to_string(), &home);
    screen.until("the question", |_| question().is_some());
    screen.desktop.keys(&["Escape"]);
    screen.until("no question", |_| question().is_none());
    screen.until_status("Refused: the server");
    assert!(room.names().is_empty() && !home.path().join("known_servers").exists());
    screen.close();
}

fn changed() {
    let (home, room) = (Home::new(), secret_room());
    let addr = room.addr().to_string();
    let file = home.path().join("known_servers");
    let old = format!("{addr} SHA256{}\n", ":0A".repeat(32));
    std::fs::write(&file, &old).unwrap();
    let screen = screen(&addr, &home);
    screen.until_status("Refused: the certificate of 127.0.0.1:");
    screen.until("what it can mean", |_| question().is_some_and(|words| words.contains("somebody is between you")));
    screen.until("the answer that changes nothing", |_| button("Do not connect").is_some_and(|no| no.has_focus()));
    screen.desktop.keys(&["Return"]);
    screen.until("no question", |_| question().is_none());
    assert_eq!(std::fs::read_to_string(&file).unwrap(), old);
    assert!(room.names().is_empty());

    // Again, and now by way of the two questions, with the keyboard. The second shows the fingerprint, too.
    button("Connect").unwrap().do_callback();
    screen.until("the question again", |_| question().is_some_and(|words| words.contains("somebody is between you")));
    let go = |label: &'static str| {
        app::set_focus(&button(label).unwrap());
        enter_until(&screen, label, |_| button(label).is_none());
    };
    go("Trust the new certificate …");
    assert!(button("No, keep the old one").unwrap().has_focus());
    let fingerprint = room.server.fingerprint().unwrap();
    assert!(widgets::<Frame>().iter().any(|frame| frame.label() == fingerprint));
    assert_eq!(std::fs::read_to_string(&file).unwrap(), old);
    assert!(room.names().is_empty());
    go("Yes, trust the new one");
    screen.until_status("Connected as bob");
    assert!(std::fs::read_to_string(&file).unwrap().contains(&fingerprint));
    screen.close();
}

fn plain() {
    let room = Room::open();
    let screen = Screen::open(room.addr());
    screen.until_status("Connected as bob");
    let lock = button("Not encrypted").unwrap();
    assert!(lock.tooltip().unwrap().contains("nothing leaves this computer"), "{:?}", lock.tooltip());
    choose("Disconnect");
    screen.until("no lock", |_| button("ncrypted").is_none());
    screen.close();
}

fn told() {
    let (home, listener) = (Home::new(), Listener::new());
    let screen = Screen::open(listener.addr().parse().unwrap());
    let welcome = || {
        // It is the window that connects again.
        screen.until("an attempt", |screen| screen.window.status().contains("onnecting to "));
        let mut server = listener.accept();
        assert!(line(&mut server).starts_with("HELLO bob"));
        server.get_mut().write_all(b"HELLO bob\n").unwrap();
        screen.until("the room", |screen| screen.window.status().contains("Connected as bob"));
        server
    };
    let status_has = |parts: [&str; 2]| {
        screen.until(parts[1], |screen| parts.iter().all(|part| screen.window.status().contains(part)));
    };
    let server = welcome();
    button("Not encrypted").unwrap().do_callback();
    status_has(["Not encrypted", "Connected as bob"]);
    drop(server);
    screen.until_status("Trying again");
    assert!(!screen.window.status().contains("crypted"), "{}", screen.window.status());

    let server = welcome();
    screen.desktop.keys(&["ctrl+s"]);
    screen.until("the row", |_| button("Cancel").is_some());
    screen.desktop.keys(&["ctrl+a"]);
    screen.desktop.type_text(home.path().join("said.txt").to_str().unwrap());
    screen.desktop.keys(&["Return"]);
    status_has(["Saved as", "Connected as bob"]);
    drop(server);
    status_has(["Saved as", "Connection lost"]);
    screen.close();
}

fn wrong_password() {
    let listener = Listener::new();
    let server = Some(listener.addr().parse().unwrap());
    let password = multichat::client::Password::typed(SECRET).unwrap();
    let screen =
        Screen::with(&Options { server, name: Some("bob".into()), password, connect: true, ..Options::default() });
    let mut server = listener.accept();
    assert_eq!(line(&mut server), format!("PASS {SECRET}\n"));
    server.get_mut().write_all(b"ERR BAD_PASSWORD no\n").unwrap();
    drop(server);
    screen.until_status("Refused: wrong password");
    // The keyboard is in the field, which has kept what was typed.
    screen.desktop.keys(&["End", "s", "Return"]);
    let mut listening = None;
    listener.0.set_nonblocking(true).unwrap();
    screen.until("another attempt", |_| {
        listening = listener.0.accept().ok();
        listening.is_some()
    });
    let (socket, _) = listening.unwrap();
    socket.set_nonblocking(false).unwrap();
    assert_eq!(line(&mut BufReader::new(socket)), format!("PASS {SECRET}s\n"));
    screen.close();
}

fn other_server() {
    let (one, other) = (Listener::new(), Listener::new());
    let server = Some(one.addr().parse().unwrap());
    let password = multichat::client::Password::typed(SECRET).unwrap();
    let screen =
        Screen::with(&Options { server, name: Some("bob".into()), password, connect: true, ..Options::default() });
    assert_eq!(line(&mut one.accept()), format!("PASS {SECRET}\n"));
    screen.until_status("Not connected: the connection ended");
    let mut fields = widgets::<Input>();
    fields[1].set_value(&other.addr());
    button("Connect").unwrap().do_callback();
    screen.until("the reason", |screen| screen.window.reason().starts_with("That password is for another server"));
    assert!(fields[2].has_focus() && fields[2].value().is_empty());
    other.0.set_nonblocking(true).unwrap();
    assert!(other.0.accept().is_err(), "nothing is asked of the other server");
    other.0.set_nonblocking(false).unwrap();
    // Another one that is written now is for the server that the fields name now.
    screen.desktop.type_text("sesame");
    screen.until("it in the field", |_| fields[2].value() == "sesame");
    screen.desktop.keys(&["Return"]);
    screen.until_status("Connecting");
    assert_eq!(line(&mut other.accept()), "PASS sesame\n");
    screen.until_status("Not connected: the connection ended");
    fields[2].set_value("");
    button("Connect").unwrap().do_callback();
    assert!(line(&mut other.accept()).starts_with("HELLO bob"));
    screen.close();
}

fn register() {
    let listener = Listener::new();
    let screen = Screen::open(listener.addr().parse().unwrap());
    let mut server = listener.accept();
    assert!(line(&mut server).starts_with("HELLO bob "));
    server.get_mut().write_all(b"HELLO bob\n").unwrap();
    screen.until_status("Connected as bob");
    choose("Register this name …");
    screen.until("the row", |_| button("Register").is_some());
    screen.desktop.type_text(SECRET);
    screen.desktop.keys(&["Return"]);
    screen.desktop.type_text("something else");
    screen.desktop.keys(&["Return"]);
    screen.until_status("Not registered: the two passwords differ");
    screen.desktop.keys(&["ctrl+a"]);
    screen.desktop.type_text(SECRET);
    screen.desktop.keys(&["Return"]);
    screen.until("the row gone", |_| button("Register").is_none());
    assert_eq!(line(&mut server), format!("#1 REGISTER {SECRET}\n"));
    server.get_mut().write_all(b"#1 REGISTERED bob\n").unwrap();
    screen.until_conversation("The name bob is registered");
    assert!(!format!("{:?} {:?}", texts(), screen.window.status()).contains("horse"));
    screen.close();
}

/// Registers the name that the window has, by its menu and the keyboard.
fn register_by_keys(screen: &Screen) {
    choose("Register this name …");
    screen.until("the row", |_| button("Register").is_some());
    for _ in 0..2 {
        screen.desktop.type_text(SECRET);
        screen.desktop.keys(&["Return"]);
    }
    screen.until("the row gone", |_| button("Register").is_none());
}

fn owner() {
    let home = Home::new();
    let room = Room::with(Config { members: Some(home.path().join("members.db")), ..secret_room_config() });
    let screen = screen(&room.addr().to_string(), &home);
    screen.until("the answers", |_| button("Do not connect").is_some_and(|no| no.has_focus()));
    screen.desktop.keys(&["shift+Tab"]);
    enter_until(&screen, "the room", |screen| screen.window.status().starts_with("Connected as bob"));
    register_by_keys(&screen);
    screen.until_conversation("The name bob is registered");
    choose("Disconnect");
    screen.until_status("Not connected");
    // Nobody has typed it again: the field has it.
    button("Connect").unwrap().do_callback();
    screen.until_status("Connected as bob");
    choose("Disconnect");
    screen.until_status("Not connected");
    let stranger = Screen::with(&Options {
        server: Some(room.addr().into()),
        name: Some("bob".into()),
        connect: true,
        known_servers: Some(home.path().join("known_servers")),
        ..Options::default()
    });
    stranger.until_status("Refused: a password is needed: the server's or, if bob is registered, that of the name");
    stranger.close();
}

fn not_here() {
    let room = Room::open();
    let mut ann = room.join("ann");
    let screen = Screen::open(room.addr());
    screen.until_status("Connected as bob");
    ann.expect("HELLO bob");
    screen.desktop.type_text(&format!("/register {SECRET}"));
    screen.desktop.keys(&["Return"]);
    screen.until_status("Do not type a password here");
    assert_eq!(screen.window.draft(), "");
    // It does not come back either.
    screen.desktop.keys(&["Up", "x", "Return"]);
    let heard = std::thread::spawn(move || {
        ann.expect("MSG bob x");
        ann
    });
    screen.until("what came after it", |_| heard.is_finished());
    heard.join().unwrap().sync();
    screen.close();
}

fn taken_back() {
    let room = Room::open();
    let screen = Screen::open(room.addr());
    screen.until_status("Connected as bob");
    choose("Encryption/Never");
    screen.until_status("Encryption changes the next time you connect");
    choose("Encryption/When available (recommended)");
    screen.until_status("Connected as bob");
    screen.close();
}
