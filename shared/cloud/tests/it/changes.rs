//! Sources that change, and starts that somebody asks for by an event.

use cloud::changes::follow;
use serde_json::{Value, json};

use crate::world::{
    ACCOUNT, REGION, World, back, code_commit, messages, pipeline, source, texts_of,
};

fn event(id: &str, source: &str, detail_type: &str, detail: &Value) -> Value {
    json!({
        "version": "0", "id": id, "detail-type": detail_type, "source": source, "account": ACCOUNT,
        "time": "2026-11-12T00:00:00Z", "region": REGION, "resources": [], "detail": detail,
    })
}

fn push(id: &str, branch: &str, commit: &str) -> Value {
    let detail = json!({
        "event": "referenceUpdated", "repositoryName": "web", "referenceType": "branch",
        "referenceName": branch, "commitId": commit,
    });
    event(id, "aws.codecommit", "CodeCommit Repository State Change", &detail)
}

fn written(id: &str, version: Option<&str>) -> Value {
    let mut object = json!({"key": "site.zip", "etag": "b1946ac9"});
    if let Some(version) = version {
        object["version-id"] = json!(version);
    }
    let detail = json!({"bucket": {"name": "code"}, "object": object, "reason": "PutObject"});
    event(id, "aws.s3", "Object Created", &detail)
}

fn trailed(id: &str, version: Option<&str>) -> Value {
    let detail = json!({
        "eventSource": "s3.amazonaws.com", "eventName": "PutObject",
        "requestParameters": {"bucketName": "code", "key": "site.zip"},
        "responseElements": version.map(|version| json!({"x-amz-version-id": version})),
    });
    event(id, "aws.s3", "AWS API Call via CloudTrail", &detail)
}

fn object_source() -> Value {
    let settings = json!({
        "S3Bucket": "code", "S3ObjectKey": "site.zip", "AllowOverrideForS3ObjectKey": "true",
    });
    source("Code", "S3", &settings)
}

async fn web(mode: &str) -> World {
    let world = World::new().await;
    world.define(&pipeline("web", mode, &[code_commit("Code", "web", "main")])).await;
    world
}

/// Follows events one after the other, each by a function that remembers nothing, and asserts that
/// none goes back.
async fn take(world: &World, events: &[Value]) {
    for event in events {
        let app = world.newcomer();
        let unfinished = follow(&app, &messages(std::slice::from_ref(event))).await;
        assert_eq!(back(&unfinished), Vec::<String>::new(), "{event}");
    }
}

#[tokio::test]
async fn a_push_starts_whoever_follows_the_branch_at_that_commit() {
    // R8: not at whatever the branch is when the action runs.
    for mode in ["SUPERSEDED", "QUEUED", "PARALLEL"] {
        let world = web(mode).await;
        world.define(&pipeline("api", mode, &[code_commit("Code", "web", "next")])).await;
        take(&world, &[push("e1", "main", "7f0103f"), push("e2", "other", "7f0103f")]).await;
        assert_eq!(world.starts("web").await, ["CloudWatchEvent Code COMMIT_ID 7f0103f env=test"]);
        assert_eq!(world.executions("api").await, 0);
    }
}

/// S21.
#[tokio::test]
async fn an_event_that_is_delivered_hundreds_of_times_starts_one_execution() {
    let world = web("PARALLEL").await;
    let event = push("e1", "main", "7f0103f");
    // At once, by several functions, and later again, when the execution has ended.
    let batch = messages(&vec![event.clone(); 10]);
    let (one, other) = (world.newcomer(), world.newcomer());
    for _ in 0..8 {
        let (first, second) = tokio::join!(follow(&one, &batch), follow(&other, &batch));
        assert_eq!((back(&first), back(&second)), (vec![], vec![]));
    }
    assert_eq!(world.executions("web").await, 1);
    world.follow_hints().await;
    for _ in 0..8 {
        assert_eq!(back(&follow(&one, &batch).await), Vec::<String>::new());
    }
    assert_eq!(world.executions("web").await, 1);
    assert_eq!(world.starts("web").await.len(), 1);
}

#[tokio::test]
async fn an_ecr_action_without_a_tag_follows_latest() {
    let world = World::new().await;
    let image = source("Image", "ECR", &json!({"RepositoryName": "team/web"}));
    world.define(&pipeline("web", "SUPERSEDED", &[image])).await;
    let pushed = |id: &str, tag: &str, digest: &str| {
        let detail = json!({
            "result": "SUCCESS", "repository-name": "team/web", "image-digest": digest,
            "action-type": "PUSH", "image-tag": tag,
        });
        event(id, "aws.ecr", "ECR Image Action", &detail)
    };
    take(&world, &[pushed("e1", "latest", "sha256:1"), pushed("e2", "v2", "sha256:2")]).await;
    assert_eq!(world.starts("web").await, ["CloudWatchEvent Image IMAGE_DIGEST sha256:1 env=test"]);
}

#[tokio::test]
async fn an_object_without_a_version_starts_unpinned() {
    let world = World::new().await;
    world.define(&pipeline("web", "QUEUED", &[object_source()])).await;
    take(&world, &[written("e1", None), written("e1", None), written("e2", Some("null"))]).await;
    assert_eq!(world.starts("web").await, ["CloudWatchEvent env=test", "CloudWatchEvent env=test"]);
}

/// A bucket that tells EventBridge and a trail that tells of the same call are one change (contract §10,
/// complaint 10); a branch that comes back to a commit is another change.
#[tokio::test]
async fn a_version_starts_once_whoever_tells_of_it_and_a_commit_each_time_the_branch_comes_to_it() {
    let world = World::new().await;
    world.define(&pipeline("web", "QUEUED", &[object_source()])).await;
    take(
        &world,
        &[written("e1", Some("v1")), trailed("e2", Some("v1")), trailed("e3", Some("v2"))],
    )
    .await;
    assert_eq!(
        world.starts("web").await,
        [
            "CloudWatchEvent Code S3_OBJECT_VERSION_ID v1 env=test",
            "CloudWatchEvent Code S3_OBJECT_VERSION_ID v2 env=test",
        ]
    );
    let world = web("QUEUED").await;
    take(&world, &[push("e1", "main", "a"), push("e2", "main", "b"), push("e3", "main", "a")])
        .await;
    assert_eq!(world.executions("web").await, 3);
}

#[tokio::test]
async fn two_actions_that_follow_the_same_source_are_pinned_in_one_execution() {
    let world = World::new().await;
    let sources = [code_commit("Code", "web", "main"), code_commit("Docs", "web", "main")];
    world.define(&pipeline("web", "SUPERSEDED", &sources)).await;
    take(&world, &[push("e1", "main", "7f")]).await;
    assert_eq!(
        world.starts("web").await,
        ["CloudWatchEvent Code COMMIT_ID 7f Docs COMMIT_ID 7f env=test"]
    );
}

#[tokio::test]
async fn a_repository_of_the_same_name_elsewhere_starts_nothing() {
    let world = web("SUPERSEDED").await;
    let mut foreign = push("e1", "main", "7f0103f");
    foreign["region"] = json!("us-east-1");
    let mut strange = push("e2", "main", "7f0103f");
    strange["account"] = json!("999999999999");
    take(&world, &[foreign, strange]).await;
    assert_eq!(world.executions("web").await, 0);
    // The action's own role says in which account it works.
    let mut theirs = code_commit("Code", "web", "main");
    theirs["roleArn"] = json!("arn:aws:iam::999999999999:role/source");
    world.define(&pipeline("web", "SUPERSEDED", &[theirs])).await;
    let mut strange = push("e3", "main", "7f0103f");
    strange["account"] = json!("999999999999");
    take(&world, &[strange]).await;
    assert_eq!(world.executions("web").await, 1);
}

#[tokio::test]
async fn forged_unknown_and_broken_events_change_nothing_and_only_broken_ones_go_back() {
    let world = web("SUPERSEDED").await;
    let good = push("e1", "main", "7f0103f").to_string();
    let mut from_elsewhere = push("e2", "main", "7f0103f");
    from_elsewhere["source"] = json!("my.app");
    let mut idless = push("e3", "main", "7f0103f");
    idless["id"].take();
    let mut broken = push("e4", "main", "7f0103f");
    broken["detail"] = json!({"event": "referenceUpdated"});
    let ended = event(
        "e5",
        "aws.codebuild",
        "CodeBuild Build State Change",
        &json!({"build-status": "SUCCEEDED", "build-id": "web:1"}),
    );
    let before = world.starts("web").await;
    let bodies = [
        String::new(),
        "not JSON".to_owned(),
        from_elsewhere.to_string(),
        idless.to_string(),
        broken.to_string(),
        ended.to_string(),
        json!({"name": "web", "variables": 7}).to_string(),
        event("e6", "aws.s3", "Object Deleted", &json!({})).to_string(),
    ];
    let unfinished = follow(&world.app, &texts_of(&bodies)).await;
    assert_eq!(back(&unfinished), ["m0", "m1", "m3", "m4", "m6"]);
    assert_eq!(world.starts("web").await, before);
    // One that is poison takes no other down with it (L10).
    let unfinished = follow(&world.app, &texts_of(&["{".to_owned(), good])).await;
    assert_eq!(back(&unfinished), ["m0"]);
    assert_eq!(world.executions("web").await, 1);
}

#[tokio::test]
async fn an_event_goes_back_while_the_table_does_not_answer_and_starts_once_it_does() {
    let world = web("SUPERSEDED").await;
    let batch = messages(&[push("e1", "main", "7f0103f"), json!({"name": "web"})]);
    assert_eq!(back(&follow(&world.without_table(), &batch).await), ["m0", "m1"]);
    assert_eq!(world.executions("web").await, 0);
    assert_eq!(back(&follow(&world.app, &batch).await), Vec::<String>::new());
    assert_eq!(world.executions("web").await, 2);
}

#[tokio::test]
async fn a_start_in_so_many_words_pins_revisions_and_sets_variables() {
    // Contract §5.1, R6, R7.
    let world = web("QUEUED").await;
    let start = json!({
        "name": "web",
        "sourceRevisions": [
            {"actionName": "Code", "revisionType": "COMMIT_ID", "revisionValue": "7f0103f"},
        ],
        "variables": [{"name": "env", "value": "prod"}],
    });
    // The message is delivered twice; a message of its own that says the same is another start.
    take(&world, &[start.clone(), start.clone()]).await;
    let second = messages(&[json!({"name": "elsewhere"}), start]);
    assert_eq!(back(&follow(&world.app, &second).await), Vec::<String>::new());
    let line = "CloudWatchEvent Code COMMIT_ID 7f0103f env=prod";
    assert_eq!(world.starts("web").await, [line, line]);
}

#[tokio::test]
async fn a_start_with_a_token_or_an_event_id_happens_once() {
    // R5.
    let world = web("QUEUED").await;
    let start = |member: &str, value: &str, env: &str| {
        let variables = json!([{"name": "env", "value": env}]);
        let mut start = json!({"pipelineName": "web", "variables": variables});
        start[member] = json!(value);
        start
    };
    let same = start("clientRequestToken", "release-7", "prod");
    let other = start("clientRequestToken", "release-7", "test");
    let batch = messages(&[same.clone(), same, other]);
    assert_eq!(back(&follow(&world.app, &batch).await), Vec::<String>::new());
    assert_eq!(world.executions("web").await, 1);
    let batch = messages(&[start("id", "e1", "a"), start("id", "e1", "a"), start("id", "e2", "a")]);
    assert_eq!(back(&follow(&world.app, &batch).await), Vec::<String>::new());
    assert_eq!(world.executions("web").await, 3);
}

#[tokio::test]
async fn a_start_that_the_pipeline_refuses_is_written_down_and_not_tried_again() {
    // R6, R9: nobody waits for the answer.
    let world = web("QUEUED").await;
    let start = json!({"name": "web", "variables": [{"name": "stage", "value": "prod"}]});
    take(&world, &[start.clone(), start]).await;
    assert_eq!(world.executions("web").await, 0);
    let starts = world.starts("web").await;
    assert_eq!(starts.len(), 1, "{starts:?}");
    assert!(starts[0].starts_with("refused: ") && starts[0].contains("stage"), "{starts:?}");
    take(&world, &[json!({"name": "nobody"})]).await;
}
