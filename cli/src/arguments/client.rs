//! What can be typed to ask a server: one set of options for each verb that is a client of the API.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use clap_complete::Shell;

use super::pair;

mod examples;

/// The verbs that ask a server.
#[derive(Debug, Subcommand)]
pub(crate) enum ClientVerb {
    /// Create a pipeline from a file, or bring it up to date; shows what changes and asks.
    #[command(after_help = examples::APPLY)]
    Apply(Apply),
    /// Show what `apply` would change. Exit status: 0 nothing, 1 something.
    Diff(Diff),
    /// List the pipelines: how their newest execution is doing and where it stands.
    Ls(Ls),
    /// Show the stages of a pipeline: who is inside, who waits, what is open, what failed.
    Show(Show),
    /// Start an execution.
    #[command(after_help = examples::START)]
    Start(Start),
    /// Follow an execution until it ends.
    #[command(after_help = examples::WATCH)]
    Watch(Watch),
    /// Print what actions print.
    #[command(after_help = examples::LOGS)]
    Logs(Logs),
    /// List the executions of a pipeline, newest first.
    History(History),
    /// Say yes to an approval that waits for an answer.
    Approve(Answer),
    /// Say no to an approval that waits for an answer; its stage fails.
    Reject(Answer),
    /// Stop an execution; what runs may finish unless it is abandoned.
    #[command(after_help = examples::STOP)]
    Stop(Stop),
    /// Run the failed actions of a stage again.
    Retry(Retry),
    /// Let nobody enter a stage until `resume`.
    Pause(Pause),
    /// Let executions enter a stage again.
    Resume(Resume),
    /// Delete a pipeline; asks.
    Delete(Delete),
    /// Say what each waiting thing waits for, since when, held by whom, and what moves it on.
    Why(Why),
    /// Say which stages of which pipelines a commit is in.
    Where(Where),
    /// Print keys of a deployment in AWS for your identity there, as `credential_process` wants them.
    #[command(after_help = examples::CREDENTIALS)]
    Credentials(Credentials),
    /// Print the completion script of a shell.
    #[command(after_help = examples::COMPLETION)]
    Completion(Completion),
}

/// How a server is found.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Which server")]
pub(crate) struct Connection {
    /// The server's address; else `AWS_ENDPOINT_URL_CODEPIPELINE`, else what `towpath up` wrote to
    /// the data directory. For a deployment in AWS, its output `ApiIamEndpoint` or `ApiEndpoint`.
    #[arg(long, value_name = "URL")]
    pub(crate) endpoint: Option<String>,
    /// The stack of a deployment in AWS, which tells its address.
    #[arg(long, value_name = "NAME", conflicts_with = "endpoint")]
    pub(crate) stack: Option<String>,
    /// Where that stack is; else `AWS_REGION`.
    #[arg(long, value_name = "REGION")]
    pub(crate) region: Option<String>,
    /// The profile that says who you are; `AWS_PROFILE` or the environment's keys unless told.
    #[arg(long, value_name = "NAME")]
    pub(crate) profile: Option<String>,
    /// The data directory of `towpath up`.
    #[arg(long, value_name = "DIR", default_value = ".towpath")]
    pub(crate) data: PathBuf,
}

/// Whose keys, and of which deployment.
#[derive(Debug, Args)]
pub(crate) struct Credentials {
    /// The address of the deployment's API: its output `ApiEndpoint`.
    #[arg(long, value_name = "URL")]
    pub(crate) endpoint: String,
    /// The Region whose STS is to say who you are; that of the address unless told.
    #[arg(long, value_name = "REGION")]
    pub(crate) region: Option<String>,
    /// The profile that says who you are; `AWS_PROFILE` or the environment's keys unless told.
    #[arg(long, value_name = "NAME")]
    pub(crate) profile: Option<String>,
}

/// A pipeline in a file.
#[derive(Debug, Args)]
pub(crate) struct Declared {
    /// A declaration (JSON or YAML), or a CloudFormation template that holds one.
    #[arg(value_name = "FILE")]
    pub(crate) file: PathBuf,
    /// Which pipeline of a template, by its logical id.
    #[arg(long, value_name = "ID")]
    pub(crate) resource: Option<String>,
    /// A value for a template's parameter.
    #[arg(long = "parameter", value_name = "NAME=VALUE", value_parser = pair)]
    pub(crate) parameters: Vec<(String, String)>,
}

#[derive(Debug, Args)]
pub(crate) struct Apply {
    #[command(flatten)]
    pub(crate) declared: Declared,
    /// A tag to put on the pipeline.
    #[arg(long = "tag", value_name = "KEY=VALUE", value_parser = pair)]
    pub(crate) tags: Vec<(String, String)>,
    /// Do not ask.
    #[arg(long)]
    pub(crate) yes: bool,
    /// Send it even if nothing differs, for example because a secret has changed.
    #[arg(long)]
    pub(crate) force: bool,
    /// Print the pipeline as the API answers it.
    #[arg(long)]
    pub(crate) json: bool,
    #[command(flatten)]
    pub(crate) connection: Connection,
}

#[derive(Debug, Args)]
pub(crate) struct Diff {
    #[command(flatten)]
    pub(crate) declared: Declared,
    /// Print both declarations as the API spells them.
    #[arg(long)]
    pub(crate) json: bool,
    #[command(flatten)]
    pub(crate) connection: Connection,
}

#[derive(Debug, Args)]
pub(crate) struct Ls {
    /// Print the pipelines as the API answers them.
    #[arg(long)]
    pub(crate) json: bool,
    #[command(flatten)]
    pub(crate) connection: Connection,
}

#[derive(Debug, Args)]
pub(crate) struct Show {
    /// The pipeline.
    #[arg(value_name = "NAME")]
    pub(crate) name: String,
    /// Print the pipeline's state as the API answers it.
    #[arg(long)]
    pub(crate) json: bool,
    #[command(flatten)]
    pub(crate) connection: Connection,
}

#[derive(Debug, Args)]
pub(crate) struct Start {
    /// The pipeline.
    #[arg(value_name = "NAME")]
    pub(crate) name: String,
    /// A value for a pipeline variable.
    #[arg(long = "variable", short = 'v', value_name = "NAME=VALUE", value_parser = pair)]
    pub(crate) variables: Vec<(String, String)>,
    /// The revision that a source action is to take: a commit, an image digest, a version of an object.
    #[arg(long = "revision", value_name = "ACTION=REVISION", value_parser = pair)]
    pub(crate) revisions: Vec<(String, String)>,
    /// Follow the execution until it ends, and exit with its result.
    #[arg(long)]
    pub(crate) watch: bool,
    /// A text that makes repeating this command harmless: the same text starts one execution.
    #[arg(long, value_name = "TEXT")]
    pub(crate) token: Option<String>,
    /// Print the answer, or with --watch each change, as the API spells it.
    #[arg(long)]
    pub(crate) json: bool,
    #[command(flatten)]
    pub(crate) connection: Connection,
}

#[derive(Debug, Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is a switch that can be typed")]
pub(crate) struct Watch {
    /// The pipeline, or the id of an execution.
    #[arg(value_name = "NAME|EXECUTION")]
    pub(crate) subject: String,
    /// Which execution, by the beginning or the end of its id; the newest unless told.
    #[arg(long, value_name = "ID")]
    pub(crate) execution: Option<String>,
    /// Exit with the execution's result: 0, 1 or 2.
    #[arg(long)]
    pub(crate) exit_status: bool,
    /// Show only what runs, waits or failed.
    #[arg(long)]
    pub(crate) compact: bool,
    /// End with exit status 3 when nothing but an approval is missing.
    #[arg(long)]
    pub(crate) no_wait: bool,
    /// Print one JSON object for each change, in the API's shapes.
    #[arg(long)]
    pub(crate) json: bool,
    #[command(flatten)]
    pub(crate) connection: Connection,
}

#[derive(Debug, Args)]
pub(crate) struct Logs {
    /// The pipeline.
    #[arg(value_name = "NAME")]
    pub(crate) name: String,
    /// Which action; all of them unless told.
    #[arg(value_name = "STAGE/ACTION")]
    pub(crate) action: Option<String>,
    /// Which execution, by the beginning or the end of its id; the newest unless told.
    #[arg(long, value_name = "ID")]
    pub(crate) execution: Option<String>,
    /// Only actions that failed.
    #[arg(long)]
    pub(crate) failed: bool,
    /// Go on until the execution ends.
    #[arg(long, short = 'f')]
    pub(crate) follow: bool,
    /// Print one JSON object for each piece.
    #[arg(long)]
    pub(crate) json: bool,
    #[command(flatten)]
    pub(crate) connection: Connection,
}

#[derive(Debug, Args)]
pub(crate) struct History {
    /// The pipeline.
    #[arg(value_name = "NAME")]
    pub(crate) name: String,
    /// How many executions at most.
    #[arg(long, value_name = "N", default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    pub(crate) limit: u32,
    /// Print the executions as the API answers them.
    #[arg(long)]
    pub(crate) json: bool,
    #[command(flatten)]
    pub(crate) connection: Connection,
}

#[derive(Debug, Args)]
pub(crate) struct Answer {
    /// The pipeline.
    #[arg(value_name = "NAME")]
    pub(crate) name: String,
    /// Which approval, if several wait.
    #[arg(value_name = "STAGE/ACTION")]
    pub(crate) action: Option<String>,
    /// Which execution, by the beginning or the end of its id, if several wait.
    #[arg(long, value_name = "ID")]
    pub(crate) execution: Option<String>,
    /// Why.
    #[arg(long, value_name = "TEXT", default_value = "")]
    pub(crate) summary: String,
    /// The token from the message that asked for the approval; another attempt is then not answered.
    #[arg(long, value_name = "TOKEN")]
    pub(crate) token: Option<String>,
    /// Print the answer as the API spells it.
    #[arg(long)]
    pub(crate) json: bool,
    #[command(flatten)]
    pub(crate) connection: Connection,
}

#[derive(Debug, Args)]
pub(crate) struct Stop {
    /// The pipeline.
    #[arg(value_name = "NAME")]
    pub(crate) name: String,
    /// Which execution, by the beginning or the end of its id; the one that runs unless told.
    #[arg(long, value_name = "ID")]
    pub(crate) execution: Option<String>,
    /// Give running actions up instead of letting them finish.
    #[arg(long)]
    pub(crate) abandon: bool,
    /// Let nobody follow: first pause the stage that it is in or waits for. `resume` lifts it.
    #[arg(long)]
    pub(crate) hold: bool,
    /// Why.
    #[arg(long, value_name = "TEXT")]
    pub(crate) reason: Option<String>,
    /// Print the answer as the API spells it.
    #[arg(long)]
    pub(crate) json: bool,
    #[command(flatten)]
    pub(crate) connection: Connection,
}

#[derive(Debug, Args)]
pub(crate) struct Retry {
    /// The pipeline.
    #[arg(value_name = "NAME")]
    pub(crate) name: String,
    /// Which stage; the one that failed unless told.
    #[arg(value_name = "STAGE")]
    pub(crate) stage: Option<String>,
    /// Which execution, by the beginning or the end of its id; the last one in the stage unless told.
    #[arg(long, value_name = "ID")]
    pub(crate) execution: Option<String>,
    /// Run all actions of the stage again, not only those that failed.
    #[arg(long)]
    pub(crate) all: bool,
    /// Print the answer as the API spells it.
    #[arg(long)]
    pub(crate) json: bool,
    #[command(flatten)]
    pub(crate) connection: Connection,
}

#[derive(Debug, Args)]
pub(crate) struct Pause {
    /// The pipeline.
    #[arg(value_name = "NAME")]
    pub(crate) name: String,
    /// The stage that nobody is to enter.
    #[arg(value_name = "STAGE")]
    pub(crate) stage: String,
    /// Why; whoever waits reads it.
    #[arg(long, value_name = "TEXT")]
    pub(crate) reason: String,
    /// Print what was asked, as the API spells it.
    #[arg(long)]
    pub(crate) json: bool,
    #[command(flatten)]
    pub(crate) connection: Connection,
}

#[derive(Debug, Args)]
pub(crate) struct Resume {
    /// The pipeline.
    #[arg(value_name = "NAME")]
    pub(crate) name: String,
    /// The stage.
    #[arg(value_name = "STAGE")]
    pub(crate) stage: String,
    /// Print what was asked, as the API spells it.
    #[arg(long)]
    pub(crate) json: bool,
    #[command(flatten)]
    pub(crate) connection: Connection,
}

#[derive(Debug, Args)]
pub(crate) struct Delete {
    /// The pipeline.
    #[arg(value_name = "NAME")]
    pub(crate) name: String,
    /// Do not ask.
    #[arg(long)]
    pub(crate) yes: bool,
    /// Print what was asked, as the API spells it.
    #[arg(long)]
    pub(crate) json: bool,
    #[command(flatten)]
    pub(crate) connection: Connection,
}

#[derive(Debug, Args)]
pub(crate) struct Why {
    /// The pipeline.
    #[arg(value_name = "NAME")]
    pub(crate) name: String,
    /// Print one JSON object for each thing that waits.
    #[arg(long)]
    pub(crate) json: bool,
    #[command(flatten)]
    pub(crate) connection: Connection,
}

#[derive(Debug, Args)]
pub(crate) struct Where {
    /// The commit, or the beginning of its id.
    #[arg(value_name = "COMMIT")]
    pub(crate) commit: String,
    /// Only this pipeline.
    #[arg(value_name = "NAME")]
    pub(crate) name: Option<String>,
    /// Print one JSON object for each execution that carries it.
    #[arg(long)]
    pub(crate) json: bool,
    #[command(flatten)]
    pub(crate) connection: Connection,
}

#[derive(Debug, Args)]
pub(crate) struct Completion {
    /// The shell.
    #[arg(value_name = "SHELL")]
    pub(crate) shell: Shell,
}
