//! The settings menu: what is shown to others of the user's presence and to the user of theirs, encryption, and
//! registering a name. Runs on the UI thread.

use std::time::Duration;

use fltk::enums::Shortcut;
use fltk::menu::{MenuButton, MenuFlag};
use fltk::prelude::MenuExt as _;

use super::ChatWindow;
use crate::chat::state::Phase;
use crate::chat::state::Privacy;
use crate::client::Encryption;
use crate::ui::Settings;

/// Keys of the choices in the settings.
const TELL_TYPING: &str = "tell_typing";
const SHOW_TYPING: &str = "show_typing";
const SHOW_AWAY: &str = "show_away";
const AWAY_AFTER: &str = "away_after_minutes";

const ENCRYPTION: &str = "encryption";

/// Choices for the time until a user is away automatically, in minutes; 0 is never.
const MINUTES: [u64; 5] = [5, 10, 30, 60, 0];

/// Returns the remembered privacy settings.
pub(super) fn remembered(settings: &Settings) -> Privacy {
    let default = Privacy::default();
    let chosen = |key: &str, default: bool| settings.get(key).map_or(default, |word| word == "yes");
    let tell_typing = chosen(TELL_TYPING, default.tell_typing);
    let show_typing = chosen(SHOW_TYPING, default.show_typing);
    let show_away = chosen(SHOW_AWAY, default.show_away);
    let minutes = settings.get(AWAY_AFTER).and_then(|word| word.parse().ok());
    let away_after = minutes.map_or(default.away_after, after);
    Privacy { tell_typing, show_typing, show_away, away_after }
}

/// Stores the privacy settings.
pub(super) fn remember(settings: &mut Settings, privacy: Privacy) {
    let word = |chosen: bool| if chosen { "yes" } else { "no" };
    settings.set(TELL_TYPING, word(privacy.tell_typing));
    settings.set(SHOW_TYPING, word(privacy.show_typing));
    settings.set(SHOW_AWAY, word(privacy.show_away));
    let minutes = privacy.away_after.map_or(0, |after| after.as_secs() / 60);
    settings.set(AWAY_AFTER, &minutes.to_string());
}

/// Returns the remembered choice of encryption.
pub(super) fn remembered_encryption(settings: &Settings) -> Encryption {
    settings.get(ENCRYPTION).and_then(|word| Encryption::from_word(&word)).unwrap_or_default()
}

fn after(minutes: u64) -> Option<Duration> {
    (minutes > 0).then(|| Duration::from_secs(minutes.saturating_mul(60)))
}

impl ChatWindow {
    /// Creates the items of the menu.
    pub(super) fn fill_menu(&self) {
        let mut menu = self.widgets.menu.clone();
        let privacy = self.chat.borrow().privacy();
        self.add_switch(&mut menu, "Tell others that I am typing", |privacy| &mut privacy.tell_typing);
        self.add_switch(&mut menu, "Show who is typing", |privacy| &mut privacy.show_typing);
        self.add_switch(&mut menu, "Show who is away", |privacy| &mut privacy.show_away);
        for minutes in MINUTES {
            let label = match minutes {
                0 => "Away by myself/Never".to_owned(),
                60 => "Away by myself/After an hour".to_owned(),
                minutes => format!("Away by myself/After {minutes} minutes"),
            };
            let chosen = if after(minutes) == privacy.away_after { MenuFlag::Value } else { MenuFlag::Normal };
            let mut window = self.clone();
            menu.add(&label, Shortcut::None, MenuFlag::Radio | chosen, move |_| {
                window.change_privacy(|privacy| privacy.away_after = after(minutes));
            });
        }
        for encryption in Encryption::ALL {
            let label = match encryption {
                Encryption::Automatic => "Encryption/Where the server can",
                Encryption::Always => "Encryption/Always",
                Encryption::Never => "Encryption/Never",
            };
            let chosen = if encryption == self.encryption.get() { MenuFlag::Value } else { MenuFlag::Normal };
            let mut window = self.clone();
            menu.add(label, Shortcut::None, MenuFlag::Radio | chosen, move |_| window.choose_encryption(encryption));
        }
        let mut window = self.clone();
        menu.add("Register this name …", Shortcut::None, MenuFlag::Normal, move |_| window.open_register());
    }

    /// Adds an item that turns a setting on and off.
    fn add_switch(&self, menu: &mut MenuButton, label: &str, choice: fn(&mut Privacy) -> &mut bool) {
        let chosen = if *choice(&mut self.chat.borrow().privacy()) { MenuFlag::Value } else { MenuFlag::Normal };
        let mut window = self.clone();
        menu.add(label, Shortcut::None, MenuFlag::Toggle | chosen, move |_| {
            window.change_privacy(|privacy| {
                let choice = choice(privacy);
                *choice = !*choice;
            });
        });
    }

    fn choose_encryption(&mut self, encryption: Encryption) {
        self.encryption.set(encryption);
        self.settings.borrow_mut().set(ENCRYPTION, encryption.word());
        if self.chat.borrow().phase() != Phase::Offline {
            self.chat.borrow_mut().remark("Encryption changes when you connect again");
        }
        self.draw();
    }

    fn change_privacy(&mut self, change: impl FnOnce(&mut Privacy)) {
        let mut privacy = self.chat.borrow().privacy();
        change(&mut privacy);
        self.chat.borrow_mut().set_privacy(privacy);
        remember(&mut self.settings.borrow_mut(), privacy);
        self.draw();
    }
}
