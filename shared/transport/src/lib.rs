//! What carries requests out of a function: HTTP/1.1, with TLS by ring, in the SDK's own seam for transports.
//!
//! The SDK's own transport is made of the same parts: hyper's pooling client and rustls. It speaks HTTP/2 besides,
//! which no service does that we ask, and half a megabyte of tables and state machines for it would start with
//! every function. So the parts are put together here without it ([ADR 17]), and nothing else is different: the
//! same roots of trust, the same pool, the same sorting of what may be tried again (`error`), connections that a
//! server spoiled are not used again, and a connection must stand in time (`in_time`).
//!
//! Deliberately absent: proxies, redirects, cookies, compression. Whoever needs a limit for a whole exchange sets it
//! around the call.
//!
//! Start with [`client()`], which all clients of the SDK share, or with [`over_tls`] for requests of our own.
//!
//! [ADR 17]: ../../../docs/adr/0017-functions-speak-http-1.md

mod client;
mod connector;
mod error;
mod in_time;
mod names;
mod trust;

pub use client::client;
pub use connector::{over_http, over_tls, over_tls_with};
pub use names::Names;
pub use trust::Trust;
