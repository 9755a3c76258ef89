//! The legal transitions of statuses, as data (contract §2.2). Anything else is a bug of ours, and
//! applying a change asserts against this table.

use model::status::{ActionStatus, ExecutionStatus, StageStatus};

/// Legal transitions of a pipeline execution; `None` stands for "does not exist yet".
pub const EXECUTION: &[(Option<ExecutionStatus>, ExecutionStatus)] = &[
    (None, ExecutionStatus::InProgress),
    (Some(ExecutionStatus::InProgress), ExecutionStatus::Succeeded),
    (Some(ExecutionStatus::InProgress), ExecutionStatus::Failed),
    (Some(ExecutionStatus::InProgress), ExecutionStatus::Stopping),
    (Some(ExecutionStatus::InProgress), ExecutionStatus::Superseded),
    (Some(ExecutionStatus::InProgress), ExecutionStatus::Cancelled),
    (Some(ExecutionStatus::Stopping), ExecutionStatus::Stopping),
    (Some(ExecutionStatus::Stopping), ExecutionStatus::Stopped),
    (Some(ExecutionStatus::Stopping), ExecutionStatus::Cancelled),
    (Some(ExecutionStatus::Failed), ExecutionStatus::InProgress),
    (Some(ExecutionStatus::Stopped), ExecutionStatus::InProgress),
];

/// Legal transitions of one execution's stage.
pub const STAGE: &[(Option<StageStatus>, StageStatus)] = &[
    (None, StageStatus::InProgress),
    (Some(StageStatus::InProgress), StageStatus::Succeeded),
    (Some(StageStatus::InProgress), StageStatus::Failed),
    (Some(StageStatus::InProgress), StageStatus::Stopping),
    (Some(StageStatus::InProgress), StageStatus::Cancelled),
    (Some(StageStatus::Stopping), StageStatus::Stopped),
    (Some(StageStatus::Stopping), StageStatus::Cancelled),
    (Some(StageStatus::Failed), StageStatus::InProgress),
    (Some(StageStatus::Stopped), StageStatus::InProgress),
];

/// Legal transitions of one attempt of an action. A retry is a new attempt.
pub const ACTION: &[(Option<ActionStatus>, ActionStatus)] = &[
    (None, ActionStatus::InProgress),
    (Some(ActionStatus::InProgress), ActionStatus::Succeeded),
    (Some(ActionStatus::InProgress), ActionStatus::Failed),
    (Some(ActionStatus::InProgress), ActionStatus::Abandoned),
];

/// Asserts that a status may follow another.
pub(crate) fn assert_legal<T: PartialEq + Copy + core::fmt::Debug>(
    table: &[(Option<T>, T)],
    from: Option<T>,
    to: T,
    subject: &dyn core::fmt::Display,
) {
    assert!(
        table.contains(&(from, to)),
        "{subject} must not go from {from:?} to {to:?}: the transition is not in the table"
    );
}
