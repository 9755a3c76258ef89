//! The question goes out, and keys come back.

use std::time::Duration;

use aws_smithy_http_client::Connector;
use aws_smithy_http_client::tls::Provider;
use aws_smithy_http_client::tls::rustls_provider::CryptoMode;
use aws_smithy_runtime_api::client::http::HttpConnector;
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::byte_stream::ByteStream;
use serde_json::{Value, json};

use crate::ending::Ending;

/// How long all of it may take.
const TIME_MAX: Duration = Duration::from_secs(30);

/// Where a deployment's API is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Endpoint {
    /// `https`, or `http` on this machine.
    scheme: String,
    /// The host, with its port if it has one: the deployment knows itself by it.
    pub(super) host: String,
}

impl Endpoint {
    /// Reads an address.
    pub(super) fn read(url: &str) -> Result<Self, String> {
        let fix = "write it as the deployment's output ApiUrl, https://….lambda-url.REGION.on.aws";
        let (scheme, rest) = url
            .split_once("://")
            .ok_or_else(|| format!("--endpoint {url} is no address; {fix}"))?;
        let host = rest.split(['/', '?', '#']).next().unwrap_or_default().to_ascii_lowercase();
        let is_letter = |byte: u8| byte.is_ascii_alphanumeric() || b".-:[]".contains(&byte);
        if host.is_empty() || !host.bytes().all(is_letter) {
            return Err(format!("--endpoint {url} names no host; {fix}"));
        }
        let name = host.rsplit_once(':').map_or(host.as_str(), |(name, _)| name);
        let is_here = ["127.0.0.1", "localhost", "[::1]"].contains(&name);
        if scheme != "https" && !(scheme == "http" && is_here) {
            let reason = "what is sent there is as good as your identity for 15 minutes";
            return Err(format!("--endpoint {url} is not https, and {reason}; {fix}"));
        }
        Ok(Self { scheme: scheme.to_owned(), host })
    }

    /// Returns the Region that a function URL tells.
    pub(super) fn region(&self) -> Option<String> {
        let rest = self.host.split_once(".lambda-url.")?.1;
        rest.split('.').next().map(str::to_owned)
    }
}

/// Sends the question to a deployment, and returns the keys as AWS's clients take them.
pub(super) async fn exchange(
    endpoint: &Endpoint,
    region: &str,
    query: &str,
) -> Result<String, Ending> {
    let Endpoint { scheme, host } = endpoint;
    let failed =
        |what: &str| Ending::Failed(Some(format!("{scheme}://{host} gave no keys: {what}")));
    let body = json!({ "region": region, "query": query, "audience": host }).to_string();
    let sent = tokio::time::timeout(TIME_MAX, send(endpoint, body)).await;
    let sent = sent.map_err(|_| failed("it did not answer in time; try again"))?;
    let (is_success, answer) = sent.map_err(|error| failed(&error))?;
    let told: Value = serde_json::from_slice(&answer).unwrap_or(Value::Null);
    if !is_success {
        let said = told["message"].as_str().unwrap_or("it is no deployment of Towpath");
        return Err(failed(said));
    }
    let members = ["AccessKeyId", "SecretAccessKey", "SessionToken", "Expiration"];
    if told["Version"] != 1 || members.iter().any(|name| !told[*name].is_string()) {
        return Err(failed("what it answered are no keys"));
    }
    Ok(told.to_string())
}

async fn send(endpoint: &Endpoint, body: String) -> Result<(bool, Vec<u8>), String> {
    let Endpoint { scheme, host } = endpoint;
    let connector = if scheme == "https" {
        Connector::builder().tls_provider(Provider::Rustls(CryptoMode::Ring)).build()
    } else {
        Connector::builder().build_http()
    };
    let mut request = HttpRequest::new(SdkBody::from(body));
    request.set_method("POST").map_err(|error| error.to_string())?;
    request.set_uri(format!("{scheme}://{host}/token")).map_err(|error| error.to_string())?;
    for (name, value) in [("host", host.as_str()), ("content-type", "application/json")] {
        let set = request.headers_mut().try_insert(name, value.to_owned());
        set.map_err(|error| error.to_string())?;
    }
    let answer = connector.call(request).await.map_err(|error| {
        let reason = aws_smithy_types::error::display::DisplayErrorContext(error);
        format!("it cannot be reached ({reason})")
    })?;
    let is_success = answer.status().is_success();
    let body = ByteStream::new(answer.into_body()).collect().await;
    let body = body.map_err(|error| format!("its answer broke off: {error}"))?;
    Ok((is_success, body.into_bytes().to_vec()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_taken_where_nobody_else_can_listen() {
        let url = "https://Abc.lambda-url.eu-north-1.on.aws/";
        let endpoint = Endpoint::read(url).unwrap();
        assert_eq!(endpoint.host, "abc.lambda-url.eu-north-1.on.aws");
        assert_eq!(endpoint.region().as_deref(), Some("eu-north-1"));
        assert_eq!(Endpoint::read("http://127.0.0.1:7477/x").unwrap().host, "127.0.0.1:7477");
        assert_eq!(Endpoint::read("https://towpath.example").unwrap().region(), None);
        for url in [
            "towpath.example",
            "http://towpath.example",
            "http://127.0.0.1.evil.example",
            "https://user@evil.example",
            "https:///x",
            "ftp://127.0.0.1",
        ] {
            assert!(Endpoint::read(url).unwrap_err().contains("write it as"), "{url}");
        }
    }
}
