//! What most operations look up first: the pipeline, its stage, its action (P2).

use std::sync::Arc;

use model::ids::{ActionName, PipelineName, StageName};
use model::pipeline::{Action, Pipeline};
use protocol::Fault;
use runtime::conclude::newest;
use store::{Head, LogKey};

use crate::Api;
use crate::faults::{failed, no_stage};

impl Api {
    /// Returns the newest head of a pipeline's log, if the pipeline exists.
    pub(crate) async fn head(&self, pipeline: &PipelineName) -> Result<Arc<Head>, Fault> {
        let head = newest(&self.app, &LogKey::Pipeline(pipeline.clone())).await;
        let head = head.map_err(|error| failed(&error))?;
        if head.state.definition.is_none() {
            return Err(self.no_pipeline(pipeline.as_str()));
        }
        Ok(head)
    }

    /// Returns the declaration in force, parsed.
    pub(crate) async fn plan(&self, pipeline: &PipelineName) -> Result<Arc<Pipeline>, Fault> {
        let head = self.head(pipeline).await?;
        let record = head.state.definition.map_or(0, |definition| definition.record);
        self.app.store.plan(pipeline, record).await.map_err(|error| failed(&error))
    }

    /// Returns an action of the declaration in force, or says whether the pipeline, the stage or the
    /// action is missing.
    pub(crate) async fn declared_action(
        &self,
        pipeline: &PipelineName,
        stage: &StageName,
        action: &ActionName,
    ) -> Result<Action, Fault> {
        let plan = self.plan(pipeline).await?;
        let Some(index) = plan.stage_index(stage) else {
            return Err(no_stage(pipeline.as_str(), stage.as_str()));
        };
        let stage = &plan.stages[index];
        match stage.action_index(action) {
            Some(index) => Ok(stage.actions[index].clone()),
            None => Err(Fault::new(
                "ActionNotFoundException",
                format!(
                    "Stage '{}' of pipeline '{pipeline}' does not have an action with name '{action}'",
                    stage.name
                ),
            )),
        }
    }
}
