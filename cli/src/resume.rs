//! `towpath resume`: executions enter a stage again.

use aws_sdk_codepipeline::types::StageTransitionType;
use serde_json::json;

use crate::arguments::client::Resume;
use crate::client::{Answer, Client, printing};
use crate::ending::Ending;

/// Enables the way into a stage.
pub(crate) fn resume(options: &Resume) -> Ending {
    crate::client::ask(&options.connection, async |client| go(&client, options).await)
}

async fn go(client: &Client, options: &Resume) -> Answer {
    let (name, stage) = (&options.name, &options.stage);
    let request = client.api.enable_stage_transition().pipeline_name(name).stage_name(stage);
    let request = request.transition_type(StageTransitionType::Inbound);
    client.heard(request.send().await)?;
    if options.json {
        printing::json(&json!({
            "pipelineName": name, "stageName": stage, "transitionType": "Inbound",
        }));
    } else {
        printing::say(&format!("{stage} of {name} may be entered; whoever waits goes on"));
    }
    Ok(Ending::Succeeded)
}
