//! One execution, wherever its records lie.

use std::collections::BTreeMap;

use engine::change::{Change, ExecutionChange, PipelineChange, Started};
use engine::state::{Done, Execution, Run};
use model::ids::{ActionName, ArtifactName, ExecutionId};
use model::outcome::SourceRevision;
use model::status::{ExecutionMode, ExecutionStatus};
use model::time::Timestamp;
use runtime::conclude::{end_in, newest};
use runtime::summary::changes_of;
use runtime::{App, summary};
use store::{Error, LogKey, Particulars, Record, Summary};

use crate::Look;
use crate::back::Back;

/// How far clocks of machines may be apart.
const CLOCKS_APART_MINUTES_MAX: i64 = 5;

/// An execution that was found.
#[derive(Clone, Debug)]
pub struct Found {
    /// What there is to say of it.
    pub summary: Summary,
    /// The log that its records stand in.
    pub log: LogKey,
    /// The records among which they are: the first, and the last that may be about it.
    pub records: (u64, u64),
}

/// What only whoever asks for one execution wants to know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Details {
    /// Every declared variable with its value (R6).
    pub variables: BTreeMap<String, String>,
    /// What the sources brought, by output artifact.
    pub artifacts: Vec<ArtifactRevision>,
}

/// What a source artifact was made of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ArtifactRevision {
    /// The artifact.
    pub artifact: ArtifactName,
    /// Its revision.
    pub revision: SourceRevision,
    /// When it was brought in, if that is known.
    pub brought_at: Option<Timestamp>,
}

/// Finds an execution of the pipeline, also one whose end is not written down yet.
pub async fn find(app: &App, look: &Look, id: ExecutionId) -> Result<Option<Found>, Error> {
    let (head, pipeline) = (&look.head, look.head.log.pipeline());
    if let Some(summary) = summary::of_unfinished(app, head, id).await? {
        let records = (summary.first_record, head.state.sequence);
        return Ok(Some(Found { summary, log: head.log.clone(), records }));
    }
    if let Some(admission) = head.state.admitted.get(&id) {
        return if admission.is_withdrawn { Ok(None) } else { in_own_log(app, look, id).await };
    }
    if let Some(ended) = look.board.ended.get(&id) {
        if ended.had_own_log {
            return in_own_log(app, look, id).await;
        }
        return in_record(app, &head.log, id, ended.sequence).await;
    }
    if let Some(summary) = app.store.summary(pipeline, id).await? {
        // One of an earlier life is none of this pipeline's.
        if summary.number <= look.life.numbers_before {
            return Ok(None);
        }
        if summary.particulars.mode == Some(ExecutionMode::Parallel) {
            return in_own_log(app, look, id).await;
        }
        let records = (summary.first_record, summary.last_record);
        return Ok(Some(Found { summary, log: head.log.clone(), records }));
    }
    unconcluded(app, look, id).await
}

/// Returns an execution whose end nobody wrote down: it is watched as long as that is so.
async fn unconcluded(app: &App, look: &Look, id: ExecutionId) -> Result<Option<Found>, Error> {
    let log = &look.head.log;
    if app.store.live_of(log.pipeline(), id).await?.is_empty() {
        return Ok(None);
    }
    let drawn_at = i64::try_from(id.uuid().as_u128() >> 80).unwrap_or(i64::MAX);
    let since = Timestamp::from_millis(drawn_at).plus_minutes(-CLOCKS_APART_MINUTES_MAX);
    let range = (look.life.created_record, look.head.state.sequence);
    let mut back = Back::new(app, log.clone(), range);
    while let Some(record) = back.next().await?.filter(|record| record.at >= since) {
        if end_in(&record, id).is_some() {
            return in_record(app, log, id, record.sequence).await;
        }
        if admitted_in(&record, id).is_some() {
            return in_own_log(app, look, id).await;
        }
    }
    Ok(None)
}

/// Returns an execution that ended in a record of the pipeline's log.
async fn in_record(
    app: &App,
    log: &LogKey,
    id: ExecutionId,
    sequence: u64,
) -> Result<Option<Found>, Error> {
    let Some(record) = app.store.record(log, sequence).await? else { return Ok(None) };
    let Some(end) = end_in(&record, id) else { return Ok(None) };
    let (summary, _) = summary::of_ended(app, log, id, &record, end).await?;
    let records = (summary.first_record, sequence);
    Ok(Some(Found { summary, log: log.clone(), records }))
}

/// Returns a PARALLEL execution, from its own log.
async fn in_own_log(app: &App, look: &Look, id: ExecutionId) -> Result<Option<Found>, Error> {
    let log = LogKey::Execution(look.head.log.pipeline().clone(), id);
    let own = newest(app, &log).await?;
    let last = own.state.sequence;
    if last == 0 {
        return not_begun(app, look, id).await;
    }
    if let Some(summary) = summary::of_unfinished(app, &own, id).await? {
        let records = (summary.first_record, last);
        return Ok(Some(Found { summary, log, records }));
    }
    let mut back = Back::new(app, log.clone(), (1, last));
    while let Some(record) = back.next().await? {
        if end_in(&record, id).is_some() {
            return in_record(app, &log, id, record.sequence).await;
        }
    }
    Ok(None)
}

/// Returns a PARALLEL execution that was admitted just now, from the record that did.
async fn not_begun(app: &App, look: &Look, id: ExecutionId) -> Result<Option<Found>, Error> {
    let Some(admission) = look.head.state.admitted.get(&id) else { return Ok(None) };
    let record = app.store.record(&look.head.log, admission.record).await?;
    let Some(record) = record else { return Ok(None) };
    let Some((number, started)) = admitted_in(&record, id) else { return Ok(None) };
    let summary = Summary {
        execution: id,
        number,
        version: started.definition.version,
        status: ExecutionStatus::InProgress,
        trigger: started.trigger.clone(),
        revisions: started.revisions.clone(),
        sources: Vec::new(),
        started_at: record.at,
        updated_at: record.at,
        ended_at: None,
        first_record: 0,
        last_record: 0,
        particulars: Particulars { mode: Some(started.definition.mode), ..Particulars::default() },
    };
    let log = LogKey::Execution(look.head.log.pipeline().clone(), id);
    Ok(Some(Found { summary, log, records: (0, 0) }))
}

pub(crate) fn admitted_in(record: &Record, id: ExecutionId) -> Option<(u64, &Started)> {
    record.changes.iter().find_map(|change| match change {
        Change::Pipeline(PipelineChange::Admitted { execution, number, started })
            if *execution == id =>
        {
            Some((*number, started.as_ref()))
        }
        Change::Pipeline(_) | Change::Execution { .. } => None,
    })
}

/// Returns what only whoever asks for one execution wants to know.
pub async fn details(app: &App, look: &Look, found: &Found) -> Result<Details, Error> {
    let id = found.summary.execution;
    let started = match found.records.0 {
        // Its own log is not begun.
        0 => {
            let admission = look.head.state.admitted.get(&id);
            let sequence = admission.map_or(0, |admission| admission.record);
            let record = app.store.record(&look.head.log, sequence).await?;
            record.as_ref().and_then(|record| Some(admitted_in(record, id)?.1.clone()))
        }
        first => Some(summary::start(app, &found.log, first, id).await?.0),
    };
    let Some(started) = started else {
        return Ok(Details { variables: BTreeMap::new(), artifacts: Vec::new() });
    };
    let plan = app.store.plan(look.head.log.pipeline(), started.definition.record).await?;
    let sources = plan.stages.first().map_or(&[][..], |stage| &stage.actions);
    let moments = brought_at(app, found).await?;
    let mut artifacts = Vec::new();
    for (name, revision) in &found.summary.sources {
        let name = ActionName::new(name);
        let action = sources.iter().find(|action| action.name == name);
        artifacts.extend(action.into_iter().flat_map(|action| &action.outputs).map(|output| {
            ArtifactRevision {
                artifact: output.name.clone(),
                revision: revision.clone(),
                brought_at: moments.get(&name).copied(),
            }
        }));
    }
    Ok(Details { variables: started.variables, artifacts })
}

/// Returns when each source brought what it brought.
async fn brought_at(app: &App, found: &Found) -> Result<BTreeMap<ActionName, Timestamp>, Error> {
    let id = found.summary.execution;
    let Some(execution) = last_state(app, found).await? else { return Ok(BTreeMap::new()) };
    let results = match execution.results.first() {
        Some(results) => results.clone(),
        None => execution.runs.iter().filter_map(done).collect(),
    };
    let mut moments = BTreeMap::new();
    for done in results {
        let Some(record) = app.store.record(&found.log, done.record).await? else { continue };
        for change in changes_of(&record, id) {
            if let ExecutionChange::ActionSucceeded { action, .. } = change {
                moments.insert(action.clone(), record.at);
            }
        }
    }
    Ok(moments)
}

/// Returns what was last known of an execution while it was unfinished.
pub(crate) async fn last_state(app: &App, found: &Found) -> Result<Option<Execution>, Error> {
    let id = found.summary.execution;
    // The record of its end does not hold it any more; the one before does.
    for sequence in [found.records.1, found.records.1.saturating_sub(1)] {
        let record = app.store.record(&found.log, sequence).await?;
        if let Some(execution) = record.and_then(|it| it.state.executions.get(&id).cloned()) {
            return Ok(Some(execution));
        }
    }
    Ok(None)
}

/// Returns where the result of an action lies, if it succeeded.
pub(crate) fn done(run: &Run) -> Option<Done> {
    match run {
        Run::Succeeded(done) => Some(*done),
        Run::Pending | Run::InProgress { .. } | Run::Failed { .. } | Run::Abandoned { .. } => None,
    }
}
