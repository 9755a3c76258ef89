//! How fast one machine goes, and what bounds it.
//!
//! `one-machine` drives the controller as it runs on one machine: the real store over the embedded
//! engine on a file, the real handlers and the real bus. Only the actions are empty, so what is
//! measured is ours alone: an execution of three stages and four actions, two of them in parallel.
//!
//! A figure means little without the machine it was taken on. So beside each stands the *floor*,
//! taken on the same disk just before and after: a log that does nothing but make five appends of
//! 900 bytes durable for each execution ([`disk`]), and how much of the processors other work took
//! meanwhile ([`machine`]). Compare the ratios to the floor, not the milliseconds. Requests and units
//! are counted, so those are exact, and tests pin them.
//!
//! - [`rig`] puts the controller together, [`load`] keeps executions in flight, [`stopwatch`] is the
//!   provider that does nothing and sees when it is asked to.
//! - [`measure`] takes the figures of one load, [`report`] prints them.
//!
//! Deliberately absent: a threshold. A clock fails no test of ours.
//!
//! Start with [`measure`].

pub mod api;
pub mod arguments;
pub mod disk;
pub mod load;
pub mod machine;
pub mod measure;
pub mod pipeline;
pub mod report;
pub mod rig;
pub mod stopwatch;
