//! What a webhook's URL answers (W4, W5).
//!
//! Whoever calls it may be anybody. So nothing is parsed before the sender has proved itself, an
//! unknown URL takes the same work as a wrong signature, and a refusal says nothing of why; that is
//! in the log ([`receive`]). Once the sender is known, each message is answered with what became of it and
//! the reason, since hosts show that to the people who wonder why nothing started ([`answer`]).
//!
//! A message that is meant for a pipeline starts it here ([`deliver`]), or goes onto a bus for whoever starts
//! it there ([`deliver_onward`]): a door that only hands on links nothing of what starts executions.

mod answer;
mod hand_on;
mod receive;
mod start;

use std::net::IpAddr;

use bytes::Bytes;
use http::Response;
use http::request::Parts;

pub use hand_on::Onward;

use crate::Api;

/// Answers a delivery to the URL with this id, and starts what it is meant for. `peer` is the address that the
/// connection came from.
pub async fn deliver(
    api: &Api,
    id: &str,
    parts: &Parts,
    body: &Bytes,
    peer: IpAddr,
) -> Response<Bytes> {
    let delivered = match receive::receive(api, id, parts, body, peer).await {
        Ok(meant) => start::start(api, &meant).await,
        Err(not_started) => Err(not_started),
    };
    answer::respond(&delivered)
}

/// Answers a delivery to the URL with this id, and hands on what it is meant for.
pub async fn deliver_onward(
    api: &Api,
    onward: &dyn Onward,
    id: &str,
    parts: &Parts,
    body: &Bytes,
    peer: IpAddr,
) -> Response<Bytes> {
    let delivered = match receive::receive(api, id, parts, body, peer).await {
        Ok(meant) => hand_on::hand_on(api, onward, meant).await,
        Err(not_started) => Err(not_started),
    };
    answer::respond(&delivered)
}
