//! The `towpath` command: one verb, one file.
//!
//! `demo` shows a change travel a whole pipeline, `run` runs a pipeline of yours on this machine,
//! `lint` says what is wrong with one. `up` serves the API, and the verbs of `client`, from `apply` to
//! `why`, ask it. Nothing is decided here; the controller is `local::controller`.

mod apply;
mod approve;
mod arguments;
mod audit;
mod client;
mod completion;
mod credentials;
mod delete;
mod demo;
mod diff;
mod dispatch;
mod doctor;
mod ending;
mod history;
mod key;
mod lint;
mod logs;
mod ls;
mod pause;
mod perform;
mod pipeline_file;
mod reject;
mod resume;
mod retry;
mod run;
mod show;
mod start;
mod stop;
mod telemetry;
mod up;
mod view;
mod watch;
mod r#where;
mod why;

use std::process::ExitCode;

use clap::Parser;

use crate::arguments::Arguments;

fn main() -> ExitCode {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => return dispatch::usage(&error),
    };
    telemetry::start();
    dispatch::perform(&arguments.verb).report()
}
