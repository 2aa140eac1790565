//! The table of clients: who is here, and what each cell says.
//!
//! It keeps the people of the last snapshot as they came, and puts a cell into words only when it is asked for one. A
//! window that draws thirty rows thus pays for thirty, however many there are.

use std::net::IpAddr;
use std::time::{Duration, SystemTime};

use super::confirm::Subject;
use super::sorting::Sorting;
use super::units;
use crate::protocol::escape::escape;
use crate::server::ClientInfo;
use crate::server::id::ConnectionId;
use crate::server::network::Network;

/// Bytes that may wait for a client before the table calls it behind: a burst that is being written is no news.
const BEHIND: usize = 64 << 10;

/// For how long a socket may take nothing before the table calls it stalled.
const STALLED: Duration = Duration::from_secs(1);

/// The columns, in their order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Column {
    /// The client's name.
    Name,
    /// From where it comes.
    Address,
    /// Whether it speaks TLS.
    Tls,
    /// When it joined.
    Since,
    /// How many messages it sent.
    Messages,
    /// How much was read from it.
    In,
    /// How much was written to it.
    Out,
    /// How much waits to be written to it, and for how long its socket has taken nothing.
    Waiting,
}

/// What a cell says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cell {
    /// These words.
    Text(String),
    /// This moment, in whatever way the window shows moments.
    Moment(SystemTime),
}

impl Cell {
    /// Its words, if it is words.
    pub fn into_text(self) -> Option<String> {
        match self {
            Cell::Text(text) => Some(text),
            Cell::Moment(_) => None,
        }
    }
}

/// How well a client keeps up with what it is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Health {
    /// It does.
    Fine,
    /// Much waits for it.
    Behind,
    /// Its socket takes nothing any more.
    Stalled,
}

/// The clients, in the order that was asked for, one of whom may be marked.
#[derive(Debug, Default)]
pub struct Table {
    people: Vec<ClientInfo>,
    sorting: Sorting,
    /// By connection and not by row: the rows move when somebody leaves.
    marked: Option<ConnectionId>,
}

impl Column {
    /// Every column, in its order.
    pub const ALL: [Column; 8] = [
        Column::Name,
        Column::Address,
        Column::Tls,
        Column::Since,
        Column::Messages,
        Column::In,
        Column::Out,
        Column::Waiting,
    ];

    /// What stands above it.
    pub fn title(self) -> &'static str {
        match self {
            Column::Name => "Name",
            Column::Address => "Address",
            Column::Tls => "TLS",
            Column::Since => "Since",
            Column::Messages => "Messages",
            Column::In => "In",
            Column::Out => "Out",
            Column::Waiting => "Waiting",
        }
    }

    /// Whether it holds numbers, which are compared best when they end on one line.
    pub fn is_numeric(self) -> bool {
        matches!(self, Column::Messages | Column::In | Column::Out | Column::Waiting)
    }
}

impl Health {
    fn of(person: &ClientInfo) -> Health {
        if person.stalled.is_some_and(|stalled| stalled >= STALLED) {
            Health::Stalled
        } else if person.backlog >= BEHIND {
            Health::Behind
        } else {
            Health::Fine
        }
    }
}

impl Table {
    /// How many people are here.
    pub fn len(&self) -> usize {
        self.people.len()
    }

    /// Whether nobody is here.
    pub fn is_empty(&self) -> bool {
        self.people.is_empty()
    }

    /// What a cell says; `None` where there is no such row.
    pub fn cell(&self, row: usize, column: Column) -> Option<Cell> {
        let person = self.people.get(row)?;
        Some(Cell::Text(match column {
            Column::Name => escape(person.name.as_str()).into_owned(),
            Column::Address => person.addr.to_string(),
            Column::Tls => if person.encrypted { "yes" } else { "no" }.to_owned(),
            Column::Since => return Some(Cell::Moment(person.since)),
            Column::Messages => units::count(person.messages),
            Column::In => units::bytes(person.bytes_in),
            Column::Out => units::bytes(person.bytes_out),
            Column::Waiting => waiting(person),
        }))
    }

    /// How well the client in a row keeps up.
    pub fn standing(&self, row: usize) -> Health {
        self.people.get(row).map_or(Health::Fine, Health::of)
    }

    /// How many clients do not keep up.
    pub fn not_keeping_up(&self) -> usize {
        self.people.iter().filter(|person| Health::of(person) != Health::Fine).count()
    }

    /// The row of the client that is marked, if it is still here.
    pub fn marked(&self) -> Option<usize> {
        let id = self.marked?;
        self.people.iter().position(|person| person.id == id)
    }

    /// Who is marked, to be asked about.
    pub(super) fn subject(&self) -> Option<Subject> {
        let person = self.people.iter().find(|person| Some(person.id) == self.marked)?;
        Some(Subject { id: person.id, name: person.name.clone(), address: person.addr.ip() })
    }

    /// Returns the number of people whom a ban of this address would meet.
    pub(super) fn how_many_from(&self, address: IpAddr) -> usize {
        let network = Network::of(address);
        self.people.iter().filter(|person| Network::of(person.addr.ip()) == network).count()
    }

    /// Whether the client in a row is the one that is marked.
    pub fn is_marked(&self, row: usize) -> bool {
        self.marked.is_some() && self.people.get(row).map(|person| person.id) == self.marked
    }

    /// Marks the client in a row, and follows it when rows move. A row beyond the last stands for the last.
    pub(super) fn mark(&mut self, row: usize) {
        self.marked = self.people.get(row).or(self.people.last()).map(|person| person.id);
    }

    /// In which order they are.
    pub fn sorting(&self) -> Sorting {
        self.sorting
    }

    /// Puts them into another order.
    pub(super) fn sort(&mut self, sorting: Sorting) {
        self.sorting = sorting;
        sorting.sort(&mut self.people);
    }

    /// A server has stopped: nobody is here. The order stays as it was asked for.
    pub(super) fn clear(&mut self) {
        self.people.clear();
        self.marked = None;
    }

    /// Takes the people of a snapshot; says whether the table looks different now.
    pub(super) fn set(&mut self, mut people: Vec<ClientInfo>) -> bool {
        self.sorting.sort(&mut people);
        let changed = self.people.len() != people.len()
            || self.people.iter().zip(&people).any(|(old, new)| figures(old) != figures(new));
        self.people = people;
        changed
    }
}

fn waiting(person: &ClientInfo) -> String {
    let backlog = units::bytes(person.backlog as u64);
    match (Health::of(person), person.stalled) {
        (Health::Stalled, Some(stalled)) => format!("stalled {}, {backlog}", units::duration(stalled)),
        (Health::Behind, _) => format!("behind {backlog}"),
        _ => backlog,
    }
}

/// What can change about a person while they are here, as far as it is shown.
fn figures(person: &ClientInfo) -> impl PartialEq {
    let stalled = person.stalled.map(|stalled| stalled.as_secs());
    (person.id, person.messages, person.bytes_in, person.bytes_out, person.backlog, stalled)
}
