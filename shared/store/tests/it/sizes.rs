//! How large records are, by DynamoDB's rule: the bytes of names and values.

use store::Record;

use crate::world::{World, grid, log, nothing};

/// Returns the size of a row as the table holds it.
async fn stored_bytes(world: &World, pipeline: &str, sequence: u64) -> usize {
    use aws_sdk_dynamodb::types::AttributeValue;
    let text = |text: String| AttributeValue::S(text);
    let row = world
        .embedded
        .client()
        .get_item()
        .table_name("towpath")
        .key("PK", text(format!("PIPELINE#{pipeline}")))
        .key("SK", text(format!("LOG#{sequence:012}")))
        .send()
        .await
        .unwrap()
        .item
        .unwrap();
    row.iter()
        .map(|(name, value)| {
            let bytes = match (value.as_s(), value.as_n()) {
                (Ok(text), _) => text.len(),
                // Two digits take a byte, and there is one more for every number.
                (_, Ok(number)) => number.len().div_ceil(2) + 1,
                (Err(_), Err(_)) => panic!("{name} is neither a text nor a number"),
            };
            name.len() + bytes
        })
        .sum()
}

/// Returns the largest record of one execution of a pipeline with so many stages and actions.
async fn largest(stages: usize, actions: usize) -> usize {
    let world = World::new().await;
    let name = "web-shop-frontend";
    let web = log(name);
    let _committed = world.define(&web, &grid(name, stages, actions)).await;
    let mut records: Vec<std::sync::Arc<Record>> = vec![];
    // The second execution waits behind the first for a while, as it does in life.
    let first = world.start(&web, 1).await;
    let second = world.start(&web, 2).await;
    records.push(second.record().clone());
    world.finish(&web, first, nothing, |turn| records.push(turn.record().clone())).await;
    let mut sizes = vec![];
    for record in records {
        assert!(record.definition.is_none());
        sizes.push(stored_bytes(&world, name, record.sequence).await);
    }
    let largest = sizes.iter().copied().max().unwrap();
    println!("{stages} stages with {actions} actions each: {largest} bytes at most");
    largest
}

#[tokio::test]
async fn a_record_has_at_most_1_kb_up_to_20_actions() {
    assert!(largest(3, 1).await <= 1024);
    assert!(largest(4, 5).await <= 1024);
    assert!(largest(10, 2).await <= 1024);
    assert!(largest(2, 10).await <= 1024);
}

#[tokio::test]
async fn a_record_has_at_most_2_kb_up_to_50_actions() {
    assert!(largest(5, 10).await <= 2048);
    assert!(largest(10, 5).await <= 2048);
    assert!(largest(2, 25).await <= 2048);
}
