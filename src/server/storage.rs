//! What the server keeps on disk: messages, members, bans.
//!
//! | file | owns |
//! | --- | --- |
//! | `sqlite.rs` | opening a database file safely: locks, migrations, damage |
//! | `history/` | the messages of the room |
//! | `members/` | registered names and the hashes of their passwords |
//! | `bans.rs` | the list of bans, a text file |

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
