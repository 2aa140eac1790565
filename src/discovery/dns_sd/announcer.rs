//! The announcement of a running server. The crate's thread answers the questions of clients, and takes another name if a server
//! on the network has the same one already: `Room 12 (2)` (RFC 6762, section 9).

use std::net::IpAddr;
use std::time::Duration;

use mdns_sd::{DaemonEvent, IfKind, Receiver, RecvTimeoutError, ServiceDaemon, ServiceInfo};

use super::SERVICE;
use crate::computer;
use crate::discovery::Announcement;

/// Maximum time for the goodbye. It takes as long as sending a packet, unless the thread is busy with a flood.
const GOODBYE: Duration = Duration::from_millis(500);

/// The announcement of a server.
pub struct Announcer {
    daemon: ServiceDaemon,
}

/// The names under which a server is announced, as the network settles them. The iterator waits for the next one, and ends with
/// the announcement.
#[derive(Debug)]
pub struct Names(Receiver<DaemonEvent>);

impl Announcer {
    /// Begins to announce a server. Returns nothing if only this computer reaches it.
    ///
    /// Never blocks: the name is probed for on the network first, so it is announced about a second later.
    ///
    /// # Errors
    /// The system has no thread to spare, or the name cannot be announced.
    pub fn start(announcement: &Announcement) -> Result<Option<(Announcer, Names)>, String> {
        let Some((port, ips)) = announcement.reachable() else { return Ok(None) };
        let host = announcement.host(&computer::name().unwrap_or_default(), port);
        let serves = |ip: &str| ips.iter().any(|it| it.to_string() == ip);
        let (every_v4, every_v6) = (serves("0.0.0.0"), serves("::"));
        let named: Vec<IpAddr> = ips.iter().copied().filter(|ip| !ip.is_unspecified()).collect();
        let mut info = ServiceInfo::new(SERVICE, &announcement.name, &host, &named[..], port, &announcement.txt()[..])
            .map_err(|error| error.to_string())?;
        let daemon = ServiceDaemon::new().map_err(|error| error.to_string())?;
        let mut off = vec![IfKind::LoopbackV4, IfKind::LoopbackV6];
        if every_v4 || every_v6 {
            info = info.enable_addr_auto();
            // A server on [::] serves IPv4, too.
            off.extend((!every_v6).then_some(IfKind::IPv6));
        } else {
            off.push(IfKind::All);
        }
        let begin = || {
            let events = daemon.monitor()?;
            daemon.disable_interface(off)?;
            if !named.is_empty() {
                daemon.enable_interface(named)?;
            }
            daemon.register(info)?;
            Ok(events)
        };
        let registered: Result<_, mdns_sd::Error> = begin();
        let announcer = Announcer { daemon };
        match registered {
            Ok(events) => Ok(Some((announcer, Names(events)))),
            Err(error) => {
                announcer.withdraw();
                Err(error.to_string())
            }
        }
    }

    /// Says goodbye, by which clients take the server off their lists, and ends the names. Returns false if the crate's thread has
    /// not come to it in half a second.
    pub fn withdraw(self) -> bool {
        // The thread answers when it has sent the goodbye. The program may end then.
        let ended =
            |done: Receiver<_>| matches!(done.recv_timeout(GOODBYE), Ok(_) | Err(RecvTimeoutError::Disconnected));
        self.daemon.shutdown().is_ok_and(ended)
    }
}

impl std::fmt::Debug for Announcer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Announcer").finish_non_exhaustive()
    }
}

impl Iterator for Names {
    type Item = Result<String, String>;

    fn next(&mut self) -> Option<Result<String, String>> {
        loop {
            match self.0.recv().ok()? {
                DaemonEvent::Announce(id, _) => {
                    return Some(Ok(id.trim_end_matches(SERVICE).trim_end_matches('.').to_owned()));
                }
                DaemonEvent::Error(error) => return Some(Err(error.to_string())),
                _ => {}
            }
        }
    }
}
