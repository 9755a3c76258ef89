//! Random pipelines, as declarations.

use std::sync::Arc;

use model::pipeline::Pipeline;
use serde_json::{Value, json};

use crate::chance::Chance;

/// A declaration, as people write it and as the engine takes it.
#[derive(Clone, Debug)]
pub struct Declared {
    /// The JSON.
    pub json: String,
    /// What it means.
    pub pipeline: Arc<Pipeline>,
}

/// The pipeline that the demonstration runs: Source, Build beside Test, Approve, Deploy.
pub fn demonstration() -> Declared {
    let build = vec![
        action("Compile", "Build", "CodeBuild", 1, "m0", &["Code"], Some("Site")),
        action("Test", "Test", "CodeBuild", 1, "m0", &["Code"], None),
    ];
    let stages = vec![
        source("m0"),
        json!({ "name": "Build", "actions": build }),
        json!({ "name": "Approve", "actions": [approval("Release", 1, 60)] }),
        json!({ "name": "Deploy", "actions": [
            action("Host", "Deploy", "CodeDeploy", 1, "m0", &["Site"], None)
        ] }),
    ];
    declared("web", "SUPERSEDED", &stages)
}

/// Draws a pipeline. `marker` stands in every action, so that a job tells which declaration it is from.
pub fn draw(name: &str, marker: &str, chance: &mut Chance) -> Declared {
    let mode = ["SUPERSEDED", "SUPERSEDED", "QUEUED", "PARALLEL"][chance.place(4)];
    let mut stages = vec![source(marker)];
    let stages_max = 1 + chance.place(3);
    let mut made = false;
    for index in 0..stages_max {
        let stage_name = ["Build", "Beta", "Prod"][index];
        let mut actions = Vec::new();
        let count = 1 + chance.place(3);
        for place in 0..count {
            let order = if place > 0 && chance.happens(0.5) { 2 } else { 1 };
            let action_name = ["A", "B", "C"][place];
            if index > 0 && chance.happens(0.4) {
                let minutes = u32::try_from(chance.between(5, 90)).unwrap_or(5);
                actions.push(approval(action_name, order, minutes));
            } else if index == 0 && place == 0 {
                made = true;
                actions.push(action(
                    action_name,
                    "Build",
                    "CodeBuild",
                    1,
                    marker,
                    &["Code"],
                    Some("Site"),
                ));
            } else if made && index > 0 {
                let (category, provider) = ("Deploy", "CodeDeploy");
                actions.push(action(
                    action_name,
                    category,
                    provider,
                    order,
                    marker,
                    &["Site"],
                    None,
                ));
            } else {
                actions.push(action(
                    action_name,
                    "Test",
                    "CodeBuild",
                    order,
                    marker,
                    &["Code"],
                    None,
                ));
            }
        }
        stages.push(json!({ "name": stage_name, "actions": actions }));
    }
    declared(name, mode, &stages)
}

fn declared(name: &str, mode: &str, stages: &[Value]) -> Declared {
    let json = json!({
        "name": name,
        "roleArn": "arn:aws:iam::123456789012:role/pipeline",
        "pipelineType": "V2",
        "executionMode": mode,
        "artifactStore": { "type": "S3", "location": "artifacts" },
        "stages": stages,
    })
    .to_string();
    let pipeline = Pipeline::from_declaration_json(&json).expect("drawn declarations are valid");
    Declared { json, pipeline: Arc::new(pipeline) }
}

fn source(marker: &str) -> Value {
    json!({ "name": "Source", "actions": [{
        "name": "Commit",
        "actionTypeId": { "category": "Source", "owner": "AWS", "provider": "CodeCommit", "version": "1" },
        "configuration": { "RepositoryName": "web", "BranchName": marker },
        "outputArtifacts": [{ "name": "Code" }],
        "namespace": "Source",
        "runOrder": 1,
    }] })
}

fn action(
    name: &str,
    category: &str,
    provider: &str,
    order: u32,
    marker: &str,
    inputs: &[&str],
    output: Option<&str>,
) -> Value {
    let inputs: Vec<Value> = inputs.iter().map(|input| json!({ "name": input })).collect();
    let outputs: Vec<Value> = output.iter().map(|output| json!({ "name": output })).collect();
    let configuration = match provider {
        "CodeDeploy" => {
            json!({ "ApplicationName": "#{Made.VALUE}", "DeploymentGroupName": marker })
        }
        _ => json!({
            "ProjectName": marker,
            "EnvironmentVariables":
                "[{\"name\":\"COMMIT\",\"value\":\"#{Source.VALUE}\",\"type\":\"PLAINTEXT\"}]",
        }),
    };
    let mut action = json!({
        "name": name,
        "actionTypeId": { "category": category, "owner": "AWS", "provider": provider, "version": "1" },
        "configuration": configuration,
        "inputArtifacts": inputs,
        "outputArtifacts": outputs,
        "runOrder": order,
    });
    if output.is_some() {
        action["namespace"] = json!("Made");
    }
    action
}

fn approval(name: &str, order: u32, minutes: u32) -> Value {
    json!({
        "name": name,
        "actionTypeId": { "category": "Approval", "owner": "AWS", "provider": "Manual", "version": "1" },
        "timeoutInMinutes": minutes,
        "runOrder": order,
    })
}
