//! The desktop of the window tests: finds a program's window, and clicks, types and closes as a user does.
//!
//! The X server makes the key and mouse events (XTEST), so the programs get real X11 events. No window manager is needed: this
//! file does its part (giving the keyboard focus to a window, asking it to close).

use std::collections::HashMap;
use std::thread;
use std::time::{Duration, Instant};

use x11rb::connection::Connection as _;
use x11rb::properties::{WmClass, WmHints};
use x11rb::protocol::xproto::{
    AtomEnum, BUTTON_PRESS_EVENT, BUTTON_RELEASE_EVENT, ClientMessageEvent, ConfigureWindowAux, ConnectionExt as _,
    EventMask, ImageFormat, InputFocus, KEY_PRESS_EVENT, KEY_RELEASE_EVENT, MapState, StackMode,
};
use x11rb::protocol::xtest::ConnectionExt as _;
use x11rb::rust_connection::RustConnection;

use super::DEADLINE;

/// A test and its name.
pub(crate) type Test = (&'static str, fn());

/// Pause between looks: it leaves the processor to the window that is waited for.
const PAUSE: Duration = Duration::from_millis(10);

/// A window of a program.
pub(crate) struct Window {
    user: User,
    id: u32,
}

impl Window {
    /// Waits for the window of the program with this process id and title. `^` begins and `$` ends a whole title.
    pub(crate) fn of(pid: u32, title: &str) -> Window {
        Window::on(None, pid, title)
    }

    /// The same, on another display.
    pub(crate) fn on(display: Option<&str>, pid: u32, title: &str) -> Window {
        let user = User::at(display);
        let id = Window::until(&format!("a window {title:?} of process {pid}"), || (), || user.find(pid, title));
        Window { user, id }
    }

    /// Returns whether the program with this process id shows a window with this title.
    pub(crate) fn is_shown(pid: u32, title: &str) -> bool {
        User::at(None).find(pid, title).is_some()
    }

    /// Returns the handle of a window by its X11 id.
    pub(crate) fn with_id(id: u32) -> Window {
        Window { user: User::at(None), id }
    }

    /// Moves the window to the top left corner, resizes it, and gives it the keyboard focus.
    pub(crate) fn place(&self, width: u32, height: u32) {
        self.place_at(0, 0, width, height);
    }

    /// The same, at another position.
    pub(crate) fn place_at(&self, x: i32, y: i32, width: u32, height: u32) {
        let place = ConfigureWindowAux::new().x(x).y(y).width(width).height(height);
        self.user.x11.configure_window(self.id, &place).unwrap();
        let is_placed = || (u32::from(self.geometry().2), u32::from(self.geometry().3)) == (width, height);
        Window::until("its size", || (), || is_placed().then_some(()));
        self.focus();
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
            assert!(Instant::now() < deadline, "not seen: {what}");
            thread::park_timeout(PAUSE);
        }
    }

    /// Moves the mouse to a position in the window, without a click.
    pub(crate) fn point(&self, x: i32, y: i32) {
        let [x, y] = [x, y].map(|number| i16::try_from(number).unwrap());
        self.user.x11.warp_pointer(x11rb::NONE, self.id, 0, 0, 0, 0, x, y).unwrap().check().unwrap();
    }

    /// Clicks at a position in the window.
    pub(crate) fn click(&self, x: u32, y: u32) {
        self.point(x.cast_signed(), y.cast_signed());
        self.user.click(1);
    }

    /// Clicks at a position in the window with the right button.
    pub(crate) fn right_click(&self, x: u32, y: u32) {
        self.point(x.cast_signed(), y.cast_signed());
        self.user.click(3);
    }

    /// Clicks at a position in the window while a key is held.
    pub(crate) fn click_with(&self, key: &str, x: u32, y: u32) {
        let (code, _) = self.user.key(keysym(key));
        self.user.fake(KEY_PRESS_EVENT, code);
        self.click(x, y);
        self.user.fake(KEY_RELEASE_EVENT, code);
    }

    /// Raises the window and clicks at a position in it, as a user does before typing there.
    pub(crate) fn go_to(&self, x: u32, y: u32) {
        let raise = || {
            let above = ConfigureWindowAux::new().stack_mode(StackMode::ABOVE);
            self.user.x11.configure_window(self.id, &above).unwrap();
            self.point(x.cast_signed(), y.cast_signed());
        };
        // A window manager raises it some time later.
        Window::until("the window below the mouse", raise, || self.is_below_mouse().then_some(()));
        // The click comes before the focus, since the click is what activates the window.
        self.user.click(1);
        self.focus();
    }

    /// Returns the number of the window on the screen, this one or another, that is below the mouse.
    pub(crate) fn below_mouse(&self) -> u32 {
        self.child_below_mouse(self.user.root)
    }

    fn child_below_mouse(&self, window: u32) -> u32 {
        self.user.x11.query_pointer(window).unwrap().reply().map_or(x11rb::NONE, |at| at.child)
    }

    fn is_below_mouse(&self) -> bool {
        let below = |window| self.child_below_mouse(window);
        let mut window = self.below_mouse();
        while window != x11rb::NONE && window != self.id {
            window = below(window);
        }
        window == self.id
    }

    /// Turns the wheel upwards by 20 notches at a position in the window.
    pub(crate) fn wheel_up(&self, x: i32, y: i32) {
        self.point(x, y);
        (0..20).for_each(|_| self.user.click(4));
    }

    /// Double-clicks at a position in the window.
    pub(crate) fn double_click(&self, x: i32, y: i32) {
        self.point(x, y);
        (0..2).for_each(|_| self.user.click(1));
    }

    /// Gives the window the keyboard focus.
    pub(crate) fn focus(&self) {
        let x11 = &self.user.x11;
        // A window that is not shown yet cannot have it: this is an error, and tried again.
        let act = || drop(x11.set_input_focus(InputFocus::PARENT, self.id, x11rb::CURRENT_TIME).unwrap().check());
        let has_focus = || x11.get_input_focus().unwrap().reply().unwrap().focus == self.id;
        Window::until("the keyboard focus", act, || has_focus().then_some(()));
    }

    /// Returns the window's left edge, upper edge, width and height on the screen.
    pub(crate) fn geometry(&self) -> (i16, i16, u16, u16) {
        let x11 = &self.user.x11;
        let is = x11.get_geometry(self.id).unwrap().reply().unwrap();
        let at = x11.translate_coordinates(self.id, is.root, 0, 0).unwrap().reply().unwrap();
        (at.dst_x, at.dst_y, is.width, is.height)
    }

    /// Returns whether the window asks for attention: by the flag of its hints, and by its state.
    pub(crate) fn is_urgent(&self) -> (bool, bool) {
        let hints = WmHints::get(&self.user.x11, self.id).unwrap().reply().unwrap().unwrap_or_default();
        let (state, urgent) = (self.user.atom("_NET_WM_STATE"), self.user.atom("_NET_WM_STATE_DEMANDS_ATTENTION"));
        let state = self.user.x11.get_property(false, self.id, state, AtomEnum::ATOM, 0, 100).unwrap().reply().unwrap();
        (hints.urgent, state.value32().into_iter().flatten().any(|atom| atom == urgent))
    }

    /// Returns the title.
    pub(crate) fn title(&self) -> String {
        let (id, title) = (self.id, self.user.atom("_NET_WM_NAME"));
        let title = self.user.x11.get_property(false, id, title, AtomEnum::ANY, 0, 1024).unwrap().reply().unwrap();
        String::from_utf8(title.value).unwrap()
    }

    /// Returns the colour that most of the window's icon has (red, green, blue), and its names for window managers and desktop
    /// files: instance and class.
    pub(crate) fn identity(&self) -> (u32, String, String) {
        let icon = self.user.atom("_NET_WM_ICON");
        let icon = self.user.x11.get_property(false, self.id, icon, AtomEnum::CARDINAL, 0, 1 << 16).unwrap().reply();
        let icon: Vec<u32> = icon.unwrap().value32().unwrap().collect();
        assert_eq!(icon[..2], [64, 64]);
        let mut colors = HashMap::new();
        icon[2..]
            .iter()
            .filter(|pixel| **pixel >= 0xff00_0000)
            .for_each(|pixel| *colors.entry(pixel).or_insert(0) += 1);
        let (color, _) = colors.into_iter().max_by_key(|(_, count)| *count).unwrap();
        let class = WmClass::get(&self.user.x11, self.id).unwrap().reply().unwrap().unwrap();
        let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
        (color & 0x00ff_ffff, text(class.instance()), text(class.class()))
    }

    /// Returns whether the window has the keyboard focus.
    pub(crate) fn has_focus(&self) -> bool {
        self.user.x11.get_input_focus().unwrap().reply().unwrap().focus == self.id
    }

    /// Returns the colour of a pixel of the window: red, green, blue.
    pub(crate) fn color_at(&self, x: i16, y: i16) -> [u8; 3] {
        let image = self.user.x11.get_image(ImageFormat::Z_PIXMAP, self.id, x, y, 1, 1, !0).unwrap().reply().unwrap();
        [image.data[2], image.data[1], image.data[0]]
    }

    /// Returns whether dark text is written on light ground in a part of the window. What is inactive is not dark.
    pub(crate) fn has_text(&self, x: u32, y: u32, width: u16, height: u16) -> bool {
        let [x, y] = [x, y].map(|number| i16::try_from(number).unwrap());
        let image = self.user.x11.get_image(ImageFormat::Z_PIXMAP, self.id, x, y, width, height, !0);
        let image = image.unwrap().reply().unwrap().data;
        let is_dark = |pixel: &[u8]| pixel[..3].iter().all(|part| *part < 0x40);
        !is_dark(&image) && image.chunks(4).any(is_dark)
    }

    /// Presses keys, such as `Tab` or `ctrl+a`.
    pub(crate) fn keys(&self, keys: &[&str]) {
        self.focus();
        keys.iter().for_each(|key| self.user.press(key));
    }

    /// Types a text into the window.
    pub(crate) fn type_text(&self, text: &str) {
        self.focus();
        self.user.type_text(text);
    }

    /// Unmaps the window, as a window manager does to minimise it.
    pub(crate) fn minimise(&self) {
        self.user.x11.unmap_window(self.id).unwrap().check().unwrap();
    }

    /// Maps the window again.
    pub(crate) fn bring_back(&self) {
        self.user.x11.map_window(self.id).unwrap().check().unwrap();
    }

    /// Asks the window to close, as the button in its title bar does (`WM_DELETE_WINDOW`).
    pub(crate) fn close(&self) {
        let (protocols, delete) = (self.user.atom("WM_PROTOCOLS"), self.user.atom("WM_DELETE_WINDOW"));
        let message = ClientMessageEvent::new(32, self.id, protocols, [delete, x11rb::CURRENT_TIME, 0, 0, 0]);
        self.user.x11.send_event(false, self.id, EventMask::NO_EVENT, message).unwrap().check().unwrap();
    }
}

/// Types a text into the window that has the focus, without moving the focus first.
pub(crate) fn type_here(text: &str) {
    User::at(None).type_text(text);
}

/// Presses a key for the window that has the focus, or has taken the keyboard.
pub(crate) fn press_here(key: &str) {
    User::at(None).press(key);
}

/// Clicks at the mouse's position.
pub(crate) fn click_here() {
    User::at(None).click(1);
}

/// Clicks with the middle button at the mouse's position.
pub(crate) fn middle_click_here() {
    User::at(None).click(2);
}

/// Presses the mouse button and holds it.
pub(crate) fn press() {
    User::at(None).fake(BUTTON_PRESS_EVENT, 1);
}

/// Releases the mouse button.
pub(crate) fn release() {
    User::at(None).fake(BUTTON_RELEASE_EVENT, 1);
}

/// Takes the keyboard focus away from every window, as a click on another program does.
pub(crate) fn look_away() {
    let x11 = User::at(None).x11;
    x11.set_input_focus(InputFocus::NONE, x11rb::NONE, x11rb::CURRENT_TIME).unwrap().check().unwrap();
}

/// A keyboard, a mouse, and eyes.
struct User {
    x11: RustConnection,
    root: u32,
}

impl User {
    fn at(display: Option<&str>) -> User {
        let (x11, screen) = x11rb::connect(display).unwrap();
        let root = x11.setup().roots[screen].root;
        User { x11, root }
    }

    fn atom(&self, name: &str) -> u32 {
        self.x11.intern_atom(false, name.as_bytes()).unwrap().reply().unwrap().atom
    }

    /// Returns a visible window of a process, by its title.
    fn find(&self, pid: u32, title: &str) -> Option<u32> {
        let (pid_of, title_of) = (self.atom("_NET_WM_PID"), self.atom("_NET_WM_NAME"));
        let property = |window, atom| {
            let property = self.x11.get_property(false, window, atom, AtomEnum::ANY, 0, 1024).unwrap();
            property.reply().map(|property| property.value).unwrap_or_default()
        };
        let is_it = |window| {
            property(window, pid_of) == pid.to_ne_bytes()
                && is_titled(&String::from_utf8_lossy(&property(window, title_of)), title)
                && self
                    .x11
                    .get_window_attributes(window)
                    .unwrap()
                    .reply()
                    .is_ok_and(|window| window.map_state == MapState::VIEWABLE)
        };
        // A window manager puts each window into one of its own.
        let mut windows = vec![self.root];
        while let Some(window) = windows.pop() {
            if is_it(window) {
                return Some(window);
            }
            // A window that has gone meanwhile has no children.
            windows.extend(self.x11.query_tree(window).unwrap().reply().into_iter().flat_map(|tree| tree.children));
        }
        None
    }

    /// Presses a key with the keys that are held meanwhile, as in `ctrl+shift+f`.
    fn press(&self, keys: &str) {
        let mut keys: Vec<_> = keys.split('+').map(keysym).collect();
        let (code, needs_shift) = self.key(keys.pop().unwrap());
        let shift = keysym("shift");
        if needs_shift && !keys.contains(&shift) {
            keys.push(shift);
        }
        let mut codes: Vec<_> = keys.into_iter().map(|held| self.key(held).0).collect();
        codes.push(code);
        codes.iter().for_each(|code| self.fake(KEY_PRESS_EVENT, *code));
        codes.iter().rev().for_each(|code| self.fake(KEY_RELEASE_EVENT, *code));
    }

    fn type_text(&self, text: &str) {
        for letter in text.chars() {
            self.press(&if letter == '+' { "plus".to_owned() } else { letter.to_string() });
        }
    }

    /// Returns the code of the key that has this symbol, and whether it has it only with Shift.
    fn key(&self, symbol: u32) -> (u8, bool) {
        let setup = self.x11.setup();
        let count = setup.max_keycode - setup.min_keycode + 1;
        let map = self.x11.get_keyboard_mapping(setup.min_keycode, count).unwrap().reply().unwrap();
        let rows = map.keysyms.chunks(usize::from(map.keysyms_per_keycode));
        let mut keys = (setup.min_keycode..=setup.max_keycode).zip(rows);
        let key =
            keys.find_map(|(code, row)| row.iter().take(2).position(|is| *is == symbol).map(|at| (code, at == 1)));
        key.unwrap_or_else(|| panic!("no key has the symbol {symbol:#x}"))
    }

    fn click(&self, button: u8) {
        self.fake(BUTTON_PRESS_EVENT, button);
        self.fake(BUTTON_RELEASE_EVENT, button);
    }

    /// Makes an event. The X server has sent it when this returns, so what a test does next comes after it.
    fn fake(&self, event: u8, detail: u8) {
        let made = self.x11.xtest_fake_input(event, detail, x11rb::CURRENT_TIME, x11rb::NONE, 0, 0, 0);
        made.unwrap().check().unwrap();
    }
}

fn is_titled(is: &str, title: &str) -> bool {
    let (begin, title) = title.strip_prefix('^').map_or((false, title), |rest| (true, rest));
    let (end, title) = title.strip_suffix('$').map_or((false, title), |rest| (true, rest));
    match (begin, end) {
        (true, true) => is == title,
        (true, false) => is.starts_with(title),
        (false, true) => is.ends_with(title),
        (false, false) => is.contains(title),
    }
}

/// Returns the X11 symbol of a key by its name, which for most is what it types.
fn keysym(name: &str) -> u32 {
    match name {
        "BackSpace" => 0xff08,
        "Tab" => 0xff09,
        "Return" => 0xff0d,
        "Escape" => 0xff1b,
        "Home" => 0xff50,
        "Left" => 0xff51,
        "Up" => 0xff52,
        "Right" => 0xff53,
        "Down" => 0xff54,
        "Page_Up" | "Prior" => 0xff55,
        "Page_Down" | "Next" => 0xff56,
        "End" => 0xff57,
        "Insert" => 0xff63,
        "Menu" => 0xff67,
        "F1" => 0xffbe,
        "F3" => 0xffc0,
        "F9" => 0xffc6,
        "F10" => 0xffc7,
        "F11" => 0xffc8,
        "F12" => 0xffc9,
        "shift" => 0xffe1,
        "ctrl" => 0xffe3,
        "alt" => 0xffe9,
        "Delete" => 0xffff,
        "space" => u32::from(' '),
        "plus" => u32::from('+'),
        "minus" => u32::from('-'),
        letter => {
            let mut letters = letter.chars();
            let (Some(letter), None) = (letters.next(), letters.next()) else { panic!("no key is called {name:?}") };
            u32::from(letter)
        }
    }
}
