//! A client of a server in a data directory: raw requests, signed by AWS's own signer.

use std::fs;
use std::path::Path;
use std::time::{Duration, Instant, SystemTime};

use aws_sdk_codepipeline::config::Credentials;

use aws_sigv4::http_request::{SignableBody, SignableRequest, SigningSettings, sign};
use aws_sigv4::sign::v4;
use aws_smithy_http_client::Connector;
use aws_smithy_runtime_api::client::http::HttpConnector;
use aws_smithy_runtime_api::client::identity::Identity;
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::byte_stream::ByteStream;
use serde_json::Value;

/// Beyond this a server is stuck, and its test has failed.
const PATIENCE: Duration = Duration::from_mins(2);

/// What came of a request.
#[derive(Debug)]
pub(crate) enum Came {
    /// The operation's answer.
    Answer(Value),
    /// The error's code and sentence.
    Fault(String, String),
    /// Nothing: the server is not there, or went away meanwhile.
    Nothing,
}

/// Asks as the key of a data directory.
pub(crate) struct Asking {
    pub(crate) endpoint: String,
    identity: Identity,
    runtime: tokio::runtime::Runtime,
}

impl Asking {
    /// Reads where the server is and the key to ask it with; none while there is no server.
    pub(crate) fn of(data: &Path) -> Option<Self> {
        let text = fs::read(data.join("server.json")).ok()?;
        let file: Value = serde_json::from_slice(&text).expect("the file appears whole");
        let key = fs::read_to_string(file["credentials"].as_str()?).expect("credentials are there");
        let setting = |name: &str| {
            let line = key.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(" = "));
            line.expect("the profile is whole").to_owned()
        };
        let (id, secret) = (setting("aws_access_key_id"), setting("aws_secret_access_key"));
        Some(Self::with(file["endpoint"].as_str()?, &id, &secret))
    }

    /// Asks with another key.
    pub(crate) fn with(endpoint: &str, id: &str, secret: &str) -> Self {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        Self {
            endpoint: endpoint.to_owned(),
            identity: Credentials::new(id, secret, None, None, "test").into(),
            runtime: runtime.expect("a test may have a runtime"),
        }
    }

    /// Asks once.
    pub(crate) fn ask(&self, operation: &str, body: &Value) -> Came {
        self.runtime.block_on(async {
            let request = self.signed(operation, &body.to_string());
            // A connection of its own: a server that was killed leaves none that could be used again.
            let called = Connector::builder().build_http().call(request).await;
            let Ok(mut answer) = called else { return Came::Nothing };
            let is_success = answer.status().is_success();
            let Ok(bytes) = ByteStream::new(answer.take_body()).collect().await else {
                return Came::Nothing;
            };
            let bytes = bytes.into_bytes();
            if bytes.is_empty() {
                return Came::Answer(Value::Null);
            }
            let body: Value = serde_json::from_slice(&bytes).expect("every answer is JSON");
            if is_success {
                return Came::Answer(body);
            }
            let text = |name: &str| body[name].as_str().unwrap_or_default().to_owned();
            Came::Fault(text("__type"), text("message"))
        })
    }

    /// Asks a server that is there, and demands an answer.
    #[track_caller]
    pub(crate) fn answer(&self, operation: &str, body: &Value) -> Value {
        match self.ask(operation, body) {
            Came::Answer(answer) => answer,
            other @ (Came::Fault(..) | Came::Nothing) => {
                panic!("{operation} {body}: {other:?}")
            }
        }
    }

    fn signed(&self, operation: &str, body: &str) -> HttpRequest {
        let target = format!("CodePipeline_20150709.{operation}");
        let headers =
            [("content-type", "application/x-amz-json-1.1"), ("x-amz-target", target.as_str())];
        let parameters = v4::SigningParams::builder()
            .identity(&self.identity)
            .region("us-east-1")
            .name("codepipeline")
            .time(now())
            .settings(SigningSettings::default())
            .build()
            .expect("nothing is left out")
            .into();
        let uri = format!("{}/", self.endpoint);
        let body_signed = SignableBody::Bytes(body.as_bytes());
        let signable = SignableRequest::new("POST", &uri, headers.into_iter(), body_signed);
        let signed = sign(signable.expect("the request is whole"), &parameters);
        let (instructions, _) = signed.expect("the request can be signed").into_parts();
        let mut request = HttpRequest::new(SdkBody::from(body));
        request.set_method("POST").expect("a method");
        request.set_uri(uri.as_str()).expect("a URI");
        let own = headers.into_iter().chain(instructions.headers());
        for (name, value) in own {
            request.headers_mut().insert(name.to_owned(), value.to_owned());
        }
        request
    }
}

/// Waits for the server of a data directory.
#[track_caller]
pub(crate) fn wait_for(data: &Path) -> Asking {
    let deadline = Instant::now() + PATIENCE;
    loop {
        if let Some(asking) = Asking::of(data) {
            return asking;
        }
        assert!(Instant::now() < deadline, "no server says where it is in {}", data.display());
        std::thread::park_timeout(Duration::from_millis(10));
    }
}

#[expect(clippy::disallowed_methods, reason = "a signature is of its moment")]
fn now() -> SystemTime {
    SystemTime::now()
}
