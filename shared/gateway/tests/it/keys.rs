//! `POST /token`: keys for identities of IAM (security §3.4).

use serde_json::{Value, json};

use crate::elsewhere::{Asked, Elsewhere, answered};
use crate::signing::{self, Pair, question};
use crate::world::{DEPLOYMENT, HOST, REGION, ROLE, World, event, fault};

use model::time::Timestamp;

const SESSION: &str = "arn:aws:sts::111122223333:assumed-role/Release/ann";

/// Who has which role in these tests.
const PRINCIPALS: &str = "Admin=arn:aws:iam::111122223333:role/Release";

/// When worlds begin.
const MORNING: Timestamp = Timestamp::from_millis(1_795_687_200_000);

fn identity(arn: &str) -> String {
    json!({"GetCallerIdentityResponse": {
        "GetCallerIdentityResult": {"Account": "111122223333", "Arn": arn, "UserId": "AROA:ann"},
        "ResponseMetadata": {"RequestId": "r"},
    }})
    .to_string()
}

/// STS: it checks the signature over all that it was sent, the audience included.
fn sts(asked: &Asked) -> Vec<u8> {
    let kind = [("content-type", "application/json")];
    if signing::is_signed(asked, &Pair::aws(), MORNING) {
        answered(200, &kind, identity(SESSION))
    } else {
        answered(403, &kind, r#"{"Error":{"Code":"SignatureDoesNotMatch"}}"#)
    }
}

async fn world(answer: impl Fn(&Asked) -> Vec<u8> + Send + Sync + 'static) -> World {
    World::with(Elsewhere::new(answer), PRINCIPALS).await
}

/// Tells one question from another.
const NONCE: &str = "0193a1b2c3d47e5f8a9b0c1d2e3f4a5b";

/// What a client sends for a key.
fn request(query: &str, audience: &str) -> Value {
    request_with(NONCE, query, audience)
}

fn request_with(nonce: &str, query: &str, audience: &str) -> Value {
    let body = json!({"region": REGION, "query": query, "audience": audience, "nonce": nonce});
    let body = body.to_string();
    let kind = [("content-type".to_owned(), "application/json".to_owned())];
    event("POST", "/token", kind, &body)
}

fn good() -> Value {
    request(&question(&Pair::aws(), REGION, HOST, NONCE, MORNING), HOST)
}

#[tokio::test]
async fn an_identity_of_iam_gets_a_key_that_stock_clients_sign_with() {
    let world = world(sts).await;
    let reply = world.send(good()).await;
    assert_eq!(reply.status_code, 200, "{}", reply.body);
    assert_eq!(reply.headers["cache-control"], "no-store");
    let keys: Value = serde_json::from_str(&reply.body).unwrap();
    assert_eq!(keys["Version"], 1);
    assert_eq!(keys["Expiration"], "2026-11-26T11:00:00Z");
    let text = |name: &str| keys[name].as_str().unwrap().to_owned();
    assert!(text("AccessKeyId").starts_with("TOWP"), "never to be taken for one of AWS's");
    let record = world.newest_record();
    assert_eq!(record["eventName"], "IssueSessionKey");
    assert_eq!(record["userIdentity"]["arn"], ROLE);
    assert_eq!(record["userIdentity"]["accessKeyId"], text("AccessKeyId"));
    assert!(!record.to_string().contains(&text("SecretAccessKey")));
    let pair = Pair {
        key: text("AccessKeyId"),
        secret: text("SecretAccessKey"),
        token: Some(text("SessionToken")),
    };
    let answer = world.send(world.call(&pair, "ListPipelines", &json!({}))).await;
    assert_eq!(answer.status_code, 200, "{}", answer.body);
}

#[tokio::test]
async fn sts_is_asked_the_question_and_nothing_else() {
    let world = world(sts).await;
    world.send(good()).await;
    let asked = world.elsewhere.asked();
    let [asked] = asked.as_slice() else { panic!("{asked:?}") };
    assert!(asked.line.starts_with("GET /?Action=GetCallerIdentity&Version=2011-06-15&"));
    assert_eq!(asked.header("host"), "sts.eu-west-1.amazonaws.com");
    assert_eq!(asked.header("x-towpath-audience"), HOST);
    assert_eq!(asked.header("accept"), "application/json");
    assert_eq!(asked.header("authorization"), "", "and never in the function's own name");
}

#[tokio::test]
async fn the_deployments_id_is_an_audience_as_well() {
    let world = world(sts).await;
    let query = question(&Pair::aws(), REGION, DEPLOYMENT, NONCE, MORNING);
    assert_eq!(world.send(request(&query, DEPLOYMENT)).await.status_code, 200);
}

#[tokio::test]
async fn a_question_that_was_meant_for_another_deployment_gives_no_key() {
    let world = world(sts).await;
    let query = question(&Pair::aws(), REGION, "evil.example", NONCE, MORNING);
    // Whoever it was sent to passes it on here, and says that it was meant for us.
    let reply = world.send(request(&query, HOST)).await;
    assert_eq!((reply.status_code, fault(&reply).0.as_str()), (403, "AccessDeniedException"));
    assert_eq!(world.elsewhere.asked().len(), 1, "STS said so");
    let reply = world.send(request(&query, "evil.example")).await;
    assert_eq!(reply.status_code, 403);
    assert_eq!(world.elsewhere.asked().len(), 1, "and this was seen before");
    assert_eq!(world.newest_record()["errorCode"], "AccessDeniedException");
}

#[tokio::test]
async fn who_asks_twice_within_a_second_gets_two_keys() {
    let world = world(sts).await;
    let mut keys = Vec::new();
    for nonce in [NONCE, "f193a1b2c3d47e5f8a9b0c1d2e3f4a5b"] {
        let query = question(&Pair::aws(), REGION, HOST, nonce, MORNING);
        let reply = world.send(request_with(nonce, &query, HOST)).await;
        assert_eq!(reply.status_code, 200, "{}", reply.body);
        keys.push(reply.body);
        // What was signed with another nonce is another question.
        let other = request_with("e193a1b2c3d47e5f8a9b0c1d2e3f4a5b", &query, HOST);
        assert_eq!(world.send(other).await.status_code, 403);
    }
    assert_ne!(keys[0], keys[1]);
}

#[tokio::test]
async fn a_question_is_good_for_one_key() {
    let world = world(sts).await;
    assert_eq!(world.send(good()).await.status_code, 200);
    for _ in 0..3 {
        let (code, message) = fault(&world.send(good()).await);
        assert_eq!(code, "AccessDeniedException");
        assert!(message.contains("answered already"), "{message}");
    }
    world.clock.pass(901_000);
    assert_eq!(fault(&world.send(good()).await).0, "ExpiredTokenException");
}

#[tokio::test]
async fn of_many_who_send_the_same_question_at_once_one_gets_a_key() {
    let world = world(sts).await;
    let all = [world.send(good()), world.send(good()), world.send(good()), world.send(good())];
    let [one, two, three, four] = all;
    let (one, two, three, four) = tokio::join!(one, two, three, four);
    let given = [one, two, three, four].iter().filter(|reply| reply.status_code == 200).count();
    assert_eq!(given, 1);
}

/// Whatever stands at STS's place and is not plainly STS, nobody gets a key for it.
#[tokio::test]
async fn an_answer_that_is_not_stss_gives_no_key() {
    let json = [("content-type", "application/json")];
    let xml = "<GetCallerIdentityResponse><Arn>arn:aws:iam::111122223333:root</Arn>";
    let endless = format!("{}{}", " ".repeat(64 * 1024), identity(SESSION));
    let answers = [
        answered(302, &[("location", "/elsewhere"), json[0]], identity(SESSION)),
        answered(307, &[("location", "http://127.0.0.1:9/")], ""),
        answered(200, &[("content-type", "text/xml")], xml),
        answered(200, &json, xml),
        answered(200, &json, "{}"),
        answered(200, &json, endless),
        answered(200, &json, identity("arn:aws:sts::999999999999:assumed-role/Release/ann")),
        answered(200, &json, identity("arn:aws:sts::111122223333:assumed-role/Other/Release")),
        answered(500, &json, identity(SESSION)),
        b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 9999\r\n\r\n{"
            .to_vec(),
        b"nonsense\r\n\r\n".to_vec(),
        Vec::new(),
    ];
    for (place, answer) in answers.into_iter().enumerate() {
        let world = world(move |_| answer.clone()).await;
        let reply = world.send(good()).await;
        assert!([403, 503].contains(&reply.status_code), "answer {place}: {}", reply.body);
        assert_eq!(world.elsewhere.asked().len(), 1, "answer {place}: nothing is followed");
        assert!(!reply.body.contains("SecretAccessKey"));
    }
}

#[tokio::test]
async fn a_body_without_end_is_not_read_to_its_end() {
    let head = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nconnection: close\r\n\r\n";
    let world = world(move |_| [head.as_bytes(), &vec![b' '; 8 * 1024 * 1024]].concat()).await;
    let reply = world.send(good()).await;
    assert_eq!(reply.status_code, 503, "{}", reply.body);
}

#[tokio::test]
async fn what_is_no_request_for_a_key_asks_nobody() {
    let world = world(sts).await;
    let changes: [(u16, fn(&mut Value)); 6] = [
        (405, |event| event["requestContext"]["http"]["method"] = "GET".into()),
        (415, |event| event["headers"]["content-type"] = "text/plain".into()),
        (415, |event| {
            event["headers"]["content-type"] = "application/x-www-form-urlencoded".into();
        }),
        (403, |event| event["headers"]["origin"] = "https://evil.example".into()),
        (421, |event| event["headers"]["host"] = "evil.example".into()),
        (400, |event| event["body"] = "{}".into()),
    ];
    for (status, change) in changes {
        let mut event = good();
        change(&mut event);
        assert_eq!(world.send(event).await.status_code, status);
    }
    assert!(world.elsewhere.asked().is_empty());
}

#[tokio::test]
async fn one_address_asks_in_vain_only_so_often() {
    let world = world(sts).await;
    let query = question(&Pair::aws(), REGION, "evil.example", NONCE, MORNING);
    let mut statuses = Vec::new();
    for _ in 0..30 {
        statuses.push(world.send(request(&query, HOST)).await.status_code);
    }
    assert_eq!(statuses.iter().filter(|status| **status == 429).count(), 10);
    assert_eq!(world.elsewhere.asked().len(), 20, "STS is spared");
    let mut other = request(&query, HOST);
    other["requestContext"]["http"]["sourceIp"] = "192.0.2.8".into();
    assert_eq!(world.send(other).await.status_code, 403, "others are not turned away for it");
}
