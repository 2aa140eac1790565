//! The choices of the main menu that are remembered: what others see of the user's presence and the user of theirs,
//! encryption, what is shown of joins and leaves, and the ignored people. Runs on the UI thread.

use std::time::Duration;

use super::Windows;
use super::menu::Item;
use super::messages::Msg;
use crate::chat::state::{Joins, Phase, Privacy, Whom, shown_name};
use crate::client::Encryption;
use crate::ui::Settings;

/// A part of the privacy settings that is on or off: its key in the settings, and the item that switches it.
type Switch = (&'static str, &'static str, fn(&mut Privacy) -> &mut bool);
const SWITCHES: [Switch; 3] = [
    ("tell_typing", "Typing/Tell others that I am typing", |privacy| &mut privacy.tell_typing),
    ("show_typing", "Typing/Show who is typing", |privacy| &mut privacy.show_typing),
    ("show_away", "Presence/Show who is away", |privacy| &mut privacy.show_away),
];
/// Keys of the other choices in the settings.
const AWAY_AFTER: &str = "away_after_minutes";

const ENCRYPTION: &str = "encryption";
const JOINS: &str = "joins";

/// Remark for a choice that differs from that of the connection.
const ENCRYPTION_CHANGES: &str = "Encryption changes the next time you connect";

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

/// Returns the remembered choice of what is shown of joins and leaves.
pub(super) fn remembered_joins(settings: &Settings) -> Joins {
    settings.get(JOINS).and_then(|word| Joins::from_word(&word)).unwrap_or_default()
}

fn after(minutes: u64) -> Option<Duration> {
    (minutes > 0).then(|| Duration::from_secs(minutes.saturating_mul(60)))
}

impl Windows {
    /// Returns the items of these choices.
    pub(super) fn choice_items(&self) -> Vec<Item> {
        let mut privacy = self.chat.people.privacy();
        let mut items: Vec<Item> = SWITCHES
            .iter()
            .map(|(_, label, setting)| Item::new(label, Msg::Switch(*setting)).checked(*setting(&mut privacy)))
            .collect();
        for minutes in MINUTES {
            let when = match minutes {
                0 => "Never".to_owned(),
                60 => "After an hour".to_owned(),
                minutes => format!("After {minutes} minutes"),
            };
            let (label, time) = (format!("Presence/Set me away automatically/{when}"), after(minutes));
            items.push(Item::new(&label, Msg::AwayAfter(time)).chosen(time == privacy.away_after));
        }
        for choice in Encryption::ALL {
            let label = match choice {
                Encryption::Automatic => "Encryption/When available (recommended)",
                Encryption::Always => "Encryption/Always",
                Encryption::Never => "Encryption/Never",
            };
            items.push(Item::new(label, Msg::Encrypt(choice)).chosen(choice == self.encryption));
        }
        for choice in Joins::CHOICES {
            let label = match choice {
                Joins::Hide => "Joins and leaves/Hide",
                Joins::Grouped => "Joins and leaves/Grouped",
                Joins::All => "Joins and leaves/All",
            };
            items.push(Item::new(label, Msg::ChooseJoins(choice)).chosen(choice == self.chat.people.joins()));
        }
        items.extend(self.ignored_items());
        items
    }

    /// Returns an item for each person who is ignored on the current server: choosing it shows the messages again.
    fn ignored_items(&self) -> Vec<Item> {
        let mut names = self.chat.ignored.of(&Whom::All).names().peekable();
        if names.peek().is_none() {
            return vec![Item::new("Ignored people/Nobody", Msg::Unignore(String::new())).only_if(false)];
        }
        // A menu gives a meaning to some characters, which no valid name has.
        let label = |name: &str| shown_name(name).replace(['/', '&', '|', '@'], "?");
        names
            .map(|name| {
                Item::new(&format!("Ignored people/Stop ignoring {}", label(name)), Msg::Unignore(name.to_owned()))
            })
            .collect()
    }

    pub(super) fn choose_encryption(&mut self, encryption: Encryption) {
        self.encryption = encryption;
        self.settings.set(ENCRYPTION, encryption.word());
        if encryption == self.connected_with {
            self.chat.talks.forget_remark(ENCRYPTION_CHANGES);
        } else if self.chat.link.phase() != Phase::Offline {
            self.chat.talks.remark(ENCRYPTION_CHANGES);
        }
    }

    pub(super) fn choose_joins(&mut self, joins: Joins) {
        self.chat.people.set_joins(joins);
        self.settings.set(JOINS, joins.word());
    }

    /// Hides the messages of a person.
    pub(super) fn ignore(&mut self, name: &str) {
        let done = self.chat.ignore(name);
        self.tell(done);
    }

    /// Shows the messages of a person again.
    pub(super) fn unignore(&mut self, name: &str) {
        let done = self.chat.unignore(name);
        self.tell(done);
    }

    /// Shows what an action has come to.
    fn tell(&mut self, done: Result<String, String>) {
        match done {
            Ok(words) => self.chat.talks.succeed(words),
            Err(why) => self.chat.talks.remark(why),
        }
    }

    pub(super) fn change_privacy(&mut self, change: impl FnOnce(&mut Privacy)) {
        let mut privacy = self.chat.people.privacy();
        change(&mut privacy);
        self.chat.set_privacy(privacy);
        remember(&mut self.settings, privacy);
    }
}
