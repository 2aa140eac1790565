//! Tests of the windows within a desktop session: the colours of the system, a second program of the same user, and the
//! names by which a desktop knows the windows.

use std::fs;

use crate::support::desktop::{Test, Window};
use crate::support::monitor::SIZE;
use crate::support::program::{Home, Program};
use crate::support::session_bus::{FakeDesktop, SessionBus};
use crate::support::{Room, eventually};

const CLIENT: &str = env!("CARGO_BIN_EXE_client");
const SERVER: &str = env!("CARGO_BIN_EXE_server");
const DARK: u32 = 1;
const LIGHT: u32 = 2;

pub(crate) fn tests() -> Vec<Test> {
    vec![
        ("the chat window has the colours of the system, and follows them", client_follows),
        ("the monitor has the colours of the system, and follows them", monitor_follows),
        ("a theme that was chosen stays when the system's changes", chosen),
        ("a second program of a user opens beside the first, and both remember what was set", two_programs),
        ("every window has an icon, and the class of its program", identity),
    ]
}

#[track_caller]
fn is_dark(window: &Window, expected: bool) {
    eventually("its colours", || {
        let color = window.color_at(3, 3);
        if (color[1] < 128) == expected { Ok(()) } else { Err(color) }
    });
}

fn client_follows() {
    let (bus, home) = (SessionBus::start(), Home::new());
    let desktop = FakeDesktop::start(&bus, DARK, true);
    let program = Program::start_in(CLIENT, &home, &[], &[bus.variable()]);
    let window = Window::of(program.id(), "multichat");
    is_dark(&window, true);
    desktop.set_scheme(LIGHT);
    is_dark(&window, false);
    desktop.set_scheme(DARK);
    is_dark(&window, true);
    // The next one begins as the last one ended, even if nobody answers.
    drop(desktop);
    window.close();
    drop(program);
    let program = Program::start_in(CLIENT, &home, &[], &[bus.variable()]);
    is_dark(&Window::of(program.id(), "multichat"), true);
}

fn monitor_follows() {
    let (bus, home) = (SessionBus::start(), Home::new());
    let desktop = FakeDesktop::start(&bus, DARK, true);
    let program = Program::start_in(SERVER, &home, &["--listen", "127.0.0.1:0"], &[bus.variable()]);
    let window = Window::of(program.id(), "multichat server");
    is_dark(&window, true);
    desktop.set_scheme(0);
    is_dark(&window, false);
    // The menu chooses the last one, dark.
    window.place(SIZE.0, SIZE.1);
    window.click(SIZE.0 - 52, 32);
    window.keys(&["Down", "Right", "Down", "Down", "Return"]);
    is_dark(&window, true);
}

fn chosen() {
    let (bus, home) = (SessionBus::start(), Home::new());
    let desktop = FakeDesktop::start(&bus, DARK, true);
    let start = |args: &[&str]| {
        let program = Program::start_in(CLIENT, &home, args, &[bus.variable()]);
        let window = Window::of(program.id(), "multichat");
        (program, window)
    };
    let (mut program, window) = start(&["--theme", "light"]);
    is_dark(&window, false);
    window.keys(&["ctrl+t"]);
    is_dark(&window, true);
    desktop.set_scheme(LIGHT);
    window.close();
    assert!(program.ended().success());
    let (mut program, window) = start(&[]);
    is_dark(&window, true);
    window.close();
    assert!(program.ended().success());
    let (_program, window) = start(&["--theme", "system"]);
    is_dark(&window, false);
}

fn two_programs() {
    let home = Home::new();
    let start = || {
        let program = Program::start(CLIENT, &home, &["--theme", "light"]);
        let window = Window::of(program.id(), "multichat");
        (program, window)
    };
    let file = home.path().join("multichat/client.conf");
    let remembered = |line: &str| {
        eventually(line, || {
            let text = fs::read_to_string(&file).unwrap_or_default();
            if text.lines().any(|is| is == line) { Ok(()) } else { Err(text) }
        });
    };
    let (mut first, one) = start();
    one.place_at(100, 80, 800, 500);
    remembered("window = 800x500+100+80");
    let (mut second, two) = start();
    assert_eq!(two.geometry(), (132, 112, 800, 500));
    two.place_at(500, 300, 700, 450);
    two.keys(&["ctrl+t"]);
    remembered("theme = dark");
    one.keys(&["ctrl+minus"]);
    remembered("zoom = 0.90");
    remembered("theme = dark");
    two.close();
    assert!(second.ended().success());
    one.close();
    assert!(first.ended().success());
    let text = fs::read_to_string(&file).unwrap();
    assert!(text.contains("window = ") && !text.contains("+500+300"), "{text}");
    remembered("theme = dark");
}

fn identity() {
    let (home, room) = (Home::new(), Room::open());
    fs::create_dir(home.path().join("multichat")).unwrap();
    fs::write(home.path().join("multichat/client.conf"), "own_windows = yes\n").unwrap();
    let mut ann = room.join("ann");
    let args = [&room.addr().to_string(), "--name", "bob", "--connect"];
    let bob = Program::start(CLIENT, &home, &args);
    ann.expect("HELLO bob");
    let window = Window::of(bob.id(), "^bob - multichat$");
    window.focus();
    ann.send("TELL bob psst\n");
    let private = Window::of(bob.id(), "ann - multichat");
    for window in [&window, &private] {
        assert_eq!(window.identity(), (0x0025_63eb, "multichat".into(), "Multichat".into()));
    }
    let server = Program::start(SERVER, &home, &["--listen", "127.0.0.1:0"]);
    let window = Window::of(server.id(), "multichat server");
    assert_eq!(window.identity(), (0x000f_766e, "multichat-server".into(), "Multichat-server".into()));
}
