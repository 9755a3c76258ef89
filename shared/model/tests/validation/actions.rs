//! `InvalidActionDeclarationException` (contract §1.4, §1.5, §1.7).

use model::violation::ErrorClass::Action;
use serde_json::{Value, json};

use crate::{Edit, accepted, check_refused, check_warned, edited, refused, type_id};

const BUILD: &str = "pipeline.stages[1].actions[0]";
const DEPLOY: &str = "pipeline.stages[2].actions[1]";

/// Makes the last action of the sample one of another provider.
fn deploy(type_text: &str, configuration: &Value) -> Vec<Edit> {
    vec![
        ("/stages/2/actions/1/actionTypeId", type_id(type_text)),
        ("/stages/2/actions/1/configuration", configuration.clone()),
    ]
}

#[test]
fn action_names_are_unique_in_their_stage() {
    check_refused(
        &[("/stages/2/actions/1/name", json!("Ask"))],
        Action,
        &[&format!("{DEPLOY}.name")],
    );
    accepted(&[("/stages/2/actions/1/name", json!("Compile"))]);
}

#[test]
fn unknown_types_are_refused_with_what_was_meant() {
    for (wrong, fix) in [
        ("Deploy/ThirdParty/CodeDeploy", "did you mean Deploy/AWS/CodeDeploy/1?"),
        ("Build/AWS/CodeDeploy", "did you mean Deploy/AWS/CodeDeploy/1?"),
        ("Deploy/AWS/CodeDeploy/2", "did you mean Deploy/AWS/CodeDeploy/1?"),
        (
            "Deploy/AWS/Kubernetes",
            "use a provider of CodePipeline, or the owner Custom for your own",
        ),
    ] {
        let edits = deploy(wrong, &json!({"Anything": "goes"}));
        check_refused(&edits, Action, &[&format!("{DEPLOY}.actionTypeId")]);
        assert_eq!(refused(&edits).violations[0].fix, fix);
    }
    accepted(&deploy("Deploy/Custom/Kubernetes/7", &json!({"Anything": "goes"})));
}

#[test]
fn some_providers_need_v2() {
    let v1 = [
        ("/pipelineType", json!("V1")),
        ("/variables", Value::Null),
        ("/stages/1/actions/1/commands", json!(["true"])),
    ];
    check_refused(&v1, Action, &["pipeline.stages[1].actions[1].actionTypeId.provider"]);
}

#[test]
fn artifacts_are_counted_for_each_provider() {
    // Contract §1.5, at the bounds and one past them.
    let cluster = json!({"ClusterName": "c", "ServiceName": "s"});
    let machine = json!({"StateMachineArn": "arn"});
    let stack = json!({"ActionMode": "DELETE_ONLY", "StackName": "s", "RoleArn": "r"});
    let set = json!({"StackSetName": "s", "TemplatePath": "t"});
    let function = json!({"FunctionName": "f"});
    for (type_text, configuration, inputs, outputs) in [
        ("Deploy/AWS/ECS", &cluster, 1..=1, 0..=0),
        ("Invoke/AWS/StepFunctions", &machine, 0..=1, 0..=1),
        ("Invoke/AWS/Lambda", &function, 0..=5, 0..=5),
        ("Deploy/AWS/Lambda", &function, 1..=1, 0..=0),
        ("Deploy/AWS/CloudFormation", &stack, 0..=10, 0..=1),
        ("Deploy/AWS/CloudFormationStackSet", &set, 1..=3, 0..=0),
        ("Deploy/Custom/Anything", &json!({}), 0..=5, 0..=5),
        ("Approval/AWS/Manual", &json!({}), 0..=0, 0..=0),
    ] {
        for inputs_given in 0..=*inputs.end() + 1 {
            for outputs_given in 0..=*outputs.end() + 1 {
                let made: Vec<_> =
                    (0..outputs_given).map(|n| json!({"name": format!("out{n}")})).collect();
                let mut edits = deploy(type_text, configuration);
                let read = vec![json!({"name": "Package"}); inputs_given];
                edits.push(("/stages/2/actions/1/inputArtifacts", json!(read)));
                edits.push(("/stages/2/actions/1/outputArtifacts", json!(made)));
                let mut wrong = Vec::new();
                if !inputs.contains(&inputs_given) {
                    wrong.push(format!("{DEPLOY}.inputArtifacts"));
                }
                if !outputs.contains(&outputs_given) {
                    wrong.push(format!("{DEPLOY}.outputArtifacts"));
                }
                if wrong.is_empty() {
                    accepted(&edits);
                } else {
                    let wrong: Vec<&str> = wrong.iter().map(String::as_str).collect();
                    check_refused(&edits, Action, &wrong);
                }
            }
        }
    }
}

#[test]
fn settings_have_a_say_in_how_many_inputs_there_are() {
    let published = json!({"FunctionName": "f", "PublishedTargetVersion": "3"});
    let mut edits = deploy("Deploy/AWS/Lambda", &published);
    edits.push(("/stages/2/actions/1/inputArtifacts", Value::Null));
    accepted(&edits);

    let scan = |mode: &str| {
        let mut edits = deploy("Invoke/AWS/InspectorScan", &json!({"InspectorRunMode": mode}));
        edits.push(("/stages/2/actions/1/inputArtifacts", Value::Null));
        edits.push(("/stages/2/actions/1/outputArtifacts", json!([{"name": "Scan"}])));
        edits
    };
    accepted(&scan("ECRImageScan"));
    check_refused(&scan("SourceCodeScan"), Action, &[&format!("{DEPLOY}.inputArtifacts")]);
}

#[test]
fn settings_are_those_that_the_provider_knows() {
    let settings = "/stages/2/actions/1/configuration";
    check_refused(
        &[(settings, json!({"Applicationname": "web", "DeploymentGroupName": "hosts"}))],
        Action,
        &[
            &format!("{DEPLOY}.configuration.ApplicationName"),
            &format!("{DEPLOY}.configuration.Applicationname"),
        ],
    );
    // Contract, open point 33: what is known from the guide only is not refused for its unknowns.
    let config = json!({
        "Application": "a", "Environment": "b", "ConfigurationProfile": "c",
        "InputArtifactConfigurationPath": "d", "Novelty": "e",
    });
    check_warned(
        &deploy("Deploy/AWS/AppConfig", &config),
        &[&format!("{DEPLOY}.configuration.Novelty")],
    );
    let setting = |key: &str| format!("{DEPLOY}.configuration.{key}");
    check_warned(
        &deploy("Deploy/AWS/OpsWorks", &json!({"StackId": "a", "App": "b"})),
        &[&setting("Stack"), &setting("StackId")],
    );
    check_refused(
        &deploy("Deploy/AWS/OpsWorks", &json!({"App": "b"})),
        Action,
        &[&setting("Stack")],
    );
}

#[test]
fn some_settings_make_others_necessary() {
    for (type_text, configuration, missing) in [
        ("Deploy/AWS/S3", json!({"BucketName": "b", "Extract": "false"}), "ObjectKey"),
        ("Deploy/AWS/S3", json!({"BucketName": "b", "Extract": "yes"}), "Extract"),
        (
            "Deploy/AWS/CloudFormation",
            json!({"ActionMode": "CHANGE_SET_EXECUTE", "StackName": "s"}),
            "ChangeSetName",
        ),
        (
            "Deploy/AWS/CloudFormation",
            json!({"ActionMode": "CREATE_UPDATE", "StackName": "s", "RoleArn": "r"}),
            "TemplatePath",
        ),
        (
            "Deploy/AWS/CloudFormation",
            json!({"ActionMode": "CREATE", "StackName": "s"}),
            "ActionMode",
        ),
        ("Deploy/AWS/EC2", json!({"InstanceTagKey": "k", "InstanceType": "EC2"}), "PostScript"),
        ("Deploy/AWS/ServiceCatalog", json!({"ProductId": "p"}), "TemplateFilePath"),
    ] {
        let path = format!("{DEPLOY}.configuration.{missing}");
        check_refused(&deploy(type_text, &configuration), Action, &[&path]);
    }
    for (type_text, configuration) in [
        ("Deploy/AWS/S3", json!({"BucketName": "b", "Extract": "true"})),
        ("Deploy/AWS/S3", json!({"BucketName": "b", "Extract": "false", "ObjectKey": "k"})),
        ("Deploy/AWS/S3", json!({"BucketName": "b", "Extract": "#{BuildVariables.Extract}"})),
        (
            "Deploy/AWS/EC2",
            json!({"InstanceTagKey": "k", "InstanceType": "EC2", "DeploySpec": "d"}),
        ),
    ] {
        accepted(&deploy(type_text, &configuration));
    }
}

#[test]
fn several_inputs_of_a_build_have_a_primary_one() {
    let primary = format!("{BUILD}.configuration.PrimarySource");
    let second = json!({
        "name": "Docs",
        "actionTypeId": type_id("Source/AWS/CodeCommit"),
        "configuration": {"RepositoryName": "docs", "BranchName": "main"},
        "outputArtifacts": [{"name": "DocsSource"}],
    });
    let mut edits: Vec<Edit> = vec![
        ("/stages/0/actions/-", second),
        ("/stages/1/actions/0/inputArtifacts/-", json!({"name": "DocsSource"})),
    ];
    check_refused(&edits, Action, &[&primary]);
    let settings = "/stages/1/actions/0/configuration/PrimarySource";
    edits.push((settings, json!("Docs")));
    check_refused(&edits, Action, &[&primary]);
    edits.push((settings, json!("DocsSource")));
    accepted(&edits);
}

#[test]
fn artifacts_are_made_once_and_before_they_are_read() {
    let input = format!("{DEPLOY}.inputArtifacts[0].name");
    check_refused(
        &[("/stages/2/actions/1/inputArtifacts/0/name", json!("package"))],
        Action,
        &[&input],
    );
    // In the same group of the same stage, neither waits for the other.
    check_refused(
        &[("/stages/1/actions/1/runOrder", json!(1))],
        Action,
        &[
            "pipeline.stages[1].actions[1].inputArtifacts[0].name",
            "pipeline.stages[1].actions[1].commands[0]",
        ],
    );
    // The order of the list does not count, `runOrder` does.
    let mut stage = serde_json::to_value(&edited(&[]).stages[1].actions).unwrap();
    stage.as_array_mut().unwrap().reverse();
    accepted(&[("/stages/1/actions", stage)]);
    check_refused(
        &[("/stages/1/actions/0/outputArtifacts/-", json!({"name": "AppSource"}))],
        Action,
        &[&format!("{BUILD}.outputArtifacts[1].name")],
    );
    // Several may read the same.
    accepted(&[("/stages/2/actions/1/inputArtifacts/0/name", json!("AppSource"))]);
}

#[test]
fn commands_are_for_commands_actions() {
    let check = "pipeline.stages[1].actions[1]";
    check_refused(
        &[("/stages/1/actions/1/commands", Value::Null)],
        Action,
        &[&format!("{check}.commands")],
    );
    check_refused(
        &[("/stages/1/actions/1/commands", json!(["make\nmake test"]))],
        Action,
        &[&format!("{check}.commands[0]")],
    );
    let build = |member: &str| format!("{BUILD}.{member}");
    check_refused(
        &[
            ("/stages/1/actions/0/commands", json!(["make"])),
            ("/stages/1/actions/0/outputVariables", json!(["Tag"])),
            ("/stages/1/actions/0/outputArtifacts/0/files", json!(["**"])),
            (
                "/stages/1/actions/0/environmentVariables",
                json!([
                    {"name": "A", "value": "b"},
                    {"name": "B", "value": "id", "type": "SECRETS_MANAGER"},
                ]),
            ),
        ],
        Action,
        &[
            &build("commands"),
            &build("outputVariables"),
            &build("outputArtifacts[0].files"),
            &build("environmentVariables[1].type"),
        ],
    );
    accepted(&[
        ("/stages/1/actions/1/outputVariables", json!(["Tag"])),
        ("/stages/1/actions/1/outputArtifacts", json!([{"name": "Out", "files": ["**"]}])),
        (
            "/stages/1/actions/1/environmentVariables",
            json!([{"name": "B", "value": "id", "type": "SECRETS_MANAGER"}]),
        ),
    ]);
}

#[test]
fn only_approvals_have_a_timeout() {
    accepted(&[("/stages/2/actions/0/timeoutInMinutes", json!(60))]);
    check_refused(
        &[("/stages/1/actions/0/timeoutInMinutes", json!(60))],
        Action,
        &[&format!("{BUILD}.timeoutInMinutes")],
    );
}
