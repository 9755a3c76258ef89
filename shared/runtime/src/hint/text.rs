//! A hint as a message in a queue.
//!
//! Messages of an older version may wait in a queue while a newer one is deployed, so members are only
//! ever added, and whoever reads ignores what it does not know.

use engine::Effect;
use engine::state::RunKey;
use model::ids::ExecutionId;
use serde::{Deserialize, Serialize};
use store::LogKey;

use super::Hint;

/// A message is not one that [`write()`] made.
#[derive(Debug, thiserror::Error)]
#[error("the message is no hint: {0}")]
pub struct Unreadable(String);

#[derive(Serialize, Deserialize)]
struct Message {
    /// What is to be done.
    hint: Word,
    pipeline: String,
    /// The execution whose own log is meant; none for the pipeline's log.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    log: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    execution: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    stage: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    action: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    attempt: Option<u32>,
}

#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
enum Word {
    Start,
    Ask,
    Cancel,
    Open,
    Relay,
    Withdraw,
    Close,
    Reopen,
    Conclude,
    Sweep,
}

/// Returns the hint as a line of JSON.
pub fn write(hint: &Hint) -> String {
    let message = match hint {
        Hint::StartAction(log, run) => of_run(Word::Start, log, run),
        Hint::AskProvider(log, run) => of_run(Word::Ask, log, run),
        Hint::CancelAction(log, run) => of_run(Word::Cancel, log, run),
        Hint::Between(pipeline, effect) => {
            let log = LogKey::Pipeline(pipeline.clone());
            match effect {
                Effect::RequestAction(run) => of_run(Word::Start, &log, run),
                Effect::CancelAction(run) => of_run(Word::Cancel, &log, run),
                Effect::Open(id) => of_execution(Word::Open, &log, *id, None),
                Effect::Relay(id) => of_execution(Word::Relay, &log, *id, None),
                Effect::Withdraw(id) => of_execution(Word::Withdraw, &log, *id, None),
                Effect::Close(id, attempt) => of_execution(Word::Close, &log, *id, Some(*attempt)),
                Effect::Reopen(id, attempt) => {
                    of_execution(Word::Reopen, &log, *id, Some(*attempt))
                }
                Effect::Conclude(id) => of_execution(Word::Conclude, &log, *id, None),
            }
        }
        Hint::Conclude(log, id) => of_execution(Word::Conclude, log, *id, None),
        Hint::Sweep(log) => of_log(Word::Sweep, log),
    };
    serde_json::to_string(&message).expect("a message is plain data with texts as keys")
}

/// Reads a hint back.
pub fn read(text: &str) -> Result<Hint, Unreadable> {
    let message: Message =
        serde_json::from_str(text).map_err(|error| Unreadable(error.to_string()))?;
    let pipeline = model::ids::PipelineName::from(message.pipeline.as_str());
    let log = match &message.log {
        None => LogKey::Pipeline(pipeline.clone()),
        Some(id) => LogKey::Execution(pipeline.clone(), execution(id)?),
    };
    let id = || execution(required(message.execution.as_ref(), "execution")?);
    let attempt = || required(message.attempt, "attempt");
    let run = || {
        Ok(RunKey {
            execution: id()?,
            stage: required(message.stage.as_deref(), "stage")?.into(),
            action: required(message.action.as_deref(), "action")?.into(),
            attempt: attempt()?,
        })
    };
    let between = |effect| Hint::Between(pipeline.clone(), effect);
    Ok(match message.hint {
        Word::Start => Hint::StartAction(log, run()?),
        Word::Ask => Hint::AskProvider(log, run()?),
        Word::Cancel => Hint::CancelAction(log, run()?),
        Word::Open => between(Effect::Open(id()?)),
        Word::Relay => between(Effect::Relay(id()?)),
        Word::Withdraw => between(Effect::Withdraw(id()?)),
        Word::Close => between(Effect::Close(id()?, attempt()?)),
        Word::Reopen => between(Effect::Reopen(id()?, attempt()?)),
        Word::Conclude => Hint::Conclude(log, id()?),
        Word::Sweep => Hint::Sweep(log),
    })
}

fn of_log(hint: Word, log: &LogKey) -> Message {
    let own = match log {
        LogKey::Pipeline(_) => None,
        LogKey::Execution(_, execution) => Some(execution.to_string()),
    };
    Message {
        hint,
        pipeline: log.pipeline().to_string(),
        log: own,
        execution: None,
        stage: None,
        action: None,
        attempt: None,
    }
}

fn of_execution(hint: Word, log: &LogKey, id: ExecutionId, attempt: Option<u32>) -> Message {
    Message { execution: Some(id.to_string()), attempt, ..of_log(hint, log) }
}

fn of_run(hint: Word, log: &LogKey, run: &RunKey) -> Message {
    Message {
        execution: Some(run.execution.to_string()),
        stage: Some(run.stage.to_string()),
        action: Some(run.action.to_string()),
        attempt: Some(run.attempt),
        ..of_log(hint, log)
    }
}

fn execution(text: &str) -> Result<ExecutionId, Unreadable> {
    text.parse().map_err(|_| Unreadable(format!("{text:?} is no execution's id")))
}

fn required<T>(value: Option<T>, member: &str) -> Result<T, Unreadable> {
    value.ok_or_else(|| Unreadable(format!("the member {member} is missing")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_hint_reads_back_as_it_was_written() {
        let id: ExecutionId = "01890a5d-ac96-774b-bcce-b302099a8057".parse().expect("an id");
        let run = RunKey { execution: id, stage: "S".into(), action: "A".into(), attempt: 3 };
        let logs = [LogKey::Pipeline("p".into()), LogKey::Execution("p".into(), id)];
        let mut hints = Vec::new();
        for log in logs {
            hints.extend([
                Hint::StartAction(log.clone(), run.clone()),
                Hint::AskProvider(log.clone(), run.clone()),
                Hint::CancelAction(log.clone(), run.clone()),
                Hint::Conclude(log.clone(), id),
                Hint::Sweep(log),
            ]);
        }
        for effect in [
            Effect::Open(id),
            Effect::Relay(id),
            Effect::Withdraw(id),
            Effect::Close(id, 2),
            Effect::Reopen(id, 3),
        ] {
            hints.push(Hint::Between("p".into(), effect));
        }
        for hint in hints {
            assert_eq!(read(&write(&hint)).expect("it is a hint"), hint);
        }
    }

    #[test]
    fn what_is_no_hint_is_refused_with_what_is_missing() {
        let text = r#"{"hint":"Start","pipeline":"p","stage":"S"}"#;
        let refused = read(text).expect_err("no execution");
        assert_eq!(refused.to_string(), "the message is no hint: the member execution is missing");
        assert!(read("{}").is_err());
        assert!(read(r#"{"hint":"Fly","pipeline":"p"}"#).is_err());
    }
}
