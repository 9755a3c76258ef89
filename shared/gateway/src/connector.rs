//! What carries requests that no client of the SDK's makes: one exchange each, nowhere but where it is sent.

use aws_smithy_runtime_api::client::http::SharedHttpConnector;

/// Makes one. It follows nothing, and asks no environment for a proxy.
pub(crate) fn connector(elsewhere: Option<&str>) -> SharedHttpConnector {
    if elsewhere.is_some_and(|base| base.starts_with("http://")) {
        transport::over_http()
    } else {
        transport::over_tls()
    }
}
