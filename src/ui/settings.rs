//! What is remembered from one run of a program to the next, in the user's own place (`~/.config` on Linux).
//!
//! [`Settings::load`] reads the file before the window is shown, and dropping the settings writes it, if anything has
//! changed: `main` lets go of them after the loop has ended, so that the UI thread never waits for a disk.

use fltk::app::prefs::{Preferences, Root};

use super::Theme;

/// Each program has a file of its own: FLTK writes a file as a whole, so two programs in one would undo each other.
const VENDOR: &str = "multichat";

/// The remembered settings of one program. Without a place to write, they last as long as the program.
#[derive(Debug)]
pub struct Settings {
    preferences: Option<Preferences>,
}

impl Settings {
    /// Reads the settings of `"client"` or `"server"`.
    pub fn load(program: &str) -> Settings {
        let preferences = Preferences::new(Root::USER_L, VENDOR, program);
        if preferences.is_none() {
            log::warn!("there is no place for settings: what you set is forgotten at the end");
        }
        Settings { preferences }
    }

    /// Settings that are read from nowhere and written nowhere.
    pub fn forgetful() -> Settings {
        Settings { preferences: None }
    }

    /// What was remembered under this key, if that is anything.
    pub fn get(&mut self, key: &str) -> Option<String> {
        let preferences = self.preferences.as_mut()?;
        // A key that is missing is read as an empty value, and an empty value is worth nothing to a field either.
        preferences.entry_exists(key).then(|| preferences.get_str(key).ok()).flatten().filter(|value| !value.is_empty())
    }

    /// Remembers a value; the file is written when the settings are dropped.
    pub fn set(&mut self, key: &str, value: &str) {
        if self.get(key).as_deref() != Some(value)
            && let Some(preferences) = &mut self.preferences
            && let Err(error) = preferences.set_str(key, value)
        {
            log::warn!("could not remember {key}: {error}");
        }
    }

    /// The remembered theme.
    pub fn theme(&mut self) -> Option<Theme> {
        Theme::from_word(&self.get("theme")?)
    }

    /// Remembers the theme.
    pub fn set_theme(&mut self, theme: Theme) {
        self.set("theme", theme.word());
    }
}
