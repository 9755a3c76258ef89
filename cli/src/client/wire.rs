//! The way to a server: without TLS to this machine; with TLS, and through the proxy that the environment
//! names, to everywhere else. Who answers with another address is not followed there.

use std::error::Error;
use std::time::Duration;

use aws_smithy_http_client::Connector;
use aws_smithy_http_client::proxy::ProxyConfig;
use aws_smithy_http_client::tls::Provider;
use aws_smithy_http_client::tls::rustls_provider::CryptoMode;
use aws_smithy_runtime_api::client::http::{
    HttpConnector, HttpConnectorSettings, SharedHttpClient, SharedHttpConnector, http_client_fn,
};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_types::byte_stream::ByteStream;

/// How long a connection on this machine may take to come about.
const CONNECT_HERE: Duration = Duration::from_secs(3);

/// How long one to elsewhere may take, its proxy and its certificates included.
const CONNECT: Duration = Duration::from_secs(10);

/// How long one question may take from its first byte to the last one of its answer.
const TIME_MAX: Duration = Duration::from_secs(30);

/// What was answered.
pub(crate) struct Answered {
    pub(crate) status: u16,
    /// Which error AWS says it is, where AWS answers and not who is behind it.
    pub(crate) error_kind: Option<String>,
    pub(crate) body: Vec<u8>,
}

/// Returns the sentence of the first cause.
pub(crate) fn innermost(error: &dyn Error) -> String {
    let mut cause = error;
    while let Some(next) = cause.source() {
        cause = next;
    }
    cause.to_string()
}

/// Returns the way to an address.
pub(crate) fn connector(url: &str) -> SharedHttpConnector {
    let is_here = url.starts_with("http://");
    let connect = if is_here { CONNECT_HERE } else { CONNECT };
    let settings = HttpConnectorSettings::builder().connect_timeout(connect).build();
    let builder = Connector::builder().connector_settings(settings);
    if is_here {
        return SharedHttpConnector::new(builder.build_http());
    }
    let builder = builder.proxy_config(ProxyConfig::from_env());
    SharedHttpConnector::new(builder.tls_provider(Provider::Rustls(CryptoMode::Ring)).build())
}

/// Gives the way to an SDK.
pub(crate) fn client(connector: &SharedHttpConnector) -> SharedHttpClient {
    let connector = connector.clone();
    http_client_fn(move |_, _| connector.clone())
}

/// Sends a request, and waits for all of the answer; a sentence if there is none.
pub(crate) async fn send(
    connector: &SharedHttpConnector,
    request: HttpRequest,
) -> Result<Answered, String> {
    let sent = tokio::time::timeout(TIME_MAX, receive(connector, request)).await;
    sent.map_err(|_| "it did not answer in time; try again".to_owned())?
}

async fn receive(
    connector: &SharedHttpConnector,
    request: HttpRequest,
) -> Result<Answered, String> {
    let answer = connector.call(request).await;
    let answer = answer.map_err(|error| format!("it cannot be reached: {}", innermost(&error)))?;
    let status = answer.status().as_u16();
    let error_kind = answer.headers().get("x-amzn-errortype").map(str::to_owned);
    let body = ByteStream::new(answer.into_body()).collect().await;
    let body = body.map_err(|error| format!("its answer broke off: {error}"))?;
    Ok(Answered { status, error_kind, body: body.into_bytes().to_vec() })
}
