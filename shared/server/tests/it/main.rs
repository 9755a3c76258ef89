//! The server as clients meet it: real sockets on this machine, bytes as they travel.

#![expect(clippy::unwrap_used, reason = "a helper that fails fails its test")]

mod artifacts;
mod binding;
mod client;
mod crowd;
mod doors;
mod gate;
mod slow;
mod smuggling;
mod stopping;
mod world;
