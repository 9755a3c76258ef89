//! What happens next.
//!
//! One function lives here, [`decide`]: given everything that is true of a pipeline ([`State`]), the
//! declarations its executions are pinned to ([`Plans`]), what is asked ([`Input`]) and the moment,
//! it answers what changes ([`Decision`]) or why it refuses ([`Rejection`]). The same arguments give
//! the same answer, always: the Lambda functions, the laptop, the simulator and the exhaustive walk
//! all call this one function.
//!
//! A decision is made in two steps. The input's own file in `inputs/` makes the changes that were
//! asked for; then `settle` draws every consequence, one small rule at a time, until nothing more
//! follows: a group is complete, so the next one starts; a stage is free, so the waiting execution
//! enters. Every change is applied to the working state at once ([`apply()`]), and applying asserts
//! that the transition is in the table of legal ones ([`transitions`]).
//!
//! What the world must do follows from the changes and from nothing else ([`Effect`]); what the world
//! still owes follows from the state alone ([`outstanding`]), so that nothing is lost when whoever
//! was told dies.
//!
//! The stage lock is a *place* with one occupant ([`state::Slot`]), not a flag and not a lease. Two
//! handlers that both see it free try to append the same next record of the log; the store lets one
//! through. In PARALLEL mode there is nothing to lock: each execution has a log of its own
//! ([`state::Scope::Execution`]), whose slots nobody contends for, and the pipeline's log only admits
//! and closes.
//!
//! Every condition that a law rests on has a name ([`protection`]), so that tests can break it and
//! prove that something notices.
//!
//! Deliberately absent: clocks, randomness, I/O, `async`, and `std` itself; the compiler checks it.
//! Conditions, automatic retry and rollback (R58, R60–R78) are not here yet: they will be inputs and
//! rules of `settle` like the others.
//!
//! Start with [`decide()`], then `settle`, then [`state`].
#![no_std]

extern crate alloc;

pub mod apply;
pub mod change;
pub mod decision;
pub mod effect;
pub mod input;
mod inputs;
pub mod limits;
pub mod plans;
pub mod protection;
pub mod rejection;
mod settle;
pub mod state;
pub mod transitions;
mod working;

pub use apply::apply;
pub use change::{Change, ExecutionChange, PipelineChange};
pub use decision::{Decision, decide};
pub use effect::{Effect, outstanding};
pub use input::Input;
pub use plans::Plans;
pub use protection::Protection;
pub use rejection::Rejection;
pub use state::State;
