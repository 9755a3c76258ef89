//! Declaring, listing and deleting action types (J1 to J3).

use serde_json::{Value, json};

use crate::jobs::jenkins;
use crate::world::World;

const ARN: &str = "arn:aws:codepipeline:us-east-1:000000000000:actiontype:Custom/Build/Jenkins/1";

fn with(pointer: &str, value: Value) -> Value {
    let mut request = jenkins("1");
    let (parent, member) = pointer.rsplit_once('/').unwrap();
    request.pointer_mut(parent).unwrap()[member] = value;
    request
}

fn key() -> Value {
    json!({"category": "Build", "provider": "Jenkins", "version": "1"})
}

#[tokio::test]
async fn a_type_is_declared_once_and_declaring_it_again_changes_nothing() {
    let world = World::new().await;
    let mut request = jenkins("1");
    request["tags"] = json!([{"key": "team", "value": "canal"}]);
    let answer = world.ok("CreateCustomActionType", request).await;
    let declared = &answer["actionType"];
    assert_eq!(declared["id"]["owner"], "Custom");
    assert_eq!(declared["settings"], jenkins("1")["settings"]);
    assert_eq!(answer["tags"], json!([{"key": "team", "value": "canal"}]));
    let tags = world.ok("ListTagsForResource", json!({"resourceArn": ARN})).await;
    assert_eq!(tags["tags"], json!([{"key": "team", "value": "canal"}]));

    let again = world.ok("CreateCustomActionType", jenkins("1")).await;
    assert_eq!(&again["actionType"], declared);
    let other = with("/outputArtifactDetails/maximumCount", json!(4));
    let (code, _) = world.fault("CreateCustomActionType", other).await;
    assert_eq!(code, "ActionTypeAlreadyExistsException");
}

#[tokio::test]
async fn a_deleted_version_comes_back_only_as_it_was() {
    let world = World::new().await;
    world.ok("DeleteCustomActionType", key()).await;
    world.ok("CreateCustomActionType", jenkins("1")).await;
    world.ok("DeleteCustomActionType", key()).await;
    world.ok("DeleteCustomActionType", key()).await;
    let listed = world.ok("ListActionTypes", json!({"actionOwnerFilter": "Custom"})).await;
    assert_eq!(listed["actionTypes"], json!([]));
    let (code, _) = world.fault("ListTagsForResource", json!({"resourceArn": ARN})).await;
    assert_eq!(code, "ResourceNotFoundException");

    let other = with("/outputArtifactDetails/maximumCount", json!(4));
    let (code, message) = world.fault("CreateCustomActionType", other).await;
    assert_eq!(code, "ValidationException");
    assert!(message.contains("deleted"), "{message}");
    world.ok("CreateCustomActionType", jenkins("1")).await;
    let listed = world.ok("ListActionTypes", json!({"actionOwnerFilter": "Custom"})).await;
    assert_eq!(listed["actionTypes"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn a_type_that_contradicts_itself_is_refused_by_the_member() {
    // Contract §1.7, J2, J3.
    let world = World::new().await;
    for (pointer, value, wanted) in [
        (
            "/inputArtifactDetails",
            json!({"minimumCount": 2, "maximumCount": 1}),
            "inputArtifactDetails",
        ),
        ("/configurationProperties/2/queryable", json!(true), "Note"),
        ("/configurationProperties/0/secret", json!(true), "Project"),
        ("/configurationProperties/0/required", json!(false), "Project"),
        ("/configurationProperties/2/name", json!("Password"), "Password"),
        ("/settings/entityUrlTemplate", json!("https://ci/{Config:Password}"), "entityUrlTemplate"),
        ("/settings/revisionUrlTemplate", json!("https://ci/{Config:Note}"), "revisionUrlTemplate"),
    ] {
        let (code, message) = world.fault("CreateCustomActionType", with(pointer, value)).await;
        assert_eq!(code, "ValidationException", "{pointer}");
        assert!(message.contains(wanted), "{pointer}: {message}");
    }
    let mut two = jenkins("1");
    two["configurationProperties"][2]["queryable"] = json!(true);
    two["configurationProperties"][2]["required"] = json!(true);
    let (_, message) = world.fault("CreateCustomActionType", two).await;
    assert!(message.contains("only one property"), "{message}");
}

#[tokio::test]
async fn fifty_types_may_be_declared_and_one_more_only_when_one_is_deleted() {
    let world = World::new().await;
    for version in 1..=49 {
        world.ok("CreateCustomActionType", jenkins(&version.to_string())).await;
    }
    // Two race for the last place: never more than fifty are there after it.
    let (one, other) = tokio::join!(
        world.ask("CreateCustomActionType", jenkins("50")),
        world.ask("CreateCustomActionType", jenkins("51")),
    );
    assert!(one.is_err() || other.is_err());
    for version in 50..=51 {
        let _ = world.ask("CreateCustomActionType", jenkins(&version.to_string())).await;
    }
    let (code, _) = world.fault("CreateCustomActionType", jenkins("52")).await;
    assert_eq!(code, "LimitExceededException");
    let listed = world.ok("ListActionTypes", json!({"actionOwnerFilter": "Custom"})).await;
    assert_eq!(listed["actionTypes"].as_array().unwrap().len(), 50);
    world.ok("CreateCustomActionType", jenkins("7")).await;
    world.ok("DeleteCustomActionType", key()).await;
    world.ok("CreateCustomActionType", jenkins("52")).await;
}

#[tokio::test]
async fn a_listing_goes_page_by_page_and_is_not_moved_by_what_is_declared_meanwhile() {
    let world = World::new().await;
    let all = world.ok("ListActionTypes", json!({})).await["actionTypes"].as_array().unwrap().len();
    for version in 1..=50 {
        world.ok("CreateCustomActionType", jenkins(&format!("b{version:02}"))).await;
    }
    // Registered types have no quota, so they make the listing longer than a page.
    for version in 0..80 {
        let up_to = json!({"minimumCount": 0, "maximumCount": 1});
        let file = json!({
            "id": {
                "category": "Test", "owner": "ThirdParty", "provider": "Lab",
                "version": format!("v{version:02}"),
            },
            "executor": {"type": "JobWorker", "configuration": {}},
            "inputArtifactDetails": up_to, "outputArtifactDetails": up_to,
            "clientId": "7d0e1a3c-5a1f-4d0b-9a57-2f6c7b1e9d10", "clientToken": "t",
        });
        let registration = runtime::jobs::Registration::parse(&file.to_string()).unwrap();
        runtime::jobs::register(&world.api.app, &registration).await.unwrap();
    }
    let mut seen = Vec::new();
    let mut token = Value::Null;
    loop {
        let page = world.ok("ListActionTypes", json!({"nextToken": token})).await;
        let types = page["actionTypes"].as_array().unwrap();
        assert!(types.len() <= 100);
        seen.extend(types.iter().map(|listed| listed["id"].to_string()));
        token = page["nextToken"].clone();
        if token.is_null() {
            break;
        }
        // What is declared before the place where the page ended moves nothing.
        let _ = world
            .ask(
                "DeleteCustomActionType",
                json!({"category": "Build", "provider": "Jenkins", "version": "b01"}),
            )
            .await;
        let other = json!({"nextToken": token, "actionOwnerFilter": "AWS"});
        assert_eq!(world.fault("ListActionTypes", other).await.0, "InvalidNextTokenException");
    }
    let mut distinct = seen.clone();
    distinct.sort_unstable();
    distinct.dedup();
    assert_eq!((distinct.len(), seen.len()), (all + 130, all + 130));
}

#[tokio::test]
async fn types_and_rules_of_the_catalogue_are_shown() {
    let world = World::new().await;
    let aws = world.ok("ListActionTypes", json!({"actionOwnerFilter": "AWS"})).await;
    let types = aws["actionTypes"].as_array().unwrap();
    assert!(types.iter().all(|listed| listed["id"]["owner"] == "AWS"));
    let build =
        json!({"category": "Build", "owner": "AWS", "provider": "CodeBuild", "version": "1"});
    let listed = types.iter().find(|listed| listed["id"] == build).unwrap();
    assert_eq!(listed["inputArtifactDetails"], json!({"minimumCount": 1, "maximumCount": 5}));

    let shown = world.ok("GetActionType", build).await["actionType"].clone();
    assert_eq!(shown["executor"]["type"], "JobWorker");
    assert_eq!(shown["properties"][0]["name"], "ProjectName");
    assert_eq!(shown["properties"][0]["optional"], false);
    let github =
        json!({"category": "Source", "owner": "ThirdParty", "provider": "GitHub", "version": "1"});
    let shown = world.ok("GetActionType", github).await["actionType"].clone();
    let secret = shown["properties"].as_array().unwrap();
    assert!(
        secret
            .iter()
            .any(|property| property["name"] == "OAuthToken" && property["noEcho"] == true)
    );

    let unknown =
        json!({"category": "Build", "owner": "AWS", "provider": "Nobody", "version": "1"});
    assert_eq!(world.fault("GetActionType", unknown).await.0, "ActionTypeNotFoundException");
    let custom =
        json!({"category": "Build", "owner": "Custom", "provider": "Jenkins", "version": "1"});
    assert_eq!(world.fault("GetActionType", custom).await.0, "ValidationException");

    let rules = world.ok("ListRuleTypes", json!({})).await["ruleTypes"].clone();
    let names: Vec<_> =
        rules.as_array().unwrap().iter().map(|rule| &rule["id"]["provider"]).collect();
    assert_eq!(names.len(), model::catalog::RULES.len());
}
