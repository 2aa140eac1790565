//! The sources of passwords for the server program: a file, an environment variable, standard input. Never an argument, since
//! every user of the computer can see the arguments of a process.

use std::ffi::OsStr;
use std::io::{self, IsTerminal as _};

use multichat::server::{PASSWORD_VARIABLE, Password};

/// Returns the room's password from the environment variable; `None` if it is not set. `has_file`: the command line names a file
/// with a password, which the server reads later, and can also reload.
///
/// # Errors
/// Both sources are given, or the variable holds no valid password.
pub(super) fn room_password(has_file: bool) -> Result<Option<Password>, String> {
    choose(has_file, std::env::var_os(PASSWORD_VARIABLE).as_deref())
}

fn choose(has_file: bool, variable: Option<&OsStr>) -> Result<Option<Password>, String> {
    match (has_file, variable) {
        (true, Some(_)) => Err(format!(
            "there are two passwords for the room: leave out --password-file, or unset the variable {PASSWORD_VARIABLE}"
        )),
        (false, Some(variable)) => {
            let cannot = |why| format!("there is no valid password in the variable {PASSWORD_VARIABLE}: {why}");
            let text = variable.to_str().ok_or_else(|| cannot("it is not UTF-8".to_owned()))?;
            Password::parse(text).map(Some).map_err(|why| cannot(why.to_string()))
        }
        (_, None) => Ok(None),
    }
}

/// Reads the password of a name from the first line of standard input: typed by the operator, or sent by a script.
pub(super) fn from_standard_input(name: &str) -> Result<Password, String> {
    let stdin = io::stdin();
    if stdin.is_terminal() {
        eprint!("Password for {name} (shown as you type): ");
    }
    Password::first_line(stdin.lock()).map_err(|why| format!("there is no password on standard input: {why}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_is_one_password_or_none() {
        assert!(choose(false, None).unwrap().is_none());
        assert_eq!(choose(false, Some("sesame".as_ref())).unwrap().unwrap().reveal(), "sesame");
        assert!(choose(true, None).unwrap().is_none());
        assert!(choose(true, Some("sesame".as_ref())).unwrap_err().starts_with("there are two passwords"));
        assert!(choose(false, Some("".as_ref())).unwrap_err().contains("at least one character"));
    }
}
