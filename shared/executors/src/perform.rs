//! One job, from beginning to end.

use std::panic::{self, AssertUnwindSafe};
use std::path::{self, Path, PathBuf};

use buildspec::ProcessGroup;
use model::outcome::{Failure, Outcome, Success};
use model::status::FailureType;
use model::variables::OUTPUT_VARIABLES_BYTES_MAX;
use providers::Job;
use rustix::process::{getpgrp, getpid};

use crate::task::Task;
use crate::{
    Site, Workplace, codebuild, codedeploy, commands, ecr_source, elsewhere, fault, git_source,
    lambda_invoke, s3_deploy, s3_source,
};

/// Says whether this machine can do the job; if not, a sentence that names the way to run it.
pub fn can_perform(job: &Job, site: &Site) -> Result<(), String> {
    let executor = find(job).ok_or_else(|| elsewhere::sentence(job))?;
    (executor.check)(job, site).map_err(|failure| failure.message)
}

/// Does the job and says how it ended. Never panics on bad input; whatever goes wrong is a failure
/// with a sentence for people.
///
/// A process that leads its process group must do nothing else: everything in the group is taken for
/// the job's own, and killed when a build ends. In any other process, programs get groups of their
/// own.
pub fn perform(job: &Job, site: &Site, workplace: &Workplace) -> Outcome {
    let group = if getpgrp() == getpid() { ProcessGroup::Callers } else { ProcessGroup::Own };
    perform_in(group, job, site, workplace)
}

/// Does the job as [`perform`] does, with its programs in the given group; for processes that do
/// other things as well.
pub fn perform_in(group: ProcessGroup, job: &Job, site: &Site, workplace: &Workplace) -> Outcome {
    // Programs start in directories of their own, where a relative path would be another one.
    let workplace =
        &Workplace { directory: absolute(&workplace.directory), log: absolute(&workplace.log) };
    let task = Task { job, site, workplace, group };
    let done = panic::catch_unwind(AssertUnwindSafe(|| perform_task(&task)));
    let result = done.unwrap_or_else(|panic| Err(bug(panic.as_ref())));
    match result {
        Ok(success) => Outcome::Succeeded(success),
        Err(failure) => {
            task.say(&format!("Failed ({}): {}", failure.code, failure.message));
            Outcome::Failed(failure)
        }
    }
}

/// Ends what a job left running when the process that did it was killed: scripts of a deployment
/// have process groups of their own. To be called after the kill, not before; says whether there
/// was anything.
pub fn after_stop(job: &Job, site: &Site) -> bool {
    match find(job) {
        Some(executor) if executor.provider == "CodeDeploy" => codedeploy::after_stop(job, site),
        Some(_) | None => false,
    }
}

/// A provider that runs on one machine.
struct Executor {
    owner: &'static str,
    categories: &'static [&'static str],
    provider: &'static str,
    /// Finds what would stop the job before it begins, without doing anything.
    check: fn(&Job, &Site) -> Result<(), Failure>,
    perform: fn(&Task) -> Result<Success, Failure>,
}

/// Every provider that runs on one machine.
const EXECUTORS: &[Executor] = &[
    executor("AWS", &["Source"], "CodeCommit", git_source::check, git_source::perform),
    executor("ThirdParty", &["Source"], "GitHub", git_source::check, git_source::perform),
    executor(
        "AWS",
        &["Source"],
        "CodeStarSourceConnection",
        git_source::check,
        git_source::perform,
    ),
    executor("AWS", &["Source"], "S3", s3_source::check, s3_source::perform),
    executor("AWS", &["Source"], "ECR", ecr_source::check, ecr_source::perform),
    executor("AWS", &["Build", "Test"], "CodeBuild", codebuild::check, codebuild::perform),
    executor("AWS", &["Compute", "Build"], "Commands", commands::check, commands::perform),
    executor("AWS", &["Deploy"], "CodeDeploy", codedeploy::check, codedeploy::perform),
    executor("AWS", &["Deploy"], "S3", s3_deploy::check, s3_deploy::perform),
    executor("AWS", &["Invoke"], "Lambda", lambda_invoke::check, lambda_invoke::perform),
];

const fn executor(
    owner: &'static str,
    categories: &'static [&'static str],
    provider: &'static str,
    check: fn(&Job, &Site) -> Result<(), Failure>,
    perform: fn(&Task) -> Result<Success, Failure>,
) -> Executor {
    Executor { owner, categories, provider, check, perform }
}

fn find(job: &Job) -> Option<&'static Executor> {
    EXECUTORS.iter().find(|executor| {
        executor.owner == job.owner
            && executor.provider == job.provider
            && executor.categories.contains(&job.category.as_str())
    })
}

fn perform_task(task: &Task) -> Result<Success, Failure> {
    let executor =
        find(task.job).ok_or_else(|| fault::configuration(elsewhere::sentence(task.job)))?;
    (executor.check)(task.job, task.site)?;
    let success = (executor.perform)(task)?;
    let bytes: usize = success.variables.iter().map(|(name, value)| name.len() + value.len()).sum();
    if bytes > OUTPUT_VARIABLES_BYTES_MAX {
        return Err(fault::job(format!(
            "the action's output variables have {bytes} bytes together, and at most \
             {OUTPUT_VARIABLES_BYTES_MAX} are allowed; put what is long into an output artifact"
        )));
    }
    Ok(success)
}

fn absolute(path: &Path) -> PathBuf {
    path::absolute(path).unwrap_or_else(|_| path.to_owned())
}

/// A panic is a bug of ours; it must not look as if the user's work had failed for a reason of its
/// own, nor as if the machine had been switched off.
fn bug(panic: &(dyn std::any::Any + Send)) -> Failure {
    let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
    let text = text.or_else(|| panic.downcast_ref::<String>().cloned()).unwrap_or_default();
    let message = format!("a bug of ours: {text}; please report it, with the log of this action");
    Failure::new(FailureType::SystemUnavailable, fault::cut(&message))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_becomes_a_failure_that_says_whose_fault_it_is() {
        let caught = panic::catch_unwind(|| panic!("index {} is gone", 7)).unwrap_err();
        let failure = bug(caught.as_ref());
        assert_eq!(failure.code, "SystemUnavailable");
        assert!(failure.message.starts_with("a bug of ours: index 7 is gone;"), "{failure:?}");
    }
}
