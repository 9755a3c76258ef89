//! `towpath retry`: the failed actions of a stage, or all of them, once more.

use aws_sdk_codepipeline::types::StageRetryMode;

use crate::arguments::client::Retry;
use crate::client::situation::{Inside, Situation, Stage};
use crate::client::words::{means, short};
use crate::client::{Answer, Client, choose, printing, situation, spelling};
use crate::ending::Ending;
use crate::view::board::lane::Mark;

/// Retries the stage that is meant.
pub(crate) fn retry(options: &Retry) -> Ending {
    crate::client::ask(&options.connection, async |client| go(&client, options).await)
}

async fn go(client: &Client, options: &Retry) -> Answer {
    let name = &options.name;
    let (situation, _) = situation::look(client, name).await?;
    let (stage, execution) = meant(&situation, options)?;
    let mode = if options.all { StageRetryMode::AllActions } else { StageRetryMode::FailedActions };
    let request = client.api.retry_stage_execution().pipeline_name(name).stage_name(&stage);
    let request = request.pipeline_execution_id(&execution).retry_mode(mode);
    let answer = client.heard(request.send().await)?;
    if options.json {
        printing::json(&spelling::json(&answer));
        return Ok(Ending::Succeeded);
    }
    let what = if options.all { "all actions" } else { "the failed actions" };
    let id = short(&execution);
    printing::say(&format!("{name} {id}  stage resumed    {stage}: {what} again"));
    printing::say(&format!("`towpath watch {name} --execution {id}` follows it"));
    Ok(Ending::Succeeded)
}

/// Returns the stage and the execution that are meant: what failed, unless somebody named it.
fn meant(situation: &Situation, options: &Retry) -> Result<(String, String), Ending> {
    let name = &situation.pipeline;
    if let Some(stage) = &options.stage {
        choose::stage(situation, stage)?;
    }
    let stages = situation.lanes.iter().flat_map(|lane| &lane.stages);
    let candidates = stages.filter_map(|stage| Some((stage, stage.inside.as_ref()?)));
    let found: Vec<(&Stage, &Inside)> = candidates
        .filter(|(stage, inside)| {
            let is_stage = options.stage.as_ref().is_none_or(|wanted| *wanted == stage.name);
            let of = options.execution.as_ref();
            let is_execution = of.is_none_or(|typed| means(typed, &inside.execution));
            // What somebody names is asked for as it is; the server knows whether it can be retried.
            let is_named = options.stage.is_some() && !situation.is_parallel();
            let is_over = matches!(inside.mark, Mark::Failed | Mark::Stopped);
            is_stage && is_execution && (is_named || is_over)
        })
        .collect();
    match found.as_slice() {
        [(stage, inside)] => Ok((stage.name.clone(), inside.execution.clone())),
        [] => Err(Ending::BadInput(format!(
            "no stage of {name} has failed\n  `towpath show {name}` shows its stages"
        ))),
        several => {
            let mut lines = vec![format!("several stages of {name} have failed; name one:")];
            for (stage, inside) in several {
                let id = short(&inside.execution);
                lines.push(format!("  towpath retry {name} {} --execution {id}", stage.name));
            }
            Err(Ending::BadInput(lines.join("\n")))
        }
    }
}
