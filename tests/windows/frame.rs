//! Tests of the frame of the monitor window: the questions before people are disconnected, the address that others connect to, the
//! window for the board, and the border between the people and the pages.

use std::net::TcpListener;

use fltk::app;
use fltk::button::Button;
use fltk::frame::Frame;
use fltk::menu::MenuButton;
use fltk::prelude::*;
use fltk::table::{Table, TableContext};
use multichat::internal::monitor::window::MonitorWindow;
use multichat::server::{Config, Password};

use crate::support::config;
use crate::support::desktop::{Test, Window, press, press_here, release};
use crate::support::monitor::{self, FILTER, FIRST_ROW, LOG_TAB, TITLE, click, join, open, until};
use crate::support::program::Home;
use crate::support::screen::{widgets, widgets_in};
use crate::support::tls::own_certificate;

const GOODBYE: &str = "ERR SHUTTING_DOWN the server stops";
const BOARD: &str = "For the board";

pub(crate) fn tests() -> Vec<Test> {
    vec![
        ("stop asks while somebody is here: enter is yes, and escape is no", stop_asks),
        ("closing the window asks while somebody is here, and closing it again is a yes", closing_asks),
        (
            "the question whether to close can be answered with yes, and after a no it is asked again",
            closing_is_answered,
        ),
        ("another address is asked for, and people are disconnected only if it can be one", another_address),
        ("the address and the key are copied", copied),
        ("who can connect is chosen while no server runs", chosen_while_stopped),
        ("the board shows what people need, stays current, fills the screen and closes", the_board),
        ("the border between the people and the pages can be dragged, and stays there", the_border),
        ("at the smallest size three people are seen, and nothing is cut off", three_people),
        ("the keyboard begins at who can connect", first_focus),
        ("nothing moves when a question or a result comes and goes", nothing_moves),
        ("the zoom ends where the window fills its screen", the_zoom_ends),
        ("what others do leaves the keyboard where it is", the_keyboard_stays),
    ]
}

/// Clicks on a widget.
fn press_on(desktop: &Window, widget: &impl WidgetExt) {
    let middle = |from: i32, size: i32| u32::try_from(from + size / 2).unwrap();
    desktop.click(middle(widget.x(), widget.w()), middle(widget.y(), widget.h()));
}

/// Returns the first visible button with this label.
#[track_caller]
fn button(label: &str) -> Button {
    widgets_in::<Button>(TITLE).into_iter().find(|button| button.label() == label).unwrap()
}

/// Returns the first visible menu with this label.
#[track_caller]
fn menu(label: &str) -> MenuButton {
    widgets_in::<MenuButton>(TITLE).into_iter().find(|menu| menu.label() == label).unwrap()
}

fn is_running(window: &MonitorWindow) -> bool {
    window.status().starts_with("Listening on ")
}

fn stop_asks() {
    let (window, desktop, addr) = open(config());
    let mut ann = join(&addr, "ann");
    until(&window, "ann", || window.model().clients.len() == 1);
    press_on(&desktop, &button("Stop"));
    until(&window, "the question", || window.note().starts_with("1 person will be disconnected. "));
    desktop.keys(&["Escape"]);
    until(&window, "no question", || window.note().is_empty());
    ann.sync();
    assert!(is_running(&window));
    press_on(&desktop, &button("Stop"));
    until(&window, "the question", || !window.note().is_empty());
    desktop.keys(&["Return"]);
    until(&window, "the stop", || window.status() == "Stopped");
    ann.expect(GOODBYE);
    // The address has the keyboard, because Stop is of no use any more. Nobody is here the next time.
    desktop.keys(&["Return"]);
    until(&window, "the start", || is_running(&window));
    press_on(&desktop, &button("Stop"));
    until(&window, "the stop, without a question", || window.status() == "Stopped");
    monitor::close(window);
}

fn closing_asks() {
    let home = Home::new();
    let (mut program, window, addr) = monitor::server(&home);
    let mut ann = join(&addr, "ann");
    monitor::until_rows(&window, 1);
    window.close();
    // Where its consequence is.
    Window::until("the question", || (), || window.has_text(34, 260, 200, 18).then_some(()));
    ann.sync();
    window.close();
    ann.expect(GOODBYE);
    assert_eq!(program.ended().code(), Some(0));
}

fn closing_is_answered() {
    let (window, desktop, addr) = open(config());
    let mut ann = join(&addr, "ann");
    until(&window, "ann", || window.model().clients.len() == 1);
    for _ in 0..2 {
        desktop.keys(&["ctrl+q"]);
        until(&window, "the question", || window.note().starts_with("1 person will be disconnected. "));
        desktop.keys(&["Escape"]);
        until(&window, "no question", || window.note().is_empty());
        ann.sync();
    }
    desktop.keys(&["ctrl+q"]);
    until(&window, "the question", || !window.note().is_empty());
    desktop.keys(&["Return"]);
    window.run().unwrap();
    ann.expect(GOODBYE);
}

fn another_address() {
    let (window, desktop, addr) = open(config());
    let mut ann = join(&addr, "ann");
    until(&window, "ann", || window.model().clients.len() == 1);
    press_on(&desktop, &menu("This computer only"));
    desktop.keys(&["Down", "Down", "Down", "Return"]);
    until(&window, "the question", || window.note().contains("1 person will be disconnected. Their window"));
    desktop.keys(&["ctrl+a"]);
    desktop.type_text("5555");
    desktop.keys(&["Return"]);
    until(&window, "what an address is", || window.note().contains("ADDRESS:PORT"));
    ann.sync();
    let next = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string();
    desktop.keys(&["ctrl+a"]);
    desktop.type_text(&next);
    desktop.keys(&["Return"]);
    until(&window, "the other address", || window.status().starts_with(&format!("Listening on {next}")));
    ann.expect(GOODBYE);
    join(&next, "ann");
    monitor::close(window);
}

fn copied() {
    let (window, desktop, addr) = open(Config { tls: Some(own_certificate()), ..config() });
    let fingerprint = window.model().fingerprint().unwrap().to_owned();
    click(&desktop, LOG_TAB);
    click(&desktop, FILTER);
    for (item, text) in (1..).zip([addr.clone(), format!("multichat://{addr}"), fingerprint]) {
        press_on(&desktop, &menu("Copy"));
        desktop.keys(&vec!["Down"; item]);
        desktop.keys(&["Return"]);
        // The keyboard has stayed in the filter. A key that comes too soon goes to the menu.
        until(&window, &text, || {
            desktop.keys(&["ctrl+a", "ctrl+v"]);
            widgets::<fltk::input::Input>().iter().any(|field| field.value() == text)
        });
    }
    let lines = widgets::<Frame>().into_iter().find(|frame| frame.label().starts_with("Only this computer"));
    assert_eq!(lines.unwrap().label(), "Only this computer can connect\nFor others, choose This network");
    monitor::close(window);
}

fn chosen_while_stopped() {
    let (window, desktop, _) = open(config());
    press_on(&desktop, &button("Stop"));
    until(&window, "the stop", || window.status() == "Stopped");
    let address = || widgets::<fltk::input::Input>().remove(0);
    until(&window, "the address", || address().value() == "127.0.0.1:0");
    press_on(&desktop, &menu("This computer only"));
    desktop.keys(&["Down", "Down", "Return"]);
    until(&window, "the network", || address().value() == "0.0.0.0:0");
    until(&window, "the choice", || widgets::<MenuButton>().iter().any(|menu| menu.label() == "This network"));
    press_on(&desktop, &menu("This network"));
    desktop.keys(&["Down", "Return"]);
    until(&window, "this computer", || address().value() == "127.0.0.1:0");
    // For another one, the address has the keyboard, and is replaced by what is typed.
    until(&window, "the choice", || widgets::<MenuButton>().iter().any(|menu| menu.label() == "This computer only"));
    press_on(&desktop, &menu("This computer only"));
    desktop.keys(&["Down", "Down", "Down", "Return"]);
    until(&window, "the selection", || address().has_focus() && (address().position(), address().mark()) == (11, 0));
    desktop.type_text("localhost:0");
    until(&window, "what is typed", || address().value() == "localhost:0");
    monitor::close(window);
}

fn the_board() {
    let password = Some(Password::parse("open sesame").unwrap());
    let (window, desktop, addr) = open(Config { password, tls: Some(own_certificate()), ..config() });
    assert_eq!(window.board(), "", "it is hidden");
    press_on(&desktop, &button(BOARD));
    let shows = |lines: &[&str]| until(&window, &format!("{lines:?}"), || window.board() == lines.join("\n"));
    let key = window.model().fingerprint().unwrap()["SHA256:".len()..].to_owned();
    let key = format!("{}  {}", &key[..11], &key[12..23]);
    let url = format!("multichat://{addr}");
    let begins = "The server's key begins with";
    shows(&["Only this computer can connect", &addr, &url, "Password", "open sesame", begins, &key]);
    let is_full = || app::windows().unwrap().iter().any(WindowExt::fullscreen_active);
    let board = || {
        until(&window, "the board", || Window::is_shown(std::process::id(), BOARD));
        Window::of(std::process::id(), BOARD)
    };
    board().keys(&["F11"]);
    until(&window, "a full screen", is_full);
    // It has the keyboard for itself.
    press_here("F11");
    until(&window, "a window", || !is_full());
    // The board is in front of the monitor.
    let stop = button("Stop");
    desktop.go_to((stop.x() + 20).cast_unsigned(), (stop.y() + 10).cast_unsigned());
    shows(&["Not running"]);
    board().keys(&["Escape"]);
    until(&window, "no board", || window.board().is_empty());
    assert!(app::first_window().is_some(), "the monitor is open");
    // A window for the board does not keep the program running.
    press_on(&desktop, &button(BOARD));
    shows(&["Not running"]);
    desktop.close();
    window.run().unwrap();
}

fn the_border() {
    let home = Home::new();
    let (mut program, window, _) = monitor::server(&home);
    monitor::resize(&window, 800);
    let before = Window::until("the border", || (), || border(&window));
    window.point(500, i32::from(before));
    press();
    window.point(500, i32::from(before) + 60);
    release();
    let is_lower = |y: &i16| (before + 50..=before + 62).contains(y);
    let after = Window::until("a lower border", || (), || border(&window).filter(is_lower));
    window.close();
    assert_eq!(program.ended().code(), Some(0));
    let (_program, window, _) = monitor::server(&home);
    monitor::resize(&window, 800);
    Window::until("the border where it was", || (), || border(&window).filter(|y| y.abs_diff(after) <= 2));
}

/// Finds the border: the grip in the middle, with the background at its sides.
fn border(window: &Window) -> Option<i16> {
    let ground = window.color_at(5, 5);
    (200..700).find(|y| window.color_at(500, *y) != ground && window.color_at(480, *y) == ground)
}

fn three_people() {
    let (window, desktop, addr) = open(config());
    desktop.place(800, 480);
    until(&window, "its size", || app::first_window().unwrap().h() == 480);
    let _three = ["ann", "ben", "cleo"].map(|name| join(&addr, name));
    until(&window, "three people", || window.model().clients.len() == 3);
    let people = widgets::<Table>().remove(0);
    let is_seen = || {
        let last = people.find_cell(TableContext::Cell, 2, 0);
        last.is_some_and(|(_, y, _, h)| y >= people.y() && y + h <= people.y() + people.h())
    };
    until(&window, "the third", is_seen);
    monitor::close(window);
}

fn first_focus() {
    let (window, desktop, _) = open(config());
    desktop.keys(&["Tab", "space"]);
    until(&window, "the board, which is next", || !window.board().is_empty());
    desktop.close();
    window.run().unwrap();
}

fn nothing_moves() {
    let (window, desktop, addr) = open(config());
    let mut ann = join(&addr, "ann");
    until(&window, "ann", || window.model().clients.len() == 1);
    let places = || widgets::<Table>().iter().map(|table| (table.y(), table.h())).collect::<Vec<_>>();
    let before = places();
    click(&desktop, FIRST_ROW);
    desktop.keys(&["Delete"]);
    until(&window, "the question", || window.note().starts_with("ann sees the reason"));
    assert_eq!(places(), before);
    desktop.keys(&["Return"]);
    until(&window, "the result", || window.note() == "ann was kicked");
    assert_eq!(places(), before);
    ann.expect("ERR KICKED");
    monitor::close(window);
}

fn the_zoom_ends() {
    let (window, desktop, _) = open(config());
    // 110, 120, 133, 150, 170, 200, 240 and 300 %. The screen has 1600 by 1000 pixels.
    desktop.keys(&["ctrl+plus"; 8]);
    // FLTK shows the zoom in a window of its own for a moment.
    let shown = || app::windows().unwrap().into_iter().find(|window| window.label() == TITLE).unwrap();
    until(&window, "a zoom of 200 %", || (app::screen_scale(0) - 2.0).abs() < 0.01);
    until(&window, "the smallest size", || shown().w() >= 800 && shown().h() >= 480);
    desktop.keys(&["ctrl+0"]);
    until(&window, "no zoom", || (app::screen_scale(0) - 1.0).abs() < 0.01);
    desktop.close();
    window.run().unwrap();
}

fn the_keyboard_stays() {
    let (window, desktop, addr) = open(config());
    click(&desktop, LOG_TAB);
    click(&desktop, FILTER);
    desktop.type_text("jo");
    let (ann, _ben) = (join(&addr, "ann"), join(&addr, "ben"));
    until(&window, "both", || window.model().clients.len() == 2);
    drop(ann);
    until(&window, "one", || window.model().clients.len() == 1);
    desktop.type_text("ined");
    let typed = || widgets::<fltk::input::Input>().iter().any(|field| field.value() == "joined");
    until(&window, "all that is typed", typed);
    assert!(Window::is_shown(std::process::id(), TITLE));
    monitor::close(window);
}
