//! Other X11 clients on the test's display: a window manager, and another program's window. Both can be waited for until they have
//! done what they were asked to do, so no test has to guess a delay.

use std::cell::Cell;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::Duration;

use x11rb::COPY_DEPTH_FROM_PARENT;
use x11rb::connection::Connection as _;
use x11rb::protocol::Event;
use x11rb::protocol::xproto::{
    AtomEnum, ConfigureWindowAux, ConnectionExt as _, CreateWindowAux, EventMask, PropMode, WindowClass,
};
use x11rb::rust_connection::RustConnection;
use x11rb::wrapper::ConnectionExt as _;

use super::desktop::Window;
use super::screen::Screen;

/// A window manager for this display. Dropping it ends it.
pub(crate) struct WindowManager(Child);

impl WindowManager {
    pub(crate) fn start() -> WindowManager {
        let mut openbox = Command::new("openbox");
        openbox.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        let started = WindowManager(openbox.spawn().expect("openbox is needed: script/bootstrap installs it"));
        let (x11, screen) = x11rb::connect(None).unwrap();
        let root = x11.setup().roots[screen].root;
        let atom = x11.intern_atom(false, b"_NET_SUPPORTING_WM_CHECK").unwrap().reply().unwrap().atom;
        let runs = || x11.get_property(false, root, atom, AtomEnum::WINDOW, 0, 1).unwrap().reply().unwrap();
        Window::until("openbox", thread::yield_now, || (!runs().value.is_empty()).then_some(()));
        // The window manager may overlook a window that is mapped while it starts, so the probe is mapped again until it shows.
        let probe = OtherProgram::made();
        Window::until(
            "a window shown by openbox",
            || probe.show_again(),
            || (probe.poll(), probe.shown.get()).1.then_some(()),
        );
        started
    }
}

impl Drop for WindowManager {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Another program's window, which counts the keys that it gets.
pub(crate) struct OtherProgram {
    x11: RustConnection,
    window: u32,
    shown: Cell<bool>,
    keys: Cell<usize>,
    /// Number of times that the window was moved.
    moved: Cell<i32>,
    /// The last move was confirmed.
    placed: Cell<bool>,
}

impl OtherProgram {
    pub(crate) fn open() -> OtherProgram {
        let program = OtherProgram::made();
        Window::until(
            "another program's window",
            || program.show_again(),
            || {
                program.poll();
                program.shown.get().then_some(())
            },
        );
        program
    }

    fn made() -> OtherProgram {
        let (x11, screen) = x11rb::connect(None).unwrap();
        let (window, root) = (x11.generate_id().unwrap(), x11.setup().roots[screen].root);
        let mask = CreateWindowAux::new().event_mask(EventMask::KEY_PRESS | EventMask::STRUCTURE_NOTIFY);
        let (class, depth) = (WindowClass::INPUT_OUTPUT, COPY_DEPTH_FROM_PARENT);
        x11.create_window(depth, window, root, 1300, 700, 200, 100, 0, class, 0, &mask).unwrap();
        let (property, kind) = (AtomEnum::WM_NAME, AtomEnum::STRING);
        x11.change_property8(PropMode::REPLACE, window, property, kind, b"another program").unwrap();
        let (shown, keys, moved, placed) = Default::default();
        OtherProgram { x11, window, shown, keys, moved, placed }
    }

    /// Unmaps and maps the window, as if it were new.
    fn show_again(&self) {
        self.x11.unmap_window(self.window).unwrap();
        self.x11.map_window(self.window).unwrap();
        self.x11.flush().unwrap();
        thread::park_timeout(Duration::from_millis(100));
    }

    fn poll(&self) {
        while let Some(event) = self.x11.poll_for_event().unwrap() {
            match event {
                Event::MapNotify(_) => self.shown.set(true),
                Event::KeyPress(_) => self.keys.set(self.keys.get() + 1),
                Event::ConfigureNotify(_) => self.placed.set(true),
                _ => {}
            }
        }
    }

    /// Waits until the window manager has processed all earlier requests. It processes them in order, so the confirmation of a
    /// move is a barrier.
    pub(crate) fn settle(&self, screen: &Screen) {
        self.poll();
        self.placed.set(false);
        self.moved.set(self.moved.get() + 1);
        let there = ConfigureWindowAux::new().x(1300 + self.moved.get());
        self.x11.configure_window(self.window, &there).unwrap();
        self.x11.flush().unwrap();
        screen.until("the window manager", |_| {
            self.poll();
            self.placed.get()
        });
    }

    pub(crate) fn desktop(&self) -> Window {
        Window::with_id(self.window)
    }

    /// Returns the number of keys that it has got since the last call.
    pub(crate) fn take_keys(&self) -> usize {
        self.poll();
        self.keys.take()
    }
}
