//! The servers that announce themselves on the local network, as rows that the user can choose from. Pure; used on the UI thread,
//! which gets the announcements from the thread `discover`.
//!
//! While the list is *held* (the mouse is over it, or the keyboard in it), every row stays where it is and what it is: a server that
//! has gone or changed leaves a row that cannot be chosen, and a new one comes below all others. Nobody presses on one row and gets
//! another.

use crate::discovery::HeardServer;
use crate::protocol::name_key::NameKey;

/// Maximum number of rows. Servers that come and go under the mouse leave rows behind.
const ROWS_MAX: usize = 100;

/// A row of the list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FoundRow {
    /// The server.
    pub server: HeardServer,
    /// It is not there any more, or not as the row says.
    pub is_gone: bool,
}

/// The rows, the server that was heard first at the top.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FoundServers {
    rows: Vec<FoundRow>,
}

impl FoundServers {
    /// Takes the servers that are there now.
    pub fn hear(&mut self, servers: Vec<HeardServer>, is_held: bool) {
        for row in &mut self.rows {
            row.is_gone = !servers.contains(&row.server);
        }
        for server in servers {
            let same = |row: &&mut FoundRow| row.server.id == server.id && !is_held;
            if self.rows.iter().any(|row| row.server == server) {
                // It has its row.
            } else if let Some(row) = self.rows.iter_mut().find(same) {
                *row = FoundRow { server, is_gone: false };
            } else if self.rows.len() < ROWS_MAX {
                self.rows.push(FoundRow { server, is_gone: false });
            }
        }
        if !is_held {
            self.release();
        }
    }

    /// Removes the rows of servers that have gone, when the list is held no longer.
    pub fn release(&mut self) {
        self.rows.retain(|row| !row.is_gone);
    }

    /// Returns whether there are rows of servers that have gone.
    pub fn has_gone(&self) -> bool {
        self.rows.iter().any(|row| row.is_gone)
    }

    /// Returns the rows.
    pub fn rows(&self) -> &[FoundRow] {
        &self.rows
    }

    /// Returns whether the name in a row could be mistaken for that of another server in the list.
    pub fn looks_like_another(&self, at: usize) -> bool {
        let Some(row) = self.rows.get(at) else { return false };
        let key = NameKey::of(&row.server.name);
        let others = self.rows.iter().filter(|other| other.server.id != row.server.id && !other.is_gone);
        others.into_iter().any(|other| key.clashes_with(&NameKey::of(&other.server.name)))
    }

    /// Returns the server in a row, unless it has gone.
    pub fn get(&self, at: usize) -> Option<&HeardServer> {
        self.rows.get(at).filter(|row| !row.is_gone).map(|row| &row.server)
    }
}

/// Returns the warning for a server that presents another key than the announcements of its address have named; `None` if none of
/// them has named another.
pub fn warning(announced: &[HeardServer], fingerprint: &str) -> Option<&'static str> {
    announced.iter().any(|server| server.contradicts(fingerprint)).then_some(
        "The announcement of this server on the network named another key. Either the announcement was false, or somebody is \
         between you and the server. Ask the person who runs it.",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn server(id: &str, address: &str) -> HeardServer {
        HeardServer {
            id: id.into(),
            name: id.into(),
            host: "pc".into(),
            address: address.parse().unwrap(),
            has_tls: false,
            key: None,
        }
    }

    fn words(found: &FoundServers) -> Vec<String> {
        let word = |row: &FoundRow| row.server.id.clone() + if row.is_gone { " gone" } else { "" };
        found.rows().iter().map(word).collect()
    }

    #[test]
    fn servers_come_below_the_others_and_go() {
        let (one, two, three) =
            (server("one", "10.0.0.1:1"), server("two", "10.0.0.2:1"), server("three", "10.0.0.3:1"));
        let mut found = FoundServers::default();
        found.hear(vec![two.clone(), three.clone()], false);
        found.hear(vec![one.clone(), two.clone(), three.clone()], false);
        assert_eq!(words(&found), ["two", "three", "one"], "the order in which they were heard");
        found.hear(vec![three, one.clone()], false);
        assert_eq!(words(&found), ["three", "one"]);
        let moved = server("one", "10.0.0.9:1");
        found.hear(vec![moved.clone()], false);
        assert_eq!((found.rows().len(), found.get(0)), (1, Some(&moved)));
    }

    #[test]
    fn under_the_mouse_every_row_stays_what_it_is() {
        let (one, two, three) =
            (server("one", "10.0.0.1:1"), server("two", "10.0.0.2:1"), server("three", "10.0.0.3:1"));
        let mut found = FoundServers::default();
        found.hear(vec![one.clone(), two.clone()], false);
        // One goes, two has another address, three comes.
        let moved = server("two", "10.0.0.66:1");
        found.hear(vec![three.clone(), moved.clone()], true);
        assert_eq!(words(&found), ["one gone", "two gone", "three", "two"]);
        assert_eq!([0, 1, 2, 3, 4].map(|at| found.get(at)), [None, None, Some(&three), Some(&moved), None]);
        found.hear(vec![one.clone(), three], true);
        assert_eq!(words(&found), ["one", "two gone", "three", "two gone"], "it is back in its place");
        assert!(found.has_gone());
        found.release();
        assert_eq!((words(&found), found.has_gone()), (vec!["one".to_owned(), "three".to_owned()], false));
        for number in 0..1000 {
            found.hear(vec![server(&number.to_string(), "10.0.0.1:1")], true);
        }
        assert_eq!(found.rows().len(), ROWS_MAX);
    }

    #[test]
    fn a_name_that_looks_like_another_is_one() {
        let mut found = FoundServers::default();
        found.hear(["Room 12", "R\u{43e}\u{43e}m 12", "Room 13"].map(|id| server(id, "10.0.0.1:1")).into(), false);
        assert_eq!([0, 1, 2, 3].map(|at| found.looks_like_another(at)), [true, true, false, false]);
    }

    #[test]
    fn a_key_in_an_announcement_can_only_warn() {
        let fingerprint = "SHA256:00:01:02:03:04:05:06:07:08:09";
        let with = |key: Option<&str>| HeardServer { key: key.map(Into::into), ..server("one", "10.0.0.1:1") };
        let (same, other) = (with(Some("00:01:02:03:04:05:06:07")), with(Some("00:01:02:03:04:05:06:08")));
        assert_eq!(warning(&[], fingerprint), None);
        assert_eq!(warning(&[with(None), same.clone()], fingerprint), None);
        assert!(warning(&[same, other], fingerprint).unwrap().contains("another key"));
    }
}
