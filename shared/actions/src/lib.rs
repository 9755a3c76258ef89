//! Who does actions in AWS, for the two functions that talk to providers.
//!
//! [`ground()`] is the ground of `cloud` with everybody who does jobs: the systems of AWS (`systems`),
//! functions that report by themselves and job workers (both `runtime::jobs`).
//!
//! It is a crate of its own so that no other function has to compile, load or be able to call what only
//! these two need.
//!
//! Deliberately absent: what a provider does, and when it is asked.
//!
//! Start with [`ground()`].

mod ground;

pub use ground::ground;
