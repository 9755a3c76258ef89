//! A state change as it came over the bus.

use model::ids::ExecutionId;
use model::time::Timestamp;
use serde_json::Value;

use crate::moment;

/// At which level an event speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// Of an execution as a whole.
    Execution,
    /// Of one stage.
    Stage,
    /// Of one attempt of an action.
    Action,
    /// Of a person's answer.
    Approval,
    /// Of the way into a stage.
    Transition,
}

impl Level {
    /// Returns the word that filters find.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Execution => "execution",
            Self::Stage => "stage",
            Self::Action => "action",
            Self::Approval => "approval",
            Self::Transition => "transition",
        }
    }
}

/// A state change. The three kinds that CodePipeline has as well (contract §4.2–4.4), and two of our own: the way
/// into a stage was closed or opened, and an execution stands still for longer than it should.
#[derive(Clone, Debug, PartialEq)]
pub struct Event {
    /// The event's id; a repetition has the same.
    pub id: String,
    /// At which level it speaks.
    pub level: Level,
    /// The account's 12 digits.
    pub account: String,
    /// The pipeline's Region.
    pub region: String,
    /// When it became true.
    pub at: Timestamp,
    /// The pipeline.
    pub pipeline: String,
    /// The execution; none where it is about the way into a stage.
    pub execution: Option<ExecutionId>,
    /// The stage, below the level of executions.
    pub stage: Option<String>,
    /// The action, where it is about one.
    pub action: Option<String>,
    /// The state that was reached, in AWS's words for events.
    pub state: String,
    /// 1, and one more for each retry.
    pub attempt: u32,
    /// What caused the execution, where the event says so.
    pub trigger: Option<String>,
    /// The branch that was pushed to, where the event says so.
    pub branch: Option<String>,
    /// All of it, for machines.
    pub raw: Value,
}

/// An event that cannot be read: not one of ours.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the event has no readable `{0}`; only state changes of a deployment's own bus are told")]
pub struct Unreadable(pub &'static str);

/// The `detail-type` of a change of the way into a stage.
pub const TRANSITION: &str = "Towpath Transition State Change";

/// The `detail-type` of an execution that stands still.
pub const STUCK: &str = "Towpath Execution Stuck";

impl Event {
    /// Reads an event as the bus delivers it.
    pub fn read(text: &str) -> Result<Self, Unreadable> {
        let raw: Value = serde_json::from_str(text).map_err(|_| Unreadable("JSON"))?;
        Self::of(raw)
    }

    /// Reads an event that is parsed already.
    pub fn of(raw: Value) -> Result<Self, Unreadable> {
        let detail = &raw["detail"];
        let string = |value: &Value| value.as_str().map(ToOwned::to_owned);
        let is_approval = detail["type"]["category"].as_str() == Some("Approval");
        let level = match raw["detail-type"].as_str() {
            Some("CodePipeline Pipeline Execution State Change" | STUCK) => Level::Execution,
            Some("CodePipeline Stage Execution State Change") => Level::Stage,
            Some("CodePipeline Action Execution State Change") if is_approval => Level::Approval,
            Some("CodePipeline Action Execution State Change") => Level::Action,
            Some(TRANSITION) => Level::Transition,
            Some(_) | None => return Err(Unreadable("detail-type")),
        };
        let execution = match detail["execution-id"].as_str() {
            Some(id) => Some(id.parse().map_err(|_| Unreadable("detail.execution-id"))?),
            None if level == Level::Transition => None,
            None => return Err(Unreadable("detail.execution-id")),
        };
        let trigger = &detail["execution-trigger"];
        let attempt = detail["pipeline-execution-attempt"].as_f64().unwrap_or(1.0);
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "attempts are small whole numbers that AWS prints with a decimal (E3); a cast saturates"
        )]
        let attempt = attempt as u32;
        let is_stuck = raw["detail-type"].as_str() == Some(STUCK);
        let state = if is_stuck { Some("STUCK".to_owned()) } else { string(&detail["state"]) };
        let id = string(&raw["id"]);
        Ok(Self {
            // The bus gives what is put there twice two ids; ours is the same.
            id: string(&detail["x-oss"]["id"]).or(id).ok_or(Unreadable("id"))?,
            level,
            account: string(&raw["account"]).unwrap_or_default(),
            region: string(&raw["region"]).unwrap_or_default(),
            at: raw["time"].as_str().and_then(moment::read).ok_or(Unreadable("time"))?,
            pipeline: string(&detail["pipeline"]).ok_or(Unreadable("detail.pipeline"))?,
            execution,
            stage: string(&detail["stage"]),
            action: string(&detail["action"]),
            state: state.ok_or(Unreadable("detail.state"))?,
            attempt,
            trigger: string(&trigger["trigger-type"]),
            branch: string(&trigger["branch-name"]).or_else(|| string(&trigger["tag-name"])),
            raw,
        })
    }

    /// Whether it could mean anything to people, as far as the event alone tells. What cannot is dropped before
    /// anything is read.
    pub fn may_matter(&self) -> bool {
        match self.level {
            Level::Execution => match self.state.as_str() {
                "STARTED" => self.is_rollback(),
                "STOPPING" => false,
                _ => true,
            },
            Level::Stage | Level::Action => false,
            Level::Approval => self.state != "ABANDONED",
            Level::Transition => true,
        }
    }

    /// Whether a rollback caused the execution, as far as the event says.
    pub(crate) fn is_rollback(&self) -> bool {
        matches!(self.trigger.as_deref(), Some("ManualRollback" | "AutomatedRollback"))
    }
}
