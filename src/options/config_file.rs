//! The config file: TOML, with a line such as `rate = 20` for each option that is set.
//!
//! It is read when the program starts, before each start of a server, and at a reload. A file with a fault has no effect at all
//! and is never overwritten: half of the options could open a room that was meant to be closed. The page Settings changes single
//! lines (`config_file/edit.rs`) and leaves the others, with all comments, as they are. Nothing here runs on a UI thread.

mod edit;

use std::fmt;
use std::fs;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use thiserror::Error;
use toml_edit::{Document, Item};

use super::info::{Info, Place};
use super::key::Key;
use super::kind::{Kind, Value};
use super::layer::Layer;
use super::table::info;
use crate::files::{self, folders};

/// Name of the file that is read if no other is named.
const USUAL: &str = "server.toml";

/// The place of the config file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfigFile {
    path: PathBuf,
    /// The user has named it.
    must_exist: bool,
}

/// A fault of the file. Displays as a sentence for the operator.
#[derive(Debug, Error)]
pub struct FileError {
    /// The file.
    pub path: PathBuf,
    /// The line at fault, from 1.
    pub line: Option<usize>,
    /// The option at fault.
    pub key: Option<Key>,
    /// The fault, and what would work.
    pub why: String,
}

impl fmt::Display for FileError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.path.display())?;
        if let Some(line) = self.line {
            write!(f, ", line {line}")?;
        }
        write!(f, ": {}", self.why)
    }
}

impl ConfigFile {
    /// Returns the file that the user has named, which must exist.
    pub fn named(path: PathBuf) -> ConfigFile {
        ConfigFile { path, must_exist: true }
    }

    /// Returns `server.toml` in the user's configuration directory, if the user has a home.
    pub fn usual() -> Option<ConfigFile> {
        Some(ConfigFile { path: folders::settings_file(USUAL)?, must_exist: false })
    }

    /// Returns the path.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Returns the options that are set in the file.
    ///
    /// # Errors
    /// The file cannot be read, or something in it is no option or no value of one.
    pub fn read(&self) -> Result<Layer, FileError> {
        self.layer(&self.bytes()?)
    }

    fn bytes(&self) -> Result<Vec<u8>, FileError> {
        match fs::read(&self.path) {
            Ok(bytes) => Ok(bytes),
            Err(error) if error.kind() == ErrorKind::NotFound && !self.must_exist => Ok(Vec::new()),
            Err(error) if error.kind() == ErrorKind::NotFound => {
                Err(self.error("there is no such file: create it, even an empty one, or leave out --config".into()))
            }
            Err(error) => Err(self.error(format!("it cannot be read: {error}"))),
        }
    }

    /// Sets options in the file, or removes those without a value. Returns all that are set then.
    ///
    /// # Errors
    /// The file cannot be read or written, has a fault, or would have one then. It stays as it is.
    pub fn change(&self, changes: &[(Key, Option<Value>)]) -> Result<Layer, FileError> {
        let mut layer = Layer::default();
        let rewritten = files::rewrite(&self.path, |bytes| {
            let (text, new) = self.edited(bytes, changes)?;
            layer = new;
            Ok(text)
        });
        rewritten.map(|()| layer).map_err(|fault: Fault| match fault {
            Fault::Contents(error) => error,
            Fault::Disk(error) => self.error(format!("it cannot be written: {error}")),
        })
    }

    /// Returns all options that would be set after a change, which is not made.
    ///
    /// # Errors
    /// The file cannot be read, has a fault, or would have one then.
    pub fn with(&self, changes: &[(Key, Option<Value>)]) -> Result<Layer, FileError> {
        Ok(self.edited(&self.bytes()?, changes)?.1)
    }

    /// Returns the text of the file after a change, and the options in it.
    fn edited(&self, bytes: &[u8], changes: &[(Key, Option<Value>)]) -> Result<(String, Layer), FileError> {
        self.layer(bytes)?;
        let text = std::str::from_utf8(bytes).map_err(|error| self.error(error.to_string()))?;
        let text = edit::edited(text, changes).map_err(|error| self.syntax(text, &error))?;
        let layer = self.layer(text.as_bytes())?;
        Ok((text, layer))
    }

    /// Returns a warning if the file has a password, and other users of this computer can read it.
    pub fn warning(&self, layer: &Layer) -> Option<String> {
        let is_at_risk = layer.get(Key::Password).is_some() && is_public(&self.path);
        let path = self.path.display();
        is_at_risk.then(|| format!("other users of this computer can read the password in {path}: chmod 600 {path}"))
    }

    /// Reads the contents of the file.
    fn layer(&self, bytes: &[u8]) -> Result<Layer, FileError> {
        let text = std::str::from_utf8(bytes).map_err(|error| FileError {
            line: Some(line_of(bytes, error.valid_up_to())),
            ..self.error("it is not UTF-8: save it as UTF-8".into())
        })?;
        let document = Document::parse(text).map_err(|error| self.syntax(text, &error))?;
        let mut layer = Layer::default();
        for (name, item) in document.iter() {
            let at = document.as_table().key(name).and_then(toml_edit::Key::span).or(item.span());
            let line = at.map(|at| line_of(bytes, at.start));
            let (key, value) = option(name, item).map_err(|(key, why)| FileError { line, key, ..self.error(why) })?;
            layer.set(key, Some(value));
        }
        layer.check().map_err(|error| {
            let at = document.as_table().key(error.key.name()).and_then(toml_edit::Key::span);
            let line = at.map(|at| line_of(bytes, at.start));
            FileError { line, key: Some(error.key), ..self.error(error.why) }
        })?;
        Ok(layer)
    }

    fn syntax(&self, text: &str, error: &toml_edit::TomlError) -> FileError {
        let line = error.span().map(|at| line_of(text.as_bytes(), at.start));
        // The message has the text at fault in lines of its own, which a log cannot show.
        let why = error.message().lines().collect::<Vec<_>>().join(", ");
        FileError {
            line,
            ..self.error(format!("{why}: write lines such as `rate = 20` or `listen = \"0.0.0.0:5555\"`"))
        }
    }

    fn error(&self, why: String) -> FileError {
        FileError { path: self.path.clone(), line: None, key: None, why }
    }
}

/// The reason why the file was not written.
enum Fault {
    Contents(FileError),
    Disk(io::Error),
}

impl From<FileError> for Fault {
    fn from(error: FileError) -> Fault {
        Fault::Contents(error)
    }
}

impl From<io::Error> for Fault {
    fn from(error: io::Error) -> Fault {
        Fault::Disk(error)
    }
}

/// Returns the option of a name, and its value; the error has the option, if it is known, and the reason.
fn option(name: &str, item: &Item) -> Result<(Key, Value), (Option<Key>, String)> {
    let Some(key) = Key::named(name) else {
        let near = Key::nearest(name)
            .map_or("--help lists all options".to_owned(), |key| format!("is it {key}?", key = key.name()));
        let why = if item.is_table_like() {
            format!("there is no section {name}: write the options without one")
        } else {
            format!("there is no option {name}: {near}")
        };
        return Err((None, why));
    };
    let info = info(key);
    if info.place == Place::LineOnly {
        return Err((Some(key), format!("{name} is for the command line only: remove this line")));
    }
    if let Some(why) = info.is_missing() {
        return Err((Some(key), format!("{name} has no effect, since {why}")));
    }
    value(info, item).map(|value| (key, value)).map_err(|why| (Some(key), format!("{name}: {why}")))
}

/// Returns the value of an option in the file; the error says what would be one.
fn value(info: &Info, item: &Item) -> Result<Value, String> {
    let text = match (info.kind, item) {
        (Kind::Switch, item) => item.as_bool().map(|on| on.to_string()),
        (Kind::Number { .. }, item) => item.as_integer().map(|number| number.to_string()),
        (Kind::Addresses, Item::Value(toml_edit::Value::Array(several))) => {
            several.iter().map(toml_edit::Value::as_str).collect::<Option<Vec<_>>>().map(|all| all.join(" "))
        }
        (_, item) => item.as_str().map(str::to_owned),
    };
    let what_works = || {
        let quotes = match info.kind {
            Kind::Switch | Kind::Number { .. } => ", without quotes",
            _ => ", in quotes",
        };
        info.kind.what_works() + quotes
    };
    info.kind.parse(&text.ok_or_else(what_works)?)
}

/// Returns the number of the line of a byte, from 1.
fn line_of(bytes: &[u8], at: usize) -> usize {
    1 + memchr::memchr_iter(b'\n', &bytes[..at.min(bytes.len())]).count()
}

#[cfg(unix)]
fn is_public(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt as _;

    fs::metadata(path).is_ok_and(|file| file.permissions().mode() & 0o077 != 0)
}

/// Elsewhere the permissions are those of the user's folder.
#[cfg(not(unix))]
fn is_public(_: &Path) -> bool {
    false
}

#[cfg(test)]
mod tests;
