//! The limit of file descriptors: each connection takes one, and the system gives a process only so many.
//!
//! There is a soft limit, often 1024, that a process may raise by itself up to a hard limit (getrlimit(2)). A server
//! does so when it starts, and never lowers it. Windows has no such limit. Runs in the thread that starts the server.

use crate::server::config::Config;
use crate::server::observe::event::{EventKind, EventSink};

/// Number of descriptors that a server needs besides its connections: standard streams, log, listener, databases,
/// rejections under way, a window's files.
const OTHERS: u64 = 64;

/// Raises the limit for a server's connections, and reports an event if the system allows too few.
pub(crate) fn raise_for(config: &Config, events: &EventSink) {
    let clients = config.max_clients;
    if let Some(fit) = make_room(clients, config.max_unauthenticated) {
        events.report(EventKind::TooFewDescriptors { clients, fit });
    }
}

/// Raises the limit so that it is enough for so many clients, so many unauthenticated connections, and all other files
/// of a server. Returns `Some` if the system does not allow that: the number of clients that it is enough for.
///
/// Unauthenticated connections count twice, since an evicted one takes a moment to end.
fn make_room(clients: usize, unauthenticated: usize) -> Option<usize> {
    let others = (unauthenticated as u64).saturating_mul(2).saturating_add(OTHERS);
    let wanted = (clients as u64).saturating_add(others);
    let allowed = raise(wanted);
    (allowed < wanted).then(|| usize::try_from(allowed.saturating_sub(others)).unwrap_or(usize::MAX))
}

/// Raises the soft limit if it is below `wanted`; returns the limit as it then is.
#[cfg(unix)]
#[allow(clippy::useless_conversion, reason = "on FreeBSD a limit has a sign")]
fn raise(wanted: u64) -> u64 {
    use nix::sys::resource::{Resource, getrlimit, rlim_t, setrlimit};
    // It cannot fail with these arguments. If it did, accept would report the shortage when it comes.
    let Ok((soft, hard)) = getrlimit(Resource::RLIMIT_NOFILE) else { return wanted };
    let better = rlim_t::try_from(wanted).unwrap_or(hard).min(hard);
    if soft >= better {
        return u64::try_from(soft).unwrap_or(u64::MAX);
    }
    // macOS accepts a value above its limit for a process (`kern.maxfilesperproc`, at least 10240), and grants that limit: there,
    // accept reports the shortage when it comes.
    let limit = if setrlimit(Resource::RLIMIT_NOFILE, better, hard).is_ok() { better } else { soft };
    u64::try_from(limit).unwrap_or(u64::MAX)
}

#[cfg(not(unix))]
fn raise(wanted: u64) -> u64 {
    wanted
}

#[cfg(all(test, unix))]
#[cfg(not(loom))]
mod tests {
    use super::*;
    use nix::sys::resource::{Resource, getrlimit};

    #[test]
    fn there_is_room_for_a_few_and_not_for_more_than_the_system_allows() {
        assert_eq!(make_room(100, 0), None);
        let (soft, hard) = getrlimit(Resource::RLIMIT_NOFILE).unwrap();
        assert!(soft >= 100);
        if let Some(too_many) = usize::try_from(hard).ok().and_then(|hard| hard.checked_add(1)) {
            let fit = make_room(too_many, 0).expect("more than the hard limit");
            assert!(fit < too_many);
            assert_eq!(getrlimit(Resource::RLIMIT_NOFILE).unwrap().1, hard, "the hard limit stays");
        }
    }

    #[test]
    fn silent_connections_do_not_take_the_descriptors_of_a_search() {
        let (soft, _) = getrlimit(Resource::RLIMIT_NOFILE).unwrap();
        let (clients, unauthenticated) = (usize::try_from(soft).unwrap() - 64, 200);
        // Without unauthenticated connections this is just enough.
        let fit = make_room(clients, unauthenticated).unwrap_or(clients);
        let allowed = usize::try_from(getrlimit(Resource::RLIMIT_NOFILE).unwrap().0).unwrap();
        assert!(
            allowed >= fit + unauthenticated + 64,
            "{allowed} descriptors for {fit} clients and {unauthenticated} unauthenticated connections"
        );
    }
}
