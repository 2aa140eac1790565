//! Every combination of what can be open in a window, at its smallest size: no two widgets overlap, none is cut off, and each has
//! room for its text.

use fltk::app;
use fltk::prelude::*;
use fltk::table::Table;
use fltk::window::Window as FltkWindow;
use multichat::server::Config;

use crate::support::desktop::Test;
use crate::support::monitor::{close, join, open, until};
use crate::support::places::faults;
use crate::support::screen::{button, widgets};

/// The smallest size of the monitor.
const MONITOR: (u32, u32) = (1000, 480);

pub(crate) fn tests() -> Vec<Test> {
    vec![("the pages of the monitor, with and without a question", monitor)]
}

/// A name as long as a name may be.
fn long_name(first: char) -> String {
    format!("{first}{}", "W".repeat(31))
}

/// Collects the faults of the windows that are shown.
#[derive(Default)]
struct Faults(Vec<String>);

impl Faults {
    /// Lets the windows draw, and looks at them.
    fn look(&mut self, state: &str) {
        // What a tick has moved may have to be laid out with the next.
        for _ in 0..3 {
            let _ = app::wait_for(0.02);
        }
        app::flush();
        for window in app::windows().unwrap_or_default().iter().filter_map(FltkWindow::from_dyn_widget) {
            if window.shown() {
                let size = format!("{}x{} at {:.2}", window.w(), window.h(), app::screen_scale(0));
                self.0.extend(faults(&window).iter().map(|fault| format!("{state}, {size}: {fault}")));
            }
        }
    }

    fn expect_none(self) {
        assert!(self.0.is_empty(), "{} faults: {:#?}", self.0.len(), self.0);
    }
}

fn monitor() {
    let (window, desktop, addr) = open(Config::default());
    let _people = [join(&addr, &long_name('a')), join(&addr, &long_name('b'))];
    desktop.place(MONITOR.0, MONITOR.1);
    until(&window, "its size", || app::first_window().unwrap().h() == MONITOR.1.cast_signed());
    until(&window, "two people", || window.model().clients.iter().count() == 2);
    // The tabs stand before the tools of the first page, of which this is one.
    let tabs = button("Pause").unwrap().parent().unwrap().parent().unwrap().child(0).unwrap();
    let people = widgets::<Table>().remove(0);
    let mut found = Faults::default();
    for page in 0..7 {
        found.look(&format!("page {page}"));
        app::set_focus(&people);
        desktop.keys(&["Home", "Delete"]);
        until(&window, "the question", || button("Cancel").is_some());
        found.look(&format!("page {page} and a question"));
        desktop.keys(&["Escape"]);
        until(&window, "no question", || button("Cancel").is_none());
        app::set_focus(&tabs);
        desktop.keys(&["Right"]);
    }
    close(window);
    found.expect_none();
}
