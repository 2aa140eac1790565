//! The choice of a theme: light, dark, or as the system says. Runs on the UI thread.
//!
//! The system's answer comes later, over a channel. Until then its last answer holds, which the settings remember, so
//! that a window on a dark desktop does not open light.

use clap::ValueEnum;
use fltk::menu::{MenuFlag, MenuItem};
use fltk::prelude::MenuExt;

use super::settings::Settings;
use super::theme::Theme;
use crate::desktop::{ColorScheme, SchemeWatch};

/// Keys in the settings: the choice, and the last answer of the system.
const CHOICE: &str = "theme";
const SYSTEM: &str = "system_theme";

words! {
    /// A choice of colours.
    #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
    pub enum ThemeChoice {
        /// As the system says.
        #[default]
        System = "system",
        /// Dark text on a light background.
        Light = "light",
        /// Light text on a dark background.
        Dark = "dark",
    }
    /// Returns the word for the choice in `--theme` and in the settings.
    pub fn word(self) -> &'static str;
    /// Returns the choice for a word.
    pub fn from_word(word: &str) -> Option<Self>;
}

impl ThemeChoice {
    /// Returns the words of the menu.
    pub fn label(self) -> &'static str {
        match self {
            ThemeChoice::System => "As the system",
            ThemeChoice::Light => "Light",
            ThemeChoice::Dark => "Dark",
        }
    }

    /// Adds the choices to a menu, below `path`, which may end with a slash.
    pub fn add_to(menu: &mut impl MenuExt, path: &str, send: impl Fn(ThemeChoice) + Clone + 'static) {
        for choice in ThemeChoice::ALL {
            let send = send.clone();
            let label = format!("{path}{}", choice.label());
            menu.add(&label, fltk::enums::Shortcut::None, MenuFlag::Radio, move |_| send(choice));
        }
    }

    /// Marks the choice in a menu to which the choices were added.
    pub fn show_in(self, menu: &impl MenuExt, path: &str) {
        for choice in ThemeChoice::ALL {
            let item: Option<MenuItem> = menu.find_item(&format!("{path}{}", choice.label()));
            if let Some(mut item) = item {
                if choice == self { item.set() } else { item.clear() }
            }
        }
    }
}

/// The theme of a program's windows.
#[derive(Debug)]
pub struct Appearance {
    choice: ThemeChoice,
    /// The system's last answer.
    system: Theme,
    /// Present once the system was asked.
    watch: Option<SchemeWatch>,
}

impl Appearance {
    /// Returns the wanted theme, or else the remembered one. Nothing is drawn yet.
    pub fn new(wanted: Option<ThemeChoice>, settings: &Settings) -> Appearance {
        let remembered = || ThemeChoice::from_word(&settings.get(CHOICE)?);
        let choice = wanted.or_else(remembered).unwrap_or_default();
        let system = settings.get(SYSTEM).and_then(|word| Theme::from_word(&word)).unwrap_or_default();
        let mut appearance = Appearance { choice, system, watch: None };
        appearance.ask();
        appearance
    }

    /// Asks the system, once its answer matters.
    fn ask(&mut self) {
        if self.choice == ThemeChoice::System && self.watch.is_none() {
            self.watch = Some(SchemeWatch::start());
        }
    }

    /// Returns the choice.
    pub fn choice(&self) -> ThemeChoice {
        self.choice
    }

    /// Returns the theme that follows from it.
    pub fn theme(&self) -> Theme {
        match self.choice {
            ThemeChoice::System => self.system,
            ThemeChoice::Light => Theme::Light,
            ThemeChoice::Dark => Theme::Dark,
        }
    }

    /// Changes the choice, and the colours of all windows with it.
    pub fn choose(&mut self, choice: ThemeChoice) {
        let before = self.theme();
        self.choice = choice;
        self.ask();
        self.apply_unless(before);
    }

    /// Chooses the other one of the two themes.
    pub fn toggle(&mut self) {
        self.choose(match self.theme() {
            Theme::Light => ThemeChoice::Dark,
            Theme::Dark => ThemeChoice::Light,
        });
    }

    /// Follows the system, if that was chosen. Called with every tick. Returns whether the theme has changed.
    pub fn tick(&mut self) -> bool {
        let Some(scheme) = self.watch.as_ref().and_then(SchemeWatch::take) else { return false };
        let before = self.theme();
        self.system = match scheme {
            ColorScheme::Light => Theme::Light,
            ColorScheme::Dark => Theme::Dark,
        };
        self.apply_unless(before)
    }

    fn apply_unless(&self, before: Theme) -> bool {
        let changed = self.theme() != before;
        if changed {
            self.theme().apply();
        }
        changed
    }

    /// Stores the choice and the system's answer in the settings.
    pub fn remember(&self, settings: &mut Settings) {
        settings.set(CHOICE, self.choice.word());
        settings.set(SYSTEM, self.system.word());
    }
}
