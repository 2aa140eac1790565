//! Where things are in a window, and where the window is: what has no room gets a scrollbar, and a window comes back as large
//! and on the screen where it was.
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
    use fltk::prelude::*;
    use fltk::valuator::Scrollbar;

    use crate::support::Room;
    use crate::support::desktop::run_all;
    use crate::support::screen::{SIZE, Screen, widgets};

    pub(super) fn run() {
        run_all(&[
            ("a list of people that has no room for all gets a scrollbar at its side at once", many_people),
        ]);
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
}
