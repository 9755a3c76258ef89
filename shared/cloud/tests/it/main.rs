//! What wakes functions, and what they do then: real store, real engine, real requests of the SDK.

mod changes;
mod completions;
mod following;
mod publish;
mod wire;
mod world;
