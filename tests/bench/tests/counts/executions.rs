//! What a whole execution of three stages and four actions costs.

use bench::pipeline::declaration;
use local::embedded::Meter;
use model::status::ExecutionMode;
use model::time::Timestamp;

use crate::house::{House, Memory};

/// What an execution of three stages and four actions may cost (D3).
const GUARDED_PUTS: u64 = 5;
const WRITE_UNITS_MAX: u64 = 8;
const WRITE_UNITS_WITH_IDS_MAX: u64 = 11;
const READ_UNITS_MAX: f64 = 5.0;

async fn run(house: &House, memory: Memory) -> Meter {
    house
        .count(memory, async |app| {
            crate::house::begin(app, house.app.draw_execution_id()).await;
            house.follow_all(memory).await;
        })
        .await
}

fn check(cost: &Meter, write_units_max: u64) {
    assert_eq!(cost.total().guarded_puts, GUARDED_PUTS, "{cost:?}");
    assert_eq!(cost.total().failed_conditions, 0, "{cost:?}");
    assert!(cost.total().write_units <= write_units_max, "{cost:?}");
    assert!(cost.total().read_units() <= READ_UNITS_MAX, "{cost:?}");
    assert_eq!((cost.transactions(), cost.scans()), (0, 0));
}

#[tokio::test]
async fn an_execution_costs_five_guarded_puts_eight_write_units_and_five_read_units() {
    let house = House::new().await;
    house.define(&declaration("web", ExecutionMode::Superseded)).await;
    for _ in 0..3 {
        let cost = run(&house, Memory::Warm).await;
        check(&cost, WRITE_UNITS_MAX);
        println!("{cost:?}");
        assert_eq!(cost.total().write_units, 8);
    }
}

#[tokio::test]
async fn external_ids_that_are_visible_while_running_cost_three_write_units_more() {
    let house = House::new().await;
    house.define(&declaration("web", ExecutionMode::Superseded)).await;
    let cost = house
        .count(Memory::Warm, async |_| {
            house.start().await;
            for running in ["Checkout", "Compile", "Deploy"] {
                let run = house.follow_until(running).await;
                house.scripted.run_under(Some("web:6f2d1f1e"));
                let log = crate::house::web();
                runtime::action::start(&house.app, &log, &run).await.unwrap();
                house.scripted.be_done();
                runtime::action::ask(&house.app, &log, &run).await.unwrap();
            }
            house.follow_all(Memory::Warm).await;
        })
        .await;
    check(&cost, WRITE_UNITS_WITH_IDS_MAX);
    assert_eq!(cost.total().write_units, WRITE_UNITS_WITH_IDS_MAX);
}

/// PARALLEL: the pipeline's log admits and closes besides (R26).
#[tokio::test]
async fn an_execution_with_a_log_of_its_own_costs_two_guarded_puts_more() {
    for memory in [Memory::Warm, Memory::Shared, Memory::Cold] {
        let house = House::new().await;
        house.define(&declaration("web", ExecutionMode::Parallel)).await;
        let cost = run(&house, memory).await;
        assert_eq!(cost.total().guarded_puts, GUARDED_PUTS + 2, "{cost:?}");
        assert_eq!(cost.total().failed_conditions, 0, "{cost:?}");
        assert_eq!(cost.total().write_units, WRITE_UNITS_MAX + 2, "{cost:?}");
    }
}

/// Goal: those who start at the same moment on one machine wait for each other in memory. None loses
/// a race at the table, and none searches the log for an id that it has just drawn.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn forty_starts_at_once_cost_no_more_than_forty_in_a_row() {
    const STARTS: u64 = 40;
    let house = House::new().await;
    house.define(&declaration("web", ExecutionMode::Parallel)).await;
    let cost = house
        .count(Memory::Warm, async |app| {
            let starts = (0..STARTS).map(|_| {
                let app = app.clone();
                tokio::spawn(async move { crate::house::begin_new(&app).await })
            });
            for start in starts.collect::<Vec<_>>() {
                start.await.unwrap();
            }
        })
        .await;
    let total = cost.total();
    assert_eq!((total.requests, total.guarded_puts), (2 * STARTS, STARTS), "{cost:?}");
    assert_eq!((total.failed_conditions, total.read_half_units), (0, 0), "{cost:?}");
}

/// Goal: an execution costs the same whatever lies in the table. Method: past executions of the
/// pipeline, and as many other pipelines, as rows that are really there.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_cost_grows_neither_with_pipelines_nor_with_past_executions() {
    let house = House::new().await;
    house.define(&declaration("web", ExecutionMode::Superseded)).await;
    let mut costs = vec![];
    let mut there = 0;
    // The largest size is for optimised builds: without, it takes minutes.
    let sizes: &[usize] = if cfg!(debug_assertions) { &[10, 1_000] } else { &[10, 1_000, 100_000] };
    for size in sizes {
        fill(&house, there..*size).await;
        there = *size;
        for memory in [Memory::Warm, Memory::Shared, Memory::Cold] {
            let total = run(&house, memory).await.total();
            // A newcomer wrote behind the back of the one that thinks it is alone.
            house.app.store.load(&crate::house::web()).await.unwrap();
            println!("{size} executions and pipelines, {memory:?}: {total:?}");
            costs.push((
                total.requests,
                total.guarded_puts,
                total.write_units,
                total.read_half_units,
            ));
        }
    }
    for later in costs.chunks(3) {
        assert_eq!(later, &costs[..3]);
    }
}

/// Writes what so many past executions and so many other pipelines leave in the table.
async fn fill(house: &House, numbers: std::ops::Range<usize>) {
    const LANES: usize = 64;
    let lanes = (0..LANES).map(|lane| {
        let (store, numbers) = (house.app.store.clone(), numbers.clone());
        let id = house.app.draw_execution_id();
        tokio::spawn(async move {
            let zero = Timestamp::from_millis(0);
            for number in numbers.filter(|number| number % LANES == lane) {
                let summary = past(id, number);
                store.put_summary(crate::house::web().pipeline(), &summary).await.unwrap();
                store.put_catalog(&format!("other-{number}").as_str().into(), zero).await.unwrap();
            }
        })
    });
    for lane in lanes.collect::<Vec<_>>() {
        lane.await.unwrap();
    }
}

fn past(id: model::ids::ExecutionId, number: usize) -> store::Summary {
    let number = number as u64;
    let at = Timestamp::from_millis(1_780_000_000_000);
    store::Summary {
        execution: model::ids::ExecutionId::new(uuid::Uuid::from_u128(
            id.uuid().as_u128() - (1 << 100) + u128::from(number),
        )),
        number,
        version: 1,
        status: model::status::ExecutionStatus::Succeeded,
        trigger: engine::input::Trigger {
            kind: model::status::TriggerType::Webhook,
            detail: crate::house::user(),
        },
        revisions: vec![],
        sources: vec![],
        started_at: at,
        updated_at: at,
        ended_at: Some(at),
        first_record: 1,
        last_record: 1,
        particulars: store::Particulars::default(),
    }
}
