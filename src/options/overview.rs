//! The options at one moment, for the page that shows them. Plain data.

use std::path::PathBuf;

use super::key::Key;
use super::kind::Value;
use super::layers::{Options, Source};
use super::shell;
use crate::server::Listen;

/// The values of all options, and what else the page shows.
#[derive(Clone, Debug, PartialEq)]
pub struct Overview {
    /// The values and their sources, in the order of the keys.
    values: [(Option<Value>, Source); Key::ALL.len()],
    /// The addresses to listen on.
    pub listen: Listen,
    /// The config file; `None` if the user has no home directory.
    pub file: Option<PathBuf>,
    /// The reason why the config file is of no use.
    pub problem: Option<String>,
    /// The command line that does the same.
    pub command_line: String,
    /// Options whose values need another start of the server.
    pub waiting: Vec<Key>,
}

impl Overview {
    /// Returns the state of some options.
    pub fn of(options: &Options, problem: Option<String>, waiting: Vec<Key>) -> Overview {
        Overview {
            values: Key::ALL.map(|key| options.get(key)),
            listen: options.listen(),
            file: options.file().map(Into::into),
            problem,
            command_line: shell::command_line(options),
            waiting,
        }
    }

    /// Returns the value of an option, if it has one.
    pub fn value(&self, key: Key) -> Option<&Value> {
        self.values[key as usize].0.as_ref()
    }

    /// Returns the source of its value.
    pub fn source(&self, key: Key) -> Source {
        self.values[key as usize].1
    }
}
