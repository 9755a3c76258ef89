//! Executions and pipelines as the API lists them, all pages of them.

use aws_sdk_codepipeline::operation::get_pipeline_execution::GetPipelineExecutionOutput;
use aws_sdk_codepipeline::operation::get_pipeline_state::GetPipelineStateOutput;
use aws_sdk_codepipeline::types::{
    PipelineDeclaration, PipelineExecution, PipelineExecutionSummary, PipelineSummary,
};

use crate::client::Client;
use crate::client::words::{means, short};
use crate::ending::Ending;

/// How many executions are looked through for one that is meant.
const SEARCHED_MAX: usize = 1_000;

/// How many executions come with one answer at most.
const PAGE_MAX: usize = 100;

impl Client {
    /// Returns all pipelines, by name.
    pub(crate) async fn pipelines(&self) -> Result<Vec<PipelineSummary>, Ending> {
        let mut found = Vec::new();
        let mut next = None;
        loop {
            let answer = self.api.list_pipelines().set_next_token(next).send().await;
            let answer = self.heard(answer)?;
            found.extend_from_slice(answer.pipelines());
            next = answer.next_token().map(str::to_owned);
            if next.is_none() {
                return Ok(found);
            }
        }
    }

    /// Returns a pipeline's declaration, secrets masked.
    pub(crate) async fn declaration(&self, name: &str) -> Result<PipelineDeclaration, Ending> {
        let answer = self.heard(self.api.get_pipeline().name(name).send().await)?;
        answer
            .pipeline
            .ok_or_else(|| Ending::Failed(Some(format!("{name} came without a declaration"))))
    }

    /// Returns a pipeline's state.
    pub(crate) async fn state(&self, name: &str) -> Result<GetPipelineStateOutput, Ending> {
        self.heard(self.api.get_pipeline_state().name(name).send().await)
    }

    /// Returns the newest executions, newest first.
    pub(crate) async fn executions(
        &self,
        name: &str,
        count: usize,
    ) -> Result<Vec<PipelineExecutionSummary>, Ending> {
        let mut found: Vec<PipelineExecutionSummary> = Vec::new();
        let mut next = None;
        loop {
            let page = (count - found.len()).clamp(1, PAGE_MAX);
            let request = self.api.list_pipeline_executions().pipeline_name(name);
            let request = request.set_max_results(i32::try_from(page).ok()).set_next_token(next);
            let answer = self.heard(request.send().await)?;
            found.extend_from_slice(answer.pipeline_execution_summaries());
            next = answer.next_token().map(str::to_owned);
            if next.is_none() || found.len() >= count {
                found.truncate(count);
                return Ok(found);
            }
        }
    }

    /// Returns the execution that is meant: the newest, or the one whose id begins or ends so.
    pub(crate) async fn execution(
        &self,
        name: &str,
        typed: Option<&str>,
    ) -> Result<PipelineExecutionSummary, Ending> {
        let Some(typed) = typed else {
            let mut newest = self.executions(name, 1).await?;
            return newest.pop().ok_or_else(|| {
                let hint = format!("`towpath start {name}` starts one");
                Ending::BadInput(format!("{name} has no execution yet\n  {hint}"))
            });
        };
        meant(name, typed, self.executions(name, SEARCHED_MAX).await?)
    }

    /// Returns one execution as it is now.
    pub(crate) async fn now(&self, name: &str, id: &str) -> Result<PipelineExecution, Ending> {
        let request = self.api.get_pipeline_execution().pipeline_name(name);
        let answer: GetPipelineExecutionOutput =
            self.heard(request.pipeline_execution_id(id).send().await)?;
        answer
            .pipeline_execution
            .ok_or_else(|| Ending::Failed(Some(format!("execution {id} came without itself"))))
    }
}

/// Chooses the execution that is meant.
fn meant(
    name: &str,
    typed: &str,
    executions: Vec<PipelineExecutionSummary>,
) -> Result<PipelineExecutionSummary, Ending> {
    let id = |summary: &PipelineExecutionSummary| {
        summary.pipeline_execution_id().unwrap_or_default().to_owned()
    };
    let mut found: Vec<_> =
        executions.into_iter().filter(|summary| means(typed, &id(summary))).collect();
    match (found.pop(), found.as_slice()) {
        (Some(one), []) => Ok(one),
        (None, _) => Err(Ending::BadInput(format!(
            "{name} has no execution whose id begins or ends with {typed}\n  `towpath history {name}` \
             lists its executions"
        ))),
        (Some(last), others) => {
            let ids = others.iter().chain([&last]).map(|found| short(&id(found)).to_owned());
            let ids: Vec<_> = ids.collect();
            Err(Ending::BadInput(format!(
                "{typed} can be {} executions of {name}\n  write more of the id: {}",
                ids.len(),
                ids.join(", ")
            )))
        }
    }
}
