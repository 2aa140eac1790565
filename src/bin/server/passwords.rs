//! Passwords that the server program is given: in files, in a variable, on standard input, and never as an argument, since
//! everybody on the machine can see those.

use std::ffi::OsStr;
use std::io::{self, IsTerminal as _};
use std::path::Path;

use multichat::server::{PASSWORD_VARIABLE, Password};

/// The room's password that the variable holds, if there is to be one and `file` is not to have it.
pub(super) fn in_the_variable(file: Option<&Path>) -> Result<Option<Password>, String> {
    choose(file, std::env::var_os(PASSWORD_VARIABLE).as_deref())
}

fn choose(file: Option<&Path>, variable: Option<&OsStr>) -> Result<Option<Password>, String> {
    match (file, variable) {
        (Some(_), Some(_)) => Err(format!(
            "there are two passwords for the room: take away --password-file, or the variable {PASSWORD_VARIABLE}"
        )),
        (None, Some(variable)) => {
            let text = variable.to_str().ok_or("it is not UTF-8".to_owned());
            let password = text.and_then(Password::parse);
            password.map(Some).map_err(|why| format!("there is no password in the variable {PASSWORD_VARIABLE}: {why}"))
        }
        (_, None) => Ok(None),
    }
}

/// Reads a password that somebody types, or another program sends.
pub(super) fn from_standard_input(name: &str) -> Result<Password, String> {
    let stdin = io::stdin();
    if stdin.is_terminal() {
        eprint!("Password for {name}, which is shown as you type: ");
    }
    Password::first_line(stdin.lock()).map_err(|why| format!("there is no password on standard input: {why}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_is_one_password_or_none() {
        let file = Path::new("no such file");
        assert!(choose(None, None).unwrap().is_none());
        assert_eq!(choose(None, Some("sesame".as_ref())).unwrap().unwrap().reveal(), "sesame");
        assert!(choose(Some(file), None).unwrap().is_none());
        assert!(choose(Some(file), Some("sesame".as_ref())).unwrap_err().starts_with("there are two passwords"));
        assert!(choose(None, Some("".as_ref())).unwrap_err().contains("at least one character"));
    }
}
