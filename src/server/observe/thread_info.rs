//! The threads of a server at one moment, for whoever watches: who does what, for how long, and what waits because of it.
//!
//! Made from the [posts](super::activity) of the crew and from who is here, in the thread of whoever asks. It holds the crew's
//! lock while it copies the list, and no thread of the server waits for more than that.

use std::time::Duration;

use super::activity::{ActivitySlot, Task, ThreadRole, Words};
use super::snapshot::ClientInfo;
use super::threads::ThreadTracker;
use crate::protocol::Username;
use crate::server::id::ConnectionId;

/// One thread.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Thread {
    /// Its name, which a debugger shows, too (Linux cuts it after 15 bytes).
    pub name: String,
    /// Who the connection is that it is there for: the user's name, once there is one.
    pub serves: Option<Username>,
    /// What it is doing, in words.
    pub doing: String,
    /// For how long; `None` for what is over in a moment.
    pub lasted: Option<Duration>,
    /// Bytes that wait in the outbox of the connection that it is there for.
    pub backlog: Option<usize>,
}

/// Returns what each thread does at this moment: first those of the whole server, then those that wait for slow readers,
/// then those of the clients in the order of their connections. `people` are the clients that have joined, by connection,
/// as a snapshot lists them.
pub(crate) fn threads(threads: &ThreadTracker, people: &[ClientInfo]) -> Vec<Thread> {
    let mut posts = threads.posts();
    posts.sort_unstable_by(|one, other| (one.duty(), one.name()).cmp(&(other.duty(), other.name())));
    posts.iter().map(|post| Thread::at(post, people)).collect()
}

impl Thread {
    fn at(post: &ActivitySlot, people: &[ClientInfo]) -> Thread {
        let serves = match post.duty() {
            ThreadRole::All => None,
            ThreadRole::Drain(id) | ThreadRole::Client(id) => find(people, id),
        };
        let doing = post.doing();
        let id = ConnectionId(doing.number);
        let whom = match doing.task {
            Task::Committing if doing.number == 1 => "1 message".to_owned(),
            Task::Committing => format!("{} messages", doing.number),
            _ if doing.number == 0 => "a connection".to_owned(),
            _ => find(people, id).map_or_else(|| id.to_string(), |person| person.name.to_string()),
        };
        Thread {
            name: post.name().to_owned(),
            serves: serves.map(|person| person.name.clone()),
            doing: Words(doing.task, &whom).to_string(),
            lasted: doing.lasted,
            backlog: serves.map(|person| person.backlog),
        }
    }
}

fn find(people: &[ClientInfo], id: ConnectionId) -> Option<&ClientInfo> {
    people.binary_search_by_key(&id, |person| person.id).ok().map(|at| &people[at])
}
