//! The properties of an option, as the table has them. Plain data.

use super::key::Key;
use super::kind::{Kind, Value};
use crate::server::Config;

/// The properties of an option.
#[derive(Debug)]
pub struct Info {
    /// The option.
    pub key: Key,
    /// The kind of its value.
    pub kind: Kind,
    /// The value in `--help`: `N`, `FILE`.
    pub value_name: &'static str,
    /// The places where it can be set.
    pub place: Place,
    /// Its group on the page.
    pub group: Group,
    /// The requirement of a change.
    pub needs: Needs,
    /// A label, for people who have never seen a command line.
    pub title: &'static str,
    /// Its effect, in one sentence.
    pub help: &'static str,
    /// Further sentences, for the documentation.
    pub more: &'static str,
    /// The default in words, if it is not a [value](Info::default_value).
    pub default: &'static str,
    /// Options that it excludes.
    pub conflicts: &'static [Key],
    /// The option that it needs.
    pub requires: Option<Key>,
    /// The feature without which it has no effect.
    pub feature: Option<Feature>,
}

/// The places where an option can be set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// On the command line and in the config file.
    Everywhere,
    /// On the command line only.
    LineOnly,
    /// In the config file only.
    FileOnly,
}

/// The requirement of a change while a server runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Needs {
    /// None: it applies at once.
    Nothing,
    /// A start of the server.
    Start,
}

words! {
    /// A group of options on the page, in its order.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub enum Group {
        /// Admission.
        Connect = "Who may connect",
        /// TLS.
        Encryption = "Encryption",
        /// Bounds of what clients may do.
        Limits = "Limits",
        /// The history.
        Keeping = "Keeping messages",
        /// Paths.
        Files = "Files",
        /// Options of the program, not of its server.
        Program = "The program",
    }
    /// Returns the heading.
    pub fn heading(self) -> &'static str;
}

words! {
    /// A feature of the build.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub enum Feature {
        /// The windows.
        Gui = "gui",
        /// The databases.
        Storage = "storage",
        /// TLS.
        Tls = "tls",
        /// The announcement on the local network.
        Discovery = "discovery",
    }
    /// Returns the name, as cargo has it.
    pub fn name(self) -> &'static str;
}

impl Feature {
    /// Returns true if this program was built with the feature.
    pub fn is_there(self) -> bool {
        match self {
            Feature::Gui => cfg!(feature = "gui"),
            Feature::Storage => cfg!(feature = "storage"),
            Feature::Tls => cfg!(feature = "tls"),
            Feature::Discovery => cfg!(feature = "discovery"),
        }
    }
}

impl Info {
    /// Returns the default, if it is a value. Switches are off by default.
    pub fn default_value(&self) -> Option<Value> {
        let config = Config::default();
        Some(match self.key {
            Key::Listen => Value::Text(config.listen.to_string()),
            Key::MaxClients => Value::Number(config.max_clients as u64),
            Key::Rate => Value::Number(config.rate.into()),
            Key::Burst => Value::Number(config.burst.into()),
            Key::HelloTimeout => Value::Number(config.hello_timeout.as_secs()),
            Key::MaxPerAddress => Value::Number(config.max_per_address as u64),
            Key::MaxUnauthenticated => Value::Number(config.max_unauthenticated as u64),
            _ if self.kind == Kind::Switch => Value::Switch(false),
            _ => return None,
        })
    }

    /// Returns the reason why the option has no effect in this build, and what would help; `None` if it has one.
    pub fn is_missing(&self) -> Option<String> {
        let feature = self.feature.filter(|feature| !feature.is_there())?.name();
        Some(format!("this program was built without the feature `{feature}`: leave it out, or build it with that"))
    }
}
