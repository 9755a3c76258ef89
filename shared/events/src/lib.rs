//! What travels on the bus.
//!
//! [`announce()`] turns one record of a pipeline's log into the state-change events that AWS sends for
//! it, at the level of the pipeline, the stage and the action (contract §4.1–4.5). It is a function of
//! its arguments: the state before the record, the declarations, the record and the place that the
//! controller stands for ([`Origin`]). So the log is the outbox. Whoever reads the log may publish a
//! record twice, or after a crash, and says the same thing under the same ids each time.
//!
//! It folds [`engine::apply()`] over a copy of the state, change by change, so that every event tells
//! what was true at its moment: which attempt it was, when it began, which artifacts it read.
//!
//! The `detail` of an event holds what AWS puts there and nothing else (E5). Our own numbering stands
//! beside it, in the member [`event::Marks`] of the line that [`Event::to_json_line`] makes.
//!
//! [`rewrite_source`] converts rule patterns that were written for CodePipeline (E1), and [`metrics()`]
//! derives the two numbers of `CloudWatch` from the events (R94).
//!
//! [`arrival`] is the other direction: it reads what the buses of others bring, a source that changed,
//! a start, or work that may have ended, and says where to look.
//!
//! Deliberately absent: buses, files, clocks and the AWS SDK. What to publish where is the caller's.
//! Approval messages and notification rules are not here.
//!
//! Start with [`announce()`], then read [`detail`] for what is on the wire.

pub mod announce;
pub mod arrival;
pub mod detail;
pub mod event;
mod fit;
pub mod metrics;
pub mod origin;
pub mod pattern;

pub use announce::{Announced, announce};
pub use arrival::{Arrival, SourceKey};
pub use detail::GitTrigger;
pub use event::Event;
pub use metrics::{metrics, waits};
pub use origin::Origin;
pub use pattern::rewrite_source;
