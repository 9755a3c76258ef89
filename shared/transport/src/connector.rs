//! One exchange after another, over connections that are kept.

use std::sync::OnceLock;
use std::time::Duration;

use aws_smithy_runtime_api::client::connection::{CaptureSmithyConnection, ConnectionMetadata};
use aws_smithy_runtime_api::client::dns::{ResolveDns, SharedDnsResolver};
use aws_smithy_runtime_api::client::http::{
    HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_types::body::SdkBody;
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::connect::{
    CaptureConnection, HttpConnector as Tcp, HttpInfo, capture_connection,
};
use hyper_util::client::legacy::{Builder, Client};
use hyper_util::rt::{TokioExecutor, TokioTimer};

use crate::error::sorted;
use crate::in_time::{InTime, Late};
use crate::names::Names;
use crate::trust::Trust;

/// How long a connection may take where nobody says otherwise. The SDK's own is as long.
const CONNECT_MAX: Duration = Duration::from_millis(3_100);

type Way = InTime<HttpsConnector<Tcp<Names>>>;

/// Carries requests without TLS, for what stands on loopback.
pub fn over_http() -> SharedHttpConnector {
    SharedHttpConnector::new(Connector::new(Names::OfMachine, Trust::Nobody, settings()))
}

/// Carries requests to whom this machine trusts.
pub fn over_tls() -> SharedHttpConnector {
    over_tls_with(Names::OfMachine, Trust::System)
}

/// Carries requests to whom `trust` names, at addresses that `names` gives.
pub fn over_tls_with(names: Names, trust: Trust) -> SharedHttpConnector {
    SharedHttpConnector::new(Connector::new(names, trust, settings()))
}

impl Names {
    /// Takes who looks names up.
    pub fn by(resolver: impl ResolveDns + 'static) -> Self {
        Self::By(SharedDnsResolver::new(resolver))
    }
}

fn settings() -> HttpConnectorSettings {
    HttpConnectorSettings::builder().connect_timeout(CONNECT_MAX).build()
}

/// Keeps connections, and sends requests over them.
#[derive(Debug)]
pub(crate) struct Connector {
    names: Names,
    trust: Trust,
    settings: HttpConnectorSettings,
    /// Made by the first request: the roots of trust are read for it, and that would be most of what a start takes.
    client: OnceLock<Client<Way, SdkBody>>,
}

impl Connector {
    pub(crate) fn new(names: Names, trust: Trust, settings: HttpConnectorSettings) -> Self {
        Self { names, trust, settings, client: OnceLock::new() }
    }

    fn client(&self) -> &Client<Way, SdkBody> {
        self.client.get_or_init(|| self.make())
    }

    fn make(&self) -> Client<Way, SdkBody> {
        let mut tcp = Tcp::new_with_resolver(self.names.clone());
        // A request is small, and nobody waits for more of it.
        tcp.set_nodelay(true);
        tcp.enforce_http(false);
        let tls = HttpsConnectorBuilder::new()
            .with_tls_config(self.trust.settings())
            .https_or_http()
            .enable_http1()
            .wrap_connector(tcp);
        let way = InTime { connect: tls, limit: self.settings.connect_timeout() };
        Builder::new(TokioExecutor::new()).pool_timer(TokioTimer::new()).build(way)
    }
}

impl HttpConnector for Connector {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let mut request = match request.try_into_http1x() {
            Ok(request) => request,
            Err(error) => {
                return HttpConnectorFuture::ready(Err(ConnectorError::user(error.into())));
            }
        };
        let connection = capture_connection(&mut request);
        if let Some(captured) = request.extensions().get::<CaptureSmithyConnection>() {
            captured.set_connection_retriever(move || spoilable(&connection));
        }
        let (sent, answer_max) = (self.client().request(request), self.settings.read_timeout());
        HttpConnectorFuture::new(async move {
            let answer = match answer_max {
                None => sent.await,
                Some(limit) => tokio::time::timeout(limit, sent)
                    .await
                    .map_err(|_| ConnectorError::timeout(Late(limit).into()))?,
            };
            let answer = answer.map_err(sorted)?.map(SdkBody::from_body_1_x);
            HttpResponse::try_from(answer)
                .map_err(|error| ConnectorError::other(error.into(), None))
        })
    }
}

/// Lets the SDK say that a connection is not to be used again: what answered badly may answer badly again.
fn spoilable(connection: &CaptureConnection) -> Option<ConnectionMetadata> {
    let connection = connection.clone();
    let mut extensions = http::Extensions::new();
    connection.connection_metadata().as_ref()?.get_extras(&mut extensions);
    let ends = extensions.get::<HttpInfo>();
    let mut metadata = ConnectionMetadata::builder().proxied(false);
    metadata
        .set_local_addr(ends.map(HttpInfo::local_addr))
        .set_remote_addr(ends.map(HttpInfo::remote_addr));
    let spoil = move || {
        if let Some(connected) = connection.connection_metadata().as_ref() {
            connected.poison();
        }
    };
    Some(metadata.poison_fn(spoil).build())
}
