//! One line of a trace: its bytes, and all that is known about it. Created by the thread that read or wrote the line, and owned
//! by the window that shows it.

use std::time::SystemTime;

/// The side of the protocol that wrote a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// Written by a client, to the server.
    Client,
    /// Written by the server, to a client.
    Server,
}

/// The direction of a line, seen from this process.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// Read by this process.
    In,
    /// Written by this process.
    Out,
}

/// One line of a trace.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TraceLine {
    /// The time at which it was read or written, by the clock of this computer.
    pub at: SystemTime,
    /// The direction.
    pub direction: Direction,
    /// The side that wrote it.
    pub origin: Origin,
    /// The other end: a username, or the id of a connection that has none yet.
    pub peer: String,
    /// The name of the thread that read or wrote it.
    pub thread: String,
    /// The line without its LF, redacted, and cut if it is long.
    pub bytes: Vec<u8>,
    /// Length of the whole line in bytes.
    pub length: usize,
}
