//! Passwords in memory, at both ends: never shown (no setting, no log and no conversation has one, and the `Debug` form says
//! only that there is one), overwritten when they are dropped, and compared in a time that tells nothing.

use std::fmt;
use std::fs::File;
use std::hint::black_box;
use std::io::{BufRead as _, BufReader, Read};
use std::path::Path;

use subtle::ConstantTimeEq as _;
use zeroize::Zeroizing;

use crate::protocol::{PASSWORD_MAX, Secret, is_text};

/// Characters that the password of a name has at least.
pub(crate) const CHARACTERS_MIN: usize = 8;

/// The variable that may hold a password at either end: on the command line, everybody on this computer could read it. It is
/// handed to no other program.
pub const PASSWORD_VARIABLE: &str = "MULTICHAT_PASSWORD";

/// Bytes of the first line that are read: more than a password can have.
const LINE_MAX: u64 = 4096;

/// A password that is shown nowhere; see `src/password.rs`.
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
    /// Takes a line of text, without its end.
    ///
    /// # Errors
    /// Nobody could send it with PASS: why not.
    pub fn parse(text: &str) -> Result<Password, String> {
        if text.is_empty() {
            Err("a password has at least one character".into())
        } else if text.len() > PASSWORD_MAX {
            Err(format!("a password has at most {PASSWORD_MAX} bytes"))
        } else if !is_text(text) {
            Err("a password has no control characters, such as a tab".into())
        } else {
            Ok(Password(Zeroizing::new(text.to_owned())))
        }
    }

    /// What somebody has typed into a field; nothing typed is none. Spaces belong to it.
    ///
    /// # Errors
    /// Nobody could send it: why not.
    pub fn typed(text: &str) -> Result<Option<Password>, String> {
        (!text.is_empty()).then(|| Password::parse(text)).transpose()
    }

    /// The first line of a file.
    ///
    /// # Errors
    /// The file cannot be read, or nobody could send it: why not.
    pub fn in_file(file: &Path) -> Result<Password, String> {
        File::open(file).map_err(|error| error.to_string()).and_then(Password::first_line)
    }

    /// The first line of what is read; whatever comes behind it is not.
    ///
    /// # Errors
    /// It cannot be read, or nobody could send it: why not.
    pub fn first_line(input: impl Read) -> Result<Password, String> {
        let mut line = Zeroizing::new(String::new());
        BufReader::new(input.take(LINE_MAX)).read_line(&mut line).map_err(|error| error.to_string())?;
        let line = line.strip_suffix('\n').unwrap_or(&line);
        Password::parse(line.strip_suffix('\r').unwrap_or(line))
    }

    /// Are they the same? It takes the same time wherever they differ, and however long they are.
    pub(crate) fn is(&self, other: &Password) -> bool {
        let (one, other) = (self.padded(), other.padded());
        black_box(one.ct_eq(&*other)).into()
    }

    /// What is hashed, or told to the one whom it is for.
    pub fn reveal(&self) -> &str {
        &self.0
    }

    /// The same size for all: the length, then the text, then nothing.
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
            let error = Password::parse(text).unwrap_err();
            assert!(error.contains(why), "{text:?}: {error}");
        }
    }

    #[test]
    fn the_first_line_is_the_password() {
        for text in ["open sesame", "open sesame\n", "open sesame\r\n", "open sesame\nand a note\n"] {
            assert_eq!(Password::first_line(text.as_bytes()).unwrap().reveal(), "open sesame", "{text:?}");
        }
        for (text, why) in [(&b""[..], "at least one"), (b"\nsecret\n", "at least one"), (b"\xff\n", "UTF-8")] {
            let error = Password::first_line(text).unwrap_err();
            assert!(error.contains(why), "{text:?}: {error}");
        }
        assert!(Password::first_line(std::io::repeat(b'x')).is_err(), "it does not read for ever");
    }

    #[test]
    fn it_is_never_shown() {
        assert_eq!(format!("{:?}", password("swordfish")), "***");
    }
}
