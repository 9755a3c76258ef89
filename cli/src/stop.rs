//! `towpath stop`: ends an execution by request.

use aws_sdk_codepipeline::types::StageTransitionType;

use crate::arguments::client::Stop;
use crate::client::situation::{Situation, Stage};
use crate::client::words::{means, short};
use crate::client::{Answer, Client, printing, situation, spelling};
use crate::ending::Ending;
use crate::view::board::lane::Mark;

/// Why a stage is paused where nobody says another reason.
const HELD: &str = "held by `towpath stop --hold`";

/// Stops the execution that is meant.
pub(crate) fn stop(options: &Stop) -> Ending {
    crate::client::ask(&options.connection, async |client| go(&client, options).await)
}

async fn go(client: &Client, options: &Stop) -> Answer {
    let name = &options.name;
    let (situation, _) = situation::look(client, name).await?;
    let id = meant(&situation, options.execution.as_deref())?;
    let held = match place(&situation, &id).filter(|_| options.hold) {
        Some(stage) => hold(client, options, stage).await?,
        None => None,
    };
    let request = client.api.stop_pipeline_execution().pipeline_name(name);
    let request = request.pipeline_execution_id(&id).abandon(options.abandon);
    let answer = client.heard(request.set_reason(options.reason.clone()).send().await);
    let answer = match answer {
        Ok(answer) => answer,
        Err(ending) => {
            // What was paused for a stop that does not happen must not stay so.
            if let Some(stage) = &held {
                release(client, name, stage).await?;
            }
            return Err(ending);
        }
    };
    if options.json {
        printing::json(&spelling::json(&answer));
        return Ok(Ending::Succeeded);
    }
    let how = if options.abandon {
        "gives up what runs and stops"
    } else {
        "stops when what runs has ended"
    };
    printing::say(&format!("{name} {} {how}", short(&id)));
    if let Some(stage) = held {
        printing::say(&format!(
            "{stage} is paused; `towpath resume {name} {stage}` lets others in"
        ));
    }
    Ok(Ending::Succeeded)
}

/// Pauses a stage unless it is paused already.
async fn hold(client: &Client, options: &Stop, stage: &Stage) -> Result<Option<String>, Ending> {
    if stage.closed.is_some() {
        return Ok(None);
    }
    let request = client.api.disable_stage_transition().pipeline_name(&options.name);
    let request = request.stage_name(&stage.name).transition_type(StageTransitionType::Inbound);
    let reason = options.reason.as_deref().unwrap_or(HELD);
    client.heard(request.reason(reason).send().await)?;
    Ok(Some(stage.name.clone()))
}

async fn release(client: &Client, name: &str, stage: &str) -> Result<(), Ending> {
    let request = client.api.enable_stage_transition().pipeline_name(name).stage_name(stage);
    let request = request.transition_type(StageTransitionType::Inbound);
    client.heard(request.send().await)?;
    Ok(())
}

/// Returns the stage that an execution is in or waits for.
fn place<'a>(situation: &'a Situation, id: &str) -> Option<&'a Stage> {
    let mut stages = situation.lanes.iter().flat_map(|lane| &lane.stages);
    stages.find(|stage| {
        let is_inside = stage.holder().is_some_and(|holder| holder.execution == id);
        is_inside || stage.waiting.iter().any(|waiting| waiting.execution == id)
    })
}

/// Returns the execution that is meant; without a name it has to be the only one under way.
fn meant(situation: &Situation, typed: Option<&str>) -> Result<String, Ending> {
    let name = &situation.pipeline;
    let running = situation.executions.iter().filter(|execution| match typed {
        Some(typed) => means(typed, &execution.id),
        None => execution.mark == Mark::Running,
    });
    let running: Vec<_> = running.map(|execution| execution.id.as_str()).collect();
    match (running.as_slice(), typed) {
        ([one], _) => Ok((*one).to_owned()),
        ([], None) => Err(Ending::BadInput(format!("nothing of {name} is under way"))),
        ([], Some(typed)) => Err(Ending::BadInput(format!(
            "{name} has no execution whose id begins or ends with {typed}\n  `towpath history {name}` \
             lists its executions"
        ))),
        (several, _) => {
            let mut lines = vec![format!("several executions of {name} are meant; name one:")];
            for id in several {
                let execution = situation.execution(id);
                let carries = execution.map(crate::client::board::carries).unwrap_or_default();
                lines.push(format!("  --execution {}  {carries}", short(id)));
            }
            Err(Ending::BadInput(lines.join("\n")))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::client::examples::{closed, id, meeting};

    #[test]
    fn the_only_execution_under_way_is_meant_and_of_several_one_is_named() {
        assert_eq!(meant(&closed(), None).unwrap(), id(1));
        assert_eq!(meant(&meeting(), Some("00000002")).unwrap(), id(2));
        let Err(Ending::BadInput(text)) = meant(&meeting(), None) else { panic!() };
        assert!(text.contains("--execution 00000003  0000003 Change number 3"), "{text}");
        assert!(meant(&meeting(), Some("ffff")).is_err());
    }

    #[test]
    fn the_stage_that_is_held_is_the_one_it_is_in_or_waits_for() {
        assert_eq!(place(&meeting(), &id(1)).unwrap().name, "Approve");
        assert_eq!(place(&meeting(), &id(2)).unwrap().name, "Approve");
        assert_eq!(place(&meeting(), &id(3)).unwrap().name, "Build");
        assert!(place(&closed(), &id(2)).is_none(), "one that has failed is nowhere");
    }
}
