//! The store on the embedded engine, fed with decisions of the real one.

#![expect(clippy::unwrap_used, clippy::print_stdout, reason = "all of this is test code")]

mod contract;
mod costs;
mod durability;
mod jobs;
mod notices;
mod once;
mod records;
mod replicas;
mod rows;
mod sizes;
mod sources;
mod webhooks;
mod world;
