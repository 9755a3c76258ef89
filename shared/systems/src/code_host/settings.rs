//! What the two kinds of source say, in one shape.

use std::collections::BTreeMap;

use providers::{Job, Settings};

use super::commit::Commit;
use crate::fault::Fault;

/// The settings of a source at a code host.
pub(super) struct Source<'a> {
    kind: Kind<'a>,
    /// `owner/repository`, or deeper where groups are nested.
    pub(super) repository: String,
    pub(super) branch: String,
    pub(super) format: Format,
}

/// What goes into the artifact.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Format {
    /// The files.
    CodeZip,
    /// A reference, which CodeBuild clones.
    CloneReference,
}

enum Kind<'a> {
    GitHub { repository: &'a str, token: &'a str },
    Connection { arn: &'a str },
}

impl<'a> Source<'a> {
    pub(super) fn read(job: &'a Job) -> Result<Self, Fault> {
        let settings = Settings::of(job);
        let (kind, repository, branch) = if job.provider == "GitHub" {
            let repository = settings.required("Repo")?;
            let token = settings.required("OAuthToken")?;
            let full = format!("{}/{repository}", settings.required("Owner")?);
            (Kind::GitHub { repository, token }, full, "Branch")
        } else {
            let arn = settings.required("ConnectionArn")?;
            let full = settings.required("FullRepositoryId")?.to_owned();
            (Kind::Connection { arn }, full, "BranchName")
        };
        check_repository(&kind, &repository)?;
        let branch = read_branch(branch, settings.required(branch)?)?;
        let format = match settings.optional("OutputArtifactFormat") {
            None | Some("CODE_ZIP") => Format::CodeZip,
            Some("CODEBUILD_CLONE_REF") => Format::CloneReference,
            Some(other) => {
                return Err(Fault::configuration(format!(
                    "OutputArtifactFormat is {other:?}; write CODE_ZIP or CODEBUILD_CLONE_REF"
                )));
            }
        };
        Ok(Self { kind, repository, branch, format })
    }

    /// Returns the connection, for a source that has one.
    pub(super) fn connection(&self) -> Option<&'a str> {
        match self.kind {
            Kind::GitHub { .. } => None,
            Kind::Connection { arn } => Some(arn),
        }
    }

    /// Returns the token that the action itself holds, or the reference to it.
    pub(super) fn token(&self) -> Option<&'a str> {
        match self.kind {
            Kind::GitHub { token, .. } => Some(token),
            Kind::Connection { .. } => None,
        }
    }

    /// Says where the token is kept, for whoever must put a new one there.
    pub(super) fn secret_shown(&self) -> String {
        match self.kind {
            Kind::GitHub { .. } => "the setting OAuthToken".to_owned(),
            Kind::Connection { arn } => {
                format!("the secret {}", super::connection::secret_of(arn))
            }
        }
    }

    /// Returns the output variables, under the names that the provider gives them (contract §5.1).
    pub(super) fn variables(&self, commit: &Commit, page: &str) -> BTreeMap<String, String> {
        let mut variables = vec![
            ("BranchName", self.branch.clone()),
            ("CommitId", commit.id.clone()),
            ("CommitMessage", commit.message.clone()),
        ];
        variables.extend(commit.author_date.clone().map(|date| ("AuthorDate", date)));
        match self.kind {
            Kind::GitHub { repository, .. } => {
                variables.push(("RepositoryName", repository.to_owned()));
                variables.push(("CommitUrl", page.to_owned()));
                variables.extend(commit.committer_date.clone().map(|date| ("CommitterDate", date)));
            }
            Kind::Connection { arn } => {
                variables.push(("FullRepositoryName", self.repository.clone()));
                variables.push(("ConnectionArn", arn.to_owned()));
            }
        }
        variables.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
    }
}

/// Refuses what is no path of a repository, before it becomes part of an address.
fn check_repository(kind: &Kind<'_>, repository: &str) -> Result<(), Fault> {
    let parts: Vec<&str> = repository.split('/').collect();
    let is_part = |part: &&str| {
        let is_plain = |it: char| it.is_ascii_alphanumeric() || "._-~".contains(it);
        !part.is_empty() && !part.chars().all(|it| it == '.') && part.chars().all(is_plain)
    };
    if parts.len() >= 2 && parts.iter().all(is_part) {
        return Ok(());
    }
    Err(Fault::configuration(match kind {
        Kind::GitHub { .. } => format!(
            "Owner and Repo are {repository:?} together, which is no repository; write the two names as \
             they stand in its address"
        ),
        Kind::Connection { .. } => format!(
            "FullRepositoryId is {repository:?}; write it as its address has it, for example \
             owner/repository"
        ),
    }))
}

/// Refuses what Git would not take for the name of a branch.
fn read_branch(setting: &str, branch: &str) -> Result<String, Fault> {
    let is_bad = branch.starts_with(['-', '/', '.'])
        || branch.ends_with(['/', '.'])
        || ["..", "//", "@{", "/."].iter().any(|bad| branch.contains(bad))
        || branch
            .contains(|it: char| it.is_control() || it.is_whitespace() || "~^:?*[\\".contains(it));
    if is_bad {
        return Err(Fault::configuration(format!(
            "{setting} is {branch:?}, which cannot be the name of a branch; write it as \
             `git branch --list` shows it"
        )));
    }
    Ok(branch.to_owned())
}
