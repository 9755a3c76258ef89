//! What people are told of a log, and how it reaches a deployment's own subscribers.

#![expect(clippy::unwrap_used, reason = "all of this is test code")]

mod delivered;
mod told;
mod wire;
mod world;
