//! What is known of an execution by what its actions left behind: which revision it carries, and what
//! its variables say.

use std::collections::BTreeMap;

use engine::change::ExecutionChange;
use engine::state::RunKey;
use model::ids::ExecutionId;
use model::outcome::SourceRevision;
use model::pipeline::Pipeline;
use model::variables::{self, CODEPIPELINE_NAMESPACE, PIPELINE_VARIABLES_NAMESPACE};

/// How many lines of an approval's text are shown.
const QUESTION_LINES_MAX: usize = 5;

/// What is known of the unfinished executions, by number.
#[derive(Debug, Default)]
pub(crate) struct Facts(BTreeMap<u64, Known>);

#[derive(Debug, Default)]
struct Known {
    revisions: Vec<String>,
    values: BTreeMap<String, BTreeMap<String, String>>,
}

/// What somebody is asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Question {
    pub(crate) number: u64,
    pub(crate) run: RunKey,
    /// What is to be approved, a line each.
    pub(crate) about: Vec<String>,
}

impl Facts {
    /// Takes in a change. What is over is forgotten.
    pub(crate) fn take(
        &mut self,
        pipeline: &Pipeline,
        id: ExecutionId,
        number: u64,
        change: &ExecutionChange,
    ) {
        if change.is_end() {
            self.0.remove(&number);
            return;
        }
        match change {
            ExecutionChange::Started(started) => {
                let known = self.0.entry(number).or_default();
                let variables = started.variables.clone();
                known.values.insert(PIPELINE_VARIABLES_NAMESPACE.to_owned(), variables);
                let id = BTreeMap::from([("PipelineExecutionId".to_owned(), id.to_string())]);
                known.values.insert(CODEPIPELINE_NAMESPACE.to_owned(), id);
            }
            ExecutionChange::ActionSucceeded { stage, action, success, .. } => {
                let known = self.0.entry(number).or_default();
                known.revisions.extend(success.revision.as_ref().map(describe));
                let declared = pipeline.stages.iter().find(|declared| declared.name == *stage);
                let declared = declared.and_then(|stage| {
                    stage.actions.iter().find(|declared| declared.name == *action)
                });
                if let Some(namespace) = declared.and_then(|action| action.namespace.clone()) {
                    known.values.insert(namespace, success.variables.clone());
                }
            }
            ExecutionChange::Waited { .. }
            | ExecutionChange::Entered { .. }
            | ExecutionChange::Superseded { .. }
            | ExecutionChange::ActionRequested { .. }
            | ExecutionChange::ActionFailed { .. }
            | ExecutionChange::ActionAbandoned { .. }
            | ExecutionChange::StageSucceeded { .. }
            | ExecutionChange::StageFailed { .. }
            | ExecutionChange::StageStopping { .. }
            | ExecutionChange::StageStopped { .. }
            | ExecutionChange::StageCancelled { .. }
            | ExecutionChange::StageResumed { .. }
            | ExecutionChange::Succeeded
            | ExecutionChange::Failed
            | ExecutionChange::Stopping { .. }
            | ExecutionChange::StopEscalated
            | ExecutionChange::Stopped
            | ExecutionChange::CancelRequested
            | ExecutionChange::Cancelled { .. }
            | ExecutionChange::Resumed { .. } => {}
        }
    }

    /// Returns the revisions that an execution carries.
    pub(crate) fn revisions(&self, number: u64) -> &[String] {
        self.0.get(&number).map_or(&[], |known| &known.revisions)
    }

    /// Returns what an approval asks: its revisions, its text with references resolved, its link.
    pub(crate) fn question(&self, pipeline: &Pipeline, number: u64, run: &RunKey) -> Question {
        let mut about = self.revisions(number).to_vec();
        for key in ["CustomData", "ExternalEntityLink"] {
            let text = self.setting(pipeline, number, run, key).unwrap_or_default();
            about.extend(text.lines().take(QUESTION_LINES_MAX).map(str::to_owned));
        }
        Question { number, run: run.clone(), about }
    }

    /// Returns a setting of an action with its references resolved, as far as they can be.
    pub(crate) fn setting(
        &self,
        pipeline: &Pipeline,
        number: u64,
        run: &RunKey,
        key: &str,
    ) -> Option<String> {
        let stage = pipeline.stages.iter().find(|stage| stage.name == run.stage)?;
        let action = stage.actions.iter().find(|action| action.name == run.action)?;
        let text = action.configuration.get(key)?;
        let values = self.0.get(&number).map(|known| &known.values);
        let lookup = |namespace: &str, key: &str| values?.get(namespace)?.get(key).cloned();
        Some(variables::resolve(text, &lookup).unwrap_or_else(|_| text.clone()))
    }
}

/// Says which revision a source brought: its short id and the first line about it.
pub(crate) fn describe(revision: &SourceRevision) -> String {
    let id: String = revision.id.chars().take(7).collect();
    let summary = revision.summary.as_deref().unwrap_or_default();
    // Connections wrap the message in JSON, as AWS does.
    let wrapped: Option<serde_json::Value> = serde_json::from_str(summary).ok();
    let message = wrapped.as_ref().and_then(|value| value.get("CommitMessage")?.as_str());
    let line = message.unwrap_or(summary).lines().next().unwrap_or_default();
    if line.is_empty() { id } else { format!("{id} {line}") }
}
