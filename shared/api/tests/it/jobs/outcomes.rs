//! How a job travels, and how it ends.

use serde_json::json;

use super::{acknowledge, acknowledged, action, build, building, feed, poll, row, taken};
use crate::world::World;

#[tokio::test]
async fn a_job_brings_its_worker_everything_and_the_action_what_the_worker_says() {
    // J4, J5, J8, J13.
    let more = [("namespace", json!("Built")), ("outputArtifacts", json!([{"name": "package"}]))];
    let next = [
        ("configuration", json!({"Project": "web", "Note": "made #{Built.Version}"})),
        ("inputArtifacts", json!([{"name": "package"}])),
    ];
    let world = building(&[vec![build("Make", &more)], vec![build("Use", &next)]]).await;
    let source = action(&world, "Source", "Feed").await;
    assert_eq!(source["latestExecution"]["status"], "Succeeded");

    let job = taken(&world).await;
    let data = &job["data"];
    assert_eq!(job["accountId"], "000000000000");
    assert_eq!(data["actionTypeId"], super::type_id("Build", "Jenkins"));
    assert_eq!(data["actionConfiguration"]["configuration"]["Password"], super::CANARY);
    assert_eq!(data["encryptionKey"], json!({"id": "alias/ours", "type": "KMS"}));
    assert!(data.get("continuationToken").is_none());
    let context = &data["pipelineContext"];
    assert_eq!(context["pipelineName"], "web");
    assert_eq!(context["pipelineArn"], "arn:aws:codepipeline:us-east-1:000000000000:web");
    assert_eq!(
        (&context["stage"]["name"], &context["action"]["name"]),
        (&json!("Stage0"), &json!("Make"))
    );
    let keys = data["artifactCredentials"]["accessKeyId"].as_str().unwrap();
    assert_eq!(acknowledge(&world, &job).await["status"], "InProgress");

    // J6: new keys at each look.
    let details = world.ok("GetJobDetails", json!({"jobId": job["id"]})).await;
    let again = &details["jobDetails"]["data"];
    assert_ne!(again["artifactCredentials"]["accessKeyId"].as_str().unwrap(), keys);
    assert_eq!(again["actionConfiguration"], data["actionConfiguration"]);
    assert!(details["jobDetails"].get("nonce").is_none());

    let place = &data["outputArtifacts"][0]["location"]["s3Location"];
    let (bucket, key) =
        (place["bucketName"].as_str().unwrap(), place["objectKey"].as_str().unwrap());
    world.upload(bucket, key, b"bytes");
    let success = json!({
        "jobId": job["id"], "outputVariables": {"Version": "1.7"},
        "executionDetails": {"summary": "built", "externalExecutionId": "42", "percentComplete": 100},
    });
    world.ok("PutJobSuccessResult", success).await;
    // P10: who reads next sees it.
    let made = action(&world, "Stage0", "Make").await;
    let latest = &made["latestExecution"];
    assert_eq!(made["entityUrl"], "https://ci.example/job/web");
    assert_eq!(latest["status"], "Succeeded");
    assert_eq!(latest["externalExecutionId"], "42");
    assert_eq!(latest["externalExecutionUrl"], "https://ci.example/job/web/42");
    assert_eq!(latest["summary"], "built");

    let next = taken(&world).await;
    let configuration = &next["data"]["actionConfiguration"]["configuration"];
    assert_eq!(configuration["Note"], "made 1.7");
    assert_eq!(next["data"]["inputArtifacts"][0]["location"]["s3Location"]["objectKey"], key);
}

#[tokio::test]
async fn an_artifact_that_is_not_there_fails_the_action_by_name() {
    // J12.
    let more = [("outputArtifacts", json!([{"name": "package"}]))];
    let world = building(&[vec![build("Make", &more)]]).await;
    let job = acknowledged(&world).await;
    world.ok("PutJobSuccessResult", json!({"jobId": job["id"]})).await;
    let latest = action(&world, "Stage0", "Make").await["latestExecution"].clone();
    assert_eq!(latest["status"], "Failed");
    let message = latest["errorDetails"]["message"].as_str().unwrap();
    assert!(message.contains("output artifact package"), "{message}");
}

#[tokio::test]
async fn each_type_of_failure_is_the_code_of_the_action() {
    // J10.
    for kind in model::status::FailureType::ALL {
        let world = building(&[vec![build("Make", &[])]]).await;
        let job = acknowledged(&world).await;
        let failure = json!({
            "type": kind.as_str(), "message": "it broke", "externalExecutionId": "9",
        });
        let report = json!({"jobId": job["id"], "failureDetails": failure});
        world.ok("PutJobFailureResult", report.clone()).await;
        let latest = action(&world, "Stage0", "Make").await["latestExecution"].clone();
        assert_eq!(latest["status"], "Failed");
        assert_eq!(latest["errorDetails"], json!({"code": kind.as_str(), "message": "it broke"}));
        assert_eq!(latest["externalExecutionUrl"], "https://ci.example/job/web/9");
        let (code, _) = world.fault("PutJobFailureResult", report).await;
        assert_eq!(code, "InvalidJobStateException");
        let again = acknowledge(&world, &job).await;
        assert_eq!(again["status"], "Failed");
    }
}

#[tokio::test]
async fn variables_have_a_size_and_come_only_with_the_end() {
    // J8.
    let world = building(&[vec![build("Make", &[])]]).await;
    let job = acknowledged(&world).await;
    let with = |value: String| json!({"jobId": job["id"], "outputVariables": {"k": value}});
    let mut early = with("v".to_owned());
    early["continuationToken"] = json!("t");
    let (code, _) = world.fault("PutJobSuccessResult", early).await;
    assert_eq!(code, "ValidationException");
    let (code, message) = world.fault("PutJobSuccessResult", with("x".repeat(122_880))).await;
    assert_eq!(code, "OutputVariablesSizeExceededException");
    assert!(message.contains("122881"), "{message}");
    world.ok("PutJobSuccessResult", with("x".repeat(122_879))).await;
    let latest = action(&world, "Stage0", "Make").await["latestExecution"].clone();
    assert_eq!(latest["status"], "Succeeded");
}

#[tokio::test]
async fn an_outcome_that_was_written_and_not_told_is_told_by_the_sweep() {
    let world = building(&[vec![build("Make", &[])]]).await;
    let job = acknowledged(&world).await;
    // The controller dies between the row and the log.
    let app = &world.api.app;
    let mut row = row(&world, &job).await;
    let success = model::outcome::Success::default();
    row.state = store::JobState::Done(model::outcome::Outcome::Succeeded(success));
    assert!(app.store.swap_worker_job(&row).await.unwrap());
    assert_eq!(action(&world, "Stage0", "Make").await["latestExecution"]["status"], "InProgress");
    let log = store::LogKey::Pipeline("web".into());
    runtime::sweep::sweep(app, &log).await.unwrap();
    assert_eq!(action(&world, "Stage0", "Make").await["latestExecution"]["status"], "Succeeded");
}

#[tokio::test]
async fn a_deleted_type_keeps_its_jobs_and_gets_no_new_ones() {
    let world = building(&[vec![build("Make", &[])]]).await;
    let job = acknowledged(&world).await;
    let deleted = json!({"category": "Build", "provider": "Jenkins", "version": "1"});
    world.ok("DeleteCustomActionType", deleted).await;
    let (code, _) = world.fault("PollForJobs", super::question(1)).await;
    assert_eq!(code, "ActionTypeNotFoundException");
    world.ok("PutJobSuccessResult", json!({"jobId": job["id"]})).await;
    assert_eq!(action(&world, "Stage0", "Make").await["latestExecution"]["status"], "Succeeded");

    world.ok("GetPipeline", json!({"name": "web"})).await;
    world.ok("StartPipelineExecution", json!({"name": "web"})).await;
    feed(&world).await;
    let latest = world
        .until(async |world: &World| {
            let latest = action(world, "Stage0", "Make").await["latestExecution"].clone();
            (latest["status"] == "Failed").then_some(latest)
        })
        .await;
    assert_eq!(latest["errorDetails"]["code"], "ConfigurationError");
    let message = latest["errorDetails"]["message"].as_str().unwrap();
    assert!(message.contains("Custom/Build/Jenkins/1"), "{message}");
}

#[tokio::test]
async fn a_value_that_no_worker_can_ask_for_fails_the_action() {
    // J2: what a reference brings is known only now.
    let more = [("configuration", json!({"Project": "not #{codepipeline.PipelineExecutionId}"}))];
    let world = building(&[vec![build("Make", &more)]]).await;
    let latest = world
        .until(async |world: &World| {
            let latest = action(world, "Stage0", "Make").await["latestExecution"].clone();
            (latest["status"] == "Failed").then_some(latest)
        })
        .await;
    let message = latest["errorDetails"]["message"].as_str().unwrap();
    assert!(message.contains("Project"), "{message}");
    assert_eq!(poll(&world, 10).await.len(), 0);
}

#[tokio::test]
async fn an_execution_with_a_log_of_its_own_hears_of_its_jobs_too() {
    // PARALLEL: R26.
    let world = World::new().await;
    super::with_types(&world).await;
    let mut pipeline = super::pipeline("web", &[vec![build("Make", &[])]]);
    pipeline["pipelineType"] = json!("V2");
    pipeline["executionMode"] = json!("PARALLEL");
    world.ok("CreatePipeline", json!({"pipeline": pipeline})).await;
    feed(&world).await;
    let job = acknowledged(&world).await;
    world.ok("PutJobSuccessResult", json!({"jobId": job["id"]})).await;
    let asked = json!({"pipelineName": "web"});
    world
        .until(async |world: &World| {
            let listed = world.ok("ListPipelineExecutions", asked.clone()).await;
            let status = &listed["pipelineExecutionSummaries"][0]["status"];
            (status == "Succeeded").then_some(())
        })
        .await;
}
