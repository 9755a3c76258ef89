//! Secret settings reach the worker and nobody else (security.md §5.3).

use serde_json::json;

use super::{CANARY, acknowledged, build, building, row, taken};

#[tokio::test]
async fn secrets_are_shown_to_the_key_that_has_the_job_and_masked_to_others() {
    let world = building(&[vec![build("Make", &[])]]).await;
    let (ann, bob) = (world.key("ann", "Admin"), world.key("bob", "Admin"));
    let job = taken(&world).await;
    let asked = json!({"jobId": job["id"]});
    let password = |details: &serde_json::Value| {
        let data = &details["jobDetails"]["data"];
        let password = data["actionConfiguration"]["configuration"]["Password"].clone();
        (password, data.get("artifactCredentials").is_some())
    };
    let stranger = world.ask_as(&bob, "GetJobDetails", asked.clone()).await.unwrap();
    assert_eq!(password(&stranger), (json!("****"), false));
    let holder = world.ok("GetJobDetails", asked.clone()).await;
    assert_eq!(password(&holder), (json!(CANARY), true));

    // Whoever acknowledges has it from then on, and nobody else.
    let nonce = json!({"jobId": job["id"], "nonce": job["nonce"]});
    world.ask_as(&ann, "AcknowledgeJob", nonce).await.unwrap();
    let former = world.ok("GetJobDetails", asked.clone()).await;
    assert_eq!(password(&former), (json!("****"), false));
    let holder = world.ask_as(&ann, "GetJobDetails", asked.clone()).await.unwrap();
    assert_eq!(password(&holder), (json!(CANARY), true));

    world.ask_as(&ann, "PutJobSuccessResult", asked.clone()).await.unwrap();
    let after = world.ask_as(&ann, "GetJobDetails", asked).await.unwrap();
    assert_eq!(password(&after), (json!("****"), false));
    assert!(!format!("{:?}", row(&world, &job).await).contains(CANARY));
}

#[tokio::test]
async fn the_row_forgets_the_secrets_and_the_token_when_the_work_fails() {
    let world = building(&[vec![build("Make", &[])]]).await;
    let job = acknowledged(&world).await;
    let go_on = json!({"jobId": job["id"], "continuationToken": "token-of-the-worker"});
    world.ok("PutJobSuccessResult", go_on).await;
    let job = acknowledged(&world).await;
    assert!(format!("{:?}", row(&world, &job).await).contains("token-of-the-worker"));
    let failure = json!({"type": "JobFailed", "message": "it broke"});
    let report = json!({"jobId": job["id"], "failureDetails": failure});
    world.ok("PutJobFailureResult", report).await;
    let row = format!("{:?}", row(&world, &job).await);
    assert!(!row.contains(CANARY) && !row.contains("token-of-the-worker"), "{row}");
}

#[tokio::test]
async fn refusals_name_the_job_and_never_its_secrets() {
    let world = building(&[vec![build("Make", &[])]]).await;
    let job = taken(&world).await;
    let id = &job["id"];
    let bob = world.key("bob", "Admin");
    for (operation, request) in [
        ("AcknowledgeJob", json!({"jobId": id, "nonce": "guessed"})),
        ("PutJobSuccessResult", json!({"jobId": id})),
    ] {
        let (_, message) = world.ask_as(&bob, operation, request).await.unwrap_err();
        assert!(message.contains(id.as_str().unwrap()), "{message}");
        assert!(!message.contains(CANARY) && !message.contains(job["nonce"].as_str().unwrap()));
    }
}
