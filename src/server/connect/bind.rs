//! The listening sockets: resolves the addresses to listen on, and binds all of them or none.
//!
//! Nothing is left to the default of a system. A socket on `[::]` serves IPv4, too, unless another one serves `0.0.0.0`; Linux
//! does so by itself, Windows and the BSDs do not, and OpenBSD cannot. Runs on the thread that starts the server, and may wait for
//! DNS.

use std::io::{self, ErrorKind};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, ToSocketAddrs as _};

use socket2::{Domain, Protocol, Socket, Type};

use crate::server::error::StartError;
use crate::server::listen::{DUAL_STACK, Listen, overlap};
use crate::server::network::canonical;

/// Maximum number of connections that wait to be accepted, at each address.
const BACKLOG: i32 = 128;

/// Binds the addresses. Returns each listener with its address, with the port that the system picked for port 0.
///
/// # Errors
/// One of them is no address, its name cannot be resolved, the system does not allow to listen there, or another one excludes it.
/// None is bound then.
pub(crate) fn bind(listen: &Listen) -> Result<Vec<(TcpListener, SocketAddr)>, StartError> {
    let resolved = listen.iter().map(|text| Ok((text, resolve(text)?))).collect::<Result<Vec<_>, StartError>>()?;
    if resolved.is_empty() {
        return Err(not_an_address("", io::Error::other("it is empty")));
    }
    let firsts: Vec<_> = resolved.iter().map(|(text, addresses)| (*text, addresses[0])).collect();
    if let Some(why) = overlap(&firsts) {
        return Err(StartError::Overlap(why));
    }
    let serves_ipv4 = |port| {
        let all = SocketAddr::from((Ipv4Addr::UNSPECIFIED, port));
        port != 0 && firsts.iter().any(|(_, address)| *address == all)
    };
    resolved
        .iter()
        .map(|(text, addresses)| {
            bind_first(addresses, serves_ipv4).map_err(|error| StartError::CannotBind { listen: (*text).into(), error })
        })
        .collect()
}

/// Returns the addresses of a text, at least one.
fn resolve(text: &str) -> Result<Vec<SocketAddr>, StartError> {
    let (host, port) = text.rsplit_once(':').unwrap_or((text, ""));
    let port = port.parse().map_err(|_| not_an_address(text, io::Error::other("it has no port")))?;
    // With a zone, such as %eth0, it is not in the form that std takes with brackets.
    let host = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host);
    let found = (host, port).to_socket_addrs().map_err(|error| not_an_address(text, error))?;
    let addresses: Vec<_> = found.map(canonical).collect();
    if addresses.is_empty() { Err(not_an_address(text, io::Error::other("it has no address"))) } else { Ok(addresses) }
}

fn not_an_address(text: &str, error: io::Error) -> StartError {
    StartError::NotAnAddress { listen: text.to_owned(), error }
}

/// Binds the first of a name's addresses that is one of this computer.
fn bind_first(addresses: &[SocketAddr], serves_ipv4: impl Fn(u16) -> bool) -> io::Result<(TcpListener, SocketAddr)> {
    let mut result = Err(ErrorKind::AddrNotAvailable.into());
    for address in addresses {
        result = bind_one(*address, !serves_ipv4(address.port()));
        if result.is_ok() {
            break;
        }
    }
    result
}

/// Binds an address. `is_dual`: one that is for all of IPv6 is for IPv4, too.
fn bind_one(address: SocketAddr, is_dual: bool) -> io::Result<(TcpListener, SocketAddr)> {
    let socket = Socket::new(Domain::for_address(address), Type::STREAM, Some(Protocol::TCP))?;
    if address.is_ipv6() && address.ip().is_unspecified() {
        socket.set_only_v6(!(is_dual && DUAL_STACK))?;
        if is_dual && !DUAL_STACK {
            log::warn!("this system serves IPv6 only on {address}: listen on 0.0.0.0:{}, too", address.port());
        }
    }
    // A port is free at once when a server has stopped. On Windows the option means another thing: a port that two programs share.
    // The libraries used here do not have its opposite, SO_EXCLUSIVEADDRUSE.
    #[cfg(not(windows))]
    socket.set_reuse_address(true)?;
    socket.bind(&address.into())?;
    socket.listen(BACKLOG)?;
    let listener = TcpListener::from(socket);
    let bound = listener.local_addr()?;
    Ok((listener, bound))
}
