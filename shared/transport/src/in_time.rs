//! A connection that stands in time: from the name that is looked up to the end of the handshake of TLS.

use std::error::Error;
use std::future::Future;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use http::Uri;
use tower_service::Service;

type Reason = Box<dyn Error + Send + Sync>;

/// Connects within a limit, or not at all.
#[derive(Clone, Debug)]
pub(crate) struct InTime<C> {
    pub(crate) connect: C,
    pub(crate) limit: Option<Duration>,
}

impl<C> Service<Uri> for InTime<C>
where
    C: Service<Uri>,
    C::Future: Send + 'static,
    C::Error: Into<Reason>,
{
    type Response = C::Response;
    type Error = Reason;
    type Future = Pin<Box<dyn Future<Output = Result<C::Response, Reason>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Reason>> {
        self.connect.poll_ready(context).map_err(Into::into)
    }

    fn call(&mut self, to: Uri) -> Self::Future {
        let connected = self.connect.call(to);
        let limit = self.limit;
        Box::pin(async move {
            let Some(limit) = limit else { return connected.await.map_err(Into::into) };
            let connected = tokio::time::timeout(limit, connected).await;
            let late = || io::Error::new(io::ErrorKind::TimedOut, Late(limit));
            connected.map_err(|_| late())?.map_err(Into::into)
        })
    }
}

/// Nothing came in time.
#[derive(Debug, thiserror::Error)]
#[error("it took more than {0:?}")]
pub(crate) struct Late(pub(crate) Duration);
