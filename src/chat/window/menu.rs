//! The settings menu: what is shown to others of the user's presence and to the user of theirs, encryption, and
//! registering a name. Runs on the UI thread.

use std::time::Duration;

use fltk::enums::Shortcut;
use fltk::menu::MenuFlag;
use fltk::prelude::MenuExt as _;

use super::Windows;
use super::messages::Msg;
use crate::chat::state::Phase;
use crate::chat::state::Privacy;
use crate::client::Encryption;
use crate::ui::{Settings, ThemeChoice};

/// A part of the privacy settings that is on or off: its key in the settings, and the item that switches it.
type Switch = (&'static str, &'static str, fn(&mut Privacy) -> &mut bool);
const SWITCHES: [Switch; 3] = [
    ("tell_typing", "Tell others that I am typing", |privacy| &mut privacy.tell_typing),
    ("show_typing", "Show who is typing", |privacy| &mut privacy.show_typing),
    ("show_away", "Show who is away", |privacy| &mut privacy.show_away),
];
/// Keys of the other choices in the settings.
const AWAY_AFTER: &str = "away_after_minutes";

/// Path of the themes in the menu.
pub(super) const THEME: &str = "Theme/";

const ENCRYPTION: &str = "encryption";

/// Choices for the time until a user is away automatically, in minutes; 0 is never.
const MINUTES: [u64; 5] = [5, 10, 30, 60, 0];

/// Returns the remembered privacy settings.
pub(super) fn remembered(settings: &Settings) -> Privacy {
    let mut privacy = Privacy::default();
    for (key, _, setting) in SWITCHES {
        if let Some(word) = settings.get(key) {
            *setting(&mut privacy) = word == "yes";
        }
    }
    if let Some(minutes) = settings.get(AWAY_AFTER).and_then(|word| word.parse().ok()) {
        privacy.away_after = after(minutes);
    }
    privacy
}

/// Stores the privacy settings.
fn remember(settings: &mut Settings, mut privacy: Privacy) {
    for (key, _, setting) in SWITCHES {
        settings.set(key, if *setting(&mut privacy) { "yes" } else { "no" });
    }
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

impl Windows {
    /// Creates the items of the menu.
    pub(super) fn fill_menu(&mut self) {
        let (mut privacy, encryption) = (self.chat.people.privacy(), self.encryption);
        for (_, label, setting) in SWITCHES {
            let is_on = *setting(&mut privacy);
            self.add_item(label, MenuFlag::Toggle | value(is_on), Msg::Switch(setting));
        }
        for minutes in MINUTES {
            let label = match minutes {
                0 => "Away by myself/Never".to_owned(),
                60 => "Away by myself/After an hour".to_owned(),
                minutes => format!("Away by myself/After {minutes} minutes"),
            };
            let time = after(minutes);
            self.add_item(&label, MenuFlag::Radio | value(time == privacy.away_after), Msg::AwayAfter(time));
        }
        for choice in Encryption::ALL {
            let label = match choice {
                Encryption::Automatic => "Encryption/Where the server can",
                Encryption::Always => "Encryption/Always",
                Encryption::Never => "Encryption/Never",
            };
            self.add_item(label, MenuFlag::Radio | value(choice == encryption), Msg::Encrypt(choice));
        }
        self.fill_alerts_menu();
        let send = self.sender.messages();
        ThemeChoice::add_to(&mut self.widgets.menu, THEME, move |choice| send(Msg::ChooseTheme(choice)));
        self.show_theme();
        self.add_item("Register this name …", MenuFlag::Normal, Msg::OpenRegister);
    }

    /// Adds an item that sends a message.
    pub(super) fn add_item(&mut self, label: &str, flag: MenuFlag, msg: Msg) {
        let sender = self.sender.clone();
        self.widgets.menu.add(label, Shortcut::None, flag, move |_| sender.send(msg.clone()));
    }

    pub(super) fn choose_encryption(&mut self, encryption: Encryption) {
        self.encryption = encryption;
        self.settings.set(ENCRYPTION, encryption.word());
        if self.chat.link.phase() != Phase::Offline {
            self.chat.talks.remark("Encryption changes when you connect again");
        }
    }

    pub(super) fn change_privacy(&mut self, change: impl FnOnce(&mut Privacy)) {
        let mut privacy = self.chat.people.privacy();
        change(&mut privacy);
        self.chat.set_privacy(privacy);
        remember(&mut self.settings, privacy);
    }
}

/// Returns the flag of an item that is chosen or not.
pub(super) fn value(is_chosen: bool) -> MenuFlag {
    if is_chosen { MenuFlag::Value } else { MenuFlag::Normal }
}
