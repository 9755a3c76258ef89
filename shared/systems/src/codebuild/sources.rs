//! What a build is made of: the objects of its inputs, or the repositories that they refer to (PR6, PR7).

use std::collections::BTreeSet;

use aws_sdk_codebuild::types::{
    ProjectSource, ProjectSourceVersion, SourceAuth, SourceAuthType, SourceType,
};
use model::outcome::StoredArtifact;
use providers::Job;
use providers::clone_reference::CloneReference;

use super::order::Order;
use super::request::complete;
use crate::halt::{self, Halt};
use crate::{Ground, artifact};

/// What a build is made of.
#[derive(Debug)]
pub(super) struct Sources {
    pub(super) primary: Source,
    /// Each by the name under which the build knows it.
    pub(super) others: Vec<(String, Source)>,
}

/// One thing that a build is made of.
#[derive(Debug)]
pub(super) struct Source {
    pub(super) kind: SourceType,
    pub(super) location: String,
    /// The commit; an object needs none, since nobody writes its key again.
    pub(super) version: Option<String>,
    /// What opens the repository, where the project itself does not.
    pub(super) auth: Option<SourceAuth>,
}

impl Sources {
    /// Finds the sources of a build, and checks that the objects are what was stored.
    pub(super) async fn of(ground: &Ground, job: &Job, order: &Order) -> Result<Self, Halt> {
        let mut taken = BTreeSet::new();
        for input in &order.others {
            let identifier = identifier(&input.name);
            if !taken.insert(identifier.clone()) {
                return Err(halt::configuration(format!(
                    "two input artifacts would be CODEBUILD_SRC_DIR_{identifier} in the build; rename {}",
                    input.name
                )));
            }
        }
        let mut others = Vec::with_capacity(order.others.len());
        for input in &order.others {
            others.push((identifier(&input.name), source(ground, job, input).await?));
        }
        Ok(Self { primary: source(ground, job, &order.primary).await?, others })
    }

    /// Returns the sources beside the primary one.
    pub(super) fn secondary(&self) -> Result<Option<Vec<ProjectSource>>, Halt> {
        let made = self.others.iter().map(|(identifier, source)| {
            let made = ProjectSource::builder()
                .r#type(source.kind.clone())
                .location(&source.location)
                .source_identifier(identifier)
                .set_auth(source.auth.clone());
            complete(made.build())
        });
        let made: Vec<_> = made.collect::<Result<_, _>>()?;
        Ok(Some(made).filter(|made| !made.is_empty()))
    }

    /// Returns their versions, where they have any.
    pub(super) fn secondary_versions(&self) -> Result<Option<Vec<ProjectSourceVersion>>, Halt> {
        let made = self.others.iter().filter_map(|(identifier, source)| {
            let made = ProjectSourceVersion::builder()
                .source_identifier(identifier)
                .source_version(source.version.as_ref()?);
            Some(complete(made.build()))
        });
        let made: Vec<_> = made.collect::<Result<_, _>>()?;
        Ok(Some(made).filter(|made| !made.is_empty()))
    }
}

async fn source(ground: &Ground, job: &Job, input: &StoredArtifact) -> Result<Source, Halt> {
    if let Some(reference) = artifact::clone_reference(ground, job, input).await? {
        return cloned(job, reference);
    }
    let StoredArtifact { bucket, key, .. } = artifact::local(ground, job, input).await?;
    Ok(Source {
        kind: SourceType::S3,
        location: format!("{bucket}/{key}"),
        version: None,
        auth: None,
    })
}

/// Has CodeBuild clone what an input refers to, with what it knows of the host: the project's role for
/// CodeCommit, the connection of the source for the others, and for GitHub without one what the project
/// or the account has.
fn cloned(job: &Job, reference: CloneReference) -> Result<Source, Halt> {
    let CloneReference { repository, commit, kind, url, connection, .. } = reference;
    if let (Some(kind), Some(location)) = (kind, url) {
        let auth = connection.map(|arn| {
            complete(
                SourceAuth::builder().r#type(SourceAuthType::Codeconnections).resource(arn).build(),
            )
        });
        let auth = auth.transpose()?;
        return Ok(Source {
            kind: SourceType::from(kind.as_str()),
            location,
            version: Some(commit),
            auth,
        });
    }
    let region = &job.region;
    let domain = if region.starts_with("cn-") { "amazonaws.com.cn" } else { "amazonaws.com" };
    Ok(Source {
        kind: SourceType::Codecommit,
        location: format!("https://git-codecommit.{region}.{domain}/v1/repos/{repository}"),
        version: Some(commit),
        auth: None,
    })
}

/// Returns the name by which a build knows an input (PR7): it becomes the end of a variable's name, so
/// what no variable's name may hold becomes `_`.
fn identifier(name: &str) -> String {
    name.chars().map(|it| if it.is_ascii_alphanumeric() { it } else { '_' }).collect()
}
