//! Descriptors: each connection takes one, and the system gives a process only so many.
//!
//! There is a soft limit, often 1024, that a process may raise by itself up to a hard one (getrlimit(2)). A server does so
//! when it starts, and never lowers it. Where there is no such limit (Windows) there is nothing to do.

/// What a server has open besides its clients: standard streams, log, listener, database, a window's files, and a reserve
/// for connections that are told that the server is full.
const OTHERS: u64 = 64;

/// Sees to it that so many clients can be here at once. `Some`: the system allows only so many.
pub(super) fn make_room(clients: usize) -> Option<usize> {
    let wanted = (clients as u64).saturating_add(OTHERS);
    let allowed = raise(wanted);
    (allowed < wanted).then(|| usize::try_from(allowed.saturating_sub(OTHERS)).unwrap_or(usize::MAX))
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
        assert_eq!(make_room(100), None);
        let (soft, hard) = getrlimit(Resource::RLIMIT_NOFILE).unwrap();
        assert!(soft >= 100);
        if let Some(too_many) = usize::try_from(hard).ok().and_then(|hard| hard.checked_add(1)) {
            let fit = make_room(too_many).expect("more than the hard limit");
            assert!(fit < too_many);
            assert_eq!(getrlimit(Resource::RLIMIT_NOFILE).unwrap().1, hard, "the hard limit stays");
        }
    }
}
