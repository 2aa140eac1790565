//! The pages about the program. Each is a file of the repository, included here so that the documentation has all of them.

/// Defines links to source files, for a page two modules below the crate's root.
macro_rules! source_links {
    ($($file:literal)*) => { concat!($("[`", $file, "`]: ../../../src/multichat/", $file, ".html\n"),*, "\n") };
}

// The tour defines its links itself, for readers on a forge. Of several definitions of a link the first counts
// (CommonMark, 4.7), so here the same links lead to the documentation.
/// The tour: one message from a key press to another person's screen, file by file and thread by thread.
///
#[doc = source_links! {
    "chat/background.rs" "chat/state.rs" "chat/state/backfill.rs" "chat/state/outgoing.rs" "chat/state/receive.rs"
    "chat/state/send.rs" "chat/window.rs" "chat/window/conversation/transcript.rs"
    "chat/window/conversation/sending.rs" "client/connection.rs" "client/connection/blocking.rs"
    "client/connection/reader.rs" "client/connection/writer.rs" "client/dial.rs" "client/event.rs" "client/race.rs"
    "client/fault_injection.rs" "client/known_servers.rs" "client/security.rs" "desktop/attention/x11.rs"
    "desktop/color_scheme.rs" "desktop/notifier/service.rs" "discovery.rs" "discovery/dns_sd/listener.rs" "logging.rs"
    "monitor/model/client_columns.rs" "monitor/window.rs" "monitor/worker.rs"
    "protocol.rs" "protocol/client_line.rs" "protocol/escape.rs" "protocol/framing.rs" "protocol/name_key.rs"
    "protocol/server_line.rs" "protocol/username.rs" "server/admin.rs" "server/announce.rs" "server/running.rs" "server/connect/accept.rs"
    "server/connect/auth.rs" "server/connect/hello.rs" "server/connect/keepalive.rs" "server/connect/limits.rs"
    "server/connect/new_connection.rs" "server/connect/reject.rs" "server/connect/sniff.rs"
    "server/connect/throttle.rs" "server/context.rs" "server/delivery.rs" "server/delivery/batch.rs" "server/delivery/budget.rs"
    "server/delivery/claim.rs" "server/delivery/client.rs" "server/delivery/drain.rs" "server/delivery/linger.rs"
    "server/delivery/outbox.rs" "server/network.rs" "server/observe/activity.rs" "server/observe/event.rs"
    "server/observe/snapshot.rs" "server/observe/threads.rs" "server/permits.rs" "server/registry.rs"
    "server/registry/deletions.rs" "server/registry/relay.rs" "server/registry/roster.rs" "server/registry/updates.rs"
    "server/session.rs" "server/session/join_guard.rs" "server/session/quotas.rs" "server/session/rate_limit.rs" "server/shutdown.rs" "server/stamps.rs"
    "server/storage/bans.rs" "server/storage/history/enabled.rs" "server/storage/history/normalize.rs"
    "server/storage/history/ring.rs" "server/storage/history/trusted_time.rs" "server/storage/history/writer.rs"
    "server/storage/members/enabled.rs" "server/storage/members/hashing.rs" "server/storage/sqlite.rs" "signals.rs"
    "sync.rs" "transport.rs" "transport/tls/enabled.rs" "ui/rows.rs" "ui/settings.rs" "ui/timer.rs" "wire.rs"
    "wire/redact.rs"
}]
/// [`ClientLine`]: crate::protocol::ClientLine
/// [`Event`]: crate::client::Event
/// [`TOO_SLOW`]: crate::protocol::ErrorCode::TooSlow
/// [`Transport`]: ../../../src/multichat/transport.rs.html
/// [`Tap`]: ../../../src/multichat/wire.rs.html
/// [`Server`]: crate::server::Server
/// [`Snapshot`]: crate::server::Snapshot
/// [`ErrorCode`]: crate::protocol::ErrorCode
/// [`DisconnectReason`]: crate::server::DisconnectReason
/// [`Server::stop`]: crate::server::Server::stop
/// [ladder]: crate::guide::ladder
/// [exercises]: crate::guide::exercises
/// [reading]: crate::guide::reading
/// [why-threads]: crate::guide::why_threads
/// [many-machines]: crate::guide::many_machines
/// [glossary]: crate::guide::glossary
///
#[doc = include_str!("../docs/tour.md")]
pub mod tour {}

/// The ladder's upper rungs: a client for the terminal, a window, and a bot. The rungs below are in `ladder/`.
pub mod ladder {
    #![doc = include_str!("../examples/README.md")]
}

/// A plan for reading the core in five sittings, with questions and answers.
pub mod reading {
    #![doc = include_str!("../docs/reading.md")]
}

/// Exercises, each with the test that a solution must pass.
pub mod exercises {
    #![doc = include_str!("../docs/exercises.md")]
}

/// Reasons for a thread per client, in comparison with an event loop and a broker; with figures.
pub mod why_threads {
    #![doc = include_str!("../docs/why-threads.md")]
}

/// The questions that more than one server would raise.
pub mod many_machines {
    #![doc = include_str!("../docs/many-machines.md")]
}

/// The words of this program, and those of other programs and books.
pub mod glossary {
    #![doc = include_str!("../docs/glossary.md")]
}
