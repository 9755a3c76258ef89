//! Where the server listens.

use std::io;
use std::net::{IpAddr, SocketAddr};

use tokio::net::TcpListener;

use crate::Limits;

/// The port that is tried first unless one is asked for.
pub const FIRST_PORT: u16 = 7477;

/// How many ports are tried from [`FIRST_PORT`] up.
const PORTS_MAX: u16 = 100;

/// A server that has its port and answers nobody yet.
#[derive(Debug)]
pub struct Server {
    pub(crate) listener: TcpListener,
    pub(crate) address: SocketAddr,
    pub(crate) limits: Limits,
}

/// There is nothing to listen on.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Others could reach the address.
    #[error(
        "failed to listen on {0}: only this machine is served, over 127.0.0.1; whoever must come from \
         elsewhere comes through a tunnel, such as `ssh -L`"
    )]
    NotLoopback(IpAddr),
    /// The port that was asked for cannot be had.
    #[error("failed to listen on {address}; stop whoever has the port, or choose another one")]
    Port {
        /// Address and port.
        address: SocketAddr,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// None of the usual ports can be had.
    #[error("failed to listen on any port from {FIRST_PORT} to {}; choose one", FIRST_PORT + PORTS_MAX - 1)]
    NoPort {
        /// Why not on the last of them.
        #[source]
        source: io::Error,
    },
}

impl Server {
    /// Takes a port of the loopback address: the one asked for (any free one for 0), or else the first
    /// free one from [`FIRST_PORT`] up.
    pub async fn bind(address: IpAddr, port: Option<u16>, limits: Limits) -> Result<Self, Error> {
        if address != IpAddr::from([127, 0, 0, 1]) {
            return Err(Error::NotLoopback(address));
        }
        let listener = match port {
            Some(port) => {
                let address = SocketAddr::new(address, port);
                let bound = TcpListener::bind(address).await;
                bound.map_err(|source| Error::Port { address, source })?
            }
            None => first_free(address).await?,
        };
        let asked_for = SocketAddr::new(address, port.unwrap_or_default());
        let address =
            listener.local_addr().map_err(|source| Error::Port { address: asked_for, source })?;
        Ok(Self { listener, address, limits })
    }

    /// Returns where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Returns the URL that clients are given.
    pub fn endpoint(&self) -> String {
        format!("http://{}", self.address)
    }
}

async fn first_free(address: IpAddr) -> Result<TcpListener, Error> {
    let mut port = FIRST_PORT;
    loop {
        match TcpListener::bind(SocketAddr::new(address, port)).await {
            Ok(listener) => return Ok(listener),
            Err(_) if port < FIRST_PORT + PORTS_MAX - 1 => port += 1,
            Err(source) => return Err(Error::NoPort { source }),
        }
    }
}
