//! How a message reaches a subscriber, who listens on loopback here.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener};
use std::thread::JoinHandle;
use std::time::Duration;

use cloud::batch::Unfinished;
use cloud::deliver::signature::Key;
use cloud::deliver::{self, Courier, Deliveries, Delivery, Post, Reach};
use cloud::subscribers::Subscribers;
use model::time::Timestamp;
use serde_json::json;

use crate::wire::Wire;

const KEY: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

/// Listens for one request, answers it, and returns it.
struct Listener {
    address: SocketAddr,
    heard: JoinHandle<Option<String>>,
}

impl Listener {
    fn answering(answer: &'static str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let heard = std::thread::spawn(move || {
            let (mut stream, _) = listener.accept().ok()?;
            stream.set_read_timeout(Some(Duration::from_secs(5))).unwrap();
            let mut request = Vec::new();
            let mut piece = [0; 4096];
            loop {
                let read = stream.read(&mut piece).ok()?;
                request.extend_from_slice(&piece[..read]);
                let text = String::from_utf8_lossy(&request).into_owned();
                let length = text.to_lowercase();
                let length = length.split("content-length: ").nth(1);
                let length: usize = length?.lines().next()?.trim().parse().ok()?;
                if let Some((_, body)) = text.split_once("\r\n\r\n")
                    && body.len() >= length
                {
                    stream.write_all(answer.as_bytes()).ok()?;
                    return Some(text);
                }
            }
        });
        Self { address, heard }
    }

    fn heard(self) -> String {
        self.heard.join().unwrap().expect("it was asked")
    }
}

fn courier(wire: &Wire, kind: &str, address: SocketAddr) -> Courier {
    let secret = if kind == "https" { json!(KEY) } else { json!(null) };
    let list = json!([
        { "name": "audit", "kind": kind, "url": format!("http://{address}/hook"), "secret": secret },
    ]);
    wire.keep_secret(&list.to_string());
    let own = wire.own();
    let subscribers = Subscribers::new(&own, "arn:secret", Reach::Loopback);
    Courier::new(&own, subscribers, Post::new(Reach::Loopback), "https://sqs/deliveries".to_owned())
}

fn deliveries(subscriber: &str, tries: u32) -> Deliveries {
    let delivery = Delivery {
        id: "msg_1".to_owned(),
        subscriber: subscriber.to_owned(),
        body: r#"{"test": 2432232314}"#.to_owned(),
    };
    let records = json!({ "Records": [{
        "messageId": "m0", "receiptHandle": "handle", "body": delivery.write(),
        "attributes": { "ApproximateReceiveCount": tries.to_string(), "SentTimestamp": "1" },
    }] });
    serde_json::from_value(records).unwrap()
}

async fn deliver(courier: &Courier, deliveries: &Deliveries) -> Unfinished {
    deliver::deliver(courier, deliveries, Timestamp::from_millis(1_614_265_330_500)).await
}

#[tokio::test]
async fn a_machine_gets_a_signed_request() {
    let listener = Listener::answering("HTTP/1.1 204 No Content\r\n\r\n");
    let wire = Wire::default();
    let courier = courier(&wire, "https", listener.address);
    let unfinished = deliver(&courier, &deliveries("audit", 1)).await;
    assert!(unfinished.batch_item_failures.is_empty());
    let heard = listener.heard();
    let lower = heard.to_lowercase();
    assert!(heard.starts_with("POST /hook HTTP/1.1\r\n"), "{heard}");
    let body = r#"{"test": 2432232314}"#;
    assert!(heard.ends_with(body), "{heard}");
    assert!(lower.contains("webhook-id: msg_1\r\n"), "{heard}");
    assert!(lower.contains("webhook-timestamp: 1614265330\r\n"), "{heard}");
    let signature = Key::parse(KEY).unwrap().sign("msg_1", 1_614_265_330, body);
    assert!(heard.contains(&signature), "{heard}");
    assert!(wire.hidden().is_empty());
}

#[tokio::test]
async fn slack_gets_its_blocks_without_a_signature() {
    let listener = Listener::answering("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok");
    let wire = Wire::default();
    let courier = courier(&wire, "slack", listener.address);
    assert!(deliver(&courier, &deliveries("audit", 1)).await.batch_item_failures.is_empty());
    let heard = listener.heard().to_lowercase();
    assert!(heard.contains("content-type: application/json\r\n"), "{heard}");
    assert!(!heard.contains("webhook-signature"), "{heard}");
}

#[tokio::test]
async fn what_is_not_taken_is_hidden_for_a_while_and_stays_in_the_queue() {
    for answer in [
        "HTTP/1.1 500 Oh\r\ncontent-length: 0\r\n\r\n",
        "HTTP/1.1 404 No\r\ncontent-length: 0\r\n\r\n",
        // Nobody is sent on to anywhere.
        "HTTP/1.1 302 Found\r\nlocation: http://169.254.169.254/\r\ncontent-length: 0\r\n\r\n",
        "HTTP/1.1 429 Slow\r\nretry-after: 120\r\ncontent-length: 0\r\n\r\n",
    ] {
        let listener = Listener::answering(answer);
        let wire = Wire::default();
        let courier = courier(&wire, "https", listener.address);
        let unfinished = deliver(&courier, &deliveries("audit", 3)).await;
        assert_eq!(unfinished.batch_item_failures.len(), 1, "{answer}");
        let hidden = wire.hidden();
        assert_eq!(hidden.len(), 1, "{answer}");
        assert_eq!(hidden[0]["ReceiptHandle"], "handle");
        let seconds = hidden[0]["VisibilityTimeout"].as_i64().unwrap();
        let range = if answer.contains("429") { 120..=120 } else { 1..=40 };
        assert!(range.contains(&seconds), "{answer}: {seconds} s");
        listener.heard();
    }
}

#[tokio::test]
async fn nobody_who_listens_is_a_failure_like_others() {
    let address = {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        listener.local_addr().unwrap()
    };
    let wire = Wire::default();
    let courier = courier(&wire, "https", address);
    assert_eq!(deliver(&courier, &deliveries("audit", 1)).await.batch_item_failures.len(), 1);
    assert_eq!(wire.hidden().len(), 1);
}

#[tokio::test]
async fn who_is_gone_or_off_the_list_gets_nothing_any_more() {
    let listener = Listener::answering("HTTP/1.1 410 Gone\r\ncontent-length: 0\r\n\r\n");
    let wire = Wire::default();
    let courier = courier(&wire, "https", listener.address);
    assert!(deliver(&courier, &deliveries("audit", 1)).await.batch_item_failures.is_empty());
    listener.heard();
    assert!(deliver(&courier, &deliveries("somebody", 1)).await.batch_item_failures.is_empty());
}

#[tokio::test]
async fn what_is_no_delivery_goes_to_the_dead_letters() {
    let wire = Wire::default();
    let courier = courier(&wire, "https", SocketAddr::from(([127, 0, 0, 1], 9)));
    let mut poison = deliveries("audit", 1);
    poison.records[0].body = "{".to_owned();
    assert_eq!(deliver(&courier, &poison).await.batch_item_failures.len(), 1);
    assert!(wire.hidden().is_empty(), "the queue's own time is enough");
}

#[tokio::test]
async fn without_the_setting_of_tests_loopback_is_no_address() {
    let wire = Wire::default();
    wire.keep_secret(
        &json!([{ "name": "audit", "kind": "slack", "url": "https://127.0.0.1:9001/" }])
            .to_string(),
    );
    let own = wire.own();
    let subscribers = Subscribers::new(&own, "arn:secret", Reach::Public);
    let wrong = subscribers.list(Timestamp::from_millis(0)).await.expect_err("it is refused");
    assert!(wrong.to_string().contains("member 0: url leads to 127.0.0.1"), "{wrong}");
}
