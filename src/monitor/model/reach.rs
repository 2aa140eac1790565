//! Addresses at which others reach the server, and the choice of who they are: this computer, its network, or those of another
//! address.
//!
//! A server that listens on every interface has as many addresses as the computer. The most useful one is first: that of a private
//! IPv4 network, which a classroom has. Pure; the server worker lists the interfaces.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use crate::monitor::messages::Interface;
use crate::server::Listen;
use crate::server::listen::DUAL_STACK;

/// Beginnings of the names of interfaces that lead to virtual machines and containers of this computer, not to others.
const VIRTUAL: [&str; 14] = [
    "docker",
    "br-",
    "veth",
    "virbr",
    "vmnet",
    "vboxnet",
    "podman",
    "cni",
    "lxc",
    "lxd",
    "flannel",
    "cali",
    "vEthernet",
    "bridge",
];

/// Those who can connect to an address to listen on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// Programs of this computer.
    Computer,
    /// Computers of every network that this one belongs to.
    Network,
    /// Those that the address is for.
    Other,
}

impl Scope {
    /// Every scope, in the order in which they are offered.
    pub const ALL: [Scope; 3] = [Scope::Computer, Scope::Network, Scope::Other];

    /// Returns the words for the choice.
    pub fn label(self) -> &'static str {
        match self {
            Scope::Computer => "This computer only",
            Scope::Network => "This network",
            Scope::Other => "Another address",
        }
    }

    /// Returns the scope of addresses to listen on: the widest of theirs.
    pub fn of(listen: &Listen) -> Scope {
        let mut scopes: Vec<_> = listen.iter().map(Scope::of_one).collect();
        scopes.dedup();
        match scopes[..] {
            [all] => all,
            _ if scopes.contains(&Scope::Network) => Scope::Network,
            _ => Scope::Other,
        }
    }

    fn of_one(listen: &str) -> Scope {
        let host = listen.rsplit_once(':').map_or(listen, |(host, _)| host);
        let host = host.trim_start_matches('[').trim_end_matches(']');
        match host.parse::<IpAddr>() {
            Ok(ip) if ip.to_canonical().is_loopback() => Scope::Computer,
            Ok(ip) if ip.is_unspecified() => Scope::Network,
            Err(_) if host.eq_ignore_ascii_case("localhost") => Scope::Computer,
            _ => Scope::Other,
        }
    }

    /// Returns an address of this scope with the port of the first of others; `None` if the operator has to write it.
    pub fn address(self, listen: &Listen) -> Option<Listen> {
        let port = listen.iter().next().and_then(|first| first.rsplit_once(':')).map_or("5555", |(_, port)| port);
        match self {
            Scope::Computer => Some(format!("{}:{port}", Ipv4Addr::LOCALHOST).into()),
            Scope::Network => Some(format!("{}:{port}", Ipv4Addr::UNSPECIFIED).into()),
            Scope::Other => None,
        }
    }
}

/// Returns the addresses at which others reach a server that listens on these, the most useful first. There is none if only this
/// computer reaches it.
pub fn addresses(listening: &[SocketAddr], interfaces: &[Interface]) -> Vec<SocketAddr> {
    let mut addresses = Vec::new();
    for address in listening.iter().flat_map(|listening| addresses_of(*listening, interfaces)) {
        if !addresses.contains(&address) {
            addresses.push(address);
        }
    }
    addresses
}

fn addresses_of(listening: SocketAddr, interfaces: &[Interface]) -> Vec<SocketAddr> {
    let (ip, port) = (listening.ip().to_canonical(), listening.port());
    if ip.is_loopback() {
        return Vec::new();
    }
    if !ip.is_unspecified() {
        // Without the zone of a link-local address: each computer has its own.
        return vec![SocketAddr::new(ip, port)];
    }
    let is_served = |address: IpAddr| address.is_ipv4() == ip.is_ipv4() || ip.is_ipv6() && DUAL_STACK;
    let mut reachable: Vec<_> = interfaces.iter().filter(|it| is_served(it.ip)).collect();
    reachable.sort_by_key(|interface| rank(interface));
    reachable.into_iter().map(|it| SocketAddr::new(it.ip, port)).collect()
}

/// Returns the place of an address in the order of usefulness.
fn rank(interface: &Interface) -> u8 {
    let is_virtual = VIRTUAL.iter().any(|start| interface.name.starts_with(start));
    match interface.ip {
        IpAddr::V4(ip) if ip.is_link_local() => 5,
        _ if is_virtual => 4,
        IpAddr::V4(ip) if ip.is_private() && !interface.is_tunnel => 0,
        IpAddr::V4(_) if !interface.is_tunnel => 1,
        IpAddr::V4(_) => 2,
        IpAddr::V6(_) => 3,
    }
}

/// Returns an address as a URL, which the chat window takes like the address.
pub fn url(address: SocketAddr) -> String {
    format!("multichat://{address}")
}

/// Returns the first bytes of a fingerprint in so many groups of four, as the chat window shows them.
pub fn beginning(fingerprint: &str, groups: usize) -> String {
    let bytes: Vec<_> = fingerprint.trim_start_matches("SHA256:").split(':').collect();
    bytes.chunks(4).take(groups).map(|group| group.join(":")).collect::<Vec<_>>().join("  ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn interface(name: &str, ip: &str) -> Interface {
        Interface { name: name.into(), ip: ip.parse().unwrap(), is_tunnel: name.starts_with("tun") }
    }

    fn shown(listening: &str, interfaces: &[Interface]) -> Vec<String> {
        let listening: Vec<_> = listening.split(' ').map(|address| address.parse().unwrap()).collect();
        addresses(&listening, interfaces).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn the_address_of_the_private_network_is_first_and_those_that_lead_nowhere_are_last() {
        let interfaces = [
            interface("docker0", "172.17.0.1"),
            interface("eth1", "169.254.7.7"),
            interface("eth0", "2001:db8::7"),
            interface("tun0", "10.8.0.2"),
            interface("eth0", "203.0.113.9"),
            interface("wlan0", "192.168.1.20"),
        ];
        let all = [
            "192.168.1.20:5555",
            "203.0.113.9:5555",
            "10.8.0.2:5555",
            "[2001:db8::7]:5555",
            "172.17.0.1:5555",
            "169.254.7.7:5555",
        ];
        assert_eq!(shown("[::]:5555", &interfaces), all);
        let only_ipv4: Vec<_> = all.into_iter().filter(|address| !address.starts_with('[')).collect();
        assert_eq!(shown("0.0.0.0:5555", &interfaces), only_ipv4);
        assert_eq!(shown("[::]:5555 127.0.0.1:1 0.0.0.0:5555", &interfaces), all, "each once");
    }

    #[test]
    fn a_server_on_one_address_has_that_one_and_one_on_loopback_has_none_for_others() {
        let interfaces = [interface("wlan0", "192.168.1.20")];
        assert_eq!(shown("192.168.1.20:81", &interfaces), ["192.168.1.20:81"]);
        for loopback in ["127.0.0.1:5555", "127.0.0.2:5555", "[::1]:5555", "[::ffff:127.0.0.1]:5555"] {
            assert_eq!(shown(loopback, &interfaces), Vec::<String>::new(), "{loopback}");
        }
        let several = ["[2001:db8::7]:5555", "192.168.1.20:80"];
        assert_eq!(shown(&several.join(" "), &interfaces), several, "in the order of the operator");
        assert_eq!(shown("0.0.0.0:5555", &[]), Vec::<String>::new(), "not listed yet");
    }

    #[test]
    fn a_choice_edits_the_address_and_keeps_the_port() {
        for (listen, scope) in [
            ("127.0.0.1:5555", Scope::Computer),
            ("localhost:5555", Scope::Computer),
            ("[::1]:5555", Scope::Computer),
            ("0.0.0.0:5555", Scope::Network),
            ("[::]:5555", Scope::Network),
            ("192.168.1.20:5555", Scope::Other),
            ("chat.example:5555", Scope::Other),
            ("", Scope::Other),
            ("127.0.0.1:5555, [::1]:5555", Scope::Computer),
            ("127.0.0.1:5555, 0.0.0.0:5556", Scope::Network),
            ("127.0.0.1:5555, 192.168.1.20:5555", Scope::Other),
        ] {
            assert_eq!(Scope::of(&listen.into()), scope, "{listen}");
        }
        let address = |scope: Scope, listen: &str| scope.address(&listen.into()).map(|listen| listen.to_string());
        assert_eq!(address(Scope::Network, "127.0.0.1:7000").as_deref(), Some("0.0.0.0:7000"));
        assert_eq!(address(Scope::Computer, "[::]:7000, 192.168.1.20:80").as_deref(), Some("127.0.0.1:7000"));
        assert_eq!(address(Scope::Computer, "").as_deref(), Some("127.0.0.1:5555"));
        assert_eq!(address(Scope::Other, "0.0.0.0:7000"), None);
    }

    #[test]
    fn a_fingerprint_begins_with_the_groups_that_the_chat_window_shows() {
        let fingerprint = "SHA256:00:01:02:03:04:05:06:07:08:09";
        assert_eq!(beginning(fingerprint, 2), "00:01:02:03  04:05:06:07");
        assert_eq!(beginning(fingerprint, 8), "00:01:02:03  04:05:06:07  08:09");
        assert_eq!(url("[2001:db8::7]:5555".parse().unwrap()), "multichat://[2001:db8::7]:5555");
    }
}
