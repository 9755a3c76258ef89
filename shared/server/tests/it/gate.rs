//! Who may come in: hosts, origins, what browsers say of a request, and what bodies say they are.

use crate::world::World;

/// A request comes in if its next hurdle is the signature that it lacks.
const IN: &str = "MissingAuthenticationToken";

const TYPED: &str = "Content-Type: application/x-amz-json-1.1\r\n";

/// Sends a request of the API's with these headers, where `@` stands for the server's port, and
/// demands a status; 400 together with the missing signature means that it came in.
async fn check(world: &World, headers: &str, status: u16) {
    let headers = headers.replace('@', &world.port.to_string());
    let request = format!(
        "POST / HTTP/1.1\r\n{headers}X-Amz-Target: CodePipeline_20150709.ListPipelines\r\n\
         Content-Length: 2\r\n\r\n{{}}"
    );
    let answer = world.connect().await.ask(request).await;
    assert_eq!(answer.status, status, "{headers:?}: {}", answer.text());
    assert_eq!(answer.text().contains(IN), status == 400, "{headers:?}: {}", answer.text());
    let body: serde_json::Value = serde_json::from_slice(&answer.body).unwrap();
    assert!(body["__type"].is_string() && body["message"].is_string(), "{headers:?}: {body}");
    assert_eq!(answer.header("content-type"), Some("application/x-amz-json-1.1"));
    let id = answer.header("x-amzn-requestid").unwrap_or_default();
    assert_eq!(id.len(), 36, "{headers:?}: every answer can be asked about, and this has {id:?}");
    let cors = answer.headers.iter().find(|(name, _)| name.starts_with("access-control"));
    assert_eq!(cors, None, "{headers:?}");
}

#[tokio::test]
async fn only_this_machine_is_a_host() {
    let world = World::new().await;
    for (host, status) in [
        ("127.0.0.1:@", 400),
        ("localhost:@", 400),
        ("LocalHost:@", 400),
        ("[::1]:@", 400),
        ("127.0.0.1", 421),
        ("localhost", 421),
        ("[::1]", 421),
        ("127.0.0.1:1", 421),
        ("localhost:80", 421),
        ("localhost:@0", 421),
        ("localhost:0@", 421),
        ("0.0.0.0:@", 421),
        ("127.0.0.2:@", 421),
        ("127.1:@", 421),
        ("2130706433:@", 421),
        ("0x7f.1:@", 421),
        ("evil.example:@", 421),
        ("localhost.evil.example:@", 421),
        ("evil.localhost:@", 421),
        ("localhost.:@", 421),
        ("127.0.0.1.nip.io:@", 421),
        ("user@localhost:@", 421),
        ("localhost:@/x", 421),
        ("[::]:@", 421),
        ("[::ffff:127.0.0.1]:@", 421),
        ("::1:@", 421),
        ("", 421),
        ("localhost :@", 421),
        ("127.0.0.1:@,evil.example", 421),
        ("löcalhost:@", 421),
    ] {
        check(&world, &format!("Host: {host}\r\n{TYPED}"), status).await;
    }
}

#[tokio::test]
async fn a_page_of_another_site_is_turned_away() {
    let world = World::new().await;
    for (headers, status) in [
        ("Origin: http://localhost:@", 400),
        ("Origin: HTTP://LOCALHOST:@", 400),
        ("Origin: http://127.0.0.1:@", 403),
        ("Origin: https://localhost:@", 403),
        ("Origin: http://localhost", 403),
        ("Origin: http://localhost:1", 403),
        ("Origin: http://localhost:@/", 403),
        ("Origin: http://evil.example", 403),
        ("Origin: http://localhost:@.evil.example", 403),
        ("Origin: http://evil.example#http://localhost:@", 403),
        ("Origin: null", 403),
        ("Origin: ", 403),
        ("Origin: file://", 403),
        ("Origin: chrome-extension://abcdef", 403),
        ("Origin: http://localhost:@\r\nOrigin: http://evil.example", 403),
        ("Origin: http://localhost:@, http://evil.example", 403),
        ("Sec-Fetch-Site: same-origin", 400),
        ("Sec-Fetch-Site: none", 400),
        ("Sec-Fetch-Site: cross-site", 403),
        ("Sec-Fetch-Site: same-site", 403),
        ("Sec-Fetch-Site: anything-new", 403),
        ("Sec-Fetch-Site: ", 403),
        ("Sec-Fetch-Site: none\r\nSec-Fetch-Site: cross-site", 403),
        ("Origin: http://localhost:@\r\nSec-Fetch-Site: cross-site", 403),
        ("Origin: http://evil.example\r\nSec-Fetch-Site: same-origin", 403),
        ("Sec-Fetch-Mode: no-cors\r\nSec-Fetch-Site: cross-site", 403),
    ] {
        check(&world, &format!("Host: localhost:@\r\n{TYPED}{headers}\r\n"), status).await;
    }
}

#[tokio::test]
async fn a_body_that_a_form_could_have_sent_is_turned_away() {
    let world = World::new().await;
    for (headers, status) in [
        ("Content-Type: application/x-amz-json-1.1\r\n", 400),
        ("Content-Type: APPLICATION/X-AMZ-JSON-1.1\r\n", 400),
        ("Content-Type: application/x-amz-json-1.1; charset=utf-8\r\n", 400),
        ("Content-Type: text/plain\r\n", 415),
        ("Content-Type: text/plain; application/x-amz-json-1.1\r\n", 415),
        ("Content-Type: application/x-www-form-urlencoded\r\n", 415),
        ("Content-Type: multipart/form-data; boundary=x\r\n", 415),
        ("Content-Type: application/x-amz-json-1.1, text/plain\r\n", 415),
        ("Content-Type: text/plain\r\nContent-Type: application/x-amz-json-1.1\r\n", 415),
        ("Content-Type: application/xml\r\n", 415),
        ("Content-Type: \r\n", 415),
        ("", 415),
    ] {
        check(&world, &format!("Host: localhost:@\r\n{headers}"), status).await;
    }
}

#[tokio::test]
async fn a_question_before_the_question_is_answered_without_a_cors_header() {
    let world = World::new().await;
    let request = format!(
        "OPTIONS / HTTP/1.1\r\nHost: localhost:{}\r\nOrigin: http://evil.example\r\n\
         Access-Control-Request-Method: POST\r\n\r\n",
        world.port
    );
    let answer = world.connect().await.ask(request).await;
    assert_eq!(answer.status, 403);
    assert!(answer.headers.iter().all(|(name, _)| !name.starts_with("access-control")));
}

#[tokio::test]
async fn whoever_asks_in_cbor_is_turned_away_in_cbor() {
    let world = World::new().await;
    let request = format!(
        "POST /service/CodePipeline_20150709/operation/ListPipelines HTTP/1.1\r\n\
         Host: evil.example:{}\r\nsmithy-protocol: rpc-v2-cbor\r\nContent-Type: application/cbor\r\n\
         Content-Length: 1\r\n\r\n\u{0}",
        world.port
    );
    let answer = world.connect().await.ask(request).await;
    assert_eq!(answer.status, 421);
    assert_eq!(answer.header("content-type"), Some("application/cbor"));
    assert_eq!(answer.header("smithy-protocol"), Some("rpc-v2-cbor"));
    assert!(answer.text().contains("MisdirectedRequestException"), "{}", answer.text());
}

#[tokio::test]
async fn the_other_doors_have_the_same_gate() {
    let world = World::new().await;
    for path in ["/webhooks/x", "/logs/x", "/bucket/key"] {
        let host = format!("GET {path} HTTP/1.1\r\nHost: evil.example:{}\r\n\r\n", world.port);
        assert_eq!(world.connect().await.ask(host).await.status, 421, "{path}");
        let origin = format!(
            "GET {path} HTTP/1.1\r\nHost: localhost:{}\r\nOrigin: http://evil.example\r\n\r\n",
            world.port
        );
        assert_eq!(world.connect().await.ask(origin).await.status, 403, "{path}");
    }
}
