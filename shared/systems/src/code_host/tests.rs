//! The source's own requests against hosts that answer as theirs do.

mod forge;
mod hostile;
mod hosts;
mod loopback;

use aws_smithy_runtime_api::client::http::SharedHttpConnector;
use model::outcome::{Failure, Outcome, Success};
use providers::job::OutputArtifact;
use providers::{Job, Progress, Provider as _};

use super::CodeHost;
use crate::wire::{Wire, job};
use forge::Forge;

const CONNECTION: &str = "arn:aws:codeconnections:eu-west-1:123456789012:connection/aaaa-1111";
const COMMIT: &str = "c0ffee00c0ffee00c0ffee00c0ffee00c0ffee00";
const OTHER: &str = "beef0000beef0000beef0000beef0000beef0000";

fn connection_job(repository: &str) -> Job {
    let settings = [
        ("ConnectionArn", CONNECTION),
        ("FullRepositoryId", repository),
        ("BranchName", "release/1.0"),
    ];
    with_output(job("Source", "CodeStarSourceConnection", &settings))
}

fn github_job(token: &str) -> Job {
    let settings = [("Owner", "ada"), ("Repo", "web"), ("Branch", "main"), ("OAuthToken", token)];
    let mut job = with_output(job("Source", "GitHub", &settings));
    "ThirdParty".clone_into(&mut job.owner);
    job
}

fn with_output(mut job: Job) -> Job {
    job.outputs = vec![OutputArtifact {
        name: "Source".to_owned(),
        files: Vec::new(),
        bucket: "artifacts".to_owned(),
        key: "web-app/Source/1".to_owned(),
    }];
    job
}

fn provider(forge: &Forge) -> (CodeHost, Wire) {
    let served = forge.clone();
    let wire = Wire::to(move |asked| served.answer(asked));
    let http = SharedHttpConnector::new(wire.clone());
    (CodeHost { ground: wire.ground(), http: http.into() }, wire)
}

async fn bring(forge: &Forge, job: &Job) -> Success {
    let progress = provider(forge).0.start(job).await.unwrap();
    if let Progress::Done(Outcome::Succeeded(success)) = progress {
        return success;
    }
    panic!("{progress:?}")
}

async fn fail(forge: &Forge, job: &Job) -> Failure {
    let progress = provider(forge).0.start(job).await.unwrap();
    if let Progress::Done(Outcome::Failed(failure)) = progress {
        return failure;
    }
    panic!("{progress:?}")
}
