//! What records look like at rest, and that old ones stay readable.

use aws_sdk_dynamodb::types::AttributeValue;
use expect_test::expect;

use crate::world::{World, log, ordinary, three_stages_four_actions};

async fn attribute(world: &World, sequence: u64, name: &str) -> String {
    let text = |text: &str| AttributeValue::S(text.to_owned());
    let row = world
        .embedded
        .client()
        .get_item()
        .table_name("towpath")
        .key("PK", text("PIPELINE#web"))
        .key("SK", text(&format!("LOG#{sequence:012}")))
        .send()
        .await
        .unwrap()
        .item
        .unwrap();
    row[name].as_s().unwrap().clone()
}

/// These texts lie in people's tables. When this test fails, the reader must still read the old ones
/// (see the next test), and what changed must be something that old readers may pass over, or `v`
/// must rise.
#[tokio::test]
async fn the_texts_of_a_record_are_these() {
    let world = World::new().await;
    let web = log("web");
    let _committed = world.define(&web, &three_stages_four_actions("web", "SUPERSEDED")).await;
    let first = world.start(&web, 1).await;
    let _committed = world.start(&web, 2).await;
    world.finish(&web, first, ordinary, |_| {}).await;
    expect!["report bbe9fb90-df24-5307-a978-6f9face8b6c3"]
        .assert_eq(&attribute(&world, 4, "input").await);
    expect![[r#"{"c":[{"p":{"defined":{"v":1,"m":"SUPERSEDED","k":"AAAATQAAAAAAAAAAAAAAAA","b":"arn:aws:iam::123456789012:user/alice"}}}]}"#]].assert_eq(&attribute(&world, 1, "changes").await);
    expect![[r#"{"c":[{"a":1,"c":{"started":{"d":{"r":1,"v":1},"t":{"k":"StartPipelineExecution","d":"arn:aws:iam::123456789012:user/alice"}}}},{"c":{"entered":"Source"}},{"c":{"run":{"s":"Source","n":["Checkout"]}}}]}"#]].assert_eq(&attribute(&world, 2, "changes").await);
    expect![[r#"{"c":[{"x":1,"a":4,"c":{"done":{"s":"Source","n":"Checkout","o":{"external_id":"web-shop-build:6f2d1f1e-0f0a-4a3c-9d7e-1f7a3c2b9e55","artifacts":[{"name":"CheckoutOutput","bucket":"codepipeline-eu-central-1-481216","key":"web-shop/CheckoutOut/Yq3kV9x","sha256":"9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08","size_bytes":1482113}],"revision":{"id":"7fd1a60b01f91b314f59955a4e4d4e80d8edf11d","summary":"Show the basket's total before the delivery costs"}}}}},{"x":1,"c":{"left":"Source"}},{"x":1,"c":{"entered":"Build"}},{"x":1,"c":{"run":{"s":"Build","n":["Compile","UnitTest"]}}},{"a":2,"c":{"entered":"Source"}},{"c":{"run":{"s":"Source","n":["Checkout"]}}}]}"#]].assert_eq(&attribute(&world, 4, "changes").await);
    expect![[r#"{"i":["ABmfOkW2xwAIAAAAAAAAIA#2","ABmfOkW2xwAIAAAAAAAAEA#1"],"d":[{"r":1,"v":1}],"k":"AAAATQAAAAAAAAAAAAAAAA","n":2,"s":{"Build":{"o":1,"l":{"i":1}},"Source":{"o":0,"l":{}},"Test":{}},"e":[{"i":1,"t":2468,"r":2,"c":8,"s":1,"u":"r@0*2","o":"2"},{"t":1234,"r":3,"c":3,"u":"r@0"}]}"#]].assert_eq(&attribute(&world, 4, "state").await);
}
