//! `towpath delete`: a pipeline goes, with its history.

use aws_sdk_codepipeline::types::PipelineExecutionStatus;
use serde_json::json;

use crate::arguments::client::Delete;
use crate::client::words::{list, short};
use crate::client::{Answer, Client, asking, printing};
use crate::ending::Ending;

/// How many executions are looked at for those under way.
const EXECUTIONS_MAX: usize = 100;

/// Asks, and deletes the pipeline.
pub(crate) fn delete(options: &Delete) -> Ending {
    crate::client::ask(&options.connection, async |client| go(&client, options).await)
}

async fn go(client: &Client, options: &Delete) -> Answer {
    let name = &options.name;
    // The API answers the same whether there was a pipeline or not (R90); a person wants to know.
    let executions = client.executions(name, EXECUTIONS_MAX).await?;
    let running = executions.iter().filter(|execution| {
        let status = execution.status().map(PipelineExecutionStatus::as_str);
        matches!(status, Some("InProgress" | "Stopping"))
    });
    let running: Vec<_> =
        running.map(|of| short(of.pipeline_execution_id().unwrap_or_default())).collect();
    let under_way = match running.as_slice() {
        [] => String::new(),
        running => format!("{} under way and given up: {}. ", running.len(), list(running)),
    };
    if !options.yes && !asking::confirm(&format!("{under_way}delete {name} and its history?"))? {
        printing::say("nothing was deleted");
        return Ok(Ending::Stopped);
    }
    client.heard(client.api.delete_pipeline().name(name).send().await)?;
    if options.json {
        printing::json(&json!({ "name": name }));
    } else {
        printing::say(&format!("{under_way}{name} is deleted"));
    }
    Ok(Ending::Succeeded)
}
