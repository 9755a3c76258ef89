//! What people are told of a log, and how it reaches a deployment's own subscribers.

mod delivered;
mod told;
mod wire;
mod world;
