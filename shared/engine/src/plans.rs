//! The declarations that a decision needs, by the record that holds each.

use alloc::collections::BTreeMap;
use alloc::sync::Arc;

use model::pipeline::{Pipeline, Stage};

use crate::state::Execution;

/// Declarations by the number of the record of the pipeline's log that holds them.
///
/// Whoever calls `decide` brings every one that [`crate::State::definitions`] names; a missing one is
/// a broken promise of ours.
#[derive(Clone, Debug, Default)]
pub struct Plans(BTreeMap<u64, Arc<Pipeline>>);

impl Plans {
    /// Adds the declaration that the given record holds.
    pub fn insert(&mut self, record: u64, pipeline: Arc<Pipeline>) {
        self.0.insert(record, pipeline);
    }

    /// Returns the declaration that the given record holds.
    pub fn get(&self, record: u64) -> &Arc<Pipeline> {
        let Some(pipeline) = self.0.get(&record) else {
            panic!("the declaration in record {record} was not loaded before deciding")
        };
        pipeline
    }

    /// Whether the declaration of the given record is here.
    pub fn holds(&self, record: u64) -> bool {
        self.0.contains_key(&record)
    }

    /// Returns the stage that an execution is at.
    pub fn stage_of(&self, execution: &Execution) -> &Stage {
        &self.get(execution.definition.record).stages[execution.stage]
    }
}
