//! Descriptors: each connection takes one, and the system gives a process only so many.
//!
//! There is a soft limit, often 1024, that a process may raise by itself up to a hard one (getrlimit(2)). A server does so
//! when it starts, and never lowers it. Where there is no such limit (Windows) there is nothing to do.

/// Number of descriptors of a server besides its connections: standard streams, log, listener, databases, a window's files.
const OTHERS: u64 = 64;

/// Sees to it that so many clients can be here at once, and as many connections in the lobby as may be there, with all
/// else that a server has open. `Some`: the system allows only so many clients.
///
/// The lobby counts twice: a connection that loses its place there takes a moment to end.
pub(crate) fn make_room(clients: usize, lobby: usize) -> Option<usize> {
    let others = (lobby as u64).saturating_mul(2).saturating_add(OTHERS);
    let wanted = (clients as u64).saturating_add(others);
    let allowed = raise(wanted);
    (allowed < wanted).then(|| usize::try_from(allowed.saturating_sub(others)).unwrap_or(usize::MAX))
}

/// Raises the soft limit if it is below what is wanted; returns what it is now.
#[cfg(unix)]
fn raise(wanted: u64) -> u64 {
    use nix::sys::resource::{Resource, getrlimit, setrlimit};
    // It cannot fail with arguments that make sense, and if it did, accept would tell of any shortage.
    let Ok((soft, hard)) = getrlimit(Resource::RLIMIT_NOFILE) else { return wanted };
    let better = wanted.min(hard);
    if soft >= better {
        return soft;
    }
    // macOS refuses what is above a limit of its own, whatever the hard limit says.
    if setrlimit(Resource::RLIMIT_NOFILE, better, hard).is_ok() { better } else { soft }
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
        let (clients, lobby) = (usize::try_from(soft).unwrap() - 64, 200);
        // Without the lobby this is just enough.
        let fit = make_room(clients, lobby).unwrap_or(clients);
        let allowed = usize::try_from(getrlimit(Resource::RLIMIT_NOFILE).unwrap().0).unwrap();
        assert!(allowed >= fit + lobby + 64, "{allowed} descriptors for {fit} clients and {lobby} in the lobby");
    }
}
