//! The list of the servers that announce themselves now.
//!
//! The thread `discover` keeps it, from the events of the crate's thread, and passes each new state on as a whole over a channel
//! with room for one. A window that is busy gets the newest state later and misses nothing.
//!
//! # Bounds
//!
//! Anyone on the network can announce as much as they like. The list takes the first [`SERVERS_MAX`] servers and no more. The
//! crate's thread remembers every record of the service, without a limit of its own, so the thread `discover` counts them: beyond
//! [`RECORDS_MAX`] it ends that thread and with it all that it remembers, and begins another after a [`PAUSE`]. Servers of the list
//! that are heard again soon after that keep their places. A thread that is too busy with a flood to end stays the only one.

use std::net::{SocketAddr, SocketAddrV6};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, Sender, TrySendError, bounded};
use mdns_sd::{DaemonStatus, RecvTimeoutError, ResolvedService, ScopedIp, ServiceDaemon, ServiceEvent, TryRecvError};

use super::SERVICE;
use crate::discovery::HeardServer;

/// Maximum number of servers in the list.
const SERVERS_MAX: usize = 50;

/// Maximum number of records that the crate's thread may remember: those of some hundred servers.
const RECORDS_MAX: i64 = 2000;

/// Time between two counts of them.
const COUNT_INTERVAL: Duration = Duration::from_millis(500);

/// Time without an answer of the crate's thread that is a flood.
const BUSY_MAX: Duration = Duration::from_secs(3);

/// Time without listening after a flood.
const PAUSE: Duration = Duration::from_secs(5);

/// Time after the pause in which a server has to be heard again.
const CONFIRM: Duration = Duration::from_secs(3);

/// Maximum time until the thread notices that it is to end.
const TICK: Duration = Duration::from_millis(100);

/// The end of the crate's last thread. It comes to it only when it has read everything, so a network that never is quiet keeps it: then
/// nobody starts another.
static LAST: Mutex<Option<mdns_sd::Receiver<DaemonStatus>>> = Mutex::new(None);

fn last_has_ended() -> bool {
    let mut last = LAST.lock().unwrap_or_else(PoisonError::into_inner);
    let ended = last.as_ref().is_none_or(|end| !matches!(end.try_recv(), Err(TryRecvError::Empty)));
    if ended {
        *last = None;
    }
    ended
}

/// A thread that listens for servers. Dropping it ends the listening, and waits for nothing.
#[derive(Debug)]
pub struct Listener {
    lists: Receiver<Vec<HeardServer>>,
    stop: Arc<AtomicBool>,
}

impl Listener {
    /// Begins to listen. Never blocks. Without a network, or without a thread to spare, the list stays empty.
    pub fn start() -> Listener {
        let (sender, lists) = bounded(1);
        let stop = Arc::new(AtomicBool::new(false));
        let list = List { servers: Vec::new(), is_new: false, sender, stop: stop.clone() };
        let spawned = thread::Builder::new().name("discover".into()).spawn(move || list.run());
        if let Err(error) = spawned {
            log::warn!("servers on this network are not listed: {error}");
        }
        Listener { lists, stop }
    }

    /// Returns whether there is another list.
    pub fn has_news(&self) -> bool {
        !self.lists.is_empty()
    }

    /// Returns the servers that are there now, in the order in which they were first heard, if that has changed.
    pub fn news(&self) -> Option<Vec<HeardServer>> {
        self.lists.try_recv().ok()
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
    }
}

/// The end of listening with one of the crate's threads.
enum End {
    /// The window needs no list any more.
    Stopped,
    /// There were more announcements than any network has.
    Flooded,
}

type IsConfirmed = bool;

/// The list. Owned by the thread `discover`.
struct List {
    /// The servers. One that is not confirmed was heard before a flood, and not yet after it.
    servers: Vec<(HeardServer, IsConfirmed)>,
    /// The window does not have it yet.
    is_new: bool,
    sender: Sender<Vec<HeardServer>>,
    stop: Arc<AtomicBool>,
}

impl List {
    fn run(mut self) {
        let mut begins = Instant::now();
        while !self.is_stopped() {
            if Instant::now() < begins || !last_has_ended() {
                self.pass_on();
                thread::park_timeout(TICK);
                continue;
            }
            match self.listen() {
                Ok(End::Stopped) => {}
                Ok(End::Flooded) => {
                    log::warn!("too many servers announce themselves on this network: some are not listed");
                }
                Err(error) => log::warn!("servers on this network are not listed: {error}"),
            }
            self.servers.iter_mut().for_each(|(_, is_confirmed)| *is_confirmed = false);
            begins = Instant::now() + PAUSE;
        }
    }

    /// Listens until the window needs no list, or the network is flooded.
    fn listen(&mut self) -> Result<End, mdns_sd::Error> {
        let daemon = ServiceDaemon::new()?;
        let end = self.listen_with(&daemon);
        *LAST.lock().unwrap_or_else(PoisonError::into_inner) = daemon.shutdown().ok();
        end
    }

    fn listen_with(&mut self, daemon: &ServiceDaemon) -> Result<End, mdns_sd::Error> {
        let events = daemon.browse(SERVICE)?;
        let begun = Instant::now();
        // The time of the last count, and the answer to come.
        let (mut counted, mut count) = (begun, daemon.get_metrics()?);
        while !self.is_stopped() {
            match events.recv_timeout(TICK) {
                Ok(ServiceEvent::ServiceResolved(service)) => self.resolved(&service),
                Ok(ServiceEvent::ServiceRemoved(_, id)) => self.removed(&id),
                Ok(_) | Err(RecvTimeoutError::Timeout) => {}
                // The crate gives up a channel that is full.
                Err(RecvTimeoutError::Disconnected) => return Ok(End::Flooded),
            }
            if begun.elapsed() >= CONFIRM {
                self.retain(|(_, is_confirmed)| *is_confirmed);
            }
            self.pass_on();
            if counted.elapsed() < COUNT_INTERVAL {
                continue;
            }
            match count.try_recv() {
                Ok(metrics) => {
                    let records = metrics.iter().filter(|(name, _)| name.starts_with("cached-"));
                    if records.map(|(_, count)| count).sum::<i64>() > RECORDS_MAX {
                        return Ok(End::Flooded);
                    }
                    (counted, count) = (Instant::now(), daemon.get_metrics()?);
                }
                // It answers when nothing more waits to be read.
                Err(_) if counted.elapsed() > BUSY_MAX => return Ok(End::Flooded),
                Err(_) => {}
            }
        }
        Ok(End::Stopped)
    }

    fn resolved(&mut self, service: &ResolvedService) {
        let addresses = service.addresses.iter().map(|ip| address(ip, service.port));
        let about = (service.fullname.as_str(), service.host.as_str(), service.port);
        let Some(server) = HeardServer::read(SERVICE, about, addresses, |key| service.get_property_val_str(key)) else {
            return self.removed(&service.fullname);
        };
        if let Some((known, is_confirmed)) = self.servers.iter_mut().find(|(known, _)| known.id == server.id) {
            *is_confirmed = true;
            self.is_new |= *known != server;
            *known = server;
        } else if self.servers.len() < SERVERS_MAX {
            self.servers.push((server, true));
            self.is_new = true;
        }
    }

    fn removed(&mut self, id: &str) {
        self.retain(|(server, _)| server.id != id);
    }

    fn retain(&mut self, keeps: impl FnMut(&(HeardServer, IsConfirmed)) -> bool) {
        let before = self.servers.len();
        self.servers.retain(keeps);
        self.is_new |= self.servers.len() != before;
    }

    /// Passes the list on, if the window does not have it and has taken the last one.
    fn pass_on(&mut self) {
        if self.is_new {
            match self.sender.try_send(self.servers.iter().map(|(server, _)| server.clone()).collect()) {
                Ok(()) | Err(TrySendError::Disconnected(_)) => self.is_new = false,
                Err(TrySendError::Full(_)) => {}
            }
        }
    }

    fn is_stopped(&self) -> bool {
        self.stop.load(Ordering::Relaxed)
    }
}

/// Returns an address with its port, a link-local one of IPv6 with the interface that it was heard on.
fn address(ip: &ScopedIp, port: u16) -> SocketAddr {
    match ip {
        ScopedIp::V6(ip) if ip.addr().is_unicast_link_local() => {
            SocketAddrV6::new(*ip.addr(), port, 0, ip.scope_id().index).into()
        }
        ip => SocketAddr::new(ip.to_ip_addr(), port),
    }
}
