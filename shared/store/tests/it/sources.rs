//! Who follows a source, and records as the stream tells of them.

use std::slice::from_ref;

use model::ids::PipelineName;
use serde_json::{Map, Value, json};
use store::{Follower, LogKey};

use crate::world::{World, execution, log, three_stages_four_actions};

fn follower(pipeline: &str, action: &str) -> Follower {
    Follower { pipeline: pipeline.into(), action: action.into() }
}

#[tokio::test]
async fn whoever_follows_a_source_is_found_by_it_and_by_no_other() {
    let world = World::new().await;
    let (main, next) = ("codecommit/web/main", "codecommit/web/next");
    for (source, pipeline, action) in
        [(main, "web", "Code"), (main, "api", "Code"), (next, "web", "Code"), (main, "web", "Docs")]
    {
        world.store.put_follower(source, &follower(pipeline, action), 7).await.unwrap();
    }
    let found = world.newcomer().followers(main).await.unwrap();
    assert_eq!(found, [follower("api", "Code"), follower("web", "Code"), follower("web", "Docs")]);
    assert_eq!(world.store.followers("codecommit/web").await.unwrap(), []);

    world.store.delete_follower(main, &follower("web", "Docs"), 8).await.unwrap();
    world.store.delete_follower(main, &follower("web", "Docs"), 8).await.unwrap();
    let found = world.store.followers(main).await.unwrap();
    assert_eq!(found, [follower("api", "Code"), follower("web", "Code")]);
}

/// A pipeline without its row would never start, so whoever is late must not take away what
/// somebody else noted for a declaration of later.
#[tokio::test]
async fn a_late_removal_does_not_touch_what_was_noted_since() {
    let world = World::new().await;
    let (source, web) = ("s3/bucket/site.zip", follower("web", "Code"));
    // Record 5 declared the source away; somebody saw that and declares it again.
    world.store.put_follower(source, &web, 5).await.unwrap();
    world.store.delete_follower(source, &web, 5).await.unwrap();
    assert_eq!(world.store.followers(source).await.unwrap(), from_ref(&web));
    // A writer who had seen less does not take the row back to before.
    world.store.put_follower(source, &web, 3).await.unwrap();
    world.store.delete_follower(source, &web, 5).await.unwrap();
    assert_eq!(world.store.followers(source).await.unwrap(), from_ref(&web));
    world.store.delete_follower(source, &web, 6).await.unwrap();
    assert_eq!(world.store.followers(source).await.unwrap(), []);
}

#[tokio::test]
async fn a_source_with_thousands_of_followers_is_read_to_the_end() {
    let world = World::new().await;
    // More than a request brings: pages end after a megabyte.
    let long = "k".repeat(900);
    let source = format!("s3/bucket/{long}");
    for number in 0..1_300 {
        let follower = follower(&format!("pipeline-{number:04}"), "Code");
        world.store.put_follower(&source, &follower, 1).await.unwrap();
    }
    let before = world.embedded.meter();
    assert_eq!(world.store.followers(&source).await.unwrap().len(), 1_300);
    let cost = &world.embedded.meter() - &before;
    assert!(cost.of("Query").requests > 1, "the test has more than one page: {cost:?}");
}

/// Returns a row as a stream's new image has it.
async fn image(world: &World, partition: &str, sort: &str) -> Map<String, Value> {
    use aws_sdk_dynamodb::types::AttributeValue;
    let text = |text: &str| AttributeValue::S(text.to_owned());
    let request = world.embedded.client().get_item().table_name("towpath");
    let row = request.key("PK", text(partition)).key("SK", text(sort)).send().await.unwrap();
    let members = row.item.unwrap().into_iter().map(|(name, value)| {
        let value = match (value.as_s(), value.as_n()) {
            (Ok(text), _) => json!({ "S": text }),
            (_, Ok(number)) => json!({ "N": number }),
            (Err(_), Err(_)) => panic!("{name} is neither a text nor a number"),
        };
        (name, value)
    });
    members.collect()
}

#[tokio::test]
async fn a_record_is_read_from_its_image_and_not_asked_for_again() {
    let world = World::new().await;
    let web = log("web");
    let _committed = world.define(&web, &three_stages_four_actions("web", "SUPERSEDED")).await;
    let started = world.start(&web, 1).await;
    let mut image = image(&world, "PIPELINE#web", "LOG#000000000002").await;
    // A later version may add what we do not know.
    image.insert("later".to_owned(), json!({"L": [{"BOOL": true}]}));

    let reader = world.newcomer();
    let before = world.embedded.meter();
    let (log, record) = reader.record_told(&image).unwrap().expect("it is a record");
    assert_eq!((&log, &record), (&web, started.record()));
    assert_eq!(reader.record(&web, 2).await.unwrap().as_ref(), Some(&record));
    assert_eq!((&world.embedded.meter() - &before).total().requests, 0);
}

#[tokio::test]
async fn a_record_of_an_executions_own_log_says_which_pipeline_it_belongs_to() {
    let world = World::new().await;
    let web = log("web");
    let _committed = world.define(&web, &three_stages_four_actions("web", "PARALLEL")).await;
    let admitted = world.start(&web, 1).await;
    let head = admitted.head().state.clone();
    let own = LogKey::Execution(PipelineName::new("web"), execution(1));
    let begin = engine::input::Begin {
        execution: execution(1),
        number: 1,
        definition: head.definition.unwrap(),
        secret: head.secret,
        trigger: crate::world::start(1).trigger,
        variables: std::collections::BTreeMap::new(),
        revisions: vec![],
        disabled: std::collections::BTreeMap::new(),
    };
    let store = &world.store;
    let input = engine::Input::Begin(begin);
    let before = store.load(&own).await.unwrap();
    let plans = {
        let mut plans = engine::Plans::default();
        let record = head.definition.unwrap().record;
        plans.insert(record, store.plan(own.pipeline(), record).await.unwrap());
        plans
    };
    let decision = engine::decide(&before.state, &plans, &input, world.now()).unwrap();
    let _commit = store.commit(&before, &input, decision, None, 9).await.unwrap();

    let image = image(&world, &format!("EXECUTION#{}", execution(1)), "LOG#000000000001").await;
    let (log, record) = world.newcomer().record_told(&image).unwrap().expect("it is a record");
    assert_eq!((log, record.sequence), (own, 1));
}

#[tokio::test]
async fn a_row_that_is_no_record_is_passed_over_and_a_broken_record_is_named() {
    let world = World::new().await;
    let told = |image: Value| world.store.record_told(image.as_object().unwrap());
    let text = |text: &str| json!({ "S": text });
    for (partition, sort) in [
        ("CATALOG", "PIPELINE#web"),
        ("PIPELINE#web", "EXECUTION#1"),
        ("SOURCE#s3/b/k", "web#Code"),
        ("LOG#1", "LOG#1"),
    ] {
        assert!(told(json!({"PK": text(partition), "SK": text(sort)})).unwrap().is_none());
    }
    assert!(told(json!({})).unwrap().is_none());
    assert!(told(json!({"PK": {"S": 7}, "SK": [], "v": null})).unwrap().is_none());
    let broken =
        json!({"PK": text("PIPELINE#web"), "SK": text("LOG#000000000007"), "v": {"N": "1"}});
    let error = told(broken).unwrap_err().to_string();
    assert!(error.contains("PIPELINE#web LOG#000000000007"), "{error}");
    let nameless = json!({
        "PK": text("EXECUTION#0199f3a4-5b6c-7000-8000-000000000100"),
        "SK": text("LOG#000000000001"),
        "v": {"N": "1"},
    });
    assert!(told(nameless).unwrap_err().to_string().contains("`pipeline`"));
}
