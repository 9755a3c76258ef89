//! The stages as executions travel through them, and their actions.

use engine::state::RunKey;
use model::ids::{ActionName, StageName};
use model::pipeline::Pipeline;
use model::time::Timestamp;

/// The stages of a pipeline, as one execution or all of them see them.
#[derive(Debug)]
pub(crate) struct Lane {
    /// Whose lane it is; `None` when stages lock and all executions share it.
    pub(crate) number: Option<u64>,
    /// When its execution was started.
    pub(crate) since: Timestamp,
    /// When its execution ended.
    pub(crate) until: Option<Timestamp>,
    /// How its execution is doing.
    pub(crate) mark: Mark,
    pub(crate) stages: Vec<StageRow>,
}

/// A stage.
#[derive(Debug)]
pub(crate) struct StageRow {
    pub(crate) name: StageName,
    /// Who is inside, or was last.
    pub(crate) number: Option<u64>,
    pub(crate) mark: Mark,
    pub(crate) since: Timestamp,
    pub(crate) until: Option<Timestamp>,
    /// Who waits before it, and since when, in order of arrival.
    pub(crate) waiting: Vec<(u64, Timestamp)>,
    pub(crate) actions: Vec<ActionRow>,
}

/// An action, in its newest attempt.
#[derive(Debug)]
pub(crate) struct ActionRow {
    pub(crate) name: ActionName,
    pub(crate) is_approval: bool,
    pub(crate) run_order: u32,
    pub(crate) mark: Mark,
    pub(crate) since: Timestamp,
    pub(crate) until: Option<Timestamp>,
    pub(crate) run: Option<RunKey>,
    /// One line about it.
    pub(crate) detail: String,
}

/// How something is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mark {
    Untouched,
    Running,
    Succeeded,
    Failed,
    Stopped,
}

impl Lane {
    pub(crate) fn new(pipeline: &Pipeline, number: Option<u64>) -> Self {
        let zero = Timestamp::default();
        let stages = pipeline.stages.iter().map(|stage| StageRow {
            name: stage.name.clone(),
            number: None,
            mark: Mark::Untouched,
            since: zero,
            until: None,
            waiting: Vec::new(),
            actions: stage
                .actions
                .iter()
                .map(|action| ActionRow {
                    name: action.name.clone(),
                    is_approval: action.is_approval(),
                    run_order: action.run_order,
                    mark: Mark::Untouched,
                    since: zero,
                    until: None,
                    run: None,
                    detail: String::new(),
                })
                .collect(),
        });
        Self { number, since: zero, until: None, mark: Mark::Running, stages: stages.collect() }
    }

    /// Lets an execution into a stage.
    pub(crate) fn enter(&mut self, stage: &StageName, number: u64, at: Timestamp) {
        let Some(row) = self.stage(stage) else { return };
        row.waiting.retain(|(waiting, _)| *waiting != number);
        (row.number, row.mark, row.since, row.until) = (Some(number), Mark::Running, at, None);
        for action in &mut row.actions {
            (action.mark, action.run, action.until) = (Mark::Untouched, None, None);
            action.detail.clear();
        }
    }

    /// Marks a stage, unless somebody else is inside by now.
    pub(crate) fn mark(&mut self, stage: &StageName, number: u64, mark: Mark, at: Timestamp) {
        if let Some(row) = self.stage(stage)
            && row.number == Some(number)
        {
            row.mark = mark;
            row.until = (mark != Mark::Running).then_some(at);
        }
    }

    /// Begins an attempt of an action.
    pub(crate) fn request(&mut self, run: RunKey, at: Timestamp) {
        if let Some(row) = self.action(&run.stage, &run.action) {
            (row.mark, row.since, row.until) = (Mark::Running, at, None);
            row.detail.clear();
            row.run = Some(run);
        }
    }

    /// Ends the attempt of an action, and returns when it had begun.
    pub(crate) fn end_action(
        &mut self,
        stage: &StageName,
        action: &ActionName,
        mark: Mark,
        at: Timestamp,
        detail: String,
    ) -> Option<Timestamp> {
        let row = self.action(stage, action)?;
        (row.mark, row.until, row.detail) = (mark, Some(at), detail);
        Some(row.since)
    }

    /// Returns a stage by its name.
    pub(crate) fn stage(&mut self, name: &StageName) -> Option<&mut StageRow> {
        self.stages.iter_mut().find(|row| row.name == *name)
    }

    fn action(&mut self, stage: &StageName, name: &ActionName) -> Option<&mut ActionRow> {
        self.stage(stage)?.actions.iter_mut().find(|row| row.name == *name)
    }
}

impl StageRow {
    /// Returns the names of the actions that an action which has not begun waits for (R31).
    pub(crate) fn waited_for(&self, action: &ActionRow) -> Vec<&str> {
        let earlier = self
            .actions
            .iter()
            .filter(|other| other.run_order < action.run_order && other.mark != Mark::Succeeded);
        earlier.map(|other| other.name.as_str()).collect()
    }
}
