//! Passwords in memory, in the client and in the server. Runs on any thread.
//!
//! A password is never shown: no settings file, log or conversation contains one, and its `Debug` form is `***`. Its memory is
//! overwritten when it is dropped, and comparison takes constant time.

use std::fmt;
use std::fs::File;
use std::hint::black_box;
use std::io::{self, BufRead as _, BufReader, Read};
use std::path::Path;

use subtle::ConstantTimeEq as _;
use thiserror::Error;
use zeroize::Zeroizing;

use crate::protocol::{PASSWORD_MAX, Secret, is_text};

/// Minimum length of the password of a name, in characters.
pub(crate) const CHARACTERS_MIN: usize = 8;

/// The environment variable from which both programs take a password. On the command line, every user of this computer could
/// read it. Child processes do not inherit it.
pub const PASSWORD_VARIABLE: &str = "MULTICHAT_PASSWORD";

/// Maximum number of bytes read of the first line: more than a password can have.
const LINE_MAX: u64 = 4096;

/// The reason why there is no valid password. PASS can carry every valid one.
#[derive(Debug, Error)]
pub enum PasswordError {
    /// The text is empty.
    #[error("a password has at least one character")]
    Empty,
    /// The text has too many bytes.
    #[error("a password has at most {PASSWORD_MAX} bytes")]
    TooLong,
    /// The text contains a control character.
    #[error("a password cannot contain control characters, such as a tab")]
    Control,
    /// The file, or the input, cannot be read.
    #[error(transparent)]
    Unreadable(#[from] io::Error),
}

/// A password. It is shown in no log, and its memory is overwritten when it is dropped.
///
/// ```
/// use multichat::client::Password;
///
/// let password = Password::parse("open sesame")?;
/// assert_eq!(format!("{password:?}"), "***");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct Password(Zeroizing<String>);

impl fmt::Debug for Password {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

impl From<Secret<'_>> for Password {
    fn from(secret: Secret<'_>) -> Password {
        Password(Zeroizing::new(secret.0.to_owned()))
    }
}

impl Password {
    /// Validates a password, given without a line terminator.
    ///
    /// # Errors
    /// PASS cannot carry the text.
    pub fn parse(text: &str) -> Result<Password, PasswordError> {
        if text.is_empty() {
            Err(PasswordError::Empty)
        } else if text.len() > PASSWORD_MAX {
            Err(PasswordError::TooLong)
        } else if !is_text(text) {
            Err(PasswordError::Control)
        } else {
            Ok(Password(Zeroizing::new(text.to_owned())))
        }
    }

    /// Validates a password from an input field. An empty field is no password; spaces are part of it.
    ///
    /// # Errors
    /// Those of [`parse`](Password::parse).
    pub fn typed(text: &str) -> Result<Option<Password>, PasswordError> {
        (!text.is_empty()).then(|| Password::parse(text)).transpose()
    }

    /// Reads a password from the first line of a file.
    ///
    /// # Errors
    /// The file cannot be read, or those of [`parse`](Password::parse).
    pub fn in_file(file: &Path) -> Result<Password, PasswordError> {
        Password::first_line(File::open(file)?)
    }

    /// Reads a password from the first line of `input`. Further lines are ignored.
    ///
    /// # Errors
    /// The input cannot be read, or those of [`parse`](Password::parse).
    pub fn first_line(input: impl Read) -> Result<Password, PasswordError> {
        let mut line = Zeroizing::new(String::new());
        BufReader::new(input.take(LINE_MAX)).read_line(&mut line)?;
        let line = line.strip_suffix('\n').unwrap_or(&line);
        Password::parse(line.strip_suffix('\r').unwrap_or(line))
    }

    /// Returns whether two passwords are equal, in constant time: neither the position of a difference nor the lengths matter.
    pub(crate) fn is(&self, other: &Password) -> bool {
        let (one, other) = (self.padded(), other.padded());
        black_box(one.ct_eq(&*other)).into()
    }

    /// Returns the text of the password, to hash it or to send it.
    pub fn reveal(&self) -> &str {
        &self.0
    }

    /// Returns the length, the text, and zeros: the same size for all passwords.
    fn padded(&self) -> Zeroizing<[u8; PASSWORD_MAX + 1]> {
        let mut padded = Zeroizing::new([0; PASSWORD_MAX + 1]);
        let text = &self.0.as_bytes()[..self.0.len().min(PASSWORD_MAX)];
        padded[0] = u8::try_from(text.len()).unwrap_or(u8::MAX);
        padded[1..=text.len()].copy_from_slice(text);
        padded
    }
}

#[cfg(test)]
#[cfg(not(loom))]
mod tests {
    use super::*;

    fn password(text: &str) -> Password {
        Password::parse(text).unwrap()
    }

    #[test]
    fn it_is_itself_and_nothing_else() {
        let longest = "x".repeat(PASSWORD_MAX);
        for (one, other) in [("a", "b"), ("a", "aa"), ("a", "A"), (&longest, &longest[1..]), ("a ", "a")] {
            assert!(password(one).is(&password(one)), "{one}");
            assert!(!password(one).is(&password(other)) && !password(other).is(&password(one)), "{one} and {other}");
        }
    }

    #[test]
    fn what_nobody_could_send_is_none() {
        for (text, why) in [("", "at least one"), ("a\tb", "control"), (&"ü".repeat(65)[..], "at most 128 bytes")] {
            let error = Password::parse(text).unwrap_err().to_string();
            assert!(error.contains(why), "{text:?}: {error}");
        }
    }

    #[test]
    fn the_first_line_is_the_password() {
        for text in ["open sesame", "open sesame\n", "open sesame\r\n", "open sesame\nand a note\n"] {
            assert_eq!(Password::first_line(text.as_bytes()).unwrap().reveal(), "open sesame", "{text:?}");
        }
        for (text, why) in [(&b""[..], "at least one"), (b"\nsecret\n", "at least one"), (b"\xff\n", "UTF-8")] {
            let error = Password::first_line(text).unwrap_err().to_string();
            assert!(error.contains(why), "{text:?}: {error}");
        }
        assert!(Password::first_line(std::io::repeat(b'x')).is_err(), "it does not read for ever");
    }

    #[test]
    fn it_is_never_shown() {
        assert_eq!(format!("{:?}", password("swordfish")), "***");
    }
}
