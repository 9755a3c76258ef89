//! What can be typed.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

pub(crate) mod client;
pub(crate) mod doctor;
mod examples;
pub(crate) mod serving;

/// A release pipeline controller that speaks CodePipeline, on this machine.
///
/// It runs pipelines as AWS CodePipeline declares them: sources from Git, builds from `buildspec.yml`,
/// deployments from `appspec.yml`, manual approvals, stage locks, superseding, queues and parallel
/// executions. Everything happens in processes and directories of this machine.
#[derive(Debug, Parser)]
#[command(name = "towpath", version, about, after_help = examples::TOWPATH)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    pub(crate) verb: Verb,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Verb {
    /// Show a change travel a whole pipeline: source, build and test, approval, deployment.
    #[command(after_help = examples::DEMO)]
    Demo(Demo),
    /// Run a pipeline on this machine, and run it again for every change of its sources.
    #[command(after_help = examples::RUN)]
    Run(Box<Run>),
    /// Say everything that is wrong with a pipeline, each with its place, the rule and the fix.
    #[command(after_help = examples::LINT)]
    Lint(Lint),
    /// Serve the API of CodePipeline on this machine, for its stock clients.
    #[command(after_help = examples::UP)]
    Up(Box<serving::Up>),
    /// Make, list and remove the keys that requests are signed with.
    Key(serving::Key),
    /// Look after the record of calls.
    Audit(serving::Audit),
    /// Say what is wrong with a deployment in AWS, and how to mend it. It only reads.
    #[command(after_help = examples::DOCTOR)]
    Doctor(doctor::Doctor),
    /// Ask a server.
    #[command(flatten)]
    Client(Box<client::ClientVerb>),
    /// Do one action in a process of its own. `run` calls this.
    #[command(hide = true)]
    Perform(Perform),
}

#[derive(Debug, Args)]
pub(crate) struct Demo {
    /// Approve without asking.
    #[arg(long)]
    pub(crate) yes: bool,
    /// Keep everything in this directory instead of a temporary one.
    #[arg(long, value_name = "DIR")]
    pub(crate) data: Option<PathBuf>,
    /// Print one JSON object a line instead of the view.
    #[arg(long)]
    pub(crate) json: bool,
    /// Print what actions print, as they print it.
    #[arg(long)]
    pub(crate) logs: bool,
    /// Write state-change events as JSON lines.
    #[arg(long, value_name = "FILE")]
    pub(crate) events: Option<PathBuf>,
}

#[derive(Debug, Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is a switch that can be typed")]
pub(crate) struct Run {
    /// A declaration (JSON or YAML), or a CloudFormation template that holds one.
    #[arg(value_name = "FILE")]
    pub(crate) file: PathBuf,
    /// Which pipeline of a template to run, by its logical id.
    #[arg(long, value_name = "ID")]
    pub(crate) resource: Option<String>,
    /// Where the state, artifacts and logs are kept; it belongs to one process at a time.
    #[arg(long, value_name = "DIR", default_value = ".towpath")]
    pub(crate) data: PathBuf,
    /// Run once and exit with the execution's result.
    #[arg(long, conflicts_with = "watch")]
    pub(crate) once: bool,
    /// Run again for every change of the sources, until interrupted. This is the default.
    #[arg(long)]
    pub(crate) watch: bool,
    /// Approve without asking.
    #[arg(long)]
    pub(crate) yes: bool,
    /// Print one JSON object a line instead of the view.
    #[arg(long)]
    pub(crate) json: bool,
    /// Print what actions print, as they print it.
    #[arg(long)]
    pub(crate) logs: bool,
    /// Write state-change events as JSON lines; a restart goes on where the file ends.
    #[arg(long, value_name = "FILE")]
    pub(crate) events: Option<PathBuf>,
    /// A value for a pipeline variable.
    #[arg(long = "variable", short = 'v', value_name = "NAME=VALUE", value_parser = pair)]
    pub(crate) variables: Vec<(String, String)>,
    /// The Region that stands in names and events.
    #[arg(long, default_value = "us-east-1")]
    pub(crate) region: String,
    // Last, because its heading stands over whatever follows.
    #[command(flatten)]
    pub(crate) site: Site,
}

/// What stands for the cloud on this machine.
#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = "What stands for the cloud on this machine")]
pub(crate) struct Site {
    /// The Git repository (path or URL) that a source action names.
    #[arg(long = "repository", value_name = "NAME=PATH", value_parser = pair)]
    pub(crate) repositories: Vec<(String, String)>,
    /// The directory that stands for the host of a deployment group.
    #[arg(long = "host", value_name = "GROUP=DIR", value_parser = pair)]
    pub(crate) hosts: Vec<(String, String)>,
    /// The directory that stands for a bucket.
    #[arg(long = "bucket", value_name = "NAME=DIR", value_parser = pair)]
    pub(crate) buckets: Vec<(String, String)>,
    /// The command that stands for a Lambda function.
    #[arg(long = "function", value_name = "NAME=COMMAND", value_parser = pair)]
    pub(crate) functions: Vec<(String, String)>,
    /// The buildspec of a CodeBuild project, when it is not `buildspec.yml`.
    #[arg(long = "buildspec", value_name = "PROJECT=PATH", value_parser = pair)]
    pub(crate) buildspecs: Vec<(String, String)>,
    /// A template's parameter, or a parameter that a buildspec reads from the parameter store.
    #[arg(long = "parameter", value_name = "NAME=VALUE", value_parser = pair)]
    pub(crate) parameters: Vec<(String, String)>,
    /// A secret that a buildspec reads from Secrets Manager.
    #[arg(long = "secret", value_name = "ID=VALUE", value_parser = pair)]
    pub(crate) secrets: Vec<(String, String)>,
}

#[derive(Debug, Args)]
pub(crate) struct Lint {
    /// Declarations (JSON or YAML) or CloudFormation templates.
    #[arg(value_name = "FILE", required = true)]
    pub(crate) files: Vec<PathBuf>,
    /// A value for a template's parameter.
    #[arg(long = "parameter", value_name = "NAME=VALUE", value_parser = pair)]
    pub(crate) parameters: Vec<(String, String)>,
    /// Print one JSON object a line.
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Perform {
    /// The directory of the run.
    #[arg(value_name = "DIRECTORY")]
    pub(crate) directory: PathBuf,
}

fn pair(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((name, value)) if !name.is_empty() => Ok((name.to_owned(), value.to_owned())),
        Some(_) | None => Err("write it with a name, `=` and a value".to_owned()),
    }
}
