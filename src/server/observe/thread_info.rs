//! The list of a server's threads at one moment: what each does, for how long, and how much waits because of it.
//!
//! Built from the [activity slots](super::activity) of the threads and the list of clients, in the thread that asks for it.
//! It takes the lock of the [`ThreadTracker`] only while it copies the list, so no thread of the server waits for longer than
//! that.

use std::time::Duration;

use super::activity::{ActivitySlot, Task, ThreadRole};
use super::snapshot::ClientInfo;
use super::threads::ThreadTracker;
use crate::protocol::Username;
use crate::server::id::ConnectionId;

/// A row of the thread list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ThreadInfo {
    /// The thread's name, which a debugger shows too (Linux cuts it after 15 bytes).
    pub name: String,
    /// The user whose connection the thread serves, once that connection has joined.
    pub serves: Option<Username>,
    /// The thread's current task, in words.
    pub doing: String,
    /// Time since the task began, or `None` for a task that is too short to be timed.
    pub lasted: Option<Duration>,
    /// Bytes queued in the outbox of the connection that the thread serves.
    pub backlog: Option<usize>,
}

/// Returns what each thread is doing: first those that serve the whole server, then the `drain` threads, then the clients'
/// threads in the order of their connections.
///
/// `people` is the list of clients of a snapshot, sorted by connection id.
pub(crate) fn threads(tracker: &ThreadTracker, people: &[ClientInfo]) -> Vec<ThreadInfo> {
    let mut slots = tracker.slots();
    slots.sort_unstable_by(|one, other| (one.role, &one.name).cmp(&(other.role, &other.name)));
    slots.iter().map(|slot| ThreadInfo::of(slot, people)).collect()
}

impl ThreadInfo {
    fn of(slot: &ActivitySlot, people: &[ClientInfo]) -> ThreadInfo {
        let serves = match slot.role {
            ThreadRole::All => None,
            ThreadRole::Drain(id) | ThreadRole::Client(id) => find(people, id),
        };
        let activity = slot.activity();
        let id = ConnectionId(activity.number);
        // The number means a connection for all tasks but one. A connection that has not joined, or has left since the
        // snapshot, has no name here and is shown by its id.
        let object = match activity.task {
            Task::Committing if activity.number == 1 => "1 message".to_owned(),
            Task::Committing => format!("{} messages", activity.number),
            _ if activity.number == 0 => "a connection".to_owned(),
            _ => find(people, id).map_or_else(|| id.to_string(), |client| client.name.to_string()),
        };
        ThreadInfo {
            name: slot.name.clone(),
            serves: serves.map(|client| client.name.clone()),
            doing: activity.task.words().replace("{}", &object),
            lasted: activity.lasted,
            backlog: serves.map(|client| client.backlog),
        }
    }
}

fn find(people: &[ClientInfo], id: ConnectionId) -> Option<&ClientInfo> {
    people.binary_search_by_key(&id, |client| client.id).ok().map(|at| &people[at])
}
