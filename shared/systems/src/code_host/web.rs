//! Asks a host over HTTP: bounded in size and time, and sent nowhere but to the host.

mod address;
mod refusal;

use std::path::Path;
use std::time::Duration;

use aws_smithy_runtime_api::client::http::{HttpConnector as _, SharedHttpConnector};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_types::base64;
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::byte_stream::ByteStream;
use serde_json::Value;
use transport::{Names, Trust, over_http, over_tls_with};
use url::Url;

use super::Trouble;
use super::host::{Host, Kind};
use crate::Ground;
use crate::artifact;
use crate::fault::{Fault, chain};
pub(super) use refusal::Missing;

/// How many bytes an answer in JSON may have: a commit with a long message and many files.
const JSON_BYTES_MAX: u64 = 16 * 1024 * 1024;

/// How many bytes an archive may have (contract §1.6).
const ARCHIVE_BYTES_MAX: u64 = 1_000_000_000;

/// How often an answer may send us elsewhere.
const REDIRECTS_MAX: usize = 5;

/// How long a host may take for an answer in JSON, and for an archive.
const JSON_SECONDS_MAX: u64 = 60;
const ARCHIVE_SECONDS_MAX: u64 = 300;

/// Returns what carries requests: TLS with the roots of this machine, to addresses that are no secret
/// doors of it.
pub(super) fn connector(is_loopback: bool) -> SharedHttpConnector {
    if is_loopback {
        over_http()
    } else {
        over_tls_with(Names::by(address::Outside), Trust::System)
    }
}

/// Whether the deployment itself stands on this machine, as it does in tests.
pub(super) fn is_loopback(ground: &Ground) -> bool {
    let url = ground.own.endpoint_url().and_then(|url| Url::parse(url).ok());
    url.is_some_and(|url| {
        url.scheme() == "http"
            && matches!(url.host_str(), Some("127.0.0.1" | "[::1]" | "localhost"))
    })
}

/// One host, and how to ask it.
pub(super) struct Web<'a> {
    http: &'a SharedHttpConnector,
    host: &'a Host,
    secret: String,
}

impl<'a> Web<'a> {
    /// `secret` says where the token is kept.
    pub(super) fn new(http: &'a SharedHttpConnector, host: &'a Host, secret: String) -> Self {
        Self { http, host, secret }
    }

    /// Says where the token is kept.
    pub(super) fn secret(&self) -> &str {
        &self.secret
    }

    /// Asks for a value in JSON.
    pub(super) async fn json(
        &self,
        url: Url,
        repository: &str,
        missing: &Missing,
    ) -> Result<Value, Trouble> {
        let asked = async {
            let response = self.get(url, repository, missing).await?;
            let mut text = Vec::new();
            self.read(response, JSON_BYTES_MAX, &mut text).await?;
            serde_json::from_slice(&text).map_err(|_| {
                Trouble::Fault(Fault::job_failed(format!(
                    "{} answers with something that is no JSON; see that it is a code host, that the \
                     secret's kind is right, and that no sign-in page stands before its API",
                    self.host.name()
                )))
            })
        };
        self.in_time(JSON_SECONDS_MAX, asked).await
    }

    /// Fetches an archive into a file.
    pub(super) async fn fetch(&self, url: Url, to: &Path, repository: &str) -> Result<(), Trouble> {
        let missing = Missing::Revision(format!(
            "{} has no archive of {repository}; see that the token of {} may read the repository's \
             contents",
            self.host.name(),
            self.secret
        ));
        let fetched = async {
            let response = self.get(url, repository, &missing).await?;
            let file = std::fs::File::create(to);
            let mut file = file.map_err(|error| artifact::disk("write a source", &error))?;
            self.read(response, ARCHIVE_BYTES_MAX, &mut file).await?;
            Ok(())
        };
        self.in_time(ARCHIVE_SECONDS_MAX, fetched).await?;
        let mut magic = [0; 2];
        let read = std::fs::File::open(to)
            .and_then(|mut file| std::io::Read::read_exact(&mut file, &mut magic));
        if read.is_ok() && magic == *b"PK" {
            return Ok(());
        }
        Err(Trouble::Fault(Fault::job_failed(format!(
            "{} answers with something that is no archive of {repository}; see that the token of {} may \
             read its contents, and that no sign-in page stands before it",
            self.host.name(),
            self.secret
        ))))
    }

    /// Asks, and follows where the answer sends us as long as that is the host's own.
    async fn get(
        &self,
        mut url: Url,
        repository: &str,
        missing: &Missing,
    ) -> Result<HttpResponse, Trouble> {
        for _ in 0..=REDIRECTS_MAX {
            if !self.host.takes(&url) {
                return Err(Trouble::Fault(Fault::job_failed(format!(
                    "{} sends us to {}, where nothing is fetched from: only the host itself is asked; if \
                     it moved, write its new name into {}",
                    self.host.name(),
                    url.host_str().unwrap_or("nowhere"),
                    self.secret
                ))));
            }
            let response = self.ask(&url).await?;
            let status = response.status().as_u16();
            if matches!(status, 301 | 302 | 303 | 307 | 308) {
                let next = response.headers().get("location").and_then(|it| url.join(it).ok());
                url = next.ok_or_else(|| {
                    Fault::job_failed(format!("{} sends us nowhere", self.host.name()))
                })?;
                continue;
            }
            if status == 200 {
                return Ok(response);
            }
            return Err(refusal::of(self, &response, repository, missing));
        }
        let name = self.host.name();
        Err(Trouble::Fault(Fault::job_failed(format!("{name} sends us in circles"))))
    }

    async fn ask(&self, url: &Url) -> Result<HttpResponse, Trouble> {
        let mut request = HttpRequest::new(SdkBody::empty());
        let unusable = || Trouble::Fault(Fault::job_failed("the address cannot be asked for"));
        request.set_uri(url.as_str()).map_err(|_| unusable())?;
        let headers = request.headers_mut();
        // GitHub answers nobody without a name.
        headers.insert("user-agent", "towpath");
        headers.insert(
            "accept",
            if self.host.kind() == Kind::GitHub { "application/vnd.github+json" } else { "*/*" },
        );
        if self.host.knows(url) {
            let credentials = &self.host.credentials;
            let shown = match &credentials.user {
                Some(user) => {
                    format!("Basic {}", base64::encode(format!("{user}:{}", credentials.token)))
                }
                None => format!("Bearer {}", credentials.token),
            };
            headers.try_insert("authorization", shown).map_err(|_| unusable())?;
        }
        self.http.call(request).await.map_err(|error| {
            let name = self.host.name();
            Trouble::Fault(Fault::Later(format!("{name} cannot be reached: {}", chain(&error))))
        })
    }

    async fn read(
        &self,
        response: HttpResponse,
        bytes_max: u64,
        to: &mut impl std::io::Write,
    ) -> Result<(), Trouble> {
        let name = self.host.name();
        let mut body = ByteStream::new(response.into_body());
        let mut bytes = 0_u64;
        while let Some(chunk) = body.next().await {
            let chunk = chunk.map_err(|error| {
                Fault::Later(format!("{name} broke off in its answer: {}", chain(&error)))
            })?;
            bytes += chunk.len() as u64;
            if bytes > bytes_max {
                return Err(Trouble::Fault(Fault::job_failed(format!(
                    "{name} answers with more than {bytes_max} bytes, and no more are taken; keep large \
                     files out of the repository, or clone it in CodeBuild with OutputArtifactFormat \
                     CODEBUILD_CLONE_REF"
                ))));
            }
            to.write_all(&chunk).map_err(|error| artifact::disk("write a source", &error))?;
        }
        Ok(())
    }

    async fn in_time<T>(
        &self,
        seconds_max: u64,
        asked: impl Future<Output = Result<T, Trouble>>,
    ) -> Result<T, Trouble> {
        match tokio::time::timeout(Duration::from_secs(seconds_max), asked).await {
            Ok(answer) => answer,
            Err(_) => Err(Trouble::Fault(Fault::Later(format!(
                "{} did not answer in {seconds_max} seconds",
                self.host.name()
            )))),
        }
    }
}
