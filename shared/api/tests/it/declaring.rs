//! Creating, replacing and deleting pipelines.

use serde_json::{Value, json};

use crate::world::{World, pipeline};

/// Registers the custom types that the pipelines of these tests use.
pub(crate) async fn with_types(world: &World) {
    for (category, provider, inputs, outputs, properties) in [
        ("Source", "Carrier", 0, 1, json!([])),
        (
            "Build",
            "Maker",
            1,
            0,
            json!([
                {"name": "Project", "required": false, "key": true, "secret": false},
                {"name": "Password", "required": false, "key": false, "secret": true},
            ]),
        ),
    ] {
        let range = |count: i32| json!({"minimumCount": count, "maximumCount": count});
        world
            .ok(
                "CreateCustomActionType",
                json!({
                    "category": category, "provider": provider, "version": "1",
                    "configurationProperties": properties,
                    "inputArtifactDetails": range(inputs), "outputArtifactDetails": range(outputs),
                }),
            )
            .await;
    }
}

pub(crate) async fn created(name: &str) -> World {
    let world = World::new().await;
    with_types(&world).await;
    world.ok("CreatePipeline", json!({"pipeline": pipeline(name)})).await;
    world
}

#[tokio::test]
async fn a_pipeline_is_created_with_its_defaults_filled_in_and_starts_at_once() {
    let world = World::new().await;
    with_types(&world).await;
    let answer = world
        .ok(
            "CreatePipeline",
            json!({
                "pipeline": pipeline("web"), "tags": [{"key": "team", "value": "canal"}],
            }),
        )
        .await;
    assert_eq!(answer["pipeline"]["version"], 1);
    assert_eq!(answer["pipeline"]["pipelineType"], "V1");
    assert_eq!(answer["pipeline"]["executionMode"], "SUPERSEDED");
    assert_eq!(answer["tags"], json!([{"key": "team", "value": "canal"}]));
    let listed = world.ok("ListPipelineExecutions", json!({"pipelineName": "web"})).await;
    let executions = listed["pipelineExecutionSummaries"].as_array().unwrap();
    assert_eq!(executions.len(), 1);
    assert_eq!(executions[0]["trigger"]["triggerType"], "CreatePipeline");
}

#[tokio::test]
async fn of_two_that_create_the_same_pipeline_one_is_told_that_the_name_is_in_use() {
    let world = World::new().await;
    with_types(&world).await;
    let request = json!({"pipeline": pipeline("web")});
    let (one, other) = tokio::join!(
        world.ask("CreatePipeline", request.clone()),
        world.ask("CreatePipeline", request.clone()),
    );
    let refused: Vec<_> = [one, other].into_iter().filter_map(Result::err).collect();
    assert_eq!(refused.len(), 1);
    assert_eq!(refused[0].0, "PipelineNameInUseException");
}

#[tokio::test]
async fn an_update_counts_up_and_one_of_nothing_is_refused() {
    let world = created("web").await;
    let (code, _) = world.fault("UpdatePipeline", json!({"pipeline": pipeline("api")})).await;
    assert_eq!(code, "PipelineNotFoundException");
    let answer = world.ok("UpdatePipeline", json!({"pipeline": pipeline("web")})).await;
    assert_eq!(answer["pipeline"]["version"], 2);
    let one = world.ok("GetPipeline", json!({"name": "web", "version": 1})).await;
    assert_eq!(one["pipeline"]["version"], 1);
}

#[tokio::test]
async fn what_is_wrong_with_a_declaration_is_named_with_its_place_and_its_fix() {
    let world = World::new().await;
    let (code, message) = world.fault("CreatePipeline", json!({"pipeline": pipeline("web")})).await;
    assert_eq!(code, "InvalidActionDeclarationException", "{message}");
    assert!(message.contains("pipeline.stages[0].actions[0]"), "{message}");
    let mut short = pipeline("web");
    short["stages"].as_array_mut().unwrap().truncate(1);
    let (code, _) = world.fault("CreatePipeline", json!({"pipeline": short})).await;
    assert_eq!(code, "InvalidStructureException");
    let (code, message) = world.fault("CreatePipeline", json!({"pipeline": pipeline("a b")})).await;
    assert_eq!(code, "ValidationException");
    assert!(message.contains("at 'pipeline.name' failed to satisfy constraint"), "{message}");
}

#[tokio::test]
async fn a_deleted_pipeline_is_gone_and_its_name_is_free() {
    let world = created("web").await;
    world.ok("DeletePipeline", json!({"name": "web"})).await;
    world.ok("DeletePipeline", json!({"name": "web"})).await;
    let (code, message) = world.fault("GetPipeline", json!({"name": "web"})).await;
    assert_eq!(code, "PipelineNotFoundException");
    assert_eq!(message, "Account '000000000000' does not have a pipeline with name 'web'");
    let listed = world.ok("ListPipelines", json!({})).await;
    assert_eq!(listed["pipelines"], json!([]));
    let answer = world.ok("CreatePipeline", json!({"pipeline": pipeline("web")})).await;
    assert_eq!(answer["pipeline"]["version"], 1);
}

/// Contract §1.4: the mask keeps the secret as long as it stands at the same stage, action and type.
#[tokio::test]
async fn a_masked_secret_is_kept_by_an_update_and_shown_to_nobody() {
    let world = World::new().await;
    with_types(&world).await;
    let mut declared = pipeline("web");
    declared["stages"][2]["actions"][0]["configuration"] =
        json!({"Project": "site", "Password": "canary-1"});
    let answer = world.ok("CreatePipeline", json!({"pipeline": declared})).await;
    assert_eq!(password(&answer), "****");
    let shown = world.ok("GetPipeline", json!({"name": "web"})).await;
    assert_eq!(password(&shown), "****");
    world.ok("UpdatePipeline", json!({"pipeline": shown["pipeline"]})).await;
    let mut renamed = shown["pipeline"].clone();
    renamed["stages"][2]["name"] = json!("Assemble");
    let (code, message) = world.fault("UpdatePipeline", json!({"pipeline": renamed})).await;
    assert_eq!(code, "InvalidActionDeclarationException");
    assert!(message.contains("Password of action 'Make'"), "{message}");
    let store = &world.api.app.store;
    let record = store.definition_record(&"web".into(), 2).await.unwrap().unwrap();
    let log = store::LogKey::Pipeline("web".into());
    let stored = store.record(&log, record).await.unwrap().unwrap();
    assert!(stored.definition.as_ref().unwrap().contains("canary-1"));
}

fn password(answer: &Value) -> &str {
    answer["pipeline"]["stages"][2]["actions"][0]["configuration"]["Password"].as_str().unwrap()
}

#[tokio::test]
async fn who_may_not_pass_a_role_creates_nothing() {
    let world = World::new().await;
    with_types(&world).await;
    let viewer = world.key("vera", "Viewer");
    let answer =
        world.ask_as(&viewer, "CreatePipeline", json!({"pipeline": pipeline("web")})).await;
    let (code, message) = answer.unwrap_err();
    assert_eq!(code, "AccessDeniedException");
    assert!(message.contains("codepipeline:CreatePipeline"), "{message}");
    assert!(message.contains("arn:aws:codepipeline:us-east-1:000000000000:web"), "{message}");
    assert_eq!(world.ok("ListPipelines", json!({})).await["pipelines"], json!([]));
}

/// Whoever edits pipelines could borrow every role that one of them may have, so that takes a
/// permission of its own, for each role.
#[tokio::test]
async fn an_editor_passes_no_role_that_no_policy_gives_them() {
    let world = World::new().await;
    with_types(&world).await;
    let editor = world.key("eve", "Editor");
    let mut declared = pipeline("web");
    declared["stages"][2]["actions"][0]["roleArn"] = json!("arn:aws:iam::000000000000:role/root");
    let answer = world.ask_as(&editor, "CreatePipeline", json!({"pipeline": declared})).await;
    let (code, message) = answer.unwrap_err();
    assert_eq!(code, "AccessDeniedException");
    assert!(message.contains("PassRole") && message.contains("role/"), "{message}");
    assert_eq!(world.ok("ListPipelines", json!({})).await["pipelines"], json!([]));
}
