//! The server that the worker runs, with the channel of its updates. Owned by the worker's thread.

use std::time::Instant;

use crossbeam_channel::Sender;

use super::THREAD_NAME;
use super::watching::Watching;
use crate::monitor::messages::{Interface, Update};
use crate::options::{Key, Options};
use crate::server::{Ban, Member, Password, Server, ThreadInfo};

/// A running server, the channel of its updates, and what the window already has.
pub(super) struct RunningServer {
    pub(super) server: Server,
    pub(super) updates: Sender<Update>,
    pub(super) sent: Sent,
    /// The options at the start.
    pub(super) started_with: Options,
    /// Options that the server could not change while it runs.
    pub(super) waiting: Vec<Key>,
}

/// The lists and values that were last sent to the window. Each is sent again only when it has changed.
#[derive(Default)]
pub(super) struct Sent {
    pub(super) bans: Vec<Ban>,
    pub(super) members: Vec<Member>,
    /// The room's password.
    pub(super) password: Option<Password>,
    /// The addresses of this computer.
    pub(super) interfaces: Option<Vec<Interface>>,
    /// Time of the next look at the addresses; at once if `None`.
    pub(super) next_look: Option<Instant>,
}

impl RunningServer {
    pub(super) fn new(server: Server, updates: Sender<Update>, started_with: Options) -> RunningServer {
        RunningServer { server, updates, sent: Sent::default(), started_with, waiting: Vec::new() }
    }

    /// Sends the state at this moment.
    pub(super) fn send_update(&self, watching: &mut Watching) {
        // If the window has not taken the last update it gets no new one, and the registry is left alone.
        if self.updates.is_full() {
            return;
        }
        let snapshot = self.server.snapshot();
        let mut threads = Vec::new();
        if watching.watched().threads {
            // Two threads that are not the server's, but belong to the picture.
            threads.extend([
                window_thread("main", "running this window"),
                window_thread(THREAD_NAME, "looking at the server"),
            ]);
            threads.extend(self.server.threads(&snapshot.people));
        }
        let chat = watching.chat_news(&self.server);
        let _ = self.updates.try_send(Update { snapshot, announced: self.server.announced(), threads, chat });
    }
}

/// Returns a row of the thread list for a thread that the server does not track.
fn window_thread(name: &str, doing: &str) -> ThreadInfo {
    ThreadInfo { name: name.into(), serves: None, doing: doing.into(), lasted: None, backlog: None }
}
