//! What the handlers do for providers that do not remember our ids, and for functions that talk to none.

#![expect(clippy::unwrap_used, reason = "all of this is test code")]

mod errands;
mod foreseeing;
mod invoking;
mod remembering;
mod sweeping;
mod world;
