//! HTTP on one machine: sockets, limits, and who may come in at all.
//!
//! A connection comes in through [`Server`], which listens on the loopback address only. Its bytes pass
//! the `guard`, which lets no request through whose end could be read in two ways, and which ends
//! connections that are too slow; then hyper, which reads and writes HTTP/1.1; then the `gate`, which
//! turns away what a browser sends on behalf of another site. Behind the gate are four [`Doors`]: the
//! API, the deliveries of webhooks, what actions printed, and the artifacts of jobs, which speaks as
//! much of S3 as a job worker needs.
//!
//! Whatever is refused on the API's paths is refused in the protocol of the question, so that a client
//! can read why. Nothing that comes from outside is answered with a status of 500 or above, and a
//! handler that panics takes nothing with it but its own answer.
//!
//! Deliberately absent: TLS and any address that others can reach. What the operations do is the
//! `api`'s, and who asks is found out by `access`.
//!
//! Start with [`Server`], then [`Doors`].

mod bind;
mod body;
mod doors;
mod gate;
mod guard;
mod limits;
mod refusal;
mod serve;

pub use bind::{Error, FIRST_PORT, Server};
pub use doors::Doors;
pub use doors::artifacts::Artifacts;
pub use limits::Limits;
