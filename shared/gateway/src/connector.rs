//! What carries requests that no client of the SDK's makes: one exchange each, nowhere but where it is sent.

use aws_smithy_http_client::tls::Provider;
use aws_smithy_http_client::tls::rustls_provider::CryptoMode;
use aws_smithy_http_client::{Connector, proxy::ProxyConfig};

/// Makes one. It follows nothing, and asks no environment for a proxy.
pub(crate) fn connector(elsewhere: Option<&str>) -> Connector {
    let builder = Connector::builder().proxy_config(ProxyConfig::disabled());
    if elsewhere.is_some_and(|base| base.starts_with("http://")) {
        builder.build_http()
    } else {
        builder.tls_provider(Provider::Rustls(CryptoMode::Ring)).build()
    }
}
