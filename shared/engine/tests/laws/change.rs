//! Whether one change may happen now.

use engine::change::{Change, ExecutionChange, PipelineChange};
use engine::state::{Ending, Execution, Inbound, Place, Run, RunKey, Scope, State};
use engine::{Input, Plans};
use model::ids::{ActionName, ApprovalToken, ExecutionId, StageName};
use model::outcome::Outcome;
use model::status::ExecutionMode;

/// Checks a change against the state right before it. `former` is the change before it in the same
/// decision.
pub(super) fn check_change(
    state: &State,
    plans: &Plans,
    input: &Input,
    former: Option<&Change>,
    change: &Change,
) {
    match change {
        Change::Pipeline(change) => check_pipeline(state, input, change),
        Change::Execution { id, number, announced, change } => {
            check_number(state, *id, *announced, change);
            let context = Context { state, plans, input, former, id: *id, number: *number };
            context.check(change);
        }
    }
}

fn check_pipeline(state: &State, input: &Input, change: &PipelineChange) {
    match change {
        PipelineChange::Admitted { execution, number, started } => {
            assert_eq!(started.definition.mode, ExecutionMode::Parallel, "R26");
            assert_eq!(*number, state.last_number + 1, "numbers leave no gap (R1)");
            assert!(!state.admitted.contains_key(execution), "{execution} admitted twice (S20)");
        }
        PipelineChange::Closed { execution } => {
            let Input::Close { attempt, .. } = input else { panic!("closed by {input}") };
            let known = state.admitted[execution].attempt;
            assert!(known <= *attempt, "an older attempt closed attempt {known} (S28)");
        }
        PipelineChange::Reopened { execution, attempt } => {
            let known = state.admitted.get(execution).map(|admission| admission.attempt);
            assert!(known.is_none_or(|known| known < *attempt), "heard twice: {attempt} (S28)");
        }
        PipelineChange::Defined { version, .. } => {
            let former = state.definition.map_or(0, |definition| definition.version);
            assert_eq!(*version, former + 1, "versions leave no gap");
        }
        PipelineChange::Deleted { .. }
        | PipelineChange::Disabled { .. }
        | PipelineChange::Enabled { .. }
        | PipelineChange::Refused { .. } => {}
    }
}

/// S22: announced changes are numbered from 1 without gaps, across retries.
fn check_number(state: &State, id: ExecutionId, announced: u32, change: &ExecutionChange) {
    let retained = state.stages.values().filter_map(|slot| slot.latest.as_ref());
    let retained =
        retained.filter(|latest| latest.execution == id).find_map(|l| l.resume.as_deref());
    let former = state.executions.get(&id).or(retained).map_or(0, |known| known.announced);
    let expected = if change.level().is_some() { former + 1 } else { 0 };
    assert_eq!(announced, expected, "{id}: {change:?} (S22)");
}

struct Context<'a> {
    state: &'a State,
    plans: &'a Plans,
    input: &'a Input,
    former: Option<&'a Change>,
    id: ExecutionId,
    number: u64,
}

impl Context<'_> {
    fn check(&self, change: &ExecutionChange) {
        let id = self.id;
        match change {
            ExecutionChange::Started(started) => {
                assert!(!self.state.executions.contains_key(&id), "{id} started twice (S20)");
                assert!(self.number > self.state.last_number, "numbers only grow (R1)");
                if self.state.scope == Scope::Pipeline {
                    assert_eq!(Some(started.definition), self.state.definition, "R10, S24");
                }
            }
            ExecutionChange::Resumed { .. } => self.check_resumed(),
            ExecutionChange::Waited { .. } => {
                assert_eq!(self.execution().place, Place::Arriving, "{id} waits");
            }
            ExecutionChange::Entered { stage } => self.check_entered(stage),
            ExecutionChange::Superseded { stage, by } => self.check_superseded(stage, *by),
            ExecutionChange::ActionRequested { stage, action, attempt } => {
                self.check_requested(stage, action, *attempt);
            }
            ExecutionChange::ActionSucceeded { stage, action, attempt, by, .. } => {
                self.check_ended(&self.key(stage, action, *attempt), true, false, by.is_some());
            }
            ExecutionChange::ActionFailed { stage, action, attempt, is_overdue, by, .. } => {
                let key = self.key(stage, action, *attempt);
                self.check_ended(&key, false, *is_overdue, by.is_some());
            }
            ExecutionChange::ActionAbandoned { stage, action, attempt } => {
                self.check_abandoned(&self.key(stage, action, *attempt));
            }
            ExecutionChange::StageSucceeded { stage } => self.check_succeeded_stage(stage),
            ExecutionChange::StageFailed { stage } => self.check_idle(stage, &[Ending::No]),
            ExecutionChange::StageStopping { .. } => self.follows(&["stopping"]),
            ExecutionChange::StageStopped { stage } => {
                self.check_idle(stage, &[Ending::Stopping, Ending::Abandoning]);
            }
            ExecutionChange::StageCancelled { stage } => {
                let any = [Ending::No, Ending::Stopping, Ending::Abandoning, Ending::Cancelling];
                self.check_idle(stage, &any);
            }
            ExecutionChange::StageResumed { .. } => self.follows(&["resumed"]),
            ExecutionChange::Succeeded => {
                let stages = self.plans.get(self.execution().definition.record).stages.len();
                assert_eq!(self.execution().stage, stages, "{id} succeeded before its end (R36)");
            }
            ExecutionChange::Failed => self.follows(&["stage failed"]),
            ExecutionChange::Stopped => self.follows(&["stage stopped", "stopping"]),
            ExecutionChange::Cancelled { .. } if self.execution().place == Place::Waiting => {}
            ExecutionChange::Cancelled { .. } => self.follows(&["stage cancelled"]),
            ExecutionChange::Stopping { .. } | ExecutionChange::CancelRequested => {
                assert!(matches!(self.execution().ending, Ending::No | Ending::Cancelling));
            }
            ExecutionChange::StopEscalated => {
                assert_eq!(self.execution().ending, Ending::Stopping, "R45");
            }
        }
    }

    /// S9: what is over does not change, unless it is resumed.
    fn execution(&self) -> &Execution {
        self.state.executions.get(&self.id).expect("what is over does not change (S9)")
    }

    fn key(&self, stage: &StageName, action: &ActionName, attempt: u32) -> RunKey {
        RunKey { execution: self.id, stage: stage.clone(), action: action.clone(), attempt }
    }

    /// Returns the run, after asking that the execution is inside of that stage.
    fn run(&self, key: &RunKey) -> Run {
        let execution = self.execution();
        let stage = self.plans.stage_of(execution);
        assert_eq!((execution.place, &stage.name), (Place::Inside, &key.stage), "{key:?}");
        execution.runs[stage.action_index(&key.action).expect("a declared action")]
    }

    /// Contract §4.5: some changes come only right after others of the same execution.
    fn follows(&self, allowed: &[&str]) {
        let is_allowed = match self.former {
            Some(Change::Execution { id, change, .. }) if *id == self.id => match change {
                ExecutionChange::StageFailed { .. } => allowed.contains(&"stage failed"),
                ExecutionChange::StageStopped { .. } => allowed.contains(&"stage stopped"),
                ExecutionChange::StageCancelled { .. } => allowed.contains(&"stage cancelled"),
                ExecutionChange::Stopping { .. } => allowed.contains(&"stopping"),
                ExecutionChange::Resumed { .. } => allowed.contains(&"resumed"),
                ExecutionChange::Started(_)
                | ExecutionChange::Waited { .. }
                | ExecutionChange::Entered { .. }
                | ExecutionChange::Superseded { .. }
                | ExecutionChange::ActionRequested { .. }
                | ExecutionChange::ActionSucceeded { .. }
                | ExecutionChange::ActionFailed { .. }
                | ExecutionChange::ActionAbandoned { .. }
                | ExecutionChange::StageSucceeded { .. }
                | ExecutionChange::StageStopping { .. }
                | ExecutionChange::StageResumed { .. }
                | ExecutionChange::Succeeded
                | ExecutionChange::Failed
                | ExecutionChange::StopEscalated
                | ExecutionChange::Stopped
                | ExecutionChange::CancelRequested
                | ExecutionChange::Cancelled { .. } => false,
            },
            Some(Change::Execution { .. } | Change::Pipeline(_)) | None => false,
        };
        assert!(is_allowed, "after {:?}, not after {allowed:?} (§4.5)", self.former);
    }

    fn check_resumed(&self) {
        let id = self.id;
        assert!(!self.state.executions.contains_key(&id), "{id} runs and was resumed (R52)");
        let slot = self.state.stages.values().find(|slot| {
            let latest = slot.latest.as_ref().filter(|latest| latest.execution == id);
            latest.is_some_and(|latest| latest.resume.is_some())
        });
        let slot = slot.expect("only what entered last is resumed (R22)");
        assert_eq!(slot.occupant, None, "{id} resumes in a held stage (R56)");
        let resume = slot.latest.as_ref().and_then(|latest| latest.resume.as_ref());
        assert_eq!(resume.map(|e| e.definition), self.state.definition, "{id} (R52, S24)");
    }

    /// S1, S7, S8, S11.
    fn check_entered(&self, stage: &StageName) {
        let (execution, number) = (self.execution(), self.number);
        let slot = &self.state.stages[stage];
        assert!(matches!(execution.place, Place::Arriving | Place::Waiting), "#{number}");
        assert_eq!(self.plans.stage_of(execution).name, *stage, "#{number} is elsewhere (S11)");
        assert_eq!(slot.occupant, None, "#{number} enters {stage}, which is held (S1)");
        assert_eq!(slot.inbound, Inbound::Enabled, "#{number} enters through a closed way (S11)");
        if self.state.scope == Scope::Execution {
            return;
        }
        match execution.definition.mode {
            ExecutionMode::Superseded => {
                let entered = slot.latest.as_ref().map_or(0, |latest| latest.number);
                assert!(entered < number, "#{number} enters {stage} after #{entered} (S7)");
            }
            ExecutionMode::Queued => {
                let first = slot.waiting.first();
                assert!(first.is_none_or(|first| *first == self.id), "#{number} jumps in (S8)");
            }
            ExecutionMode::Parallel => panic!("PARALLEL has no stage locks (R26)"),
        }
    }

    /// S5, S8: only in SUPERSEDED mode, only from the door, only by a newer one that is there.
    fn check_superseded(&self, stage: &StageName, by: u64) {
        let number = self.number;
        let mode = self.state.definition.map(|definition| definition.mode);
        assert_eq!(mode, Some(ExecutionMode::Superseded), "#{number} superseded (S8)");
        assert_eq!(self.state.scope, Scope::Pipeline, "#{number} superseded (S8)");
        assert_ne!(self.execution().place, Place::Inside, "#{number} superseded inside (R19)");
        assert!(by > number, "#{number} superseded by the older #{by} (S5)");
        let entered = self.state.stages[stage].latest.as_ref().map_or(0, |latest| latest.number);
        let is_there = self.state.executions.values().any(|other| {
            other.number == by
                && other.place != Place::Inside
                && self.plans.stage_of(other).name == *stage
        });
        assert!(is_there || entered >= by, "#{by} is not at {stage} (S5)");
    }

    /// S2, S10, S14, R27, R31.
    fn check_requested(&self, stage: &StageName, action: &ActionName, attempt: u32) {
        let (execution, number) = (self.execution(), self.number);
        let run = self.run(&self.key(stage, action, attempt));
        assert_eq!(run, Run::Pending, "#{number}: {action} was asked for already (S2)");
        assert_eq!(attempt, execution.attempt, "#{number}: {action} (R51)");
        assert_eq!(execution.ending, Ending::No, "#{number} ends and asks for {action} (S14)");
        let has_failed = |run: &Run| matches!(run, Run::Failed { .. } | Run::Abandoned { .. });
        assert!(!execution.runs.iter().any(has_failed), "#{number}: {action} (R31)");
        let declared = self.plans.stage_of(execution);
        let order = declared.actions[declared.action_index(action).expect("declared")].run_order;
        for (lower, run) in declared.actions.iter().zip(&execution.runs) {
            assert!(
                lower.run_order >= order || matches!(run, Run::Succeeded(_)),
                "#{number}: {action} before {} (S10)",
                lower.name
            );
        }
    }

    /// S16, S18, L7: an end is the report of that very attempt, or an answer with its token, or late.
    fn check_ended(&self, key: &RunKey, is_success: bool, is_overdue: bool, is_answer: bool) {
        let run = self.run(key);
        let Run::InProgress { attempt, since } = run else { panic!("{key:?} is {run:?} (S16)") };
        assert_eq!(attempt, key.attempt, "{key:?} (S16)");
        match self.input {
            Input::Report { run, outcome } => {
                assert_eq!((run, is_overdue, is_answer), (key, false, false), "S16");
                assert_eq!(matches!(outcome, Outcome::Succeeded(_)), is_success, "S16");
            }
            Input::Approve(approve) => {
                let token = ApprovalToken::derive(self.state.secret, key.id());
                assert_eq!(approve.token, token, "answered with a wrong token (S18)");
                assert_eq!((approve.is_approved, is_answer), (is_success, true), "S18");
            }
            Input::Tick => {
                assert!(is_overdue && !is_success, "{key:?}");
                let stage = self.plans.stage_of(self.execution());
                let action = &stage.actions[stage.action_index(&key.action).expect("declared")];
                let minutes = self.state.at.millis_since(since) / 60_000;
                let allowed = i64::from(action.timeout_minutes());
                assert!(minutes >= allowed, "{key:?} timed out after {minutes} minutes (L7)");
            }
            Input::Define { .. }
            | Input::Delete { .. }
            | Input::Start(_)
            | Input::Begin(_)
            | Input::Disable { .. }
            | Input::Enable { .. }
            | Input::Stop { .. }
            | Input::Retry { .. }
            | Input::Relay { .. }
            | Input::Withdraw { .. }
            | Input::Close { .. }
            | Input::Reopen { .. } => panic!("{} ended {key:?}", self.input),
        }
    }

    fn check_abandoned(&self, key: &RunKey) {
        let run = self.run(key);
        assert!(matches!(run, Run::InProgress { .. }), "{key:?} is {run:?} and abandoned (S17)");
        let is_asked = matches!(
            self.input,
            Input::Stop { abandon: true, .. } | Input::Delete { .. } | Input::Withdraw { .. }
        );
        assert!(is_asked, "{} abandoned {key:?} (R44)", self.input);
    }

    fn check_succeeded_stage(&self, stage: &StageName) {
        let (execution, number) = (self.execution(), self.number);
        let succeeded = |run: &Run| matches!(run, Run::Succeeded(_));
        assert!(execution.runs.iter().all(succeeded), "#{number} leaves {stage} (R36)");
        assert_eq!(execution.ending, Ending::No, "#{number} leaves {stage} (S14)");
    }

    /// R15, R43, S15, R84: a stage ends when nothing in it runs, and as it was asked to.
    fn check_idle(&self, stage: &StageName, allowed: &[Ending]) {
        let (execution, number) = (self.execution(), self.number);
        assert_eq!(execution.in_progress(), 0, "#{number} gives {stage} back, and runs (R15)");
        assert!(allowed.contains(&execution.ending), "#{number} ends {stage} otherwise (R43)");
    }
}
