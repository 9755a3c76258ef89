//! From what was typed to what does it.

use std::process::ExitCode;

use crate::arguments::Verb;
use crate::ending::Ending;
use crate::{audit, client, demo, doctor, key, lint, run, up};

/// Does a verb.
pub(crate) fn perform(verb: &Verb) -> Ending {
    match verb {
        Verb::Demo(options) => demo::demo(options),
        Verb::Run(options) => run::run(options),
        Verb::Lint(options) => lint::lint(options),
        Verb::Up(options) => up::up(options),
        Verb::Key(options) => key::key(options),
        Verb::Audit(options) => audit::audit(options),
        Verb::Doctor(options) => doctor::doctor(options),
        Verb::Client(verb) => client::perform(verb),
        Verb::Perform(options) => crate::perform::perform(options),
    }
}

/// Help and version are what was asked for; anything else that cannot be parsed is bad input.
pub(crate) fn usage(error: &clap::Error) -> ExitCode {
    // Whoever reads us may have gone; then there is nobody to tell.
    let _ = error.print();
    if error.use_stderr() { ExitCode::from(5) } else { ExitCode::SUCCESS }
}
