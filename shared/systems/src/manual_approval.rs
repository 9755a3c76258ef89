//! A person's answer: the message that asks for it (contract §4.6, §5.5).
//!
//! The approval itself is open in the log before anybody is asked here; this only publishes to the topic
//! of `NotificationArn`, under the pipeline's role. SNS honours no token of ours, so a start that was
//! killed between the publication and the note of its id publishes again: two messages ask the same,
//! with the same token, which is better than none.

mod message;
#[cfg(test)]
mod tests;

use async_trait::async_trait;
use aws_sdk_sns::error::ProvideErrorMetadata as _;
use providers::job::ApprovalRequest;
use providers::{Error, Job, Memory, Progress, Provider, Settings};

use crate::Ground;
use crate::fault::{self, Fault};

/// A person's answer.
pub(crate) struct ManualApproval {
    ground: Ground,
}

impl ManualApproval {
    pub(crate) fn new(ground: Ground) -> Self {
        Self { ground }
    }
}

#[async_trait]
impl Provider for ManualApproval {
    async fn start(&self, job: &Job) -> Result<Progress, Error> {
        let Some(topic) = unsent(job) else { return Ok(Progress::AwaitsAnswer) };
        fault::settle(publish(&self.ground, job, topic).await)
    }

    async fn poll(&self, job: &Job) -> Result<Progress, Error> {
        Ok(if unsent(job).is_some() { Progress::Unknown } else { Progress::AwaitsAnswer })
    }

    async fn cancel(&self, _job: &Job) -> Result<(), Error> {
        Ok(())
    }

    fn memory(&self) -> Memory {
        Memory::Noted
    }
}

/// Returns the topic to which nothing was published yet, if there is one.
fn unsent(job: &Job) -> Option<&str> {
    Settings::of(job).optional("NotificationArn").filter(|_| job.external_id.is_none())
}

async fn publish(ground: &Ground, job: &Job, topic: &str) -> Result<Progress, Fault> {
    check_topic(topic, &job.region)?;
    let approval = request(job)?;
    let settings = ground.of(job).await?;
    let is_ordered = topic.rsplit('.').next() == Some("fifo");
    let sent = aws_sdk_sns::Client::new(&settings)
        .publish()
        .topic_arn(topic)
        .subject(message::subject(job))
        .message(message::text(job, approval)?)
        .set_message_group_id(is_ordered.then(|| job.pipeline.clone()))
        .set_message_deduplication_id(is_ordered.then(|| job.run_id.clone()))
        .send()
        .await
        .map_err(|error| match error.code() {
            Some("NotFound" | "NotFoundException") => Fault::configuration(format!(
                "the topic {topic} does not exist, so nobody was asked; correct NotificationArn, or \
                 create the topic and start again"
            )),
            Some("InvalidParameter" | "InvalidParameterException") => Fault::configuration(format!(
                "SNS does not take the message for {topic}: {}; correct NotificationArn",
                error.message().unwrap_or("it does not say why")
            )),
            Some(_) | None => Fault::for_job(job, &error, "sns:Publish", topic),
        })?;
    let external_id = sent.message_id().unwrap_or(&job.run_id).to_owned();
    Ok(Progress::Running {
        external_id: Some(external_id),
        external_url: None,
        ask_again_seconds: None,
    })
}

/// Refuses what is no topic, and topics of other Regions (contract §4.6).
fn check_topic(topic: &str, region: &str) -> Result<(), Fault> {
    let parts: Vec<&str> = topic.split(':').collect();
    let [arn, _, service, of_region, account, name] = parts[..] else {
        return Err(no_topic(topic, region));
    };
    if arn != "arn" || service != "sns" || account.is_empty() || name.is_empty() {
        return Err(no_topic(topic, region));
    }
    if of_region == region {
        return Ok(());
    }
    Err(Fault::configuration(format!(
        "NotificationArn names a topic in {of_region}, and the pipeline runs in {region}; name a topic \
         of {region}"
    )))
}

fn no_topic(topic: &str, region: &str) -> Fault {
    Fault::configuration(format!(
        "NotificationArn is {topic:?}, which is no topic; write arn:aws:sns:{region}:ACCOUNT:NAME"
    ))
}

fn request(job: &Job) -> Result<&ApprovalRequest, Fault> {
    let missing = || Fault::Later(format!("the approval {} is not open yet", job.action));
    job.approval.as_ref().ok_or_else(missing)
}
