//! The simulated user: sends key and mouse events through XTEST, and polls pixels until they have changed.

use std::error::Error;
use std::thread;
use std::time::{Duration, Instant};

use x11rb::connection::Connection as _;
use x11rb::protocol::xproto::{
    AtomEnum, BUTTON_PRESS_EVENT, BUTTON_RELEASE_EVENT, ConfigureWindowAux, ConnectionExt as _, ImageFormat,
    InputFocus, KEY_PRESS_EVENT, KEY_RELEASE_EVENT, MapState, Window,
};
use x11rb::protocol::xtest::ConnectionExt as _;
use x11rb::rust_connection::RustConnection;

/// Timeout for every wait.
pub(crate) const DEADLINE: Duration = Duration::from_mins(1);

/// Polling interval: far shorter than the measured times, long enough to leave processor time to the programs.
const BETWEEN_LOOKS: Duration = Duration::from_micros(500);

/// A rectangle in a window.
#[derive(Clone, Copy)]
pub(crate) struct Area {
    pub(crate) x: i16,
    pub(crate) y: i16,
    pub(crate) w: u16,
    pub(crate) h: u16,
}

/// The connection to the display.
pub(crate) struct Desktop {
    x11: RustConnection,
    root: Window,
}

impl Desktop {
    pub(crate) fn open() -> Result<Desktop, Box<dyn Error>> {
        let (x11, screen) = x11rb::connect(None)?;
        let root = x11.setup().roots[screen].root;
        Ok(Desktop { x11, root })
    }

    /// Waits for the window of a process, until it is visible and has content.
    pub(crate) fn window_of(&self, pid: u32) -> Result<Window, Box<dyn Error>> {
        until("a window", || {
            let windows = self.x11.query_tree(self.root)?.reply()?.children;
            let mut ours = windows.into_iter().filter(|window| self.is_of(*window, pid).unwrap_or_default());
            // A window has content if a vertical line through it has more than one colour.
            Ok(ours.find(|window| {
                self.height(*window)
                    .and_then(|h| self.look(*window, Area { x: 100, y: 0, w: 1, h }))
                    .is_ok_and(|pixels| pixels.chunks(4).any(|pixel| Some(pixel) != pixels.chunks(4).next()))
            }))
        })
    }

    fn is_of(&self, window: Window, pid: u32) -> Result<bool, Box<dyn Error>> {
        let atom = self.x11.intern_atom(false, b"_NET_WM_PID")?.reply()?.atom;
        let owner = self.x11.get_property(false, window, atom, AtomEnum::CARDINAL, 0, 1)?.reply()?;
        let is_its = owner.value32().and_then(|mut values| values.next()) == Some(pid);
        Ok(is_its && self.x11.get_window_attributes(window)?.reply()?.map_state == MapState::VIEWABLE)
    }

    fn height(&self, window: Window) -> Result<u16, Box<dyn Error>> {
        Ok(self.x11.get_geometry(window)?.reply()?.height)
    }

    /// Moves a window to the top left corner, resizes it, and gives it the keyboard focus.
    pub(crate) fn place(&self, window: Window, w: u16, h: u16) -> Result<(), Box<dyn Error>> {
        let place = ConfigureWindowAux::new().x(0).y(0).width(u32::from(w)).height(u32::from(h));
        self.x11.configure_window(window, &place)?.check()?;
        self.x11.set_input_focus(InputFocus::PARENT, window, x11rb::CURRENT_TIME)?.check()?;
        Ok(())
    }

    /// Unmaps a window, as a window manager does to minimise it.
    pub(crate) fn minimise(&self, window: Window) -> Result<(), Box<dyn Error>> {
        Ok(self.x11.unmap_window(window)?.check()?)
    }

    /// Returns the pixels of an area.
    pub(crate) fn look(&self, window: Window, Area { x, y, w, h }: Area) -> Result<Vec<u8>, Box<dyn Error>> {
        Ok(self.x11.get_image(ImageFormat::Z_PIXMAP, window, x, y, w, h, !0)?.reply()?.data)
    }

    /// Calls `act`, and measures the time until an area has changed.
    pub(crate) fn until_changed(
        &self,
        window: Window,
        area: Area,
        act: impl FnOnce() -> Result<(), Box<dyn Error>>,
    ) -> Result<Duration, Box<dyn Error>> {
        let before = self.look(window, area)?;
        let began = Instant::now();
        act()?;
        until("a changed area", || Ok((self.look(window, area)? != before).then(|| began.elapsed())))
    }

    /// Waits until an area has not changed for 300 ms.
    pub(crate) fn until_still(&self, window: Window, area: Area) -> Result<(), Box<dyn Error>> {
        let (mut before, mut since) = (Vec::new(), Instant::now());
        until("an area that does not change", || {
            let now = self.look(window, area)?;
            if now != before {
                (before, since) = (now, Instant::now());
            }
            Ok((since.elapsed() > Duration::from_millis(300)).then_some(()))
        })
    }

    /// Presses a key, given by its X11 keysym (for Latin-1 characters, their code).
    pub(crate) fn press(&self, key: u32) -> Result<(), Box<dyn Error>> {
        let setup = self.x11.setup();
        let count = setup.max_keycode - setup.min_keycode + 1;
        let map = self.x11.get_keyboard_mapping(setup.min_keycode, count)?.reply()?;
        let rows = map.keysyms.chunks(usize::from(map.keysyms_per_keycode));
        let code = (setup.min_keycode..).zip(rows).find(|(_, symbols)| symbols.first() == Some(&key));
        let (code, _) = code.ok_or("this keyboard has no such key")?;
        self.fake(KEY_PRESS_EVENT, code)?;
        self.fake(KEY_RELEASE_EVENT, code)
    }

    /// Moves the mouse to a position on the screen.
    pub(crate) fn point(&self, x: i16, y: i16) -> Result<(), Box<dyn Error>> {
        self.x11.warp_pointer(x11rb::NONE, self.root, 0, 0, 0, 0, x, y)?.check()?;
        Ok(())
    }

    /// Clicks a mouse button: 1 is the left one, 5 turns the wheel towards the user.
    pub(crate) fn click(&self, button: u8) -> Result<(), Box<dyn Error>> {
        self.fake(BUTTON_PRESS_EVENT, button)?;
        self.fake(BUTTON_RELEASE_EVENT, button)
    }

    fn fake(&self, event: u8, detail: u8) -> Result<(), Box<dyn Error>> {
        self.x11.xtest_fake_input(event, detail, x11rb::CURRENT_TIME, x11rb::NONE, 0, 0, 0)?;
        Ok(self.x11.flush()?)
    }
}

/// Polls `look` until it returns a value.
pub(crate) fn until<T>(
    what: &str,
    mut look: impl FnMut() -> Result<Option<T>, Box<dyn Error>>,
) -> Result<T, Box<dyn Error>> {
    let deadline = Instant::now() + DEADLINE;
    loop {
        if let Some(found) = look()? {
            return Ok(found);
        }
        if Instant::now() > deadline {
            return Err(format!("not within {DEADLINE:?}: {what}").into());
        }
        thread::sleep(BETWEEN_LOOKS);
    }
}
