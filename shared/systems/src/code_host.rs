//! A branch at GitHub, Bitbucket or GitLab (contract §5.1).
//!
//! One commit is looked up and its archive fetched over the host's own HTTP API, with a token that the
//! pipeline's role reads from Secrets Manager ([`connection`], ADR 12). The archive comes from outside and
//! is unpacked by the rules of `artifacts::archive`, without its top folder, and packed anew, so that one
//! commit makes one artifact wherever it was fetched from.
//!
//! A start that is repeated finds the artifact that the first one stored, with the commit that it was
//! made of, and reports that one: the branch may have moved in between (R8).
//!
//! Nothing that a repository or a host says decides where a token is sent ([`host::Host::takes`]).

mod archive;
mod commit;
mod connection;
mod host;
mod secret;
mod settings;
#[cfg(test)]
mod tests;
mod web;

use std::path::Path;
use std::sync::OnceLock;

use async_trait::async_trait;
use aws_smithy_runtime_api::client::http::SharedHttpConnector;
use model::outcome::{Failure, Outcome, SourceRevision, StoredArtifact, Success};
use providers::clone_reference::{self, CloneReference};
use providers::{Error, Job, Memory, Progress, Provider, revision};

use crate::Ground;
use crate::artifact::{self, Content};
use crate::fault::{self, Fault, first_characters};
use commit::Commit;
use host::Host;
use settings::{Format, Source};
use web::Web;

/// A branch at GitHub, Bitbucket or GitLab.
pub(crate) struct CodeHost {
    ground: Ground,
    /// Made when the first source is fetched, since most functions never fetch one.
    http: OnceLock<SharedHttpConnector>,
}

/// Why a source goes no further for now.
enum Trouble {
    Fault(Fault),
    /// The host wants to be asked again after so many seconds.
    Busy(u32),
}

impl From<Fault> for Trouble {
    fn from(fault: Fault) -> Self {
        Self::Fault(fault)
    }
}

impl From<Failure> for Trouble {
    fn from(failure: Failure) -> Self {
        Self::Fault(failure.into())
    }
}

impl CodeHost {
    pub(crate) fn new(ground: Ground) -> Self {
        Self { ground, http: OnceLock::new() }
    }
}

#[async_trait]
impl Provider for CodeHost {
    async fn start(&self, job: &Job) -> Result<Progress, Error> {
        let is_loopback = web::is_loopback(&self.ground);
        let http = self.http.get_or_init(|| web::connector(is_loopback));
        let brought = bring(&self.ground, http, job).await;
        fault::settle(match brought {
            Ok(success) => Ok(Progress::Done(Outcome::Succeeded(success))),
            Err(Trouble::Fault(fault)) => Err(fault),
            Err(Trouble::Busy(seconds)) => Ok(Progress::Running {
                external_id: None,
                external_url: None,
                ask_again_seconds: Some(seconds),
            }),
        })
    }

    async fn poll(&self, _job: &Job) -> Result<Progress, Error> {
        // Everything is done while it is started; what was not reported is started again.
        Ok(Progress::Unknown)
    }

    async fn cancel(&self, _job: &Job) -> Result<(), Error> {
        Ok(())
    }

    fn memory(&self) -> Memory {
        Memory::Own
    }
}

async fn bring(ground: &Ground, http: &SharedHttpConnector, job: &Job) -> Result<Success, Trouble> {
    let source = Source::read(job)?;
    let output = job.only_output()?;
    let pinned = revision::commit(job)?;
    let host = connection::host(ground, job, &source).await?;
    let web = Web::new(http, &host, source.secret_shown());

    let earlier = artifact::kept(ground, job, output).await?;
    let known = earlier.as_ref().and_then(|kept| kept.note.clone()).or(pinned);
    let mut commit = commit::find(&web, &host, &source, known.as_deref()).await?;
    let kept = if let Some(kept) = earlier {
        kept
    } else {
        let place = tempfile::tempdir()
            .map_err(|error| artifact::disk("make a directory for the source", &error))?;
        let content = content(&web, &host, &source, &commit, place.path()).await?;
        artifact::keep(ground, job, output, content, Some(&commit.id)).await?
    };
    // Another start was faster, and what it stored is the artifact.
    if let Some(stored) = kept.note.as_deref().filter(|stored| *stored != commit.id) {
        commit = commit::find(&web, &host, &source, Some(stored)).await?;
    }
    Ok(success(&source, &host, commit, kept.artifact))
}

/// Fetches what goes into the artifact. `place` is a directory for what is needed on the way.
async fn content(
    web: &Web<'_>,
    host: &Host,
    source: &Source<'_>,
    commit: &Commit,
    place: &Path,
) -> Result<Content, Trouble> {
    Ok(match source.format {
        Format::CodeZip => {
            let fetched = place.join("fetched.zip");
            let url = host.archive_url(&source.repository, &commit.id);
            web.fetch(url, &fetched, &source.repository).await?;
            let shown = format!("{} at {}", source.repository, host.name());
            let place = place.to_owned();
            let packed = move || archive::repack(&fetched, &place, &shown);
            Content::File(artifact::blocking(packed).await??)
        }
        Format::CloneReference => {
            let reference = CloneReference::new(&source.repository, &source.branch, &commit.id);
            let url = host.clone_url(&source.repository);
            let reference = reference.at(host.clone_kind(), url, source.connection());
            let text = reference.render();
            let name = clone_reference::FILE_NAME;
            Content::Bytes(artifact::pack_one(name, text.as_bytes()).await?)
        }
    })
}

fn success(source: &Source<'_>, host: &Host, commit: Commit, artifact: StoredArtifact) -> Success {
    let page = host.page_of(&source.repository, &commit.id);
    let summary = summary(source, host, &commit.message);
    Success {
        external_id: Some(commit.id.clone()),
        external_url: Some(page.clone()),
        variables: source.variables(&commit, &page),
        artifacts: vec![artifact],
        revision: Some(SourceRevision { id: commit.id, summary, url: Some(page) }),
        ..Success::default()
    }
}

/// Returns the line that people see of the revision: for connections JSON, as AWS has it, which must
/// stay JSON when it is cut.
fn summary(source: &Source<'_>, host: &Host, message: &str) -> Option<String> {
    if source.connection().is_none() {
        let cut = first_characters(message, revision::SUMMARY_CHARACTERS_MAX);
        return (!cut.is_empty()).then_some(cut);
    }
    let mut characters = revision::SUMMARY_CHARACTERS_MAX;
    loop {
        let message = first_characters(message, characters);
        let object =
            serde_json::json!({ "ProviderType": host.provider_type(), "CommitMessage": message });
        let text = object.to_string();
        let length = text.chars().count();
        if length <= revision::SUMMARY_CHARACTERS_MAX {
            return Some(text);
        }
        let excess = length - revision::SUMMARY_CHARACTERS_MAX;
        // A character takes up to six in JSON.
        characters = characters.saturating_sub(excess.div_ceil(6));
    }
}
