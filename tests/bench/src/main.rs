//! Measures the controller on one machine.

use std::process::ExitCode;

use bench::arguments::Arguments;
use bench::{measure, report};
use clap::Parser;

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    match measure::measure(&arguments).and_then(|figures| report::print(&figures, arguments.json)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            report::complain(&error);
            ExitCode::FAILURE
        }
    }
}
