//! The log, told on the bus.

use std::collections::BTreeMap;
use std::sync::Mutex;

use cloud::publish::{Levels, publish};
use cloud::stream::Changes;
use model::time::Timestamp;
use runtime::App;
use serde_json::{Map, Value, json};
use store::LogKey;

use crate::wire::{Fate, Wire};
use crate::world::{ACCOUNT, REGION, World, back, code_commit, log, messages, pipeline};

/// Runs a pipeline to its end, as often as asked.
async fn ran(mode: &str, times: usize) -> World {
    let world = World::new().await;
    world.define(&pipeline("web", mode, &[code_commit("Code", "web", "main")])).await;
    for number in 0..times {
        let start = json!({"name": "web", "id": format!("e{number}")});
        let batch = messages(&[start]);
        assert_eq!(back(&cloud::changes::follow(&world.app, &batch).await), Vec::<String>::new());
        world.follow_hints().await;
    }
    world
}

/// Returns the records of a log as the table's stream tells them, from the first one on.
async fn told(world: &World, log: &LogKey) -> Vec<Value> {
    use aws_sdk_dynamodb::types::AttributeValue;
    let partition = match log {
        LogKey::Pipeline(pipeline) => format!("PIPELINE#{pipeline}"),
        LogKey::Execution(_, execution) => format!("EXECUTION#{execution}"),
    };
    let answer = world
        .embedded
        .client()
        .query()
        .table_name("towpath")
        .key_condition_expression("PK = :log AND begins_with(SK, :sort)")
        .expression_attribute_values(":log", AttributeValue::S(partition))
        .expression_attribute_values(":sort", AttributeValue::S("LOG#".to_owned()))
        .send()
        .await
        .unwrap();
    let image = |item: std::collections::HashMap<String, AttributeValue>| -> Map<String, Value> {
        let member = |value: &AttributeValue| match (value.as_s(), value.as_n()) {
            (Ok(text), _) => json!({ "S": text }),
            (_, Ok(number)) => json!({ "N": number }),
            (Err(_), Err(_)) => panic!("our rows have texts and numbers only"),
        };
        item.iter().map(|(name, value)| (name.clone(), member(value))).collect()
    };
    answer
        .items
        .unwrap()
        .into_iter()
        .enumerate()
        .map(|(place, item)| row(place, &image(item)))
        .collect()
}

fn row(place: usize, image: &Map<String, Value>) -> Value {
    json!({
        "eventID": format!("{place}"), "eventName": "INSERT", "eventVersion": "1.1",
        "eventSource": "aws:dynamodb", "awsRegion": REGION,
        "dynamodb": {
            "ApproximateCreationDateTime": 1_790_000_000, "SizeBytes": 400,
            "Keys": {"PK": image["PK"], "SK": image["SK"]}, "NewImage": image,
            "SequenceNumber": format!("{:021}", 100 + place), "StreamViewType": "NEW_IMAGE",
        },
        "eventSourceARN": "arn:aws:dynamodb:eu-central-1:111122223333:table/t/stream/2026",
    })
}

fn batch(rows: &[Value]) -> Changes {
    serde_json::from_value(json!({ "Records": rows })).unwrap()
}

/// Publishes all levels; returns where the stream begins again, and the metrics.
async fn tell(app: &App, wire: &Wire, rows: &[Value]) -> (Vec<String>, Vec<String>) {
    tell_levels(app, &wire.bus(true), "pipeline,stage,action", rows).await
}

async fn tell_levels(
    app: &App,
    bus: &cloud::bus::Bus,
    levels: &str,
    rows: &[Value],
) -> (Vec<String>, Vec<String>) {
    let lines = Mutex::new(Vec::new());
    let levels: Levels = levels.parse().unwrap();
    let measure = |line: &str| lines.lock().unwrap().push(line.to_owned());
    let unfinished = publish(app, bus, &levels, &batch(rows), measure).await;
    (back(&unfinished), lines.into_inner().unwrap())
}

fn open() -> Wire {
    Wire::new(|_, _| Fate::Taken)
}

fn detail(entry: &Value) -> Value {
    serde_json::from_str(entry["Detail"].as_str().unwrap()).unwrap()
}

/// Returns the numbers of each execution's events, in the order in which the bus took them.
fn numbers(entries: &[Value]) -> BTreeMap<String, Vec<u64>> {
    let mut numbers = BTreeMap::<String, Vec<u64>>::new();
    for entry in entries {
        let detail = detail(entry);
        let execution = detail["execution-id"].as_str().unwrap().to_owned();
        numbers.entry(execution).or_default().push(detail["x-oss"]["sequence"].as_u64().unwrap());
    }
    numbers
}

/// Returns the events that the log has, as the publisher of one machine writes them.
async fn expected(world: &World) -> Vec<events::Event> {
    let published = runtime::publish::publish(&world.app, &log("web"), 0).await.unwrap();
    published.events
}

#[tokio::test]
async fn the_bus_is_told_every_event_of_the_log_in_order_and_without_a_gap() {
    let world = ran("QUEUED", 2).await;
    let rows = told(&world, &log("web")).await;
    let wire = open();
    let (back, metrics) = tell(&world.newcomer(), &wire, &rows).await;
    assert_eq!(back, Vec::<String>::new());
    let (taken, expected) = (wire.taken(), expected(&world).await);
    assert_eq!(taken.len(), expected.len());
    for (entry, event) in taken.iter().zip(expected) {
        // What EventBridge makes of an entry is the event that is written on one machine, but for the id
        // that it draws itself and our own member of the envelope. So rules match alike (E1–E4).
        assert_eq!(entry["EventBusName"], "towpath-live");
        let seconds: i64 = entry["Time"].to_string().trim_end_matches(".0").parse().unwrap();
        let time = format!("{}", Timestamp::from_millis(seconds * 1_000));
        let mut built = json!({
            "version": "0", "account": ACCOUNT, "region": REGION, "detail-type": entry["DetailType"],
            "source": entry["Source"], "resources": entry["Resources"], "detail": detail(entry),
            "time": time.replace(".000Z", "Z"),
        });
        built["detail"].as_object_mut().unwrap().remove("x-oss");
        let mut line: Value = serde_json::from_str(&event.to_json_line()).unwrap();
        line.as_object_mut().unwrap().retain(|name, _| name != "id" && name != "towpath");
        assert_eq!(built, line);
        let marks = json!({
            "sequence": event.sequence, "number": event.number, "id": event.id().to_string(),
        });
        assert_eq!(detail(entry)["x-oss"], marks);
    }
    let numbers = numbers(&taken);
    assert_eq!(numbers.len(), 2);
    for numbers in numbers.values() {
        assert!(numbers.iter().copied().eq(1..=numbers.len() as u64), "{numbers:?}");
    }
    // R94: both executions succeeded.
    assert_eq!(metrics.len(), 2);
    assert!(metrics.iter().all(|line| line.contains("PipelineDuration") && !line.contains('\n')));
    assert!(wire.requests().iter().all(|entries| entries.len() <= 10));
}

#[tokio::test]
async fn a_function_that_just_started_reads_what_was_true_before_from_the_table() {
    let world = ran("QUEUED", 1).await;
    let rows = told(&world, &log("web")).await;
    let whole = open();
    tell(&world.newcomer(), &whole, &rows).await;
    let piecewise = open();
    for row in &rows {
        let (back, _) = tell(&world.newcomer(), &piecewise, std::slice::from_ref(row)).await;
        assert_eq!(back, Vec::<String>::new());
    }
    assert_eq!(piecewise.taken(), whole.taken());
    // Warm, only the declaration is read, and that once.
    let app = world.newcomer();
    let quiet = open();
    let cost = world.count(async { drop(tell(&app, &quiet, &rows).await) }).await;
    assert!(cost.total().requests <= 1, "{cost:?}");
}

#[tokio::test]
async fn executions_with_logs_of_their_own_are_told_as_well() {
    let world = ran("PARALLEL", 1).await;
    let rows = told(&world, &log("web")).await;
    let admitted = world.app.store.records(&log("web"), 1, 100).await.unwrap();
    let execution = admitted
        .iter()
        .flat_map(|record| &record.changes)
        .find_map(|change| match change {
            engine::Change::Pipeline(engine::change::PipelineChange::Admitted {
                execution,
                ..
            }) => Some(*execution),
            engine::Change::Pipeline(_) | engine::Change::Execution { .. } => None,
        })
        .expect("one was admitted");
    let own = told(&world, &LogKey::Execution("web".into(), execution)).await;
    let wire = open();
    let rows: Vec<Value> = rows.into_iter().chain(own).collect();
    let (back, metrics) = tell(&world.newcomer(), &wire, &rows).await;
    assert_eq!((back, metrics.len()), (vec![], 1));
    let numbers = numbers(&wire.taken());
    let numbers = &numbers[&execution.to_string()];
    assert!(numbers.iter().copied().eq(1..=numbers.len() as u64), "{numbers:?}");
}

#[tokio::test]
async fn only_the_levels_that_are_asked_for_are_told_and_metrics_all_the_same() {
    let world = ran("QUEUED", 1).await;
    let rows = told(&world, &log("web")).await;
    let wire = open();
    let (_, metrics) = tell_levels(&world.newcomer(), &wire.bus(false), "pipeline", &rows).await;
    let taken = wire.taken();
    let types: Vec<_> = taken.iter().map(|entry| entry["DetailType"].as_str().unwrap()).collect();
    assert_eq!(types, ["CodePipeline Pipeline Execution State Change"; 2]);
    assert!(taken.iter().all(|entry| detail(entry).get("x-oss").is_none()), "the marks are off");
    assert_eq!(metrics.len(), 1);
    // Off, a detail is AWS's and nothing else (E5).
    let ours = expected(&world).await;
    assert_eq!(taken[0]["Detail"], ours[0].detail_json());
}

#[tokio::test]
async fn an_entry_that_is_turned_away_is_sent_again_and_nothing_else_is() {
    let world = ran("QUEUED", 1).await;
    let rows = told(&world, &log("web")).await;
    let third = |entry: &Value| detail(entry)["x-oss"]["sequence"] == 3;
    let wire = Wire::new(move |request, entry| match request {
        0 if third(entry) => Fate::TurnedAway,
        _ => Fate::Taken,
    });
    let (back, _) = tell(&world.newcomer(), &wire, &rows).await;
    assert_eq!(back, Vec::<String>::new());
    let requests = wire.requests();
    assert_eq!(requests[1].len(), 1);
    assert!(third(&requests[1][0]));
    let all = numbers(&wire.taken());
    let mut sorted = all.values().next().unwrap().clone();
    sorted.sort_unstable();
    assert!(sorted.iter().copied().eq(1..=sorted.len() as u64), "each is there once: {sorted:?}");
}

/// The stream begins again at the first record whose events are not all there.
#[tokio::test]
async fn what_cannot_be_told_is_told_later_from_there_on() {
    let world = ran("QUEUED", 3).await;
    let rows = told(&world, &log("web")).await;
    let app = world.newcomer();
    let is_stuck = |entry: &Value| {
        let detail = detail(entry);
        detail["x-oss"]["number"] == 2 && detail["x-oss"]["sequence"] == 4
    };
    let wire =
        Wire::new(move |_, entry| if is_stuck(entry) { Fate::TurnedAway } else { Fate::Taken });
    let (back, metrics) = tell(&app, &wire, &rows).await;
    assert_eq!(back.len(), 1, "the first one is named");
    let from = rows.iter().position(|row| row["dynamodb"]["SequenceNumber"] == *back[0]).unwrap();
    assert!(from > 0 && from < rows.len() - 1);
    assert_eq!(metrics.len(), 1, "only the first execution has ended in what was told");
    // Nothing of what comes after the failed request was sent.
    let last = wire.requests().pop().unwrap();
    assert!(last.iter().any(is_stuck));

    let healed = open();
    let (back, metrics) = tell(&app, &healed, &rows[from..]).await;
    assert_eq!((back, metrics.len()), (vec![], 2));
    let mut seen = wire.taken();
    seen.extend(healed.taken());
    for numbers in numbers(&seen).values_mut() {
        numbers.sort_unstable();
        numbers.dedup();
        assert!(numbers.iter().copied().eq(1..=numbers.len() as u64), "{numbers:?}");
    }
}

#[tokio::test]
async fn a_bus_that_takes_nothing_is_asked_a_few_times_and_the_stream_begins_again() {
    let world = ran("QUEUED", 1).await;
    let rows = told(&world, &log("web")).await;
    for fate in [Fate::TurnedAway, Fate::Denied] {
        let wire = Wire::new(move |_, _| fate);
        let (back, metrics) = tell(&world.newcomer(), &wire, &rows).await;
        // The first record defines the pipeline, and no event tells of that.
        assert_eq!(back, [rows[1]["dynamodb"]["SequenceNumber"].as_str().unwrap()]);
        assert_eq!(metrics, Vec::<String>::new());
        assert_eq!(wire.requests().len(), 4, "{fate:?}");
        assert_eq!(wire.taken(), Vec::<Value>::new());
    }
}

#[tokio::test]
async fn a_record_that_cannot_be_read_is_named_and_those_before_it_are_told() {
    let world = ran("QUEUED", 1).await;
    let good = told(&world, &log("web")).await;
    let mut rows = good.clone();
    rows[2]["dynamodb"]["NewImage"]["state"] = json!({"S": "{"});
    let wire = open();
    let (back, _) = tell(&world.newcomer(), &wire, &rows).await;
    assert_eq!(back, [rows[2]["dynamodb"]["SequenceNumber"].as_str().unwrap()]);
    let first = numbers(&wire.taken()).into_values().next().unwrap();
    assert!(!first.is_empty() && first.iter().copied().eq(1..=first.len() as u64), "{first:?}");

    // One whose predecessor is in no table cannot be told either, and makes nobody fail.
    let mut orphan = good[1].clone();
    orphan["dynamodb"]["NewImage"]["PK"] = json!({"S": "PIPELINE#other"});
    let (back, _) = tell(&world.newcomer(), &open(), &[orphan]).await;
    assert_eq!(back.len(), 1);
}

#[tokio::test]
async fn other_rows_are_passed_over() {
    let world = ran("QUEUED", 1).await;
    let good = told(&world, &log("web")).await;
    let mut summary = good[1].clone();
    summary["dynamodb"]["NewImage"] = json!({"PK": {"S": "CATALOG"}, "SK": {"S": "PIPELINE#web"}});
    let mut modified = good[1].clone();
    modified["eventName"] = json!("MODIFY");
    let mut removed = good[1].clone();
    removed["eventName"] = json!("REMOVE");
    removed["dynamodb"].as_object_mut().unwrap().remove("NewImage");
    let wire = open();
    let (back, metrics) = tell(&world.newcomer(), &wire, &[summary, modified, removed]).await;
    assert_eq!((back, metrics), (vec![], vec![]));
    assert_eq!(wire.requests().len(), 0);
}

/// Whoever waits before a stage is counted as long as it waits.
#[tokio::test]
async fn executions_that_wait_are_counted_when_that_changes() {
    let world = World::new().await;
    world.define(&pipeline("web", "QUEUED", &[code_commit("Code", "web", "main")])).await;
    let starts =
        messages(&[json!({"name": "web", "id": "e1"}), json!({"name": "web", "id": "e2"})]);
    assert_eq!(back(&cloud::changes::follow(&world.app, &starts).await), Vec::<String>::new());
    world.follow_hints().await;
    let rows = told(&world, &log("web")).await;
    let (_, metrics) = tell(&world.newcomer(), &open(), &rows).await;
    let counts: Vec<(Value, Value)> = metrics
        .iter()
        .map(|line| serde_json::from_str::<Value>(line).unwrap())
        .filter(|line| line.get("WaitingExecutions").is_some())
        .map(|line| {
            assert_eq!(line["PipelineName"], "web");
            assert_eq!(line["_aws"]["CloudWatchMetrics"][0]["Namespace"], "Towpath");
            (line["WaitingExecutions"].clone(), line["StageWaits"].clone())
        })
        .collect();
    assert_eq!(counts.first(), Some(&(json!(1), json!(1))), "{counts:?}");
    assert_eq!(counts.last().map(|last| &last.0), Some(&json!(0)), "{counts:?}");
}
