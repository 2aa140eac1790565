//! Where things are in a window, and where the window is: what has no room gets a scrollbar, and a window comes back as large
//! and on the screen where it was.

use fltk::app;
use fltk::prelude::*;
use fltk::valuator::Scrollbar;
use multichat::internal::ui::{self, RowColumn, Rows, Theme, theme};
use x11rb::connection::Connection as _;
use x11rb::protocol::randr::{ConnectionExt as _, MonitorInfo};
use x11rb::protocol::xproto::{ConnectionExt as _, ImageFormat};

use crate::support::desktop::{Test, Window, press, release};
use crate::support::program::{Home, Program};
use crate::support::screen::{SIZE, Screen, widgets};
use crate::support::x_server::XServer;
use crate::support::{Room, eventually};

/// Where the entry is in a window of this size.
const ENTRY: (u32, u32) = (200, 446);

pub(crate) fn tests() -> Vec<Test> {
    vec![
        ("a list of people that has no room for all gets a scrollbar at its side at once", many_people),
        ("whoever has zoomed in and back has a window as large as before", zoomed),
        ("a window comes back to the monitor where it was, whatever the zoom", second_monitor),
        ("a long line that is pasted is all there", long_line),
        ("the thumb of a scrollbar can be held at its end, however much there is to scroll", thumbs),
    ]
}

/// The scrollbar at the side of the list of people, if there is one that can be used.
fn people_bar() -> Option<Scrollbar> {
    // That of the conversation is further to the left.
    widgets::<Scrollbar>().into_iter().find(|bar| bar.x() > i32::try_from(SIZE.0).unwrap() - 60)
}

fn is_beside_the_list(bar: &Scrollbar) -> bool {
    let list = bar.parent().unwrap();
    bar.x() + bar.w() == list.x() + list.w() && (bar.y(), bar.h()) == (list.y(), list.h()) && bar.h() > 40
}

fn many_people() {
    let room = Room::open();
    let screen = Screen::open(room.addr());
    screen.until_status("Connected as bob");
    let mut peers: Vec<_> = (0..8).map(|number| room.join(&format!("p{number}"))).collect();
    screen.until("nine people", |screen| screen.window.people().len() == 9);
    assert!(people_bar().is_none());
    peers.extend((8..40).map(|number| room.join(&format!("p{number}"))));
    screen.until("a scrollbar", |_| people_bar().is_some_and(|bar| is_beside_the_list(&bar)));
    peers.truncate(8);
    screen.until("none when they have left", |_| people_bar().is_none());
    // When the window has become too low.
    screen.desktop.place(SIZE.0, 300);
    screen.until("a scrollbar in a low window", |_| people_bar().is_some_and(|bar| is_beside_the_list(&bar)));
    screen.desktop.place(SIZE.0, SIZE.1);
    screen.until("none in a high window", |_| people_bar().is_none());
    screen.close();
}

fn zoomed() {
    let screen = Screen::offline("bob");
    let size = || app::first_window().map(|window| (window.w(), window.h())).unwrap();
    let scale = || app::screen_scale(0);
    screen.until("its size", |_| size() == (800, 500));
    for (at, expected) in (1..).zip([1.1, 1.2, 1.333, 1.5, 1.7, 2.0, 2.4, 3.0]) {
        screen.desktop.keys(&["ctrl+plus"]);
        screen.until(&format!("step {at}"), |_| (scale() - expected).abs() < 0.01);
    }
    // No larger than the screen of 1600 by 1000.
    screen.until("a window that fits", |_| size().0 <= 534 && size().1 <= 334);
    screen.desktop.keys(&["ctrl+0"]);
    screen.until("no zoom", |_| (scale() - 1.0).abs() < 0.01);
    screen.until("the size that it had", |_| size() == (800, 500));
    // What somebody has made of it meanwhile counts.
    screen.desktop.keys(&["ctrl+plus", "ctrl+plus", "ctrl+plus", "ctrl+plus", "ctrl+plus", "ctrl+plus"]);
    screen.until("twice as large", |_| (scale() - 2.0).abs() < 0.01);
    screen.until("a window that fits", |_| size() == (800, 500));
    screen.desktop.place(1400, 900);
    screen.until("another size", |_| size() == (700, 450));
    screen.desktop.keys(&["ctrl+0"]);
    screen.until("no zoom", |_| (scale() - 1.0).abs() < 0.01);
    screen.until("the size that it was given", |_| size() == (700, 450));
    screen.close();
}

/// A screen that is divided into two monitors of 1600 by 1000 side by side.
fn two_monitors() -> XServer {
    let server = XServer::start(3200);
    let (x11, _) = x11rb::connect(Some(&server.display)).unwrap();
    let root = x11.setup().roots[0].root;
    let all = x11.randr_get_screen_resources_current(root).unwrap().reply().unwrap().outputs;
    for (name, primary, x, outputs) in [("left", true, 0, all), ("right", false, 1600, Vec::new())] {
        let name = x11.intern_atom(false, name.as_bytes()).unwrap().reply().unwrap().atom;
        let monitor = MonitorInfo {
            name,
            primary,
            automatic: false,
            x,
            y: 0,
            width: 1600,
            height: 1000,
            width_in_millimeters: 423,
            height_in_millimeters: 265,
            outputs,
        };
        x11.randr_set_monitor(root, monitor).unwrap().check().unwrap();
    }
    server
}

/// The client program with its window.
fn client(screen: &XServer, home: &Home) -> (Program, Window) {
    let display = &screen.display;
    let program = Program::start_in(env!("CARGO_BIN_EXE_client"), home, &[], &[("DISPLAY", display)]);
    let window = Window::on(Some(display), program.id(), "multichat");
    (program, window)
}

fn second_monitor() {
    let (screen, home) = (two_monitors(), Home::new());
    let (mut program, window) = client(&screen, &home);
    window.place_at(1750, 80, 700, 460);
    let mut zoomed = window.geometry();
    // 110, 120, 133 and 150 %.
    for _ in 0..4 {
        window.keys(&["ctrl+plus"]);
        zoomed = eventually("a larger window", || {
            let now = window.geometry();
            if now.2 > zoomed.2 { Ok(now) } else { Err(now) }
        });
    }
    assert!(zoomed.0 >= 1600, "{zoomed:?}");
    program.terminate();
    program.ended();
    let (mut program, window) = client(&screen, &home);
    let back = window.geometry();
    // Its places are whole numbers of larger pixels.
    let is_near = back.0.abs_diff(zoomed.0) <= 2 && back.1.abs_diff(zoomed.1) <= 2;
    assert!(is_near && (back.2, back.3) == (zoomed.2, zoomed.3), "{zoomed:?} became {back:?}");
    program.terminate();
    program.ended();
}

/// What is in the entry, in pixels.
fn entry_seen() -> Vec<u8> {
    app::flush();
    let (x11, _) = x11rb::connect(None).unwrap();
    let root = x11.setup().roots[0].root;
    x11.get_image(ImageFormat::Z_PIXMAP, root, 24, 428, 600, 36, !0).unwrap().reply().unwrap().data
}

fn long_line() {
    let screen = Screen::offline("bob");
    let line: String = ('a'..='z').cycle().take(40_000).collect();
    screen.desktop.click(ENTRY.0, ENTRY.1);
    app::copy(&line);
    screen.desktop.keys(&["ctrl+v"]);
    screen.until("the line", |screen| !screen.window.draft().is_empty());
    assert!(screen.window.draft() == line, "only {} characters are there", screen.window.draft().len());
    // What is typed at its end is seen, and so is where it is typed.
    let mut before = entry_seen();
    for key in ["W", "Left", "shift+Left"] {
        screen.desktop.keys(&[key]);
        screen.until(&format!("what {key} does"), |_| entry_seen() != before);
        before = entry_seen();
    }
    screen.desktop.keys(&["End"]);
    screen.desktop.click(ENTRY.0, ENTRY.1);
    screen.desktop.keys(&["X"]);
    screen.until("a letter where the mouse is", |screen| screen.window.draft().contains('X'));
    let draft = screen.window.draft();
    let at = draft.find('X').unwrap();
    assert!((39_800..39_999).contains(&at), "{at}");
    screen.close();
}

fn thumbs() {
    ui::start_app(Theme::Light);
    let mut window = ui::window(300, 300, "thumbs", ui::Program::Chat);
    let mut rows = Rows::new(vec![RowColumn::new("Row", 100, 1)], |row, _| Some((row.to_string(), theme::TEXT)));
    rows.widget().clone().resize(0, 0, 200, 300);
    let mut own = Scrollbar::new(280, 0, 20, 300, None);
    ui::style_scrollbar(&mut own);
    own.set_slider_size(0.001);
    own.set_bounds(0.0, 100_000.0);
    window.end();
    window.show();
    rows.show(0, 100_000, false);
    let until = |what: &str, is_so: &dyn Fn() -> bool| {
        Window::until(what, || _ = app::wait_for(0.02), || is_so().then_some(()));
    };
    until("the window", &|| window.shown());
    let desktop = Window::of(std::process::id(), "thumbs");
    let of_rows = rows.widget().scrollbar();
    for bar in [own, of_rows] {
        // Behind the arrow, and nearly at the end of a thumb of 24 pixels.
        let (x, y) = (bar.x() + bar.w() / 2, bar.y() + bar.w() + 21);
        desktop.point(x, y);
        press();
        for by in [10, 60, 100] {
            desktop.point(x, y + by);
            let _ = app::wait_for(0.02);
        }
        until("the middle", &|| (0.3..0.6).contains(&(bar.value() / bar.maximum())));
        release();
        // A press beside it scrolls by a page.
        let before = bar.value();
        desktop.click(u32::try_from(x).unwrap(), u32::try_from(bar.y() + bar.h() - bar.w() - 3).unwrap());
        until("a page further", &|| (0.0001..0.01).contains(&((bar.value() - before) / bar.maximum())));
    }
    assert!(rows.widget().row_position() > 30_000);
    window.hide();
}
