//! The pipelines that are asked about.

use anyhow::{Context, Result};
use serde_json::{Value, json};

use crate::api::connection::Connection;
use crate::api::request::Asker;

/// The pipeline whose executions become many.
pub const MANY: &str = "many";

/// How many approvals one pipeline has open at once: as many as a stage may have actions.
pub const APPROVALS: usize = 50;

/// Registers the type whose source nobody brings: an execution stays in its first stage, and each newer
/// one takes the place of the one that waits.
pub fn register(connection: &mut Connection, asker: &Asker) -> Result<()> {
    let none = json!({"minimumCount": 0, "maximumCount": 0});
    let request = json!({
        "category": "Source", "provider": "Bench", "version": "1",
        "inputArtifactDetails": none, "outputArtifactDetails": none,
    });
    connection.ask(&asker.request("CreateCustomActionType", &request)?)?;
    Ok(())
}

/// Creates a pipeline with this many approvals behind its source.
pub fn create(
    connection: &mut Connection,
    asker: &Asker,
    name: &str,
    approvals: usize,
) -> Result<()> {
    let request = json!({"pipeline": declaration(name, approvals)});
    connection.ask(&asker.request("CreatePipeline", &request)?)?;
    Ok(())
}

/// Returns the declaration of such a pipeline.
pub fn declaration(name: &str, approvals: usize) -> Value {
    let approval = |number: usize| {
        json!({
            "name": format!("Yes{number}"),
            "actionTypeId": {"category": "Approval", "owner": "AWS", "provider": "Manual", "version": "1"},
        })
    };
    json!({
        "name": name,
        "roleArn": "arn:aws:iam::000000000000:role/pipeline",
        "artifactStore": {"type": "S3", "location": "artifacts"},
        "stages": [
            {"name": "Source", "actions": [{
                "name": "Bring",
                "actionTypeId": {"category": "Source", "owner": "Custom", "provider": "Bench", "version": "1"},
            }]},
            {"name": "Approve", "actions": (0..approvals).map(approval).collect::<Vec<_>>()},
        ],
    })
}

/// Brings the sources of every execution that waits for one, but of no pipeline named [`MANY`].
pub fn bring(connection: &mut Connection, asker: &Asker, count: usize) -> Result<()> {
    let poll = json!({
        "actionTypeId": {"category": "Source", "owner": "Custom", "provider": "Bench", "version": "1"},
        "maxBatchSize": 10,
    });
    let mut brought = 0;
    while brought < count {
        let answer = connection.ask(&asker.request("PollForJobs", &poll)?)?;
        for job in answer["jobs"].as_array().context("no jobs in the answer")? {
            if job["data"]["pipelineContext"]["pipelineName"] == MANY {
                continue;
            }
            let known = json!({"jobId": job["id"], "nonce": job["nonce"]});
            connection.ask(&asker.request("AcknowledgeJob", &known)?)?;
            let done = json!({"jobId": job["id"]});
            connection.ask(&asker.request("PutJobSuccessResult", &done)?)?;
            brought += 1;
        }
    }
    Ok(())
}

/// Returns an answer, signed, for each approval that is open in a pipeline.
pub fn answers(connection: &mut Connection, asker: &Asker, name: &str) -> Result<Vec<Vec<u8>>> {
    let state = connection.ask(&asker.request("GetPipelineState", &json!({"name": name}))?)?;
    let actions = state["stageStates"][1]["actionStates"].as_array().context("no actions")?;
    let mut requests = Vec::new();
    for action in actions {
        let token =
            action["latestExecution"]["token"].as_str().context("an approval is not open")?;
        let request = json!({
            "pipelineName": name, "stageName": "Approve", "actionName": action["actionName"],
            "result": {"summary": "", "status": "Approved"}, "token": token,
        });
        requests.push(asker.request("PutApprovalResult", &request)?);
    }
    Ok(requests)
}
