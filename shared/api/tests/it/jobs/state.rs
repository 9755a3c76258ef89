//! Which call is right at which point (J4, J7, J11, J15).

use serde_json::{Value, json};

use super::{acknowledge, acknowledged, action, build, building, poll, question, row, taken};
use crate::world::World;

const NOBODYS: &str = "6f9c2b1e-7d43-8a08-9b1f-0c5400000000";

async fn code(world: &World, operation: &str, request: Value) -> String {
    world.fault(operation, request).await.0
}

#[tokio::test]
async fn the_newest_nonce_wins_and_wins_again_for_the_same_key_only() {
    let world = building(&[vec![build("Make", &[])]]).await;
    let (ann, bob) = (world.key("ann", "Admin"), world.key("bob", "Admin"));
    let job = taken(&world).await;
    let with = |nonce: &Value| json!({"jobId": job["id"], "nonce": nonce});
    assert_eq!(
        code(&world, "AcknowledgeJob", with(&json!("guessed"))).await,
        "InvalidNonceException"
    );
    let right = with(&job["nonce"]);
    let status = world.ask_as(&ann, "AcknowledgeJob", right.clone()).await.unwrap();
    assert_eq!(status["status"], "InProgress");
    let again = world.ask_as(&ann, "AcknowledgeJob", right.clone()).await.unwrap();
    assert_eq!(again["status"], "InProgress");
    let late = world.ask_as(&bob, "AcknowledgeJob", right).await.unwrap_err();
    assert_eq!(late.0, "InvalidNonceException");

    // Security §5.3: the key that acknowledged is the one that reports.
    let success = json!({"jobId": job["id"]});
    let stranger = world.ask_as(&bob, "PutJobSuccessResult", success.clone()).await.unwrap_err();
    assert_eq!(stranger.0, "InvalidJobStateException");
    assert!(stranger.1.contains("another worker"), "{}", stranger.1);
    world.ask_as(&ann, "PutJobSuccessResult", success.clone()).await.unwrap();
    let repeated = world.ask_as(&ann, "PutJobSuccessResult", success).await.unwrap_err();
    assert_eq!(repeated.0, "InvalidJobStateException");
    assert_eq!(acknowledge(&world, &job).await["status"], "Succeeded");
}

#[tokio::test]
async fn a_job_that_nobody_acknowledges_is_handed_out_again_after_two_minutes() {
    let world = building(&[vec![build("Make", &[])]]).await;
    let first = taken(&world).await;
    assert_eq!(poll(&world, 10).await.len(), 0);
    world.clock.pass(119_000);
    assert_eq!(poll(&world, 10).await.len(), 0);
    world.clock.pass(1_000);
    let second = poll(&world, 10).await.remove(0);
    assert_eq!(first["id"], second["id"]);
    assert_ne!(first["nonce"], second["nonce"]);
    let stale = json!({"jobId": first["id"], "nonce": first["nonce"]});
    assert_eq!(code(&world, "AcknowledgeJob", stale).await, "InvalidNonceException");
    assert_eq!(acknowledge(&world, &second).await["status"], "InProgress");
    // It never goes back to the queue.
    world.clock.pass(3_600_000);
    assert_eq!(poll(&world, 10).await.len(), 0);
}

#[tokio::test]
async fn a_late_acknowledgement_counts_while_nobody_else_was_told() {
    let world = building(&[vec![build("Make", &[])]]).await;
    let job = taken(&world).await;
    world.clock.pass(600_000);
    assert_eq!(acknowledge(&world, &job).await["status"], "InProgress");
}

#[tokio::test]
async fn a_result_counts_once_the_job_was_handed_out_and_not_before() {
    // J11.
    let world = building(&[vec![build("Make", &[])]]).await;
    let job = taken(&world).await;
    let mut queued = row(&world, &job).await;
    queued.state = store::JobState::Queued;
    assert!(world.api.app.store.swap_worker_job(&queued).await.unwrap());
    let success = json!({"jobId": job["id"]});
    let early = code(&world, "PutJobSuccessResult", success.clone()).await;
    assert_eq!(early, "InvalidJobStateException");
    taken(&world).await;
    world.ok("PutJobSuccessResult", success).await;
    assert_eq!(action(&world, "Stage0", "Make").await["latestExecution"]["status"], "Succeeded");
    assert_eq!(poll(&world, 10).await.len(), 0);
}

#[tokio::test]
async fn an_unknown_job_is_not_found() {
    let world = building(&[vec![build("Make", &[])]]).await;
    let job = acknowledged(&world).await;
    // The next of a chain that was not continued is none either.
    let id = job["id"].as_str().unwrap();
    let next = format!("{}1", &id[..id.len() - 1]);
    let failure = json!({"type": "JobFailed", "message": "m"});
    for id in [NOBODYS, &next] {
        for (operation, request) in [
            ("AcknowledgeJob", json!({"jobId": id, "nonce": job["nonce"]})),
            ("GetJobDetails", json!({"jobId": id})),
            ("PutJobSuccessResult", json!({"jobId": id})),
            ("PutJobFailureResult", json!({"jobId": id, "failureDetails": failure})),
        ] {
            assert_eq!(
                code(&world, operation, request).await,
                "JobNotFoundException",
                "{operation}"
            );
        }
    }
}

#[tokio::test]
async fn a_job_whose_execution_was_abandoned_takes_no_result() {
    // J15.
    let world = building(&[vec![build("Make", &[]), build("Wait", &[])]]).await;
    let job = acknowledged(&world).await;
    let context = &job["data"]["pipelineContext"];
    let stop = json!({
        "pipelineName": "web", "pipelineExecutionId": context["pipelineExecutionId"],
        "abandon": true,
    });
    world.ok("StopPipelineExecution", stop).await;
    let late = code(&world, "PutJobSuccessResult", json!({"jobId": job["id"]})).await;
    assert_eq!(late, "InvalidJobStateException");
    assert_eq!(acknowledge(&world, &job).await["status"], "TimedOut");
    // The one that nobody took is handed to nobody.
    assert_eq!(poll(&world, 10).await.len(), 0);
    assert!(!row(&world, &job).await.data.contains(super::CANARY));
}

#[tokio::test]
async fn a_poll_asks_by_value_where_the_type_has_a_queryable_property_and_only_there() {
    // J4.
    let other = ("configuration", json!({"Project": "api"}));
    let world = building(&[vec![build("Web", &[]), build("Api", &[other])]]).await;
    let job = taken(&world).await;
    assert_eq!(job["data"]["pipelineContext"]["action"]["name"], "Web");
    assert_eq!(poll(&world, 10).await.len(), 0);
    let mut asked = question(10);
    asked["queryParam"] = json!({"Project": "api"});
    let polled = world.ok("PollForJobs", asked.clone()).await;
    assert_eq!(polled["jobs"].as_array().unwrap().len(), 1);

    asked.as_object_mut().unwrap().remove("queryParam");
    assert_eq!(code(&world, "PollForJobs", asked.clone()).await, "ValidationException");
    asked["queryParam"] = json!({"Note": "x"});
    assert_eq!(code(&world, "PollForJobs", asked).await, "ValidationException");
    let feed = super::type_id("Source", "Feed");
    let needless = json!({"actionTypeId": feed, "queryParam": {"Project": "web"}});
    assert_eq!(code(&world, "PollForJobs", needless).await, "ValidationException");
    let mut partners = feed;
    partners["owner"] = json!("ThirdParty");
    let elsewhere = code(&world, "PollForJobs", json!({"actionTypeId": partners})).await;
    assert_eq!(elsewhere, "ValidationException");
    let unknown = json!({"actionTypeId": super::type_id("Test", "Nobodys")});
    assert_eq!(code(&world, "PollForJobs", unknown).await, "ActionTypeNotFoundException");
}

#[tokio::test]
async fn a_job_that_takes_longer_than_a_day_fails_its_action_and_takes_no_result() {
    // J14: the log counts the hours; the job is closed by what follows from it.
    let world = building(&[vec![build("Make", &[])]]).await;
    let job = acknowledged(&world).await;
    let (app, log) = (&world.api.app, store::LogKey::Pipeline("web".into()));
    world.clock.pass(23 * 3_600_000);
    runtime::sweep::sweep(app, &log).await.unwrap();
    assert_eq!(action(&world, "Stage0", "Make").await["latestExecution"]["status"], "InProgress");
    world.clock.pass(2 * 3_600_000);
    runtime::sweep::sweep(app, &log).await.unwrap();
    assert_eq!(action(&world, "Stage0", "Make").await["latestExecution"]["status"], "Failed");
    world
        .until(async |world: &World| {
            (row(world, &job).await.state == store::JobState::Closed).then_some(())
        })
        .await;
    assert!(!row(&world, &job).await.data.contains(super::CANARY));
    let late = code(&world, "PutJobSuccessResult", json!({"jobId": job["id"]})).await;
    assert_eq!(late, "InvalidJobStateException");
}
