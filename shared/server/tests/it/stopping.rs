//! The end of a server.

use std::time::Duration;

use server::Limits;
use tokio::net::TcpStream;

use crate::client::Request;
use crate::world::World;

const LOG: Request<'_> = Request {
    method: "GET",
    path: "/logs/gated?offset=3",
    headers: &[],
    body: b"",
    service: "codepipeline",
};

#[tokio::test]
async fn what_is_in_flight_is_answered_and_idle_connections_are_closed() {
    let mut world = World::new().await;
    let (mut silent, mut busy) = (world.connect().await, world.connect().await);
    let mut half = world.connect().await;
    half.send("GET / HT").await;
    busy.send(LOG.signed(&world.admin(), world.port)).await;
    world.house.asked.notified().await;

    world.stop();
    assert!(silent.is_hung_up().await);
    assert!(half.is_hung_up().await);
    let refused = TcpStream::connect(("127.0.0.1", world.port)).await;
    assert!(refused.is_err(), "a server that stops takes nobody in");

    world.house.let_go.add_permits(1);
    let answer = busy.answer().await.unwrap();
    assert_eq!((answer.status, answer.text().as_str()), (200, "printed\n"));
    assert_eq!(answer.header("x-towpath-next-offset"), Some("11"));
    assert_eq!(answer.header("x-towpath-ended"), Some("true"));
    assert!(busy.is_hung_up().await);
    world.stopped().await;
}

#[tokio::test]
async fn what_takes_too_long_does_not_hold_the_end_up() {
    let grace = Duration::from_millis(100);
    let mut world = World::within(Limits { grace, ..Limits::default() }).await;
    let mut busy = world.connect().await;
    busy.send(LOG.signed(&world.admin(), world.port)).await;
    world.house.asked.notified().await;
    world.stop();
    world.stopped().await;
}

#[tokio::test]
async fn a_client_that_goes_away_takes_nobody_with_it() {
    let world = World::new().await;
    let mut gone = world.connect().await;
    gone.send(LOG.signed(&world.admin(), world.port)).await;
    world.house.asked.notified().await;
    drop(gone);
    world.house.let_go.add_permits(2);
    let answer = world.connect().await.ask(LOG.signed(&world.admin(), world.port)).await;
    assert_eq!(answer.status, 200);
}
