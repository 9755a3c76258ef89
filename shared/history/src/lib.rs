//! The log read back for people.
//!
//! A pipeline's log is the truth, and its newest record holds what is in flight. People ask for more:
//! how the last run of each action went, what executions there were, what an action was given. This
//! crate finds that, and reads as little as it can on the way.
//!
//! - [`board`] keeps what the newest record does not say of each stage (who changed the transition, how
//!   the last run of an action ended). It is folded record by record as the log grows; a process that
//!   knows nothing yet makes it from the log's end (`cold`). A process that wrote the log itself needs no
//!   read at all.
//! - [`stages`] puts board and newest state together: the picture of `GetPipelineState`.
//! - [`executions`] lists executions, [`execution`] finds one, and [`actions`] lists the attempts of
//!   actions with what each was given and left behind. Lists go from the newest to the oldest, and what
//!   comes in meanwhile never moves what is on a page already.
//! - [`versions`] finds a pipeline's former declarations.
//!
//! Deliberately absent: the API's spelling, permissions, secrets' masks, and everything that changes
//! anything.
//!
//! Start with [`History::look`], then [`board`].

pub mod actions;
mod back;
pub mod board;
mod cold;
pub mod execution;
pub mod executions;
mod external;
mod life;
mod look;
pub mod stages;
pub mod versions;

pub use board::Board;
pub use cold::COLD_RECORDS_MAX;
pub use external::Running;
pub use life::Life;
pub use look::{History, Look};
