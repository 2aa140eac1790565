//! The question before the program ends while some text is unsent.

use fltk::app;
use fltk::frame::Frame;
use fltk::prelude::*;
use fltk::text::TextEditor;

use crate::support::desktop::Test;
use crate::support::screen::{Screen, bob_and_ann, button, widgets};

pub(crate) fn tests() -> Vec<Test> {
    vec![
        ("Ctrl+Q asks while there are drafts, and Escape or Stay keeps them", asks),
        ("Ctrl+Q again quits, and so does Enter", quits),
        ("the title bar asks for pasted lines, and /quit for a draft elsewhere", other_ways),
    ]
}

fn is_asking() -> bool {
    button("Stay").is_some()
}

fn is_open() -> bool {
    app::first_window().is_some_and(|window| window.shown())
}

fn question() -> Option<String> {
    widgets::<Frame>().iter().map(WidgetExt::label).find(|label| label.contains("unsent"))
}

fn write(screen: &Screen, text: &str) {
    screen.desktop.type_text(text);
    screen.until_draft(text);
}

/// Leaves a draft in the talk with ann, and goes back to everybody.
fn write_to_ann(screen: &Screen) {
    write(screen, "/msg ann");
    screen.desktop.keys(&["Return"]);
    screen.until("the talk", |screen| screen.window.about() == "Private talk with ann");
    write(screen, "for ann");
    screen.desktop.keys(&["ctrl+Tab"]);
    screen.until_draft("");
}

fn asks() {
    let (_room, mut ann, screen) = bob_and_ann();
    write_to_ann(&screen);
    write(&screen, "for all");
    screen.desktop.keys(&["ctrl+q"]);
    screen.until("the question", |_| is_asking());
    assert_eq!(question().as_deref(), Some("2 talks have unsent text. Quit anyway?"));
    screen.desktop.keys(&["Escape"]);
    screen.until("no question", |_| !is_asking());
    screen.desktop.type_text("!");
    screen.until_draft("for all!");
    screen.desktop.keys(&["ctrl+q"]);
    screen.until("the question", |_| is_asking());
    // Who types on does not want to quit.
    screen.desktop.type_text("!");
    screen.until_draft("for all!!");
    screen.desktop.keys(&["Return"]);
    screen.until_draft("");
    ann.expect("MSG bob for all!!");
    // What ann says comes after the answer to that.
    ann.send("MSG ann heard\n");
    screen.until_conversation("heard");
    button("Stay").unwrap().do_callback();
    assert!(!is_asking() && is_open());
    screen.desktop.keys(&["ctrl+q"]);
    screen.until("the question", |_| is_asking());
    assert_eq!(question().as_deref(), Some("1 talk has unsent text. Quit anyway?"));
    screen.close();
}

fn quits() {
    for key in ["ctrl+q", "Return"] {
        let (_room, mut ann, screen) = bob_and_ann();
        write(&screen, "for all");
        screen.desktop.keys(&["ctrl+q"]);
        screen.until("the question", |_| is_asking());
        screen.desktop.keys(&[key]);
        screen.until("no window", |_| !is_open());
        screen.close();
        ann.expect("BYE bob");
    }
}

fn other_ways() {
    let (_room, mut ann, screen) = bob_and_ann();
    app::copy("one\ntwo");
    screen.desktop.keys(&["ctrl+v"]);
    screen.until("the lines", |_| button("Send 2 messages").is_some());
    screen.desktop.close();
    screen.until("the question", |_| is_asking());
    screen.desktop.keys(&["Escape"]);
    screen.until("the lines again", |_| button("Send 2 messages").is_some());
    screen.desktop.keys(&["Escape"]);
    screen.until("no lines", |_| button("Send 2 messages").is_none());
    write_to_ann(&screen);
    write(&screen, "/quit");
    screen.desktop.keys(&["Return"]);
    screen.until("the question", |_| is_asking());
    screen.until_draft("");
    screen.desktop.keys(&["Escape"]);
    screen.until("no question", |_| !is_asking());
    assert!(widgets::<TextEditor>()[0].has_focus());
    screen.desktop.close();
    screen.until("the question", |_| is_asking());
    screen.desktop.close();
    screen.until("no window", |_| !is_open());
    screen.close();
    ann.expect("BYE bob");
}
