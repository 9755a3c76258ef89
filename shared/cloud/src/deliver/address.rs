//! Where a delivery may go: the public internet, over TLS.
//!
//! A function that opens connections to addresses which somebody typed in could be led to the metadata of its own
//! machine, to Lambda's own interface, or into a private network (security B9). So an address is read as browsers
//! read it, which leaves one spelling of each number; the name is resolved once, **every** address that it has must be
//! public, and the connection goes to those addresses and no others. A name that is resolved differently a moment
//! later changes nothing.

use std::error::Error;
use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, ToSocketAddrs};

use aws_smithy_runtime_api::client::dns::{DnsFuture, ResolveDns, ResolveDnsError};
use url::{Host, Url};

/// How long an address may be.
const URL_CHARACTERS_MAX: usize = 2_000;

/// How far deliveries reach.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    /// The public internet, over TLS.
    Public,
    /// This machine as well, and without TLS: for tests, where subscribers listen on loopback.
    Loopback,
}

impl Reach {
    /// Reads `TOWPATH_DELIVERIES_REACH`: only `loopback`, which no template sets, allows more than the public
    /// internet.
    pub fn read() -> Self {
        match crate::settings::optional("TOWPATH_DELIVERIES_REACH").as_deref() {
            Some("loopback") => Self::Loopback,
            Some(_) | None => Self::Public,
        }
    }

    fn allows(self, address: IpAddr) -> bool {
        is_public(address) || self == Self::Loopback && address.is_loopback()
    }
}

/// An address that deliveries may go to, as far as its text tells.
#[derive(Clone, PartialEq, Eq)]
pub struct Address(Url);

/// The path of a webhook is as good as a key, so only the host is shown.
impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Address({}://{}/…)", self.0.scheme(), self.0.host_str().unwrap_or_default())
    }
}

impl Address {
    /// Reads an address, or says what is wrong with it without repeating it.
    pub fn parse(text: &str, reach: Reach) -> Result<Self, String> {
        if text.len() > URL_CHARACTERS_MAX {
            return Err(format!("is longer than {URL_CHARACTERS_MAX} characters"));
        }
        let url = Url::parse(text).map_err(|error| format!("is no address: {error}"))?;
        match url.scheme() {
            "https" => {}
            "http" if reach == Reach::Loopback => {}
            _ => return Err("does not begin with https://".to_owned()),
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err("holds a user or a password; take them out".to_owned());
        }
        let refused = |address: IpAddr| {
            (!reach.allows(address)).then(|| format!("leads to {address}, which is not public"))
        };
        let refused = match url.host() {
            None => Some("has no host".to_owned()),
            Some(Host::Ipv4(address)) => refused(IpAddr::V4(address)),
            Some(Host::Ipv6(address)) => refused(IpAddr::V6(address)),
            Some(Host::Domain(name)) => (is_local_name(name) && reach == Reach::Public)
                .then(|| "names a host of this machine or network".to_owned()),
        };
        refused.map_or_else(|| Ok(Self(url)), Err)
    }

    /// Returns the whole address, for the request alone.
    pub(super) fn reveal(&self) -> &str {
        self.0.as_str()
    }
}

/// Whether a name is one that no public resolver answers for.
fn is_local_name(name: &str) -> bool {
    let name = name.trim_end_matches('.').to_ascii_lowercase();
    let endings = [".localhost", ".local", ".internal", ".intranet", ".home.arpa"];
    name == "localhost" || !name.contains('.') || endings.iter().any(|it| name.ends_with(it))
}

/// Whether an address is one of the public internet, and no other kind of any registry.
pub fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => is_public_v4(address),
        IpAddr::V6(address) => is_public_v6(address),
    }
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    let [first, second, third, _] = address.octets();
    let is_special = match (first, second, third) {
        // "This network", and everything from multicast on; shared by carriers; assigned to protocols; relays
        // of 6to4; benchmarks.
        (0 | 224..=255, _, _)
        | (100, 64..=127, _)
        | (192, 0, 0)
        | (192, 88, 99)
        | (198, 18 | 19, _) => true,
        _ => false,
    };
    !(is_special
        || address.is_loopback()
        || address.is_private()
        || address.is_link_local()
        || address.is_documentation())
}

fn is_public_v6(address: Ipv6Addr) -> bool {
    let segments = address.segments();
    match segments {
        // What stands for an address of the older kind is as public as that.
        [0x64, 0xff9b, 0, 0, 0, 0, high, low] | [0x2002, high, low, ..] => {
            is_public_v4(v4(high, low))
        }
        [0, 0, 0, 0, 0, 0xffff, high, low] => is_public_v4(v4(high, low)),
        // Tunnels, benchmarks, identifiers that are routed nowhere, documentation.
        [0x2001, 0..=0x01ff | 0x0db8, ..] | [0x3fff, 0..=0x0fff, ..] => false,
        // Only these are given out to anybody.
        [0x2000..=0x3fff, ..] => true,
        _ => false,
    }
}

fn v4(high: u16, low: u16) -> Ipv4Addr {
    let ([a, b], [c, d]) = (high.to_be_bytes(), low.to_be_bytes());
    Ipv4Addr::new(a, b, c, d)
}

/// Resolves names, and refuses a name as a whole where one of its addresses is not to be reached.
#[derive(Clone, Debug)]
pub(super) struct Guarded<R>(pub(super) Reach, pub(super) R);

/// Asks the machine's own resolver.
#[derive(Clone, Copy, Debug)]
pub(super) struct OfMachine;

impl ResolveDns for OfMachine {
    fn resolve_dns<'a>(&'a self, name: &'a str) -> DnsFuture<'a> {
        let name = name.to_owned();
        DnsFuture::new(async move {
            let resolve = move || (name.as_str(), 0).to_socket_addrs();
            let found = tokio::task::spawn_blocking(resolve).await;
            let found = found.map_err(ResolveDnsError::new)?.map_err(ResolveDnsError::new)?;
            Ok(found.map(|address| address.ip()).collect())
        })
    }
}

impl<R: ResolveDns> ResolveDns for Guarded<R> {
    fn resolve_dns<'a>(&'a self, name: &'a str) -> DnsFuture<'a> {
        DnsFuture::new(async move {
            let found = self.1.resolve_dns(name).await?;
            match found.iter().find(|address| !self.0.allows(**address)) {
                Some(address) => Err(ResolveDnsError::new(NotPublic(*address))),
                None => Ok(found),
            }
        })
    }
}

/// A name leads where nobody is to be led.
#[derive(Clone, Copy, Debug)]
pub(super) struct NotPublic(pub(super) IpAddr);

impl fmt::Display for NotPublic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the name leads to {}, which is not public", self.0)
    }
}

impl Error for NotPublic {}

#[cfg(test)]
mod tests;
