//! The shutdown of a server, which leaves nothing behind.
//!
//! The server's announcement on the local network has been withdrawn by then. The rest follows in this order, so that each step is
//! final before the next begins:
//!
//! 1. **No more connections.** Connections that have not joined read the end of file, and are rejected. The accept threads are woken
//!    and joined, and their listeners closed.
//! 2. **No more joins.** The registry is closed. Every client gets `ERR SHUTTING_DOWN` behind what still waits for it. Threads that
//!    wait for an answer from the history stop waiting, and input that was not handled yet is discarded.
//! 3. **The last lines are written,** for at most one second ([`LINGER`]).
//! 4. **Sockets that are still open are shut,** so that every thread comes out of its read or write.
//! 5. **All threads are joined.** The port can be bound again at once.
//! 6. **Files.** Bans that could not be written are tried once more. Messages that are not stored yet are committed, then the thread
//!    `history` is joined.
//!
//! The order matters. A thread that joined after step 2 would be unknown to steps 3 to 5 and keep step 5 waiting for
//! ever; a message that was relayed after step 6 would be lost; and a history that stopped before step 5 could not take
//! the last messages of the clients' threads.
//!
//! Runs in the thread that stops the server, and waits only for times with a limit: about two seconds in all. It must
//! not run in a thread of the server itself, which it would wait for.

use std::sync::atomic::Ordering;
use std::thread;
use std::time::Duration;

use super::connect::accept::AcceptThread;
use super::connect::listener;
use super::context::ServerContext;
use super::delivery::PendingWrites;
use super::delivery::linger::LINGER;
use super::observe::event::{EventKind, SHUTTING_DOWN};
use crate::protocol::ErrorCode;

/// Stops a server; see the [module](self). To be called once.
pub(crate) fn run(context: &ServerContext, accept: Vec<AcceptThread>) {
    let ServerContext { registry, writers, .. } = context;
    context.events().report(EventKind::Stopping(registry.len()));

    // 1. No more connections.
    context.limits.begin_shutdown();
    if let Some(members) = &context.members {
        members.close();
    }
    context.rejections.close();
    for thread in accept {
        wake(&thread);
        // A panic of it was reported; there is nothing left of that thread to stop.
        let _ = thread.handle.join();
    }

    // 2. No more joins.
    let mut writes = PendingWrites::new(writers);
    registry.close(ErrorCode::ShuttingDown, SHUTTING_DOWN, &mut writes);
    // With the registry's lock released, as every write.
    writes.deliver();
    if let Some(history) = &context.history {
        history.close();
    }

    // 3. The last lines are written.
    if !writers.threads.wait(LINGER) {
        // 4. Sockets that are still open are shut. Some clients have left the registry already and only read what was sent
        // before; the flag ends the threads that write to them.
        writers.force_close.store(true, Ordering::Relaxed);
        registry.shut_all();
    }

    // 5. All threads are joined.
    writers.threads.join();

    // 6. Files. No thread is left that could send a message.
    if let Err(error) = context.bans.retry() {
        log::error!("the list of bans could not be written, and the last changes to it are lost: {error}");
    }
    if let Some(history) = &context.history {
        history.stop();
    }
    context.events().report(EventKind::Stopped);
}

/// Unblocks an accept thread, and returns when it has ended.
fn wake(accept: &AcceptThread) {
    // A listener that is gone was closed by a panic of the accept thread, which has then ended.
    if let Some(listener) = accept.listener.upgrade() {
        listener::wake(&listener);
    }
    while !accept.handle.is_finished() {
        // It may be pausing because the system is out of descriptors or threads.
        accept.handle.thread().unpark();
        thread::sleep(Duration::from_millis(1));
    }
}
