//! The `towpath` command: one verb, one file.
//!
//! `demo` shows a change travel a whole pipeline, `run` runs a pipeline of yours on this machine,
//! `lint` says everything that is wrong with one, and `perform` is what `run` calls for each action.
//! Nothing is decided here; the controller is `local::controller`.

mod arguments;
mod demo;
mod ending;
mod lint;
mod perform;
mod pipeline_file;
mod run;
mod view;

use std::process::ExitCode;

use clap::Parser;

use crate::arguments::{Arguments, Verb};

fn main() -> ExitCode {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => return usage(&error),
    };
    telemetry();
    let ending = match arguments.verb {
        Verb::Demo(options) => demo::demo(&options),
        Verb::Run(options) => run::run(&options),
        Verb::Lint(options) => lint::lint(&options),
        Verb::Perform(options) => perform::perform(&options),
    };
    ending.report()
}

/// Help and version are what was asked for; anything else that cannot be parsed is bad input.
fn usage(error: &clap::Error) -> ExitCode {
    // Whoever reads us may have gone; then there is nobody to tell.
    let _ = error.print();
    if error.use_stderr() { ExitCode::from(5) } else { ExitCode::SUCCESS }
}

/// Logs go to standard error, errors only unless `TOWPATH_LOG` says otherwise. What the SDK says of
/// connections means nothing here: there are none.
fn telemetry() {
    let filter = tracing_subscriber::EnvFilter::try_from_env("TOWPATH_LOG")
        .unwrap_or_else(|_| tracing_subscriber::EnvFilter::new("error,aws_smithy_runtime=off"));
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).init();
}
