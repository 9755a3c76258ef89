//! Every bound that a decision keeps, with the rule it comes from.

/// How many executions of a QUEUED or PARALLEL pipeline may be unfinished (R9).
pub const UNFINISHED_MAX: usize = 50;

/// How many actions of one PARALLEL execution run at the same time (R27).
pub const PARALLEL_ACTIONS_MAX: usize = 5;

/// After how many days a closed way no longer lets those through who waited before it (R40).
pub const DISABLED_DAYS_MAX: i64 = 30;
