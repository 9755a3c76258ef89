//! The laws of one execution's changes (S1, S2, S5–S11, S14–S17, S20–S22, S24, S26).

use engine::change::ExecutionChange;
use model::ids::{ActionName, ExecutionId, StageName};
use model::pipeline::{Pipeline, Stage};
use model::status::{ExecutionMode, ExecutionStatus};
use store::{LogKey, Record};

use super::{Books, Life, Log, Run, RunStatus, Where};

impl Books {
    /// Enters one change of an execution.
    pub(super) fn enter_execution(
        &mut self,
        key: &LogKey,
        record: &Record,
        id: ExecutionId,
        (number, announced): (u64, u32),
        change: &ExecutionChange,
    ) {
        if let ExecutionChange::Started(started) = change {
            self.enter_start(key, id, number, started.definition.record);
        }
        let log = self.logs.entry(key.clone()).or_default();
        let life = self.lives.get_mut(&id).expect("what changes was accepted before (S28)");
        assert_eq!((&life.log, life.number), (key, number), "{id} changes elsewhere");
        if change.level().is_some() {
            assert_eq!(announced, life.announced + 1, "{id}: a gap in what is announced (S22)");
            life.announced = announced;
        }
        let plan = &self.plans[&(key.pipeline().clone(), life.definition)];
        let mut entry = Entry { key, log, life, plan, id, record };
        entry.enter(change);
    }

    fn enter_start(&mut self, key: &LogKey, id: ExecutionId, number: u64, definition: u64) {
        let log = self.logs.entry(key.clone()).or_default();
        match key {
            LogKey::Pipeline(_) => {
                assert!(!self.lives.contains_key(&id), "{id} accepted twice (S20, S21)");
                assert_eq!(number, log.last_number + 1, "numbers leave no gap (R1)");
                assert_eq!(Some(definition), log.definition, "R10, S24");
                log.last_number = number;
                self.lives.insert(id, Life::new(key.clone(), number, definition));
            }
            LogKey::Execution(..) => {
                let life = self.lives.get(&id).expect("it was admitted before it began (R26)");
                assert!(!life.is_begun(), "{id} began twice (S20)");
                assert_eq!(life.definition, definition, "{id} is pinned (S24)");
            }
        }
        let life = self.lives.get_mut(&id).expect("it was just entered");
        life.status = Some(ExecutionStatus::InProgress);
    }
}

/// One change about to be entered.
struct Entry<'a> {
    key: &'a LogKey,
    log: &'a mut Log,
    life: &'a mut Life,
    plan: &'a Pipeline,
    id: ExecutionId,
    record: &'a Record,
}

impl Entry<'_> {
    fn enter(&mut self, change: &ExecutionChange) {
        let id = self.id;
        let begins = matches!(
            change,
            ExecutionChange::Started(_)
                | ExecutionChange::Resumed { .. }
                | ExecutionChange::StageResumed { .. }
        );
        assert!(begins || self.life.is_live(), "{id} is over, and {change:?} (S9)");
        match change {
            ExecutionChange::Started(_) | ExecutionChange::StageStopping { .. } => {}
            ExecutionChange::Resumed { .. } => self.resume(),
            ExecutionChange::Waited { stage } => self.wait(stage),
            ExecutionChange::Entered { stage } => self.go_in(stage),
            ExecutionChange::Superseded { stage, by } => self.supersede(stage, *by),
            ExecutionChange::ActionRequested { stage, action, attempt } => {
                self.request(stage, action, *attempt);
            }
            ExecutionChange::ActionSucceeded { stage, action, attempt, success, .. } => {
                let run = self.finish(stage, action, *attempt, RunStatus::Succeeded);
                run.success = Some(success.clone());
            }
            ExecutionChange::ActionFailed { stage, action, attempt, is_overdue, .. } => {
                self.fail(stage, action, *attempt, *is_overdue);
            }
            ExecutionChange::ActionAbandoned { stage, action, attempt } => {
                self.finish(stage, action, *attempt, RunStatus::Abandoned);
            }
            ExecutionChange::StageSucceeded { stage } => {
                assert!(!self.life.is_ending, "{id} is ending and goes on (S14)");
                for action in &self.declared().actions {
                    assert!(
                        self.is_done(stage, &action.name),
                        "{id} left {} out (S11)",
                        action.name
                    );
                }
                self.leave(stage);
                self.life.stage += 1;
                self.life.place = Where::Between;
            }
            ExecutionChange::StageFailed { stage }
            | ExecutionChange::StageStopped { stage }
            | ExecutionChange::StageCancelled { stage } => {
                let running = self.life.in_progress().count();
                assert_eq!(running, 0, "{id}: {stage} ends while actions run (S15)");
                self.leave(stage);
            }
            ExecutionChange::StageResumed { stage, .. } => self.resume_stage(stage),
            ExecutionChange::Stopping { .. }
            | ExecutionChange::StopEscalated
            | ExecutionChange::CancelRequested => self.life.is_ending = true,
            ExecutionChange::Succeeded => {
                assert_eq!(self.life.stage, self.plan.stages.len(), "{id} is not at its end (R36)");
                self.end(ExecutionStatus::Succeeded);
            }
            ExecutionChange::Failed => self.end(ExecutionStatus::Failed),
            ExecutionChange::Stopped => self.end(ExecutionStatus::Stopped),
            ExecutionChange::Cancelled { .. } => self.end(ExecutionStatus::Cancelled),
        }
    }

    /// Returns the stage of the declaration that the execution is at.
    fn declared(&self) -> &Stage {
        let stage = self.plan.stages.get(self.life.stage);
        stage.unwrap_or_else(|| panic!("{} is beyond its last stage (S11)", self.id))
    }

    fn is_done(&self, stage: &StageName, action: &ActionName) -> bool {
        let newest = self.life.newest(stage, action);
        newest.is_some_and(|(_, run)| run.status == RunStatus::Succeeded)
    }

    fn wait(&mut self, stage: &StageName) {
        assert_eq!(self.life.place, Where::Between, "{} waits elsewhere", self.id);
        self.log.before.entry(stage.clone()).or_default().push(self.id);
        self.life.place = Where::Before(stage.clone());
    }

    /// S1, S7, S8, S11.
    fn go_in(&mut self, stage: &StageName) {
        let (id, number) = (self.id, self.life.number);
        assert_eq!(self.declared().name, *stage, "{id} skips a stage (S11)");
        let former = self.log.inside.insert(stage.clone(), id);
        assert_eq!(former, None, "{id} enters {stage}, which is held (S1)");
        assert!(!self.log.closed.contains(stage), "{id} enters {stage} through a closed way (S11)");
        let line = self.log.before.entry(stage.clone()).or_default();
        match &self.life.place {
            Where::Before(here) => {
                assert_eq!(here, stage, "{id} enters from elsewhere");
                assert_eq!(line.first(), Some(&id), "{id} jumps the line before {stage} (S8)");
                line.remove(0);
            }
            Where::Between => assert!(line.is_empty(), "{id} overtakes who waits (S8)"),
            Where::Inside(_) | Where::Over(_) => panic!("{id} enters {stage} from nowhere (S1)"),
        }
        let entered = self.log.entered.insert(stage.clone(), number).unwrap_or(0);
        let is_superseding = self.plan.execution_mode == ExecutionMode::Superseded;
        if is_superseding && matches!(self.key, LogKey::Pipeline(_)) {
            assert!(entered < number, "#{number} enters {stage} after #{entered} (S7)");
        }
        self.life.place = Where::Inside(stage.clone());
    }

    /// S5, S6.
    fn supersede(&mut self, stage: &StageName, by: u64) {
        let (id, number) = (self.id, self.life.number);
        assert!(by > number, "#{number} superseded by the older #{by} (S5)");
        assert!(number < self.log.last_number, "the newest, #{number}, was superseded (S6)");
        assert!(
            !matches!(self.life.place, Where::Inside(_)),
            "{id} superseded inside {stage} (S5)"
        );
        self.end(ExecutionStatus::Superseded);
    }

    /// S2, S10, S14, S26.
    fn request(&mut self, stage: &StageName, action: &ActionName, attempt: u32) {
        let id = self.id;
        assert_eq!(self.life.place, Where::Inside(stage.clone()), "{id} asks from outside");
        assert!(!self.life.is_ending, "{id} is ending and asks for {action} (S14)");
        assert_eq!(attempt, self.life.attempt, "{id}: {action} (S26)");
        let declared = self.declared();
        let order = declared.action_index(action).map(|at| declared.actions[at].run_order);
        let order = order.expect("an action of the declaration (S24)");
        for lower in declared.actions.iter().filter(|lower| lower.run_order < order) {
            assert!(self.is_done(stage, &lower.name), "{id}: {action} before {} (S10)", lower.name);
        }
        if let Some((former, run)) = self.life.newest(stage, action) {
            assert!(former < attempt, "{id}: {action} attempt {attempt} is asked for twice (S2)");
            assert_ne!(run.status, RunStatus::InProgress, "{id}: {action} runs already (S2)");
        }
        let (since, status) = (self.record.at, RunStatus::InProgress);
        let run = Run { status, since, ended_by: None, success: None };
        self.life.runs.insert((stage.clone(), action.clone(), attempt), run);
    }

    /// S16, S17.
    fn finish(
        &mut self,
        stage: &StageName,
        action: &ActionName,
        attempt: u32,
        status: RunStatus,
    ) -> &mut Run {
        let id = self.id;
        let run = self.life.runs.get_mut(&(stage.clone(), action.clone(), attempt));
        let run = run.unwrap_or_else(|| panic!("{id}: {action} was never asked for (S16)"));
        assert_eq!(run.status, RunStatus::InProgress, "{id}: {action} ends twice (S16, S17)");
        run.status = status;
        run.ended_by = Some(self.record.sequence);
        run
    }

    /// L7: nothing is overdue before its time.
    fn fail(&mut self, stage: &StageName, action: &ActionName, attempt: u32, is_overdue: bool) {
        let status = if is_overdue { RunStatus::Overdue } else { RunStatus::Failed };
        let (id, at) = (self.id, self.record.at);
        let since = self.finish(stage, action, attempt, status).since;
        let declared = self.declared();
        let index = declared.action_index(action).expect("an action of the declaration (S24)");
        let minutes = i64::from(declared.actions[index].timeout_minutes());
        let is_late = at >= since.plus_minutes(minutes);
        assert!(!is_overdue || is_late, "{id}: {action} timed out too early (L7)");
    }

    fn leave(&mut self, stage: &StageName) {
        let former = self.log.inside.remove(stage);
        assert_eq!(former, Some(self.id), "{} leaves {stage}, and was not inside (S1)", self.id);
    }

    fn end(&mut self, status: ExecutionStatus) {
        let running = self.life.in_progress().count();
        assert_eq!(running, 0, "{} ends while its actions run (S15)", self.id);
        for line in self.log.before.values_mut() {
            line.retain(|waiting| *waiting != self.id);
        }
        let holds = self.log.inside.values().any(|inside| *inside == self.id);
        assert!(!holds, "{} is over and holds a stage (S1)", self.id);
        let stage = match &self.life.place {
            Where::Inside(stage) => Some(stage.clone()),
            Where::Between | Where::Before(_) | Where::Over(_) => None,
        };
        self.life.place = Where::Over(stage);
        self.life.status = Some(status);
        self.life.is_ending = false;
    }

    fn resume(&mut self) {
        let status = self.life.status;
        let is_retryable =
            matches!(status, Some(ExecutionStatus::Failed | ExecutionStatus::Stopped));
        assert!(is_retryable, "{} was {status:?}, and goes on (S9)", self.id);
        assert!(!self.life.is_live(), "{} runs, and was resumed (R52)", self.id);
        self.life.status = Some(ExecutionStatus::InProgress);
        self.life.attempt += 1;
    }

    fn resume_stage(&mut self, stage: &StageName) {
        let id = self.id;
        let over = Where::Over(Some(stage.clone()));
        assert_eq!(self.life.place, over, "{id} goes on elsewhere (R52)");
        let former = self.log.inside.insert(stage.clone(), id);
        assert_eq!(former, None, "{id} resumes in {stage}, which is held (S1, R56)");
        let entered = self.log.entered.get(stage).copied();
        assert_eq!(entered, Some(self.life.number), "{id} is not the latest (R22)");
        if let LogKey::Pipeline(_) = self.key {
            assert_eq!(self.log.definition, Some(self.life.definition), "{id} (S24)");
        }
        self.life.place = Where::Inside(stage.clone());
    }
}
