//! The list of clients: its columns, and their health. Adding a column begins here.
//!
//! A column of new data also needs a field in `server/observe/snapshot.rs`, which `server/delivery/client.rs` fills. Main
//! thread.

use std::net::IpAddr;
use std::time::{Duration, SystemTime};

use super::confirm::Subject;
use super::list::{Column, List, Listed, Look, sort_by};
use crate::monitor::units;
use crate::protocol::escape::escape;
use crate::server::ClientInfo;
use crate::server::id::ConnectionId;
use crate::server::network::Network;
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
        .sorted(|clients, descending| by(clients, descending, |client| client.name.as_str().to_lowercase())),
        Column::<Self>::text("Address", (150, 2), |client, _| (client.addr.to_string(), Look::Muted))
            .sorted(|clients, descending| by(clients, descending, address)),
        Column::<Self>::text("TLS", (58, 0), |client, _| {
            (if client.encrypted { "yes" } else { "no" }.to_owned(), Look::Muted)
        })
        .sorted(|clients, descending| by(clients, descending, |client| client.encrypted)),
        Column::<Self>::text("Since", (80, 0), |client, clock| {
            (clock.day_or_time(client.since, SystemTime::now()), Look::Muted)
        })
        // By connection id, which is the order of accepting: close to that of joining, and no two are equal.
        .sorted(|clients, descending| by(clients, descending, |client| client.id)),
        Column::<Self>::number("Messages", (90, 1), |client, _| (units::count(client.messages), Look::Plain))
            .sorted(|clients, descending| by(clients, descending, |client| client.messages)),
        Column::<Self>::number("In", (74, 1), |client, _| (units::bytes(client.bytes_in), Look::Plain))
            .sorted(|clients, descending| by(clients, descending, |client| client.bytes_in)),
        Column::<Self>::number("Out", (74, 1), |client, _| (units::bytes(client.bytes_out), Look::Plain))
            .sorted(|clients, descending| by(clients, descending, |client| client.bytes_out)),
        Column::<Self>::number("Waiting", (146, 1), |client, _| {
            (waiting(client), Health::of(client).look(Look::Muted))
        })
        // The client whose socket has been stalled longest is furthest behind.
        .sorted(|clients, descending| by(clients, descending, |client| (client.stalled, client.backlog))),
    ];

    /// In the order of joining.
    const SORTING: Sorting = Sorting { column: Some(3), descending: false };

    fn key(&self) -> ConnectionId {
        self.id
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
    /// Returns the number of clients that do not keep up.
    pub fn not_keeping_up(&self) -> usize {
        self.iter().filter(|client| Health::of(client) != Health::Fine).count()
    }

    /// Returns the marked client as the subject of a question.
    pub fn subject(&self) -> Option<Subject> {
        let client = self.marked()?;
        Some(Subject { id: client.id, name: client.name.clone(), address: client.addr.ip() })
    }

    /// Returns the number of clients that a ban of this address would disconnect.
    pub fn count_on_network(&self, address: IpAddr) -> usize {
        let network = Network::of(address);
        self.iter().filter(|client| Network::of(client.addr.ip()) == network).count()
    }
}

fn address(client: &ClientInfo) -> (IpAddr, u16) {
    (client.addr.ip().to_canonical(), client.addr.port())
}

/// Sorts clients. Those with equal cells stay in the order of their connection ids, which is that of accepting, in both
/// directions.
fn by<K: Ord>(clients: &mut [ClientInfo], descending: bool, key: impl Fn(&ClientInfo) -> K) {
    clients.sort_unstable_by_key(|client| client.id);
    sort_by(clients, descending, key);
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
