//! The transport against servers on loopback, with TLS and without.

#![expect(clippy::unwrap_used, reason = "all of this is test code")]

mod exchange;
mod server;
mod trouble;
