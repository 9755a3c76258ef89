//! The pipeline that is measured: three stages, four actions, two of them in parallel.

use model::status::ExecutionMode;
use serde_json::{Value, json};

/// The action of the first stage.
pub const FIRST: &str = "Checkout";
/// The actions of the second stage, which run at the same time.
pub const BETWEEN: [&str; 2] = ["Compile", "UnitTest"];
/// The action of the last stage.
pub const LAST: &str = "Deploy";
/// How many actions an execution has.
pub const ACTIONS: usize = 4;

/// Returns the declaration, as JSON.
pub fn declaration(name: &str, mode: ExecutionMode) -> String {
    let stage = |name: &str, actions: Vec<Value>| json!({ "name": name, "actions": actions });
    let project = json!({ "ProjectName": "web" });
    let build = |name: &str| action(name, "Build", "CodeBuild", &project, (&["Code"], &[name]));
    let checkout = json!({ "RepositoryName": "web", "BranchName": "main" });
    let deploy = json!({ "ApplicationName": "web", "DeploymentGroupName": "blue" });
    let declaration = json!({
        "name": name,
        "roleArn": "arn:aws:iam::000000000000:role/pipeline",
        "pipelineType": "V2",
        "executionMode": mode.as_str(),
        "artifactStore": { "type": "S3", "location": "artifacts" },
        "stages": [
            stage("Source", vec![action(FIRST, "Source", "CodeCommit", &checkout, (&[], &["Code"]))]),
            stage("Build", BETWEEN.into_iter().map(build).collect()),
            stage("Deploy", vec![
                action(LAST, "Deploy", "CodeDeploy", &deploy, (&[BETWEEN[0]], &[])),
            ]),
        ],
    });
    declaration.to_string()
}

fn action(
    name: &str,
    category: &str,
    provider: &str,
    configuration: &Value,
    (inputs, outputs): (&[&str], &[&str]),
) -> Value {
    let artifacts =
        |names: &[&str]| -> Vec<_> { names.iter().map(|name| json!({ "name": name })).collect() };
    json!({
        "name": name,
        "actionTypeId": { "category": category, "owner": "AWS", "provider": provider, "version": "1" },
        "runOrder": 1,
        "configuration": configuration,
        "inputArtifacts": artifacts(inputs),
        "outputArtifacts": artifacts(outputs),
    })
}
