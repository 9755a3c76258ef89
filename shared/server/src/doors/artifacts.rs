//! The artifacts of jobs, for job workers: as much of S3 as `GetObject`, `HeadObject` and `PutObject`,
//! and the latter in parts.
//!
//! A job comes with keys that are good for its own artifacts and nothing else (contract J6): which
//! objects may be read and which written is sealed in the session token that every request carries.
//! What is stored goes the same way as what our own actions store, so a key is written once (law S12).

mod answer;
mod get;
mod multipart;
mod object;
mod put;
mod scope;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use access::Identity;
use access::keys::{Draw, SessionKeys};
use access::sigv4::{Claim, Expected, verify_head};
use api::{ArtifactScope, Credentials};
use artifacts::Directory;
use http::header::AUTHORIZATION;
use http::request::Parts;
use http::{HeaderMap, Method, Response, StatusCode};
use hyper::body::Incoming;
use model::time::Timestamp;

use crate::Limits;
use crate::body::Body;
use crate::doors::artifacts::answer::failed;
use crate::doors::artifacts::multipart::Step;
use crate::doors::artifacts::object::Object;
use crate::doors::artifacts::scope::{may_read, may_write};
use crate::refusal::Refusal;

pub(crate) use crate::doors::artifacts::answer::refuse;

/// How long a job's keys are good; a longer job asks for its details again and gets new ones.
const KEYS_SECONDS: u32 = 60 * 60;

/// The artifacts' door.
#[derive(Clone, Debug)]
pub struct Artifacts {
    directory: Arc<Directory>,
    keys: SessionKeys,
    uploads: PathBuf,
}

impl Artifacts {
    /// Serves a directory to whoever has keys of ours. What is being uploaded is collected in
    /// `uploads`, which must be there; what lies there longer than a request is nobody's.
    pub fn new(directory: Directory, keys: SessionKeys, uploads: PathBuf) -> Self {
        Self { directory: Arc::new(directory), keys, uploads }
    }

    /// Makes keys for the artifacts of one job.
    pub fn issue(
        &self,
        to: &Identity,
        scope: &ArtifactScope,
        now: Timestamp,
        draw: Draw<'_>,
    ) -> Result<Credentials, String> {
        let scope = scope::write(scope)?;
        let issued = self.keys.issue(to, Some(&scope), now, KEYS_SECONDS, draw);
        Ok(Credentials {
            access_key_id: issued.access_key,
            secret_access_key: issued.secret,
            session_token: issued.session_token,
        })
    }

    /// Answers a request that came through the gate.
    pub(crate) async fn answer(
        &self,
        parts: &Parts,
        body: Incoming,
        limits: &Limits,
        now: Timestamp,
    ) -> Response<Body> {
        let answered = self.follow(parts, body, limits, now).await;
        answered.unwrap_or_else(|refusal| refuse(&refusal))
    }

    async fn follow(
        &self,
        parts: &Parts,
        body: Incoming,
        limits: &Limits,
        now: Timestamp,
    ) -> Result<Response<Body>, Refusal> {
        let (scope, claim) = self.let_in(parts, now)?;
        let object = Object::of(&parts.uri)?;
        let refused = |message: String| {
            Err(Refusal::new(StatusCode::FORBIDDEN, "AccessDenied", message).ending())
        };
        let step = Step::of(parts);
        let query = parts.uri.query().unwrap_or_default();
        if step.is_none() && !query.is_empty() && !query.starts_with("x-id=") {
            return refused(format!("job workers cannot ask for `{query}` here"));
        }
        let is_allowed = match parts.method {
            Method::GET | Method::HEAD => may_read(&scope, &object),
            Method::PUT => may_write(&scope, &object),
            // Without a step of an upload there is nothing to do this way.
            Method::POST | Method::DELETE => step.is_some() && may_write(&scope, &object),
            _ => false,
        };
        if !is_allowed {
            return refused(format!("the keys of this job do not open {object} this way"));
        }
        match step {
            Some(step) => self.upload(step, parts, body, &object, claim, limits).await,
            None if parts.method == Method::PUT => {
                self.put(parts, body, &object, claim, limits).await
            }
            None => self.get(parts, &object, limits).await,
        }
    }

    /// Finds out whose job asks. Only keys that were made for a job have a scope.
    fn let_in(&self, parts: &Parts, now: Timestamp) -> Result<(String, Claim), Refusal> {
        let expected = Expected { service: "s3", regions: &[], takes_unsigned_payload: true };
        let refused =
            |code, message: String| Refusal::new(StatusCode::FORBIDDEN, code, message).ending();
        let (signed, claim) =
            verify_head(parts, &self.keys, &expected, now).map_err(|unsigned| {
                let code = match unsigned.code {
                    "MissingAuthenticationTokenException" => "AccessDenied",
                    "UnrecognizedClientException" => "InvalidAccessKeyId",
                    "ExpiredTokenException" => "ExpiredToken",
                    "IncompleteSignatureException" => "AuthorizationHeaderMalformed",
                    _ => "SignatureDoesNotMatch",
                };
                refused(code, unsigned.message)
            })?;
        let scope = signed.scope.ok_or_else(|| {
            refused("AccessDenied", "only the keys of a job open its artifacts".to_owned())
        })?;
        Ok((scope, claim))
    }

    /// Returns where artifacts on their way in are.
    fn uploads(&self) -> &Path {
        &self.uploads
    }

    /// Looks at something in the directory, where it may take its time.
    async fn blocking<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Directory) -> Result<T, artifacts::Error> + Send + 'static,
    ) -> Result<T, Refusal> {
        let directory = self.directory.clone();
        let worked = tokio::task::spawn_blocking(move || work(&directory)).await;
        match worked {
            Ok(result) => result.map_err(|error| failed(&error)),
            Err(error) => Err(answer::internal(&error)),
        }
    }
}

/// Whether a request says that it is signed for S3.
pub(crate) fn is_signed_for(headers: &HeaderMap) -> bool {
    let authorization = headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok());
    authorization.is_some_and(|text| text.contains("/s3/aws4_request"))
}
