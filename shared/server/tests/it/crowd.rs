//! Many connections at once.

use std::time::{Duration, Instant};

use rustix::process::{Resource, getrlimit, setrlimit};
use server::Limits;

use crate::client::call;
use crate::world::World;

const IDLE: usize = 1_000;

/// Both ends of every connection are files of this process.
fn raise_file_limit() {
    let mut limit = getrlimit(Resource::Nofile);
    limit.current = limit.maximum.map_or(Some(16_384), |maximum| Some(maximum.min(16_384)));
    setrlimit(Resource::Nofile, limit).unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_thousand_idle_connections_disturb_nobody() {
    raise_file_limit();
    let world = World::new().await;
    let mut idle = Vec::new();
    for number in 0..IDLE {
        let mut client = world.connect().await;
        // Some have said nothing yet, some half of something, and some were answered before.
        match number % 3 {
            0 => {}
            1 => client.send("POST / HTTP/1.1\r\nHost").await,
            _ => {
                let request = format!("GET / HTTP/1.1\r\nHost: localhost:{}\r\n\r\n", world.port);
                assert_eq!(client.ask(request).await.status, 400);
            }
        }
        idle.push(client);
    }
    let mut client = world.connect().await;
    let mut slowest = Duration::ZERO;
    for _ in 0..100 {
        let began = Instant::now();
        let answer = client.ask(call("ListPipelines", "{}", &world.admin(), world.port)).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        slowest = slowest.max(began.elapsed());
    }
    println!("beside {IDLE} idle connections the slowest of 100 answers took {slowest:?}");
    assert!(slowest < Duration::from_secs(2), "{slowest:?}");
    for client in &mut idle[..9] {
        let request = format!(": localhost:{}\r\n\r\n", world.port);
        client.send(request).await;
    }
    // A body without a type is what a form could send.
    assert_eq!(idle[1].answer().await.unwrap().status, 415, "half a request was forgotten");
}

#[tokio::test]
async fn whoever_finds_no_place_waits_until_somebody_leaves() {
    let world = World::within(Limits { connections_max: 2, ..Limits::default() }).await;
    let request = || call("ListPipelines", "{}", &world.admin(), world.port);
    let (mut first, mut second) = (world.connect().await, world.connect().await);
    assert_eq!(first.ask(request()).await.status, 200);
    assert_eq!(second.ask(request()).await.status, 200);
    let mut third = world.connect().await;
    third.send(request()).await;
    let waited = tokio::time::timeout(Duration::from_millis(200), third.answer()).await;
    assert!(waited.is_err(), "a third connection was served beside two");
    drop(first);
    assert_eq!(third.answer().await.unwrap().status, 200);
}
