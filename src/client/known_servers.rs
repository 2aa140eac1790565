//! The servers known to support TLS, each with its pin: a text file with a line for each server, like `known_hosts` of SSH.
//!
//! A server is added once its certificate has been accepted, by the user, who was shown its fingerprint, or because the system's
//! root certificates vouch for it. From then on the client never uses plain text with that server, and accepts no other
//! certificate for which the roots do not vouch, unless the user accepts that one in its place.
//!
//! The file is read at each use, so that what one window has stored holds for all others. Runs on `reader`, never on the UI thread,
//! because a disk may block.

use std::fmt;
use std::io;
use std::net::IpAddr;
use std::path::PathBuf;

use super::address::ServerAddress;
use crate::files;
use crate::sync::{Mutex, lock};

/// Comment at the head of the file, for users who open it.
const HEAD: &str = "\
# The servers that this user's multichat has spoken to in TLS, and by what it recognises them.
# <host>:<port> key SHA256:<the fingerprint of its public key>
# <host>:<port> SHA256:<the fingerprint of its certificate, from an earlier version>
# <host>:<port> vouched       the system's roots vouch for its certificate, whichever it is
";

/// The identity that is remembered for a server (key pinning, RFC 7469).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Pin {
    /// The fingerprint of its public key, which the user has accepted.
    Key(String),
    /// The fingerprint of its certificate, which the user has accepted in an earlier version of the client.
    Certificate(String),
    /// Any certificate that the system's root certificates vouch for.
    SystemRoots,
}

impl fmt::Display for Pin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Pin::Key(fingerprint) => write!(f, "key {fingerprint}"),
            Pin::Certificate(fingerprint) => write!(f, "{fingerprint}"),
            Pin::SystemRoots => write!(f, "vouched"),
        }
    }
}

/// The file of known servers, read and written at each use.
///
/// ```
/// use multichat::client::{KnownServers, Pin};
///
/// let known = KnownServers::default(); // in memory; `in_file` keeps them
/// let server = "chat.example".parse()?;
/// assert_eq!(known.find(&server)?, None);
/// known.remember(&server, Pin::SystemRoots)?;
/// assert_eq!(known.find(&server)?, Some(Pin::SystemRoots));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Default)]
pub struct KnownServers {
    file: Option<PathBuf>,
    /// Entries that could not be written. They hold until the end of the process. The lock is held while the file is changed, so
    /// that two changes happen one after the other.
    unwritten: Mutex<Vec<Entry>>,
}

/// A line of the file.
type Entry = (String, Pin);

impl KnownServers {
    /// Returns the list in this file, which need not exist. Without a file, the list lasts as long as the process.
    pub fn in_file(file: Option<PathBuf>) -> KnownServers {
        KnownServers { file, unwritten: Mutex::default() }
    }

    /// Returns the path of the file, for messages.
    pub(crate) fn file(&self) -> Option<&PathBuf> {
        self.file.as_ref()
    }

    /// Returns the pin of a server, or `None` if the server is not known to support TLS.
    ///
    /// # Errors
    /// The file cannot be read or parsed.
    pub fn find(&self, server: &ServerAddress) -> io::Result<Option<Pin>> {
        let key = key(server);
        let pin_in = |list: &[Entry]| list.iter().find(|entry| entry.0 == key).map(|entry| entry.1.clone());
        let mut unwritten = lock(&self.unwritten);
        let found = pin_in(&unwritten);
        // Writing may succeed now: the disk may have room again.
        if self.file.is_some() && !unwritten.is_empty() && self.write(&unwritten).is_ok() {
            unwritten.clear();
        }
        drop(unwritten);
        if found.is_some() { Ok(found) } else { Ok(pin_in(&self.read()?)) }
    }
    /// Stores the pin of a server, in place of an earlier one.
    ///
    /// # Errors
    /// The file cannot be written. The pin holds all the same until the end of the process, and writing is tried again at each use
    /// of the list.
    pub fn remember(&self, server: &ServerAddress, pin: Pin) -> io::Result<()> {
        let entry = (key(server), pin);
        let mut unwritten = lock(&self.unwritten);
        unwritten.retain(|other| other.0 != entry.0);
        unwritten.push(entry);
        let written = self.write(&unwritten);
        if self.file.is_some() && written.is_ok() {
            unwritten.clear();
        }
        written
    }

    /// Writes the entries that are not in the file yet.
    fn write(&self, unwritten: &[Entry]) -> io::Result<()> {
        let Some(file) = &self.file else { return Ok(()) };
        let change = |list: &mut Vec<Entry>| {
            let before = list.clone();
            for entry in unwritten {
                if !list.contains(entry) {
                    list.retain(|other| other.0 != entry.0);
                    list.push(entry.clone());
                }
            }
            *list != before
        };
        files::change_list(file, parse, change, |list| {
            list.iter().fold(HEAD.to_owned(), |text, (server, pin)| text + &format!("{server} {pin}\n"))
        })?;
        Ok(())
    }

    fn read(&self) -> io::Result<Vec<Entry>> {
        self.file.as_ref().map_or(Ok(Vec::new()), |file| files::read_list(file, parse))
    }
}

/// Returns the normalized form of an address, under which the server is listed.
fn key(server: &ServerAddress) -> String {
    let (host, port) = (server.host(), server.port());
    match host.parse::<IpAddr>() {
        Ok(IpAddr::V6(address)) => format!("[{address}]:{port}"),
        Ok(address) => format!("{address}:{port}"),
        // A link-local address with its zone.
        Err(_) if host.contains(':') => format!("[{host}]:{port}"),
        Err(_) => format!("{}:{port}", host.to_lowercase()),
    }
}

fn parse(line: &str) -> Result<Entry, String> {
    let usage = || "write «<host>:<port> key SHA256:<fingerprint>» or «<host>:<port> vouched»".to_owned();
    let (server, pin) = line.split_once(' ').ok_or_else(usage)?;
    let server = server.parse::<ServerAddress>().map_err(|why| why.to_string())?;
    let pin = pin.trim();
    let pin = match pin.strip_prefix("key ").map(str::trim_start) {
        Some(key) if is_fingerprint(key) => Pin::Key(key.to_ascii_uppercase()),
        None if is_fingerprint(pin) => Pin::Certificate(pin.to_ascii_uppercase()),
        None if pin == "vouched" => Pin::SystemRoots,
        _ => return Err(usage()),
    };
    Ok((key(&server), pin))
}

/// Returns whether a text is `SHA256` followed by 32 bytes, each a colon and two hexadecimal digits.
fn is_fingerprint(text: &str) -> bool {
    let is_byte = |part: &str| part.len() == 2 && part.bytes().all(|byte| byte.is_ascii_hexdigit());
    let mut parts = text.split(':');
    parts.next() == Some("SHA256") && parts.clone().count() == 32 && parts.all(is_byte)
}

#[cfg(test)]
#[cfg(not(loom))]
mod tests {
    use std::fs;

    use tempfile::TempDir;

    use super::*;

    fn server(text: &str) -> ServerAddress {
        text.parse().unwrap()
    }

    fn by(byte: &str) -> Pin {
        Pin::Key("SHA256".to_owned() + &format!(":{byte}").repeat(32))
    }

    /// A file in a folder that is not there yet, in a folder that is removed when this is dropped.
    struct File {
        path: PathBuf,
        _folder: TempDir,
    }

    impl File {
        fn new() -> File {
            let folder = tempfile::tempdir().unwrap();
            File { path: folder.path().join("data").join("known_servers"), _folder: folder }
        }

        fn list(&self) -> KnownServers {
            KnownServers::in_file(Some(self.path.clone()))
        }
    }

    #[test]
    fn what_one_window_has_learnt_holds_for_all_others_and_for_the_next_time() {
        let file = File::new();
        let (one, other) = (file.list(), file.list());
        assert_eq!(one.find(&server("host")).unwrap(), None);
        one.remember(&server("host"), by("0A")).unwrap();
        assert_eq!(other.find(&server("host")).unwrap(), Some(by("0A")));
        other.remember(&server("host:7000"), Pin::SystemRoots).unwrap();
        other.remember(&server("host"), by("0B")).unwrap();
        assert_eq!(one.find(&server("host")).unwrap(), Some(by("0B")));
        assert_eq!(file.list().find(&server("host:7000")).unwrap(), Some(Pin::SystemRoots));
        let text = fs::read_to_string(&file.path).unwrap();
        let lines: Vec<_> = text.lines().filter(|line| !line.starts_with('#')).collect();
        assert_eq!(lines, ["host:7000 vouched", &format!("host:5555 {}", by("0B"))]);
    }

    #[test]
    fn a_list_of_an_earlier_version_is_understood_and_kept_until_something_better_is_known() {
        let file = File::new();
        fs::create_dir_all(file.path.parent().unwrap()).unwrap();
        let certificate = "SHA256".to_owned() + &":0A".repeat(32);
        fs::write(&file.path, format!("host:5555 {certificate}\n")).unwrap();
        let list = file.list();
        let known = Some(Pin::Certificate(certificate));
        assert_eq!(list.find(&server("host")).unwrap(), known);
        list.remember(&server("elsewhere"), Pin::SystemRoots).unwrap();
        assert_eq!(list.find(&server("host")).unwrap(), known);
        list.remember(&server("host"), by("0B")).unwrap();
        assert_eq!(list.find(&server("host")).unwrap(), Some(by("0B")));
    }

    #[test]
    fn a_server_is_known_however_its_address_is_written() {
        let list = KnownServers::default();
        list.remember(&server("Chat.Example"), Pin::SystemRoots).unwrap();
        list.remember(&server("[2001:DB8:0::7]:80"), by("FF")).unwrap();
        assert_eq!(list.find(&server("chat.example:5555")).unwrap(), Some(Pin::SystemRoots));
        assert_eq!(list.find(&server("[2001:db8::7]:80")).unwrap(), Some(by("FF")));
        assert_eq!(list.find(&server("chat.example:5556")).unwrap(), None, "another port is another server");
        let file = File::new();
        file.list().remember(&server("fe80::1%eth0"), Pin::SystemRoots).unwrap();
        assert_eq!(file.list().find(&server("multichat://[fe80::1%25eth0]")).unwrap(), Some(Pin::SystemRoots));
        assert_eq!(file.list().find(&server("fe80::1%eth1")).unwrap(), None, "another network has another server");
    }

    #[test]
    fn what_cannot_be_written_holds_until_the_end_of_the_program() {
        let file = File::new();
        // A file where a folder would have to be.
        fs::create_dir_all(file.path.parent().unwrap().parent().unwrap()).unwrap();
        fs::write(file.path.parent().unwrap(), "").unwrap();
        let list = file.list();
        assert!(list.remember(&server("host"), by("0A")).is_err());
        assert_eq!(list.find(&server("host")).unwrap(), Some(by("0A")));
        // It is possible again, and any look at the list will do.
        fs::remove_file(file.path.parent().unwrap()).unwrap();
        assert_eq!(list.find(&server("elsewhere")).unwrap(), None);
        assert_eq!(file.list().find(&server("host")).unwrap(), Some(by("0A")));
    }

    #[test]
    fn a_list_that_cannot_be_understood_is_no_empty_list_and_is_left_alone() {
        let file = File::new();
        fs::create_dir_all(file.path.parent().unwrap()).unwrap();
        for line in [
            "host",
            "host SHA256:0A",
            "host key SHA256:0A",
            "host key vouched",
            "host:x vouched",
            &format!("host MD5{}", ":0A".repeat(32)),
        ] {
            let text = format!("# mine\n{line}\n");
            fs::write(&file.path, &text).unwrap();
            let error = file.list().find(&server("elsewhere")).unwrap_err().to_string();
            assert!(error.starts_with("line 2: "), "{line}: {error}");
            assert!(file.list().remember(&server("elsewhere"), Pin::SystemRoots).is_err(), "{line}");
            assert_eq!(fs::read_to_string(&file.path).unwrap(), text);
        }
    }
}
