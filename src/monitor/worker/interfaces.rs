//! The addresses of this computer's network interfaces, for the window to say which of them others connect to.
//!
//! The server worker looks at them every few seconds, because a laptop changes networks. The call returns at once on Linux, and can
//! take some milliseconds elsewhere.

use std::time::{Duration, Instant};

use if_addrs::{IfAddr, get_if_addrs};

use super::{RunningServer, WorkerThread};
use crate::monitor::messages::{Interface, Reply};

/// Time between two looks at the addresses of this computer.
const INTERVAL: Duration = Duration::from_secs(3);

impl WorkerThread {
    /// Looks at the addresses if it is time, and sends them if they have changed.
    pub(super) fn send_interfaces(&self, run: &mut RunningServer) {
        if run.sent.next_look.is_some_and(|at| Instant::now() < at) {
            return;
        }
        run.sent.next_look = Some(Instant::now() + INTERVAL);
        let interfaces = list();
        if run.sent.interfaces.as_ref() != Some(&interfaces) {
            run.sent.interfaces = Some(interfaces.clone());
            self.send(Reply::Interfaces(interfaces));
        }
    }
}

/// Returns the addresses at which other computers can reach this one, in the system's order. There is none if the system does not
/// list them.
fn list() -> Vec<Interface> {
    let all = get_if_addrs().unwrap_or_default();
    let others = all.into_iter().filter(|interface| interface.is_oper_up() && !interface.is_loopback());
    // A link-local address of IPv6 is complete only with the name of an interface of the computer that connects.
    let complete = others.filter(|interface| !matches!(interface.addr, IfAddr::V6(_)) || !interface.is_link_local());
    let listed = complete.map(|it| Interface { ip: it.ip(), is_tunnel: it.is_p2p(), name: it.name });
    listed.collect()
}
