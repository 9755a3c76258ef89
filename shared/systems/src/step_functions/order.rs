//! What is asked of Step Functions, read from an action's settings.

use providers::{Job, Settings};
use serde::de::IgnoredAny;

use crate::fault::Fault;
use crate::halt::{self, Halt};
use crate::{Ground, artifact};

/// How long an execution's name may be.
const NAME_CHARACTERS_MAX: usize = 80;

/// How large an execution's input may be.
const INPUT_BYTES_MAX: u64 = 256 * 1024;

/// What is asked of Step Functions.
#[derive(Debug)]
pub(super) struct Order {
    /// The state machine, or a version or an alias of it.
    pub(super) state_machine: String,
    /// The execution's name, which nobody else uses.
    pub(super) name: String,
    /// The ARN that a standard execution of that name has.
    pub(super) execution: String,
    input: Input,
}

#[derive(Debug)]
enum Input {
    Literal(String),
    File(String),
}

impl Order {
    /// Reads the settings of an action.
    pub(super) fn of(job: &Job) -> Result<Self, Halt> {
        let settings = Settings::of(job);
        let state_machine = settings.required("StateMachineArn")?.to_owned();
        let name = match settings.optional("ExecutionNamePrefix") {
            Some(prefix) => format!("{prefix}-{}", job.run_id),
            None => job.run_id.clone(),
        };
        let length = name.chars().count();
        if length > NAME_CHARACTERS_MAX {
            return Err(halt::configuration(format!(
                "ExecutionNamePrefix is {} characters too long: a name of an execution has at most \
                 {NAME_CHARACTERS_MAX} characters, of which the id of the attempt takes {}",
                length - NAME_CHARACTERS_MAX,
                job.run_id.len() + 1
            )));
        }
        let given = settings.optional("Input");
        let input = match settings.optional("InputType") {
            None | Some("Literal") => Input::Literal(given.unwrap_or("{}").to_owned()),
            Some("FilePath") => Input::File(settings.required("Input")?.to_owned()),
            Some(other) => {
                return Err(halt::configuration(format!(
                    "InputType is {other:?}; write Literal or FilePath"
                )));
            }
        };
        let execution = execution_of(job, &state_machine, &name)?;
        Ok(Self { state_machine, name, execution, input })
    }

    /// Returns the input of the execution.
    pub(super) async fn input(&self, ground: &Ground, job: &Job) -> Result<String, Halt> {
        let (text, place) = match &self.input {
            Input::Literal(text) => (text.clone(), "Input".to_owned()),
            Input::File(path) => {
                let input = job.inputs.first().ok_or_else(|| {
                    halt::configuration(
                        "InputType is FilePath and the action has no input artifact; add the one that \
                         holds the file to inputArtifacts",
                    )
                })?;
                let name = &input.name;
                let found = artifact::member(ground, job, input, path, INPUT_BYTES_MAX).await?;
                let found = found.ok_or_else(|| {
                    Fault::configuration(format!(
                        "Input is {path:?}, and the input artifact {name} holds no such file; write its \
                         path from the artifact's root"
                    ))
                })?;
                let text = String::from_utf8(found).map_err(|_| {
                    halt::configuration(format!("{path} of the input artifact {name} is no text"))
                })?;
                (text, format!("{path} of the input artifact {name}"))
            }
        };
        // The text itself may hold secrets.
        if let Err(error) = serde_json::from_str::<IgnoredAny>(&text) {
            return Err(halt::configuration(format!(
                "{place} is no JSON (line {}, column {}), and a state machine takes nothing else; correct \
                 it, and mind that a quote in a resolved reference is not escaped",
                error.line(),
                error.column()
            )));
        }
        Ok(text)
    }
}

/// Returns the ARN that a standard execution of this name has.
fn execution_of(job: &Job, state_machine: &str, name: &str) -> Result<String, Halt> {
    let parts: Vec<_> = state_machine.split(':').collect();
    let ["arn", partition, "states", region, account, "stateMachine", machine, ..] =
        parts.as_slice()
    else {
        return Err(halt::configuration(format!(
            "StateMachineArn is {state_machine:?}; write the whole ARN, as in \
             arn:aws:states:{}:123456789012:stateMachine:name",
            job.region
        )));
    };
    if *region != job.region {
        return Err(halt::configuration(format!(
            "StateMachineArn names a state machine in {region}, and the action runs in {}; set the \
             action's region to {region}",
            job.region
        )));
    }
    Ok(format!("arn:{partition}:states:{region}:{account}:execution:{machine}:{name}"))
}
