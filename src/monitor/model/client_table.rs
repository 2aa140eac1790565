//! The rows of the client table: the clients of the last snapshot, their order, and the marked one.
//!
//! It keeps the clients as the snapshot had them and formats a cell only on request. A window that draws thirty rows thus
//! pays for thirty, however many clients there are. Main thread; the columns are in
//! [`client_columns`](super::client_columns).

use std::net::IpAddr;

use super::client_columns::{Cell, Column, Health};
use super::confirm::Subject;
use super::sorting::Sorting;
use crate::server::ClientInfo;
use crate::server::id::ConnectionId;
use crate::server::network::Network;

/// The clients in the requested order, and at most one mark.
#[derive(Debug, Default)]
pub struct Table {
    clients: Vec<ClientInfo>,
    sorting: Sorting,
    /// A connection and not a row, because rows move when a client leaves.
    marked: Option<ConnectionId>,
}

impl Table {
    /// Returns the number of clients.
    pub fn len(&self) -> usize {
        self.clients.len()
    }

    /// Returns true if there are no clients.
    pub fn is_empty(&self) -> bool {
        self.clients.is_empty()
    }

    /// Returns the content of a cell, or `None` if there is no such row.
    pub fn cell(&self, row: usize, column: Column) -> Option<Cell> {
        self.clients.get(row).map(|client| column.cell(client))
    }

    /// Returns the health of the client in `row`.
    pub fn health(&self, row: usize) -> Health {
        self.clients.get(row).map_or(Health::Fine, Health::of)
    }

    /// Returns the number of clients that do not keep up.
    pub fn not_keeping_up(&self) -> usize {
        self.clients.iter().filter(|client| Health::of(client) != Health::Fine).count()
    }

    /// Returns the row of the marked client, if it is still connected.
    pub fn marked(&self) -> Option<usize> {
        let id = self.marked?;
        self.clients.iter().position(|client| client.id == id)
    }

    /// Returns the marked client as the subject of a question.
    pub fn subject(&self) -> Option<Subject> {
        let client = self.clients.iter().find(|client| Some(client.id) == self.marked)?;
        Some(Subject { id: client.id, name: client.name.clone(), address: client.addr.ip() })
    }

    /// Returns the number of clients that a ban of this address would disconnect.
    pub fn count_on_network(&self, address: IpAddr) -> usize {
        let network = Network::of(address);
        self.clients.iter().filter(|client| Network::of(client.addr.ip()) == network).count()
    }

    /// Returns true if the client in `row` is the marked one.
    pub fn is_marked(&self, row: usize) -> bool {
        self.marked.is_some() && self.clients.get(row).map(|client| client.id) == self.marked
    }

    /// Marks the client in `row`. The mark follows the client when rows move. A row beyond the last means the last.
    pub(super) fn mark(&mut self, row: usize) {
        self.marked = self.clients.get(row).or(self.clients.last()).map(|client| client.id);
    }

    /// Returns the order of the rows.
    pub fn sorting(&self) -> Sorting {
        self.sorting
    }

    /// Sorts the rows.
    pub(super) fn sort(&mut self, sorting: Sorting) {
        self.sorting = sorting;
        sorting.sort(&mut self.clients);
    }

    /// Removes all clients, because the server has stopped. The requested order stays.
    pub(super) fn clear(&mut self) {
        self.clients.clear();
        self.marked = None;
    }

    /// Replaces the clients by those of a snapshot. Returns true if the table looks different now.
    pub(super) fn set(&mut self, mut clients: Vec<ClientInfo>) -> bool {
        self.sorting.sort(&mut clients);
        let changed = self.clients.len() != clients.len()
            || self.clients.iter().zip(&clients).any(|(old, new)| figures(old) != figures(new));
        self.clients = clients;
        changed
    }
}

/// Returns the shown values that can change while a client is connected.
fn figures(client: &ClientInfo) -> impl PartialEq {
    let stalled = client.stalled.map(|stalled| stalled.as_secs());
    (client.id, client.messages, client.bytes_in, client.bytes_out, client.backlog, stalled)
}
