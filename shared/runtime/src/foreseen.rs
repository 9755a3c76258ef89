//! Tells providers what is about to be asked of them, while the decision is being written down.
//!
//! To become a job's role takes as long as to append a record, and hangs on nothing that the record says but
//! whose job it is. So both are done at once, where whoever decides also starts what comes of it. Nothing of it is
//! an effect: if the append fails, a session is there that nobody uses.

use engine::{Decision, Effect, Plans};
use futures_util::future::join_all;
use providers::Job;
use store::LogKey;

use crate::App;
use crate::job::identify;

/// Tells of every action that a decision asks for, if it is this process that will start them.
pub(crate) async fn foresee(app: &App, log: &LogKey, plans: &Plans, decision: &Decision) {
    if app.providers.are_elsewhere() || !app.hints.are_followed_here() {
        return;
    }
    let effects = decision.effects();
    let jobs = effects.iter().filter_map(|effect| job(app, log, plans, decision, effect));
    join_all(jobs.map(|job| async move { app.providers.expect(&job).await })).await;
}

/// Makes as much of a job as says whose it is.
fn job(
    app: &App,
    log: &LogKey,
    plans: &Plans,
    decision: &Decision,
    effect: &Effect,
) -> Option<Job> {
    let Effect::RequestAction(run) = effect else { return None };
    let execution = decision.state.executions.get(&run.execution)?;
    let record = execution.definition.record;
    // The very decision may put the declaration in force; then there is nothing to become yet.
    let pipeline = plans.holds(record).then(|| plans.get(record))?;
    let stage = pipeline.stages.iter().find(|stage| stage.name == run.stage)?;
    let action = &stage.actions[stage.action_index(&run.action)?];
    if action.is_approval() {
        return None;
    }
    let role = Some(pipeline.role_arn.clone()).filter(|role| !role.is_empty());
    let job = identify(app, log, execution.number, action, run);
    Some(Job { pipeline_role_arn: role, ..job })
}
