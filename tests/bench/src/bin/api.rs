//! Measures the API.

use std::io::Write as _;
use std::process::ExitCode;

use bench::api::figures::{Arguments, measure};
use clap::Parser;

fn main() -> ExitCode {
    match measure(&Arguments::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // There is no better place to say that there is no place to say it.
            let _ = writeln!(std::io::stderr(), "api: {error:#}");
            ExitCode::FAILURE
        }
    }
}
