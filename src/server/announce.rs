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

/// The announcement of a running server.
#[derive(Debug, Default)]
pub(crate) struct ServerAnnouncement {
    running: Mutex<Option<Running>>,
    /// The name under which the server is announced now. The thread `announce` sets it.
    name: Arc<Mutex<Option<String>>>,
}

#[derive(Debug)]
struct Running {
    about: Announcement,
    announcer: Announcer,
    thread: JoinHandle<()>,
}

impl ServerAnnouncement {
    /// Announces this instead of what was announced before, or nothing. Waits for the goodbye of the last one: half a second at
    /// the most.
    pub(crate) fn change(&self, wanted: Option<Announcement>, context: &ServerContext) {
        let wanted = wanted.filter(|about| about.reachable().is_some());
        let mut running = lock(&self.running);
        if running.as_ref().map(|running| &running.about) == wanted.as_ref() {
            return;
        }
        self.end(running.take());
        let Some(about) = wanted else { return };
        match self.start(about, context) {
            Ok(started) => *running = started,
            Err(why) => context.events().report(EventKind::NotAnnounced { why }),
        }
    }

    fn start(&self, about: Announcement, context: &ServerContext) -> Result<Option<Running>, String> {
        let Some((announcer, names)) = Announcer::start(&about)? else { return Ok(None) };
        let (events, own) = (context.events().clone(), self.name.clone());
        let waited_for = move || {
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
        };
        let thread = context.writers.threads.spawn_apart(ANNOUNCE, waited_for).map_err(|error| error.to_string())?;
        Ok(Some(Running { about, announcer, thread }))
    }

    /// Withdraws the announcement, so that clients take the server off their lists.
    pub(crate) fn withdraw(&self) {
        let running = lock(&self.running).take();
        self.end(running);
    }

    fn end(&self, running: Option<Running>) {
        if let Some(Running { announcer, thread, .. }) = running {
            // Its names end with it, unless its thread is too busy to end.
            let ends = announcer.withdraw();
            if ends {
                let _ = thread.join();
            }
            *lock(&self.name) = None;
        }
    }

    /// Returns the name under which the server is announced now; `None` while it is not.
    pub(crate) fn name(&self) -> Option<String> {
        lock(&self.name).clone()
    }
}
