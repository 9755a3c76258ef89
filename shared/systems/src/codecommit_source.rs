//! CodeCommit as a source: one commit of a branch, as an archive or as a reference (contract §5.1).
//!
//! CodeCommit hands out no archives, so the files of a commit are asked for one by one. A start that
//! comes twice brings the same commit: the artifact notes which one it is.

mod about;
#[cfg(test)]
mod tests;
mod tree;

use async_trait::async_trait;
use aws_sdk_codecommit::Client;
use aws_smithy_types::error::metadata::ProvideErrorMetadata as _;
use model::outcome::{Outcome, SourceRevision, StoredArtifact, Success};
use providers::clone_reference::{self, CloneReference};
use providers::revision::{self, SUMMARY_CHARACTERS_MAX};
use providers::{Error, Job, Progress, Provider, Settings};

use crate::artifact::{self, Content, Kept, disk};
use crate::fault::{self, Fault, first_characters};
use crate::{Ground, console};
use about::About;

/// CodeCommit as a source.
pub(crate) struct CodeCommitSource {
    ground: Ground,
}

/// What the action is set to.
struct Wanted<'a> {
    repository: &'a str,
    branch: &'a str,
    is_reference: bool,
}

impl CodeCommitSource {
    pub(crate) fn new(ground: Ground) -> Self {
        Self { ground }
    }

    async fn bring(&self, job: &Job) -> Result<Progress, Fault> {
        let wanted = Wanted::read(job)?;
        let pinned = revision::commit(job)?;
        let output = job.only_output()?;
        let client = Client::new(&self.ground.of(job).await?);
        let source = Source { job, wanted: &wanted, client: &client };
        let earlier = artifact::kept(&self.ground, job, output).await?;
        let noted = earlier.as_ref().and_then(|kept| kept.note.clone());
        let commit = match noted.or(pinned) {
            Some(commit) => commit,
            None => source.head().await?,
        };
        let mut about = source.about(&commit).await?;
        let kept = match earlier {
            Some(kept) => kept,
            None => self.keep(&source, &about).await?,
        };
        // Another start was faster, and found the branch at another commit.
        if let Some(noted) = kept.note.as_deref().filter(|noted| *noted != about.commit) {
            about = source.about(noted).await?;
        }
        let success = success(job, &wanted, about, kept.artifact);
        Ok(Progress::Done(Outcome::Succeeded(success)))
    }

    /// Makes the artifact of a commit.
    async fn keep(&self, source: &Source<'_>, about: &About) -> Result<Kept, Fault> {
        let Source { job, wanted, client } = source;
        let output = job.only_output()?;
        let note = Some(about.commit.as_str());
        if wanted.is_reference {
            let reference = CloneReference::new(wanted.repository, wanted.branch, &about.commit);
            let text = reference.render();
            let archive = artifact::pack_one(clone_reference::FILE_NAME, text.as_bytes()).await?;
            return artifact::keep(&self.ground, job, output, Content::Bytes(archive), note).await;
        }
        let directory = tempfile::tempdir().map_err(|error| disk("make a directory", &error))?;
        let entries = tree::bring(client, job, wanted.repository, &about.commit, directory.path());
        let archive = directory.path().join("source.zip");
        artifact::pack(entries.await?, &archive).await?;
        artifact::keep(&self.ground, job, output, Content::File(archive), note).await
    }
}

impl<'a> Wanted<'a> {
    fn read(job: &'a Job) -> Result<Wanted<'a>, Fault> {
        let settings = Settings::new(&job.provider, &job.configuration);
        let is_reference = match settings.optional("OutputArtifactFormat") {
            None | Some("CODE_ZIP") => false,
            Some("CODEBUILD_CLONE_REF") => true,
            Some(other) => {
                return Err(Fault::configuration(format!(
                    "OutputArtifactFormat is {other:?}; write CODE_ZIP or CODEBUILD_CLONE_REF"
                )));
            }
        };
        Ok(Wanted {
            repository: settings.required("RepositoryName")?,
            branch: settings.required("BranchName")?,
            is_reference,
        })
    }
}

/// The repository, as this job may look at it.
struct Source<'a> {
    job: &'a Job,
    wanted: &'a Wanted<'a>,
    client: &'a Client,
}

impl Source<'_> {
    /// Returns the commit at the head of the branch.
    async fn head(&self) -> Result<String, Fault> {
        let Wanted { repository, branch, .. } = self.wanted;
        let asked = self.client.get_branch().repository_name(*repository).branch_name(*branch);
        let answer = asked.send().await.map_err(|error| match error.code() {
            Some("BranchDoesNotExistException") => Fault::unavailable(format!(
                "the repository {repository} has no branch {branch}; push it, or correct BranchName"
            )),
            Some("RepositoryDoesNotExistException") => self.no_repository(),
            _ => Fault::for_job(self.job, &error, "codecommit:GetBranch", &self.subject()),
        })?;
        let head = answer.branch().and_then(|branch| branch.commit_id());
        head.map(str::to_owned).ok_or_else(|| {
            Fault::unavailable(format!("the branch {branch} of {repository} has no commit yet"))
        })
    }

    /// Returns what a commit says of itself.
    async fn about(&self, commit: &str) -> Result<About, Fault> {
        let repository = self.wanted.repository;
        let asked = self.client.get_commit().repository_name(repository).commit_id(commit);
        let answer = asked.send().await.map_err(|error| match error.code() {
            Some("CommitIdDoesNotExistException" | "InvalidCommitIdException") => {
                Fault::unavailable(format!(
                    "the repository {repository} has no commit {commit}; start the pipeline at one that \
                     was pushed"
                ))
            }
            Some("RepositoryDoesNotExistException") => self.no_repository(),
            _ => Fault::for_job(self.job, &error, "codecommit:GetCommit", &self.subject()),
        })?;
        Ok(About::read(commit, answer.commit()))
    }

    fn no_repository(&self) -> Fault {
        Fault::configuration(format!(
            "there is no CodeCommit repository {} in {}; correct RepositoryName",
            self.wanted.repository, self.job.region
        ))
    }

    fn subject(&self) -> String {
        format!("the repository {}", self.wanted.repository)
    }
}

fn success(job: &Job, wanted: &Wanted, about: About, artifact: StoredArtifact) -> Success {
    let page = console::commit(&job.region, wanted.repository, &about.commit);
    let mut variables = vec![
        ("RepositoryName", wanted.repository.to_owned()),
        ("BranchName", wanted.branch.to_owned()),
        ("CommitId", about.commit.clone()),
        ("CommitMessage", about.message.clone()),
    ];
    variables.extend(about.author_date.map(|date| ("AuthorDate", date)));
    variables.extend(about.committer_date.map(|date| ("CommitterDate", date)));
    let summary = first_characters(&about.message, SUMMARY_CHARACTERS_MAX);
    Success {
        external_id: Some(about.commit.clone()),
        external_url: Some(page.clone()),
        variables: variables.into_iter().map(|(name, value)| (name.to_owned(), value)).collect(),
        artifacts: vec![artifact],
        revision: Some(SourceRevision {
            id: about.commit,
            summary: Some(summary).filter(|summary| !summary.is_empty()),
            url: Some(page),
        }),
        ..Success::default()
    }
}

#[async_trait]
impl Provider for CodeCommitSource {
    async fn start(&self, job: &Job) -> Result<Progress, Error> {
        fault::settle(Box::pin(self.bring(job)).await)
    }

    /// Bringing a commit is one step: there is nothing to ask after.
    async fn poll(&self, _job: &Job) -> Result<Progress, Error> {
        Ok(Progress::Unknown)
    }

    async fn cancel(&self, _job: &Job) -> Result<(), Error> {
        Ok(())
    }
}
