//! `towpath pause`: nobody enters a stage any more.

use aws_sdk_codepipeline::types::StageTransitionType;
use serde_json::json;

use crate::arguments::client::Pause;
use crate::client::{Answer, Client, printing};
use crate::ending::Ending;

/// Disables the way into a stage.
pub(crate) fn pause(options: &Pause) -> Ending {
    crate::client::ask(&options.connection, async |client| go(&client, options).await)
}

async fn go(client: &Client, options: &Pause) -> Answer {
    let (name, stage) = (&options.name, &options.stage);
    let request = client.api.disable_stage_transition().pipeline_name(name).stage_name(stage);
    let request = request.transition_type(StageTransitionType::Inbound).reason(&options.reason);
    client.heard(request.send().await)?;
    if options.json {
        printing::json(&json!({
            "pipelineName": name, "stageName": stage, "transitionType": "Inbound",
            "reason": options.reason,
        }));
    } else {
        printing::say(&format!(
            "nobody enters {stage} of {name}; who is inside goes on. `towpath resume {name} {stage}` ends it"
        ));
    }
    Ok(Ending::Succeeded)
}
