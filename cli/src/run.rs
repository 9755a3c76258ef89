//! `towpath run`: a pipeline of yours on this machine.

mod approvals;
pub(crate) mod outside;
pub(crate) mod prepare;
pub(crate) mod session;
pub(crate) mod unbuilt;

use model::status::TriggerType;

use crate::arguments::Run;
use crate::ending::Ending;
use crate::run::prepare::Prepared;
use crate::run::session::{Session, Until};
use crate::view::Wishes;

/// Runs the pipeline once, or for every change until interrupted.
pub(crate) fn run(options: &Run) -> Ending {
    let prepared = match prepare::prepare(options) {
        Ok(prepared) => prepared,
        Err(message) => return Ending::BadInput(message),
    };
    let runtime = match tokio::runtime::Runtime::new() {
        Ok(runtime) => runtime,
        Err(error) => return Ending::Failed(Some(format!("no threads could be started: {error}"))),
    };
    let ending = runtime.block_on(go(options, prepared));
    // A thread that waits for an answer on the terminal would keep us here.
    runtime.shutdown_background();
    ending
}

async fn go(options: &Run, prepared: Prepared) -> Ending {
    let until = if options.once { Until::Ended } else { Until::Interrupted };
    let wishes = Wishes { json: options.json, logs: options.logs };
    let mut session = match Session::open(prepared, options.yes, wishes).await {
        Ok(session) => session,
        Err(ending) => return ending,
    };
    let left = session.left();
    if !left.is_empty() {
        let numbers: Vec<_> = left.iter().map(|number| format!("#{number}")).collect();
        session.view.say(&format!("{} goes on where it was left", numbers.join(", ")));
    }
    let started = match (until, !left.is_empty()) {
        // What an earlier process left unfinished goes on first.
        (Until::Ended, true) => Ok(()),
        (Until::Ended, false) => session.start().await,
        (Until::Interrupted, _) => {
            let changed = session.start_if_changed(TriggerType::PollForSourceChanges).await;
            changed.map(drop).map_err(Ending::BadInput)
        }
    };
    if let Err(ending) = started {
        return ending;
    }
    if until == Until::Interrupted {
        session.watch();
    }
    session.follow(until).await
}
