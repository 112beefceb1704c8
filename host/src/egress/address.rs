//! Which addresses the host may connect to. Only what is publicly routable (IANA's special-purpose registries,
//! RFC 6890): an adapter must not reach the machine, its network or its cloud's metadata through a name or a number.

use std::{
    io,
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
};

use reqwest::dns::{Addrs, Name, Resolve, Resolving};

/// Whether this machine itself may be reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Loopback {
    /// In development, where carriers are simulated.
    Admitted,
    Refused,
}

/// An address that the rules refuse. Says nothing about which one: adapters must not map networks.
#[derive(Debug, thiserror::Error)]
#[error("the destination's name leads to an address that is not public")]
pub(super) struct NotPublic;

/// Looks names up once and refuses a name of which any address is refused.
pub(super) struct Resolver(pub(super) Loopback);

impl Resolve for Resolver {
    fn resolve(&self, name: Name) -> Resolving {
        let loopback = self.0;
        Box::pin(async move {
            let found: Vec<SocketAddr> = tokio::net::lookup_host((name.as_str(), 0)).await?.collect();
            if found.is_empty() {
                return Err(io::Error::new(io::ErrorKind::NotFound, "the name has no address").into());
            }
            Ok(Box::new(all_admitted(loopback, found)?.into_iter()) as Addrs)
        })
    }
}

/// The addresses of a name, if every one of them is admitted: whoever mixes them is up to something.
fn all_admitted(loopback: Loopback, found: Vec<SocketAddr>) -> Result<Vec<SocketAddr>, NotPublic> {
    let admitted = found.iter().all(|address| admits(loopback, address.ip()));
    admitted.then_some(found).ok_or(NotPublic)
}

/// Whether the host may connect to this address.
pub(super) fn admits(loopback: Loopback, address: IpAddr) -> bool {
    let address = match address {
        IpAddr::V6(v6) => embedded(v6).map_or(address, IpAddr::V4),
        v4 => v4,
    };
    if address.is_loopback() {
        return loopback == Loopback::Admitted;
    }
    match address {
        IpAddr::V4(v4) => is_public_v4(v4),
        IpAddr::V6(v6) => is_public_v6(v6),
    }
}

/// The IPv4 address that an IPv6 address stands for: mapped (`::ffff:0:0/96`), or behind NAT64 (`64:ff9b::/96`).
fn embedded(v6: Ipv6Addr) -> Option<Ipv4Addr> {
    let nat64 = v6.segments()[..6] == [0x64, 0xff9b, 0, 0, 0, 0];
    let [.., a, b, c, d] = v6.octets();
    v6.to_ipv4_mapped().or(nat64.then_some(Ipv4Addr::new(a, b, c, d)))
}

fn is_public_v4(v4: Ipv4Addr) -> bool {
    !matches!(
        v4.octets(),
        [0 | 10 | 127, ..]
            | [100, 64..=127, ..]       // carrier-grade NAT; one cloud's metadata
            | [169, 254, ..]            // link-local; most clouds' metadata
            | [172, 16..=31, ..]
            | [192, 0, 0 | 2, _]        // protocol assignments, documentation
            | [192, 88, 99, _]          // 6to4 relays
            | [192, 168, ..]
            | [198, 18 | 19, ..]        // benchmarks
            | [198, 51, 100, _]         // documentation
            | [203, 0, 113, _]          // documentation
            | [224..=255, ..]           // multicast, reserved, broadcast
            | [168, 63, 129, 16] // Azure's wire server: metadata at a public address
    )
}

fn is_public_v6(v6: Ipv6Addr) -> bool {
    let segments = v6.segments();
    let global_unicast = segments[0] & 0xe000 == 0x2000;
    global_unicast
        && !matches!(
            segments,
            [0x2001, 0..=0x1ff, ..]     // protocol assignments, Teredo among them
                | [0x2001, 0xdb8, ..]   // documentation
                | [0x2002, ..]          // 6to4: an IPv4 address in disguise
                | [0x3fff, 0..=0xfff, ..] // documentation
        )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn admitted(loopback: Loopback, address: &str) -> bool {
        admits(loopback, address.parse().unwrap())
    }

    #[test]
    fn public_addresses_are_admitted() {
        for address in [
            "1.1.1.1",
            "100.63.0.1",
            "172.32.0.1",
            "192.0.1.1",
            "2606:4700::1111",
            "64:ff9b::101:101",
        ] {
            assert!(admitted(Loopback::Refused, address), "{address}");
        }
    }

    #[test]
    fn addresses_inside_are_refused_even_in_development() {
        let inside = [
            "0.0.0.0",
            "0.1.2.3",
            "10.0.0.1",
            "100.64.0.1",
            "100.100.100.200",
            "169.254.169.254",
            "172.16.0.1",
            "172.31.255.255",
            "192.0.0.192",
            "192.168.1.1",
            "198.18.0.1",
            "224.0.0.1",
            "239.1.1.1",
            "240.0.0.1",
            "255.255.255.255",
            "168.63.129.16",
            "::",
            "::2",
            "fe80::1",
            "fc00::1",
            "fd00:ec2::254",
            "fec0::1",
            "ff02::1",
            "2001::1",
            "2001:db8::1",
            "2002:7f00:1::",
            "3fff::1",
            "64:ff9b:1::1",
        ];
        for address in inside {
            assert!(!admitted(Loopback::Refused, address), "{address}");
            assert!(!admitted(Loopback::Admitted, address), "{address} in development");
        }
    }

    #[test]
    fn loopback_is_for_development_alone() {
        for address in ["127.0.0.1", "127.255.255.254", "::1", "::ffff:127.0.0.1"] {
            assert!(!admitted(Loopback::Refused, address), "{address}");
            assert!(admitted(Loopback::Admitted, address), "{address} in development");
        }
    }

    #[test]
    fn an_ipv4_address_in_an_ipv6_address_is_judged_as_itself() {
        for address in [
            "::ffff:10.0.0.1",
            "::ffff:169.254.169.254",
            "64:ff9b::a9fe:a9fe",
            "64:ff9b::a00:1",
        ] {
            assert!(!admitted(Loopback::Admitted, address), "{address}");
        }
        assert!(admitted(Loopback::Refused, "::ffff:1.1.1.1"));
    }

    #[test]
    fn one_address_inside_refuses_the_whole_name() {
        let addresses = |texts: &[&str]| texts.iter().map(|text| text.parse().unwrap()).collect();
        let mixed = addresses(&["1.1.1.1:0", "10.0.0.1:0"]);
        assert!(all_admitted(Loopback::Refused, mixed).is_err());
        let public = addresses(&["1.1.1.1:0", "[2606:4700::1111]:0"]);
        assert_eq!(all_admitted(Loopback::Refused, public).unwrap().len(), 2);
    }

    #[tokio::test]
    async fn a_name_that_leads_inside_is_refused() {
        let refused = Resolver(Loopback::Refused)
            .resolve("localhost".parse().unwrap())
            .await;
        assert!(refused.err().unwrap().is::<NotPublic>());
        let admitted = Resolver(Loopback::Admitted)
            .resolve("localhost".parse().unwrap())
            .await;
        assert!(admitted.unwrap().all(|address| address.ip().is_loopback()));
    }
}
