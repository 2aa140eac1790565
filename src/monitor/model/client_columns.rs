//! The columns of the client table: the title, the text of a cell, and the sort order of each. Adding a column begins here.
//!
//! A column of new data also needs a field in `server/observe/snapshot.rs`, which `server/delivery/client.rs` fills. The
//! table's widget takes its widths and colours from `window/client_columns.rs`. Pure functions over a [`ClientInfo`],
//! called on the main thread; the column names no widget.

use std::cmp::Reverse;
use std::time::{Duration, SystemTime};

use crate::monitor::units;
use crate::protocol::escape::escape;
use crate::server::ClientInfo;

/// Queued bytes from which a client counts as behind. Fewer are a burst that is just being written.
const BEHIND: usize = 64 << 10;

/// Time without progress from which a client's socket counts as stalled.
const STALLED: Duration = Duration::from_secs(1);

words! {
    /// A column of the client table.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub enum Column {
        /// The client's name.
        Name = "Name",
        /// The client's address and port.
        Address = "Address",
        /// `yes` if the connection is encrypted.
        Tls = "TLS",
        /// Time of joining.
        Since = "Since",
        /// Number of messages received from the client.
        Messages = "Messages",
        /// Bytes read from the client.
        In = "In",
        /// Bytes written to the client.
        Out = "Out",
        /// Bytes queued for the client, and the time for which its socket has accepted none.
        Waiting = "Waiting",
    }
    /// Returns the column's heading.
    pub fn title(self) -> &'static str;
}

/// The content of a cell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cell {
    /// Text, shown as it is.
    Text(String),
    /// A moment, which the window formats in the user's time zone.
    Moment(SystemTime),
}

impl Cell {
    /// Returns the text of a text cell.
    pub fn into_text(self) -> Option<String> {
        match self {
            Cell::Text(text) => Some(text),
            Cell::Moment(_) => None,
        }
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
}

impl Column {
    /// Returns true for a column of numbers. Those are aligned at the right, where they are easiest to compare.
    pub fn is_numeric(self) -> bool {
        matches!(self, Column::Messages | Column::In | Column::Out | Column::Waiting)
    }

    /// Returns the content of this column's cell for a client.
    pub(super) fn cell(self, client: &ClientInfo) -> Cell {
        Cell::Text(match self {
            Column::Name => escape(client.name.as_str()).into_owned(),
            Column::Address => client.addr.to_string(),
            Column::Tls => if client.encrypted { "yes" } else { "no" }.to_owned(),
            Column::Since => return Cell::Moment(client.since),
            Column::Messages => units::count(client.messages),
            Column::In => units::bytes(client.bytes_in),
            Column::Out => units::bytes(client.bytes_out),
            Column::Waiting => waiting(client),
        })
    }

    /// Sorts clients by this column. Clients with equal cells stay in the order of their connection ids, which is that of
    /// accepting, in both directions.
    pub(super) fn sort(self, clients: &mut [ClientInfo], descending: bool) {
        clients.sort_unstable_by_key(|client| client.id);
        match self {
            // Case is ignored, so that Ann stands beside ann.
            Column::Name => sort_by(clients, descending, |client| client.name.as_str().to_lowercase()),
            Column::Tls => sort_by(clients, descending, |client| client.encrypted),
            Column::Address => {
                sort_by(clients, descending, |client| (client.addr.ip().to_canonical(), client.addr.port()));
            }
            // By connection id, which is the order of accepting: close to that of joining, and no two are equal.
            Column::Since => sort_by(clients, descending, |client| client.id),
            Column::Messages => sort_by(clients, descending, |client| client.messages),
            Column::In => sort_by(clients, descending, |client| client.bytes_in),
            Column::Out => sort_by(clients, descending, |client| client.bytes_out),
            // The client whose socket has been stalled longest is furthest behind.
            Column::Waiting => sort_by(clients, descending, |client| (client.stalled, client.backlog)),
        }
    }
}

/// Sorts by a key that is computed once per client, not once per comparison: there may be ten thousand clients, sorted four
/// times a second.
fn sort_by<K: Ord>(clients: &mut [ClientInfo], descending: bool, key: impl Fn(&ClientInfo) -> K) {
    if descending {
        clients.sort_by_cached_key(|client| Reverse(key(client)));
    } else {
        clients.sort_by_cached_key(key);
    }
}

/// Returns the text of the column [`Column::Waiting`].
fn waiting(client: &ClientInfo) -> String {
    let backlog = units::bytes(client.backlog as u64);
    match (Health::of(client), client.stalled) {
        (Health::Stalled, Some(stalled)) => format!("stalled {}, {backlog}", units::duration(stalled)),
        (Health::Behind, _) => format!("behind {backlog}"),
        _ => backlog,
    }
}
