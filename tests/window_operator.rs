//! What the operator does in the monitor window, in the real program on a real screen: kicks, bans, announces, sorts, reads
//! the log; by mouse and by keyboard, and watched from the wire.
//!
//! There is no test harness here, since the toolkit belongs to the main thread.

// Without the harness, clippy does not see that this is a test.
#![allow(clippy::unwrap_used)]

mod support;

#[cfg(target_os = "linux")]
fn main() {
    on_linux::run();
}

#[cfg(not(target_os = "linux"))]
fn main() {
    println!("the window tests press keys with xdotool, which is for X11");
}

#[cfg(target_os = "linux")]
mod on_linux {
    use std::fs;
    use std::time::{Duration, Instant};

    use crossbeam_channel::never;
    use fltk::app;
    use fltk::group::Group;
    use fltk::input::Input;
    use fltk::prelude::*;
    use multichat::server::Config;
    use multichat::server::monitor::window::{MonitorWindow, Options};
    use multichat::ui::Settings;

    use crate::support::desktop::Window;
    use crate::support::program::{Home, Program};
    use crate::support::{DEADLINE, Peer};

    const TITLE: &str = "multichat server";

    type Place = (u32, u32);

    /// Where things are in a window of this size.
    const SIZE: Place = (800, 500);
    const NAME_TITLE: Place = (60, 176);
    const FIRST_ROW: Place = (60, 206);
    const KICK: Place = (52, 326);
    const ANNOUNCEMENT: Place = (450, 326);
    const SEND: Place = (748, 326);
    const LOG_TAB: Place = (52, 369);
    const BANS_TAB: Place = (129, 369);
    const FIRST_BAN: Place = (100, 411);
    const LET_IN_AGAIN: Place = (730, 369);
    const FILTER: Place = (520, 369);
    const PAUSE: Place = (654, 369);
    const SAVE: Place = (752, 369);
    /// While a question is asked, which makes the table a little lower.
    const YES: Place = (662, 311);
    const ADDRESS_SEGMENT: Place = (296, 311);

    pub(super) fn run() {
        // Without a display there is nothing to show; script/test gives one to every run.
        if std::env::var_os("DISPLAY").is_none() {
            println!("skipped: there is no DISPLAY (run it under xvfb-run)");
            return;
        }
        // An X server begins anew when its last client goes, and whoever comes at that moment is thrown out.
        let _keeps_it_going = x11rb::connect(None).unwrap();
        let tests: [(&str, fn()); 10] = [
            ("somebody is kicked by mouse, with a reason", kick_by_mouse),
            ("somebody is kicked by keyboard, and escape is no", kick_by_keyboard),
            ("a ban by name for good survives a restart and can be lifted", a_ban_survives),
            ("a ban by address shuts everybody out who comes from there", a_ban_by_address),
            ("everybody hears an announcement", announcements),
            ("the log that the filter lets through is saved", saving),
            ("what comes while the log is paused is saved all the same", paused),
            // From here on, this process has windows of its own.
            ("the table is sorted by mouse and keyboard, and the mark stays with its person", sorting),
            ("a list of bans that cannot be written is said", an_unwritable_list),
            ("an announcement that cannot be sent stays, with the reason", what_cannot_be_sent),
        ];
        for (name, test) in tests {
            println!("test {name} ...");
            test();
            println!("test {name} ... ok");
        }
    }

    /// The server program with its window at hand, listening at the address that is given back.
    fn server(home: &Home) -> (Program, Window, String) {
        let program = Program::start(env!("CARGO_BIN_EXE_server"), home, &["--listen", "127.0.0.1:0"]);
        let addr = program.listening();
        let window = Window::of(program.id(), TITLE);
        window.place(SIZE.0, SIZE.1);
        (program, window, addr)
    }

    fn join(addr: &str, name: &str) -> Peer {
        let mut peer = Peer::connect(addr.parse().unwrap());
        peer.join(name);
        peer
    }

    fn click(window: &Window, place: Place) {
        window.click(place.0, place.1);
    }

    /// Does this until the peer has heard something of it.
    fn until_heard(peer: &Peer, act: impl FnMut()) {
        peer.socket.set_read_timeout(Some(Duration::from_millis(500))).unwrap();
        Window::until("the peer hears", act, || peer.socket.peek(&mut [0]).ok());
        peer.socket.set_read_timeout(Some(DEADLINE)).unwrap();
    }

    /// Whether the server turns a name away.
    fn is_banned(addr: &str, name: &str) -> bool {
        let mut peer = Peer::connect(addr.parse().unwrap());
        peer.send(format!("HELLO {name}\n"));
        peer.line().starts_with("ERR BANNED")
    }

    fn kick_by_mouse() {
        let home = Home::new();
        let (_program, window, addr) = server(&home);
        let mut ann = join(&addr, "ann");
        until_heard(&ann, || {
            click(&window, FIRST_ROW);
            click(&window, KICK);
            // If the row was not there yet, this goes into no field: the address cannot be changed now.
            window.keys(&["ctrl+a"]);
            window.type_text("calm down");
            click(&window, YES);
        });
        ann.expect("ERR KICKED calm down");
        ann.expect_end();
    }

    fn kick_by_keyboard() {
        let home = Home::new();
        let (_program, window, addr) = server(&home);
        let (mut ann, mut ben) = (join(&addr, "ann"), join(&addr, "ben"));
        ann.expect("HELLO ben");
        // From the address past Stop and the theme to the table; the mark goes to the last row.
        window.keys(&["Tab", "Tab", "Tab"]);
        until_heard(&ben, || window.keys(&["End", "Delete", "Escape", "Delete", "Return"]));
        ben.expect("ERR KICKED");
        ann.expect("BYE ben");
        ann.sync();
    }

    fn a_ban_survives() {
        let home = Home::new();
        let (mut program, window, addr) = server(&home);
        let mut ann = join(&addr, "ann");
        until_heard(&ann, || {
            click(&window, FIRST_ROW);
            // By name; for good is the last of four.
            window.keys(&["shift+Delete", "Tab", "Right", "Right", "Right", "Tab", "space"]);
        });
        ann.expect("ERR BANNED the operator does not let you in");
        window.close();
        assert_eq!(program.ended().code(), Some(0));
        let list = fs::read_to_string(home.path().join("multichat/bans.txt")).unwrap();
        assert!(list.ends_with("\nname ann forever\n"), "{list}");

        let (_program, window, addr) = server(&home);
        assert!(is_banned(&addr, "ANN"));
        let let_in = || {
            click(&window, BANS_TAB);
            click(&window, FIRST_BAN);
            click(&window, LET_IN_AGAIN);
        };
        Window::until("ann is let in again", let_in, || (!is_banned(&addr, "ann")).then_some(()));
    }

    fn a_ban_by_address() {
        let home = Home::new();
        let (_program, window, addr) = server(&home);
        let (mut ann, mut ben) = (join(&addr, "ann"), join(&addr, "ben"));
        ann.expect("HELLO ben");
        until_heard(&ben, || {
            click(&window, FIRST_ROW);
            window.keys(&["shift+Delete"]);
            click(&window, ADDRESS_SEGMENT);
            click(&window, YES);
        });
        for peer in [&mut ann, &mut ben] {
            peer.expect_start("ERR BANNED the operator does not let you in until 2");
        }
        assert!(is_banned(&addr, "carl"));
    }

    fn announcements() {
        let home = Home::new();
        let (_program, window, addr) = server(&home);
        let mut ann = join(&addr, "ann");
        click(&window, ANNOUNCEMENT);
        window.type_text("closing at noon");
        window.keys(&["Return"]);
        ann.expect("MSG server closing at noon");
        // What was sent is gone from the field a moment later; and then the button sends what is written next.
        until_heard(&ann, || {
            click(&window, ANNOUNCEMENT);
            window.keys(&["ctrl+a"]);
            window.type_text("really");
            click(&window, SEND);
        });
        ann.expect("MSG server really");
        ann.sync();
    }

    /// Opens a window in this process, and gives the address where its server listens.
    fn open(config: Config) -> (MonitorWindow, Window, String) {
        let listen = Some("127.0.0.1:0".to_owned());
        let options = Options { config, listen, theme: None, announce: |_| (), interrupted: never() };
        let window = MonitorWindow::open(options, Settings::forgetful()).unwrap();
        until(&window, "an address", || window.status().starts_with("Listening on "));
        let addr = window.status().split([' ', ',']).nth(2).unwrap().to_owned();
        let desktop = Window::of(std::process::id(), TITLE);
        desktop.place(SIZE.0, SIZE.1);
        until(&window, "its size", || app::first_window().unwrap().w() == 800);
        (window, desktop, addr)
    }

    /// Lets the window live until it is as wanted.
    fn until(window: &MonitorWindow, what: &str, is_so: impl Fn() -> bool) {
        let deadline = Instant::now() + DEADLINE;
        while !is_so() {
            let (names, note) = (window.names(), window.note());
            assert!(Instant::now() < deadline, "not seen: {what}; there are {names:?}, and it says {note:?}");
            app::wait_for(0.02).unwrap();
        }
    }

    /// Closes the window of this process, and lets its server stop.
    fn close(window: MonitorWindow) {
        app::first_window().unwrap().hide();
        window.run().unwrap();
    }

    fn sorting() {
        let (window, desktop, addr) = open(Config::default());
        let shows = |names: &[&str]| until(&window, &format!("{names:?}"), || window.names() == names);
        let mut peers = ["zoe", "ann", "ben"].map(|name| join(&addr, name));
        shows(&["zoe", "ann", "ben"]);
        click(&desktop, FIRST_ROW);
        click(&desktop, NAME_TITLE);
        shows(&["ann", "ben", "zoe"]);
        click(&desktop, NAME_TITLE);
        shows(&["zoe", "ben", "ann"]);
        // By address, by the time of joining, and the other way round.
        desktop.keys(&["Right", "Right"]);
        shows(&["zoe", "ann", "ben"]);
        desktop.keys(&["space"]);
        shows(&["ben", "ann", "zoe"]);
        // By messages, of which there are none: then it is the order of joining. Who speaks comes first.
        desktop.keys(&["Right"]);
        shows(&["zoe", "ann", "ben"]);
        peers[2].send("MSG ben hello\n");
        shows(&["ben", "zoe", "ann"]);
        // The mark is where it was put: with zoe.
        desktop.keys(&["Delete", "Return"]);
        shows(&["ben", "ann"]);
        assert_eq!(window.note(), "zoe was kicked");
        close(window);
    }

    fn an_unwritable_list() {
        let home = Home::new();
        let file = home.path().join("bans.txt");
        let (window, desktop, addr) = open(Config { bans: Some(file.clone()), ..Config::default() });
        // A folder that stands where the list is written anew: not even the superuser can write to it.
        fs::create_dir(file.with_extension("new")).unwrap();
        let mut ann = join(&addr, "ann");
        until(&window, "ann", || window.names() == ["ann"]);
        click(&desktop, FIRST_ROW);
        desktop.keys(&["shift+Delete"]);
        until(&window, "the question", || window.note().starts_with("ann, or a name that looks like it"));
        click(&desktop, YES);
        until(&window, "the reason", || window.note().contains("the list of bans cannot be written"));
        ann.expect_start("ERR BANNED");
        close(window);
    }

    fn what_cannot_be_sent() {
        let (window, desktop, addr) = open(Config::default());
        let mut ann = join(&addr, "ann");
        click(&desktop, ANNOUNCEMENT);
        desktop.type_text("noon");
        let field = |value: &str| field_with(&app::first_window().unwrap().as_group().unwrap(), value);
        until(&window, "what was typed", || field("noon").is_some());
        // As if it had been pasted: nobody can type that much in time.
        let long = "noon ".repeat(1000);
        field("noon").unwrap().set_value(&long);
        desktop.keys(&["Return"]);
        until(&window, "the reason", || window.note().contains("bytes too long"));
        let mut kept = field(&long).unwrap();
        kept.set_value("noon");
        desktop.keys(&["Return"]);
        until(&window, "that it was sent", || window.note() == "Everybody was told");
        ann.expect("MSG server noon");
        ann.sync();
        assert_eq!(kept.value(), "");
        close(window);
    }

    /// The field with this value among the widgets of a group.
    fn field_with(group: &Group, value: &str) -> Option<Input> {
        (0..group.children()).filter_map(|at| group.child(at)).find_map(|child| {
            let field = Input::from_dyn_widget(&child).filter(|field| field.value() == value);
            field.or_else(|| child.as_group().and_then(|group| field_with(&group, value)))
        })
    }

    fn saving() {
        let home = Home::new();
        let (_program, window, addr) = server(&home);
        let (_ann, _ben) = (join(&addr, "ann"), join(&addr, "ben"));
        let file = home.path().join("log.txt");
        let save = || {
            click(&window, LOG_TAB);
            click(&window, FILTER);
            window.keys(&["ctrl+a"]);
            window.type_text("BEN");
            click(&window, SAVE);
            window.keys(&["ctrl+a"]);
            window.type_text(file.to_str().unwrap());
            window.keys(&["Return"]);
        };
        let text = Window::until("the log is saved", save, || {
            let text = fs::read_to_string(&file).ok()?;
            // It may have been saved before ben was in it.
            if text.contains("ben") { Some(text) } else { fs::remove_file(&file).ok().and(None) }
        });
        assert!(text.contains("INFO  #2 ben joined from 127.0.0.1"), "{text}");
        assert!(!text.contains("ann") && text.ends_with('\n'), "{text}");
    }

    fn paused() {
        let home = Home::new();
        let (_program, window, addr) = server(&home);
        click(&window, PAUSE);
        let _ann = join(&addr, "ann");
        let file = home.path().join("log.txt");
        let save = || {
            click(&window, SAVE);
            window.keys(&["ctrl+a"]);
            window.type_text(file.to_str().unwrap());
            window.keys(&["Return"]);
        };
        Window::until("ann is in the log", save, || {
            let text = fs::read_to_string(&file).ok()?;
            if text.contains("ann joined") { Some(()) } else { fs::remove_file(&file).ok().and(None) }
        });
    }
}
