//! Each rule of the contract as a story. The rule's number is in the comment above its test;
//! [`crate::rules`] asks that none is missing.

#![expect(
    clippy::needless_raw_string_hashes,
    reason = "the tool that updates expectations writes them so"
)]
#![expect(clippy::too_many_lines, reason = "a transcript is as long as its story")]

mod approving;
mod ending;
mod locks;
mod messages;
mod parallel;
mod queued;
mod retrying;
mod running;
mod starting;
mod stopping;
mod superseded;
mod transitions;
mod updating;

pub(crate) use crate::script::check;
