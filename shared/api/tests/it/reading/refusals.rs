//! Questions that are refused, and in which order what is wrong with them is said.

use serde_json::{Value, json};

use super::{declared, read, world_with};
use crate::world::{Answer, World};

/// An id that nothing has.
const NOBODY: &str = "00000000-0000-4000-8000-000000000000";

/// What is said of a token that is not one of this question.
const INVALID: &str = "InvalidNextTokenException";

#[tokio::test]
async fn a_token_of_another_question_an_altered_one_and_an_old_one_are_refused() {
    // P3.
    let world = world_with("web", "SUPERSEDED").await;
    world.ok("CreatePipeline", json!({"pipeline": declared("shop", "SUPERSEDED")})).await;
    for _ in 0..3 {
        world.ok("StartPipelineExecution", json!({"name": "web"})).await;
    }
    let asked = json!({"pipelineName": "web", "maxResults": 1});
    let page = read(&world, "ListPipelineExecutions", asked.clone()).await;
    let token = page["nextToken"].as_str().unwrap().to_owned();
    let with = |request: &Value, token: &str| {
        let mut request = request.clone();
        request["nextToken"] = json!(token);
        request
    };
    let code = |answer: Answer| answer.err().map(|(code, _)| code).unwrap_or_default();
    let altered = format!("A{}", &token[1..]);
    let mut elsewhere = asked.clone();
    elsewhere["pipelineName"] = json!("shop");
    let mut filtered = asked.clone();
    filtered["filter"] = json!({"succeededInStage": {"stageName": "Source"}});
    for (operation, request) in [
        ("ListPipelineExecutions", with(&asked, &altered)),
        ("ListPipelineExecutions", with(&asked, "nonsense")),
        ("ListPipelineExecutions", with(&elsewhere, &token)),
        ("ListPipelineExecutions", with(&filtered, &token)),
        ("ListActionExecutions", with(&asked, &token)),
        ("ListRuleExecutions", with(&asked, &token)),
        ("ListPipelines", json!({"nextToken": token})),
    ] {
        let answer = world.ask(operation, request.clone()).await;
        assert_eq!(code(answer), INVALID, "{operation} {request}");
    }
    let other = world.key("other", "Viewer");
    let answer = world.ask_as(&other, "ListPipelineExecutions", with(&asked, &token)).await;
    assert_eq!(code(answer), INVALID, "a token is of whoever asked");
    read(&world, "ListPipelineExecutions", with(&asked, &token)).await;
    world.clock.pass(25 * 60 * 60 * 1_000);
    let answer = world.ask("ListPipelineExecutions", with(&asked, &token)).await;
    assert_eq!(code(answer), INVALID, "a day later");
}

#[tokio::test]
async fn what_is_wrong_with_a_question_is_said_in_the_order_of_the_contract() {
    // P2: shape, pipeline, execution.
    let world = world_with("web", "SUPERSEDED").await;
    let both = json!({
        "pipelineExecutionId": NOBODY,
        "latestInPipelineExecution": {"pipelineExecutionId": NOBODY, "startTimeRange": "All"},
    });
    for operation in ["ListActionExecutions", "ListRuleExecutions"] {
        let asked = |name: &str, filter: &Value| json!({"pipelineName": name, "filter": filter});
        let (code, message) = world.fault(operation, asked("nowhere", &both)).await;
        assert_eq!(code, "ValidationException");
        assert!(message.contains("not both"), "{message}");
        let one = json!({"pipelineExecutionId": NOBODY});
        let (code, _) = world.fault(operation, asked("nowhere", &one)).await;
        assert_eq!(code, "PipelineNotFoundException");
        let (code, _) = world.fault(operation, asked("web", &one)).await;
        assert_eq!(code, "PipelineExecutionNotFoundException");
        read(&world, operation, json!({"pipelineName": "web"})).await;
    }
    for (operation, request) in [
        ("GetPipelineState", json!({"name": "nowhere"})),
        ("ListPipelineExecutions", json!({"pipelineName": "nowhere"})),
        ("GetPipelineExecution", json!({"pipelineName": "nowhere", "pipelineExecutionId": NOBODY})),
    ] {
        assert_eq!(
            world.fault(operation, request).await.0,
            "PipelineNotFoundException",
            "{operation}"
        );
    }
    let asked = json!({"pipelineName": "web", "pipelineExecutionId": NOBODY});
    let (code, _) = world.fault("GetPipelineExecution", asked).await;
    assert_eq!(code, "PipelineExecutionNotFoundException");
    let filter = json!({"succeededInStage": {"stageName": "Nowhere"}});
    let asked = json!({"pipelineName": "web", "filter": filter});
    let (code, message) = world.fault("ListPipelineExecutions", asked).await;
    assert_eq!(code, "ValidationException");
    assert!(message.contains("Nowhere"), "{message}");
}

#[tokio::test]
async fn targets_of_an_action_are_an_empty_list_and_of_no_action_an_error() {
    let world = world_with("web", "SUPERSEDED").await;
    world.ok("CreatePipeline", json!({"pipeline": declared("also", "PARALLEL")})).await;
    let targets = "ListDeployActionExecutionTargets";
    let id = world
        .until(async |world: &World| {
            let listed = read(world, "ListActionExecutions", json!({"pipelineName": "web"})).await;
            let run = &listed["actionExecutionDetails"][0]["actionExecutionId"];
            run.as_str().map(str::to_owned)
        })
        .await;
    for request in
        [json!({"actionExecutionId": id}), json!({"pipelineName": "web", "actionExecutionId": id})]
    {
        let answer = read(&world, targets, request).await;
        assert_eq!(answer, json!({"targets": []}));
    }
    for (request, expected) in [
        (
            json!({"pipelineName": "also", "actionExecutionId": id}),
            "ActionExecutionNotFoundException",
        ),
        (json!({"actionExecutionId": NOBODY}), "ActionExecutionNotFoundException"),
        (json!({"actionExecutionId": "no id at all"}), "ActionExecutionNotFoundException"),
        (json!({"pipelineName": "nowhere", "actionExecutionId": id}), "PipelineNotFoundException"),
    ] {
        assert_eq!(world.fault(targets, request.clone()).await.0, expected, "{request}");
    }
}
