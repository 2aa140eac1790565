//! Alerts about messages in conversations that are not in front of the user. Runs on the UI thread.
//!
//! [`Alerts`] hears of every new message. It returns what is to be shown ([`due`](Alerts::due)): at most once a second for
//! each conversation, with the number of messages that came since the user looked at it. It knows neither a window nor a
//! notification service.

use std::time::{Duration, Instant};

use super::talks::private::TalkId;
use crate::protocol::Stamp;

/// Minimum time between two alerts from one conversation.
const INTERVAL: Duration = Duration::from_secs(1);
/// Maximum length of a message's text in a notification, in characters.
const TEXT_MAX: usize = 200;
/// Maximum number of conversations with unseen messages that are counted. Strangers can start no more of them.
const TALKS_MAX: usize = 100;

words! {
    /// The messages that cause an alert.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub enum AlertOn {
        /// Private messages, and those that mention the user.
        Mentions = "mentions",
        /// All messages.
        All = "all",
        /// No message.
        Nothing = "none",
    }
    /// Returns the word in the settings.
    pub fn word(self) -> &'static str;
    /// Returns the choice for a word.
    pub fn from_word(word: &str) -> Option<Self>;
}

impl AlertOn {
    fn includes(self, reason: Reason) -> bool {
        match self {
            AlertOn::Mentions => reason != Reason::Other,
            AlertOn::All => true,
            AlertOn::Nothing => false,
        }
    }
}

/// The user's choices.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AlertSettings {
    /// Mark the window in the taskbar.
    pub urgency: AlertOn,
    /// Show a notification.
    pub notification: AlertOn,
    /// Make a sound.
    pub sound: AlertOn,
    /// Show the text of the message in the notification.
    pub shows_text: bool,
}

impl Default for AlertSettings {
    fn default() -> AlertSettings {
        let (urgency, notification) = (AlertOn::Mentions, AlertOn::Mentions);
        AlertSettings { urgency, notification, sound: AlertOn::Nothing, shows_text: false }
    }
}

/// The reason to tell the user of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    /// It is for the user alone.
    Private,
    /// It mentions the user.
    Mention,
    /// It is a message.
    Other,
}

/// An alert about a conversation, to be shown now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Alert {
    /// The conversation.
    pub talk: TalkId,
    /// Mark the window in the taskbar.
    pub urgent: bool,
    /// Show a notification with these two texts, in place of an earlier one about this conversation.
    pub notification: Option<(String, String)>,
    /// Make a sound.
    pub sound: bool,
}

/// A conversation with messages that the user has not seen.
#[derive(Debug)]
struct Talk {
    id: TalkId,
    /// Number of messages of which a notification tells, when the first of them was said, and the last of them: when it was
    /// said, sender, text, reason.
    count: u64,
    first: Option<Stamp>,
    last: Option<(Option<Stamp>, String, String, Reason)>,
    /// Parts of an alert that are due.
    urgent: bool,
    notify: bool,
    sound: bool,
    alerted: Option<Instant>,
}

/// The messages that the user has not seen, as far as they cause alerts.
#[derive(Debug, Default)]
pub struct Alerts {
    settings: AlertSettings,
    talks: Vec<Talk>,
    /// Conversations that were in front at the last tick.
    in_front: Vec<TalkId>,
    /// Conversations that the user has seen since, whose notifications are outdated.
    outdated: Vec<TalkId>,
}

impl Alerts {
    /// Returns the user's choices.
    pub fn settings(&self) -> AlertSettings {
        self.settings
    }

    /// Sets the user's choices.
    pub fn set_settings(&mut self, settings: AlertSettings) {
        self.settings = settings;
    }

    /// Returns whether the user looks at a conversation, so that there is nothing to tell.
    pub(super) fn is_in_front(&self, talk: TalkId) -> bool {
        self.in_front.contains(&talk)
    }

    /// Records a new message, whose sender and text are escaped.
    pub(super) fn heard(&mut self, talk: TalkId, at: Option<Stamp>, from: &str, text: &str, reason: Reason) {
        let AlertSettings { urgency, notification, sound, .. } = self.settings;
        let [urgent, notify, sound] = [urgency, notification, sound].map(|on| on.includes(reason));
        if !(urgent || notify || sound) || self.is_in_front(talk) {
            return;
        }
        let known = self.talks.iter().position(|known| known.id == talk).unwrap_or_else(|| {
            if self.talks.len() == TALKS_MAX {
                self.outdated.push(self.talks.remove(0).id);
            }
            let (count, first, last, alerted) = (0, None, None, None);
            self.talks.push(Talk { id: talk, count, first, last, urgent: false, notify: false, sound: false, alerted });
            self.talks.len() - 1
        });
        let talk = &mut self.talks[known];
        talk.urgent |= urgent;
        talk.sound |= sound;
        talk.notify |= notify;
        if notify {
            if talk.count == 0 {
                talk.first = at;
            }
            talk.count += 1;
            talk.last = Some((at, from.to_owned(), text.chars().take(TEXT_MAX).collect(), reason));
        }
    }

    /// Takes back a message that is deleted: no notification counts it any more, and one that may show it is withdrawn.
    pub(super) fn unheard(&mut self, talk: TalkId, at: Stamp, reason: Reason) {
        let is_counted = |known: &&mut Talk| known.id == talk && known.first.is_some_and(|first| first <= at);
        let Some(talk) = self.talks.iter_mut().find(is_counted) else { return };
        if self.settings.notification.includes(reason) {
            talk.count = talk.count.saturating_sub(1);
        }
        if talk.last.take_if(|(last, ..)| *last == Some(at)).is_some() {
            talk.notify = false;
            self.outdated.extend(talk.alerted.map(|_| talk.id));
        }
    }

    /// Records which conversations the user looks at: those in front, in the window that has the keyboard. Called with
    /// every tick, after the messages of that tick.
    pub fn look_at(&mut self, in_front: Vec<TalkId>) {
        let seen = self.talks.extract_if(.., |talk| in_front.contains(&talk.id));
        self.outdated.extend(seen.filter(|talk| talk.alerted.is_some()).map(|talk| talk.id));
        self.in_front = in_front;
    }

    /// Returns the alerts that are due.
    pub fn due(&mut self, now: Instant) -> Vec<Alert> {
        let shows_text = self.settings.shows_text;
        let is_due = |talk: &&mut Talk| {
            let waits = talk.alerted.is_some_and(|alerted| now.saturating_duration_since(alerted) < INTERVAL);
            !waits && (talk.urgent || talk.notify || talk.sound)
        };
        self.talks.iter_mut().filter(is_due).map(|talk| talk.alert(shows_text, now)).collect()
    }

    /// Takes the conversations whose notifications are outdated.
    pub fn take_outdated(&mut self) -> Vec<TalkId> {
        std::mem::take(&mut self.outdated)
    }
}

impl Talk {
    fn alert(&mut self, shows_text: bool, now: Instant) -> Alert {
        self.alerted = Some(now);
        let texts = self.last.as_ref().filter(|_| std::mem::take(&mut self.notify)).map(|(_, from, text, reason)| {
            let words = match (reason, self.count) {
                (Reason::Private | Reason::Other, 1) => format!("New message from {from}"),
                (Reason::Private, count) => format!("{count} new messages from {from}"),
                (Reason::Mention, 1) => format!("{from} mentioned you"),
                (Reason::Mention, count) => format!("{from} mentioned you ({count} new messages)"),
                (Reason::Other, count) => format!("{count} new messages, the last one from {from}"),
            };
            (words, if shows_text { text.clone() } else { String::new() })
        });
        Alert {
            talk: self.id,
            urgent: std::mem::take(&mut self.urgent),
            notification: texts,
            sound: std::mem::take(&mut self.sound),
        }
    }
}

#[cfg(test)]
mod tests;
