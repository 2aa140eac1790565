//! Everything that the server keeps on disk: messages, registered names, bans.
//!
//! | file | owns |
//! | --- | --- |
//! | `sqlite.rs` | opening a database file safely: locks, migrations, damage |
//! | `history/` | the messages of the room |
//! | `members/` | registered names and the hashes of their passwords |
//! | `bans.rs` | the list of bans, a text file |
//!
//! Every call may wait for a disk, so no lock of the registry or of an outbox is held across one. The exception is the
//! [`Ring`](history::Ring) of recent messages, which is memory and lies under the registry's lock.

pub(crate) mod bans;
#[cfg_attr(feature = "storage", path = "storage/history/enabled.rs")]
#[cfg_attr(not(feature = "storage"), path = "storage/history/disabled.rs")]
pub(crate) mod history;
#[cfg_attr(feature = "storage", path = "storage/members/enabled.rs")]
#[cfg_attr(not(feature = "storage"), path = "storage/members/disabled.rs")]
pub(crate) mod members;
pub(crate) mod message;
#[cfg(feature = "storage")]
pub(crate) mod sqlite;
