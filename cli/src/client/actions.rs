//! The attempts of actions as the API lists them.

use aws_sdk_codepipeline::types::{ActionExecutionDetail, ActionExecutionFilter};

use crate::client::Client;
use crate::client::words::{first_line, message, moment, person};
use crate::ending::Ending;

/// How many attempts are looked at; an execution has at most 50 stages of 50 actions.
const ATTEMPTS_MAX: usize = 2_500;

/// The settings of an approval that say what is asked.
const QUESTION_KEYS: [&str; 2] = ["CustomData", "ExternalEntityLink"];

/// How many lines of an approval's text are shown.
const QUESTION_LINES_MAX: usize = 5;

impl Client {
    /// Returns the attempts of an execution's actions, oldest first.
    pub(crate) async fn attempts(
        &self,
        name: &str,
        execution: &str,
    ) -> Result<Vec<ActionExecutionDetail>, Ending> {
        let filter = ActionExecutionFilter::builder().pipeline_execution_id(execution).build();
        let mut found = self.list_attempts(name, Some(filter), ATTEMPTS_MAX).await?;
        found.reverse();
        // Two that began together stay in the order of the answer.
        found.sort_by_key(|attempt| moment(attempt.start_time()));
        Ok(found)
    }

    /// Returns the newest attempts of a pipeline's actions, newest first.
    pub(crate) async fn newest_attempts(
        &self,
        name: &str,
        count: usize,
    ) -> Result<Vec<ActionExecutionDetail>, Ending> {
        self.list_attempts(name, None, count).await
    }

    async fn list_attempts(
        &self,
        name: &str,
        filter: Option<ActionExecutionFilter>,
        count: usize,
    ) -> Result<Vec<ActionExecutionDetail>, Ending> {
        let mut found = Vec::new();
        let mut next = None;
        loop {
            let request = self.api.list_action_executions().pipeline_name(name).max_results(100);
            let request = request.set_filter(filter.clone()).set_next_token(next);
            let answer = self.heard(request.send().await)?;
            found.extend_from_slice(answer.action_execution_details());
            next = answer.next_token().map(str::to_owned);
            if next.is_none() || found.len() >= count {
                found.truncate(count);
                return Ok(found);
            }
        }
    }
}

/// Returns `Stage/Action`.
pub(crate) fn place(attempt: &ActionExecutionDetail) -> String {
    let (stage, action) = (attempt.stage_name(), attempt.action_name());
    format!("{}/{}", stage.unwrap_or_default(), action.unwrap_or_default())
}

/// Returns the status as the API writes it.
pub(crate) fn status(attempt: &ActionExecutionDetail) -> &str {
    attempt.status().map_or("", |status| status.as_str())
}

/// Whether it waits for somebody's answer, or did.
pub(crate) fn is_approval(attempt: &ActionExecutionDetail) -> bool {
    let of = attempt.input().and_then(|input| input.action_type_id());
    of.is_some_and(|of| of.category().as_str() == "Approval")
}

/// Returns why it failed: its code and message.
pub(crate) fn failure(attempt: &ActionExecutionDetail) -> String {
    let result = attempt.output().and_then(|output| output.execution_result());
    let Some(error) = result.and_then(|result| result.error_details()) else {
        let summary = result.and_then(|result| result.external_execution_summary());
        return first_line(summary.unwrap_or_default());
    };
    let message = error.message().unwrap_or_default();
    match error.code() {
        Some(code) if !message.is_empty() => first_line(&format!("{code}: {message}")),
        Some(code) => code.to_owned(),
        None => first_line(message),
    }
}

/// Returns who answered, or what the provider said about it.
pub(crate) fn remark(attempt: &ActionExecutionDetail) -> String {
    if is_approval(attempt)
        && let Some(by) = attempt.updated_by()
    {
        return format!("by {}", person(by));
    }
    let result = attempt.output().and_then(|output| output.execution_result());
    message(result.and_then(|result| result.external_execution_summary()).unwrap_or_default())
}

/// Returns what an approval asks: its text with references resolved and its link, a line each.
pub(crate) fn question(attempt: &ActionExecutionDetail) -> Vec<String> {
    let Some(input) = attempt.input() else { return Vec::new() };
    let settings = input.resolved_configuration().or_else(|| input.configuration());
    let texts = QUESTION_KEYS.iter().filter_map(|key| settings?.get(*key));
    texts.flat_map(|text| text.lines().take(QUESTION_LINES_MAX)).map(first_line).collect()
}

/// Returns the token of an open approval, where the attempt itself carries it (PARALLEL).
pub(crate) fn token(attempt: &ActionExecutionDetail) -> Option<&str> {
    attempt.output()?.execution_result()?.external_execution_id()
}

/// Returns where its log is, where whoever performed it said so.
pub(crate) fn log_url(attempt: &ActionExecutionDetail) -> Option<&str> {
    attempt.output()?.execution_result()?.external_execution_url()
}
