//! Connections, from the first byte to the last, and the end of them all.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use http::{HeaderValue, Request, Response, StatusCode};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use hyper_util::server::graceful::GracefulShutdown;
use tokio::net::TcpStream;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::body::Body;
use crate::doors::Room;
use crate::guard::Guarded;
use crate::refusal::{Refusal, wire_of};
use crate::{Doors, Server};

/// How long no connection is taken after the system refused to give one out, for want of files.
const BREATH: Duration = Duration::from_millis(50);

/// Why a place for a connection is always given out in the end.
const OPEN: &str = "the places for connections are never closed";

impl Server {
    /// Answers until `stop` is done. Requests in flight are then answered, as far as they are within
    /// the time of [`Limits::grace`](crate::Limits); connections without one are closed at once.
    pub async fn serve(self, doors: Doors, stop: impl Future<Output = ()>) {
        let Self { listener, address, limits } = self;
        let places = Arc::new(Semaphore::new(limits.connections_max));
        let room = Arc::new(Room { doors, port: address.port(), limits });
        let graceful = GracefulShutdown::new();
        tokio::pin!(stop);
        loop {
            // Whoever finds no place waits before the door, where it costs nothing.
            let place = tokio::select! {
                place = places.clone().acquire_owned() => place.expect(OPEN),
                () = &mut stop => break,
            };
            let accepted = tokio::select! {
                accepted = listener.accept() => accepted,
                () = &mut stop => break,
            };
            match accepted {
                Ok((stream, peer)) => hold(&room, &graceful, stream, peer, place),
                Err(error) => {
                    tracing::warn!(%error, "a connection could not be taken");
                    tokio::time::sleep(BREATH).await;
                }
            }
        }
        drop(listener);
        if tokio::time::timeout(room.limits.grace, graceful.shutdown()).await.is_err() {
            tracing::warn!("the server ends with requests unanswered: they took too long");
        }
    }
}

/// Serves one connection in the background.
fn hold(
    room: &Arc<Room>,
    graceful: &GracefulShutdown,
    stream: TcpStream,
    peer: SocketAddr,
    place: OwnedSemaphorePermit,
) {
    // Without it the system holds small answers back; should it refuse, they come a little later.
    let _ = stream.set_nodelay(true);
    let guarded = TokioIo::new(Guarded::new(stream, room.limits.clone()));
    let room = room.clone();
    // The guard keeps the time, and knows what it is kept for.
    let mut protocol = http1::Builder::new();
    protocol.header_read_timeout(None).max_headers(room.limits.headers_max + 1);
    // Who has sent all there is to send still wants to know.
    protocol.half_close(true);
    let answered = service_fn(move |request| {
        let room = room.clone();
        async move { Ok::<_, Infallible>(answer(room, request, peer).await) }
    });
    let connection = graceful.watch(protocol.serve_connection(guarded, answered));
    tokio::spawn(async move {
        if let Err(error) = connection.await {
            tracing::debug!(%error, %peer, "a connection broke off");
        }
        drop(place);
    });
}

/// Answers one request in a task of its own: a panic takes only that, and a client that goes away does
/// not leave what it asked for half done.
async fn answer(room: Arc<Room>, request: Request<Incoming>, peer: SocketAddr) -> Response<Body> {
    let (parts, body) = request.into_parts();
    let wire = wire_of(&parts);
    let id = room.doors.api.draw_request_id();
    let answering = tokio::spawn(async move { room.answer(parts, body, peer.ip()).await });
    let mut answer = answering.await.unwrap_or_else(|error| {
        tracing::error!(%error, "a request could not be answered");
        let message =
            "the request could not be served; it may have been done: look, then ask again";
        Refusal::new(StatusCode::INTERNAL_SERVER_ERROR, "InternalFailure", message).on(wire)
    });
    // Whoever was turned away before a door may ask about it all the same.
    if let Ok(id) = HeaderValue::from_str(&id) {
        answer.headers_mut().entry("x-amzn-requestid").or_insert(id);
    }
    answer
}
