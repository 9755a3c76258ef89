//! What each kind of turn costs, in the units that DynamoDB bills.

use std::path::Path;

use engine::{Input, decide};
use local::embedded::{Embedded, Meter};
use model::status::ExecutionStatus;
use store::{Commit, Live, LogKey, Summary};

use crate::world::{World, execution, log, nothing, ordinary, start, three_stages_four_actions};

/// What an execution of three stages and four actions may cost (R10 of the design's budget, D3).
const GUARDED_PUTS: u64 = 5;
const WRITE_UNITS_MAX: u64 = 8;
const WRITE_UNITS_WITH_IDS_MAX: u64 = 11;
const READ_UNITS_MAX: f64 = 5.0;

async fn run(world: &World, web: &LogKey, number: u128, has_outcomes: bool) -> Meter {
    let before = world.embedded.meter();
    let first = world.start(web, number).await;
    world.finish(web, first, if has_outcomes { ordinary } else { nothing }, |_| {}).await;
    world.store.put_summary(web.pipeline(), &summary(number)).await.unwrap();
    &world.embedded.meter() - &before
}

fn summary(number: u128) -> Summary {
    let start = start(number);
    Summary {
        execution: start.execution,
        number: u64::try_from(number).unwrap(),
        version: 1,
        status: ExecutionStatus::Succeeded,
        trigger: start.trigger,
        revisions: vec![],
        sources: vec![("Checkout".to_owned(), ordinary("Checkout").revision.unwrap())],
        started_at: model::time::Timestamp::from_millis(1_790_000_000_000),
        updated_at: model::time::Timestamp::from_millis(1_790_000_003_000),
        ended_at: Some(model::time::Timestamp::from_millis(1_790_000_003_000)),
        first_record: 2,
        last_record: 6,
        particulars: store::Particulars::default(),
    }
}

#[tokio::test]
async fn three_stages_and_four_actions_cost_five_guarded_puts() {
    for has_outcomes in [false, true] {
        let world = World::new().await;
        let web = log("web-shop");
        let _committed =
            world.define(&web, &three_stages_four_actions("web-shop", "SUPERSEDED")).await;
        for number in 1..=3 {
            let cost = run(&world, &web, number, has_outcomes).await;
            let puts = cost.of("PutItem");
            println!("outcomes {has_outcomes}, execution {number}: {cost:?}");
            assert_eq!(puts.guarded_puts, GUARDED_PUTS);
            assert_eq!(puts.failed_conditions, 0);
            assert_eq!(puts.requests, GUARDED_PUTS + 1, "the records and the summary");
            assert!(cost.total().write_units <= WRITE_UNITS_MAX, "{cost:?}");
            assert!(cost.total().read_units() <= READ_UNITS_MAX, "{cost:?}");
            assert_eq!(cost.of("Query").requests, GUARDED_PUTS);
            assert_eq!(cost.operations().collect::<Vec<_>>(), ["PutItem", "Query"]);
            assert_eq!((cost.transactions(), cost.scans()), (0, 0));
        }
    }
}

#[tokio::test]
async fn external_ids_that_are_visible_while_running_cost_three_units_more() {
    let world = World::new().await;
    let web = log("web-shop");
    let _committed = world.define(&web, &three_stages_four_actions("web-shop", "SUPERSEDED")).await;
    let before = world.embedded.meter();
    let live = Live::new(web.pipeline(), execution(1), 1);
    world.store.put_live(&live).await.unwrap();
    run(&world, &web, 1, true).await;
    let (stage, action) = ("Build".into(), "Compile".into());
    let run = engine::state::RunKey { execution: execution(1), stage, action, attempt: 1 };
    let id = "web-shop:6f2d1f1e-0f0a-4a3c-9d7e-1f7a3c2b9e55";
    world.store.note_external(&live.pipeline, &run, id).await.unwrap();
    world.store.delete_live(&live.pipeline, live.execution, 1).await.unwrap();
    let cost = &world.embedded.meter() - &before;
    assert!(cost.total().write_units <= WRITE_UNITS_WITH_IDS_MAX, "{cost:?}");
    assert!(cost.total().read_units() <= READ_UNITS_MAX, "{cost:?}");
}

#[tokio::test]
async fn a_lost_race_costs_one_write_and_one_read_more() {
    let world = World::new().await;
    let web = log("web-shop");
    let _committed = world.define(&web, &three_stages_four_actions("web-shop", "QUEUED")).await;
    let head = world.store.load(&web).await.unwrap();
    let plans = world.store.plans(&head).await.unwrap();
    let (ours, theirs) = (Input::Start(start(1)), Input::Start(start(2)));
    let decision = |input| decide(&head.state, &plans, input, world.now()).unwrap();
    let theirs_first = world.store.commit(&head, &theirs, decision(&theirs), None, 2).await;
    assert!(matches!(theirs_first, Ok(Commit::Applied(_))));

    let before = world.embedded.meter();
    let lost = world.store.commit(&head, &ours, decision(&ours), None, 1).await;
    assert!(matches!(lost, Ok(Commit::Conflict(_))));
    let head = world.store.load(&web).await.unwrap();
    let again = decide(&head.state, &plans, &Input::Start(start(3)), world.now()).unwrap();
    let between = &world.embedded.meter() - &before;
    assert_eq!(between.total().requests, 2);
    assert_eq!(between.of("PutItem").failed_conditions, 1);
    assert_eq!(between.total().write_units, 1);
    assert_eq!(between.of("Query").requests, 1);
    assert!(between.total().read_half_units == 2, "{between:?}");
    let won = world.store.commit(&head, &Input::Start(start(3)), again, None, 3).await;
    assert!(matches!(won, Ok(Commit::Applied(_))));
}

/// Goal: a turn costs the same whatever lies in the table. Method: a table that really holds 10,
/// 1 000 and 100 000 records of past executions of one pipeline, their summaries, and as many other
/// pipelines; the same execution in each.
#[tokio::test]
async fn the_cost_grows_neither_with_pipelines_nor_with_past_executions() {
    let mut costs = vec![];
    for size in [10, 1_000, 100_000] {
        let directory = tempfile::tempdir().unwrap();
        let web = log("web-shop");
        {
            let world = World::over(Embedded::open(directory.path()).unwrap()).await;
            let _committed =
                world.define(&web, &three_stages_four_actions("web-shop", "SUPERSEDED")).await;
            run(&world, &web, 1, false).await;
        }
        fill(directory.path(), size);
        let world = World::over(Embedded::open(directory.path()).unwrap()).await;
        world.now.fetch_add(3_600_000, std::sync::atomic::Ordering::Relaxed);
        let head = world.store.load(&web).await.unwrap();
        assert_eq!(head.state.sequence, 6 + size);
        world.store.plans(&head).await.unwrap();
        let cost = run(&world, &web, 2, false).await.total();
        println!("{size} past records and pipelines: {cost:?}");
        assert!(cost.write_units <= WRITE_UNITS_MAX && cost.read_units() <= READ_UNITS_MAX);
        costs.push((cost.requests, cost.guarded_puts, cost.write_units, cost.read_half_units));
    }
    assert_eq!(costs[0], costs[1]);
    assert_eq!(costs[1], costs[2]);
}

/// Writes what past executions and other pipelines leave in the table, by the back door: the last
/// record and the summary of the one execution that ran, again and again under later keys.
fn fill(directory: &Path, size: u64) {
    let path = directory.join("towpath.db");
    let database = dynoxide::Database::new(path.to_str().unwrap()).unwrap();
    let key = |partition: &str, sort: &str| {
        let request = serde_json::json!({
            "TableName": "towpath",
            "Key": { "PK": { "S": partition }, "SK": { "S": sort } },
        });
        let request = serde_json::from_value(request).unwrap();
        database.get_item(request).unwrap().item.unwrap()
    };
    let own = "PIPELINE#web-shop";
    let record = key(own, "LOG#000000000006");
    let past = key(own, &format!("EXECUTION#{}", execution(1)));
    let text = |text: String| dynoxide::AttributeValue::S(text);
    let copies = (0..size).flat_map(|number| {
        let mut record = record.clone();
        record.insert("SK".to_owned(), text(format!("LOG#{:012}", 7 + number)));
        let mut past = past.clone();
        let id = execution(1_000 + u128::from(number));
        past.insert("SK".to_owned(), text(format!("EXECUTION#{id}")));
        let mut other = record.clone();
        other.insert("PK".to_owned(), text(format!("PIPELINE#other-{number}")));
        [record, past, other]
    });
    let copies: Vec<_> = copies.collect();
    let count = copies.len();
    let options = dynoxide::ImportOptions::default();
    let result = database.import_items("towpath", copies, options).unwrap();
    assert_eq!(result.items_imported, count);
}
