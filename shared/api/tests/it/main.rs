//! The operations over a real store, asked through the front door: signed requests in, bytes out.

#![expect(clippy::unwrap_used, reason = "all of this is test code")]

mod action_types;
mod declaring;
mod deliveries;
mod executions;
mod hooks;
mod jobs;
mod partners;
mod reading;
mod tags;
mod webhooks;
mod world;
