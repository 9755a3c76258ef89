//! The numbers of `CloudWatch` about executions (R94), and about those that wait.

use engine::State;
use engine::change::{Change, ExecutionChange};
use model::ids::PipelineName;
use model::time::Timestamp;
use serde_json::{Value, json};

use crate::detail::Detail;
use crate::event::Event;

/// The namespace of our metrics. AWS reserves everything that begins with `AWS/`.
pub const NAMESPACE: &str = "Towpath";

/// Returns the metrics that follow from the events, each a line in the embedded metric format
/// of `CloudWatch`: `PipelineDuration` in seconds for every execution that succeeded or failed, and
/// `FailedPipelineExecutions` for every one that failed, where a retry that fails counts again (R94).
///
/// Durations are counted by pipeline; failures also for the account as a whole.
pub fn metrics(events: &[Event]) -> Vec<String> {
    events.iter().filter_map(metric).map(|metric| metric.to_string()).collect()
}

/// Returns the line that says how many executions wait before stages of a pipeline, after a record that
/// changed it: `WaitingExecutions`, and `StageWaits` for those that began to wait. They wait because somebody
/// else is inside, or because the way in is closed.
pub fn waits(
    pipeline: &PipelineName,
    at: Timestamp,
    (before, after): (&State, &State),
    changes: &[Change],
) -> Option<String> {
    let is_wait = |change: &&Change| match change {
        Change::Execution { change, .. } => matches!(change, ExecutionChange::Waited { .. }),
        Change::Pipeline(_) => false,
    };
    let began = changes.iter().filter(is_wait).count();
    let waiting = waiting(after);
    if began == 0 && waiting == self::waiting(before) {
        return None;
    }
    let metrics = json!([
        {"Name": "WaitingExecutions", "Unit": "Count"},
        {"Name": "StageWaits", "Unit": "Count"},
    ]);
    let kind =
        json!({"Namespace": NAMESPACE, "Dimensions": [["PipelineName"]], "Metrics": metrics});
    let line = json!({
        "_aws": {"Timestamp": at.millis(), "CloudWatchMetrics": [kind]},
        "PipelineName": pipeline.as_str(),
        "WaitingExecutions": waiting,
        "StageWaits": began,
    });
    Some(line.to_string())
}

fn waiting(state: &State) -> usize {
    state.stages.values().map(|slot| slot.waiting.len()).sum()
}

fn metric(event: &Event) -> Option<Value> {
    let Detail::Pipeline(detail) = &event.detail else { return None };
    let has_failed = match detail.state {
        "SUCCEEDED" => false,
        "FAILED" => true,
        _ => return None,
    };
    let millis = event.at.millis_since(detail.start_time);
    let by_pipeline = json!({
        "Namespace": NAMESPACE,
        "Dimensions": [["PipelineName"]],
        "Metrics": [{"Name": "PipelineDuration", "Unit": "Seconds"}],
    });
    let mut line = json!({
        "_aws": {"Timestamp": event.at.millis(), "CloudWatchMetrics": [by_pipeline]},
        "PipelineName": detail.pipeline,
        "PipelineDuration": seconds(millis),
    });
    if has_failed {
        line["FailedPipelineExecutions"] = json!(1);
        if let Some(kinds) = line["_aws"]["CloudWatchMetrics"].as_array_mut() {
            kinds.push(json!({
                "Namespace": NAMESPACE,
                "Dimensions": [["PipelineName"], []],
                "Metrics": [{"Name": "FailedPipelineExecutions", "Unit": "Count"}],
            }));
        }
    }
    Some(line)
}

#[expect(
    clippy::cast_precision_loss,
    reason = "a duration of 285 000 years is the first that a double cannot hold to the millisecond"
)]
fn seconds(millis: i64) -> f64 {
    millis as f64 / 1000.0
}
