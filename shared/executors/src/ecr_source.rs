//! ECR as a source: says what it needs.

use model::outcome::{Failure, Success};
use providers::Job;

use crate::task::Task;
use crate::{Site, fault};

/// Refuses the job: there is no registry to ask.
pub(crate) fn check(job: &Job, _site: &Site) -> Result<(), Failure> {
    let repository = job.configuration.get("RepositoryName").map_or("", String::as_str);
    Err(fault::configuration(format!(
        "the ECR source of repository {repository:?} needs a container registry to tell which image \
         `ImageTag` names now, which one machine does not have; run this pipeline with Towpath \
         deployed in AWS, or bring an `imageDetail.json` in with an S3 source and `--bucket NAME=DIR`"
    )))
}

/// Never gets anything to do, since [`check`] refuses every job.
pub(crate) fn perform(task: &Task) -> Result<Success, Failure> {
    check(task.job, task.site).map(|()| Success::default())
}
