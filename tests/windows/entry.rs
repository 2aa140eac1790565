//! The entry: it grows with its text, keeps what is pasted for a decision, completes commands, and edits like any other text field.

use fltk::app;
use fltk::draw;
use fltk::enums::Font;
use fltk::prelude::*;
use fltk::table::Table;
use fltk::text::TextEditor;
use fltk::window::Window as FltkWindow;
use multichat::internal::chat::input::keys_page::{Line, lines};
use x11rb::COPY_FROM_PARENT;
use x11rb::connection::Connection as _;
use x11rb::protocol::xproto::{AtomEnum, ConnectionExt as _, CreateWindowAux, WindowClass};

use crate::support::desktop::{Test, Window};
use crate::support::screen::{Screen, bob_and_ann, button, choose, shown, widgets, widgets_in};

/// Where the entry is in a window of the usual size.
const ENTRY: (u32, u32) = (200, 446);

pub(crate) fn tests() -> Vec<Test> {
    vec![
        ("the entry grows up to six lines, and shrinks again", grows),
        ("Enter sends each line as a message, and Shift+Enter begins one", several_lines),
        ("Up and Down move in a text of several lines, and walk through what was sent at its edges", up_and_down),
        ("lines that are pasted are sent as code, with their indentation", sent_as_code),
        ("lines that are pasted can be changed before they are sent", edited),
        ("what is pasted and not wanted takes nothing with it", not_wanted),
        ("what is pasted while lines wait for an answer waits with them", pasted_twice),
        ("more lines than can wait are refused before one is sent", too_many),
        ("a text too long for one message is sent in parts if the user agrees", in_parts),
        ("a text that would make the entry slow is not pasted, and the draft stays", too_long),
        ("a line that is copied with its end is pasted without it", line_with_its_end),
        ("Tab completes a command, whose usage is shown", usage),
        ("what was typed can be undone word by word and repeated", undone),
        ("words are deleted, and the key Insert overwrites nothing", words),
        ("an arrow key leaves the selection of another program alone", selection_of_others),
        ("the menu of the entry selects and cuts", menu),
        ("lines that are pasted by the menu are asked about, too", menu_pastes),
        ("a new name is asked about, and what is written stays", new_name),
        ("F1 shows keys and commands, and Escape closes them", help),
        ("/help shows them, in a window that fits the screen, and leaves the talk as it is", help_by_command),
        ("Ctrl+Q quits", quits),
    ]
}

fn editor() -> TextEditor {
    widgets().remove(0)
}

/// Height of the entry with its plate.
fn height() -> i32 {
    editor().parent().unwrap().h()
}

fn grows() {
    let (_room, _ann, screen) = bob_and_ann();
    let one = height();
    let bottom = editor().parent().unwrap().y() + one;
    screen.desktop.click(ENTRY.0, ENTRY.1);
    let mut before = one;
    for line in 2..=6 {
        screen.desktop.keys(&["shift+Return"]);
        screen.until(&format!("{line} lines"), |_| height() > before);
        before = height();
        // It grows upwards.
        assert_eq!(editor().parent().unwrap().y() + before, bottom);
    }
    screen.desktop.keys(&["shift+Return", "x"]);
    screen.until("the seventh line", |screen| screen.window.draft().ends_with("\nx"));
    assert_eq!(height(), before);
    let place = editor().position_to_xy(editor().insert_position());
    assert!(place.1 > editor().y() && place.1 < editor().y() + editor().h(), "the caret is seen");
    screen.desktop.keys(&["ctrl+a", "x"]);
    screen.until("one line", |_| height() == one);
    // A word that is wider than the entry is broken, whatever its letters.
    app::copy(&"小".repeat(60));
    screen.desktop.keys(&["ctrl+v"]);
    screen.until("two lines", |_| height() > one);
    screen.desktop.keys(&["ctrl+a", "Delete"]);
    screen.until("one line again", |_| height() == one);
    // So is a text that is too wide for a narrower window.
    screen.desktop.type_text("these are some words that have room in one line");
    screen.until_draft("these are some words that have room in one line");
    assert_eq!(height(), one);
    screen.desktop.place(480, 400);
    screen.until("two lines in a narrow window", |_| height() > one);
    screen.close();
}

fn several_lines() {
    let (_room, mut ann, screen) = bob_and_ann();
    screen.desktop.click(ENTRY.0, ENTRY.1);
    screen.desktop.type_text("one");
    screen.desktop.keys(&["shift+Return", "shift+Return"]);
    screen.desktop.type_text("  two");
    screen.until_draft("one\n\n  two");
    screen.desktop.keys(&["Return"]);
    screen.until_draft("");
    let heard = std::thread::spawn(move || {
        ann.expect("MSG bob one");
        ann.expect("MSG bob   two");
    });
    screen.until("both messages", |_| heard.is_finished());
    heard.join().unwrap();
    screen.close();
}

fn up_and_down() {
    let (_room, mut ann, screen) = bob_and_ann();
    screen.desktop.click(ENTRY.0, ENTRY.1);
    screen.desktop.type_text("sent");
    screen.until_draft("sent");
    screen.desktop.keys(&["Return"]);
    screen.until_draft("");
    ann.expect("MSG bob sent");
    screen.desktop.type_text("ab");
    screen.desktop.keys(&["shift+Return"]);
    screen.desktop.type_text("cd");
    screen.until_draft("ab\ncd");
    // In the second line there is a line to go to.
    screen.desktop.keys(&["Up", "1"]);
    screen.until_draft("ab1\ncd");
    screen.desktop.keys(&["Up"]);
    screen.until_draft("sent");
    screen.desktop.keys(&["Down"]);
    screen.until_draft("ab1\ncd");
    screen.desktop.keys(&["ctrl+Home", "Down", "2"]);
    screen.until_draft("ab1\n2cd");
    screen.close();
}

/// Pastes lines into the entry, where `draft` stands, and waits for the question.
fn paste(screen: &Screen, lines: &str, draft: &str) {
    screen.desktop.click(ENTRY.0, ENTRY.1);
    screen.desktop.type_text(draft);
    screen.until_draft(draft);
    app::copy(lines);
    screen.desktop.keys(&["ctrl+v"]);
    screen.until("the question", |_| button("Join into one line").is_some());
}

fn sent_as_code() {
    let (_room, mut ann, screen) = bob_and_ann();
    paste(&screen, "if x:\n\ty()\n\nz()\n", "a draft");
    button("Send as code").unwrap().do_callback();
    let heard = std::thread::spawn(move || {
        for line in ["```", "if x:", "    y()", " ", "z()", "```"] {
            ann.expect(&format!("MSG bob {line}"));
        }
    });
    screen.until("all lines", |_| heard.is_finished());
    heard.join().unwrap();
    assert!(button("Send as code").is_none());
    screen.until_draft("a draft");
    screen.close();
}

fn edited() {
    let (_room, _ann, screen) = bob_and_ann();
    paste(&screen, "one\r\n  two\r\n", "");
    assert!(button("Send 2 messages").is_some());
    button("Edit").unwrap().do_callback();
    screen.until_draft("one\n  two");
    assert!(button("Edit").is_none());
    // It is an edit like any other.
    screen.desktop.keys(&["ctrl+z"]);
    screen.until_draft("");
    screen.close();
}

fn not_wanted() {
    let (_room, _ann, screen) = bob_and_ann();
    screen.desktop.click(ENTRY.0, ENTRY.1);
    screen.desktop.type_text("a draft");
    screen.desktop.keys(&["ctrl+a"]);
    app::copy("one\ntwo");
    screen.desktop.keys(&["ctrl+v"]);
    screen.until("the question", |_| button("Send 2 messages").is_some());
    screen.until_draft("a draft");
    screen.desktop.keys(&["Escape"]);
    screen.until("no question", |_| button("Send 2 messages").is_none());
    screen.until_draft("a draft");
    screen.close();
}

fn pasted_twice() {
    let (_room, _ann, screen) = bob_and_ann();
    screen.desktop.click(ENTRY.0, ENTRY.1);
    app::copy("one\ntwo");
    screen.desktop.keys(&["ctrl+v"]);
    screen.until("the question", |_| button("Send 2 messages").is_some());
    app::copy("three\nfour");
    screen.desktop.keys(&["ctrl+v"]);
    screen.until("the question about all lines", |_| button("Send 4 messages").is_some());
    button("Edit").unwrap().do_callback();
    screen.until_draft("one\ntwo\nthree\nfour");
    screen.close();
}

fn too_many() {
    let (_room, mut ann, screen) = bob_and_ann();
    paste(&screen, &"x\n".repeat(101), "");
    let said = |words: &str| widgets::<fltk::frame::Frame>().iter().any(|note| note.label() == words);
    assert!(said("101 lines are too many to send at once."));
    button("Send 101 messages").unwrap().do_callback();
    screen.until_status("Not sent: these are 101 messages, and only 100 more can wait");
    ann.sync();
    // They are not lost.
    button("Edit").unwrap().do_callback();
    screen.until("the lines", |screen| screen.window.draft().lines().count() == 101);
    screen.close();
}

fn too_long() {
    let (_room, _ann, screen) = bob_and_ann();
    screen.desktop.click(ENTRY.0, ENTRY.1);
    screen.desktop.type_text("a draft");
    screen.until_draft("a draft");
    for text in ["x".repeat((64 << 10) + 1), "line\n".repeat(20_000)] {
        app::copy(&text);
        screen.desktop.keys(&["ctrl+a", "ctrl+v"]);
        screen.until_status("Not pasted");
        screen.desktop.keys(&["End", "!"]);
        screen.until_draft("a draft!");
        assert!(button("Edit").is_none());
        screen.desktop.keys(&["BackSpace"]);
        screen.until_draft("a draft");
    }
    screen.close();
}

fn in_parts() {
    let (_room, mut ann, screen) = bob_and_ann();
    let asks = || button("Send 2 messages").is_some();
    let long = format!("{}end", "word ".repeat(1000));
    let enter = |what: &str, is_asked: bool| {
        screen.desktop.keys(&["Return"]);
        screen.until(what, |_| asks() == is_asked);
    };
    screen.desktop.click(ENTRY.0, ENTRY.1);
    app::copy(&long);
    screen.desktop.keys(&["ctrl+v"]);
    screen.until_draft(&long);
    enter("the question", true);
    screen.until_status("Not sent: 92");
    // The keyboard and the text stay where they are, whether the answer is no or the text is changed.
    screen.desktop.keys(&["Escape"]);
    screen.until("no question", |_| !asks());
    enter("the question again", true);
    screen.desktop.keys(&["BackSpace"]);
    screen.until("no question about another text", |_| !asks());
    screen.until_draft(long.trim_end_matches('d'));
    enter("the question about that", true);
    ann.sync();
    enter("the answer", false);
    screen.until_draft("");
    let heard = std::thread::spawn(move || [ann.line(), ann.line()]);
    screen.until("both parts", |_| heard.is_finished());
    let [first, second] = heard.join().unwrap().map(|line| line.replace("MSG bob ", ""));
    assert_eq!(format!("{first} {second}"), long.trim_end_matches('d'));
    // It is one text to the one who has written it.
    screen.desktop.keys(&["Up"]);
    screen.until_draft(long.trim_end_matches('d'));
    screen.close();
}

fn line_with_its_end() {
    let (_room, _ann, screen) = bob_and_ann();
    screen.desktop.click(ENTRY.0, ENTRY.1);
    app::copy("  a line\n");
    screen.desktop.keys(&["ctrl+v"]);
    screen.until_draft("  a line");
    assert!(button("Edit").is_none());
    screen.close();
}

fn usage() {
    let (_room, mut ann, screen) = bob_and_ann();
    screen.desktop.click(ENTRY.0, ENTRY.1);
    screen.desktop.type_text("/aw");
    screen.until_status("/away [REASON]: tells others that you are away");
    screen.desktop.keys(&["Tab"]);
    screen.until_draft("/away ");
    screen.desktop.type_text("lunch");
    screen.until("the whole line", |screen| screen.window.draft() == "/away lunch");
    screen.until_status("/away [REASON]");
    screen.desktop.keys(&["Return"]);
    screen.until_draft("");
    screen.until("no usage", |screen| !screen.window.status().contains("[REASON]"));
    screen.desktop.type_text("/xyz");
    screen.desktop.keys(&["Tab"]);
    screen.until_status("No command begins with /xyz");
    ann.sync();
    screen.close();
}

fn undone() {
    let (_room, _ann, screen) = bob_and_ann();
    screen.desktop.click(ENTRY.0, ENTRY.1);
    screen.desktop.type_text("hello");
    screen.desktop.keys(&["ctrl+a", "Delete"]);
    screen.until_draft("");
    screen.desktop.keys(&["ctrl+z"]);
    screen.until_draft("hello");
    screen.desktop.keys(&["ctrl+y"]);
    screen.until_draft("");
    screen.desktop.keys(&["ctrl+z"]);
    screen.until_draft("hello");
    screen.desktop.keys(&["ctrl+shift+z"]);
    screen.until_draft("");
    screen.desktop.type_text("one two three");
    screen.until_draft("one two three");
    screen.desktop.keys(&["ctrl+z"]);
    screen.until_draft("one two ");
    screen.desktop.keys(&["ctrl+z", "ctrl+z"]);
    screen.until_draft("");
    // A completion is undone, too.
    screen.desktop.type_text("/wh");
    screen.desktop.keys(&["Tab"]);
    screen.until_draft("/who");
    screen.desktop.keys(&["ctrl+z"]);
    screen.until_draft("/wh");
    // What was sent does not come back.
    screen.desktop.keys(&["o", "Return"]);
    screen.until_draft("");
    screen.desktop.keys(&["ctrl+z", "x"]);
    screen.until_draft("x");
    screen.close();
}

fn words() {
    let (_room, _ann, screen) = bob_and_ann();
    screen.desktop.click(ENTRY.0, ENTRY.1);
    screen.desktop.type_text("one two three");
    screen.desktop.keys(&["ctrl+BackSpace"]);
    screen.until_draft("one two ");
    screen.desktop.keys(&["ctrl+Home", "ctrl+Delete"]);
    screen.until_draft("two ");
    screen.desktop.keys(&["Insert", "x"]);
    screen.until_draft("xtwo ");
    screen.close();
}

fn selection_of_others() {
    let (_room, _ann, screen) = bob_and_ann();
    screen.desktop.click(ENTRY.0, ENTRY.1);
    screen.desktop.type_text("ab");
    screen.until_draft("ab");
    let (x11, number) = x11rb::connect(None).unwrap();
    let (other, root) = (x11.generate_id().unwrap(), x11.setup().roots[number].root);
    let (class, aux) = (WindowClass::INPUT_OUTPUT, CreateWindowAux::new());
    x11.create_window(0, other, root, 0, 0, 1, 1, 0, class, COPY_FROM_PARENT, &aux).unwrap().check().unwrap();
    let primary = u32::from(AtomEnum::PRIMARY);
    x11.set_selection_owner(other, primary, x11rb::CURRENT_TIME).unwrap().check().unwrap();
    let owner = || x11.get_selection_owner(primary).unwrap().reply().unwrap().owner;
    screen.desktop.keys(&["Left", "Home", "End", "ctrl+Left", "x"]);
    screen.until_draft("xab");
    assert_eq!(owner(), other);
    // Text that is selected with the keyboard can be pasted elsewhere.
    screen.desktop.keys(&["shift+End"]);
    screen.until("another owner", |_| owner() != other);
    screen.close();
}

fn menu_pastes() {
    let (_room, _ann, screen) = bob_and_ann();
    app::copy("one\ntwo");
    // In an empty entry there is nothing else to choose.
    screen.desktop.right_click(ENTRY.0, ENTRY.1);
    screen.desktop.keys(&["Down", "Return"]);
    screen.until("the question", |_| button("Send 2 messages").is_some());
    assert_eq!(screen.window.draft(), "");
    screen.close();
}

fn menu() {
    let (_room, _ann, screen) = bob_and_ann();
    screen.desktop.click(ENTRY.0, ENTRY.1);
    screen.desktop.type_text("some words");
    screen.until_draft("some words");
    // Behind what can be done: undo and paste. The rest is greyed.
    screen.desktop.keys(&["Menu", "Down", "Down", "Down", "Return"]);
    screen.until("a selection", |_| editor().buffer().unwrap().selected());
    // Behind undo, now that something is selected.
    screen.desktop.keys(&["Menu", "Down", "Down", "Return"]);
    screen.until_draft("");
    screen.close();
}

fn new_name() {
    let (room, mut ann, screen) = bob_and_ann();
    let _cleo = room.join("cleo");
    ann.expect("HELLO cleo");
    screen.desktop.click(ENTRY.0, ENTRY.1);
    screen.desktop.type_text("/nick dora");
    screen.desktop.keys(&["Return"]);
    screen.until("the question", |_| button("Change").is_some());
    screen.desktop.keys(&["Escape"]);
    screen.until("no question", |_| button("Change").is_none());
    screen.desktop.type_text("a draft");
    screen.until_draft("a draft");
    // A name that somebody has.
    choose("Change my name …");
    screen.until("the question again", |_| button("Change").is_some());
    screen.desktop.keys(&["ctrl+a"]);
    screen.desktop.type_text("cleo");
    screen.desktop.keys(&["Return"]);
    screen.until_status("You are still bob: ");
    screen.until_draft("a draft");
    choose("Change my name …");
    screen.desktop.keys(&["ctrl+a"]);
    screen.desktop.type_text("dora");
    screen.desktop.keys(&["Return"]);
    screen.until_status("Connected as dora");
    screen.until_draft("a draft");
    let heard = std::thread::spawn(move || {
        for line in ["BYE bob", "HELLO bob", "BYE bob", "HELLO dora"] {
            ann.expect(line);
        }
    });
    screen.until("what others see", |_| heard.is_finished());
    heard.join().unwrap();
    screen.close();
}

fn help() {
    let screen = Screen::offline("bob");
    let shown = || {
        let windows = app::windows().unwrap_or_default();
        let windows = windows.iter().filter_map(FltkWindow::from_dyn_widget);
        windows.filter(WindowExt::shown).any(|window| window.label().starts_with("Keys and commands"))
    };
    screen.desktop.keys(&["F1"]);
    screen.until("the window", |_| shown());
    app::flush();
    // No text is wider than its column, and both columns are in the window.
    let table = widgets_in::<Table>("Keys and commands").remove(0);
    screen.until("the columns in the window", |_| table.col_width(0) + table.col_width(1) <= table.w());
    draw::set_font(Font::Helvetica, 13);
    for line in lines() {
        let Line::Entry(keys, what) = line else { continue };
        let widths = [&*keys, what].map(|text| draw::measure(text, false).0 + 16);
        assert!(widths[0] <= table.col_width(0) && widths[1] <= table.col_width(1), "{keys}: {what}");
    }
    let window = Window::of(std::process::id(), "Keys and commands");
    window.focus();
    window.keys(&["Escape"]);
    screen.until("no window", |_| !shown());
    screen.desktop.focus();
    screen.desktop.keys(&["F1"]);
    screen.until("the window again", |_| shown());
    screen.close();
}

fn help_by_command() {
    let (_room, _ann, screen) = bob_and_ann();
    let window = || {
        let windows = app::windows().unwrap_or_default();
        let windows = windows.iter().filter_map(FltkWindow::from_dyn_widget);
        windows.filter(WindowExt::shown).find(|window| window.label().starts_with("Keys and commands"))
    };
    let before = shown().text();
    screen.desktop.type_text("/help");
    screen.until_draft("/help");
    screen.desktop.keys(&["Return"]);
    screen.until("the window", |_| window().is_some());
    assert_eq!((screen.window.draft().as_str(), shown().text()), ("", before), "the talk is as it was");
    // However large the text is, the window is on the screen, and its rows can be scrolled.
    for scale in [2.0, 4.0] {
        app::set_screen_scale(0, scale);
        screen.until("a window that fits", |_| {
            let (_, _, width, height) = app::screen_work_area(0);
            window().is_some_and(|window| window.w() <= width && window.h() <= height)
        });
        let table = widgets_in::<Table>("Keys and commands").remove(0);
        screen.until("a scrollbar", |_| table.scrollbar().visible());
    }
    app::set_screen_scale(0, 1.0);
    screen.close();
}

fn quits() {
    let (_room, mut ann, screen) = bob_and_ann();
    screen.desktop.keys(&["ctrl+q"]);
    screen.until("no window", |_| app::first_window().is_none_or(|window| !window.shown()));
    screen.close();
    ann.expect("BYE bob");
}
