//! Who does the work.
//!
//! A provider is one outside system that can do an action: it is started, asked how far it is, and
//! told to stop ([`Provider`]). What it needs to know travels in a [`Job`]; what it says is a
//! [`Progress`]. The crate knows nothing of logs, locks or queues: a provider never learns why it
//! was started, and starting the same job twice must be the same start.
//!
//! What one machine and AWS must say in the same words is here too: how settings are read
//! ([`setting`]), which revision a start asked for ([`revision`]), how an artifact refers to a commit
//! instead of holding its files ([`clone_reference`]), and what a deployed object is called
//! ([`object_key`]).
//!
//! Deliberately absent: the store. A provider cannot change the state of a pipeline; it can only
//! answer when asked.
//!
//! Start with [`provider`].

pub mod clone_reference;
pub mod invoke;
pub mod job;
pub mod object_key;
pub mod provider;
pub mod revision;
pub mod setting;

pub use invoke::{Invocation, Invoke, Invoked};
pub use job::Job;
pub use provider::{Error, Memory, Progress, Provider};
pub use setting::Settings;
