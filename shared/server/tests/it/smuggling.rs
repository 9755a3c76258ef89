//! Requests whose end could be read in two ways: refused, and nothing after them is read.

use crate::client::Client;
use crate::world::World;

const HEAD: &str = "POST / HTTP/1.1\r\nHost: localhost:@\r\nContent-Type: application/x-amz-json-1.1\r\n\
                    X-Amz-Target: CodePipeline_20150709.ListPipelines\r\n";

/// A second request, which must never be answered.
const SECOND: &str = "GET /logs/second HTTP/1.1\r\nHost: localhost:@\r\n\r\n";

async fn check(world: &World, request: &str, status: u16) {
    let bytes = request.replace('@', &world.port.to_string()).into_bytes();
    check_bytes(world, &bytes, status).await;
}

async fn check_bytes(world: &World, request: &[u8], status: u16) {
    let shown = String::from_utf8_lossy(request);
    let second = SECOND.replace('@', &world.port.to_string());
    let mut client = Client::connect(world.port).await;
    client.send([request, second.as_bytes()].concat()).await;
    let answer = client.answer().await.expect(&shown);
    assert_eq!(answer.status, status, "{shown:?}: {}", answer.text());
    let body: serde_json::Value = serde_json::from_slice(&answer.body).expect(&shown);
    assert!(body["__type"].is_string() && body["message"].is_string(), "{shown:?}: {body}");
    assert_eq!(answer.header("connection"), Some("close"), "{shown:?}");
    assert!(client.is_hung_up().await, "something else was answered after {shown:?}");
}

#[tokio::test]
async fn a_body_whose_length_is_said_in_two_ways_is_refused() {
    let world = World::new().await;
    for headers in [
        "Content-Length: 2\r\nTransfer-Encoding: chunked\r\n",
        "Transfer-Encoding: chunked\r\nContent-Length: 2\r\n",
        "Content-Length: 2\r\nContent-Length: 2\r\n",
        "Content-Length: 2\r\nContent-Length: 40\r\n",
        "Content-Length: 2, 2\r\n",
        "Content-Length: +2\r\n",
        "Content-Length: -2\r\n",
        "Content-Length: 0x2\r\n",
        "Content-Length: 2 2\r\n",
        "Content-Length: 2.0\r\n",
        "Content-Length: 2e0\r\n",
        "Content-Length: \"2\"\r\n",
        "Content-Length: ２\r\n",
        "Content-Length: \r\n",
        "Content-Length: 99999999999999999999999\r\n",
        "Content-Length : 2\r\n",
        "Content-Length\t: 2\r\n",
        " Content-Length: 2\r\n",
        "Content-Length: 2\r\n 0\r\n",
        "Content-Length:\r\n 2\r\n",
        "Content-Length: 2\u{0b}\r\n",
        "Content-Length: 2\u{0}\r\n",
        "Content-Length: 2\rX: y\r\n",
        "Content-Length 2\r\n",
        ": 2\r\n",
        "Content\u{0}Length: 2\r\n",
        "Content(Length: 2\r\n",
    ] {
        check(&world, &format!("{HEAD}{headers}\r\n{{}}"), 400).await;
    }
}

#[tokio::test]
async fn an_encoding_of_the_body_that_is_not_plain_chunks_is_refused() {
    let world = World::new().await;
    for headers in [
        "Transfer-Encoding: identity\r\n",
        "Transfer-Encoding: xchunked\r\n",
        "Transfer-Encoding: chunked, identity\r\n",
        "Transfer-Encoding: identity, chunked\r\n",
        "Transfer-Encoding: chunked, chunked\r\n",
        "Transfer-Encoding: gzip, chunked\r\n",
        "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n",
        "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n",
        "Transfer-Encoding: \u{0b}chunked\r\n",
        "Transfer-Encoding: chunked;x=y\r\n",
        "Transfer-Encoding: \"chunked\"\r\n",
        "Transfer-Encoding:\r\n chunked\r\n",
        "Transfer-Encoding : chunked\r\n",
        "Transfer-Encoding: \r\n",
        "Transfer_Encoding: chunked\r\nContent-Length: 2\r\nContent-Length: 2\r\n",
        // The API's bodies have a length; what could be read is refused all the same.
        "Transfer-Encoding: chunked\r\n",
        "Transfer-Encoding: Chunked\r\n",
    ] {
        check(&world, &format!("{HEAD}{headers}\r\n2\r\n{{}}\r\n0\r\n\r\n"), 400).await;
    }
}

#[tokio::test]
async fn a_line_that_ends_otherwise_and_a_first_line_of_another_shape_are_refused() {
    let world = World::new().await;
    for request in [
        "POST / HTTP/1.1\nHost: localhost:@\n\n",
        "POST / HTTP/1.1\r\nHost: localhost:@\n\r\n",
        "POST / HTTP/1.1\r\nHost: localhost:@\r\n\n",
        "\r\nPOST / HTTP/1.1\r\nHost: localhost:@\r\n\r\n",
        "POST / HTTP/1.1\r\n\tHost: localhost:@\r\n\r\n",
        "POST  / HTTP/1.1\r\nHost: localhost:@\r\n\r\n",
        "POST /\r\nHost: localhost:@\r\n\r\n",
        "POST / HTTP/1.1 x\r\nHost: localhost:@\r\n\r\n",
        "POST / HTTP/1.0\r\nHost: localhost:@\r\n\r\n",
        "POST / HTTP/2.0\r\nHost: localhost:@\r\n\r\n",
        "POST / http/1.1\r\nHost: localhost:@\r\n\r\n",
        "post / HTTP/1.1\r\nHost: localhost:@\r\n\r\n",
        "P\u{d6}ST / HTTP/1.1\r\nHost: localhost:@\r\n\r\n",
        "POST http://localhost:@/ HTTP/1.1\r\nHost: localhost:@\r\n\r\n",
        "CONNECT localhost:@ HTTP/1.1\r\nHost: localhost:@\r\n\r\n",
        "OPTIONS * HTTP/1.1\r\nHost: localhost:@\r\n\r\n",
        "POST /\u{e4} HTTP/1.1\r\nHost: localhost:@\r\n\r\n",
        "POST /#x HTTP/1.1\r\nHost: localhost:@\r\n\r\n",
        "POST / HTTP/1.1\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: localhost:@\r\nHost: localhost:@\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: localhost:@\r\nhost: evil.example\r\n\r\n",
        "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    ] {
        check(&world, request, 400).await;
    }
    check_bytes(&world, b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n", 400).await;
}

#[tokio::test]
async fn a_head_that_is_too_long_or_has_too_many_headers_is_refused() {
    let world = World::new().await;
    let long = format!("{HEAD}X-Long: {}\r\n\r\n", "x".repeat(20 * 1024));
    check(&world, &long, 431).await;
    let many = "X-Again: y\r\n".repeat(200);
    check(&world, &format!("{HEAD}{many}\r\n"), 431).await;
    let path = format!("POST /{} HTTP/1.1\r\nHost: localhost:@\r\n\r\n", "x".repeat(20 * 1024));
    let mut client = Client::connect(world.port).await;
    assert_eq!(client.ask(path.replace('@', &world.port.to_string())).await.status, 431);
}

#[tokio::test]
async fn whoever_smuggles_in_cbor_is_refused_in_cbor() {
    let world = World::new().await;
    let request = "POST /service/CodePipeline_20150709/operation/ListPipelines HTTP/1.1\r\n\
                   Host: localhost\r\nsmithy-protocol: rpc-v2-cbor\r\nContent-Type: application/cbor\r\n\
                   Content-Length: 1\r\nContent-Length: 1\r\n\r\n\u{0}";
    let mut client = Client::connect(world.port).await;
    let answer = client.ask(request).await;
    assert_eq!(answer.status, 400);
    assert_eq!(answer.header("content-type"), Some("application/cbor"));
    assert!(answer.text().contains("SerializationException"), "{}", answer.text());
    assert!(client.is_hung_up().await);
}

#[tokio::test]
async fn requests_that_come_together_are_answered_one_after_another() {
    let world = World::new().await;
    let one = SECOND.replace('@', &world.port.to_string());
    let body = HEAD.replace('@', &world.port.to_string()) + "Content-Length: 2\r\n\r\n{}";
    let mut client = Client::connect(world.port).await;
    client.send(format!("{one}{body}{one}")).await;
    let statuses = [
        client.answer().await.unwrap().status,
        client.answer().await.unwrap().status,
        client.answer().await.unwrap().status,
    ];
    assert_eq!(statuses, [403, 400, 403]);
}
