//! The desktop that window tests run on: finds a program's window, and clicks, types and closes as a person does.
//!
//! xdotool presses the keys and the mouse, so the programs see real events. There need be no window manager: what one
//! would do (give the keyboard to a window, ask it to close) is done here.

use std::process::Command;
use std::time::{Duration, Instant};

use x11rb::connection::Connection as _;
use x11rb::protocol::xproto::{ClientMessageEvent, ConnectionExt as _, EventMask, InputFocus};

use super::DEADLINE;

/// Runs these tests one after the other, or those whose name has a word of the command line in it, as the harness does.
pub(crate) fn run_all(tests: &[(&str, fn())]) {
    // Without a display there is nothing to show; script/test gives one to every run.
    if std::env::var_os("DISPLAY").is_none() {
        println!("skipped: there is no DISPLAY (run it under xvfb-run)");
        return;
    }
    // An X server begins anew when its last client goes, and whoever comes at that moment is thrown out.
    let _keeps_it_going = x11rb::connect(None).unwrap();
    let wanted: Vec<_> = std::env::args().skip(1).filter(|word| !word.starts_with('-')).collect();
    let is_wanted = |name: &str| wanted.is_empty() || wanted.iter().any(|word| name.contains(word));
    for (name, test) in tests.iter().filter(|(name, _)| is_wanted(name)) {
        println!("test {name} ...");
        test();
        println!("test {name} ... ok");
    }
}

/// A window of a program.
pub(crate) struct Window {
    id: String,
}

impl Window {
    /// The window of the program with this process id, once it is there.
    pub(crate) fn of(pid: u32, title: &str) -> Window {
        let deadline = Instant::now() + DEADLINE;
        loop {
            let args = ["search", "--onlyvisible", "--all", "--pid", &pid.to_string(), "--name", title];
            let found =
                Command::new("xdotool").args(args).output().expect("xdotool is needed: script/bootstrap installs it");
            if let Some(id) = String::from_utf8_lossy(&found.stdout).lines().next() {
                return Window { id: id.to_owned() };
            }
            assert!(Instant::now() < deadline, "no window {title:?} of process {pid}");
            // The search itself takes its time; this only keeps it from taking all of the processor.
            std::thread::park_timeout(Duration::from_millis(20));
        }
    }

    /// A window that the test knows already.
    pub(crate) fn with_id(id: u32) -> Window {
        Window { id: id.to_string() }
    }

    /// Puts it into the corner, makes it this large, and gives it the keyboard.
    pub(crate) fn place(&self, width: u32, height: u32) {
        self.place_at(0, 0, width, height);
    }

    /// The same, elsewhere.
    pub(crate) fn place_at(&self, x: u32, y: u32, width: u32, height: u32) {
        let [x, y, width, height] = [x, y, width, height].map(|number| number.to_string());
        xdotool(&["windowmove", "--sync", &self.id, &x, &y]);
        xdotool(&["windowsize", "--sync", &self.id, &width, &height]);
        xdotool(&["windowfocus", "--sync", &self.id]);
    }

    /// Does what needs the window to know already what it is about, such as a row of a table, until something comes of it: a
    /// window knows a moment later than the wire, and when, cannot be seen from here.
    pub(crate) fn until<T>(what: &str, mut act: impl FnMut(), mut look: impl FnMut() -> Option<T>) -> T {
        let deadline = Instant::now() + DEADLINE;
        loop {
            act();
            if let Some(found) = look() {
                return found;
            }
            assert!(Instant::now() < deadline, "nothing comes of it: {what}");
        }
    }

    /// Clicks at a place in the window.
    pub(crate) fn click(&self, x: u32, y: u32) {
        xdotool(&["mousemove", "--window", &self.id, "--sync", &x.to_string(), &y.to_string(), "click", "1"]);
    }

    /// Brings it to the front and clicks at a place in it, as somebody does who wants to write there.
    pub(crate) fn go_to(&self, x: u32, y: u32) {
        let (x, y) = (x.to_string(), y.to_string());
        // Without --sync, which waits for the mouse to move, and it may be there already. The click comes before the
        // keyboard, since it is what tells the window that somebody wants to be there.
        xdotool(&["windowraise", &self.id, "mousemove", "--window", &self.id, &x, &y, "click", "1"]);
        xdotool(&["windowfocus", "--sync", &self.id]);
    }

    /// Presses keys, such as `Tab` or `ctrl+a`.
    pub(crate) fn keys(&self, keys: &[&str]) {
        xdotool(&["windowfocus", "--sync", &self.id]);
        xdotool(&[&["key"], keys].concat());
    }

    /// Moves the mouse to a place in the window, as somebody does who only looks.
    pub(crate) fn point(&self, x: i32, y: i32) {
        xdotool(&["mousemove", "--window", &self.id, "--sync", &x.to_string(), &y.to_string()]);
    }

    /// Turns the wheel a good way upwards at a place in the window.
    pub(crate) fn wheel_up(&self, x: i32, y: i32) {
        // Without --sync, since the mouse may be there already.
        xdotool(&["mousemove", "--window", &self.id, &x.to_string(), &y.to_string()]);
        xdotool(&["click", "--repeat", "20", "--delay", "1", "4"]);
    }

    /// Clicks twice at a place in the window.
    pub(crate) fn double_click(&self, x: i32, y: i32) {
        self.point(x, y);
        xdotool(&["click", "--repeat", "2", "--delay", "50", "1"]);
    }

    /// Gives it the keyboard.
    pub(crate) fn focus(&self) {
        xdotool(&["windowfocus", "--sync", &self.id]);
    }

    /// Where it is and how large, in words that can be compared.
    pub(crate) fn geometry(&self) -> String {
        let output = Command::new("xdotool").args(["getwindowgeometry", &self.id]).output().unwrap();
        String::from_utf8(output.stdout).unwrap().lines().skip(1).collect()
    }

    /// Types a text.
    pub(crate) fn type_text(&self, text: &str) {
        xdotool(&["windowfocus", "--sync", &self.id]);
        xdotool(&["type", text]);
    }

    /// Takes it from the screen, as a window manager does that minimises it.
    pub(crate) fn minimise(&self) {
        xdotool(&["windowunmap", "--sync", &self.id]);
    }

    /// The other way round.
    pub(crate) fn bring_back(&self) {
        xdotool(&["windowmap", "--sync", &self.id]);
    }

    /// Asks it to close, as the cross in its title bar does.
    pub(crate) fn close(&self) {
        let (x11, _) = x11rb::connect(None).unwrap();
        let atom = |name: &str| x11.intern_atom(false, name.as_bytes()).unwrap().reply().unwrap().atom;
        let (protocols, delete) = (atom("WM_PROTOCOLS"), atom("WM_DELETE_WINDOW"));
        let window = self.id.parse().unwrap();
        let message = ClientMessageEvent::new(32, window, protocols, [delete, x11rb::CURRENT_TIME, 0, 0, 0]);
        x11.send_event(false, window, EventMask::NO_EVENT, message).unwrap().check().unwrap();
        x11.flush().unwrap();
    }
}

/// Types a text wherever the keyboard is, which is what a person does who is in the middle of a word.
pub(crate) fn type_here(text: &str) {
    xdotool(&["type", text]);
}

/// Clicks where the mouse is.
pub(crate) fn click_here() {
    xdotool(&["click", "1"]);
}

/// Presses the button where the mouse is, and holds it.
pub(crate) fn press() {
    xdotool(&["mousedown", "1"]);
}

/// Lets go of it.
pub(crate) fn release() {
    xdotool(&["mouseup", "1"]);
}

/// Takes the keyboard away from every window, as somebody does who turns to another one.
pub(crate) fn look_away() {
    let (x11, _) = x11rb::connect(None).unwrap();
    x11.set_input_focus(InputFocus::NONE, x11rb::NONE, x11rb::CURRENT_TIME).unwrap().check().unwrap();
}

fn xdotool(args: &[&str]) {
    let output = Command::new("xdotool").args(args).output().expect("xdotool is needed: script/bootstrap installs it");
    assert!(output.status.success(), "xdotool {args:?}: {}", String::from_utf8_lossy(&output.stderr));
}
