//! What there is to know of a pipeline, from four answers of the API: for each stage who is inside, who
//! waits, whether nobody may enter; for each action its newest attempt; for each execution its revisions.
//!
//! Pure but for [`look`]: what is shown, what `why` says and what an approval means are read from here.

mod lanes;

use aws_sdk_codepipeline::operation::get_pipeline_state::GetPipelineStateOutput;
use aws_sdk_codepipeline::types::{
    ActionExecutionDetail, ExecutionMode, PipelineDeclaration, PipelineExecutionSummary,
    StageExecution, StageState,
};
use model::time::Timestamp;

use crate::client::Client;
use crate::client::words::{execution_mark, first_line, moment, person, revision, word};
use crate::ending::Ending;
use crate::view::board::lane::Mark;

/// How many attempts are asked for, the newest; more for executions that hold a stage.
const ATTEMPTS_MAX: usize = 200;

/// How many executions are asked for, the newest.
const EXECUTIONS_MAX: usize = 100;

/// The answers that a situation is read from.
#[derive(Clone, Debug)]
pub(crate) struct Answers {
    pub(crate) declaration: PipelineDeclaration,
    pub(crate) state: GetPipelineStateOutput,
    /// Newest first.
    pub(crate) executions: Vec<PipelineExecutionSummary>,
    /// Newest first.
    pub(crate) attempts: Vec<ActionExecutionDetail>,
}

/// What there is to know of a pipeline.
#[derive(Clone, Debug)]
pub(crate) struct Situation {
    pub(crate) pipeline: String,
    pub(crate) version: i32,
    pub(crate) mode: &'static str,
    /// One lane where stages lock; one for each execution of a PARALLEL pipeline.
    pub(crate) lanes: Vec<Lane>,
    /// Newest first.
    pub(crate) executions: Vec<Execution>,
}

/// The stages, as one execution or all of them see them.
#[derive(Clone, Debug)]
pub(crate) struct Lane {
    /// Whose lane it is.
    pub(crate) execution: Option<String>,
    pub(crate) stages: Vec<Stage>,
}

/// A stage.
#[derive(Clone, Debug)]
pub(crate) struct Stage {
    pub(crate) name: String,
    /// Since when nobody may enter.
    pub(crate) closed: Option<Closed>,
    /// Who is inside, or was last.
    pub(crate) inside: Option<Inside>,
    /// Who waits before it, in order of arrival.
    pub(crate) waiting: Vec<Waiting>,
    pub(crate) actions: Vec<Action>,
}

/// A transition that somebody disabled (R38).
#[derive(Clone, Debug)]
pub(crate) struct Closed {
    pub(crate) since: Option<Timestamp>,
    pub(crate) by: String,
    pub(crate) reason: String,
}

/// An execution in a stage.
#[derive(Clone, Debug)]
pub(crate) struct Inside {
    pub(crate) execution: String,
    pub(crate) mark: Mark,
    pub(crate) since: Option<Timestamp>,
    pub(crate) until: Option<Timestamp>,
}

/// An execution before a stage.
#[derive(Clone, Debug)]
pub(crate) struct Waiting {
    pub(crate) execution: String,
    pub(crate) since: Option<Timestamp>,
}

/// An action, in its newest attempt.
#[derive(Clone, Debug)]
pub(crate) struct Action {
    pub(crate) name: String,
    pub(crate) is_approval: bool,
    pub(crate) run_order: i32,
    pub(crate) mark: Mark,
    pub(crate) since: Option<Timestamp>,
    pub(crate) until: Option<Timestamp>,
    /// One line about it.
    pub(crate) remark: String,
    /// For an open approval: what is asked, and what an answer must carry.
    pub(crate) question: Vec<String>,
    pub(crate) token: Option<String>,
}

/// An execution.
#[derive(Clone, Debug)]
pub(crate) struct Execution {
    pub(crate) id: String,
    pub(crate) mark: Mark,
    /// As the API writes it.
    pub(crate) status: String,
    pub(crate) revisions: Vec<Revision>,
    pub(crate) trigger: String,
    pub(crate) since: Option<Timestamp>,
    pub(crate) until: Option<Timestamp>,
}

/// A revision that a source action brought.
#[derive(Clone, Debug)]
pub(crate) struct Revision {
    pub(crate) action: String,
    pub(crate) id: String,
    /// Its short id and a line about it.
    pub(crate) text: String,
}

/// Asks for everything there is to know of a pipeline.
pub(crate) async fn look(client: &Client, name: &str) -> Result<(Situation, Answers), Ending> {
    // Four requests at once are large.
    Box::pin(gather(client, name)).await
}

async fn gather(client: &Client, name: &str) -> Result<(Situation, Answers), Ending> {
    let (declaration, state, executions, attempts) = tokio::try_join!(
        client.declaration(name),
        client.state(name),
        client.executions(name, EXECUTIONS_MAX),
        client.newest_attempts(name, ATTEMPTS_MAX),
    )?;
    let mut answers = Answers { declaration, state, executions, attempts };
    for execution in unseen(&answers) {
        let mut attempts = client.attempts(name, &execution).await?;
        attempts.reverse();
        answers.attempts.extend(attempts);
    }
    Ok((situation(&answers), answers))
}

/// Returns who holds or waits for a stage and is too old to be among the newest attempts.
fn unseen(answers: &Answers) -> Vec<String> {
    let stages = answers.state.stage_states();
    let inside = stages.iter().filter_map(|stage| stage.latest_execution());
    let inside = inside.filter(|inside| inside.status().as_str() == "InProgress");
    let waiting = stages.iter().flat_map(StageState::inbound_executions);
    let mut unseen: Vec<_> =
        inside.chain(waiting).map(StageExecution::pipeline_execution_id).collect();
    unseen.sort_unstable();
    unseen.dedup();
    let is_seen = |id: &str| {
        answers.attempts.iter().any(|attempt| attempt.pipeline_execution_id() == Some(id))
    };
    unseen.into_iter().filter(|id| !is_seen(id)).map(str::to_owned).collect()
}

/// Reads the situation from the answers.
pub(crate) fn situation(answers: &Answers) -> Situation {
    let executions = answers.executions.iter().map(execution).collect();
    Situation {
        pipeline: answers.declaration.name().to_owned(),
        version: answers.declaration.version().unwrap_or(1),
        mode: match answers.declaration.execution_mode() {
            Some(ExecutionMode::Queued) => "QUEUED",
            Some(ExecutionMode::Parallel) => "PARALLEL",
            Some(ExecutionMode::Superseded | _) | None => "SUPERSEDED",
        },
        lanes: lanes::read(answers),
        executions,
    }
}

/// Reads an execution from its summary.
pub(crate) fn execution(summary: &PipelineExecutionSummary) -> Execution {
    let revisions = summary.source_revisions().iter().map(|source| {
        let id = source.revision_id().unwrap_or_default();
        Revision {
            action: source.action_name().to_owned(),
            id: id.to_owned(),
            text: revision(id, source.revision_summary()),
        }
    });
    let trigger = summary.trigger();
    let kind = trigger.and_then(|trigger| trigger.trigger_type()).map_or("", |kind| kind.as_str());
    let detail = trigger.and_then(|trigger| trigger.trigger_detail()).unwrap_or_default();
    let mark = execution_mark(summary.status());
    let until = moment(summary.last_update_time()).filter(|_| mark != Mark::Running);
    Execution {
        id: summary.pipeline_execution_id().unwrap_or_default().to_owned(),
        mark,
        status: summary.status().map_or_else(String::new, |status| word(status.as_str())),
        revisions: revisions.collect(),
        trigger: first_line(&format!("{kind} {}", person(detail))).trim_end().to_owned(),
        since: moment(summary.start_time()),
        until,
    }
}

impl Situation {
    /// Returns an execution by its id.
    pub(crate) fn execution(&self, id: &str) -> Option<&Execution> {
        self.executions.iter().find(|execution| execution.id == id)
    }

    /// Whether stages lock.
    pub(crate) fn is_parallel(&self) -> bool {
        self.mode == "PARALLEL"
    }
}

impl Stage {
    /// Returns who is inside now.
    pub(crate) fn holder(&self) -> Option<&Inside> {
        self.inside.as_ref().filter(|inside| inside.mark == Mark::Running)
    }

    /// Returns the names of the actions that one which has not begun waits for (R31).
    pub(crate) fn waited_for(&self, action: &Action) -> Vec<&str> {
        let earlier = self.actions.iter();
        let earlier = earlier
            .filter(|other| other.run_order < action.run_order && other.mark != Mark::Succeeded);
        earlier.map(|other| other.name.as_str()).collect()
    }
}
