//! The command line that does the same as some values, quoted for the system's shell.

use std::borrow::Cow;
use std::env;
use std::ffi::OsString;
use std::path::Path;

use super::info::Place;
use super::key::Key;
use super::kind::{Kind, Value};
use super::layers::{Options, Source};
use super::table::info;
use crate::server::Listen;

/// Returns the command line of the server that does the same as all layers together. A password is not shown: a
/// comment names the variable that it belongs into.
pub fn command_line(options: &Options) -> String {
    let mut line = program(env::args_os().next()).to_owned();
    let mut has_password = false;
    for info in Key::ALL.map(info) {
        let (value, source) = options.get(info.key);
        match value {
            Some(Value::Secret(_)) => has_password = true,
            _ if source == Source::Default || info.place == Place::FileOnly || info.key == Key::Config => {}
            None | Some(Value::Switch(false)) => {}
            Some(Value::Text(addresses)) if info.kind == Kind::Addresses => {
                for address in Listen::from(addresses).iter() {
                    line += &format!(" --{} {}", info.key.name(), quoted(address));
                }
            }
            Some(Value::Switch(true)) => line += &format!(" --{}", info.key.name()),
            Some(value) => {
                let value = options.path(info.key).map_or(value.to_string(), |path| path.display().to_string());
                line += &format!(" --{} {}", info.key.name(), quoted(&value));
            }
        }
    }
    if has_password {
        line += &format!("  # with the password in the variable {}", crate::password::PASSWORD_VARIABLE);
    }
    line
}

/// Returns the name of the program: that of the packages, if it was started by that, and otherwise Cargo's.
fn program(started: Option<OsString>) -> &'static str {
    let packaged = "multichat-server";
    let is_packaged = started.is_some_and(|path| Path::new(&path).file_stem() == Some(packaged.as_ref()));
    if is_packaged { packaged } else { "server" }
}

/// Returns a word as the system's shell takes it: in quotes, if it has other characters than those of names and addresses.
fn quoted(word: &str) -> Cow<'_, str> {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "/\\.:_-,@+".contains(c);
    if cfg!(windows) {
        if word.chars().all(is_plain) { word.into() } else { format!("\"{word}\"").into() }
    } else if !word.is_empty() && word.chars().all(|c| is_plain(c) && c != '\\') {
        word.into()
    } else {
        format!("'{}'", word.replace('\'', r"'\''")).into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::options::layer::Layer;
    use crate::server::{Config, Password};

    #[test]
    fn the_command_line_has_what_is_set_and_no_password() {
        let mut line = Layer::default();
        line.set(Key::Listen, Some(Value::Text("0.0.0.0:1, localhost:2".into())));
        line.set(Key::Rate, Some(Value::Number(20)));
        line.set(Key::MembersOnly, Some(Value::Switch(true)));
        line.set(Key::Bans, Some(Value::File("/tmp/Ann's bans.txt".into())));
        let mut options = Options::over(Config::default());
        assert_eq!(command_line(&options), "server");
        options.line = line;
        options.environment.set(Key::Password, Some(Value::Secret(Password::parse("swordfish").unwrap())));
        if cfg!(not(windows)) {
            let expected = r"server --listen 0.0.0.0:1 --listen localhost:2 --rate 20 --members-only --bans '/tmp/Ann'\''s bans.txt'  # with the password in the variable MULTICHAT_PASSWORD";
            assert_eq!(command_line(&options), expected);
        }
    }

    #[test]
    fn the_program_has_the_name_by_which_it_was_started() {
        for (started, name) in [
            ("/usr/bin/multichat-server", "multichat-server"),
            ("multichat-server.exe", "multichat-server"),
            ("target/debug/server", "server"),
        ] {
            assert_eq!(program(Some(started.into())), name);
        }
        assert_eq!(program(None), "server");
    }

    #[cfg(unix)]
    #[test]
    fn a_shell_reads_every_word_as_it_was() {
        for word in ["a b", "it's", "$HOME", "`id`", "*", "[::]:5555", "~", "", "a\"b", "#", "a\\b", "ü"] {
            let script = format!("printf %s {}", quoted(word));
            let output = std::process::Command::new("/bin/sh").args(["-c", &script]).output().unwrap();
            assert_eq!(String::from_utf8(output.stdout).unwrap(), word);
        }
    }
}
