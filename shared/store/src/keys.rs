//! The table's keys. Every row is found by its key; nothing is ever searched for.

use std::fmt;

use model::ids::{ExecutionId, PipelineName};

/// Which log is meant.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum LogKey {
    /// The log of a pipeline, with its stage locks.
    Pipeline(PipelineName),
    /// The log of one execution of a PARALLEL pipeline (R26).
    Execution(PipelineName, ExecutionId),
}

impl LogKey {
    /// Returns the pipeline that the log belongs to.
    pub fn pipeline(&self) -> &PipelineName {
        match self {
            Self::Pipeline(pipeline) | Self::Execution(pipeline, _) => pipeline,
        }
    }

    /// Returns the partition that the log's records lie in.
    pub(crate) fn partition(&self) -> String {
        match self {
            Self::Pipeline(pipeline) => partition_of(pipeline),
            Self::Execution(_, execution) => format!("EXECUTION#{execution}"),
        }
    }

    /// Returns the scope of the states in this log.
    pub(crate) fn scope(&self) -> engine::state::Scope {
        match self {
            Self::Pipeline(_) => engine::state::Scope::Pipeline,
            Self::Execution(..) => engine::state::Scope::Execution,
        }
    }
}

impl fmt::Display for LogKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Pipeline(pipeline) => write!(f, "{pipeline}"),
            Self::Execution(pipeline, execution) => write!(f, "{pipeline}/{execution}"),
        }
    }
}

/// The partition key's attribute.
pub(crate) const PK: &str = "PK";
/// The sort key's attribute.
pub(crate) const SK: &str = "SK";

/// What the sort keys of a log's records begin with.
pub(crate) const LOG: &str = "LOG#";
/// Sorts after every record of a log.
pub(crate) const LOG_END: &str = "LOG#:";
/// What the sort keys of executions' summaries begin with.
pub(crate) const EXECUTION: &str = "EXECUTION#";
/// What the sort keys of pipelines in the catalogue begin with.
pub(crate) const PIPELINE: &str = "PIPELINE#";
/// The one partition of the catalogue.
pub(crate) const CATALOG: &str = "CATALOG";
/// The sort key of rows that are alone in their partition.
pub(crate) const ALONE: &str = "-";

/// Returns the sort key of a record. Twelve digits sort as text the way they count.
pub(crate) fn log_sort(sequence: u64) -> String {
    format!("{LOG}{sequence:012}")
}

/// Returns the number of the record that a sort key names.
pub(crate) fn sequence_of(sort: &str) -> Option<u64> {
    sort.strip_prefix(LOG)?.parse().ok()
}

/// Returns the partition of everything that is kept under a pipeline's name.
pub(crate) fn partition_of(pipeline: &PipelineName) -> String {
    format!("{PIPELINE}{pipeline}")
}

/// Whether watched executions lie in this partition.
pub(crate) fn is_watched(partition: &str) -> bool {
    partition.starts_with("LIVE#")
}

/// Returns the partition in which a shard of the watched executions lies.
pub(crate) fn live_partition(shard: u8) -> String {
    format!("LIVE#{shard:02x}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn records_sort_as_they_count() {
        let sorts: Vec<_> =
            [1, 9, 10, 99, 100, 999_999_999_999].into_iter().map(log_sort).collect();
        assert!(sorts.is_sorted());
        assert!(sorts.iter().all(|sort| sort.as_str() > LOG && sort.as_str() < LOG_END));
        assert_eq!(sequence_of(&log_sort(42)), Some(42));
        assert_eq!(sequence_of("EXECUTION#1"), None);
    }
}
