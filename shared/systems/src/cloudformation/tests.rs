//! The SDK's own requests against an account of stacks that keeps CloudFormation's rules.

mod account;
mod change_sets;
mod stacks;

use model::outcome::{Failure, Outcome, Success};
use providers::{Job, Progress, Provider};

use super::CloudFormation;
use crate::wire::{Wire, job};
use account::Account;

/// Returns a job on the stack `web` with a template among its inputs.
fn stack_job(account: &Account, settings: &[(&str, &str)]) -> Job {
    let mut all = vec![
        ("StackName", "web"),
        ("RoleArn", "arn:aws:iam::123456789012:role/deploy"),
        ("TemplatePath", "Source::template.yaml"),
    ];
    all.extend(settings);
    let mut job = job("Deploy", "CloudFormation", &all);
    job.inputs = vec![account.input("Source", &[("template.yaml", "Resources: {}")])];
    job
}

fn provider(account: &Account) -> (CloudFormation, Wire) {
    let served = account.clone();
    let wire = Wire::to(move |asked| served.answer(asked));
    (CloudFormation::new(wire.ground()), wire)
}

/// Takes what was noted of a start into the job, as whoever calls providers does.
fn noted(job: &mut Job, progress: &Progress) {
    let Progress::Running { external_id, .. } = progress else { panic!("{progress:?}") };
    job.external_id.clone_from(external_id);
}

fn is_waiting(progress: &Progress) -> bool {
    matches!(progress, Progress::Running { external_id: None, ask_again_seconds: Some(_), .. })
}

fn succeeded(progress: Progress) -> Success {
    if let Progress::Done(Outcome::Succeeded(success)) = progress {
        return success;
    }
    panic!("{progress:?}")
}

fn failed(progress: Progress) -> Failure {
    if let Progress::Done(Outcome::Failed(failure)) = progress {
        return failure;
    }
    panic!("{progress:?}")
}

async fn start(provider: &CloudFormation, job: &Job) -> Progress {
    provider.start(job).await.unwrap()
}

/// Starts the job, and notes what it is called from then on.
async fn begin(provider: &CloudFormation, job: &mut Job) {
    let progress = start(provider, job).await;
    noted(job, &progress);
}

async fn poll(provider: &CloudFormation, job: &Job) -> Progress {
    provider.poll(job).await.unwrap()
}
