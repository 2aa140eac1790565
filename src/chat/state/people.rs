//! The list of people as it is shown: who is here, who is away and why, and with whom there are unread messages.
//! Runs on the UI thread.

use std::collections::HashMap;

use super::Chat;
use super::message_log::shown_name;
use super::privacy::Privacy;
use super::roster::Away;
use crate::chat::render::styled::name_color;
use crate::clock::Clock;
use crate::protocol::Stamp;
use crate::protocol::escape::escape;

/// One line of the list. All words are fit to be shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// The name as the server sent it: by it a talk is opened.
    pub name: String,
    /// The same, to be shown.
    pub shown: String,
    /// Its colour.
    pub color: usize,
    /// That is us.
    pub is_me: bool,
    /// Not at the keyboard: since when, and why.
    pub away: Option<String>,
    /// Has left, and stands here for what is unread.
    pub is_gone: bool,
    /// Messages to us alone that nobody has looked at.
    pub unread: u64,
}

impl Row {
    /// All that there is to say of it, besides the name.
    pub fn details(&self) -> String {
        let mut parts = Vec::new();
        if self.is_me {
            parts.push("you".to_owned());
        }
        if self.is_gone {
            parts.push("has left".to_owned());
        }
        if self.unread > 0 {
            parts.push(format!("{} unread", self.unread));
        }
        parts.extend(self.away.clone());
        parts.join(", ")
    }
}

impl Chat {
    /// The names that Tab completes: our own comes last.
    pub fn names_to_complete(&self) -> Vec<String> {
        let (own, others): (Vec<_>, Vec<_>) = self.roster.names().partition(|name| self.online_name() == Some(name));
        others.into_iter().chain(own).map(str::to_owned).collect()
    }

    /// The first of the people, as many as are asked for; below them those who have left and said something unread.
    pub fn people(&self, most: usize, clock: &Clock) -> Vec<Row> {
        // The few who said something are looked up among the many who are here, not the other way round: this is done each
        // time that something has changed, and there may be thousands.
        let (mut unread_of, mut gone) = (HashMap::new(), Vec::new());
        for (from, unread) in self.privates.unread() {
            match self.roster.find(from) {
                Some(name) => drop(unread_of.insert(name, unread)),
                None => gone.push((from, unread)),
            }
        }
        let row = |name: &str, is_gone: bool, unread: u64| {
            let is_me = name == self.requested_name();
            let away = if is_me { self.own_away() } else { self.away(name) };
            let shown = shown_name(name);
            Row {
                name: name.to_owned(),
                color: name_color(&shown),
                shown,
                is_me,
                away: away.map(|away| away_in_words(away, clock, self.stamp())),
                is_gone,
                unread,
            }
        };
        let here = self.roster.names().take(most);
        let here = here.map(|name| row(name, false, unread_of.get(name).copied().unwrap_or_default()));
        here.chain(gone.iter().map(|(name, unread)| row(name, true, *unread))).collect()
    }

    /// Differs whenever that list may differ.
    pub fn people_version(&self) -> u64 {
        self.roster.version() + self.privates.version() + self.presence_version()
    }

    /// Is somebody away? Nobody is, for a user who does not want to know.
    pub(crate) fn away(&self, name: &str) -> Option<&Away> {
        let Privacy { show_away, .. } = self.privacy;
        self.roster.away(name).filter(|_| show_away)
    }
}

/// `away since 14:02: lunch`
pub(crate) fn away_in_words(away: &Away, clock: &Clock, now: Stamp) -> String {
    let since = away.since.map_or(String::new(), |since| format!(" since {}", clock.day_and_minute(since, now)));
    // Who gives no reason sends this one.
    let reason = if away.reason == "away" { String::new() } else { format!(": {}", escape(&away.reason)) };
    format!("away{since}{reason}")
}
