//! The guard of a joined client: dropping it is the one way to leave, by return or by panic.

use std::sync::Arc;
use std::thread;

use crate::server::context::ServerContext;
use crate::server::delivery::PendingWrites;
use crate::server::delivery::client::Client;
use crate::server::observe::activity::{self, Task};
use crate::server::observe::event::{DisconnectReason, EventKind};

/// A client that the registry lists. Owned by the client's own thread.
pub(crate) struct JoinGuard {
    pub(super) context: Arc<ServerContext>,
    pub(super) client: Arc<Client>,
    /// The reason that the client's own thread has seen. One that another thread has set in the client takes precedence.
    pub(super) why: DisconnectReason,
}

impl JoinGuard {
    /// Makes the guard of a client that has just joined the registry.
    pub(crate) fn new(context: Arc<ServerContext>, client: Arc<Client>) -> JoinGuard {
        JoinGuard { context, client, why: DisconnectReason::Closed }
    }
}

impl Drop for JoinGuard {
    fn drop(&mut self) {
        activity::set_for(Task::Leaving, self.client.id);
        let mut writes = PendingWrites::new(&self.context.writers);
        // By id: the name may belong to another connection by now.
        self.context.registry.leave(&self.client, &mut writes);
        // Bytes that wait for the client itself (the answer to its last PING, say) are still written; then its socket
        // is shut.
        writes.finish(&self.client);
        let why = match self.client.disconnect_reason() {
            _ if thread::panicking() => DisconnectReason::Panicked,
            // The thread that disconnected the client knows why; this one has only seen an end of file.
            Some(by_server) => by_server.clone(),
            None => self.why.clone(),
        };
        self.context.count_disconnect(&why);
        let Client { id, name, addr, .. } = &*self.client;
        self.context.events().report(EventKind::Left { id: *id, name: name.clone(), addr: *addr, why });
        // Last, since it writes to every other client.
        self.context.registry.flush_updates(&mut writes);
    }
}
