//! The rules of webhooks: whose message this is, whether it is meant, and what it says happened.
//!
//! A webhook is a URL that anybody on the internet may call, so the order of the questions matters.
//!
//! 1. [`authentication`] asks the raw bytes whether the sender is the one that the webhook expects.
//!    Nothing is parsed before. A message may carry several proofs; each one that it carries must
//!    be good, so that a bad one is never rescued by another.
//! 2. [`payload`] makes JSON of the body.
//! 3. [`filters`] asks whether the message is meant for this webhook, by `JSONPath`.
//! 4. [`event`] says what happened: a push of a commit to a branch or a tag, something that was
//!    deleted, a ping, or something else.
//! 5. [`verdict`] puts the two together: start or not, and at which commit.
//! 6. [`identity`] says which messages are the same one, delivered again.
//!
//! Everything here is a function of its arguments. Deliberately absent: where webhooks are kept, what
//! a pipeline is, what is answered over HTTP, and clocks; the moment comes as a number of seconds.
//! Nothing trusts a header that says where a request comes from: the caller passes the address that
//! the connection has.
//!
//! Start with [`authentication`].

pub mod authentication;
pub mod event;
pub mod filters;
pub mod identity;
pub mod payload;
pub mod verdict;

pub use authentication::{Authentication, Request, authenticate};
pub use event::Event;
pub use filters::Filters;
pub use verdict::{Target, Verdict, judge};
