//! Which addresses a host's name may lead to.
//!
//! A name is anybody's to point wherever they like. The addresses that it leads to are looked at before
//! a connection is made, and it is made to one of those: not to this machine, where Lambda's own door is,
//! and not to link-local ones, where credentials are handed out. Private networks are allowed, since that
//! is where hosts of one's own stand.

use std::net::{IpAddr, Ipv6Addr, ToSocketAddrs as _};

use aws_smithy_runtime_api::client::dns::{DnsFuture, ResolveDns, ResolveDnsError};

/// Looks names up, and leaves out what no code host stands at.
#[derive(Clone, Copy, Debug)]
pub(super) struct Outside;

impl ResolveDns for Outside {
    fn resolve_dns<'a>(&'a self, name: &'a str) -> DnsFuture<'a> {
        let name = name.to_owned();
        DnsFuture::new(async move {
            let looked_up = tokio::task::spawn_blocking(move || {
                (name.as_str(), 0).to_socket_addrs().map(|found| {
                    found.map(|address| address.ip()).filter(is_outside).collect::<Vec<_>>()
                })
            });
            let found = looked_up.await.map_err(ResolveDnsError::new)?;
            let found = found.map_err(ResolveDnsError::new)?;
            if found.is_empty() {
                return Err(ResolveDnsError::new("the name leads to no address outside"));
            }
            Ok(found)
        })
    }
}

/// Whether a code host may stand at an address.
fn is_outside(address: &IpAddr) -> bool {
    match address.to_canonical() {
        IpAddr::V4(it) => {
            !(it.is_loopback()
                || it.is_link_local()
                || it.is_unspecified()
                || it.is_multicast()
                || it.is_broadcast()
                || it.octets()[0] == 0)
        }
        IpAddr::V6(it) => {
            !(it.is_loopback()
                || it.is_unicast_link_local()
                || it.is_unspecified()
                || it.is_multicast()
                || is_of_instances(it))
        }
    }
}

/// Whether an address is one of AWS's own services beside an instance, such as its metadata.
fn is_of_instances(address: Ipv6Addr) -> bool {
    address.segments()[..2] == [0xfd00, 0x0ec2]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_name_leads_to_this_machine_or_to_where_credentials_are_handed_out() {
        for inside in [
            "127.0.0.1",
            "127.8.8.8",
            "0.0.0.0",
            "0.1.2.3",
            "169.254.169.254",
            "169.254.100.1",
            "224.0.0.1",
            "255.255.255.255",
            "::1",
            "::",
            "fe80::1",
            "ff02::1",
            "fd00:ec2::254",
            "::ffff:169.254.169.254",
            "::ffff:127.0.0.1",
        ] {
            assert!(!is_outside(&inside.parse().unwrap()), "{inside}");
        }
        for outside in ["140.82.121.4", "10.0.0.7", "192.168.1.1", "2606:50c0::1", "fd12::1"] {
            assert!(is_outside(&outside.parse().unwrap()), "{outside}");
        }
    }
}
