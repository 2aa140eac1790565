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
fn remember(settings: &mut Settings, privacy: Privacy) {
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

impl Windows {
    /// Creates the items of the menu.
    pub(super) fn fill_menu(&mut self) {
        let (privacy, encryption) = (self.chat.people.privacy(), self.encryption);
        self.add_switch("Tell others that I am typing", |privacy| &mut privacy.tell_typing);
        self.add_switch("Show who is typing", |privacy| &mut privacy.show_typing);
        self.add_switch("Show who is away", |privacy| &mut privacy.show_away);
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
        self.add_item("Register this name …", MenuFlag::Normal, Msg::OpenRegister);
    }

    /// Adds an item that turns a setting on and off.
    fn add_switch(&mut self, label: &str, setting: fn(&mut Privacy) -> &mut bool) {
        let is_on = *setting(&mut self.chat.people.privacy());
        self.add_item(label, MenuFlag::Toggle | value(is_on), Msg::Switch(setting));
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
fn value(is_chosen: bool) -> MenuFlag {
    if is_chosen { MenuFlag::Value } else { MenuFlag::Normal }
}
