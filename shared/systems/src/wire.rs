//! In tests: the wire between the SDK and AWS.
//!
//! A test hands in what stands for the service, as a function of one request; the SDK's own code writes
//! the requests and reads the answers, so what is tested is what is sent. Everything that was asked is
//! kept in order. Roles can be assumed, as everywhere; nothing of that is kept.

pub(crate) mod storage;

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_runtime_api::http::StatusCode;
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::byte_stream::ByteStream;
use aws_smithy_types::retry::RetryConfig;
use aws_types::SdkConfig;
use aws_types::region::Region;
use model::time::Timestamp;
use providers::Job;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::{Ground, Roles};

pub(crate) mod bucket;

/// When every test takes place.
pub(crate) const NOW_MILLIS: i64 = 1_800_000_000_000;

/// One request, as it was on the wire.
#[derive(Clone, Debug)]
pub(crate) struct Asked {
    /// The operation of a JSON service, for example `StartBuild`; else the method and the path.
    pub(crate) operation: String,
    /// The whole address.
    pub(crate) uri: String,
    /// The headers, by lower-case name.
    pub(crate) headers: BTreeMap<String, String>,
    /// The body.
    pub(crate) bytes: Vec<u8>,
}

impl Asked {
    /// Returns the body of a JSON request.
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.bytes).unwrap_or_default()
    }
}

/// What a service answers.
#[derive(Clone, Debug)]
pub(crate) enum Answer {
    /// An HTTP response.
    Said {
        /// Its status.
        status: u16,
        /// Its headers.
        headers: Vec<(Cow<'static, str>, String)>,
        /// Its body.
        body: Vec<u8>,
    },
    /// The connection breaks. Whether the service did what was asked is nobody's knowledge.
    Broken,
    /// Nothing comes, ever.
    Silence,
}

impl Answer {
    /// An answer of a JSON service.
    pub(crate) fn json(body: &Value) -> Self {
        Self::bytes(body.to_string().into_bytes())
    }

    /// Bytes, as S3 gives them.
    pub(crate) fn bytes(body: Vec<u8>) -> Self {
        Self::Said { status: 200, headers: Vec::new(), body }
    }

    /// A refusal of a JSON service.
    pub(crate) fn refusal(code: &str, message: &str) -> Self {
        let body = json!({ "__type": code, "message": message });
        let headers = vec![("x-amzn-errortype".into(), code.to_owned())];
        Self::Said { status: 400, headers, body: body.to_string().into_bytes() }
    }

    /// A refusal of S3.
    pub(crate) fn s3_refusal(status: u16, code: &str) -> Self {
        let body = format!("<Error><Code>{code}</Code><Message>{code}</Message></Error>");
        Self::Said { status, headers: Vec::new(), body: body.into_bytes() }
    }

    /// Adds a header.
    pub(crate) fn with(
        mut self,
        name: impl Into<Cow<'static, str>>,
        value: impl Into<String>,
    ) -> Self {
        if let Self::Said { headers, .. } = &mut self {
            headers.push((name.into(), value.into()));
        }
        self
    }
}

/// What S3 answers to a look at an object, or to a request for it; none for requests of other services.
pub(crate) fn object(asked: &Asked, objects: &[(&str, &[u8])]) -> Option<Answer> {
    let (method, path) = asked.operation.split_once(" /")?;
    let address = asked.uri.split('/').nth(2)?;
    if !address.contains(".s3.") {
        return None;
    }
    if method == "PUT" {
        return Some(Answer::bytes(Vec::new()));
    }
    let Some((_, content)) = objects.iter().find(|(key, _)| *key == path) else {
        return Some(Answer::s3_refusal(404, "NoSuchKey"));
    };
    let digest = aws_smithy_types::base64::encode(Sha256::digest(content));
    let answer = Answer::bytes(if method == "GET" { content.to_vec() } else { Vec::new() })
        .with("x-amz-checksum-sha256", digest)
        .with("content-length", content.len().to_string());
    Some(answer)
}

type Service = dyn FnMut(&Asked) -> Answer + Send;

/// The wire to one service, or to several that are told apart by what is asked.
#[derive(Clone)]
pub(crate) struct Wire {
    service: Arc<Mutex<Box<Service>>>,
    asked: Arc<Mutex<Vec<Asked>>>,
    is_with_roles: bool,
}

impl Wire {
    /// Puts a service at the other end.
    pub(crate) fn to(service: impl FnMut(&Asked) -> Answer + Send + 'static) -> Self {
        Self {
            service: Arc::new(Mutex::new(Box::new(service))),
            asked: Arc::default(),
            is_with_roles: false,
        }
    }

    /// Puts a service at the other end that is STS as well.
    pub(crate) fn to_roles(service: impl FnMut(&Asked) -> Answer + Send + 'static) -> Self {
        Self { is_with_roles: true, ..Self::to(service) }
    }

    /// Returns the ground of a provider on this wire. Nothing is tried twice by the SDK.
    pub(crate) fn ground(&self) -> Ground {
        let credentials = Credentials::new("AKIDEXAMPLE", "secret", None, None, "test");
        let own = SdkConfig::builder()
            .behavior_version(aws_sdk_sts::config::BehaviorVersion::latest())
            .region(Region::new("us-east-1"))
            .credentials_provider(SharedCredentialsProvider::new(credentials))
            .retry_config(RetryConfig::disabled())
            .http_client(self.clone())
            .build();
        Ground {
            roles: Roles::new(own.clone(), "towpath-test"),
            own,
            now: || Timestamp::from_millis(NOW_MILLIS),
        }
    }

    /// Puts S3 at the other end, and nothing else.
    pub(crate) fn to_storage(storage: &storage::Storage) -> Self {
        let storage = storage.clone();
        Self::to(move |asked| storage.answer(asked))
    }

    /// Returns everything that was asked so far.
    pub(crate) fn asked(&self) -> Vec<Asked> {
        self.asked.lock().unwrap().clone()
    }

    /// Returns the operations that were asked so far.
    pub(crate) fn operations(&self) -> Vec<String> {
        self.asked().into_iter().map(|asked| asked.operation).collect()
    }

    /// Returns the operations that were asked of services other than S3.
    pub(crate) fn calls(&self) -> Vec<String> {
        let asked = self.asked().into_iter().filter(|asked| !asked.uri.contains(".s3."));
        asked.map(|asked| asked.operation).collect()
    }

    /// Returns the bodies of the requests for one operation.
    pub(crate) fn bodies(&self, operation: &str) -> Vec<Value> {
        let asked = self.asked().into_iter().filter(|asked| asked.operation == operation);
        asked.map(|asked| asked.json()).collect()
    }
}

impl std::fmt::Debug for Wire {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Wire").finish_non_exhaustive()
    }
}

impl HttpClient for Wire {
    fn http_connector(
        &self,
        _settings: &HttpConnectorSettings,
        _components: &RuntimeComponents,
    ) -> SharedHttpConnector {
        SharedHttpConnector::new(self.clone())
    }
}

impl HttpConnector for Wire {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let headers = request.headers().iter();
        let headers: BTreeMap<_, _> =
            headers.map(|(name, value)| (name.to_lowercase(), value.to_owned())).collect();
        let uri = request.uri().to_owned();
        let path = uri.splitn(4, '/').nth(3).unwrap_or_default();
        let path = path.split('?').next().unwrap_or_default();
        let operation = match headers.get("x-amz-target") {
            Some(target) => target.rsplit('.').next().unwrap_or_default().to_owned(),
            None => format!("{} /{path}", request.method()),
        };
        let wire = self.clone();
        HttpConnectorFuture::new(async move {
            // A body may be a file, which comes in pieces.
            let body = ByteStream::new(request.into_body()).collect().await;
            let bytes = body.map_err(|error| ConnectorError::io(error.into()))?.to_vec();
            match wire.answer(&Asked { operation, uri, headers, bytes }) {
                Some(answer) => answer,
                None => std::future::pending().await,
            }
        })
    }
}

impl Wire {
    /// Returns what comes back, if anything does.
    fn answer(&self, asked: &Asked) -> Option<Result<HttpResponse, ConnectorError>> {
        if asked.bytes.starts_with(b"Action=AssumeRole&") && !self.is_with_roles {
            let keys = role_assumed("ASIAEXAMPLE", "2027-01-15T09:00:00Z");
            return Some(Ok(respond(200, Vec::new(), keys)));
        }
        self.asked.lock().unwrap().push(asked.clone());
        match (self.service.lock().unwrap())(asked) {
            Answer::Said { status, headers, body } => Some(Ok(respond(status, headers, body))),
            Answer::Broken => Some(Err(ConnectorError::io("the connection was reset".into()))),
            Answer::Silence => None,
        }
    }
}

fn respond(status: u16, headers: Vec<(Cow<'static, str>, String)>, body: Vec<u8>) -> HttpResponse {
    let status = StatusCode::try_from(status).unwrap();
    let mut response = HttpResponse::new(status, SdkBody::from(body));
    for (name, value) in headers {
        response.headers_mut().insert(name, value);
    }
    response
}

/// What STS answers to somebody who may become a role. The tests' sessions end an hour after every test.
pub(crate) fn role_assumed(access_key: &str, expiration: &str) -> Vec<u8> {
    format!(
        "<AssumeRoleResponse><AssumeRoleResult><Credentials><AccessKeyId>{access_key}</AccessKeyId>\
         <SecretAccessKey>of the role</SecretAccessKey><SessionToken>session</SessionToken>\
         <Expiration>{expiration}</Expiration></Credentials></AssumeRoleResult></AssumeRoleResponse>"
    )
    .into_bytes()
}

/// Returns a job of a provider with these settings, asked for a minute ago.
pub(crate) fn job(category: &str, provider: &str, settings: &[(&str, &str)]) -> Job {
    let job = json!({
        "run_id": "5f8a1d0e-0000-5000-8000-00000000c0de",
        "pipeline": "web-app",
        "pipeline_version": 3,
        "execution_id": "018f0000-0000-7000-8000-000000000001",
        "execution_number": 42,
        "stage": "Stage",
        "action": "Action",
        "attempt": 1,
        "category": category,
        "owner": "AWS",
        "provider": provider,
        "version": "1",
        "region": "us-east-1",
        "pipeline_role_arn": "arn:aws:iam::123456789012:role/pipeline",
        "configuration": settings.iter().copied().collect::<BTreeMap<_, _>>(),
        "requested_at_millis": NOW_MILLIS - 60_000,
    });
    serde_json::from_value(job).unwrap()
}
