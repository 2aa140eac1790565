//! The layers of options on each other, and the server's configuration that comes of them.
//!
//! An option of the command line hides those below that it excludes: `--tls` is stronger than a `tls-cert` in the config file.

use std::path::{Path, PathBuf};
use std::time::Duration;

use thiserror::Error;

use super::config_file::{ConfigFile, FileError};
use super::info::Needs;
use super::key::Key;
use super::kind::Value;
use super::layer::Layer;
use super::table::info;
use crate::discovery::default_name;
use crate::files::folders::data_file;
use crate::server::{Certificate, Config, Listen, Password};

words! {
    /// The origin of a value.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub enum Source {
        /// The command line.
        CommandLine = "the command line",
        /// A variable of the environment.
        Environment = "the environment",
        /// The config file.
        File = "the config file",
        /// The default.
        Default = "the default",
    }
    /// Returns the origin in words.
    pub fn words(self) -> &'static str;
}

/// The options of the program from all sources.
#[derive(Clone, Debug)]
pub struct Options {
    /// Those of the command line.
    pub(super) line: Layer,
    /// Those of the environment: the password.
    pub(super) environment: Layer,
    /// Those of the config file, as it was last read.
    in_file: Layer,
    file: Option<ConfigFile>,
    /// The configuration without any option.
    base: Config,
}

/// The reason why the options make no configuration.
#[derive(Debug, Error)]
pub enum OptionsError {
    /// The config file has a fault.
    #[error(transparent)]
    File(#[from] FileError),
    /// The self-signed certificate has no place.
    #[error("this user has no home directory for a certificate: name one with tls-cert and tls-key")]
    NoHome,
}

impl Options {
    /// Returns the options of a command line and the environment, over those of the config file, which is not read yet.
    pub fn new(line: Layer, password: Option<Password>) -> Options {
        let file = match line.get(Key::Config) {
            Some(Value::File(path)) => Some(ConfigFile::named(path.clone())),
            _ => ConfigFile::usual(),
        };
        if ConfigFile::usual().is_none() {
            log::warn!(
                "this user has no home directory: bans, registered names and messages are kept in memory only, \
                 unless files are named with --bans, --members and --history"
            );
        }
        let stored = |name| if cfg!(feature = "storage") { data_file(name) } else { None };
        let base = Config {
            announce: cfg!(feature = "discovery").then(default_name),
            bans: data_file("bans.txt"),
            members: stored("members.db"),
            history: stored("history.db"),
            ..Config::default()
        };
        let mut environment = Layer::default();
        environment.set(Key::Password, password.map(Value::Secret));
        Options { line, environment, file, ..Options::over(base) }
    }

    /// Returns options without a value, and without a file, over a configuration.
    pub fn over(base: Config) -> Options {
        Options { line: Layer::default(), environment: Layer::default(), in_file: Layer::default(), file: None, base }
    }

    /// Reads the config file, or reads it again. After an error, the options are those from before.
    ///
    /// # Errors
    /// Those of [`ConfigFile::read`].
    pub fn read(&mut self) -> Result<(), FileError> {
        let Some(file) = &self.file else { return Ok(()) };
        let new = file.read()?;
        if new != self.in_file {
            log::info!("options read from {}", file.path().display());
            file.warning(&new).into_iter().for_each(|warning| log::warn!("{warning}"));
            self.in_file = new;
        }
        Ok(())
    }

    /// Sets options in the config file, or removes those without a value.
    ///
    /// # Errors
    /// Those of [`ConfigFile::change`], or the user has no home directory for the file.
    pub fn change(&mut self, changes: &[(Key, Option<Value>)]) -> Result<(), FileError> {
        self.in_file = self.config_file()?.change(changes)?;
        Ok(())
    }

    /// Returns the options after a change of the config file, which is not made.
    ///
    /// # Errors
    /// Those of [`ConfigFile::with`], or the user has no home directory for the file.
    pub fn with(&self, changes: &[(Key, Option<Value>)]) -> Result<Options, FileError> {
        Ok(Options { in_file: self.config_file()?.with(changes)?, ..self.clone() })
    }

    fn config_file(&self) -> Result<&ConfigFile, FileError> {
        self.file.as_ref().ok_or_else(|| {
            let why = "this user has no home directory for it: name a file with --config".to_owned();
            FileError { path: "server.toml".into(), line: None, key: None, why }
        })
    }

    /// Returns the path of the config file; `None` if the user has no home directory.
    pub fn file(&self) -> Option<&Path> {
        self.file.as_ref().map(ConfigFile::path)
    }

    /// Returns the value of an option, and where it comes from.
    pub fn get(&self, key: Key) -> (Option<Value>, Source) {
        let layers = [
            (Source::CommandLine, &self.line),
            (Source::Environment, &self.environment),
            (Source::File, &self.in_file),
        ];
        for (source, layer) in layers {
            if let Some(value) = layer.get(key) {
                return (Some(value.clone()), source);
            }
            if layer.excluding(key).is_some() {
                break;
            }
        }
        (info(key).default_value(), Source::Default)
    }

    /// Returns the path that an option names. In the config file, `~` is the home directory, and a relative path begins at the
    /// folder of the file.
    pub fn path(&self, key: Key) -> Option<PathBuf> {
        let (Some(Value::File(path)), source) = self.get(key) else { return None };
        let folder = self.file().and_then(Path::parent).filter(|_| source == Source::File);
        let Some(folder) = folder else { return Some(path) };
        Some(match path.strip_prefix("~") {
            Ok(rest) => std::env::home_dir().unwrap_or_default().join(rest),
            Err(_) => folder.join(path),
        })
    }

    /// Returns the addresses to listen on.
    pub fn listen(&self) -> Listen {
        match self.set(Key::Listen) {
            Some(Value::Text(listen)) => listen.into(),
            _ => self.base.listen.clone(),
        }
    }

    /// Returns the server's configuration.
    ///
    /// # Errors
    /// The self-signed certificate has no place, since the user has no home directory.
    pub fn config(&self) -> Result<Config, OptionsError> {
        let base = &self.base;
        let is_on = |key, base| self.set(key).map_or(base, |value| value == Value::Switch(true));
        let number = |key, base| match self.set(key) {
            // The table has the limits, within which no number is cut off.
            Some(Value::Number(number)) => usize::try_from(number).unwrap_or(usize::MAX),
            _ => base,
        };
        let number_u32 = |key, base| match self.set(key) {
            Some(Value::Number(number)) => u32::try_from(number).unwrap_or(u32::MAX),
            _ => base,
        };
        let time = |key, unit| match self.set(key) {
            Some(Value::Number(number)) => Some(Duration::from_secs(number * unit)),
            _ => None,
        };
        let file = |key, base: &Option<PathBuf>| self.path(key).or_else(|| base.clone());
        let require_tls = is_on(Key::RequireTls, base.require_tls);
        let tls = match (self.path(Key::TlsCert), self.path(Key::TlsKey)) {
            (Some(certificate), Some(key)) => Some(Certificate::Files { certificate, key }),
            _ if base.tls.is_none() && (is_on(Key::Tls, false) || require_tls) => {
                Some(Certificate::SelfSigned(data_file("server.pem").ok_or(OptionsError::NoHome)?))
            }
            _ => base.tls.clone(),
        };
        Ok(Config {
            listen: self.listen(),
            max_clients: number(Key::MaxClients, base.max_clients),
            max_per_address: number(Key::MaxPerAddress, base.max_per_address),
            max_unauthenticated: number(Key::MaxUnauthenticated, base.max_unauthenticated),
            loopback_is_remote: is_on(Key::LoopbackIsRemote, base.loopback_is_remote),
            rate: number_u32(Key::Rate, base.rate),
            burst: number_u32(Key::Burst, base.burst),
            hello_timeout: time(Key::HelloTimeout, 1).unwrap_or(base.hello_timeout),
            announce: match self.set(Key::Announce) {
                _ if is_on(Key::NoAnnounce, false) => None,
                Some(Value::Text(name)) => Some(name),
                _ => base.announce.clone(),
            },
            bans: file(Key::Bans, &base.bans),
            history: if is_on(Key::NoHistory, false) { None } else { file(Key::History, &base.history) },
            keep: time(Key::Keep, 24 * 60 * 60).or(base.keep),
            tls,
            require_tls,
            password: match self.set(Key::Password) {
                Some(Value::Secret(password)) => Some(password),
                _ => base.password.clone(),
            },
            password_file: file(Key::PasswordFile, &base.password_file),
            members: file(Key::Members, &base.members),
            members_only: is_on(Key::MembersOnly, base.members_only),
            ..base.clone()
        })
    }

    /// Returns the value of an option, unless it is the default.
    fn set(&self, key: Key) -> Option<Value> {
        let (value, source) = self.get(key);
        value.filter(|_| source != Source::Default)
    }

    /// Returns the options that a start of the server would change, if it was last started with these.
    pub fn pending(&self, started: &Options) -> Vec<Key> {
        let needs_start = |key: &Key| info(*key).needs == Needs::Start;
        let differs = |key: &Key| self.get(*key).0 != started.get(*key).0;
        Key::ALL.into_iter().filter(needs_start).filter(differs).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn layer(values: &[(Key, Value)]) -> Layer {
        let mut layer = Layer::default();
        values.iter().cloned().for_each(|(key, value)| layer.set(key, Some(value)));
        layer
    }

    fn on() -> Value {
        Value::Switch(true)
    }

    fn secret(text: &str) -> Value {
        Value::Secret(Password::parse(text).unwrap())
    }

    #[test]
    fn the_command_line_is_over_the_environment_the_file_and_the_default() {
        let mut options = Options::over(Config::default());
        assert_eq!(options.get(Key::Rate), (Some(Value::Number(10)), Source::Default));
        options.in_file = layer(&[(Key::Rate, Value::Number(20)), (Key::Password, secret("filed"))]);
        assert_eq!(options.get(Key::Rate), (Some(Value::Number(20)), Source::File));
        options.line = layer(&[(Key::Rate, Value::Number(30))]);
        options.environment = layer(&[(Key::Password, secret("exported"))]);
        assert_eq!(options.get(Key::Rate), (Some(Value::Number(30)), Source::CommandLine));
        assert_eq!(options.get(Key::Password), (Some(secret("exported")), Source::Environment));
        let config = options.config().unwrap();
        assert_eq!((config.rate, config.burst), (30, Config::default().burst));
        assert_eq!(config.password.unwrap().reveal(), "exported");
    }

    #[test]
    fn what_the_command_line_excludes_is_hidden() {
        let file = |name: &str| Value::File(name.into());
        let mut options = Options::over(Config::default());
        options.in_file = layer(&[
            (Key::TlsCert, file("/c")),
            (Key::TlsKey, file("/k")),
            (Key::Password, secret("filed")),
            (Key::NoHistory, on()),
        ]);
        let config = options.config().unwrap();
        assert_eq!(config.tls, Some(Certificate::Files { certificate: "/c".into(), key: "/k".into() }));
        options.line = layer(&[(Key::Tls, on()), (Key::PasswordFile, file("room.txt")), (Key::Keep, Value::Number(2))]);
        let config =
            Options { base: Config { history: Some("h".into()), ..Config::default() }, ..options.clone() }.config();
        let config = config.unwrap();
        assert!(matches!(config.tls, Some(Certificate::SelfSigned(_))));
        assert_eq!((config.password.is_none(), config.password_file), (true, Some("room.txt".into())));
        assert_eq!((config.history, config.keep), (Some("h".into()), Some(Duration::from_hours(48))));
        // The variable hides the file that the config file names.
        let mut options = Options::over(Config::default());
        options.in_file = layer(&[(Key::PasswordFile, file("/room.txt"))]);
        options.environment = layer(&[(Key::Password, secret("exported"))]);
        assert_eq!(options.config().unwrap().password_file, None);
    }

    #[test]
    fn paths_in_the_file_begin_at_its_folder() {
        let folder = tempfile::tempdir().unwrap();
        let mut options = Options::new(layer(&[(Key::Bans, Value::File("b".into()))]), None);
        options.file = Some(ConfigFile::named(folder.path().join("server.toml")));
        let filed = [(Key::Members, "m.db"), (Key::PasswordFile, "~/room.txt"), (Key::Bans, "hidden")];
        options.in_file = layer(&filed.map(|(key, path)| (key, Value::File(path.into()))));
        assert_eq!(options.path(Key::Bans), Some("b".into()), "as the shell gave it");
        assert_eq!(options.path(Key::Members), Some(folder.path().join("m.db")));
        assert_eq!(options.path(Key::PasswordFile), Some(std::env::home_dir().unwrap().join("room.txt")));
    }

    #[test]
    fn to_require_tls_is_to_offer_it() {
        let mut options = Options::over(Config::default());
        options.in_file = layer(&[(Key::RequireTls, on())]);
        let config = options.config().unwrap();
        assert!(config.require_tls && matches!(config.tls, Some(Certificate::SelfSigned(_))));
    }

    #[test]
    fn a_server_is_announced_by_its_name_that_of_the_computer_or_not_at_all() {
        let base = Config { announce: Some("teacher-pc".into()), ..Config::default() };
        let announced = |values: &[(Key, Value)]| {
            Options { in_file: layer(values), ..Options::over(base.clone()) }.config().unwrap().announce
        };
        let name = (Key::Announce, Value::Text("Room 12".into()));
        assert_eq!(announced(&[]).as_deref(), Some("teacher-pc"));
        assert_eq!(announced(std::slice::from_ref(&name)).as_deref(), Some("Room 12"));
        assert_eq!(announced(&[(Key::NoAnnounce, on())]), None);
        // The command line hides the name in the file, and the other way round.
        let mut options = Options { in_file: layer(&[name]), ..Options::over(base.clone()) };
        options.line = layer(&[(Key::NoAnnounce, on())]);
        assert_eq!(options.config().unwrap().announce, None);
        let mut options = Options { in_file: layer(&[(Key::NoAnnounce, on())]), ..Options::over(base) };
        options.line = layer(&[(Key::Announce, Value::Text("Lab".into()))]);
        assert_eq!(options.config().unwrap().announce.as_deref(), Some("Lab"));
    }

    #[test]
    fn a_change_that_needs_a_start_is_pending() {
        let started = Options::over(Config::default());
        let mut options = started.clone();
        options.in_file = layer(&[(Key::Rate, Value::Number(20)), (Key::Tls, on())]);
        assert_eq!(options.pending(&started), [Key::Tls]);
        options.line = layer(&[(Key::Tls, on())]);
        assert_eq!(options.pending(&options.clone()), []);
    }
}
