//! The server's announcement on the local network: whether there is one, and under which name.
//!
//! The thread that starts, changes or stops the server calls this. The thread `announce` waits for the name, which the network
//! settles: another server may have the same one already.

use std::sync::Arc;
use std::thread::JoinHandle;

use super::context::ServerContext;
use super::observe::activity::{self, ANNOUNCE, Task};
use super::observe::event::EventKind;
use crate::discovery::{Announcement, Announcer};
use crate::sync::{Mutex, lock};

/// The announcement of a running server, or none. Locked while one takes the place of another. Lock order: this, then its `name`.
#[derive(Debug, Default)]
pub(crate) struct ServerAnnouncement(Mutex<Option<Running>>);

#[derive(Debug)]
struct Running {
    about: Announcement,
    announcer: Announcer,
    thread: JoinHandle<()>,
    /// The name under which the server is announced now. The thread `announce` sets it.
    name: Arc<Mutex<Option<String>>>,
}

impl ServerAnnouncement {
    /// Announces this instead of what was announced before, or nothing. Waits for the goodbye of the last one: half a second at
    /// the most.
    pub(crate) fn change(&self, wanted: Option<Announcement>, context: &ServerContext) {
        let wanted = wanted.filter(|about| about.reachable().is_some());
        let mut running = lock(&self.0);
        if running.as_ref().map(|running| &running.about) == wanted.as_ref() {
            return;
        }
        end(running.take());
        let Some(about) = wanted else { return };
        match start(about, context) {
            Ok(started) => *running = started,
            Err(why) => context.events().report(EventKind::NotAnnounced { why }),
        }
    }

    /// Withdraws the announcement, so that clients take the server off their lists.
    pub(crate) fn withdraw(&self) {
        let running = lock(&self.0).take();
        end(running);
    }

    /// Returns the name under which the server is announced now; `None` while it is not.
    pub(crate) fn name(&self) -> Option<String> {
        lock(&self.0).as_ref().and_then(|running| lock(&running.name).clone())
    }
}

/// Begins an announcement. Returns nothing if there is nobody to read it.
fn start(about: Announcement, context: &ServerContext) -> Result<Option<Running>, String> {
    let Some((announcer, names)) = Announcer::start(&about)? else { return Ok(None) };
    let (events, name) = (context.events().clone(), Arc::<Mutex<Option<String>>>::default());
    let own = name.clone();
    let listen = move || {
        activity::set(Task::Announcing);
        for name in names {
            match name {
                // It comes for each interface.
                Ok(name) if lock(&own).as_ref() == Some(&name) => {}
                Ok(name) => {
                    *lock(&own) = Some(name.clone());
                    events.report(EventKind::Announced { name });
                }
                Err(why) => events.report(EventKind::NotAnnounced { why }),
            }
        }
        *lock(&own) = None;
    };
    match context.writers.threads.spawn_apart(ANNOUNCE, listen) {
        Ok(thread) => Ok(Some(Running { about, announcer, thread, name })),
        Err(error) => {
            announcer.withdraw();
            Err(error.to_string())
        }
    }
}

/// Ends an announcement. Its names end with it, unless the thread behind them is too busy to end.
fn end(running: Option<Running>) {
    if let Some(Running { announcer, thread, .. }) = running
        && announcer.withdraw()
    {
        let _ = thread.join();
    }
}
