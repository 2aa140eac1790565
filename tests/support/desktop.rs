//! The desktop of the window tests: finds a program's window, and clicks, types and closes as a user does.
//!
//! xdotool sends the key and mouse events, so the programs get real X11 events. No window manager is needed: this file does its
//! part (giving the keyboard focus to a window, asking it to close).

use std::process::Command;
use std::time::{Duration, Instant};

use x11rb::connection::Connection as _;
use x11rb::protocol::xproto::{ClientMessageEvent, ConnectionExt as _, EventMask, InputFocus};

use super::DEADLINE;

/// Runs tests one after the other; with arguments, only the tests whose name contains one of them, as cargo's harness does.
pub(crate) fn run_all(tests: &[(&str, fn())]) {
    // script/test provides a display for every run.
    if std::env::var_os("DISPLAY").is_none() {
        println!("skipped: there is no DISPLAY (run it under xvfb-run)");
        return;
    }
    // An X server resets itself when its last client disconnects, and drops clients that connect at that moment.
    let _keeps_server_running = x11rb::connect(None).unwrap();
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
    /// Waits for the window of the program with this process id and title.
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
            // Keeps the searches from using all of the processor.
            std::thread::park_timeout(Duration::from_millis(20));
        }
    }

    /// Returns the handle of a window by its X11 id.
    pub(crate) fn with_id(id: u32) -> Window {
        Window { id: id.to_string() }
    }

    /// Moves the window to the top left corner, resizes it, and gives it the keyboard focus.
    pub(crate) fn place(&self, width: u32, height: u32) {
        self.place_at(0, 0, width, height);
    }

    /// The same, at another position.
    pub(crate) fn place_at(&self, x: u32, y: u32, width: u32, height: u32) {
        let [x, y, width, height] = [x, y, width, height].map(|number| number.to_string());
        xdotool(&["windowmove", "--sync", &self.id, &x, &y]);
        xdotool(&["windowsize", "--sync", &self.id, &width, &height]);
        xdotool(&["windowfocus", "--sync", &self.id]);
    }

    /// Repeats `act` until `look` finds its effect. For an action on something that the window may not show yet, such as a row of
    /// a table: the window is updated some time after the bytes have arrived, and a test cannot see when.
    pub(crate) fn until<T>(what: &str, mut act: impl FnMut(), mut look: impl FnMut() -> Option<T>) -> T {
        let deadline = Instant::now() + DEADLINE;
        loop {
            act();
            if let Some(found) = look() {
                return found;
            }
            assert!(Instant::now() < deadline, "no effect: {what}");
        }
    }

    /// Clicks at a position in the window.
    pub(crate) fn click(&self, x: u32, y: u32) {
        xdotool(&["mousemove", "--window", &self.id, "--sync", &x.to_string(), &y.to_string(), "click", "1"]);
    }

    /// Clicks at a position in the window while a key is held.
    pub(crate) fn click_with(&self, key: &str, x: u32, y: u32) {
        xdotool(&["keydown", key]);
        self.click(x, y);
        xdotool(&["keyup", key]);
    }

    /// Raises the window and clicks at a position in it, as a user does before typing there.
    pub(crate) fn go_to(&self, x: u32, y: u32) {
        let (x, y) = (x.to_string(), y.to_string());
        // Without --sync, which waits until the mouse has moved: it may be there already. The click comes before the focus,
        // since the click is what activates the window.
        xdotool(&["windowraise", &self.id, "mousemove", "--window", &self.id, &x, &y, "click", "1"]);
        xdotool(&["windowfocus", "--sync", &self.id]);
    }

    /// Presses keys, such as `Tab` or `ctrl+a`.
    pub(crate) fn keys(&self, keys: &[&str]) {
        xdotool(&["windowfocus", "--sync", &self.id]);
        xdotool(&[&["key"], keys].concat());
    }

    /// Moves the mouse to a position in the window, without a click.
    pub(crate) fn point(&self, x: i32, y: i32) {
        xdotool(&["mousemove", "--window", &self.id, "--sync", &x.to_string(), &y.to_string()]);
    }

    /// Turns the wheel upwards by 20 notches at a position in the window.
    pub(crate) fn wheel_up(&self, x: i32, y: i32) {
        // Without --sync, since the mouse may be there already.
        xdotool(&["mousemove", "--window", &self.id, &x.to_string(), &y.to_string()]);
        xdotool(&["click", "--repeat", "20", "--delay", "1", "4"]);
    }

    /// Double-clicks at a position in the window.
    pub(crate) fn double_click(&self, x: i32, y: i32) {
        self.point(x, y);
        xdotool(&["click", "--repeat", "2", "--delay", "50", "1"]);
    }

    /// Gives the window the keyboard focus.
    pub(crate) fn focus(&self) {
        xdotool(&["windowfocus", "--sync", &self.id]);
    }

    /// Returns the window's position and size as a text that can be compared.
    pub(crate) fn geometry(&self) -> String {
        let output = Command::new("xdotool").args(["getwindowgeometry", &self.id]).output().unwrap();
        String::from_utf8(output.stdout).unwrap().lines().skip(1).collect()
    }

    /// Types a text into the window.
    pub(crate) fn type_text(&self, text: &str) {
        xdotool(&["windowfocus", "--sync", &self.id]);
        xdotool(&["type", text]);
    }

    /// Unmaps the window, as a window manager does to minimise it.
    pub(crate) fn minimise(&self) {
        xdotool(&["windowunmap", "--sync", &self.id]);
    }

    /// Maps the window again.
    pub(crate) fn bring_back(&self) {
        xdotool(&["windowmap", "--sync", &self.id]);
    }

    /// Asks the window to close, as the button in its title bar does (`WM_DELETE_WINDOW`).
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

/// Types a text into the window that has the focus, without moving the focus first.
pub(crate) fn type_here(text: &str) {
    xdotool(&["type", text]);
}

/// Clicks at the mouse's position.
pub(crate) fn click_here() {
    xdotool(&["click", "1"]);
}

/// Presses the mouse button and holds it.
pub(crate) fn press() {
    xdotool(&["mousedown", "1"]);
}

/// Releases the mouse button.
pub(crate) fn release() {
    xdotool(&["mouseup", "1"]);
}

/// Takes the keyboard focus away from every window, as a click on another program does.
pub(crate) fn look_away() {
    let (x11, _) = x11rb::connect(None).unwrap();
    x11.set_input_focus(InputFocus::NONE, x11rb::NONE, x11rb::CURRENT_TIME).unwrap().check().unwrap();
}

fn xdotool(args: &[&str]) {
    let output = Command::new("xdotool").args(args).output().expect("xdotool is needed: script/bootstrap installs it");
    assert!(output.status.success(), "xdotool {args:?}: {}", String::from_utf8_lossy(&output.stderr));
}
