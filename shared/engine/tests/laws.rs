//! What must hold, said without the engine's own code (`S…` and `L…` are the safety and liveness
//! laws of the design).
//!
//! [`check_state`] looks at one committed state, [`check_step`] at one decision: it folds the changes
//! one by one and asks of each whether it may happen now. [`Ledger`] looks at the whole life of a
//! pipeline. All of them panic with the law that is broken.

mod change;
mod ledger;
mod state;
mod step;

pub(crate) use ledger::Ledger;
pub(crate) use state::check_state;
pub(crate) use step::{check_step, check_step_and};
