//! Tags of pipelines (P6, P7).

use serde_json::{Value, json};

use crate::declaring::created;
use crate::world::World;

const ARN: &str = "arn:aws:codepipeline:us-east-1:000000000000:web";

async fn tags(world: &World) -> Value {
    world.ok("ListTagsForResource", json!({"resourceArn": ARN})).await["tags"].clone()
}

#[tokio::test]
async fn tags_are_added_replaced_and_taken_off() {
    let world = created("web").await;
    assert_eq!(tags(&world).await, json!([]));
    let set = json!([{"key": "a", "value": "1"}, {"key": "b", "value": ""}]);
    world.ok("TagResource", json!({"resourceArn": ARN, "tags": set})).await;
    let other = json!([{"key": "a", "value": "2"}]);
    world.ok("TagResource", json!({"resourceArn": ARN, "tags": other})).await;
    let now = json!([{"key": "a", "value": "2"}, {"key": "b", "value": ""}]);
    assert_eq!(tags(&world).await, now);
    let off = json!({"resourceArn": ARN, "tagKeys": ["b", "never"]});
    world.ok("UntagResource", off).await;
    assert_eq!(tags(&world).await, json!([{"key": "a", "value": "2"}]));
}

#[tokio::test]
async fn fifty_tags_are_taken_and_one_more_is_not() {
    let world = created("web").await;
    let many = |count: usize| {
        let tag = |number: usize| json!({"key": format!("k{number}"), "value": "v"});
        json!({"resourceArn": ARN, "tags": (0..count).map(tag).collect::<Vec<_>>()})
    };
    let (code, _) = world.fault("TagResource", many(51)).await;
    assert_eq!(code, "TooManyTagsException");
    world.ok("TagResource", many(50)).await;
    let one = json!({"resourceArn": ARN, "tags": [{"key": "more", "value": ""}]});
    let (code, message) = world.fault("TagResource", one).await;
    assert_eq!(code, "TooManyTagsException");
    assert!(message.contains("51"), "{message}");
}

#[tokio::test]
async fn reserved_doubled_and_strange_keys_are_refused() {
    let world = created("web").await;
    for keys in [vec!["aws:x"], vec!["AWS:x"], vec!["twice", "twice"], vec!["a\nb"]] {
        let tags: Vec<_> = keys.iter().map(|key| json!({"key": key, "value": ""})).collect();
        let (code, _) = world.fault("TagResource", json!({"resourceArn": ARN, "tags": tags})).await;
        assert_eq!(code, "InvalidTagsException", "{keys:?}");
    }
}

#[tokio::test]
async fn an_arn_of_elsewhere_is_invalid_and_one_of_nothing_is_not_found() {
    let world = created("web").await;
    for (arn, code) in [
        ("arn:aws:codepipeline:us-east-1:000000000000:api", "ResourceNotFoundException"),
        ("arn:aws:codepipeline:eu-west-1:000000000000:web", "InvalidArnException"),
        ("arn:aws:codepipeline:us-east-1:000000000000:web/Build", "InvalidArnException"),
        ("arn:aws:codepipeline:us-east-1:000000000000:webhook:none", "ResourceNotFoundException"),
    ] {
        let fault = world.fault("ListTagsForResource", json!({"resourceArn": arn})).await;
        assert_eq!(fault.0, code, "{arn}: {}", fault.1);
    }
    let (code, _) = world
        .fault("ListTagsForResource", json!({"resourceArn": ARN, "nextToken": "made-up"}))
        .await;
    assert_eq!(code, "InvalidNextTokenException");
}
