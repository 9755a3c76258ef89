//! Makes a board from the end of a log, for a process that has not seen it grow.
//!
//! Going back stops as soon as every stage of the declaration is known, which is soon where a pipeline
//! is in use. What does not turn up within a bound is searched for by what the newest state says of it.
//! So the cost does not grow with the history.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use engine::change::{Change, ExecutionChange};
use engine::state::{Done, Execution, Run, RunKey};
use model::ids::{ActionName, ExecutionId, StageName};
use model::pipeline::{Pipeline, Stage};
use model::status::ActionCategory;
use runtime::{App, lookup};
use store::{Error, Head, Record};

use crate::back::{Back, PAGE_RECORDS};
use crate::board::{ActionBoard, Attempt, Board, Progress};
use crate::execution::done;
use crate::life;

/// How many records are read back at most. An action that did not run in them, and not for the newest
/// execution of its stage either, is shown as one that never ran.
///
/// Reading stops earlier where every stage and action is known. Who opened a transition is not worth
/// reading on: the state forgets it, and one that was opened before the records that were read is shown
/// as open and without a name. Whoever closed one is in the state.
pub const COLD_RECORDS_MAX: usize = 1_000;

/// Makes the board as of a head.
pub(crate) async fn rebuild(app: &App, head: &Head) -> Result<Board, Error> {
    let newest = head.state.sequence;
    let (Some(definition), Some(life)) = (head.state.definition, life::find(app, head).await?)
    else {
        return Ok(Board { sequence: newest, ..Board::new(None, newest) });
    };
    let plan = app.store.plan(head.log.pipeline(), definition.record).await?;
    let mut wanted = Wanted::new(head, &plan);
    let mut found = BTreeMap::new();
    let mut back = Back::new(app, head.log.clone(), (life.created_record, newest));
    // A page at least: what ended lately and is not written down yet is in it.
    while found.len() < PAGE_RECORDS as usize
        || (!wanted.is_empty() && found.len() < COLD_RECORDS_MAX)
    {
        let Some(record) = back.next().await? else { break };
        wanted.strike(&record);
        found.insert(record.sequence, record);
    }
    let oldest = found.keys().next().copied().unwrap_or(newest);
    if oldest > life.created_record {
        for (stage, entered) in wanted.entries {
            search(app, head, &plan, (life.created_record, oldest), (&stage, entered), &mut found)
                .await?;
        }
    }
    let mut board = Board::new(Some(life), newest);
    for record in found.values() {
        board.fold(record);
    }
    board.sequence = newest;
    board.life = Some(life);
    in_progress(head, &plan, &mut board);
    Ok(board)
}

/// What the declaration's stages still lack.
struct Wanted {
    /// The entry of each stage's newest execution.
    entries: BTreeMap<StageName, ExecutionId>,
    actions: BTreeSet<(StageName, ActionName)>,
    /// Source actions of which no revision is known.
    revisions: BTreeSet<(StageName, ActionName)>,
}

impl Wanted {
    fn new(head: &Head, plan: &Pipeline) -> Self {
        let latest = |stage: &Stage| {
            let slot = head.state.stages.get(&stage.name)?;
            Some((stage.name.clone(), slot.latest.as_ref()?.execution))
        };
        let entries: BTreeMap<_, _> = plan.stages.iter().filter_map(latest).collect();
        // Where nobody entered, no action ran.
        let stages = || plan.stages.iter().filter(|stage| entries.contains_key(&stage.name));
        let named = |stage: &Stage, action: &ActionName| (stage.name.clone(), action.clone());
        let actions = stages()
            .flat_map(|stage| stage.actions.iter().map(|action| named(stage, &action.name)))
            .collect();
        let sources = stages().flat_map(|stage| {
            let sources = stage.actions.iter();
            let sources = sources.filter(|it| it.type_id.category == ActionCategory::Source);
            sources.map(|action| named(stage, &action.name))
        });
        let revisions = sources.collect();
        Self { entries, actions, revisions }
    }

    fn is_empty(&self) -> bool {
        self.entries.is_empty() && self.actions.is_empty() && self.revisions.is_empty()
    }

    fn strike(&mut self, record: &Record) {
        for change in &record.changes {
            let Change::Execution { id, change, .. } = change else { continue };
            if let ExecutionChange::Entered { stage } = change
                && self.entries.get(stage) == Some(id)
            {
                self.entries.remove(stage);
            }
            if let Some((run, progress, _)) = Progress::after(*id, change) {
                let place = (run.stage, run.action);
                if let Progress::Succeeded(_) = progress {
                    self.revisions.remove(&place);
                }
                self.actions.remove(&place);
            }
        }
    }
}

/// Finds what happened in a stage since its newest execution entered it, before the records that are
/// known.
async fn search(
    app: &App,
    head: &Head,
    plan: &Pipeline,
    (low, high): (u64, u64),
    (stage, entered): (&StageName, ExecutionId),
    found: &mut BTreeMap<u64, Arc<Record>>,
) -> Result<(), Error> {
    let is_latest = |state: &engine::State| {
        let latest = state.stages.get(stage).and_then(|slot| slot.latest.as_ref());
        latest.is_some_and(|latest| latest.execution == entered)
    };
    let Some(entry) = lookup::since(app, &head.log, (low, high), is_latest).await? else {
        return Ok(());
    };
    let around = app.store.records(&head.log, entry.sequence, PAGE_RECORDS).await?;
    let around = around.into_iter().filter(|record| record.sequence <= high);
    found.extend(around.map(|record| (record.sequence, record)));
    // What took longer than those records is pointed to by the state, while it can still go on.
    let resumable = head.state.stages.get(stage).and_then(|slot| slot.latest.as_ref());
    let resumable = resumable.and_then(|latest| latest.resume.as_deref());
    let Some(execution) = head.state.executions.get(&entered).or(resumable) else { return Ok(()) };
    for done in results_in(execution, plan, stage) {
        if let Some(record) = app.store.record(&head.log, done.record).await? {
            found.insert(done.record, record);
        }
    }
    Ok(())
}

fn results_in(execution: &Execution, plan: &Pipeline, stage: &StageName) -> Vec<Done> {
    let Some(index) = plan.stage_index(stage) else { return Vec::new() };
    if let Some(results) = execution.results.get(index) {
        return results.clone();
    }
    let runs = execution.runs.iter().filter(|_| execution.stage == index);
    runs.filter_map(done).collect()
}

/// Adds what is in progress by the newest state, where its record was too far away.
fn in_progress(head: &Head, plan: &Pipeline, board: &mut Board) {
    for stage in &plan.stages {
        let occupant = head.state.stages.get(&stage.name).and_then(|slot| slot.occupant);
        let Some(id) = occupant else { continue };
        let Some(execution) = head.state.executions.get(&id) else { continue };
        if Some(execution.definition) != head.state.definition {
            continue;
        }
        let actions = &mut board.stages.entry(stage.name.clone()).or_default().actions;
        for (action, run) in stage.actions.iter().zip(&execution.runs) {
            let Run::InProgress { attempt, since } = run else { continue };
            let run = RunKey {
                execution: id,
                stage: stage.name.clone(),
                action: action.name.clone(),
                attempt: *attempt,
            };
            let former = actions.remove(&action.name);
            let is_known = former.as_ref().is_some_and(|former| former.latest.run == run);
            let brought = former.as_ref().and_then(|former| former.brought.clone());
            let synthesized = Attempt {
                run,
                asked: None,
                changed_at: *since,
                progress: Progress::InProgress,
                by: None,
            };
            let entry = match former {
                Some(former) if is_known => former,
                Some(_) | None => ActionBoard { latest: synthesized, brought },
            };
            actions.insert(action.name.clone(), entry);
        }
    }
}
