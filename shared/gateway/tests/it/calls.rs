//! Calls of CodePipeline's API through a function URL.

use std::sync::Arc;

use access::Principals;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use gateway::{ApiDoor, Asks};
use serde_json::{Value, json};

use crate::signing;
use crate::world::{HOST, ROLE, World, event, fault};

#[tokio::test]
async fn a_stock_client_signs_and_is_answered_and_written_down() {
    let world = World::new().await;
    let answer = world.ok("ListPipelines", json!({})).await;
    assert_eq!(answer["pipelines"], json!([]));
    let record = world.newest_record();
    assert_eq!(record["eventName"], "ListPipelines");
    assert_eq!(record["sourceIPAddress"], "192.0.2.7", "as AWS has it, not as a header claims");
    assert_eq!(record["userIdentity"]["arn"], ROLE);
    assert_eq!(record["userIdentity"]["userName"], "ann", "the session, for people");
}

#[tokio::test]
async fn a_body_that_comes_as_base_64_is_checked_as_the_bytes_that_were_sent() {
    let world = World::new().await;
    let mut call = world.call(&world.admin(), "ListPipelines", &json!({"maxResults": 3}));
    let body = call["body"].as_str().unwrap().to_owned();
    call["body"] = STANDARD.encode(body).into();
    call["isBase64Encoded"] = true.into();
    assert_eq!(world.send(call.clone()).await.status_code, 200);
    call["body"] = STANDARD.encode(r#"{"maxResults": 4}"#).into();
    assert_eq!(fault(&world.send(call).await).0, "InvalidSignatureException");
}

#[tokio::test]
async fn cbor_goes_in_and_comes_out_as_base_64() {
    let world = World::new().await;
    let mut body = Vec::new();
    ciborium::into_writer(&json!({"name": "none"}), &mut body).unwrap();
    let path = "/service/CodePipeline_20150709/operation/GetPipeline";
    let sent = [
        ("content-type", "application/cbor"),
        ("accept", "application/cbor"),
        ("smithy-protocol", "rpc-v2-cbor"),
    ];
    let url = format!("https://{HOST}{path}");
    let headers = signing::headers(&world.admin(), &url, &sent, &body, world.now());
    let mut call = event("POST", path, headers, "");
    call["body"] = STANDARD.encode(&body).into();
    call["isBase64Encoded"] = true.into();
    let reply = world.send(call).await;
    assert!(reply.is_base64_encoded);
    assert_eq!(reply.headers["content-type"], "application/cbor");
    let answer: Value =
        ciborium::from_reader(STANDARD.decode(&reply.body).unwrap().as_slice()).unwrap();
    let code = answer["__type"].as_str().unwrap();
    assert!(code.ends_with("PipelineNotFoundException"), "{answer}");
}

#[tokio::test]
async fn nobody_is_answered_without_a_signature_and_no_part_of_a_request_can_be_changed() {
    let world = World::new().await;
    let call = world.call(&world.admin(), "ListPipelines", &json!({}));
    let changes: [(&str, fn(&mut Value)); 9] = [
        ("MissingAuthenticationTokenException", |call| {
            drop(call["headers"].as_object_mut().unwrap().remove("authorization"));
        }),
        ("InvalidSignatureException", |call| call["body"] = r#"{"maxResults":1}"#.into()),
        ("InvalidSignatureException", |call| call["rawQueryString"] = "a=b".into()),
        ("InvalidSignatureException", |call| {
            call["headers"]["x-amz-target"] = "CodePipeline_20150709.ListWebhooks".into();
        }),
        ("UnrecognizedClientException", |call| {
            let token = call["headers"]["x-amz-security-token"].as_str().unwrap().to_owned();
            call["headers"]["x-amz-security-token"] = token[..token.len() - 2].to_owned().into();
        }),
        ("UnrecognizedClientException", |call| {
            call["headers"]["x-amz-security-token"] = "".into();
        }),
        ("MisdirectedRequestException", |call| {
            call["requestContext"]["domainName"] = "other.lambda-url.eu-west-1.on.aws".into();
        }),
        ("MisdirectedRequestException", |call| call["headers"]["host"] = "evil.example".into()),
        ("AccessDeniedException", |call| {
            call["headers"]["origin"] = "https://evil.example".into();
        }),
    ];
    assert_eq!(world.send(call.clone()).await.status_code, 200);
    for (place, (code, change)) in changes.into_iter().enumerate() {
        let mut call = call.clone();
        change(&mut call);
        let reply = world.send(call).await;
        assert_ne!(reply.status_code, 200);
        let (told, message) = fault(&reply);
        assert!(told.ends_with(code), "change {place}: {told}: {message}");
    }
}

#[tokio::test]
async fn what_is_larger_than_a_request_may_be_is_turned_away() {
    let world = World::new().await;
    let mut call = world.call(&world.admin(), "ListPipelines", &json!({}));
    call["body"] = "x".repeat(1024 * 1024 + 1).into();
    let reply = world.send(call).await;
    assert_eq!(
        (reply.status_code, fault(&reply).0.as_str()),
        (413, "RequestEntityTooLargeException")
    );
}

#[tokio::test]
async fn a_session_ends_and_a_role_that_is_taken_away_is_gone_at_once() {
    let world = World::new().await;
    let viewer = world.key_of("arn:aws:iam::111122223333:user/bob");
    let call = |operation: &str| world.call(&viewer, operation, &json!({"name": "web"}));
    assert_eq!(fault(&world.send(call("GetPipeline")).await).0, "PipelineNotFoundException");
    assert_eq!(fault(&world.send(call("DeletePipeline")).await).0, "AccessDeniedException");
    let stranger = world.key_of("arn:aws:sts::111122223333:assumed-role/Other/Release");
    let call = world.call(&stranger, "ListPipelines", &json!({}));
    assert_eq!(fault(&world.send(call).await).0, "AccessDeniedException", "it has no role now");
    world.clock.pass(3_600_000);
    let call = world.call(&viewer, "ListPipelines", &json!({}));
    assert_eq!(fault(&world.send(call).await).0, "ExpiredTokenException");
}

/// Where the function URL checks signatures itself, the event says who signed.
async fn behind_iam(world: &World, iam: Value) -> (u16, String) {
    let principals = Principals::read(&format!("Viewer={ROLE}")).unwrap();
    let door = ApiDoor::new(Arc::clone(&world.api), Asks::Aws(principals), None);
    // Signed for `lambda`, by a key that nobody here knows: that is not looked at.
    let headers = [
        ("content-type".to_owned(), "application/x-amz-json-1.1".to_owned()),
        ("x-amz-target".to_owned(), "CodePipeline_20150709.ListPipelines".to_owned()),
    ];
    let mut call = event("POST", "/", headers, "{}");
    call["requestContext"]["authorizer"] = iam;
    let reply = door.answer(serde_json::from_value(call).unwrap()).await;
    (reply.status_code, fault(&reply).0)
}

#[tokio::test]
async fn behind_awss_own_check_the_caller_is_whom_aws_names() {
    let world = World::new().await;
    let iam = |arn: &str, account: &str| {
        json!({"iam": {
            "accessKey": "ASIAEXAMPLE", "accountId": account, "callerId": "AROA:ann",
            "cognitoIdentity": null, "principalOrgId": null, "userArn": arn, "userId": "AROA:ann",
        }})
    };
    let session = "arn:aws:sts::111122223333:assumed-role/Release/ann";
    assert_eq!(behind_iam(&world, iam(session, "111122223333")).await.0, 200);
    let record = world.newest_record();
    assert_eq!(record["userIdentity"]["arn"], ROLE);
    assert_eq!(record["userIdentity"]["accessKeyId"], "ASIAEXAMPLE");
    let other = "arn:aws:sts::111122223333:assumed-role/Other/ann";
    let denied = behind_iam(&world, iam(other, "111122223333")).await;
    assert_eq!(denied.1, "AccessDeniedException");
}

#[tokio::test]
async fn behind_awss_own_check_nobody_comes_in_without_an_identity() {
    let world = World::new().await;
    for iam in [
        json!(null),
        json!({}),
        json!({"iam": null}),
        json!({"iam": {"accessKey": "", "accountId": "111122223333", "userArn": ROLE}}),
        json!({"iam": {
            "accessKey": "A", "accountId": "999999999999",
            "userArn": "arn:aws:sts::111122223333:assumed-role/Release/ann",
        }}),
    ] {
        let (status, code) = behind_iam(&world, iam).await;
        assert_eq!((status, code.as_str()), (403, "MissingAuthenticationTokenException"));
    }
    assert_eq!(world.records(), 0);
}
