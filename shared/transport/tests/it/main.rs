//! The transport against servers on loopback, with TLS and without.

mod exchange;
mod server;
mod trouble;
