//! The stages, from the pipeline's state where stages lock, and from the attempts where they do not.

use aws_sdk_codepipeline::types::{
    ActionDeclaration, ActionExecution, ActionExecutionDetail, ExecutionMode,
    PipelineExecutionSummary, StageDeclaration, StageExecution, StageState,
};
use model::time::Timestamp;

use crate::client::actions;
use crate::client::situation::{Action, Answers, Closed, Inside, Lane, Stage, Waiting};
use crate::client::words::{
    action_mark, execution_mark, first_line, moment, person, revision, stage_mark,
};
use crate::view::board::lane::Mark;

/// How many ended executions of a PARALLEL pipeline have a lane.
const ENDED_LANES_MAX: usize = 3;

/// Reads the lanes.
pub(super) fn read(answers: &Answers) -> Vec<Lane> {
    let stages = answers.declaration.stages();
    if answers.declaration.execution_mode() != Some(&ExecutionMode::Parallel) {
        let stages = stages.iter().map(|declared| locked(answers, declared));
        return vec![Lane { execution: None, stages: stages.collect() }];
    }
    let mut ended = 0;
    let mut lanes: Vec<_> = answers
        .executions
        .iter()
        .filter(|execution| {
            let is_running = execution_mark(execution.status()) == Mark::Running;
            ended += usize::from(!is_running);
            is_running || ended <= ENDED_LANES_MAX
        })
        .map(|execution| lane(answers, execution))
        .collect();
    lanes.reverse();
    lanes
}

/// A stage that one execution holds at a time.
fn locked(answers: &Answers, declared: &StageDeclaration) -> Stage {
    let states = answers.state.stage_states();
    let state = states.iter().find(|state| state.stage_name() == Some(declared.name()));
    let latest = state.and_then(|state| state.latest_execution());
    let holder = latest.map(StageExecution::pipeline_execution_id);
    let actions: Vec<_> = declared
        .actions()
        .iter()
        .map(|action| {
            let of = state.and_then(|state| {
                let mut of = state.action_states().iter();
                of.find(|of| of.action_name() == Some(action.name()))
            });
            let run = of.and_then(|of| of.latest_execution());
            known(answers, declared.name(), action, run, holder)
        })
        .collect();
    let inside = latest.map(|latest| {
        let mark = stage_mark(Some(latest.status()));
        inside(latest.pipeline_execution_id(), mark, &actions)
    });
    let waiting = state.map(waiting).unwrap_or_default();
    let waiting = waiting
        .into_iter()
        .map(|execution| Waiting { since: arrival(answers, &execution), execution });
    Stage {
        name: declared.name().to_owned(),
        closed: state.and_then(closed),
        inside,
        waiting: waiting.collect(),
        actions,
    }
}

/// The stages as one execution of a PARALLEL pipeline sees them.
fn lane(answers: &Answers, execution: &PipelineExecutionSummary) -> Lane {
    let id = execution.pipeline_execution_id().unwrap_or_default();
    let is_running = execution_mark(execution.status()) == Mark::Running;
    let mut stages: Vec<Stage> = Vec::new();
    for declared in answers.declaration.stages() {
        let actions: Vec<_> = declared
            .actions()
            .iter()
            .map(|action| known(answers, declared.name(), action, None, Some(id)))
            .collect();
        let mark = combined(&actions, is_running);
        let states = answers.state.stage_states();
        let state = states.iter().find(|state| state.stage_name() == Some(declared.name()));
        let closed = state.and_then(closed);
        let is_next = stages.iter().all(|before| {
            before.inside.as_ref().is_some_and(|inside| inside.mark == Mark::Succeeded)
        });
        let is_held = is_running && closed.is_some() && mark == Mark::Untouched && is_next;
        let waits = Waiting { execution: id.to_owned(), since: arrival(answers, id) };
        stages.push(Stage {
            name: declared.name().to_owned(),
            closed,
            inside: (mark != Mark::Untouched).then(|| inside(id, mark, &actions)),
            waiting: if is_held { vec![waits] } else { Vec::new() },
            actions,
        });
    }
    Lane { execution: Some(id.to_owned()), stages }
}

/// How a stage is doing, by its actions.
fn combined(actions: &[Action], is_running: bool) -> Mark {
    let any = |mark| actions.iter().any(|action| action.mark == mark);
    if any(Mark::Running) {
        Mark::Running
    } else if any(Mark::Failed) {
        Mark::Failed
    } else if any(Mark::Stopped) {
        Mark::Stopped
    } else if actions.iter().all(|action| action.mark == Mark::Succeeded) {
        Mark::Succeeded
    } else if any(Mark::Succeeded) {
        if is_running { Mark::Running } else { Mark::Stopped }
    } else {
        Mark::Untouched
    }
}

fn inside(execution: &str, mark: Mark, actions: &[Action]) -> Inside {
    let begun = actions.iter().filter(|action| action.mark != Mark::Untouched);
    let since = begun.clone().filter_map(|action| action.since).min();
    let until = begun.filter_map(|action| action.until).max().filter(|_| mark != Mark::Running);
    Inside { execution: execution.to_owned(), mark, since, until }
}

/// What is known of an action's newest attempt, for the execution that is inside of its stage.
fn known(
    answers: &Answers,
    stage: &str,
    declared: &ActionDeclaration,
    run: Option<&ActionExecution>,
    execution: Option<&str>,
) -> Action {
    let is_it = |attempt: &&ActionExecutionDetail| match run {
        Some(run) => attempt.action_execution_id() == run.action_execution_id(),
        None => {
            attempt.pipeline_execution_id() == execution
                && attempt.stage_name() == Some(stage)
                && attempt.action_name() == Some(declared.name())
        }
    };
    let attempt = answers.attempts.iter().find(is_it);
    let is_approval =
        declared.action_type_id().is_some_and(|of| of.category().as_str() == "Approval");
    let mut action = Action {
        name: declared.name().to_owned(),
        is_approval,
        run_order: declared.run_order().unwrap_or(1),
        mark: Mark::Untouched,
        since: None,
        until: None,
        remark: String::new(),
        question: Vec::new(),
        token: None,
    };
    // An attempt of an execution that has left is not what goes on here (contract §3.3).
    let is_of_another = attempt.is_some_and(|attempt| attempt.pipeline_execution_id() != execution);
    if is_of_another || (run.is_none() && attempt.is_none()) {
        return action;
    }
    let changed = run.and_then(|run| moment(run.last_status_change()));
    action.mark = match run {
        Some(run) => action_mark(run.status()),
        None => action_mark(attempt.and_then(|attempt| attempt.status())),
    };
    action.since = attempt.and_then(|attempt| moment(attempt.start_time())).or(changed);
    let updated = attempt.and_then(|attempt| moment(attempt.last_update_time())).or(changed);
    action.until = updated.filter(|_| action.mark != Mark::Running);
    action.remark = remark(answers, run, attempt, &action, execution);
    if is_approval && action.mark == Mark::Running {
        action.question = attempt.map(actions::question).unwrap_or_default();
        let token = run.and_then(|run| run.token());
        let token = token.or_else(|| attempt.and_then(actions::token));
        action.token = token.map(str::to_owned);
    }
    action
}

/// Returns one line about an action: why it failed, which revision it brought, who answered.
fn remark(
    answers: &Answers,
    run: Option<&ActionExecution>,
    attempt: Option<&ActionExecutionDetail>,
    action: &Action,
    execution: Option<&str>,
) -> String {
    let summary = || first_line(run.and_then(|run| run.summary()).unwrap_or_default());
    if action.mark == Mark::Failed {
        let failure = attempt.map(actions::failure).unwrap_or_default();
        let error = run.and_then(|run| run.error_details()).and_then(|error| error.message());
        let error = error.map_or_else(summary, first_line);
        return if failure.is_empty() { error } else { failure };
    }
    let executions = answers.executions.iter();
    let mut executions = executions.filter(|of| of.pipeline_execution_id() == execution);
    let brought = executions.next().and_then(|of| {
        let mut sources = of.source_revisions().iter();
        sources.find(|source| source.action_name() == action.name)
    });
    if let Some(brought) = brought {
        return revision(brought.revision_id().unwrap_or_default(), brought.revision_summary());
    }
    let said = attempt.map(actions::remark).unwrap_or_default();
    if said.is_empty() { summary() } else { said }
}

fn waiting(state: &StageState) -> Vec<String> {
    let mut waiting: Vec<_> =
        state.inbound_executions().iter().map(StageExecution::pipeline_execution_id).collect();
    let only = state.inbound_execution().map(StageExecution::pipeline_execution_id);
    waiting.extend(only.filter(|only| !waiting.contains(only)));
    waiting.into_iter().map(str::to_owned).collect()
}

fn closed(state: &StageState) -> Option<Closed> {
    let transition = state.inbound_transition_state().filter(|transition| !transition.enabled())?;
    Some(Closed {
        since: moment(transition.last_changed_at()),
        by: person(transition.last_changed_by().unwrap_or("somebody")).to_owned(),
        reason: first_line(transition.disabled_reason().unwrap_or_default()),
    })
}

/// Returns since when an execution waits: it arrived when the last of its actions had ended.
fn arrival(answers: &Answers, execution: &str) -> Option<Timestamp> {
    let attempts = answers.attempts.iter();
    let its = attempts.filter(|attempt| attempt.pipeline_execution_id() == Some(execution));
    let last = its.filter_map(|attempt| moment(attempt.last_update_time())).max();
    last.or_else(|| {
        let mut executions = answers.executions.iter();
        let its = executions.find(|of| of.pipeline_execution_id() == Some(execution))?;
        moment(its.start_time())
    })
}
