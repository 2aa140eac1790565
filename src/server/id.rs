//! The number of a connection. A plain value, for any thread.

use std::fmt;

/// The number of a connection, counted from 1 in the life of a server and never used again.
///
/// Entries are removed by it and not by name: by the time of a late clean-up, the name may belong to another connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ConnectionId(pub(crate) u64);

impl fmt::Display for ConnectionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "#{}", self.0)
    }
}
