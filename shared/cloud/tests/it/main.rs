//! What wakes functions, and what they do then: real store, real engine, real requests of the SDK.

#![expect(clippy::unwrap_used, clippy::large_futures, reason = "all of this is test code")]

mod changes;
mod completions;
mod following;
mod publish;
mod webhooks;
mod wire;
mod world;
