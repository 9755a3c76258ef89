//! S3, as far as the API looks at it: whether an artifact is there, and the digest of its bytes.
//!
//! These are two requests, signed as S3 wants them and sent by the SDK's own transport. The SDK's client of
//! S3 is left out here: it brings the tables of a dozen checksums along, which nobody asks for here and
//! which are a quarter of what the function may weigh.

use std::fmt::Write;
use std::time::Duration;

use access::bridge::Partition;
use aws_credential_types::provider::{ProvideCredentials, SharedCredentialsProvider};
use aws_smithy_runtime_api::client::http::{HttpConnector, SharedHttpConnector};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_types::SdkConfig;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http_body_util::BodyExt;
use rusty_s3::{Bucket, Credentials, S3Action, UrlStyle};
use sha2::{Digest, Sha256};

use crate::connector::connector;

/// How long S3 may take to begin its answer.
const ANSWER_MAX: Duration = Duration::from_secs(10);

/// How long a signature holds: as long as nobody waits for any more.
const SIGNATURE: Duration = Duration::from_mins(5);

/// S3 has bad moments; so long is waited before each try.
const PAUSES_MILLIS: [u64; 3] = [0, 100, 400];

/// Where S3 is, and who asks.
#[derive(Clone, Debug)]
pub struct Objects {
    connector: SharedHttpConnector,
    credentials: Option<SharedCredentialsProvider>,
    region: String,
    /// Where S3 is instead, in an emulated account.
    elsewhere: Option<String>,
}

/// What is known of an object without reading it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Head {
    pub(crate) size_bytes: u64,
    pub(crate) version: Option<String>,
    /// The SHA-256 of its bytes, if it came with one.
    pub(crate) sha256: Option<[u8; 32]>,
}

impl Objects {
    /// Takes the function's own identity and Region.
    pub fn new(own: &SdkConfig) -> Self {
        let elsewhere = own.endpoint_url().map(str::to_owned);
        Self {
            connector: connector(elsewhere.as_deref()),
            credentials: own.credentials_provider(),
            region: own.region().map(ToString::to_string).unwrap_or_default(),
            elsewhere,
        }
    }

    /// Looks at an object. Nothing if there is none.
    pub(crate) async fn head(&self, bucket: &str, key: &str) -> Result<Option<Head>, String> {
        let place = self.bucket(bucket, key)?;
        let credentials = self.credentials().await?;
        let mut action = place.head_object(Some(&credentials), key);
        action.headers_mut().insert("x-amz-checksum-mode", "ENABLED");
        let answer = self.send("HEAD", action.sign(SIGNATURE).as_str()).await?;
        match answer.status().as_u16() {
            200 => Ok(Some(read(&answer))),
            404 => Ok(None),
            status => Err(refused(&answer, status, bucket, key)),
        }
    }

    /// Reads an object through, for its digest and its length.
    pub(crate) async fn digest(
        &self,
        bucket: &str,
        key: &str,
        version: Option<&str>,
    ) -> Result<(String, u64), String> {
        let place = self.bucket(bucket, key)?;
        let credentials = self.credentials().await?;
        let mut action = place.get_object(Some(&credentials), key);
        if let Some(version) = version {
            action.query_mut().insert("versionId", version.to_owned());
        }
        let answer = self.send("GET", action.sign(SIGNATURE).as_str()).await?;
        let status = answer.status().as_u16();
        if status != 200 {
            return Err(refused(&answer, status, bucket, key));
        }
        let (mut body, mut digest, mut size_bytes) = (answer.into_body(), Sha256::new(), 0);
        while let Some(frame) = body.frame().await {
            let frame = frame.map_err(|error| format!("s3://{bucket}/{key} broke off: {error}"))?;
            if let Ok(piece) = frame.into_data() {
                digest.update(&piece);
                size_bytes += piece.len() as u64;
            }
        }
        Ok((hex::encode(digest.finalize()), size_bytes))
    }

    /// Sends a signed request, again if S3 or the way to it has a bad moment.
    async fn send(&self, method: &'static str, url: &str) -> Result<HttpResponse, String> {
        let mut reason = String::new();
        for pause_millis in PAUSES_MILLIS {
            tokio::time::sleep(Duration::from_millis(pause_millis)).await;
            let mut request = HttpRequest::get(url).map_err(|error| error.to_string())?;
            request.set_method(method).map_err(|error| error.to_string())?;
            if method == "HEAD" {
                request.headers_mut().insert("x-amz-checksum-mode", "ENABLED");
            }
            match tokio::time::timeout(ANSWER_MAX, self.connector.call(request)).await {
                Ok(Ok(answer)) if answer.status().as_u16() < 500 => return Ok(answer),
                Ok(Ok(answer)) => reason = format!("S3 answered {}", answer.status()),
                Ok(Err(error)) => reason = format!("S3 was not reached: {error:?}"),
                Err(_) => reason = format!("no answer within {} seconds", ANSWER_MAX.as_secs()),
            }
        }
        Err(reason)
    }

    async fn credentials(&self) -> Result<Credentials, String> {
        let provider = self.credentials.as_ref().ok_or("there are no credentials for S3")?;
        let own = provider.provide_credentials().await.map_err(|error| error.to_string())?;
        let (id, secret) = (own.access_key_id(), own.secret_access_key());
        Ok(match own.session_token() {
            Some(token) => Credentials::new_with_token(id, secret, token),
            None => Credentials::new(id, secret),
        })
    }

    /// Returns the bucket, as requests for this key name it.
    fn bucket(&self, name: &str, key: &str) -> Result<Bucket, String> {
        // An address cannot spell these: another object would be looked at.
        if key.is_empty() || key.split('/').any(|part| part == "." || part == "..") {
            return Err(format!("`{key}` is no key that an address can spell"));
        }
        let host = format!("https://s3.{}.{}", self.region, Partition::of(&self.region).ending());
        let endpoint = self.elsewhere.as_deref().unwrap_or(&host);
        let endpoint = endpoint.parse().map_err(|_| format!("`{endpoint}` is no address"))?;
        // A certificate holds for one label before S3's name, and other servers know paths only.
        let style = match &self.elsewhere {
            None if !name.contains('.') => UrlStyle::VirtualHost,
            None | Some(_) => UrlStyle::Path,
        };
        Bucket::new(endpoint, style, name.to_owned(), self.region.clone())
            .map_err(|error| format!("bucket `{name}`: {error}"))
    }
}

fn read(answer: &HttpResponse) -> Head {
    let header = |name: &str| answer.headers().get(name);
    let size_bytes = header("content-length").and_then(|length| length.parse().ok());
    // A checksum of checksums of parts is not one of the bytes.
    let is_of_whole = header("x-amz-checksum-type").is_none_or(|kind| kind == "FULL_OBJECT");
    let sha256 = header("x-amz-checksum-sha256").filter(|_| is_of_whole);
    Head {
        size_bytes: size_bytes.unwrap_or_default(),
        version: header("x-amz-version-id").map(str::to_owned),
        sha256: sha256.and_then(|text| STANDARD.decode(text).ok()?.try_into().ok()),
    }
}

fn refused(answer: &HttpResponse, status: u16, bucket: &str, key: &str) -> String {
    let mut said = format!("S3 answered {status} for s3://{bucket}/{key}");
    if let Some(id) = answer.headers().get("x-amz-request-id") {
        write!(said, " (request {id})").expect("a text takes what is written");
    }
    said
}

#[cfg(test)]
mod tests {
    use super::*;

    fn objects(region: &str, elsewhere: Option<&str>) -> Objects {
        Objects {
            connector: connector(Some("http://127.0.0.1:1")),
            credentials: None,
            region: region.to_owned(),
            elsewhere: elsewhere.map(str::to_owned),
        }
    }

    #[test]
    fn a_bucket_is_asked_where_it_is() {
        let rows = [
            ("eu-west-1", None, "b", "https://b.s3.eu-west-1.amazonaws.com/k/1%20%2B"),
            ("cn-north-1", None, "b", "https://b.s3.cn-north-1.amazonaws.com.cn/k/1%20%2B"),
            ("eu-west-1", None, "b.c", "https://s3.eu-west-1.amazonaws.com/b.c/k/1%20%2B"),
            ("eu-west-1", Some("http://127.0.0.1:9/"), "b", "http://127.0.0.1:9/b/k/1%20%2B"),
        ];
        for (region, elsewhere, bucket, url) in rows {
            let bucket = objects(region, elsewhere).bucket(bucket, "k/1 +").unwrap();
            assert_eq!(bucket.object_url("k/1 +").as_str(), url);
        }
    }

    #[test]
    fn a_key_that_an_address_would_resolve_is_never_asked_for() {
        let objects = objects("eu-west-1", None);
        for key in ["", ".", "..", "../other/key", "a/../b", "a/./b", "a/.."] {
            assert!(objects.bucket("b", key).is_err(), "{key}");
        }
        for key in ["a..b", "...", "a/...", "%2e%2e/x"] {
            assert!(objects.bucket("b", key).is_ok(), "{key}");
        }
        let spelled = objects.bucket("b", "%2e%2e/x").unwrap().object_url("%2e%2e/x");
        assert_eq!(spelled.path(), "/%252e%252e/x", "a percent sign is a percent sign");
    }
}
