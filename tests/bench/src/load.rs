//! Keeps executions in flight until enough of them ended.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use engine::Rejection;
use engine::input::Trigger;
use model::ids::PipelineName;
use model::status::{ExecutionMode, ExecutionStatus, TriggerType};
use runtime::start::{Answer, Error, Request, start};
use store::LogKey;
use tokio::task::JoinSet;

use crate::rig::Rig;

/// How long an execution may take before we say that it is lost.
const EXECUTION_TIME_MAX: Duration = Duration::from_mins(1);

/// How many executions, where, and how many at a time.
#[derive(Clone, Debug)]
pub struct Load {
    /// What people call it.
    pub name: &'static str,
    /// What happens when executions of one pipeline meet.
    pub mode: ExecutionMode,
    /// Over how many pipelines they are spread.
    pub pipelines: usize,
    /// How many are in flight.
    pub in_flight: usize,
    /// How many in all.
    pub executions: usize,
    /// After how long no more are started.
    pub time_max: Duration,
}

/// What was driven.
#[derive(Debug, Default)]
pub struct Driven {
    /// How long each execution took from the request to its end.
    pub durations: Vec<Duration>,
    /// How long it took until nothing was left to do, summaries included.
    pub elapsed: Duration,
    /// How often a start was asked for again because others kept the log busy.
    pub asked_again: usize,
}

/// Drives a load to its end. Every execution must succeed.
pub async fn drive(rig: &Arc<Rig>, load: &Load) -> Result<Driven> {
    let begun = Instant::now();
    let left = Arc::new(AtomicUsize::new(load.executions));
    let driven = Arc::<Mutex<Driven>>::default();
    let mut lanes = JoinSet::new();
    for lane in 0..load.in_flight {
        let pipeline = rig.pipelines[lane % rig.pipelines.len()].clone();
        let (rig, left, driven) = (rig.clone(), left.clone(), driven.clone());
        let until = begun + load.time_max;
        lanes.spawn(async move {
            while Instant::now() < until && take_one(&left) {
                let (duration, asked_again) = run_one(&rig, &pipeline).await?;
                let mut driven = driven.lock().unwrap_or_else(PoisonError::into_inner);
                driven.durations.push(duration);
                driven.asked_again += asked_again;
            }
            anyhow::Ok(())
        });
    }
    while let Some(lane) = lanes.join_next().await {
        lane??;
    }
    let mut driven = std::mem::take(&mut *driven.lock().unwrap_or_else(PoisonError::into_inner));
    settle(rig, driven.durations.len()).await?;
    driven.elapsed = begun.elapsed();
    Ok(driven)
}

fn take_one(left: &AtomicUsize) -> bool {
    left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(1)).is_ok()
}

/// Runs one execution. Returns how long it took, and how often its start was asked for again.
async fn run_one(rig: &Rig, pipeline: &PipelineName) -> Result<(Duration, usize)> {
    let request = Request {
        execution: None,
        trigger: Trigger {
            kind: TriggerType::StartPipelineExecution,
            detail: "arn:aws:iam::000000000000:user/one-machine".to_owned(),
        },
        variables: std::collections::BTreeMap::new(),
        revisions: Vec::new(),
        client_request_token: None,
    };
    let begun = Instant::now();
    let mut asked_again = 0;
    let id = loop {
        match start(&rig.app, pipeline, &request).await {
            Ok(Answer::Started(id)) => break id,
            // The end of the execution before is known before its place in the quota is free (R9).
            Ok(Answer::Refused(Rejection::ConcurrentExecutionsLimit))
            | Err(Error::Busy(_) | Error::Turn(runtime::turn::Error::Contended { .. })) => {
                asked_again += 1;
                tokio::task::yield_now().await;
            }
            Ok(other) => bail!("an execution of {pipeline} was not started: {other:?}"),
            Err(error) => return Err(error.into()),
        }
    };
    let ended = tokio::time::timeout(EXECUTION_TIME_MAX, rig.end_of(id)).await;
    let status = ended.with_context(|| format!("execution {id} of {pipeline} is lost"))??;
    ensure!(status == ExecutionStatus::Succeeded, "execution {id} of {pipeline} is {status}");
    Ok((begun.elapsed(), asked_again))
}

/// Waits until what follows the end of the last executions is done: summaries, closings.
async fn settle(rig: &Rig, executions: usize) -> Result<()> {
    let is_settled = || {
        let concluded = rig.meter().of("DeleteItem").requests >= executions as u64;
        let is_empty = |pipeline: &PipelineName| {
            let head = rig.app.store.glance(&LogKey::Pipeline(pipeline.clone()));
            head.is_some_and(|head| head.state.admitted.is_empty())
        };
        concluded && rig.pipelines.iter().all(is_empty)
    };
    let settled = async {
        while !is_settled() {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    };
    tokio::time::timeout(EXECUTION_TIME_MAX, settled).await.context("what follows the end is lost")
}
