//! The list of clients: its columns, its filter, and their health. Adding a column begins here.
//!
//! A column of new data also needs a field in `server/observe/snapshot.rs`, which `server/delivery/client.rs` fills. Main
//! thread.

use std::net::IpAddr;
use std::time::{Duration, SystemTime};

use super::confirm::Subject;
use super::list::{Column, List, Listed, Look};
use crate::monitor::units;
use crate::protocol::escape::escape;
use crate::server::ClientInfo;
use crate::server::id::ConnectionId;
use crate::sorting::Sorting;

/// Queued bytes from which a client counts as behind. Fewer are a burst that is just being written.
const BEHIND: usize = 64 << 10;

/// Time without progress from which a client's socket counts as stalled.
const STALLED: Duration = Duration::from_secs(1);

impl Listed for ClientInfo {
    type Key = ConnectionId;

    const COLUMNS: &'static [Column<ClientInfo>] = &[
        Column::<Self>::text("Name", (106, 5), |client, _| {
            (escape(client.name.as_str()).into_owned(), Health::of(client).look(Look::Plain))
        })
        // Case is ignored, so that Ann stands beside ann.
        .sorted(|one, other| one.name.folded().cmp(other.name.folded())),
        Column::<Self>::text("Address", (138, 2), |client, _| (client.addr.to_string(), Look::Muted))
            .sorted(|one, other| address(one).cmp(&address(other))),
        Column::<Self>::text("TLS", (46, 0), |client, _| {
            (if client.encrypted { "yes" } else { "no" }.to_owned(), Look::Muted)
        })
        .sorted(|one, other| one.encrypted.cmp(&other.encrypted)),
        Column::<Self>::text("Since", (76, 0), |client, clock| {
            (clock.day_or_time(client.since, SystemTime::now()), Look::Muted)
        })
        // By connection id, which is the order of accepting: close to that of joining, and no two are equal.
        .sorted(|one, other| one.id.cmp(&other.id)),
        Column::<Self>::number("Messages", (86, 1), |client, _| (units::count(client.messages), Look::Plain))
            .sorted(|one, other| one.messages.cmp(&other.messages)),
        Column::<Self>::number("In", (70, 1), |client, _| (units::bytes(client.bytes_in), Look::Plain))
            .sorted(|one, other| one.bytes_in.cmp(&other.bytes_in)),
        Column::<Self>::number("Out", (70, 1), |client, _| (units::bytes(client.bytes_out), Look::Plain))
            .sorted(|one, other| one.bytes_out.cmp(&other.bytes_out)),
        Column::<Self>::number("Waiting", (146, 1), |client, _| {
            (waiting(client), Health::of(client).look(Look::Muted))
        })
        // The client whose socket has been stalled longest is furthest behind.
        .sorted(|one, other| (one.stalled, one.backlog).cmp(&(other.stalled, other.backlog))),
    ];

    const HIDES_COLUMNS: bool = true;

    /// In the order of joining.
    const SORTING: Sorting = Sorting { column: Some(3), descending: false };

    fn key(&self) -> ConnectionId {
        self.id
    }

    fn has(&self, words: &str) -> bool {
        self.name.as_str().to_lowercase().contains(words) || self.addr.to_string().contains(words)
    }

    fn looks_like(&self, other: &ClientInfo) -> bool {
        // What can change while a client is connected.
        let figures = |client: &ClientInfo| {
            let stalled = client.stalled.map(|stalled| stalled.as_secs());
            (client.id, client.messages, client.bytes_in, client.bytes_out, client.backlog, stalled)
        };
        figures(self) == figures(other)
    }
}

/// A client's ability to keep up with what it is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Health {
    /// The client keeps up.
    Fine,
    /// At least 64 KiB are queued for the client.
    Behind,
    /// The client's socket has accepted no bytes for a second or longer.
    Stalled,
}

impl Health {
    /// Returns the health of a client.
    pub(super) fn of(client: &ClientInfo) -> Health {
        if client.stalled.is_some_and(|stalled| stalled >= STALLED) {
            Health::Stalled
        } else if client.backlog >= BEHIND {
            Health::Behind
        } else {
            Health::Fine
        }
    }

    /// Returns the look of a cell that shows the health.
    fn look(self, fine: Look) -> Look {
        match self {
            Health::Fine => fine,
            Health::Behind => Look::Warn,
            Health::Stalled => Look::Error,
        }
    }
}

impl List<ClientInfo> {
    /// Marks the client with this name and no other.
    ///
    /// # Errors
    /// It is not here, or the filter hides it: a sentence for the operator.
    pub fn mark_named(&mut self, name: &str) -> Result<(), String> {
        let row = self.iter().position(|client| client.name.as_str() == name);
        let is_hidden = || self.all().iter().any(|client| client.name.as_str() == name);
        let shown = escape(name);
        match row {
            Some(row) => {
                self.mark(row);
                Ok(())
            }
            None if is_hidden() => Err(format!("{shown} is hidden by the filter: clear it first")),
            None => Err(format!("{shown} is not here any more")),
        }
    }

    /// Returns the number of clients that do not keep up.
    pub fn not_keeping_up(&self) -> usize {
        self.all().iter().filter(|client| Health::of(client) != Health::Fine).count()
    }

    /// Returns the marked clients as the subjects of a question, in their order.
    pub fn subjects(&self) -> Vec<Subject> {
        self.all_marked().map(Subject::of).collect()
    }

    /// Returns the marked client as a subject, if exactly one is marked.
    pub fn subject(&self) -> Option<Subject> {
        self.marked().map(Subject::of)
    }

    /// Returns the number of clients with such an address, marked or not.
    pub fn count(&self, is_hit: impl Fn(IpAddr) -> bool) -> usize {
        self.all().iter().filter(|client| is_hit(client.addr.ip())).count()
    }

    /// Returns a line about the filter and the marks: `3 of 200, 2 selected`. Empty if there is nothing to say.
    pub fn summary(&self) -> String {
        let shown = format!("{} of {}", units::count(self.len() as u64), units::count(self.all().len() as u64));
        let marked = self.marked_rows().len();
        let parts = [(self.is_filtered(), shown), (marked > 1, format!("{} selected", units::count(marked as u64)))];
        parts.into_iter().filter(|(applies, _)| *applies).map(|(_, part)| part).collect::<Vec<_>>().join(", ")
    }
}

fn address(client: &ClientInfo) -> (IpAddr, u16) {
    (client.addr.ip().to_canonical(), client.addr.port())
}

/// Returns the text of the column "Waiting".
fn waiting(client: &ClientInfo) -> String {
    let backlog = units::bytes(client.backlog as u64);
    match (Health::of(client), client.stalled) {
        (Health::Stalled, Some(stalled)) => format!("stalled {}, {backlog}", units::duration(stalled)),
        (Health::Behind, _) => format!("behind {backlog}"),
        _ => backlog,
    }
}
