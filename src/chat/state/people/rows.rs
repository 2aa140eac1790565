//! Rows of the list of people: who is in the room, who is away and why. Runs on the UI thread.

use super::People;
use super::roster::Away;
use crate::chat::render::styled::name_color;
use crate::chat::state::talks::message_log::shown_name;
use crate::clock::Clock;
use crate::protocol::Stamp;
use crate::protocol::escape::escape;

/// One row of the list. All texts are escaped.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// The name as the server sent it, by which a conversation is opened.
    pub name: String,
    /// The name for display.
    pub shown: String,
    /// Index of the name's colour.
    pub color: usize,
    /// The row is the user's own.
    pub is_me: bool,
    /// Since when the person is away, and why.
    pub away: Option<String>,
}

impl Row {
    /// Returns everything about the row but the name.
    pub fn details(&self) -> String {
        let parts = [self.is_me.then(|| "you".to_owned()), self.away.clone()];
        parts.into_iter().flatten().collect::<Vec<_>>().join(", ")
    }
}

impl People {
    /// Returns up to `most` of the people in the room whose names contain `part`, and how many more there are. The names
    /// that begin with it come first.
    pub(crate) fn rows(&self, me: &str, part: &str, most: usize, clock: &Clock, now: Stamp) -> (Vec<Row>, usize) {
        let row = |name: &str| {
            let (is_me, away) = self.presence_of(name, me);
            let shown = shown_name(name);
            Row {
                name: name.to_owned(),
                color: name_color(&shown),
                shown,
                is_me,
                away: away.map(|away| away_in_words(away, clock, now)),
            }
        };
        if part.is_empty() {
            let more = self.roster.len().saturating_sub(most);
            return (self.roster.names().take(most).map(row).collect(), more);
        }
        let (first, others) = self.roster.matching(part);
        let more = (first.len() + others.len()).saturating_sub(most);
        (first.into_iter().chain(others).take(most).map(row).collect(), more)
    }

    /// Returns who is in the room, as a sentence.
    pub(crate) fn who(&self, me: &str) -> String {
        let names: Vec<_> = self.roster.names().map(|name| self.name_and_presence(name, me)).collect();
        match names.len() {
            0 => "You are not connected".into(),
            1 => "Only you are here".into(),
            count => format!("{count} are here: {}", names.join(", ")),
        }
    }

    fn name_and_presence(&self, name: &str, me: &str) -> String {
        let (is_me, away) = self.presence_of(name, me);
        let away = away.map(|away| format!("away: {}", escape(&away.reason)));
        let more: Vec<_> = is_me.then(|| "you".to_owned()).into_iter().chain(away).collect();
        let name = shown_name(name);
        if more.is_empty() { name } else { format!("{name} ({})", more.join(", ")) }
    }

    /// Returns whether this is the user, and whether the person is away.
    fn presence_of(&self, name: &str, me: &str) -> (bool, Option<&Away>) {
        let is_me = name == me;
        (is_me, if is_me { self.own_away() } else { self.away(name) })
    }
}

/// Formats `away since 14:02: lunch`.
pub(crate) fn away_in_words(away: &Away, clock: &Clock, now: Stamp) -> String {
    let since = away.since.map_or(String::new(), |since| format!(" since {}", clock.day_and_minute(since, now)));
    // A client sends this word if its user gives no reason.
    let reason = if away.reason == "away" { String::new() } else { format!(": {}", escape(&away.reason)) };
    format!("away{since}{reason}")
}
