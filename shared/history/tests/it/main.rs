//! The read models over the real store and the real engine.

#![expect(clippy::unwrap_used, reason = "all of this is test code")]

mod agreement;
mod costs;
mod lists;
mod oracle;
mod states;
mod world;
