//! Ignored people on a real screen: what they say is one line, calls nobody, and is there again when they are not ignored.

use std::fs;

use fltk::app;
use fltk::prelude::*;
use multichat::internal::chat::window::Options;
use multichat::internal::ui::Settings;

use crate::support::desktop::{Test, Window, look_away};
use crate::support::program::{Home, Program};
use crate::support::screen::{Screen, bob_and_ann, button, texts};
use crate::support::{Room, eventually};

pub(crate) fn tests() -> Vec<Test> {
    vec![
        ("what somebody ignored says is one line, and is shown again when they are not ignored", folded),
        ("who was ignored is ignored the next time, and the program remembers who is", remembered),
    ]
}

fn has(part: &str) -> bool {
    texts().first().is_some_and(|text| text.contains(part))
}

fn folded() {
    let (_room, mut ann, screen) = bob_and_ann();
    ann.send("MSG ann one\n");
    screen.until_conversation("ann  one");
    screen.desktop.type_text("/ignore ann");
    screen.desktop.keys(&["Return"]);
    screen.until_conversation("1 message from ignored people");
    assert!(!has("one"), "{:?}", texts());
    look_away();
    screen.until("nobody looking", |_| app::focus().is_none());
    ann.send("MSG ann bob?\nTELL ann psst\nMSG ann two\n");
    screen.until_conversation("3 messages from ignored people");
    assert_eq!(app::first_window().unwrap().label(), "bob - multichat", "nobody calls");
    screen.desktop.type_text("/unignore ann");
    screen.desktop.keys(&["Return"]);
    screen.until_conversation("ann  bob?");
    assert!(has("ann  one") && has("ann  two") && !has("ignored people"), "{:?}", texts());
    screen.close();
}

fn remembered() {
    let room = Room::open();
    let addr = room.addr();
    let mut settings = Settings::default();
    settings.set(&format!("ignored_on {addr}"), "ANN");
    let options = Options { server: Some(addr.into()), name: Some("bob".into()), connect: true, ..Options::default() };
    let screen = Screen::with_settings(&options, settings);
    screen.until_status("Connected as bob");
    let mut ann = room.join("ann");
    ann.send("MSG ann hi\n");
    screen.until_conversation("1 message from ignored people");
    let home = Home::new();
    let saved = home.path().join("chat.txt");
    screen.desktop.keys(&["ctrl+s"]);
    screen.until("the row", |_| button("Cancel").is_some());
    screen.desktop.keys(&["ctrl+a"]);
    screen.desktop.type_text(saved.to_str().unwrap());
    screen.desktop.keys(&["Return"]);
    screen.until("the file", |_| saved.exists());
    let text = eventually("what is shown", || {
        fs::read_to_string(&saved).ok().filter(|text| text.contains("1 message from ignored people")).ok_or("not yet")
    });
    assert!(!text.contains("hi"), "{text}");
    screen.close();

    let args = [&addr.to_string(), "--name", "carl", "--connect"];
    let program = Program::start(env!("CARGO_BIN_EXE_client"), &home, &args);
    let window = Window::of(program.id(), "carl - multichat");
    window.focus();
    window.type_text("/ignore ben");
    window.keys(&["Return"]);
    let settings = home.path().join("multichat").join("client.conf");
    let line = format!("ignored_on {addr} = ben\n");
    eventually("ben in the settings", || {
        let text = fs::read_to_string(&settings).unwrap_or_default();
        if text.contains(&line) { Ok(()) } else { Err(text) }
    });
}
