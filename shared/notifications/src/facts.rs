//! What there is to know around an event: whoever tells people looks it up, this crate only says it.
//!
//! Everything may be missing. A fact that is not known is not mentioned.

use model::status::TriggerType;
use model::time::Timestamp;

/// What there is to know around an event.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Facts {
    /// The execution, where the event is about one.
    pub execution: Option<Execution>,
    /// What the execution brings that the last successful one did not have.
    pub changes: Changes,
    /// How the executions right before this one went.
    pub before: Before,
    /// What failed in this attempt, in the order of time.
    pub failures: Vec<Failure>,
    /// The approval, where the event is about one.
    pub approval: Option<Approval>,
    /// Who waits behind it.
    pub waiting: Vec<Waiting>,
    /// How it was stopped.
    pub stop: Option<Stop>,
    /// The newer execution that took its place, and before which stage.
    pub superseded: Option<Waiting>,
    /// Why it was cancelled.
    pub cancelled: Option<String>,
    /// Who lets it go on.
    pub resumed_by: Option<String>,
    /// Who closed or opened the way into a stage, and why.
    pub door: Option<Door>,
    /// What stands still.
    pub still: Option<Still>,
}

/// An execution.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Execution {
    /// Its number in the pipeline.
    pub number: u64,
    /// What caused it.
    pub trigger: TriggerType,
    /// Who or what, in AWS's words: an ARN, a branch, an event's id.
    pub trigger_detail: String,
    /// When it was started.
    pub started_at: Timestamp,
    /// The branch that it builds.
    pub branch: Option<String>,
}

/// The commits, images and objects that came since the last success.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Changes {
    /// The number of the last execution that succeeded; none where there was none, or not lately.
    pub since: Option<u64>,
    /// The stage that it passed, where that is what counts and not the success of the whole.
    pub through: Option<String>,
    /// The newest first: what this execution builds, then what the ones between brought.
    pub revisions: Vec<Revision>,
}

/// What a source brought.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Revision {
    /// The execution that brought it.
    pub number: u64,
    /// A commit, a digest, a version.
    pub id: String,
    /// For example the commit's message.
    pub summary: Option<String>,
    /// Where people can look at it.
    pub url: Option<String>,
}

/// How the executions right before this one went.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Before {
    /// How many failed in a row.
    pub failed_in_a_row: u32,
    /// When the last one succeeded.
    pub succeeded_at: Option<Timestamp>,
}

/// A failure of an action.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Failure {
    /// The stage.
    pub stage: String,
    /// The action.
    pub action: String,
    /// The provider: `CodeBuild`, `CloudFormation`, …
    pub provider: String,
    /// Why, in a word.
    pub code: String,
    /// Why, in the provider's sentence.
    pub message: String,
    /// Where the provider shows the work.
    pub url: Option<String>,
    /// Whether it was given up because it took too long.
    pub is_overdue: bool,
    /// Whether it is an approval.
    pub is_approval: bool,
    /// Which attempt of the action it was.
    pub attempt: u32,
    /// Who answered, for approvals.
    pub by: Option<String>,
}

/// An approval.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Approval {
    /// What is asked.
    pub question: Option<String>,
    /// What is to be looked at first.
    pub review_url: Option<String>,
    /// When nobody may answer any more.
    pub expires_at: Option<Timestamp>,
    /// The page where it is answered.
    pub link: Option<String>,
    /// Who answered.
    pub by: Option<String>,
    /// What they said.
    pub comment: Option<String>,
}

/// An execution before a stage.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Waiting {
    /// Its number.
    pub number: u64,
    /// The stage.
    pub stage: String,
}

/// How an execution was stopped.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Stop {
    /// In the words of whoever did.
    pub reason: Option<String>,
    /// The stage that it was in.
    pub stage: Option<String>,
    /// The actions that were given up.
    pub abandoned: Vec<String>,
    /// Whether an approval among them was waited for.
    pub was_asking: bool,
}

/// The way into a stage.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Door {
    /// Who closed or opened it.
    pub by: Option<String>,
    /// Why it was closed.
    pub reason: Option<String>,
}

/// An execution that stands still.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Still {
    /// The stage.
    pub stage: String,
    /// The action that runs, unless it waits before the stage.
    pub action: Option<String>,
    /// Since when.
    pub since: Timestamp,
    /// How long that takes as a rule.
    pub usual_millis: Option<i64>,
}
