//! Where a window was and how large its text, so that it comes back the same. Runs on the UI thread.
//!
//! The size of text is the whole window's: Ctrl and `+`, `-` or `0` are FLTK's own keys, which scale everything that it draws.

use std::fmt;
use std::str::FromStr;

use fltk::app;
use fltk::prelude::{WidgetExt as _, WindowExt as _};
use fltk::window::Window;

use super::Settings;

/// Where a window is, in the settings as `960x640+100+50`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Placement {
    x: i32,
    y: i32,
    width: i32,
    height: i32,
}

impl Placement {
    /// Where it is now.
    pub fn of(window: &Window) -> Placement {
        Placement { x: window.x(), y: window.y(), width: window.w(), height: window.h() }
    }

    /// Puts a window that is not shown yet where one was the last time, if there is still a screen.
    pub fn restore(settings: &mut Settings, window: &mut Window) {
        let Some(placement) = settings.get("window").and_then(|text| text.parse::<Placement>().ok()) else { return };
        if app::Screen::all_screens()
            .iter()
            .any(|screen| placement.is_within_reach((screen.x(), screen.y(), screen.w(), screen.h())))
        {
            window.resize(placement.x, placement.y, placement.width, placement.height);
            // Without it the window manager chooses.
            window.force_position(true);
        } else {
            window.set_size(placement.width, placement.height);
        }
    }

    /// Notes where the window is.
    pub fn remember(settings: &mut Settings, window: &Window) {
        settings.set("window", &Placement::of(window).to_string());
    }

    /// Would enough of its upper edge be on this screen to take hold of?
    fn is_within_reach(self, (x, y, width, height): (i32, i32, i32, i32)) -> bool {
        let across = (self.x + self.width).min(x + width) - self.x.max(x);
        across >= 100 && self.y >= y && self.y + 50 <= y + height
    }
}

impl fmt::Display for Placement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}x{}{:+}{:+}", self.width, self.height, self.x, self.y)
    }
}

impl FromStr for Placement {
    type Err = ();

    fn from_str(text: &str) -> Result<Placement, ()> {
        let (size, place) = text.split_at(text.find(['+', '-']).ok_or(())?);
        let (width, height) = size.split_once('x').ok_or(())?;
        let second = place.rfind(['+', '-']).ok_or(())?;
        let number = |text: &str| text.parse::<i32>().ok().filter(|number| number.abs() < 30_000).ok_or(());
        let placement = Placement {
            x: number(&place[..second])?,
            y: number(&place[second..])?,
            width: number(width)?,
            height: number(height)?,
        };
        if placement.width < 100 || placement.height < 100 { Err(()) } else { Ok(placement) }
    }
}

/// How much larger or smaller than this desktop wants it the user wants it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Zoom {
    /// What FLTK took from the desktop when the program began.
    desktop: f32,
}

impl Zoom {
    /// Makes everything as large as the last time. Call it before the first window is shown.
    pub fn restore(settings: &mut Settings) -> Zoom {
        let zoom = Zoom { desktop: app::screen_scale(0) };
        let wanted =
            settings.get("zoom").and_then(|text| text.parse::<f32>().ok()).filter(|zoom| (0.3..=5.0).contains(zoom));
        if let Some(wanted) = wanted {
            app::set_screen_scale(0, zoom.desktop * wanted);
        }
        zoom
    }

    /// Notes how large everything is.
    pub fn remember(self, settings: &mut Settings, window: &Window) {
        settings.set("zoom", &format!("{:.2}", app::screen_scale(window.screen_num()) / self.desktop));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_placement_is_read_as_it_was_written() {
        for text in ["960x640+100+50", "640x400-20+0", "800x600-5-7"] {
            assert_eq!(text.parse::<Placement>().map(|placement| placement.to_string()).as_deref(), Ok(text));
        }
        for text in ["", "960x640", "x+1+2", "960x640+1", "20x20+0+0", "960x640+99999+0", "9é0x640+1+1"] {
            assert!(text.parse::<Placement>().is_err(), "{text}");
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
            assert_eq!(text.parse::<Placement>().unwrap().is_within_reach(screen), reach, "{text}");
        }
    }
}
