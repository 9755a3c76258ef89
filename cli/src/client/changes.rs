//! What became true of an execution, as the lines that logs and tests print.
//!
//! The API answers states, not changes: each look at an execution gives the whole list of what has
//! become true so far, in order, and what was not there at the last look is new.

use aws_sdk_codepipeline::types::{ActionExecutionDetail, PipelineExecution};
use model::time::Timestamp;
use serde_json::{Value, json};

use crate::client::actions::{failure, is_approval, place, remark, status};
use crate::client::spelling;
use crate::client::words::{first_line, moment, person, short};

/// One look at an execution.
#[derive(Clone, Debug)]
pub(crate) struct Look {
    pub(crate) execution: PipelineExecution,
    /// Oldest first.
    pub(crate) attempts: Vec<ActionExecutionDetail>,
    /// The stage that it waits before.
    pub(crate) waits: Option<String>,
}

/// Something that became true.
#[derive(Clone, Debug)]
pub(crate) struct Fact {
    /// The same fact has the same key at every look.
    pub(crate) key: String,
    /// Whether it is about an action that did well, which a compact view leaves out.
    pub(crate) is_fine: bool,
    columns: (&'static str, String, String),
    /// What `--json` prints for it, in the API's shapes; nothing for what the API has no shape for.
    pub(crate) json: Option<Value>,
}

impl Fact {
    fn new(verb: &'static str, place: &str, detail: String, json: Option<Value>) -> Self {
        let key = format!("{verb} {place}");
        Self { key, is_fine: false, columns: (verb, place.to_owned(), detail), json }
    }

    /// A fact of a stage, which may become true again in a later round.
    fn of_round(verb: &'static str, stage: &str, round: usize) -> Self {
        let fact = Self::new(verb, stage, String::new(), None);
        Self { key: format!("{verb} {stage} {round}"), ..fact }
    }

    /// Returns the line of this fact: the columns of the log's lines.
    pub(crate) fn line(&self, pipeline: &str, execution: &str) -> String {
        let subject = format!("{pipeline} {}", short(execution));
        let (verb, place, detail) = &self.columns;
        let line = format!("{subject:<8}  {verb:<15}  {place:<16}  {detail}");
        line.trim_end().to_owned()
    }
}

fn stage_of<'a>(round: &[&'a ActionExecutionDetail]) -> &'a str {
    round.first().and_then(|attempt| attempt.stage_name()).unwrap_or_default()
}

fn ended_action(attempt: &ActionExecutionDetail) -> Option<Fact> {
    let (verb, detail) = match status(attempt) {
        "Succeeded" => ("✓ succeeded", remark(attempt)),
        "Failed" => ("✗ failed", failure(attempt)),
        "Abandoned" => ("abandoned", String::new()),
        _ => return None,
    };
    let json = json!({ "actionExecutionDetail": spelling::json(attempt) });
    let mut fact = Fact::new(verb, &place(attempt), detail, Some(json));
    fact.key = format!("end {}", attempt.action_execution_id().unwrap_or_default());
    fact.is_fine = verb == "✓ succeeded";
    Some(fact)
}

impl Look {
    /// Returns how the execution ended, as the API writes it, if it has.
    pub(crate) fn ended(&self) -> Option<&str> {
        let status = self.execution.status().map_or("", |status| status.as_str());
        (!matches!(status, "InProgress" | "Stopping" | "")).then_some(status)
    }

    /// Returns the open approvals, if nothing else runs.
    pub(crate) fn waits_only_for_approval(&self) -> Option<String> {
        let mut running = self.attempts.iter().filter(|attempt| status(attempt) == "InProgress");
        let first = running.next()?;
        let all = [first].into_iter().chain(running);
        all.clone().all(is_approval).then(|| all.map(place).collect::<Vec<_>>().join(", "))
    }

    /// Returns the attempts that failed and were not repeated.
    pub(crate) fn failed(&self) -> Vec<&ActionExecutionDetail> {
        let mut failed = Vec::new();
        for (index, attempt) in self.attempts.iter().enumerate() {
            let mut later = self.attempts[index + 1..].iter();
            let is_repeated = later.any(|other| place(other) == place(attempt));
            if status(attempt) == "Failed" && !is_repeated {
                failed.push(attempt);
            }
        }
        failed
    }

    /// Returns everything that has become true so far, in order.
    pub(crate) fn facts(&self) -> Vec<Fact> {
        let mut facts = vec![self.started()];
        let rounds = self.rounds();
        for (index, round) in rounds.iter().enumerate() {
            let stage = stage_of(round);
            let before = rounds[..index].iter().filter(|other| stage_of(other) == stage).count();
            let entered = if before > 0 { "stage resumed" } else { "entered" };
            facts.push(Fact::of_round(entered, stage, before));
            facts.extend(self.of_actions(round));
            let next = rounds.get(index + 1).map(|next| stage_of(next));
            facts.extend(self.left(round, next).map(|verb| Fact::of_round(verb, stage, before)));
        }
        if let Some(stage) = &self.waits {
            facts.push(Fact::new("waits", stage, String::new(), None));
        }
        facts.extend(self.ending());
        facts
    }

    fn started(&self) -> Fact {
        let version = self.execution.pipeline_version().unwrap_or(1);
        let trigger = self.execution.trigger();
        let kind = trigger.and_then(|trigger| trigger.trigger_type());
        let detail = trigger.and_then(|trigger| trigger.trigger_detail()).unwrap_or_default();
        let detail = format!("{} {}", kind.map_or("", |kind| kind.as_str()), person(detail));
        Fact::new("started", &format!("v{version}"), first_line(&detail), Some(self.json()))
    }

    /// Returns the attempts in rounds: a stage that is retried has another round.
    fn rounds(&self) -> Vec<Vec<&ActionExecutionDetail>> {
        let mut rounds: Vec<Vec<&ActionExecutionDetail>> = Vec::new();
        for attempt in &self.attempts {
            let current = rounds.last_mut().filter(|round| {
                let is_again = round.iter().any(|other| place(other) == place(attempt));
                Some(stage_of(round)) == attempt.stage_name() && !is_again
            });
            match current {
                Some(round) => round.push(attempt),
                None => rounds.push(vec![attempt]),
            }
        }
        rounds
    }

    /// Returns what became true of the actions of a round. What ends lets the next begin, so within
    /// one millisecond the earlier attempt's end comes first.
    fn of_actions(&self, round: &[&ActionExecutionDetail]) -> Vec<Fact> {
        let mut facts: Vec<(Option<Timestamp>, usize, Fact)> = Vec::new();
        for (index, attempt) in round.iter().enumerate() {
            facts.push((moment(attempt.start_time()), index, self.requested(attempt)));
            if let Some(ended) = ended_action(attempt) {
                facts.push((moment(attempt.last_update_time()), index, ended));
            }
        }
        facts.sort_by_key(|(at, index, _)| (*at, *index));
        facts.into_iter().map(|(_, _, fact)| fact).collect()
    }

    fn requested(&self, attempt: &ActionExecutionDetail) -> Fact {
        let id = attempt.action_execution_id();
        let before = self.attempts.iter().take_while(|other| other.action_execution_id() != id);
        let number = 1 + before.filter(|other| place(other) == place(attempt)).count();
        let json = json!({ "actionExecutionDetail": spelling::json(attempt) });
        let mut fact = Fact::new("→ run", &place(attempt), format!("attempt {number}"), Some(json));
        fact.key = format!("run {}", id.unwrap_or_default());
        fact.is_fine = true;
        fact
    }

    /// Returns how a round of a stage ended, if it has.
    fn left(&self, round: &[&ActionExecutionDetail], next: Option<&str>) -> Option<&'static str> {
        let any = |wanted: &str| round.iter().any(|attempt| status(attempt) == wanted);
        let stage = stage_of(round);
        let is_retried = next == Some(stage);
        let waits_further = self.waits.as_deref().is_some_and(|waits| waits != stage);
        let has_left = next.is_some() || waits_further || self.ended() == Some("Succeeded");
        match self.ended() {
            _ if any("InProgress") => None,
            _ if has_left && !is_retried => Some("left"),
            Some("Stopped" | "Cancelled") if !is_retried => Some("stage stopped"),
            None if !is_retried => None,
            Some(_) | None if any("Failed") => Some("stage failed"),
            Some(_) | None => is_retried.then_some("stage stopped"),
        }
    }

    fn ending(&self) -> Option<Fact> {
        let status = self.execution.status().map_or("", |status| status.as_str());
        let verb = match status {
            "Succeeded" => "succeeded",
            "Failed" => "failed",
            "Stopped" => "stopped",
            "Stopping" => "stopping",
            "Superseded" => "superseded",
            "Cancelled" => "cancelled",
            _ => return None,
        };
        let detail = first_line(self.execution.status_summary().unwrap_or_default());
        Some(Fact::new(verb, "", detail, Some(self.json())))
    }

    fn json(&self) -> Value {
        json!({ "pipelineExecution": spelling::json(&self.execution) })
    }
}

#[cfg(test)]
mod tests {
    #![expect(
        clippy::needless_raw_string_hashes,
        reason = "that is how expectations are written anew"
    )]

    use aws_sdk_codepipeline::types::PipelineExecutionStatus;
    use expect_test::{Expect, expect};

    use super::*;
    use crate::client::examples::{attempt, id};

    fn look(status: &str, waits: Option<&str>, attempts: Vec<ActionExecutionDetail>) -> Look {
        let execution = PipelineExecution::builder()
            .pipeline_execution_id(id(1))
            .pipeline_version(3)
            .status(PipelineExecutionStatus::from(status));
        let waits = waits.map(str::to_owned);
        Look { execution: execution.build(), attempts, waits }
    }

    fn check(look: &Look, expected: &Expect) {
        let facts = look.facts();
        let mut keys: Vec<_> = facts.iter().map(|fact| &fact.key).collect();
        keys.sort();
        keys.dedup();
        assert_eq!(keys.len(), facts.len(), "two facts share a key");
        let lines: Vec<_> = facts.iter().map(|fact| fact.line("web-app", &id(1)) + "\n").collect();
        expected.assert_eq(&lines.concat());
    }

    fn failed() -> Value {
        json!({ "output": { "executionResult": { "errorDetails": {
            "code": "JobFailed", "message": "exit status 1",
        } } } })
    }

    #[test]
    fn an_execution_is_told_in_the_lines_of_the_log() {
        let none = json!({});
        let by = json!({ "output": {} });
        let mut approved = attempt(1, "Approve/Release", "Succeeded", (3.0, 9.0), &by);
        approved.updated_by = Some("arn:aws:iam::000000000000:user/ana".to_owned());
        let attempts = vec![
            attempt(1, "Source/Commit", "Succeeded", (1.0, 2.0), &none),
            attempt(1, "Build/Compile", "Succeeded", (2.0, 2.0), &none),
            attempt(1, "Build/Test", "Succeeded", (2.0, 3.0), &none),
            approved,
        ];
        check(
            &look("Succeeded", None, attempts),
            &expect![[r#"
            web-app 00000001  started          v3
            web-app 00000001  entered          Source
            web-app 00000001  → run            Source/Commit     attempt 1
            web-app 00000001  ✓ succeeded      Source/Commit
            web-app 00000001  left             Source
            web-app 00000001  entered          Build
            web-app 00000001  → run            Build/Compile     attempt 1
            web-app 00000001  ✓ succeeded      Build/Compile
            web-app 00000001  → run            Build/Test        attempt 1
            web-app 00000001  ✓ succeeded      Build/Test
            web-app 00000001  left             Build
            web-app 00000001  entered          Approve
            web-app 00000001  → run            Approve/Release   attempt 1
            web-app 00000001  ✓ succeeded      Approve/Release   by ana
            web-app 00000001  left             Approve
            web-app 00000001  succeeded
        "#]],
        );
    }

    #[test]
    fn a_stage_that_is_retried_fails_and_resumes() {
        let mut again = attempt(1, "Build/Compile", "InProgress", (8.0, 8.0), &json!({}));
        again.action_execution_id = Some("again".to_owned());
        let attempts = vec![
            attempt(1, "Source/Commit", "Succeeded", (1.0, 2.0), &json!({})),
            attempt(1, "Build/Compile", "Failed", (2.0, 3.0), &failed()),
            again,
        ];
        check(
            &look("InProgress", None, attempts),
            &expect![[r#"
            web-app 00000001  started          v3
            web-app 00000001  entered          Source
            web-app 00000001  → run            Source/Commit     attempt 1
            web-app 00000001  ✓ succeeded      Source/Commit
            web-app 00000001  left             Source
            web-app 00000001  entered          Build
            web-app 00000001  → run            Build/Compile     attempt 1
            web-app 00000001  ✗ failed         Build/Compile     JobFailed: exit status 1
            web-app 00000001  stage failed     Build
            web-app 00000001  stage resumed    Build
            web-app 00000001  → run            Build/Compile     attempt 2
        "#]],
        );
    }

    #[test]
    fn what_waits_and_what_was_stopped_say_so() {
        let attempts = vec![attempt(1, "Source/Commit", "Succeeded", (1.0, 2.0), &json!({}))];
        check(
            &look("InProgress", Some("Build"), attempts),
            &expect![[r#"
            web-app 00000001  started          v3
            web-app 00000001  entered          Source
            web-app 00000001  → run            Source/Commit     attempt 1
            web-app 00000001  ✓ succeeded      Source/Commit
            web-app 00000001  left             Source
            web-app 00000001  waits            Build
        "#]],
        );
        let attempts = vec![attempt(1, "Source/Commit", "Abandoned", (1.0, 2.0), &json!({}))];
        check(
            &look("Stopped", None, attempts),
            &expect![[r#"
            web-app 00000001  started          v3
            web-app 00000001  entered          Source
            web-app 00000001  → run            Source/Commit     attempt 1
            web-app 00000001  abandoned        Source/Commit
            web-app 00000001  stage stopped    Source
            web-app 00000001  stopped
        "#]],
        );
    }

    #[test]
    fn an_approval_is_all_that_is_missing_only_if_nothing_else_runs() {
        let approval = attempt(1, "Approve/Release", "InProgress", (1.0, 1.0), &json!({}));
        let build = attempt(1, "Approve/Check", "InProgress", (1.0, 1.0), &json!({}));
        let only = look("InProgress", None, vec![approval.clone()]);
        assert_eq!(only.waits_only_for_approval().as_deref(), Some("Approve/Release"));
        let both = look("InProgress", None, vec![approval, build]);
        assert_eq!(both.waits_only_for_approval(), None);
        assert_eq!(look("InProgress", None, Vec::new()).waits_only_for_approval(), None);
    }
}
