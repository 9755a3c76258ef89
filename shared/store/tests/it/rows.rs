//! The rows beside the logs.

use engine::state::RunKey;
use model::ids::PipelineName;
use model::outcome::SourceRevision;
use model::status::ExecutionStatus;
use model::time::Timestamp;
use store::{Begun, Claim, Live, LogKey, Summary};
use uuid::Uuid;

use crate::world::{World, execution, start};

fn run(number: u128, action: &str) -> RunKey {
    let execution = execution(number);
    RunKey { execution, stage: "Build".into(), action: action.into(), attempt: 1 }
}

fn live(number: u128) -> Live {
    let mut live = Live::new(&"web".into(), execution(number), 1);
    live.external_ids.insert(run(number, "Old").id(), "web-build:6f2d1f1e".to_owned());
    live
}

/// The partition of executions with ids as [`execution`] makes them.
fn shard(live: &Live) -> u8 {
    store::rows::shard_of(live.execution)
}

#[tokio::test]
async fn a_watched_execution_is_listed_until_it_is_watched_no_longer() {
    let world = World::new().await;
    let store = &world.store;
    let mut watched = live(1);
    store.put_live(&watched).await.unwrap();
    assert_eq!(store.list_live(shard(&watched)).await.unwrap(), [watched.clone()]);

    let pipeline = watched.pipeline.clone();
    for (action, external) in [("A", "d-ABCDEF123"), ("B", "d-XYZ"), ("B", "d-XYZ2")] {
        store.note_external(&pipeline, &run(1, action), external).await.unwrap();
        watched.external_ids.insert(run(1, action).id(), external.to_owned());
        assert_eq!(store.list_live(shard(&watched)).await.unwrap(), [watched.clone()]);
    }

    store.delete_live(&watched.pipeline, watched.execution, 1).await.unwrap();
    assert_eq!(store.list_live(shard(&watched)).await.unwrap(), []);
    store.delete_live(&watched.pipeline, watched.execution, 1).await.unwrap();
}

#[tokio::test]
async fn to_watch_what_is_watched_forgets_nothing_of_its_work() {
    let world = World::new().await;
    let store = &world.store;
    let watched = Live::new(&"web".into(), execution(1), 1);
    store.put_live(&watched).await.unwrap();
    let (run, at) = (run(1, "A"), Timestamp::from_millis(1_000));
    store.begin_start(&watched.pipeline, &run, at).await.unwrap();
    store.note_external(&watched.pipeline, &run, "d-1").await.unwrap();

    store.put_live(&watched).await.unwrap();
    let known = store.live(&watched.pipeline, watched.execution, 1).await.unwrap().unwrap();
    assert_eq!(known.external_ids.get(&run.id()).map(String::as_str), Some("d-1"));
    let later = Timestamp::from_millis(9_000);
    let begun = store.begin_start(&watched.pipeline, &run, later).await.unwrap();
    assert_eq!(begun, Begun::Before(at));
}

#[tokio::test]
async fn a_late_note_does_not_bring_an_ended_execution_back() {
    let world = World::new().await;
    let ended = live(1);
    let noted = world.store.note_external(&ended.pipeline, &run(1, "A"), "d-1").await;
    noted.unwrap();
    assert_eq!(world.store.list_live(shard(&live(1))).await.unwrap(), []);
}

#[tokio::test]
async fn the_watch_of_a_retry_outlives_that_of_the_attempt_before() {
    let world = World::new().await;
    let store = &world.store;
    let (first, second) = (live(1), Live::new(&"web".into(), execution(1), 2));
    store.put_live(&first).await.unwrap();
    store.put_live(&second).await.unwrap();
    store.delete_live(&first.pipeline, first.execution, first.attempt).await.unwrap();
    assert_eq!(store.list_live(shard(&second)).await.unwrap(), [second]);
}

#[tokio::test]
async fn watched_executions_are_spread_over_the_partitions() {
    let spread: std::collections::BTreeSet<_> = (0..1000_u128)
        .map(|number| Uuid::from_u128(0x0199_f3a4 << 96 | number.wrapping_mul(0x9e37_79b9_7f4b)))
        .map(|id| store::rows::shard_of(model::ids::ExecutionId::new(id)))
        .collect();
    assert_eq!(spread.len(), usize::from(store::LIVE_SHARDS));
}

fn summary(number: u128) -> Summary {
    let start = start(number);
    let revision = SourceRevision { id: "7fd1a60b".to_owned(), summary: None, url: None };
    Summary {
        execution: start.execution,
        number: u64::try_from(number).unwrap(),
        version: 3,
        status: ExecutionStatus::InProgress,
        trigger: start.trigger,
        revisions: vec![engine::input::Revision {
            action: "Checkout".into(),
            kind: "COMMIT_ID".to_owned(),
            value: "7fd1a60b".to_owned(),
        }],
        sources: vec![("Checkout".to_owned(), revision)],
        started_at: Timestamp::from_millis(1_790_000_000_000),
        updated_at: Timestamp::from_millis(1_790_000_000_500),
        ended_at: None,
        first_record: 2,
        last_record: 2,
        particulars: store::Particulars {
            mode: Some(model::status::ExecutionMode::Queued),
            stages_done: 2,
            stop_reason: Some("the wrong branch".to_owned()),
            explanation: None,
        },
    }
}

#[tokio::test]
async fn a_late_summary_does_not_replace_one_that_knows_more() {
    let world = World::new().await;
    let store = &world.store;
    let newer = Summary { last_record: 90, ..summary(1) };
    store.put_summary(&"web".into(), &newer).await.unwrap();
    let late = Summary { last_record: 9, ..summary(1) };
    store.put_summary(&"web".into(), &late).await.unwrap();
    let page = store.summaries(&"web".into(), 10, None).await.unwrap();
    assert_eq!(page.summaries, [newer]);
}

#[tokio::test]
async fn summaries_are_replaced_and_come_newest_first_page_by_page() {
    let world = World::new().await;
    let (web, other) = (PipelineName::new("web"), PipelineName::new("web2"));
    for number in 1..=7 {
        world.store.put_summary(&web, &summary(number)).await.unwrap();
    }
    world.store.put_summary(&other, &summary(50)).await.unwrap();
    let mut ended = summary(4);
    ended.status = ExecutionStatus::Failed;
    ended.ended_at = Some(Timestamp::from_millis(1_790_000_009_000));
    world.store.put_summary(&web, &ended).await.unwrap();

    let mut seen = vec![];
    let mut after = None;
    loop {
        let page = world.store.summaries(&web, 3, after).await.unwrap();
        assert!(page.summaries.len() <= 3);
        seen.extend(page.summaries);
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    let numbers: Vec<_> = seen.iter().map(|summary| summary.number).collect();
    assert_eq!(numbers, [7, 6, 5, 4, 3, 2, 1]);
    assert_eq!(seen[3], ended);
    assert_eq!(seen[0], summary(7));
}

#[tokio::test]
async fn a_token_stands_for_one_execution_and_one_set_of_parameters_for_a_day() {
    let world = World::new().await;
    let web = PipelineName::new("web");
    let now = world.now();
    let claim = async |token: &str, digest: &str, number, now| {
        world.store.claim_token(&web, token, digest, execution(number), now).await.unwrap()
    };
    assert_eq!(claim("t", "d", 1, now).await, Claim::New);
    assert_eq!(claim("t", "d", 2, now).await, Claim::Same(execution(1)));
    assert_eq!(claim("t", "other", 3, now).await, Claim::Other);
    assert_eq!(claim("t2", "other", 3, now).await, Claim::New);
    let nearly = now.plus_minutes(24 * 60 - 1);
    assert_eq!(claim("t", "d", 2, nearly).await, Claim::Same(execution(1)));
    let after = now.plus_minutes(24 * 60 + 1);
    assert_eq!(claim("t", "other", 4, after).await, Claim::New);
    assert_eq!(claim("t", "other", 5, after).await, Claim::Same(execution(4)));
}

#[tokio::test]
async fn the_catalogue_lists_pipelines_in_order_until_they_are_removed() {
    let world = World::new().await;
    for name in ["web", "api", "web"] {
        world.store.put_catalog(&name.into(), world.now()).await.unwrap();
    }
    assert_eq!(world.store.list_catalog().await.unwrap(), ["api".into(), "web".into()]);
    world.store.remove_catalog(&"api".into()).await.unwrap();
    world.store.remove_catalog(&"api".into()).await.unwrap();
    assert_eq!(world.store.list_catalog().await.unwrap(), ["web".into()]);
}

#[tokio::test]
async fn of_two_starts_of_an_attempt_one_is_the_first_and_the_other_learns_when_it_was_begun() {
    let world = World::new().await;
    let store = &world.store;
    let pipeline: PipelineName = "web".into();
    store.put_live(&live(1)).await.unwrap();
    let at = Timestamp::from_millis;
    let (one, other) = (run(1, "A"), run(1, "B"));
    assert_eq!(store.begin_start(&pipeline, &one, at(1_000)).await.unwrap(), Begun::First);
    let again = store.begin_start(&pipeline, &one, at(9_000)).await.unwrap();
    assert_eq!(again, Begun::Before(at(1_000)), "the first moment stays");
    assert_eq!(store.begin_start(&pipeline, &other, at(2_000)).await.unwrap(), Begun::First);
    assert_eq!(store.live(&pipeline, execution(1), 1).await.unwrap(), Some(live(1)));

    let racing = run(1, "C");
    let (first, second) = tokio::join!(
        store.begin_start(&pipeline, &racing, at(3_000)),
        store.begin_start(&pipeline, &racing, at(4_000)),
    );
    let firsts = [first.unwrap(), second.unwrap()].iter().filter(|b| **b == Begun::First).count();
    assert_eq!(firsts, 1);
}

#[tokio::test]
async fn nothing_is_begun_of_an_execution_that_is_not_watched() {
    let world = World::new().await;
    let (web, run) = ("web".into(), run(1, "A"));
    let begun = world.store.begin_start(&web, &run, Timestamp::from_millis(1)).await;
    assert_eq!(begun.unwrap(), Begun::Unwatched);
    let live = world.store.live(&"web".into(), execution(1), 1).await.unwrap();
    assert_eq!(live, None, "asking does not bring the row into being");
}

#[tokio::test]
async fn a_providers_id_leads_to_the_attempt_and_another_providers_does_not() {
    let world = World::new().await;
    let store = &world.store;
    let run = run(1, "A");
    let logs = [LogKey::Pipeline("web".into()), LogKey::Execution("web".into(), execution(1))];
    for (log, id) in logs.into_iter().zip(["web:1", "web:2"]) {
        let deadline = Timestamp::from_millis(1_000);
        store.put_external("CodeBuild", id, &log, &run, deadline).await.unwrap();
        let found = store.external("CodeBuild", id).await.unwrap();
        assert_eq!(found, Some((log, run.clone())));
    }
    assert_eq!(store.external("CodeDeploy", "web:1").await.unwrap(), None);
    assert_eq!(store.external("CodeBuild", "web:3").await.unwrap(), None);
}
