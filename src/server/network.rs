//! The network of an address: the unit by which limits, bans and delays count "the same origin".
//!
//! One IPv4 address is one network, and so is one IPv6 /64: a subscriber is assigned at least that much (RFC 6177), and
//! could take a new address for each connection. Plain values, for any thread.

use std::fmt;
use std::net::{IpAddr, Ipv6Addr};

/// Maximum number of login checks of one network that wait or are computed at the same time: a class that arrives at once,
/// behind one address, with as many connections as one network has by default. `connect/throttle.rs` rejects more; the
/// queue for a password hash (`storage/members/hashing.rs`) is as long, so that it never fills before that.
pub(crate) const PASSWORD_CHECKS_MAX: usize = 100;

/// An IPv4 address, or an IPv6 /64.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Network(IpAddr);

impl Network {
    /// Returns the network of an address. An IPv4 address that is written as IPv6 (`::ffff:192.0.2.1`) counts as IPv4.
    pub(crate) fn of(address: IpAddr) -> Network {
        match address.to_canonical() {
            IpAddr::V6(address) if !address.is_loopback() => {
                Network(Ipv6Addr::from_bits(address.to_bits() & !u128::from(u64::MAX)).into())
            }
            address => Network(address),
        }
    }

    /// Returns whether the network is this computer itself.
    pub(crate) fn is_loopback(self) -> bool {
        self.0.is_loopback()
    }
}

impl fmt::Display for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            IpAddr::V6(address) if !address.is_loopback() => write!(f, "{address}/64"),
            address => write!(f, "{address}"),
        }
    }
}

#[cfg(test)]
#[cfg(not(loom))]
mod tests {
    use super::*;

    #[test]
    fn an_ipv4_address_is_a_network_however_it_is_written_and_an_ipv6_64_is_one() {
        let network = |text: &str| Network::of(text.parse().unwrap()).to_string();
        for (address, expected) in [
            ("192.0.2.1", "192.0.2.1"),
            ("::ffff:192.0.2.1", "192.0.2.1"),
            ("2001:db8::1", "2001:db8::/64"),
            ("2001:db8::ffff:1", "2001:db8::/64"),
            ("2001:db8:0:1::1", "2001:db8:0:1::/64"),
            ("127.0.0.1", "127.0.0.1"),
            ("::1", "::1"),
        ] {
            assert_eq!(network(address), expected);
        }
        assert!(Network::of("::ffff:127.0.0.1".parse().unwrap()).is_loopback());
        assert!(Network::of("::1".parse().unwrap()).is_loopback());
        assert!(!Network::of("::2".parse().unwrap()).is_loopback());
    }
}
