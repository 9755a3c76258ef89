//! HTTP as AWS hands it over, and what stands behind it.
//!
//! A function URL gives Lambda a request as JSON ([`Event`]) and takes its answer as JSON ([`Reply`]).
//! Between the two there are two doors, one for each public function:
//!
//! - [`ApiDoor`] is CodePipeline's API. Stock clients sign for `codepipeline`, which no function URL checks,
//!   so it is checked inside, with session keys that `POST /token` gives to whoever proves an identity of
//!   IAM (`token`, after the rules of `access::bridge`). Where the function URL does check signatures
//!   itself, the identity is what AWS says of the caller (`identity`).
//! - [`PublicDoor`] takes the deliveries of webhooks and shows the pages of approvals ([`approval`]). Whoever
//!   knocks there may be anybody; each delivery and each answer proves itself. A delivery that is meant for a
//!   pipeline goes onto the deployment's own bus ([`OwnBus`]), and whoever reads it there starts the pipeline.
//!
//! What the API needs of the cloud is [`CloudHome`], and what the public door needs of it is [`Nowhere`]; what
//! seals its tokens is one secret (`secret`); its records of calls are lines of the function's log (`record`).
//!
//! Nothing of a request is trusted that its sender could have written: the address that it came from, the
//! host that it was sent to and the caller whom AWS identified are taken from the event's context and from
//! no header.
//!
//! Deliberately absent: sockets, the rules of the API, and the rules of what proves an identity.
//!
//! Start with [`open`], then [`ApiDoor`].

mod api_door;
pub mod approval;
mod connector;
mod event;
mod home;
mod identity;
mod nowhere;
mod objects;
mod onward;
pub mod open;
mod public_door;
mod record;
mod reply;
mod secret;
mod sts;
mod token;

pub use api_door::{ApiDoor, Asks};
pub use event::{Event, Request};
pub use home::CloudHome;
pub use identity::Mapped;
pub use nowhere::Nowhere;
pub use objects::Objects;
pub use onward::OwnBus;
pub use public_door::PublicDoor;
pub use record::StandardOutput;
pub use reply::Reply;
pub use secret::{Unsealed, sealer};
pub use sts::Sts;
pub use token::Bridge;
