//! Tests of what the operator sees in the monitor window: the order of the table, the paused log, and the reasons of failed
//! actions. The window is in this process, so that its state can be read; keys and clicks come from the screen.

use std::fs;

use fltk::app;
use fltk::button::Button;
use fltk::group::Group;
use fltk::input::Input;
use fltk::prelude::*;
use fltk::table::TableContext;
use fltk::widget::Widget;
use fltk::window::DoubleWindow;
use multichat::internal::ui::{self, Marking, RowColumn, Rows, theme};
use multichat::server::Config;

use crate::support::desktop::{Test, Window};
use crate::support::monitor::{
    ANNOUNCEMENT, CHAT_TAB, FIRST_LOG_LINE, FIRST_ROW, LOG_TAB, MEMBER_NAME, MEMBERS_TAB, NAME_TITLE, PAUSE,
    PEOPLE_FILTER, Shown as _, YES, click, close, join, open, until,
};
use crate::support::program::Home;
use crate::support::screen::widgets;
use crate::support::tells;

pub(crate) fn tests() -> Vec<Test> {
    vec![
        ("the table is sorted by mouse and keyboard, and the mark stays with its person", sorting),
        ("lines of the log are marked by mouse and keyboard, and copied", copied),
        ("one row is marked at a time in a table whose rows are not copied", one_mark),
        ("a table that is read further up keeps its place when the oldest rows go", kept_place),
        ("while the log is paused, what comes is kept and counted", paused),
        ("a list of bans that cannot be written is reported", an_unwritable_list),
        ("one member after the other gets a new password by keyboard", new_passwords),
        ("an announcement that cannot be sent stays, with the reason", what_cannot_be_sent),
    ]
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
    desktop.keys(&["Right", "Right", "Right"]);
    shows(&["zoe", "ann", "ben"]);
    desktop.keys(&["space"]);
    shows(&["ben", "ann", "zoe"]);
    // By messages: there are none, so it is the order of joining. Then the client that sends one comes first.
    desktop.keys(&["Right"]);
    shows(&["zoe", "ann", "ben"]);
    peers[2].send("MSG ben hello\n");
    shows(&["ben", "zoe", "ann"]);
    // The mark is still at zoe.
    desktop.keys(&["Delete", "Return"]);
    shows(&["ben", "ann"]);
    assert_eq!(window.note(), "zoe was kicked");
    close(window);
}

fn an_unwritable_list() {
    let home = Home::new();
    let file = home.path().join("bans.txt");
    let (window, desktop, addr) = open(Config { bans: Some(file.clone()), ..Config::default() });
    // A folder in the place of the list: not even the superuser can write to it.
    fs::create_dir(&file).unwrap();
    let mut ann = join(&addr, "ann");
    until(&window, "ann", || window.names() == ["ann"]);
    click(&desktop, FIRST_ROW);
    desktop.keys(&["shift+Delete"]);
    until(&window, "the question", || window.note().starts_with("This bans ann, and names that look like it"));
    click(&desktop, YES);
    until(&window, "the reason", || window.note().contains("the list of bans cannot be written"));
    ann.expect_start("ERR BANNED");
    close(window);
}

fn new_passwords() {
    let home = Home::new();
    let (window, desktop, _) = open(Config { members: Some(home.path().join("members.db")), ..Config::default() });
    let note_is = |note: &str| until(&window, note, || window.note() == note);
    click(&desktop, MEMBERS_TAB);
    click(&desktop, MEMBER_NAME);
    for name in ["ann", "ben"] {
        desktop.type_text(name);
        desktop.keys(&["Return"]);
        note_is(&format!("{name} is registered"));
    }
    // Past the button that registers to the list; and from there back over Remove.
    desktop.keys(&["Tab", "Tab"]);
    for name in ["ann", "ben"] {
        desktop.keys(&["Down"]);
        until(&window, "the buttons", || {
            widgets::<Button>().iter().any(|button| button.label() == "Remove" && button.active())
        });
        desktop.keys(&["shift+Tab", "shift+Tab", "space"]);
        note_is(&format!("The old password of {name} stops working: pass the new one on"));
        desktop.keys(&["Return"]);
        note_is(&format!("{name} has a new password"));
    }
    close(window);
}

fn what_cannot_be_sent() {
    let (window, desktop, addr) = open(Config::default());
    let mut ann = join(&addr, "ann");
    click(&desktop, CHAT_TAB);
    click(&desktop, ANNOUNCEMENT);
    desktop.type_text("noon");
    let field = |value: &str| field_with(&main_group(), value);
    until(&window, "what was typed", || field("noon").is_some());
    // Set as if pasted, because typing that much would take too long.
    let long = "noon ".repeat(1000);
    field("noon").unwrap().set_value(&long);
    desktop.keys(&["Return"]);
    until(&window, "the reason", || window.note().contains("bytes too long"));
    let mut kept = field(&long).unwrap();
    kept.set_value("noon");
    desktop.keys(&["Return"]);
    until(&window, "that it was sent", || window.note() == "Announced to everyone");
    ann.expect("MSG server noon");
    ann.sync();
    assert_eq!(kept.value(), "");
    close(window);
}

/// Finds the field with this value among the widgets of a group.
fn field_with(group: &Group, value: &str) -> Option<Input> {
    (0..group.children()).filter_map(|at| group.child(at)).find_map(|child| {
        let field = Input::from_dyn_widget(&child).filter(|field| field.value() == value);
        field.or_else(|| child.as_group().and_then(|group| field_with(&group, value)))
    })
}

fn paused() {
    let (window, desktop, addr) = open(Config::default());
    let label_is = |label: &str| any(&main_group(), &|widget| widget.label() == label);
    let log_has = |text: &str| window.log().iter().any(|line| line.contains(text));
    until(&window, "the first line", || log_has("listening on"));
    click(&desktop, LOG_TAB);
    click(&desktop, PAUSE);
    until(&window, "that it is paused", || label_is("Resume"));
    let _both = [join(&addr, "ann"), join(&addr, "ben")];
    until(&window, "that lines are counted", || label_is("Resume (2 new)"));
    assert!(!log_has("joined"), "the log stays as it was");
    click(&desktop, PAUSE);
    until(&window, "what came meanwhile", || {
        ["ann", "ben"].iter().all(|name| window.log().iter().any(|line| tells(line, name, "joined")))
    });
    assert!(label_is("Pause"));
    close(window);
}

fn copied() {
    let (window, desktop, addr) = open(Config::default());
    let _both = [join(&addr, "ann"), join(&addr, "ben")];
    until(&window, "three lines", || window.log().len() == 3);
    let expect_copied = |lines: &[usize]| {
        desktop.keys(&["ctrl+c"]);
        click(&desktop, PEOPLE_FILTER);
        desktop.keys(&["ctrl+a", "ctrl+v"]);
        let log = window.log();
        // The field writes several lines as one.
        let is_pasted = |text: String| {
            let is_there = |at: usize| text.contains(&log[at]) == lines.contains(&at);
            text.matches(" INFO ").count() == lines.len() && (0..3).all(is_there)
        };
        until(&window, &format!("the lines {lines:?}"), || {
            widgets::<Input>().into_iter().any(|field| is_pasted(field.value()))
        });
    };
    click(&desktop, LOG_TAB);
    let [first, .., last] = [0, 1, 2].map(|row| (FIRST_LOG_LINE.0, FIRST_LOG_LINE.1 + row * 24));
    click(&desktop, first);
    expect_copied(&[0]);
    click(&desktop, first);
    desktop.keys(&["shift+Down"]);
    expect_copied(&[0, 1]);
    click(&desktop, first);
    desktop.click_with("ctrl", last.0, last.1);
    expect_copied(&[0, 2]);
    desktop.click_with("shift", last.0, last.1);
    desktop.keys(&["ctrl+a"]);
    expect_copied(&[0, 1, 2]);
    close(window);
}

/// Opens a window with a table that shows the numbers of its rows.
fn table() -> (DoubleWindow, Rows) {
    let mut window = ui::window(300, 300, "rows", ui::Program::Chat);
    let mut rows = Rows::new(vec![RowColumn::new("Row", 100, 1)], |row, _| Some((row.to_string(), theme::TEXT)));
    rows.widget().clone().resize(0, 0, 300, 300);
    window.end();
    window.show();
    rows.show(0, 100, true);
    (window, rows)
}

fn one_mark() {
    let (mut window, mut rows) = table();
    Window::until("the window", || _ = app::wait_for(0.02), || window.shown().then_some(()));
    let desktop = Window::of(std::process::id(), "rows");
    let expect_marked = |rows: &Rows, expected: &[u64]| {
        let look = || (rows.marked() == expected).then_some(());
        Window::until(&format!("{expected:?}, not {:?}", rows.marked()), || _ = app::wait_for(0.02), look);
    };
    rows.mark(0);
    rows.widget().clone().take_focus().unwrap();
    desktop.keys(&["Down", "shift+Down", "ctrl+a", "shift+Down"]);
    expect_marked(&rows, &[3]);
    let row = |at: u32| (50, 40 + 24 * at);
    desktop.click_with("ctrl", row(1).0, row(1).1);
    expect_marked(&rows, &[1]);
    desktop.click_with("ctrl", row(1).0, row(1).1);
    desktop.click_with("shift", row(4).0, row(4).1);
    expect_marked(&rows, &[4]);
    // The table of a log or of the wire.
    rows.set_marking(Marking::Dragged);
    desktop.keys(&["shift+Up"]);
    expect_marked(&rows, &[3, 4]);
    window.hide();
}

fn kept_place() {
    let (mut window, mut rows) = table();
    let first_seen = |rows: &Rows| rows.widget().row_position();
    let is_at_end = |rows: &Rows| {
        let last = rows.widget().find_cell(TableContext::Cell, rows.widget().rows() - 1, 0);
        last.is_some_and(|(_, y, _, h)| y + h <= 300)
    };
    assert!(is_at_end(&rows));
    rows.show(10, 100, true);
    assert!(is_at_end(&rows), "it follows");
    rows.mark(60);
    let seen = first_seen(&rows);
    assert!(!is_at_end(&rows));
    // Twenty rows are added, and the twenty oldest go.
    rows.show(30, 100, true);
    assert_eq!((first_seen(&rows), rows.marked()), (seen - 20, vec![60]));
    rows.show(30, 130, true);
    assert_eq!(first_seen(&rows), seen - 20);
    window.hide();
}

fn main_group() -> Group {
    app::first_window().unwrap().as_group().unwrap()
}

/// Returns true if `is_so` is true of any widget in a group.
fn any(group: &Group, is_so: &dyn Fn(&Widget) -> bool) -> bool {
    (0..group.children())
        .filter_map(|at| group.child(at))
        .any(|child| is_so(&child) || child.as_group().is_some_and(|group| any(&group, is_so)))
}
