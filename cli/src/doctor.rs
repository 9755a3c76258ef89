//! `towpath doctor`: what is wrong with a deployment in AWS, and how to mend it.
//!
//! It only reads. Each check stands in a file of its own beside this one and returns what it looked at
//! and what it found; one that was not let look says so as a finding, since not knowing is not health.

mod aws;
mod deployment;
mod drift;
mod finding;
mod functions;
mod heartbeat;
mod mappings;
mod queues;
mod roles;
mod rules;
mod signed;
mod stacks;
mod table;
mod topic;

#[cfg(test)]
mod tests;
#[cfg(test)]
mod wire;

use std::future::Future;

use crate::arguments::doctor::Doctor;
use crate::ending::Ending;
use crate::view::text::safe_lines;
use aws::Aws;
use deployment::Deployment;
use finding::{Look, Looked, Severity, Unasked};

/// Examines a deployment, and ends well only if nothing is wrong with it.
pub(crate) fn doctor(options: &Doctor) -> Ending {
    let runtime = match tokio::runtime::Builder::new_current_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return Ending::Failed(Some(format!("no thread could be started: {error}"))),
    };
    runtime.block_on(async {
        let aws = match Aws::find(options.region.as_deref()).await {
            Ok(aws) => aws,
            Err(message) => return Ending::BadInput(message),
        };
        match Deployment::find(&aws, &options.stack).await {
            Ok(deployment) => examine(&aws, &deployment, options).await,
            Err(message) => Ending::BadInput(message),
        }
    })
}

async fn examine(aws: &Aws, deployment: &Deployment, options: &Doctor) -> Ending {
    let mut wrong = 0;
    // What is found is told at once: the last look takes a minute.
    let mut tell = |look: Look| {
        wrong += look.findings.iter().filter(|found| found.severity == Severity::Wrong).count();
        print(&look, options.json);
    };
    look_at_all(aws, deployment, options.quick, &mut tell).await;
    match wrong {
        0 => Ending::Succeeded,
        1 => Ending::Failed(Some("one thing is to be mended".to_owned())),
        count => Ending::Failed(Some(format!("{count} things are to be mended"))),
    }
}

async fn look_at_all(
    aws: &Aws,
    deployment: &Deployment,
    is_quick: bool,
    tell: &mut dyn FnMut(Look),
) {
    tell(looked("stacks", stacks::look(deployment)));
    tell(asked("functions", functions::look(aws, deployment)).await);
    tell(asked("rules", rules::look(aws, deployment)).await);
    tell(asked("mappings", mappings::look(aws, deployment)).await);
    tell(asked("queues", queues::look(aws, deployment)).await);
    tell(asked("heartbeat", heartbeat::look(aws, deployment)).await);
    tell(asked("table", table::look(aws, deployment)).await);
    tell(asked("topic", topic::look(aws, deployment)).await);
    tell(asked("roles", roles::look(aws, deployment)).await);
    if !is_quick {
        tell(asked("drift", drift::look(aws, deployment)).await);
    }
}

async fn asked(check: &'static str, look: impl Future<Output = Result<Looked, Unasked>>) -> Look {
    match look.await {
        Ok(found) => looked(check, found),
        Err(unasked) => looked(check, unasked.into()),
    }
}

fn looked(check: &'static str, looked: Looked) -> Look {
    let Looked { at, findings } = looked;
    Look { check, at, findings }
}

#[expect(clippy::print_stdout, reason = "its findings are the command's result")]
fn print(look: &Look, is_json: bool) {
    for line in look.lines(is_json) {
        println!("{}", safe_lines(&line));
    }
}
