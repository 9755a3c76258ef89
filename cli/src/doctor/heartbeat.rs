//! Whether the sweep runs. It wrote into its log lately, or it does not.

use crate::doctor::aws::Aws;
use crate::doctor::deployment::Deployment;
use crate::doctor::finding::{Looked, Unasked};

/// How long the sweep, which runs every minute, may be silent.
const SILENT_MINUTES: i64 = 5;

/// What it writes at its end, where it writes anything but warnings.
const DONE: &str = "swept";

/// Looks into the log of the sweep.
pub(crate) async fn look(aws: &Aws, deployment: &Deployment) -> Result<Looked, Unasked> {
    let mut looked = Looked::at(format!("the sweep, in the last {SILENT_MINUTES} minutes"));
    let Some(log) = deployment.named("AWS::Logs::LogGroup", "SweepLog") else {
        looked.wrong("SweepLog", "is not in the stack", deployment.deploy_again());
        return Ok(looked);
    };
    let since = local::world::now().millis() - SILENT_MINUTES * 60_000;
    // Lambda notes also a sweep that failed; only our own line says that one came to its end.
    let is_terse = ["error", "warn"].contains(&deployment.parameter("LogLevel"));
    let word = if is_terse { "" } else { DONE };
    if !aws.signed.has_logged(&log.physical, word, since).await? {
        let schedule = deployment.named("AWS::Scheduler::Schedule", "EveryMinute");
        let schedule = schedule.map_or("", |schedule| schedule.physical.as_str());
        looked.wrong(
            "sweep",
            format!(
                "did not come to its end for {SILENT_MINUTES} minutes: lost events stay lost, and timeouts go unnoticed"
            ),
            format!(
                "See whether the schedule is on: aws scheduler get-schedule --name {schedule}\n\
                 and what lies in SweepDead. If it was switched off: {}",
                deployment.deploy_again()
            ),
        );
    }
    Ok(looked)
}
