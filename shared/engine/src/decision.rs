//! The one function that decides.

use alloc::vec::Vec;

use model::time::Timestamp;

use crate::change::Change;
use crate::effect::{self, Effect};
use crate::input::Input;
use crate::plans::Plans;
use crate::rejection::Rejection;
use crate::state::State;
use crate::working::Working;
use crate::{inputs, settle};

/// What changes, and what is true afterwards.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decision {
    /// When it was decided. Never earlier than the decision before it, whatever the clocks say.
    pub at: Timestamp,
    /// What changes, in order.
    pub changes: Vec<Change>,
    /// What is true once the changes are.
    pub state: State,
}

/// Decides what `input` changes, or why it is refused.
///
/// A decision without changes means that what is asked for is so already. `plans` must hold every
/// declaration that [`State::definitions`] names. The answer depends on the arguments alone.
pub fn decide(
    state: &State,
    plans: &Plans,
    input: &Input,
    now: Timestamp,
) -> Result<Decision, Rejection> {
    let mut working = Working::new(state, plans, now);
    inputs::take(&mut working, input)?;
    settle::settle(&mut working);
    Ok(working.into_decision())
}

impl Decision {
    /// Whether nothing changes.
    pub fn is_empty(&self) -> bool {
        self.changes.is_empty()
    }

    /// Returns what the world must do once this is durable, in order.
    pub fn effects(&self) -> Vec<Effect> {
        self.changes.iter().flat_map(|change| effect::implied(change, &self.state)).collect()
    }
}
