//! Ignored people: whose messages this client hides, server by server.
//!
//! Nobody else notices. The log keeps every message, and the view folds those that [`IgnoredNames`] hides, so that they are
//! shown again once the user no longer ignores the person. What hidden people say is not counted, not announced, and opens no
//! window. Names are compared as a ban compares them, so that no other spelling and no lookalike gets round it.
//!
//! The names are remembered in the settings, under a key for each server. Runs on the UI thread.

use std::cell::RefCell;
use std::collections::{BTreeMap, HashMap};

use super::Chat;
use super::talks::message_log::{Entry, Kind, shown_name};
use super::talks::whom::Whom;
use crate::client::ServerAddress;
use crate::protocol::{NameKey, RESERVED, Username};

/// Beginning of the keys in the settings.
pub const IGNORED_ON: &str = "ignored_on ";

/// Maximum number of ignored people on one server: each new name is compared with all of them.
const IGNORED_MAX: usize = 200;

/// Maximum number of names whose comparison is remembered.
const COMPARED_MAX: usize = 10_000;

/// The ignored people of every server.
#[derive(Debug, Default)]
pub struct Ignored {
    /// By address, escaped for the settings.
    servers: BTreeMap<String, IgnoredNames>,
    /// The address of the current server, or of the last one.
    current: String,
    version: u64,
    /// The empty list, for servers without one.
    nobody: IgnoredNames,
}

/// The ignored people of one server.
#[derive(Debug, Default)]
pub struct IgnoredNames {
    /// In the order in which they were ignored.
    names: Vec<(String, NameKey)>,
    /// Names that were compared with them, and the outcome: a comparison is expensive, and a sender sends often.
    compared: RefCell<HashMap<String, bool>>,
}

/// Treatment of an entry by a view.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Treatment {
    /// Shows it.
    Show,
    /// Folds it: consecutive ones are one line with their number.
    Fold,
    /// Shows nothing of it.
    LeaveOut,
}

impl IgnoredNames {
    /// Returns whether the messages of a person are hidden.
    pub fn hides(&self, from: &str) -> bool {
        if self.names.is_empty() {
            return false;
        }
        let mut compared = self.compared.borrow_mut();
        if let Some(hidden) = compared.get(from) {
            return *hidden;
        }
        let hidden = self.position(from).is_some();
        if compared.len() >= COMPARED_MAX {
            compared.clear();
        }
        compared.insert(from.to_owned(), hidden);
        hidden
    }

    /// Returns what a view does with an entry: messages of ignored people are folded, and their joins and leaves left out.
    pub fn treatment(&self, entry: &Entry) -> Treatment {
        match &entry.kind {
            Kind::Message { from, .. } | Kind::Private { from, .. } | Kind::Deleted { from } if self.hides(from) => {
                Treatment::Fold
            }
            Kind::Joined(name) | Kind::Left(name) if self.hides(name) => Treatment::LeaveOut,
            _ => Treatment::Show,
        }
    }

    /// Returns the names as they were ignored.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.names.iter().map(|(name, _)| name.as_str())
    }

    fn position(&self, name: &str) -> Option<usize> {
        let key = NameKey::of(name);
        self.names.iter().position(|(_, ignored)| ignored.clashes_with(&key))
    }

    pub(crate) fn add(&mut self, name: &str) {
        self.names.push((name.to_owned(), NameKey::of(name)));
        self.compared.take();
    }

    fn remove(&mut self, at: usize) -> String {
        self.compared.take();
        self.names.remove(at).0
    }
}

impl Ignored {
    /// Restores the names of one server from the settings: what follows [`IGNORED_ON`] in the key, and its value.
    pub fn restore(&mut self, server: &str, names: &str) {
        let server = self.servers.entry(server.to_owned()).or_default();
        names.split(' ').take(IGNORED_MAX).filter_map(unescaped).for_each(|name| server.add(&name));
    }

    /// Returns the keys and values for the settings. An empty value removes the key.
    pub fn settings(&self) -> impl Iterator<Item = (String, String)> {
        self.servers.iter().map(|(server, names)| {
            let names: Vec<_> = names.names().map(escaped).collect();
            (format!("{IGNORED_ON}{server}"), names.join(" "))
        })
    }

    /// Returns the ignored people of the server to which a conversation belongs.
    pub fn of(&self, whom: &Whom) -> &IgnoredNames {
        match whom {
            Whom::All | Whom::One(_) => self.servers.get(&self.current),
            Whom::OnOtherServer(server, _) | Whom::AllOnOtherServer(server) => self.servers.get(&key(server)),
        }
        .unwrap_or(&self.nobody)
    }

    /// Returns whether the messages of a person on the current server are hidden.
    pub fn hides(&self, from: &str) -> bool {
        self.of(&Whom::All).hides(from)
    }

    /// Returns a number that changes whenever [`IgnoredNames`] may hide something else in a conversation.
    pub fn version(&self) -> u64 {
        self.version
    }

    /// Switches to another server, at the start of a connection as `me`. Somebody who ignored the name that is now their own
    /// would not see themselves.
    pub(super) fn begin(&mut self, server: &ServerAddress, me: &str) {
        self.current = key(server);
        self.version += 1;
        self.remove(me);
    }

    fn remove(&mut self, name: &str) -> Option<String> {
        let names = self.servers.get_mut(&self.current)?;
        let removed = names.remove(names.position(name)?);
        self.version += 1;
        Some(removed)
    }
}

impl Chat {
    /// Hides the messages of a person, now and in the future. Returns the remark to show.
    ///
    /// # Errors
    /// The reason why that is impossible.
    pub fn ignore(&mut self, word: &str) -> Result<String, String> {
        if self.talks.server().is_none() {
            return Err("Connect first: people are ignored on one server".into());
        }
        if word.is_empty() {
            return Err("Write the name of the person to ignore".into());
        }
        let found = self.people.roster().find(word);
        let (name, is_here) = (found.unwrap_or(word).to_owned(), found.is_some());
        let (shown, key) = (shown_name(&name), NameKey::of(&name));
        if key.clashes_with(&NameKey::of(RESERVED)) {
            return Err("Announcements of the operator cannot be ignored".into());
        }
        if key.clashes_with(&NameKey::of(self.link.own_name())) {
            return Err("You cannot ignore yourself".into());
        }
        if !is_here && Username::stored(&name).is_err() {
            return Err(format!("{shown} is not a name"));
        }
        let names = self.ignored.servers.entry(self.ignored.current.clone()).or_default();
        if names.hides(&name) {
            return Err(format!("You already ignore {shown}"));
        }
        if names.names.len() >= IGNORED_MAX {
            return Err(format!("You ignore {IGNORED_MAX} people here, and cannot ignore more"));
        }
        names.add(&name);
        self.people.stop_typing(|typist| names.hides(typist));
        self.backfill.search_mut().hide(|from| names.hides(from));
        self.talks.mark_read(&Whom::One(name));
        self.ignored.version += 1;
        let away = if is_here { "" } else { ", who is not here now" };
        Ok(format!("You ignore {shown}{away}. To undo it, see Ignored people in the menu"))
    }

    /// Shows the messages of a person again. Returns the remark to show.
    ///
    /// # Errors
    /// The person is not ignored.
    pub fn unignore(&mut self, name: &str) -> Result<String, String> {
        let removed = self.ignored.remove(name).ok_or_else(|| format!("You do not ignore {}", shown_name(name)))?;
        Ok(format!("You no longer ignore {}", shown_name(&removed)))
    }
}

/// Returns the address of a server as a part of a key in the settings.
fn key(server: &ServerAddress) -> String {
    escaped(&server.to_string().to_lowercase())
}

/// Escapes a text for the settings, whose lines have a `=` after the key and whose values are trimmed: everything but letters,
/// digits and a few marks becomes `%` with two hexadecimal digits for each byte.
fn escaped(text: &str) -> String {
    let mut out = String::new();
    for c in text.chars() {
        if c.is_alphanumeric() || matches!(c, '.' | '-' | '_' | ':' | '[' | ']') {
            out.push(c);
        } else {
            let mut bytes = [0; 4];
            c.encode_utf8(&mut bytes).bytes().for_each(|byte| out.push_str(&format!("%{byte:02X}")));
        }
    }
    out
}

/// Returns the text that was escaped; `None` for an empty one, or for what [`escaped`] never writes.
fn unescaped(text: &str) -> Option<String> {
    let mut parts = text.split('%');
    let mut bytes = parts.next()?.as_bytes().to_vec();
    for part in parts {
        let (byte, rest) = part.split_at_checked(2)?;
        bytes.push(u8::from_str_radix(byte, 16).ok()?);
        bytes.extend(rest.as_bytes());
    }
    String::from_utf8(bytes).ok().filter(|text| !text.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_escaped_is_one_word_without_an_equals_sign_and_comes_back() {
        for text in ["ann", "Zoë", "小明", "a=b", "two words", "100%", "#1", "line\nend", "[::1]:5555"] {
            let word = escaped(text);
            assert!(!word.contains(['=', ' ', '\n', '#']), "{word}");
            assert_eq!(unescaped(&word).as_deref(), Some(text));
        }
        for damaged in ["", "%", "%4", "%zz", "a%é", "%FF"] {
            assert_eq!(unescaped(damaged), None, "{damaged}");
        }
    }
}
