//! The doors behind the gate.

use crate::client::{Request, call};
use crate::world::World;

fn get<'a>(path: &'a str, service: &'a str) -> Request<'a> {
    Request { method: "GET", path, headers: &[], body: b"", service }
}

#[tokio::test]
async fn the_api_answers_whoever_signs_again_and_again() {
    let world = World::new().await;
    let mut client = world.connect().await;
    for _ in 0..3 {
        let answer = client.ask(call("ListPipelines", "{}", &world.admin(), world.port)).await;
        assert_eq!((answer.status, answer.text().as_str()), (200, "{\"pipelines\":[]}"));
    }
    let none = call("GetPipeline", "{\"name\":\"web\"}", &world.admin(), world.port);
    // The body comes after the head, so that it takes another way through the guard.
    let (head, body) = none.split_at(none.len() - 5);
    client.send(head).await;
    tokio::task::yield_now().await;
    let answer = client.ask(body).await;
    assert!(answer.text().contains("PipelineNotFoundException"), "{}", answer.text());
}

#[tokio::test]
async fn a_request_of_more_than_a_mebibyte_is_refused_before_it_is_read() {
    let world = World::new().await;
    let head = |bytes: usize| {
        format!(
            "POST / HTTP/1.1\r\nHost: localhost:{}\r\nContent-Type: application/x-amz-json-1.1\r\n\
             X-Amz-Target: CodePipeline_20150709.ListPipelines\r\nContent-Length: {bytes}\r\n\r\n",
            world.port
        )
    };
    let mut client = world.connect().await;
    let answer = client.ask(head(1024 * 1024 + 1)).await;
    assert_eq!(answer.status, 413);
    assert!(answer.text().contains("RequestEntityTooLargeException"), "{}", answer.text());
    // Whoever sends it all the same reads the answer, too.
    let mut client = world.connect().await;
    client.send(head(2 * 1024 * 1024)).await;
    client.send(vec![b' '; 2 * 1024 * 1024]).await;
    assert_eq!(client.answer().await.unwrap().status, 413);
    let mut client = world.connect().await;
    client.send(head(1024 * 1024)).await;
    let answer = client.ask(vec![b' '; 1024 * 1024]).await;
    assert!(answer.text().contains("MissingAuthenticationToken"), "{}", answer.text());
}

#[tokio::test]
async fn a_handler_that_panics_takes_only_its_own_answer_with_it() {
    let world = World::new().await;
    let mut client = world.connect().await;
    let broken = get("/logs/broken", "codepipeline").signed(&world.admin(), world.port);
    let answer = client.ask(broken).await;
    assert_eq!(answer.status, 500);
    assert!(answer.text().contains("InternalFailure"), "{}", answer.text());
    let answer = client.ask(call("ListPipelines", "{}", &world.admin(), world.port)).await;
    assert_eq!(answer.status, 200, "the same connection goes on");
}

#[tokio::test]
async fn logs_are_for_whoever_signs_and_are_written_down() {
    let world = World::new().await;
    let port = world.port;
    let mut client = world.connect().await;
    let unsigned = format!("GET /logs/gated HTTP/1.1\r\nHost: localhost:{port}\r\n\r\n");
    assert_eq!(client.ask(unsigned).await.status, 403);
    let absent = get("/logs/absent", "codepipeline").signed(&world.admin(), port);
    let answer = client.ask(absent).await;
    assert_eq!(answer.status, 404);
    assert!(answer.text().contains("LogNotFoundException"), "{}", answer.text());
    for query in ["?offset=", "?offset=-1", "?offset=x", "?from=1", "?offset=1&offset=2"] {
        let path = format!("/logs/gated{query}");
        let request = get(&path, "codepipeline").signed(&world.admin(), port);
        assert_eq!(client.ask(request).await.status, 400, "{query}");
    }
    world.house.let_go.add_permits(1);
    let answer = client.ask(get("/logs/gated", "codepipeline").signed(&world.admin(), port)).await;
    assert_eq!((answer.status, answer.text().as_str()), (200, "printed\n"));
    assert_eq!(answer.header("content-type"), Some("text/plain; charset=utf-8"));
    assert_eq!(answer.header("x-content-type-options"), Some("nosniff"));
    let audit = world.directory.path().join("audit");
    let report = access::audit::verify(&audit).unwrap();
    assert_eq!(report.records, 3, "every look at a log is a record");
}

#[tokio::test]
async fn an_unknown_webhook_says_nothing() {
    let world = World::new().await;
    let request = format!(
        "POST /webhooks/abc HTTP/1.1\r\nHost: localhost:{}\r\nContent-Length: 2\r\n\r\n{{}}",
        world.port
    );
    let answer = world.connect().await.ask(request).await;
    assert_eq!(answer.status, 404, "{}", answer.text());
}
