//! The doors, as a function URL hands requests over: real store, real engine, real signatures, and a server
//! on loopback at the other end of the SDK's own wire.

#![expect(
    clippy::unwrap_used,
    clippy::large_stack_arrays,
    clippy::type_complexity,
    reason = "all of this is test code"
)]

mod approvals;
mod calls;
mod elsewhere;
mod home;
mod keys;
mod parallel;
mod secrets;
mod signing;
mod webhooks;
mod world;
