//! What is over: how long everything took, and what failed.

use std::collections::BTreeMap;

use engine::state::RunKey;
use model::ids::{ActionName, StageName};
use model::time::Timestamp;

use crate::view::board::lane::Mark;

/// How many executions are remembered, whatever becomes of them.
const EXECUTIONS_MAX: usize = 200;

/// How many failures are remembered.
const FAILURES_MAX: usize = 20;

/// What is over.
#[derive(Debug, Default)]
pub(crate) struct History {
    /// The executions that were seen, by number.
    pub(crate) executions: BTreeMap<u64, Past>,
    /// What failed, in order, as far as nobody has shown it yet.
    pub(crate) failures: Vec<Failed>,
}

/// An execution, as far as it came.
#[derive(Debug, Default)]
pub(crate) struct Past {
    pub(crate) started: Timestamp,
    /// How it ended and how long it took.
    pub(crate) ended: Option<(&'static str, i64)>,
    /// How each action went, and how many milliseconds it took.
    pub(crate) took: BTreeMap<(StageName, ActionName), (Mark, i64)>,
}

/// An attempt that failed.
#[derive(Clone, Debug)]
pub(crate) struct Failed {
    pub(crate) number: u64,
    pub(crate) run: RunKey,
    pub(crate) message: String,
}

impl History {
    pub(crate) fn start(&mut self, number: u64, at: Timestamp) {
        self.executions.insert(number, Past { started: at, ..Past::default() });
        while self.executions.len() > EXECUTIONS_MAX {
            self.executions.pop_first();
        }
    }

    pub(crate) fn end_action(
        &mut self,
        number: u64,
        stage: &StageName,
        action: &ActionName,
        mark: Mark,
        millis: i64,
    ) {
        if let Some(past) = self.executions.get_mut(&number) {
            past.took.insert((stage.clone(), action.clone()), (mark, millis));
        }
    }

    pub(crate) fn end(&mut self, number: u64, word: &'static str, at: Timestamp) {
        if let Some(past) = self.executions.get_mut(&number) {
            past.ended = Some((word, at.millis_since(past.started)));
        }
    }

    pub(crate) fn fail(&mut self, failed: Failed) {
        self.failures.push(failed);
        let surplus = self.failures.len().saturating_sub(FAILURES_MAX);
        self.failures.drain(..surplus);
    }

    /// Keeps only what is unfinished.
    pub(crate) fn forget_ended(&mut self) {
        self.failures.clear();
        self.executions.retain(|_, past| past.ended.is_none());
    }
}
