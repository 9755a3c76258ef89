//! PARALLEL: what the pipeline's log and the logs of its executions owe each other.
//!
//! There is no write over two logs. Each side tells the other what it holds, as often as need be;
//! hearing it again changes nothing.

use std::collections::BTreeMap;

use engine::change::{Change, PipelineChange};
use engine::input::Begin;
use engine::state::Inbound;
use engine::{Effect, Input};
use model::ids::{ExecutionId, PipelineName, StageName};
use model::time::Timestamp;
use store::{Head, LogKey};

use crate::action::Error;
use crate::conclude::newest;
use crate::turn::turn;
use crate::{App, Outcome, sweep};

/// The disabled transitions of a pipeline: since when, by whom, why.
type Disabled = BTreeMap<StageName, (Timestamp, String, String)>;

/// Tells one log what the other holds.
pub async fn tell(app: &App, pipeline: &PipelineName, effect: &Effect) -> Result<(), Error> {
    let of_pipeline = LogKey::Pipeline(pipeline.clone());
    let of_execution = |id: &ExecutionId| LogKey::Execution(pipeline.clone(), *id);
    let (log, input) = match effect {
        Effect::Open(id) => {
            let head = newest(app, &of_pipeline).await?;
            match begin(app, &head, *id).await? {
                Some(begin) if head.state.definition.is_some() => {
                    (of_execution(id), Input::Begin(begin))
                }
                Some(_) | None => return Ok(()),
            }
        }
        Effect::Relay(id) => {
            let head = newest(app, &of_pipeline).await?;
            if !head.state.admitted.contains_key(id) {
                return Ok(());
            }
            (of_execution(id), Input::Relay { disabled: disabled(&head) })
        }
        Effect::Withdraw(id) => {
            // One that was admitted and never begun is begun first, so that it can end like the others.
            let head = newest(app, &of_pipeline).await?;
            if let Some(begin) = begin(app, &head, *id).await? {
                turn(app, &of_execution(id), &Input::Begin(begin), None).await?;
            }
            (of_execution(id), Input::Withdraw { by: "the pipeline's deletion".to_owned() })
        }
        Effect::Close(execution, attempt) => {
            (of_pipeline, Input::Close { execution: *execution, attempt: *attempt })
        }
        Effect::Reopen(execution, attempt) => {
            return reopen(app, &of_pipeline, &of_execution(execution), *execution, *attempt).await;
        }
        Effect::RequestAction(_) | Effect::CancelAction(_) | Effect::Conclude(_) => {
            unreachable!("{effect} is not between logs")
        }
    };
    turn(app, &log, &input, None).await?;
    Ok(())
}

/// Tells the pipeline that a retried execution goes on, if it still does. The message may have taken
/// so long that the execution has ended and was closed; so its own log is asked before, and again
/// afterwards, since it may end in between.
async fn reopen(
    app: &App,
    of_pipeline: &LogKey,
    of_execution: &LogKey,
    execution: ExecutionId,
    attempt: u32,
) -> Result<(), Error> {
    let goes_on = |head: &Head| {
        head.state.executions.get(&execution).is_some_and(|known| known.attempt == attempt)
    };
    if !goes_on(&*newest(app, of_execution).await?) {
        return Ok(());
    }
    let input = Input::Reopen { execution, attempt };
    let is_news = matches!(turn(app, of_pipeline, &input, None).await?, Outcome::Changed(_));
    if is_news && !goes_on(&*newest(app, of_execution).await?) {
        turn(app, of_pipeline, &Input::Close { execution, attempt }, None).await?;
    }
    Ok(())
}

/// Returns how the log of an admitted execution begins; `None` once it is closed.
async fn begin(app: &App, head: &Head, id: ExecutionId) -> Result<Option<Begin>, Error> {
    let Some(admission) = head.state.admitted.get(&id) else { return Ok(None) };
    let record = app.store.record(&head.log, admission.record).await?;
    let admitted =
        record.iter().flat_map(|record| &record.changes).find_map(|change| match change {
            Change::Pipeline(PipelineChange::Admitted { execution, number, started })
                if *execution == id =>
            {
                Some((*number, started.as_ref().clone()))
            }
            Change::Pipeline(_) | Change::Execution { .. } => None,
        });
    // A reopened execution's log began long ago.
    Ok(admitted.map(|(number, started)| Begin {
        execution: id,
        number,
        definition: started.definition,
        secret: head.state.secret,
        trigger: started.trigger,
        variables: started.variables,
        revisions: started.revisions,
        disabled: disabled(head),
    }))
}

fn disabled(head: &Head) -> Disabled {
    let closed = head.state.stages.iter().filter_map(|(stage, slot)| match &slot.inbound {
        Inbound::Enabled => None,
        Inbound::Disabled { since, by, reason } => {
            Some((stage.clone(), (*since, by.clone(), reason.clone())))
        }
    });
    closed.collect()
}

/// Sweeps a pipeline's log and the logs of the executions that it admitted.
pub async fn sweep_all(app: &App, pipeline: &PipelineName) -> Result<(), Error> {
    let log = LogKey::Pipeline(pipeline.clone());
    sweep::sweep(app, &log).await?;
    let admitted: Vec<_> = app.store.load(&log).await?.state.admitted.keys().copied().collect();
    for id in admitted {
        sweep::sweep(app, &LogKey::Execution(pipeline.clone(), id)).await?;
    }
    Ok(())
}
