//! The network of an address: the unit by which limits, bans and delays count "the same origin". A ban can also be of a block of
//! addresses, a [`Subnet`].
//!
//! One IPv4 address is one network, and so is one IPv6 /64: a subscriber is assigned at least that much (RFC 6177), and
//! could take a new address for each connection. Plain values, for any thread.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::str::FromStr;

/// Maximum number of login checks of one network that wait or are computed at the same time: a class that arrives at once,
/// behind one address, with as many connections as one network has by default. `connect/throttle.rs` rejects more; the
/// queue for a password hash (`storage/members/hashing.rs`) is as long, so that it never fills before that.
pub(crate) const PASSWORD_CHECKS_MAX: usize = 100;

/// Returns an address in the form in which it counts and is shown. A socket that serves both families has `::ffff:192.0.2.1` for a
/// client of IPv4.
pub(crate) fn canonical(address: SocketAddr) -> SocketAddr {
    match address.ip().to_canonical() {
        ip @ IpAddr::V4(_) => SocketAddr::new(ip, address.port()),
        // As it is: a link-local address has its zone.
        IpAddr::V6(_) => address,
    }
}

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

/// A block of addresses: all that begin with the same bits. Displays as `192.0.2.0/24`.
///
/// ```
/// use multichat::server::Subnet;
///
/// let school: Subnet = "192.0.2.0/24".parse().unwrap();
/// assert!(school.contains("192.0.2.7".parse().unwrap()) && !school.contains("192.0.3.7".parse().unwrap()));
/// assert_eq!(Subnet::around("192.0.2.7".parse().unwrap()), school);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Subnet {
    /// The first address of the block.
    first: IpAddr,
    /// Number of bits that all addresses of the block begin with.
    bits: u8,
}

impl Subnet {
    /// Returns the block around an address in which the other computers of a site usually are: an IPv4 /24, or an IPv6 /48.
    pub fn around(address: IpAddr) -> Subnet {
        let address = address.to_canonical();
        Subnet::of(address, if address.is_ipv4() { 24 } else { 48 })
    }

    /// Returns true if an address is in the block. An IPv4 address that is written as IPv6 counts as IPv4.
    pub fn contains(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        address.is_ipv4() == self.first.is_ipv4() && Subnet::of(address, self.bits) == *self
    }

    /// Returns true if this computer's own address is in the block.
    pub(crate) fn is_loopback(&self) -> bool {
        let own = [Ipv4Addr::LOCALHOST.into(), Ipv6Addr::LOCALHOST.into()];
        self.first.is_loopback() || own.into_iter().any(|own| self.contains(own))
    }

    /// Returns the block of this many bits in which an address is.
    fn of(address: IpAddr, bits: u8) -> Subnet {
        let first = match address {
            IpAddr::V4(address) => {
                let mask = u32::MAX.checked_shl(32 - u32::from(bits)).unwrap_or(0);
                Ipv4Addr::from_bits(address.to_bits() & mask).into()
            }
            IpAddr::V6(address) => {
                let mask = u128::MAX.checked_shl(128 - u32::from(bits)).unwrap_or(0);
                Ipv6Addr::from_bits(address.to_bits() & mask).into()
            }
        };
        Subnet { first, bits }
    }
}

impl FromStr for Subnet {
    type Err = String;

    fn from_str(text: &str) -> Result<Subnet, String> {
        let parsed = text.split_once('/').and_then(|(first, bits)| Some((first.parse().ok()?, bits.parse().ok()?)));
        let (first, bits): (IpAddr, u8) =
            parsed.ok_or(format!("{text} is not a network: write 192.0.2.0/24, for example"))?;
        let most = if first.is_ipv4() { 32 } else { 128 };
        if bits > most {
            return Err(format!("{text} is not a network: it has at most {most} bits"));
        }
        // An IPv4 network that is written as IPv6: its addresses count as IPv4.
        let canonical = first.to_canonical();
        let prefix = if canonical.is_ipv4() { most - 32 } else { 0 };
        Ok(bits.checked_sub(prefix).map_or(Subnet::of(first, bits), |bits| Subnet::of(canonical, bits)))
    }
}

impl fmt::Display for Subnet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.first, self.bits)
    }
}

#[cfg(test)]
#[cfg(not(loom))]
mod tests {
    use super::*;

    #[test]
    fn a_subnet_has_the_addresses_that_begin_with_its_bits() {
        let subnet = |text: &str| text.parse::<Subnet>().unwrap();
        let around = |text: &str| Subnet::around(text.parse().unwrap()).to_string();
        assert_eq!(around("192.0.2.77"), "192.0.2.0/24");
        assert_eq!(around("::ffff:192.0.2.77"), "192.0.2.0/24");
        assert_eq!(around("2001:db8:1:2::7"), "2001:db8:1::/48");
        for (block, address, is_in) in [
            ("192.0.2.99/24", "192.0.2.0", true),
            ("192.0.2.0/24", "::ffff:192.0.2.255", true),
            ("192.0.2.0/24", "192.0.3.0", false),
            ("0.0.0.0/0", "198.51.100.1", true),
            ("0.0.0.0/0", "::1", false),
            ("192.0.2.7/32", "192.0.2.7", true),
            ("192.0.2.7/32", "192.0.2.6", false),
            ("2001:db8::/32", "2001:db8:ffff::1", true),
            ("::/0", "::1", true),
            ("::1/128", "::2", false),
            ("::ffff:192.0.2.0/120", "192.0.2.77", true),
            ("::ffff:192.0.2.0/120", "192.0.3.77", false),
            ("::ffff:0.0.0.0/95", "::fffe:192.0.2.77", true),
        ] {
            assert_eq!(subnet(block).contains(address.parse().unwrap()), is_in, "{block} {address}");
        }
        assert!(subnet("127.0.0.0/24").is_loopback() && subnet("::/64").is_loopback());
        assert!(!subnet("192.0.2.0/24").is_loopback());
        for wrong in ["192.0.2.0", "192.0.2/24", "192.0.2.0/33", "::/129", "a/b"] {
            assert!(wrong.parse::<Subnet>().unwrap_err().starts_with(wrong), "{wrong}");
        }
    }

    #[test]
    fn an_ipv4_client_of_a_socket_for_both_families_has_an_ipv4_address_and_a_link_local_one_keeps_its_zone() {
        let shown = |text: &str| canonical(text.parse().unwrap()).to_string();
        assert_eq!(shown("[::ffff:192.0.2.1]:5"), "192.0.2.1:5");
        for address in ["192.0.2.1:5", "[2001:db8::1]:5", "[fe80::1%3]:5"] {
            assert_eq!(shown(address), address);
        }
    }

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
