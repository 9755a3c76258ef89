//! The Commands action: a list of commands over the input artifacts (contract §5.2).

use buildspec::Buildspec;
use model::outcome::Failure;
use model::outcome::Success;
use providers::Job;

use crate::codebuild::sources::{self, Sources};
use crate::codebuild::{self, environment};
use crate::task::Task;
use crate::{Site, fault};
use providers::Settings;

/// Finds what would stop the job before it begins.
pub(crate) fn check(job: &Job, _site: &Site) -> Result<(), Failure> {
    let settings = Settings::new(&job.provider, &job.configuration);
    if let Some("WINDOWS_SERVER_2022_CONTAINER") = settings.optional("EnvironmentType") {
        return Err(fault::configuration(
            "EnvironmentType is WINDOWS_SERVER_2022_CONTAINER, and this machine runs the commands in \
             its own shell; set it to LINUX_CONTAINER, or run this pipeline with Towpath deployed in \
             AWS",
        ));
    }
    read(job)?;
    sources::primary(job)?;
    environment::read(job).map(drop)
}

/// Runs the commands.
pub(crate) fn perform(task: &Task) -> Result<Success, Failure> {
    let buildspec = read(task.job)?;
    let variables = environment::assemble(task.job, None)?;
    let project = format!("{}-{}-{}", task.job.pipeline, task.job.stage, task.job.action);
    codebuild::run(task, &project, &buildspec, Sources::prepare(task)?, variables)
}

fn read(job: &Job) -> Result<Buildspec, Failure> {
    let files = job.outputs.first().map(|output| output.files.as_slice()).unwrap_or_default();
    buildspec::commands(&job.commands, &job.output_variables, files)
        .map_err(|refusal| fault::configuration(refusal.to_string()))
}
