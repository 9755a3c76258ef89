//! A deployment by CodeDeploy to the machines of a deployment group (contract §5.3).
//!
//! The revision is the input artifact where it lies: a ZIP, tar or gzipped tar, told apart by its first
//! bytes, and pinned by its version and entity tag.
//!
//! **A repeated start.** CodeDeploy honours no token, and a deployment that runs twice may undo what came
//! between. So that a start begins is written down before ([`Memory::NotedBefore`]), the deployment's
//! description names the attempt, and a start that may have happened before looks for it among the
//! group's deployments since then. If they are too many to look through, the attempt fails and says so:
//! at most one deployment is asked for without knowing of the other.

mod outcome;
mod search;
#[cfg(test)]
mod tests;

use async_trait::async_trait;
use aws_sdk_codedeploy::Client;
use aws_sdk_codedeploy::types::{BundleType, RevisionLocation, RevisionLocationType, S3Location};
use model::outcome::StoredArtifact;
use providers::{Error, Job, Memory, Progress, Provider, Settings};

use crate::fault::Fault;
use crate::halt::{self, Halt, settle};
use crate::{Ground, artifact, waiting};

/// For how long CodeDeploy may not know a deployment that it said it began.
const UNSEEN_MILLIS_MAX: i64 = 10 * 60 * 1000;

/// How many bytes tell what an archive is: a tar says so in its first block.
const HEAD_BYTES: usize = 512;

/// A deployment by CodeDeploy.
pub(crate) struct CodeDeploy {
    ground: Ground,
}

/// Where to deploy.
struct Target<'a> {
    application: &'a str,
    group: &'a str,
}

impl<'a> Target<'a> {
    fn of(job: &'a Job) -> Result<Self, Halt> {
        let settings = Settings::of(job);
        Ok(Self {
            application: settings.required("ApplicationName")?,
            group: settings.required("DeploymentGroupName")?,
        })
    }
}

impl CodeDeploy {
    pub(crate) fn new(ground: Ground) -> Self {
        Self { ground }
    }

    async fn client(&self, job: &Job) -> Result<Client, Error> {
        Ok(Client::new(&self.ground.of(job).await?))
    }

    async fn begin(&self, job: &Job) -> Result<Progress, Halt> {
        if let Some(id) = &job.external_id {
            return self.look(job, id).await;
        }
        let target = Target::of(job)?;
        let input = input(job)?;
        let client = self.client(job).await?;
        if let Some(begun) = job.begun_at_millis
            && let Some(id) = search::find(&client, job, &target, begun).await?
        {
            return self.look(job, &id).await;
        }
        let revision = self.revision(job, input).await?;
        let created = client
            .create_deployment()
            .application_name(target.application)
            .deployment_group_name(target.group)
            .revision(revision)
            .description(description(job))
            .send()
            .await;
        match created {
            Ok(created) => {
                let id = created.deployment_id.ok_or_else(|| {
                    halt::later("CreateDeployment was answered without a deployment")
                })?;
                Ok(running(job, id))
            }
            Err(error) => {
                let subject = format!("{}/{}", target.application, target.group);
                let fault = Fault::for_job(job, &error, "codedeploy:CreateDeployment", &subject);
                self.not_created(job, &target, fault)
            }
        }
    }

    /// Says what it means that no deployment began.
    fn not_created(&self, job: &Job, target: &Target, fault: Fault) -> Result<Progress, Halt> {
        let Target { application, group } = target;
        let region = &job.region;
        // Another deployment goes on in the group: ours waits its turn.
        if fault.is("DeploymentLimitExceededException") {
            return waiting::for_room(&self.ground, job, fault);
        }
        if fault.is("ApplicationDoesNotExistException") {
            return Err(halt::configuration(format!(
                "ApplicationName is {application:?}, and CodeDeploy has no such application in {region}; \
                 correct it, or create the application"
            )));
        }
        if fault.is("DeploymentGroupDoesNotExistException") {
            return Err(halt::configuration(format!(
                "DeploymentGroupName is {group:?}, and the application {application} has no such group \
                 in {region}; correct it, or create the group"
            )));
        }
        Err(fault.into())
    }

    /// Returns the input as CodeDeploy's agents fetch it.
    async fn revision(&self, job: &Job, input: &StoredArtifact) -> Result<RevisionLocation, Halt> {
        let StoredArtifact { name, bucket, key, .. } =
            artifact::local(&self.ground, job, input).await?;
        let range = format!("bytes=0-{}", HEAD_BYTES - 1);
        let client = self.ground.s3(job).await?;
        let got = client.get_object().bucket(&bucket).key(&key).range(range).send().await;
        let got = got.map_err(|error| {
            Fault::for_job(job, &error, "s3:GetObject", &format!("s3://{bucket}/{key}"))
        })?;
        let (version, tag) = (got.version_id, got.e_tag);
        let head = got.body.collect().await;
        let head =
            head.map_err(|error| halt::later(format!("read of s3://{bucket}/{key}: {error}")))?;
        let Some(bundle) = bundle_type(&head.into_bytes()) else {
            return Err(halt::configuration(format!(
                "the input artifact {name} is neither a ZIP archive nor a tar, gzipped or not, and \
                 CodeDeploy takes nothing else; have the action before pack it"
            )));
        };
        let location = S3Location::builder()
            .bucket(bucket)
            .key(key)
            .bundle_type(bundle)
            // The version of a bucket that keeps none is called `null`.
            .set_version(version.filter(|version| version != "null"))
            .set_e_tag(tag);
        Ok(RevisionLocation::builder()
            .revision_type(RevisionLocationType::S3)
            .s3_location(location.build())
            .build())
    }

    async fn look(&self, job: &Job, id: &str) -> Result<Progress, Halt> {
        let client = self.client(job).await?;
        let got = client.get_deployment().deployment_id(id).send().await;
        let info = match got {
            Ok(got) => got.deployment_info,
            Err(error) => {
                let fault = Fault::for_job(job, &error, "codedeploy:GetDeployment", id);
                if !fault.is("DeploymentDoesNotExistException") {
                    return Err(fault.into());
                }
                None
            }
        };
        if let Some(info) = info {
            return outcome::progress(&client, job, id, &info).await;
        }
        let age = (self.ground.now)().millis() - job.requested_at_millis;
        if age < UNSEEN_MILLIS_MAX {
            return Ok(running(job, id.to_owned()));
        }
        Err(halt::job(format!(
            "CodeDeploy does not know deployment {id} any more, so nobody can say how it ended; look at \
             the machines of the group, and retry the stage"
        )))
    }

    async fn stop(&self, job: &Job) -> Result<(), Halt> {
        let client = self.client(job).await?;
        let id = match (&job.external_id, job.begun_at_millis) {
            (Some(id), _) => id.clone(),
            (None, Some(begun)) => {
                let target = Target::of(job)?;
                match search::find(&client, job, &target, begun).await? {
                    Some(id) => id,
                    None => return Ok(()),
                }
            }
            // Nothing was begun.
            (None, None) => return Ok(()),
        };
        match client.stop_deployment().deployment_id(&id).send().await {
            Ok(_) => Ok(()),
            Err(error) => {
                let fault = Fault::for_job(job, &error, "codedeploy:StopDeployment", &id);
                if fault.is("DeploymentAlreadyCompletedException") {
                    return Ok(());
                }
                Err(fault.into())
            }
        }
    }
}

#[async_trait]
impl Provider for CodeDeploy {
    async fn start(&self, job: &Job) -> Result<Progress, Error> {
        settle(self.begin(job).await)
    }

    async fn poll(&self, job: &Job) -> Result<Progress, Error> {
        match &job.external_id {
            Some(id) => settle(self.look(job, id).await),
            None => Ok(Progress::Unknown),
        }
    }

    async fn cancel(&self, job: &Job) -> Result<(), Error> {
        halt::stopped(self.stop(job).await)
    }

    fn memory(&self) -> Memory {
        Memory::NotedBefore
    }
}

fn input(job: &Job) -> Result<&StoredArtifact, Halt> {
    job.inputs.first().ok_or_else(|| {
        halt::configuration(
            "the action has no input artifact, and a deployment needs one; add it to inputArtifacts",
        )
    })
}

/// Returns what people and [`search`] read of a deployment.
fn description(job: &Job) -> String {
    let Job { pipeline, execution_number, stage, action, run_id, .. } = job;
    format!("{pipeline} #{execution_number}, {stage}/{action} (Towpath, action execution {run_id})")
}

/// Tells by its first bytes what an archive is.
fn bundle_type(head: &[u8]) -> Option<BundleType> {
    const TAR_MARK: usize = 257;
    match head {
        [b'P', b'K', 3, 4, ..] | [b'P', b'K', 5, 6, ..] => Some(BundleType::Zip),
        [0x1f, 0x8b, ..] => Some(BundleType::TarGZip),
        _ if head.get(TAR_MARK..).is_some_and(|rest| rest.starts_with(b"ustar")) => {
            Some(BundleType::Tar)
        }
        _ => None,
    }
}

fn running(job: &Job, id: String) -> Progress {
    Progress::Running {
        external_url: Some(outcome::link(job, &id)),
        external_id: Some(id),
        // An event tells of the end; the sweep asks in case it does not (ADR 16).
        ask_again_seconds: None,
    }
}
