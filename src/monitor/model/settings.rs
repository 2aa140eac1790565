//! The options as the page Settings shows them: their values, what was typed and not taken, and a remark for each.
//!
//! Plain data on the main thread. A text is checked here, and only a valid one goes to the server worker. One that cannot be
//! taken stays in its field, marked, until it is corrected; so does one that waits for its partner, such as a certificate for its
//! key: both are sent together.

use std::collections::BTreeMap;

use crate::monitor::messages::Command;
use crate::mood::Mood;
use crate::options::{Info, Key, Kind, Needs, Overview, Place, Source, Value, info};
use crate::password::PASSWORD_VARIABLE;

/// The options.
#[derive(Debug, Default)]
pub struct Settings {
    overview: Option<Overview>,
    /// Texts that were entered and are not in force.
    entered: BTreeMap<Key, String>,
    /// The reasons why they are not.
    faults: BTreeMap<Key, String>,
    /// Those that the last change has put into force.
    applied: Vec<Key>,
    version: u64,
}

impl Settings {
    /// Returns a number that changes whenever the page has to be drawn anew.
    pub fn version(&self) -> u64 {
        self.version
    }

    /// Returns the options as they were last read; `None` before that.
    pub fn overview(&self) -> Option<&Overview> {
        self.overview.as_ref()
    }

    /// Takes the options from the server worker.
    pub(super) fn set(&mut self, overview: &Overview) {
        let is_in_force =
            |key: &Key, text: &String| value(*key, text).is_ok_and(|value| overview_value(overview, *key) == value);
        let applied: Vec<_> =
            self.entered.extract_if(.., |key, text| is_in_force(key, text)).map(|(key, _)| key).collect();
        if !applied.is_empty() {
            self.applied = applied;
        }
        let entered = &self.entered;
        self.faults.retain(|key, _| entered.contains_key(key));
        self.overview = Some(overview.clone());
        self.version += 1;
    }

    /// Takes the reason why options were not changed.
    pub(super) fn refused(&mut self, keys: &[Key], why: &str) {
        for key in keys {
            self.faults.insert(*key, why.to_owned());
        }
        self.version += 1;
    }

    /// Takes the text of an option's field; `true` or `false` for a switch. Returns the command that changes the option, if the
    /// text is another valid value.
    pub fn enter(&mut self, key: Key, text: &str) -> Option<Command> {
        let overview = self.overview.as_ref()?;
        if self.text(key) == text && !self.faults.contains_key(&key) {
            return None;
        }
        self.version += 1;
        self.applied.clear();
        let new = value(key, text);
        if new.as_ref().is_ok_and(|new| overview_value(overview, key) == *new) {
            self.entered.remove(&key);
            self.faults.remove(&key);
            return None;
        }
        self.entered.insert(key, text.to_owned());
        match new {
            Err(why) => {
                self.faults.insert(key, why);
                None
            }
            Ok(new) => {
                self.faults.remove(&key);
                let mut changes = vec![(key, new)];
                // What was refused may be valid together with this.
                let others = self.entered.iter().filter(|(other, _)| are_partners(key, **other));
                changes.extend(others.filter_map(|(other, text)| Some((*other, value(*other, text).ok()?))));
                Some(Command::SetOptions(changes))
            }
        }
    }

    /// Returns the text of an option's field: what was entered, or the value in force. A switch is `true` or `false`.
    pub fn text(&self, key: Key) -> String {
        let in_force = || match self.overview.as_ref().and_then(|overview| overview.value(key)) {
            Some(Value::Secret(password)) => password.reveal().to_owned(),
            Some(value) => value.to_string(),
            None => String::new(),
        };
        self.entered.get(&key).cloned().unwrap_or_else(in_force)
    }

    /// Returns true if the page can change the option.
    pub fn can_change(&self, key: Key) -> bool {
        let is_set_elsewhere =
            |overview: &Overview| matches!(overview.source(key), Source::CommandLine | Source::Environment);
        info(key).is_missing().is_none() && self.overview.as_ref().is_some_and(|overview| !is_set_elsewhere(overview))
    }

    /// Returns the remark beside an option, and its level: when a change applies, or why there can be none.
    pub fn remark(&self, key: Key) -> (Mood, String) {
        let Some(overview) = &self.overview else { return (Mood::Idle, String::new()) };
        if let Some(feature) = info(key).feature.filter(|feature| !feature.is_there()) {
            return (Mood::Idle, format!("Not in this program (feature {})", feature.name()));
        }
        match overview.source(key) {
            Source::CommandLine => return (Mood::Idle, "Set on the command line".to_owned()),
            Source::Environment => return (Mood::Idle, "Set by a variable".to_owned()),
            Source::File | Source::Default => {}
        }
        if overview.waiting.contains(&key) {
            return (Mood::Busy, "Waits for a restart".to_owned());
        }
        let words = match info(key).needs {
            Needs::Nothing if self.applied.contains(&key) => return (Mood::Good, "Applied".to_owned()),
            Needs::Nothing => "Applies at once",
            Needs::Start => "Applies at the next start",
        };
        (Mood::Idle, words.to_owned())
    }

    /// Returns the line below an option: the fault of what was entered, or the option's effect, and its source if that is why the
    /// page cannot change it.
    pub fn help(&self, key: Key) -> (Mood, String) {
        if let Some(why) = self.faults.get(&key) {
            return (Mood::Error, format!("Not applied: {why}"));
        }
        let flag = key.name();
        let help = help(info(key));
        let help = match self.overview.as_ref().map(|overview| (overview.source(key), overview.value(key))) {
            Some((Source::CommandLine, Some(Value::Switch(_)))) => {
                format!("{help} To change it here, start the program without --{flag}.")
            }
            Some((Source::CommandLine, Some(value))) => {
                format!("{help} To change it here, start the program without --{flag} {value}.")
            }
            Some((Source::Environment, _)) => {
                format!("{help} To change it here, start the program without the variable {PASSWORD_VARIABLE}.")
            }
            _ => help,
        };
        (Mood::Idle, help)
    }

    /// Returns the line above the options: where they are kept, or what keeps them from it, or what waits.
    pub fn summary(&self, is_running: bool) -> (Mood, String) {
        let Some(overview) = &self.overview else { return (Mood::Idle, String::new()) };
        if let Some(problem) = &overview.problem {
            return (Mood::Error, problem.clone());
        }
        let titles: Vec<_> = overview.waiting.iter().map(|key| info(*key).title).collect();
        if is_running && !titles.is_empty() {
            return (Mood::Busy, format!("Waiting for a restart of the server: {}", titles.join(", ")));
        }
        match &overview.file {
            Some(file) => (Mood::Idle, format!("Kept in {}", file.display())),
            None => (Mood::Error, "Not kept: this user has no home directory".to_owned()),
        }
    }

    /// Returns true if a restart of the server would change something.
    pub fn needs_restart(&self) -> bool {
        self.overview.as_ref().is_some_and(|overview| !overview.waiting.is_empty())
    }
}

/// Returns the options on the page, in the order of the groups. The address is the last one of its group: it is in the top row, too,
/// and the password is what a low window has to show.
pub fn on_page() -> impl Iterator<Item = &'static Info> {
    let mut all = Key::ALL.map(info).to_vec();
    all.retain(|info| info.place != Place::LineOnly);
    all.sort_by_key(|info| (info.group as usize, info.key == Key::Listen));
    all.into_iter()
}

/// Returns the value of an entered text: none if it is empty.
fn value(key: Key, text: &str) -> Result<Option<Value>, String> {
    let kind = info(key).kind;
    // Spaces are part of a password.
    let text = if kind == Kind::Secret { text } else { text.trim() };
    if text.is_empty() { Ok(info(key).default_value()) } else { kind.parse(text).map(Some) }
}

fn overview_value(overview: &Overview, key: Key) -> Option<Value> {
    overview.value(key).cloned()
}

/// Returns true if one of two options excludes or needs the other one.
fn are_partners(one: Key, other: Key) -> bool {
    let names = |one: Key, other: Key| info(one).conflicts.contains(&other) || info(one).requires == Some(other);
    one != other && (names(one, other) || names(other, one))
}

fn help(info: &Info) -> String {
    let default = if info.default.is_empty() { String::new() } else { format!(" Without it: {}.", info.default) };
    // The name of a file is for those who write a command line, and the marks of code are for the documentation.
    let effect = info.help.split(" [file: ").next().unwrap_or_default();
    format!("{effect}.{default}").replace('`', "")
}

#[cfg(test)]
mod tests;
