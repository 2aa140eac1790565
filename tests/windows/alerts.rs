//! Tests of alerts: the real program under a window manager, another program's window beside it, and a notification service
//! that the test plays on a bus of its own.

use std::fs;

use crate::support::desktop::{Test, Window};
use crate::support::other_windows::{OtherProgram, WindowManager};
use crate::support::program::{Home, Program};
use crate::support::session_bus::{Call, FakeDesktop, SessionBus};
use crate::support::{Peer, Room, eventually};

pub(crate) fn tests() -> Vec<Test> {
    vec![
        ("a private message marks the window until it gets the keyboard", urgency),
        ("a private message is notified, coalesced, and withdrawn when it is seen", notified),
        ("a click on a notification leads to the conversation", clicked),
        ("a click on a notification turns the one window to the conversation", clicked_in_one_window),
        ("a mention is notified, another message is not, nor what is in front", mentioned),
        ("the text is in the notification if that was chosen, and is no markup", texts),
        ("a service that does not answer holds nothing up", hanging),
    ]
}

/// Bob's program in a room with ann, under a window manager, with another program's window.
struct Stage {
    ann: Peer,
    bob: Program,
    window: Window,
    other: OtherProgram,
    room: Room,
    _home: Home,
    _openbox: WindowManager,
}

impl Stage {
    fn open(bus: &SessionBus, settings: &str) -> Stage {
        let (openbox, room, home) = (WindowManager::start(), Room::open(), Home::new());
        let other = OtherProgram::open();
        fs::create_dir(home.path().join("multichat")).unwrap();
        fs::write(home.path().join("multichat/client.conf"), settings).unwrap();
        let mut ann = room.join("ann");
        let args = [&room.addr().to_string(), "--name", "bob", "--connect", "--theme", "light"];
        let bob = Program::start_in(env!("CARGO_BIN_EXE_client"), &home, &args, &[bus.variable()]);
        ann.expect("HELLO bob");
        let window = Window::of(bob.id(), "^bob - multichat$");
        window.focus();
        Stage { ann, bob, window, other, room, _home: home, _openbox: openbox }
    }

    /// Gives the keyboard to the other program, and mentions bob until the window counts it: it then knows that it does not
    /// have the keyboard any more.
    fn look_away(&mut self) {
        Window::until("nothing to be seen", || (), || (!self.window.title().starts_with('(')).then_some(()));
        self.other.desktop().focus();
        Window::until(
            "a mention that counts",
            || self.ann.send("MSG ann bob?\n"),
            || self.window.title().starts_with('(').then_some(()),
        );
    }
}

fn is_urgent(window: &Window, expected: (bool, bool)) {
    eventually("its urgency", || if window.is_urgent() == expected { Ok(()) } else { Err(window.is_urgent()) });
}

/// Returns the number, the one that it replaces, and the summary of a notification.
fn summary(call: Call) -> (u32, u32, String) {
    let Call::Notify { number, replaces, summary, .. } = call else { panic!("{call:?}") };
    (number, replaces, summary)
}

fn urgency() {
    let bus = SessionBus::start();
    let mut stage = Stage::open(&bus, "alert_notification = none\n");
    is_urgent(&stage.window, (false, false));
    stage.look_away();
    is_urgent(&stage.window, (true, true));
    stage.window.focus();
    is_urgent(&stage.window, (false, false));
    // Again, and not for somebody who does not want it.
    stage.look_away();
    is_urgent(&stage.window, (true, true));
}

fn notified() {
    let bus = SessionBus::start();
    let desktop = FakeDesktop::start(&bus, 0, true);
    let mut stage = Stage::open(&bus, "own_windows = yes\n");
    stage.look_away();
    let (room, replaces, _) = summary(desktop.next_call());
    assert_eq!(replaces, 0);
    for text in ["one", "two", "three"] {
        stage.ann.send(format!("TELL bob {text}\n"));
    }
    // Of the room there may be one more.
    let others = |call: Call| Some(summary(call)).filter(|(number, ..)| *number != room);
    let next = || std::iter::repeat_with(|| others(desktop.next_call())).flatten().next().unwrap();
    let (number, replaces, first) = next();
    assert!(replaces == 0 && first.ends_with("from ann"), "{first:?}");
    stage.ann.send("TELL bob four\n");
    let mut last = first;
    while last != "4 new messages from ann" {
        let (again, replaces, summary) = next();
        assert_eq!((again, replaces), (number, number), "{summary}");
        last = summary;
    }
    stage.window.focus();
    while desktop.next_call() != Call::Close(room) {}
}

fn clicked() {
    let bus = SessionBus::start();
    let desktop = FakeDesktop::start(&bus, 0, true);
    let mut stage = Stage::open(&bus, "own_windows = yes\n");
    stage.look_away();
    let (number, ..) = summary(desktop.next_call());
    desktop.click(number);
    eventually("the keyboard", || if stage.window.has_focus() { Ok(()) } else { Err("is elsewhere") });
    while desktop.next_call() != Call::Close(number) {}
    stage.look_away();
    stage.ann.send("TELL bob psst\n");
    let number = std::iter::repeat_with(|| summary(desktop.next_call()))
        .find_map(|(number, _, words)| (words == "New message from ann").then_some(number))
        .unwrap();
    desktop.click(number);
    while desktop.next_call() != Call::Close(number) {}
    // What is typed now is for ann.
    let with_ann = Window::of(stage.bob.id(), "^ann - multichat$");
    with_ann.type_text("here");
    with_ann.keys(&["Return"]);
    while stage.ann.line() != "TELL bob here" {}
}

fn clicked_in_one_window() {
    let bus = SessionBus::start();
    let desktop = FakeDesktop::start(&bus, 0, true);
    let mut stage = Stage::open(&bus, "alert_notification = all\n");
    stage.look_away();
    stage.ann.send("TELL bob psst\n");
    let mut calls = std::iter::repeat_with(|| summary(desktop.next_call()));
    let number = calls.find_map(|(number, _, words)| (words == "New message from ann").then_some(number)).unwrap();
    is_urgent(&stage.window, (true, true));
    desktop.click(number);
    while desktop.next_call() != Call::Close(number) {}
    is_urgent(&stage.window, (false, false));
    stage.window.type_text("here");
    stage.window.keys(&["Return"]);
    while stage.ann.line() != "TELL bob here" {}
    // The window is in front, but not the conversation with everybody.
    stage.ann.send("MSG ann hello\n");
    while !summary(desktop.next_call()).2.contains("new message") {}
}

fn mentioned() {
    let bus = SessionBus::start();
    let desktop = FakeDesktop::start(&bus, 0, true);
    let mut stage = Stage::open(&bus, "alert_sound = mentions\n");
    // It has the keyboard.
    stage.ann.send("MSG ann bob is here\n");
    stage.window.type_text("so he is");
    stage.window.keys(&["Return"]);
    stage.ann.expect("MSG bob so he is");
    assert_eq!(desktop.waiting_call(), None);
    stage.look_away();
    let Call::Notify { summary, body, sound: true, .. } = desktop.next_call() else { panic!("without a sound") };
    assert!(summary.starts_with("ann mentioned you") && body.is_empty(), "{summary} {body}");
    // Another message is none, so the next one is of the private message.
    stage.ann.send("MSG ann somebody else\n");
    stage.ann.send("TELL bob psst\n");
    let mut words = std::iter::repeat_with(|| self::summary(desktop.next_call()).2);
    let next = words.find(|words| !words.starts_with("ann mentioned you"));
    assert_eq!(next.as_deref(), Some("New message from ann"));
}

fn texts() {
    let bus = SessionBus::start();
    let desktop = FakeDesktop::start(&bus, 0, true);
    let mut stage = Stage::open(&bus, "alert_text = yes\nalert_notification = all\n");
    stage.look_away();
    stage.ann.send("MSG ann 1 < 2 & <b>3</b>\n");
    let last = |call: Call| matches!(call, Call::Notify { body, .. } if body == "1 &lt; 2 &amp; &lt;b&gt;3&lt;/b&gt;");
    while !last(desktop.next_call()) {}
}

fn hanging() {
    let bus = SessionBus::start();
    let _desktop = FakeDesktop::start(&bus, 0, false);
    let mut stage = Stage::open(&bus, "own_windows = yes\n");
    stage.other.desktop().focus();
    // More than the channel holds, from one after the other.
    let mut others: Vec<Peer> = (0..40).map(|at| stage.room.join(&format!("u{at}"))).collect();
    for other in &mut others {
        other.send("MSG x bob\nTELL bob psst\n");
    }
    stage.ann.until_sync();
    stage.window.type_text("still here");
    stage.window.keys(&["Return"]);
    while stage.ann.line() != "MSG bob still here" {}
    stage.window.close();
    assert!(stage.bob.ended().success());
}
