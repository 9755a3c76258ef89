//! Lambda, invoked: a command stands for the function (contract §5.4).
//!
//! The command is run by `/bin/sh -c`. It reads the `CodePipeline.job` event from its standard input
//! and finds its files in the environment:
//!
//! | Variable | Holds |
//! |---|---|
//! | `TOWPATH_INPUT_<artifact>` | the directory of an unpacked input artifact |
//! | `TOWPATH_OUTPUT_<artifact>` | where an output artifact is wanted: make a file there (a ZIP), or a directory, which is packed |
//! | `TOWPATH_FUNCTION_NAME` | the function's name |
//! | `TOWPATH_JOB_ID` | the id of this invocation |
//! | `TOWPATH_CONTINUATION_TOKEN` | the token that the last invocation left; absent in the first |
//!
//! In the names, what is neither a letter nor a digit is `_`. What the command prints is in the log;
//! [`answer`] says how it ends the action.

mod answer;
mod event;

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::mpsc;
use std::time::Duration;

use artifacts::archive;
use model::outcome::{Failure, StoredArtifact, Success};
use providers::Job;

use crate::process::{Ending, Keep, Leftovers, Run};
use crate::task::{Task, file_name};
use crate::{Site, fault};
use answer::Answer;
use providers::Settings;

/// How long an invocation may take until it answers (contract §6.3).
const HEARTBEAT: Duration = Duration::from_mins(20);

/// How long after an answer that asks for it the function is invoked again (contract §5.4).
const CONTINUATION_DELAY: Duration = Duration::from_secs(30);

/// How many invocations an action may take: as many as fit into its 24 hours.
const INVOCATIONS_MAX: u32 = 24 * 60 * 2;

/// How much of the end of the output is looked at for the answer, which holds at most 120 KB of
/// variables.
const ANSWER_BYTES_MAX: usize = 512 * 1024;

/// What is taken over from our environment; nothing else is.
const INHERITED: [&str; 8] = ["PATH", "HOME", "LANG", "LC_ALL", "USER", "LOGNAME", "TMPDIR", "TZ"];

/// Finds what would stop the job before it begins.
pub(crate) fn check(job: &Job, site: &Site) -> Result<(), Failure> {
    command_of(job, site).map(drop)
}

/// Invokes the function until it says how the action ends.
pub(crate) fn perform(task: &Task) -> Result<Success, Failure> {
    invoke_until_done(task, CONTINUATION_DELAY, HEARTBEAT)
}

fn invoke_until_done(
    task: &Task,
    delay: Duration,
    heartbeat: Duration,
) -> Result<Success, Failure> {
    let files = Files::prepare(task)?;
    let mut token: Option<String> = None;
    for invocation in 1..=INVOCATIONS_MAX {
        let id = event::job_id(task.job, invocation);
        let event = event::event(task.job, &id, token.as_deref());
        match invoke(task, &files, &id, token.as_deref(), event, heartbeat)? {
            Answer::Success { variables, external_id, summary } => {
                return Ok(Success {
                    external_id: external_id.or(Some(id)),
                    summary,
                    variables,
                    artifacts: files.store(task)?,
                    ..Success::default()
                });
            }
            Answer::Failed(failure) => return Err(Failure { external_id: Some(id), ..failure }),
            Answer::Continue(next) => {
                task.say(&format!("The function goes on in {} seconds", delay.as_secs()));
                token = Some(next);
                wait(delay);
            }
        }
    }
    Err(fault::job(format!(
        "the function asked to be invoked again {INVOCATIONS_MAX} times; an action may take 24 hours"
    )))
}

/// Runs the command once.
fn invoke(
    task: &Task,
    files: &Files,
    id: &str,
    token: Option<&str>,
    event: Vec<u8>,
    heartbeat: Duration,
) -> Result<Answer, Failure> {
    let (name, line) = command_of(task.job, task.site)?;
    let mut command = Command::new("/bin/sh");
    command.args(["-c", line]).current_dir(task.directory("function")?).env_clear();
    let inherited = INHERITED.iter().filter_map(|name| Some((*name, std::env::var_os(name)?)));
    command.envs(inherited).envs(files.environment()).env("TOWPATH_FUNCTION_NAME", name);
    command.env("TOWPATH_JOB_ID", id).env("AWS_REGION", &task.job.region);
    if let Some(token) = token {
        command.env("TOWPATH_CONTINUATION_TOKEN", token);
    }
    task.say(&format!("Invokes the function {name} as job {id}"));
    let run = Run {
        command,
        stdin: event,
        stdout: Keep::Last(ANSWER_BYTES_MAX),
        copy: Some(task.open_log()?),
        stderr: Some(task.open_log()?),
        group: task.group,
        // A function is frozen when it has answered.
        leftovers: Leftovers::Kill,
        deadline: Some(heartbeat),
    };
    match run.wait() {
        Ok(Ending::Exited { status, stdout, .. }) => Ok(answer::parse(name, status, &stdout)),
        Ok(Ending::TimedOut) => Err(fault::job(format!(
            "the function {name} gave no answer within {} minutes and was killed; let it print a \
             continuationToken before that time is over",
            heartbeat.as_secs() / 60
        ))),
        Err(error) => {
            Err(fault::machine(format!("run the command of the function {name}"), &error))
        }
    }
}

fn command_of<'a>(job: &'a Job, site: &'a Site) -> Result<(&'a str, &'a str), Failure> {
    let name = Settings::new(&job.provider, &job.configuration).required("FunctionName")?;
    // A name may come with its ARN or an alias.
    let short = name.split_once(":function:").map_or(name, |(_, rest)| rest);
    let short = short.split(':').next().unwrap_or(short);
    match site.functions.get(name).or_else(|| site.functions.get(short)) {
        Some(command) if !command.contains('\0') && !command.trim().is_empty() => {
            Ok((name, command))
        }
        Some(_) | None => Err(fault::configuration(format!(
            "no command of this machine stands for the function {name:?}; say which does with \
             `--function {short}=COMMAND`"
        ))),
    }
}

/// Waits for a time to pass, since nothing tells when a function wants to go on.
fn wait(delay: Duration) {
    let (_nobody, never) = mpsc::channel::<()>();
    let _ = never.recv_timeout(delay);
}

/// The files that the command is given and asked for.
struct Files {
    inputs: Vec<(String, PathBuf)>,
    outputs: Vec<(String, PathBuf)>,
}

impl Files {
    fn prepare(task: &Task) -> Result<Files, Failure> {
        let inputs = task.job.inputs.iter();
        let inputs = inputs.map(|input| Ok((input.name.clone(), task.unpack(input, "inputs")?)));
        let directory = task.directory("outputs")?;
        let outputs = task.job.outputs.iter();
        let outputs = outputs
            .map(|output| Ok((output.name.clone(), directory.join(file_name(&output.name)?))));
        Ok(Files {
            inputs: inputs.collect::<Result<_, _>>()?,
            outputs: outputs.collect::<Result<_, _>>()?,
        })
    }

    fn environment(&self) -> impl Iterator<Item = (String, OsString)> {
        let named = |kind: &'static str, (name, path): &(String, PathBuf)| {
            let plain = |it: char| if it.is_ascii_alphanumeric() { it } else { '_' };
            let name: String = name.chars().map(plain).collect();
            (format!("TOWPATH_{kind}_{name}"), path.clone().into_os_string())
        };
        let inputs = self.inputs.iter().map(move |file| named("INPUT", file));
        inputs.chain(self.outputs.iter().map(move |file| named("OUTPUT", file)))
    }

    /// Stores what the command has made.
    fn store(&self, task: &Task) -> Result<Vec<StoredArtifact>, Failure> {
        let outputs = task.job.outputs.iter().zip(&self.outputs);
        outputs.map(|(output, (name, path))| task.store(output, &packed(name, path)?)).collect()
    }
}

fn packed(name: &str, path: &Path) -> Result<PathBuf, Failure> {
    let Ok(metadata) = fs::symlink_metadata(path) else {
        return Err(fault::job(format!(
            "the function made nothing for its output artifact {name}; let it write a ZIP file, or a \
             directory, at the path in TOWPATH_OUTPUT_{name}"
        )));
    };
    if metadata.is_symlink() {
        return Err(fault::job(format!(
            "the function made a link for its output artifact {name}; let it write a file or a \
             directory"
        )));
    }
    if !metadata.is_dir() {
        return Ok(path.to_owned());
    }
    let archive = path.with_extension("zip");
    archive::pack_tree(path, &archive).map_err(|error| {
        fault::job(format!("output artifact {name}: failed to {}", fault::chain(&error)))
    })?;
    Ok(archive)
}

#[cfg(test)]
mod tests;
