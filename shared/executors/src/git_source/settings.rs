//! What the three kinds of Git source say, in one shape.

use std::collections::BTreeMap;

use model::outcome::Failure;

use crate::git::commit::About;
use crate::git::location::Location;
use crate::{Site, fault};
use providers::Settings;

/// The settings of a Git source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct GitSource {
    kind: Kind,
    /// The name under which the repository is looked up first.
    pub(crate) repository: String,
    pub(crate) branch: String,
    pub(crate) format: Format,
}

/// What goes into the artifact.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Format {
    /// The files.
    CodeZip,
    /// A reference, which CodeBuild clones.
    CloneReference,
}

/// Which provider it is, with what only that one has.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Kind {
    CodeCommit,
    GitHub { repository: String },
    Connection { arn: String },
}

impl GitSource {
    /// Reads the settings. The OAuth token of GitHub is never looked at: the repository that stands
    /// for GitHub's is reached with Git's own credentials.
    pub(crate) fn read(settings: Settings) -> Result<GitSource, Failure> {
        let (kind, repository, branch) = if settings.optional("FullRepositoryId").is_some()
            || settings.optional("ConnectionArn").is_some()
        {
            let arn = settings.required("ConnectionArn")?.to_owned();
            let repository = settings.required("FullRepositoryId")?.to_owned();
            (Kind::Connection { arn }, repository, "BranchName")
        } else if settings.optional("Owner").is_some() || settings.optional("Repo").is_some() {
            let repository = settings.required("Repo")?.to_owned();
            let full = format!("{}/{repository}", settings.required("Owner")?);
            (Kind::GitHub { repository }, full, "Branch")
        } else {
            (Kind::CodeCommit, settings.required("RepositoryName")?.to_owned(), "BranchName")
        };
        let branch = read_branch(branch, settings.required(branch)?)?;
        let format = match settings.optional("OutputArtifactFormat") {
            None | Some("CODE_ZIP") => Format::CodeZip,
            Some("CODEBUILD_CLONE_REF") => Format::CloneReference,
            Some(other) => {
                return Err(fault::configuration(format!(
                    "OutputArtifactFormat is {other:?}; write CODE_ZIP or CODEBUILD_CLONE_REF"
                )));
            }
        };
        Ok(GitSource { kind, repository, branch, format })
    }

    /// Says whether changes are to be noticed.
    pub(crate) fn is_watched(settings: Settings) -> Result<bool, Failure> {
        Ok(settings.is_set("PollForSourceChanges", true)?
            && settings.is_set("DetectChanges", true)?)
    }

    /// Returns the repository that stands for this one on this machine.
    pub(crate) fn location(&self, site: &Site) -> Result<Location, Failure> {
        find(site, &self.repository)
    }

    /// Returns the output variables, under the names that the provider gives them (contract §5.1).
    pub(crate) fn variables(&self, commit: &str, about: &About) -> BTreeMap<String, String> {
        let name = match &self.kind {
            Kind::CodeCommit => ("RepositoryName", self.repository.clone()),
            Kind::GitHub { repository } => ("RepositoryName", repository.clone()),
            Kind::Connection { .. } => ("FullRepositoryName", self.repository.clone()),
        };
        let mut variables = vec![
            name,
            ("BranchName", self.branch.clone()),
            ("CommitId", commit.to_owned()),
            ("CommitMessage", about.message.clone()),
        ];
        variables.extend(about.author_date.clone().map(|date| ("AuthorDate", date)));
        let committer_date = about.committer_date.clone().map(|date| ("CommitterDate", date));
        match &self.kind {
            Kind::CodeCommit => variables.extend(committer_date),
            Kind::GitHub { .. } => {
                variables.extend(committer_date);
                variables.push(("CommitUrl", self.page_at_github(commit)));
            }
            Kind::Connection { arn } => variables.push(("ConnectionArn", arn.clone())),
        }
        variables.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
    }

    /// Returns the page of a commit, if there is one.
    pub(crate) fn page_of(&self, commit: &str, location: &Location) -> Option<String> {
        match &self.kind {
            Kind::GitHub { .. } => Some(self.page_at_github(commit)),
            Kind::CodeCommit | Kind::Connection { .. } => location.page_of(commit),
        }
    }

    /// Returns the host behind a connection, as AWS names it. A connection does not tell; the URL
    /// may, and a path says nothing, so that the commonest is assumed.
    pub(crate) fn provider_type(&self, location: &Location) -> Option<&'static str> {
        match &self.kind {
            Kind::CodeCommit | Kind::GitHub { .. } => None,
            Kind::Connection { .. } if location.text().contains("bitbucket") => Some("Bitbucket"),
            Kind::Connection { .. } if location.text().contains("gitlab") => Some("GitLab"),
            Kind::Connection { .. } => Some("GitHub"),
        }
    }

    fn page_at_github(&self, commit: &str) -> String {
        format!("https://github.com/{}/commit/{commit}", self.repository)
    }
}

/// Finds the repository that stands for the one of this name: by the whole name, or by what comes
/// after the last slash.
pub(crate) fn find(site: &Site, repository: &str) -> Result<Location, Failure> {
    let short = repository.rsplit('/').next().unwrap_or(repository);
    let found = site.repositories.get(repository).or_else(|| site.repositories.get(short));
    let Some(text) = found else {
        return Err(fault::configuration(format!(
            "no repository of this machine stands for {repository:?}; say which does with \
             `--repository {repository}=PATH`, where PATH is a directory or a URL that Git can reach"
        )));
    };
    Location::parse(repository, text)
}

/// Refuses what Git would not take for the name of a branch, before it could be taken for an option
/// or a pattern.
fn read_branch(setting: &str, branch: &str) -> Result<String, Failure> {
    let is_bad = branch.starts_with(['-', '/', '.'])
        || branch.ends_with(['/', '.'])
        || branch.strip_suffix(".lock").is_some()
        || ["..", "//", "@{", "/."].iter().any(|bad| branch.contains(bad))
        || branch
            .contains(|it: char| it.is_control() || it.is_whitespace() || "~^:?*[\\".contains(it));
    if is_bad {
        return Err(fault::configuration(format!(
            "{setting} is {branch:?}, which cannot be the name of a branch; write it as \
             `git branch --list` shows it"
        )));
    }
    Ok(branch.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(settings: &[(&str, &str)]) -> Result<GitSource, String> {
        let values = settings.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned()));
        let values = values.collect();
        GitSource::read(Settings::new("Source", &values)).map_err(|failure| failure.message)
    }

    #[test]
    fn the_three_kinds_have_one_shape() {
        let commit = read(&[("RepositoryName", "web"), ("BranchName", "main")]).unwrap();
        assert_eq!((commit.repository.as_str(), commit.branch.as_str()), ("web", "main"));
        let github =
            read(&[("Owner", "ada"), ("Repo", "web"), ("Branch", "main"), ("OAuthToken", "t")]);
        assert_eq!(github.unwrap().repository, "ada/web");
        let connection = read(&[
            ("ConnectionArn", "arn"),
            ("FullRepositoryId", "group/ada/web"),
            ("BranchName", "feature/x"),
            ("OutputArtifactFormat", "CODEBUILD_CLONE_REF"),
        ])
        .unwrap();
        assert_eq!(connection.format, Format::CloneReference);
    }

    #[test]
    fn a_wrong_setting_is_named() {
        for (settings, said) in [
            (&[("RepositoryName", "web")][..], "BranchName is missing"),
            (&[], "RepositoryName is missing"),
            (&[("Owner", "ada"), ("Branch", "main")], "Repo is missing"),
            (&[("FullRepositoryId", "a/b"), ("BranchName", "main")], "ConnectionArn is missing"),
            (
                &[("RepositoryName", "w"), ("BranchName", "--upload-pack=id")],
                "BranchName is \"--up",
            ),
            (&[("RepositoryName", "w"), ("BranchName", "*")], "cannot be the name of a branch"),
            (&[("RepositoryName", "w"), ("BranchName", "a..b")], "cannot be the name of a branch"),
            (
                &[("RepositoryName", "w"), ("BranchName", "m"), ("OutputArtifactFormat", "TAR")],
                "OutputArtifactFormat is \"TAR\"",
            ),
        ] {
            let message = read(settings).unwrap_err();
            assert!(message.contains(said), "{message}");
        }
    }

    #[test]
    fn a_repository_is_found_by_its_whole_name_first() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().to_str().unwrap().to_owned();
        let mut site = Site::default();
        assert!(find(&site, "ada/web").unwrap_err().message.contains("--repository ada/web=PATH"));
        site.repositories.insert("web".to_owned(), path);
        assert!(find(&site, "ada/web").is_ok());
        site.repositories.insert("ada/web".to_owned(), "/nowhere".to_owned());
        assert!(find(&site, "ada/web").unwrap_err().message.contains("nothing is at \"/nowhere\""));
        assert!(find(&site, "..").is_err());
    }
}
