//! Clients that take their time, under limits that are short.

use std::time::Duration;

use server::Limits;

use crate::client::call;
use crate::world::World;

const SHORT: Duration = Duration::from_millis(200);
const LONG: Duration = Duration::from_mins(1);

fn limits() -> Limits {
    Limits { idle: LONG, head: LONG, body: LONG, stall: LONG, ..Limits::default() }
}

#[tokio::test]
async fn a_connection_that_says_nothing_is_ended() {
    let world = World::within(Limits { idle: SHORT, ..limits() }).await;
    assert!(world.connect().await.is_hung_up().await);
}

#[tokio::test]
async fn a_head_that_does_not_end_is_not_waited_for() {
    let world = World::within(Limits { head: SHORT, ..limits() }).await;
    let mut client = world.connect().await;
    client.send("POST / HTTP/1.1\r\nHost: loc").await;
    assert!(client.is_hung_up().await);
}

#[tokio::test]
async fn a_head_that_comes_byte_by_byte_has_no_more_time_than_any_other() {
    let world = World::within(Limits { head: SHORT, ..limits() }).await;
    let mut client = world.connect().await;
    let mut beat = tokio::time::interval(SHORT / 10);
    let began = tokio::time::Instant::now();
    for byte in b"POST / HTTP/1.1\r\nHost: localhost\r\n".iter().cycle() {
        beat.tick().await;
        client.send([*byte]).await;
        if began.elapsed() > SHORT * 2 {
            break;
        }
    }
    assert!(client.is_hung_up().await);
}

#[tokio::test]
async fn a_body_that_does_not_come_is_told_so_in_the_protocol_of_the_question() {
    let world = World::within(Limits { body: SHORT, ..limits() }).await;
    let request = format!(
        "POST / HTTP/1.1\r\nHost: localhost:{}\r\nContent-Type: application/x-amz-json-1.1\r\n\
         Content-Length: 10\r\n\r\n{{",
        world.port
    );
    let mut client = world.connect().await;
    let answer = client.ask(request).await;
    assert_eq!(answer.status, 408);
    assert!(answer.text().contains("RequestTimeoutException"), "{}", answer.text());
    assert!(client.is_hung_up().await);
}

#[tokio::test]
async fn a_body_that_breaks_off_is_bad_input() {
    let world = World::new().await;
    let request = format!(
        "POST / HTTP/1.1\r\nHost: localhost:{}\r\nContent-Type: application/x-amz-json-1.1\r\n\
         Content-Length: 10\r\n\r\n{{",
        world.port
    );
    let mut client = world.connect().await;
    client.send(request).await;
    client.finish().await;
    let answer = client.answer().await.unwrap();
    assert_eq!(answer.status, 400, "{}", answer.text());
    assert!(answer.text().contains("SerializationException"), "{}", answer.text());
}

#[tokio::test]
async fn silence_is_counted_anew_after_every_answer() {
    let world = World::within(Limits { idle: SHORT * 3, ..limits() }).await;
    let mut client = world.connect().await;
    let mut beat = tokio::time::interval(SHORT);
    for _ in 0..6 {
        beat.tick().await;
        let answer = client.ask(call("ListPipelines", "{}", &world.admin(), world.port)).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
    }
    assert!(client.is_hung_up().await);
}
