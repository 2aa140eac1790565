//! A password, from the field where it was typed to the line that carries it.
//!
//! It lasts as long as the program, for connecting again, and is written nowhere: no setting, no log and no conversation has
//! it, and its `Debug` form says no more than that there is one. Pure; any thread may have it.

use std::fmt;

use crate::protocol::{PASSWORD_MAX, Secret, is_text};

/// A password. It is written nowhere, and its `Debug` form says no more than that there is one.
#[derive(Clone, PartialEq, Eq)]
pub struct Password(String);

/// Why a text cannot be a password; displays as a sentence for whoever wrote it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BadPassword {
    /// It has so many bytes too many.
    TooLong(usize),
    /// It has a control character in it.
    Control,
}

impl fmt::Display for BadPassword {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            BadPassword::TooLong(over) => {
                write!(f, "the password is too long: a password has at most {PASSWORD_MAX} bytes, which is {over} less")
            }
            BadPassword::Control => write!(f, "a password has no control characters, such as a tab or a line's end"),
        }
    }
}

impl std::error::Error for BadPassword {}

impl Password {
    /// The password that somebody has typed; nothing typed is none. Spaces belong to it.
    ///
    /// # Errors
    /// The protocol has no room for it.
    pub fn typed(text: &str) -> Result<Option<Password>, BadPassword> {
        if text.is_empty() {
            return Ok(None);
        }
        if text.len() > PASSWORD_MAX {
            return Err(BadPassword::TooLong(text.len() - PASSWORD_MAX));
        }
        if is_text(text) { Ok(Some(Password(text.to_owned()))) } else { Err(BadPassword::Control) }
    }

    /// For the line that carries it, and for the masked field that shows it again.
    pub fn secret(&self) -> Secret<'_> {
        Secret(&self.0)
    }
}

impl fmt::Debug for Password {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.secret().fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_can_be_no_password_is_refused_with_the_reason() {
        assert_eq!(Password::typed(""), Ok(None));
        assert_eq!(Password::typed(&"x".repeat(130)), Err(BadPassword::TooLong(2)));
        assert_eq!(Password::typed("a\tb"), Err(BadPassword::Control));
        let longest = "é".repeat(64);
        assert_eq!(Password::typed(&longest).unwrap().unwrap().secret(), Secret(&longest));
        assert_eq!(Password::typed("  ").unwrap().unwrap().secret(), Secret("  "), "spaces are part of it");
    }

    #[test]
    fn no_debug_form_shows_it() {
        let shown = format!("{:?}", Some(Password::typed("open sesame").unwrap()));
        assert!(!shown.contains("sesame"), "{shown}");
    }
}
