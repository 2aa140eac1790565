//! Position and size of a window, and the zoom, so that they are restored at the next start. Runs on the UI thread.
//!
//! The zoom applies to the whole window: Ctrl and `+`, `-` or `0` are FLTK's own keys, which scale everything that it
//! draws.

use std::cell::Cell;
use std::fmt;
use std::rc::Rc;

use fltk::app;
use fltk::prelude::{WidgetExt as _, WindowExt as _};
use fltk::window::Window;

use super::settings::Settings;

/// Distance from a window to that of another program with the same settings.
const STEP: i32 = 32;

/// Position and size of a window, written in the settings as `960x640+100+50`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Placement {
    x: i32,
    y: i32,
    width: i32,
    height: i32,
}

impl Placement {
    /// Parses a placement that was written in the settings; `None` if it is none that a window can have.
    fn parse(text: &str) -> Option<Placement> {
        let (size, place) = text.split_at(text.find(['+', '-'])?);
        let (width, height) = size.split_once('x')?;
        let second = place.rfind(['+', '-'])?;
        let number = |text: &str| text.parse::<i32>().ok().filter(|number| number.abs() < 30_000);
        let placement = Placement {
            x: number(&place[..second])?,
            y: number(&place[second..])?,
            width: number(width)?,
            height: number(height)?,
        };
        (placement.width >= 100 && placement.height >= 100).then_some(placement)
    }

    /// Returns the current placement of a window.
    pub fn of(window: &Window) -> Placement {
        Placement { x: window.x(), y: window.y(), width: window.w(), height: window.h() }
    }

    /// Restores the remembered placement of a window that is not shown yet, if a screen still contains it. Otherwise
    /// restores the size only. If other programs with these settings run, the window is placed beside theirs.
    pub fn restore(settings: &Settings, window: &mut Window, size: &WindowSize) {
        let Some(placement) = settings.get("window").and_then(|text| Placement::parse(&text)) else { return };
        let screens = app::Screen::all_screens();
        let reached =
            screens.iter().find(|screen| placement.is_within_reach((screen.x(), screen.y(), screen.w(), screen.h())));
        if let Some(screen) = reached {
            // Without these FLTK takes the screen with the mouse, and the window manager chooses the position.
            window.set_screen_num(screen.n);
            window.force_position(true);
            let fitted = placement.beside(settings.instance(), app::screen_work_area(screen.n));
            size.make(window, placement, fitted);
            window.resize(fitted.x, fitted.y, fitted.width, fitted.height);
        } else {
            let fitted = placement.fitted(app::screen_work_area(0));
            size.make(window, placement, fitted);
            window.set_size(fitted.width, fitted.height);
        }
    }

    /// Stores the placement of the window in the settings.
    pub fn remember(settings: &mut Settings, window: &Window, size: &WindowSize) {
        let (width, height) = size.of(window);
        settings.set_place("window", &Placement { width, height, ..Placement::of(window) }.to_string());
    }

    /// Returns whether enough of the upper edge is on this screen to drag the window by.
    fn is_within_reach(self, (x, y, width, height): (i32, i32, i32, i32)) -> bool {
        let across = (self.x + self.width).min(x + width) - self.x.max(x);
        across >= 100 && self.y >= y && self.y + 50 <= y + height
    }

    /// Returns the placement in an area, moved by a step for each of `others` that may have the same one.
    fn beside(self, others: u8, area: (i32, i32, i32, i32)) -> Placement {
        let (by, alone) = (STEP * i32::from(others), self.fitted(area));
        let moved = Placement { x: self.x + by, y: self.y + by, ..self }.fitted(area);
        if others == 0 || (moved.x, moved.y) != (alone.x, alone.y) {
            return moved;
        }
        // A window that fills the screen can only be made smaller.
        let Placement { x, y, width, height } = alone;
        Placement { x: x + by, y: y + by, width: width - by, height: height - by }
    }

    /// Returns the placement moved into an area, and shrunk as far as necessary.
    fn fitted(self, (x, y, width, height): (i32, i32, i32, i32)) -> Placement {
        let within = |place: i32, size: i32, from: i32, room: i32| place.min(from + room - size).max(from);
        let (w, h) = (self.width.min(width), self.height.min(height));
        Placement { x: within(self.x, w, x, width), y: within(self.y, h, y, height), width: w, height: h }
    }
}

/// The wanted size of a window, which it cannot have while its zoomed content is too large for the screen. Cloning it
/// gives another handle to the same.
#[derive(Clone, Debug)]
pub struct WindowSize {
    /// Minimum size for the user, as long as the screen has room for it.
    smallest: (i32, i32),
    /// The wanted size, and the size set in its place.
    made: Rc<Cell<[(i32, i32); 2]>>,
}

impl WindowSize {
    /// Sets the minimum size of a window for its user.
    pub fn at_least(smallest: (i32, i32), window: &mut Window) -> WindowSize {
        window.size_range(smallest.0, smallest.1, 0, 0);
        WindowSize { smallest, made: Rc::default() }
    }

    /// Returns the wanted size: the current size, unless the window was shrunk to fit and not resized since.
    pub fn of(&self, window: &Window) -> (i32, i32) {
        let is = (window.w(), window.h());
        let [wanted, made] = self.made.get();
        if is == made { wanted } else { is }
    }

    /// Reduces a zoom at which the minimum size of a window does not fit on its screen, but never below 100 %.
    pub fn limit_zoom(&self, window: &Window) {
        let screen = window.screen_num();
        let (_, _, width, height) = app::screen_work_area(screen);
        let scale = app::screen_scale(screen);
        let largest = largest_zoom(scale, self.smallest, (width, height));
        if largest < scale {
            app::set_screen_scale(screen, largest);
        }
    }

    /// Resizes a window to its wanted size as far as its screen allows, and moves all of it onto the screen.
    pub fn fit(&self, window: &mut Window) {
        let before = Placement::of(window);
        let (left, top, room_across, room_down) = app::screen_work_area(window.screen_num());
        // The window manager's decoration needs room too, most of it above.
        let (sides, above) = (window.decorated_w() - before.width, window.decorated_h() - before.height);
        let (width, height) = self.of(window);
        let wanted = Placement { width, height, ..before };
        let fitted = wanted.fitted((left + sides / 2, top + above, room_across - sides, room_down - above));
        self.make(window, wanted, fitted);
        if fitted != before {
            window.resize(fitted.x, fitted.y, fitted.width, fitted.height);
        }
    }

    /// Records a shrunk size. The minimum size is lowered too, or the window manager would not shrink the window below
    /// it.
    fn make(&self, window: &mut Window, wanted: Placement, fitted: Placement) {
        let (w, h) = self.smallest;
        window.size_range(w.min(fitted.width), h.min(fitted.height), 0, 0);
        self.made.set([(wanted.width, wanted.height), (fitted.width, fitted.height)]);
    }
}

/// Returns the largest scale up to the current one at which an area of this size at the current scale holds a window.
#[expect(clippy::cast_precision_loss, reason = "numbers of pixels")]
fn largest_zoom(scale: f32, window: (i32, i32), area: (i32, i32)) -> f32 {
    let fitting = (area.0 as f32 / window.0 as f32).min(area.1 as f32 / window.1 as f32);
    scale.min((scale * fitting).max(1.0))
}

impl fmt::Display for Placement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}x{}{:+}{:+}", self.width, self.height, self.x, self.y)
    }
}

/// The user's zoom, relative to the scale that the desktop asks for.
#[derive(Clone, Debug, PartialEq)]
pub struct Zoom {
    /// Scale that FLTK took from the desktop at the start of the program, for each screen.
    desktop: Rc<[f32]>,
}

impl Zoom {
    /// Restores the remembered zoom. Must be called before the first window is shown.
    pub fn restore(settings: &Settings) -> Zoom {
        let zoom = Zoom { desktop: (0..app::screen_count()).map(app::screen_scale).collect() };
        let wanted =
            settings.get("zoom").and_then(|text| text.parse::<f32>().ok()).filter(|zoom| (0.3..=5.0).contains(zoom));
        if let Some(wanted) = wanted {
            // On every screen, because positions are counted in the pixels of the screen that contains them.
            for (screen, desktop) in (0..).zip(zoom.desktop.iter()) {
                app::set_screen_scale(screen, desktop * wanted);
            }
        }
        zoom
    }

    /// Stores the zoom in the settings.
    pub fn remember(&self, settings: &mut Settings, window: &Window) {
        let screen = window.screen_num();
        let desktop = usize::try_from(screen).ok().and_then(|screen| self.desktop.get(screen)).unwrap_or(&1.0);
        settings.set("zoom", &format!("{:.2}", app::screen_scale(screen) / desktop));
    }
}

/// Detects that the user has changed the zoom. FLTK then scales the windows together with their content, and the lower
/// edge with the entry would soon be below the screen's.
#[derive(Clone, Debug, Default)]
pub struct ZoomWatch {
    /// Scale at the last check.
    scale: Cell<f32>,
}

impl ZoomWatch {
    /// Returns whether the scale on this window's screen has changed. Called with every tick, because FLTK sends no
    /// event for its own keys.
    pub fn has_changed(&self, window: &Window) -> bool {
        let scale = app::screen_scale(window.screen_num());
        let before = self.scale.replace(scale);
        (scale - before).abs() > 0.001
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_placement_is_read_as_it_was_written() {
        for text in ["960x640+100+50", "640x400-20+0", "800x600-5-7"] {
            assert_eq!(Placement::parse(text).map(|placement| placement.to_string()).as_deref(), Some(text));
        }
        for text in ["", "960x640", "x+1+2", "960x640+1", "20x20+0+0", "960x640+99999+0", "9é0x640+1+1"] {
            assert!(Placement::parse(text).is_none(), "{text}");
        }
    }

    #[test]
    fn a_window_is_moved_and_made_smaller_until_it_is_on_the_screen() {
        for (text, fitted) in [
            ("960x640+100+50", "960x640+100+50"),
            ("1920x1080+0+0", "1600x970+0+30"),
            ("960x640+900+500", "960x640+640+360"),
            ("960x640-100+0", "960x640+0+30"),
        ] {
            assert_eq!(Placement::parse(text).unwrap().fitted((0, 30, 1600, 970)).to_string(), fitted, "{text}");
        }
    }

    #[test]
    fn a_zoom_ends_where_a_window_fills_its_screen() {
        for (scale, area, largest) in [
            (1.0, (1600, 1000), 1.0),
            (2.0, (800, 500), 2.0),
            (2.5, (640, 400), 2.0),
            (3.0, (456, 256), 1.6),
            (1.0, (640, 400), 1.0),
            (0.8, (2000, 1250), 0.8),
        ] {
            let seen = largest_zoom(scale, (800, 480), area);
            assert!((seen - largest).abs() < 0.01, "{seen} at {scale} on {area:?}");
        }
    }

    #[test]
    fn a_window_is_beside_those_of_other_programs() {
        for (text, others, placed) in [
            ("960x640+100+50", 0, "960x640+100+50"),
            ("960x640+100+50", 1, "960x640+132+82"),
            ("960x640+100+50", 2, "960x640+164+114"),
            ("960x640+620+350", 1, "960x640+640+360"),
            ("1600x970+0+30", 1, "1568x938+32+62"),
            ("960x640+640+360", 2, "896x576+704+424"),
        ] {
            let placement = Placement::parse(text).unwrap();
            assert_eq!(placement.beside(others, (0, 30, 1600, 970)).to_string(), placed, "{text}, {others}");
        }
    }

    #[test]
    fn a_window_that_nobody_could_take_hold_of_is_not_put_there() {
        let screen = (0, 0, 1600, 1000);
        for (text, reach) in [
            ("960x640+100+50", true),
            ("960x640-800+0", true),
            ("960x640-900+0", false),
            ("960x640+1550+0", false),
            ("960x640+0+990", false),
            ("960x640+0-20", false),
        ] {
            assert_eq!(Placement::parse(text).unwrap().is_within_reach(screen), reach, "{text}");
        }
    }
}
