//! Who looks names up.

use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::vec::IntoIter;

use aws_smithy_runtime_api::client::dns::{ResolveDns, SharedDnsResolver};
use hyper_util::client::legacy::connect::dns::{GaiResolver, Name};
use tower_service::Service;

/// Who looks names up, as one type: what stands on it is then compiled once.
#[derive(Clone, Debug)]
pub enum Names {
    /// This machine.
    OfMachine,
    /// Somebody who leaves out what must not be reached.
    By(SharedDnsResolver),
}

impl Service<Name> for Names {
    type Response = IntoIter<SocketAddr>;
    type Error = io::Error;
    type Future = Pin<Box<dyn Future<Output = io::Result<Self::Response>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, name: Name) -> Self::Future {
        match self {
            Self::OfMachine => Box::pin(async move {
                let found = GaiResolver::new().call(name).await?;
                Ok(found.collect::<Vec<_>>().into_iter())
            }),
            Self::By(resolver) => {
                let resolver = resolver.clone();
                Box::pin(async move {
                    let found = resolver.resolve_dns(name.as_str()).await;
                    let found = found.map_err(io::Error::other)?;
                    // The port is the request's own.
                    let found = found.into_iter().map(|address| SocketAddr::new(address, 0));
                    Ok(found.collect::<Vec<_>>().into_iter())
                })
            }
        }
    }
}
