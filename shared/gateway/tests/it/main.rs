//! The doors, as a function URL hands requests over: real store, real engine, real signatures, and a server
//! on loopback at the other end of the SDK's own wire.

#![expect(clippy::unwrap_used, reason = "all of this is test code")]

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
