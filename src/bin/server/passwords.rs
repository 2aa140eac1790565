//! Passwords that the server program is given: in files, in a variable, on standard input, and never as an argument, since
//! everybody on the machine can see those.

use std::ffi::OsStr;
use std::io::{self, BufRead as _, BufReader, IsTerminal as _, Read};
use std::path::Path;

use multichat::server::Password;

/// Where the room's password may be, if no file was named.
const VARIABLE: &str = "MULTICHAT_PASSWORD";

/// Bytes of the first line that are read: more than a password can have.
const LINE_MAX: u64 = 4096;

/// The room's password, if there is to be one.
pub(super) fn of_the_room(file: Option<&Path>) -> Result<Option<Password>, String> {
    choose(file, std::env::var_os(VARIABLE).as_deref())
}

fn choose(file: Option<&Path>, variable: Option<&OsStr>) -> Result<Option<Password>, String> {
    match (file, variable) {
        (Some(_), Some(_)) => {
            Err(format!("there are two passwords for the room: take away --password-file, or the variable {VARIABLE}"))
        }
        (Some(file), None) => {
            let opened = std::fs::File::open(file).map_err(|error| error.to_string());
            let password = opened.and_then(first_line);
            password.map(Some).map_err(|why| format!("there is no password in {}: {why}", file.display()))
        }
        (None, Some(variable)) => {
            let text = variable.to_str().ok_or("it is not UTF-8".to_owned());
            let password = text.and_then(Password::parse);
            password.map(Some).map_err(|why| format!("there is no password in the variable {VARIABLE}: {why}"))
        }
        (None, None) => Ok(None),
    }
}

/// Reads a password that somebody types, or another program sends.
pub(super) fn from_standard_input(name: &str) -> Result<Password, String> {
    let stdin = io::stdin();
    if stdin.is_terminal() {
        eprint!("Password for {name}, which is shown as you type: ");
    }
    first_line(stdin.lock()).map_err(|why| format!("there is no password on standard input: {why}"))
}

/// The first line is the password; whatever comes behind it is not read.
fn first_line(input: impl Read) -> Result<Password, String> {
    let mut line = String::new();
    BufReader::new(input.take(LINE_MAX)).read_line(&mut line).map_err(|error| error.to_string())?;
    let line = line.strip_suffix('\n').unwrap_or(&line);
    Password::parse(line.strip_suffix('\r').unwrap_or(line))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_line_is_the_password() {
        for text in ["open sesame", "open sesame\n", "open sesame\r\n", "open sesame\nand a note\n"] {
            assert_eq!(first_line(text.as_bytes()).unwrap().reveal(), "open sesame", "{text:?}");
        }
        for (text, why) in [(&b""[..], "at least one"), (b"\nsecret\n", "at least one"), (b"\xff\n", "UTF-8")] {
            let error = first_line(text).unwrap_err();
            assert!(error.contains(why), "{text:?}: {error}");
        }
        assert!(first_line(io::repeat(b'x')).is_err(), "it does not read for ever");
    }

    #[test]
    fn there_is_one_password_or_none() {
        let file = Path::new("no such file");
        assert!(choose(None, None).unwrap().is_none());
        assert_eq!(choose(None, Some("sesame".as_ref())).unwrap().unwrap().reveal(), "sesame");
        assert!(choose(Some(file), None).unwrap_err().starts_with("there is no password in no such file: "));
        assert!(choose(Some(file), Some("sesame".as_ref())).unwrap_err().starts_with("there are two passwords"));
        assert!(choose(None, Some("".as_ref())).unwrap_err().contains("at least one character"));
    }
}
