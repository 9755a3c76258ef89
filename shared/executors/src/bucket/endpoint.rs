//! A server that speaks S3 and stands for a bucket.
//!
//! Requests are signed with the credentials that the AWS command line would take from the
//! environment; without any, they are not signed. TLS is left out: such a server is on this machine
//! or next to it.

use std::fs::File;
use std::io;
use std::path::Path;
use std::time::Duration;

use model::outcome::Failure;
use rusty_s3::{Bucket, Credentials, S3Action as _, UrlStyle};
use ureq::http::{HeaderMap, Response};
use ureq::{Agent, Body};

use super::{Found, Key, Note};
use crate::fault;

/// How long a signature holds.
const SIGNATURE: Duration = Duration::from_hours(1);

/// How long the server may take to be reached, and to begin its answer.
const ANSWER: Duration = Duration::from_secs(20);

/// The region that requests are signed for when the environment names none.
const REGION_DEFAULT: &str = "us-east-1";

/// How much of an error's text is read.
const ERROR_BYTES_MAX: u64 = 2000;

/// A bucket of a server.
#[derive(Debug)]
pub(crate) struct EndpointBucket {
    place: String,
    bucket: Bucket,
    credentials: Option<Credentials>,
    agent: Agent,
}

impl EndpointBucket {
    /// Opens a bucket of a server, without asking the server.
    pub(super) fn open(name: &str, place: &str) -> Result<EndpointBucket, Failure> {
        let refuse = |problem: &str| {
            fault::configuration(format!(
                "the bucket {name:?} is at {place:?}, {problem}; write \
                 `--bucket {name}=http://HOST:PORT` or `--bucket {name}=DIR`"
            ))
        };
        if !place.starts_with("http://") {
            return Err(refuse("which is not an endpoint that is reached without TLS"));
        }
        let endpoint = place.parse().map_err(|_| refuse("which is not a URL"))?;
        let region = variable("AWS_REGION").unwrap_or_else(|| REGION_DEFAULT.to_owned());
        let bucket = Bucket::new(endpoint, UrlStyle::Path, name.to_owned(), region);
        let bucket = bucket.map_err(|_| refuse("which cannot hold a bucket"))?;
        let config = Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .proxy(None)
            .timeout_connect(Some(ANSWER))
            .timeout_recv_response(Some(ANSWER))
            .build();
        let place = place.to_owned();
        Ok(EndpointBucket { place, bucket, credentials: credentials(), agent: config.into() })
    }

    /// Returns what an object is now.
    pub(super) fn find(&self, key: &Key) -> Result<Found, Failure> {
        let action = self.bucket.head_object(self.credentials.as_ref(), key.as_str());
        let answer = self.agent.head(action.sign(SIGNATURE).as_str()).call();
        let answer = self.settle("find", key, answer)?;
        self.found(key, answer.headers())
    }

    /// Copies an object to a file of ours.
    pub(super) fn copy_out(
        &self,
        key: &Key,
        version: Option<&str>,
        to: &Path,
    ) -> Result<Found, Failure> {
        // A bucket without versions takes none for a version; one that has them still has a version
        // whose object was deleted.
        let kept =
            version.filter(|_| self.find(key).map_or(true, |found| found.version != found.etag));
        let mut action = self.bucket.get_object(self.credentials.as_ref(), key.as_str());
        if let Some(version) = kept {
            action.query_mut().insert("versionId", version.to_owned());
        }
        let answer = self.agent.get(action.sign(SIGNATURE).as_str()).call();
        let mut answer = self.settle("fetch", key, answer)?;
        let found = self.found(key, answer.headers())?;
        let copied = File::create(to)
            .and_then(|mut file| io::copy(&mut answer.body_mut().as_reader(), &mut file));
        copied.map_err(|error| self.failed("fetch", key, &fault::chain(&error)))?;
        Ok(found)
    }

    /// Puts an object in, with what it has besides its bytes.
    pub(super) fn put(&self, key: &Key, from: &File, note: &Note) -> Result<(), Failure> {
        let mut action = self.bucket.put_object(self.credentials.as_ref(), key.as_str());
        let headers: Vec<_> = note.settings.iter().flat_map(headers_of).collect();
        for (name, value) in &headers {
            action.headers_mut().insert(*name, value.clone());
        }
        let mut request = self.agent.put(action.sign(SIGNATURE).as_str());
        for (name, value) in headers {
            request = request.header(name, value);
        }
        self.settle("put", key, request.send(from)).map(drop)
    }

    /// Makes a failure of an answer that says no.
    fn settle(
        &self,
        doing: &str,
        key: &Key,
        answer: Result<Response<Body>, ureq::Error>,
    ) -> Result<Response<Body>, Failure> {
        let mut answer = answer.map_err(|error| self.failed(doing, key, &error.to_string()))?;
        let status = answer.status();
        if status.is_success() {
            return Ok(answer);
        }
        let text = answer.body_mut().with_config().limit(ERROR_BYTES_MAX).read_to_string();
        let text: String = text.unwrap_or_default().chars().filter(|it| !it.is_control()).collect();
        let hint = match (status.as_u16(), &self.credentials) {
            (401 | 403, None) => {
                "; set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY in the environment"
            }
            (401 | 403, Some(_)) => "; see whether the credentials in the environment may do this",
            (_, _) => "",
        };
        Err(self.failed(doing, key, &format!("the server answered {status} {text}{hint}")))
    }

    fn found(&self, key: &Key, headers: &HeaderMap) -> Result<Found, Failure> {
        let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
        let etag = text("etag").map(|etag| etag.trim_matches('"').to_owned());
        let etag = etag.ok_or_else(|| self.failed("find", key, "the server gave it no ETag"))?;
        // A bucket without versions calls each of them `null`.
        let version = text("x-amz-version-id").filter(|version| *version != "null");
        Ok(Found { version: version.map_or_else(|| etag.clone(), str::to_owned), etag })
    }

    fn failed(&self, doing: &str, key: &Key, problem: &str) -> Failure {
        let (name, place) = (self.bucket.name(), &self.place);
        fault::unavailable(format!(
            "failed to {doing} the object {key} of bucket {name} ({place}): {problem}"
        ))
    }
}

/// Returns the headers that a setting of the action becomes.
fn headers_of((setting, value): &(&'static str, String)) -> Vec<(&'static str, String)> {
    match *setting {
        "CacheControl" => vec![("cache-control", value.clone())],
        "CannedACL" => vec![("x-amz-acl", value.clone())],
        "KMSEncryptionKeyARN" => vec![
            ("x-amz-server-side-encryption", "aws:kms".to_owned()),
            ("x-amz-server-side-encryption-aws-kms-key-id", value.clone()),
        ],
        _ => Vec::new(),
    }
}

fn credentials() -> Option<Credentials> {
    let (key, secret) = (variable("AWS_ACCESS_KEY_ID")?, variable("AWS_SECRET_ACCESS_KEY")?);
    Some(match variable("AWS_SESSION_TOKEN") {
        Some(token) => Credentials::new_with_token(key, secret, token),
        None => Credentials::new(key, secret),
    })
}

/// Returns a variable that the AWS command line reads, too.
fn variable(name: &str) -> Option<String> {
    std::env::var_os(name)?.into_string().ok().filter(|value| !value.is_empty())
}
