//! Events and facts for the situations, as the bus and the table would bring them.

use model::status::TriggerType;
use model::time::Timestamp;
use notifications::facts::{Before, Changes, Execution, Failure, Revision, Waiting};
use notifications::{Event, Facts};
use serde_json::{Value, json};

/// 24 January 2026, 22:03:44 UTC.
pub(crate) const NOW: i64 = 1_769_292_224_000;

const MINUTE: i64 = 60_000;
pub(crate) const HOUR: i64 = 60 * MINUTE;
pub(crate) const DAY: i64 = 24 * HOUR;

/// Returns the moment so many milliseconds before now.
pub(crate) fn ago(millis: i64) -> Timestamp {
    Timestamp::from_millis(NOW - millis)
}

fn envelope(detail_type: &str, detail: &Value) -> Event {
    let envelope = json!({
        "version": "0",
        "id": "5b0c3a1e-52a6-5b0e-8c6d-2f479be061d4",
        "detail-type": detail_type,
        "source": "towpath",
        "account": "111122223333",
        "time": "2026-01-24T22:03:44Z",
        "region": "eu-west-1",
        "resources": ["arn:aws:codepipeline:eu-west-1:111122223333:payments"],
        "detail": detail,
    });
    Event::of(envelope).expect("an event of ours")
}

/// Returns an id that ends in a number, as people see it in commands.
pub(crate) fn execution_id(number: u64) -> String {
    format!("019bf1c4-8f00-7000-8000-0000{number:08}")
}

/// An event of an execution.
pub(crate) fn of_execution(number: u64, state: &str, attempt: u32) -> Event {
    let mut detail = json!({
        "pipeline": "payments",
        "execution-id": execution_id(number),
        "start-time": "2026-01-24T21:59:32.000Z",
        "state": state,
        "version": 3.0,
        "pipeline-execution-attempt": f64::from(attempt),
    });
    if state == "STARTED" {
        detail["execution-trigger"] = json!({
            "trigger-type": "ManualRollback",
            "trigger-detail": "arn:aws:sts::111122223333:assumed-role/Admin/ana",
        });
    }
    envelope("CodePipeline Pipeline Execution State Change", &detail)
}

/// An event of an approval.
pub(crate) fn of_approval(number: u64, state: &str) -> Event {
    of_action(number, state, "Prod", "Sign-off", ("Approval", "Manual"))
}

/// An event of an action.
pub(crate) fn of_action(
    number: u64,
    state: &str,
    stage: &str,
    action: &str,
    (category, provider): (&str, &str),
) -> Event {
    let detail = json!({
        "pipeline": "payments",
        "execution-id": execution_id(number),
        "start-time": "2026-01-24T22:01:00.000Z",
        "stage": stage,
        "action-execution-id": "47f821c5-3d8c-4a1b-b3d7-0b1a2c3d4e5f",
        "action": action,
        "state": state,
        "region": "eu-west-1",
        "type": { "owner": "AWS", "provider": provider, "category": category, "version": "1" },
        "version": 3.0,
        "pipeline-execution-attempt": 1.0,
    });
    envelope("CodePipeline Action Execution State Change", &detail)
}

/// An event of a stage's door.
pub(crate) fn of_door(state: &str) -> Event {
    let detail = json!({ "pipeline": "payments", "stage": "Prod", "state": state });
    envelope("Towpath Transition State Change", &detail)
}

/// An event of an execution that stands still.
pub(crate) fn of_still(number: u64) -> Event {
    let detail = json!({ "pipeline": "payments", "execution-id": execution_id(number) });
    envelope("Towpath Execution Stuck", &detail)
}

/// What is known of an execution that a push started four minutes ago.
pub(crate) fn facts(number: u64) -> Facts {
    Facts {
        execution: Some(Execution {
            number,
            trigger: TriggerType::CloudWatchEvent,
            trigger_detail: "arn:aws:codecommit:eu-west-1:111122223333:payments".to_owned(),
            started_at: ago(4 * MINUTE + 12_000),
            branch: Some("main".to_owned()),
        }),
        changes: Changes {
            since: Some(409),
            through: None,
            revisions: vec![
                revision(number, "ab12cd3f5e6a7b8c9d0e1f2a3b4c5d6e7f809102", "Fix rounding"),
                revision(
                    411,
                    "9049085e5c1cf3da8a5b7cb9bba5a1bb67de65ac",
                    "Charge in cents, not in euros",
                ),
            ],
        },
        ..Facts::default()
    }
}

/// The same, started by a person.
pub(crate) fn facts_by_hand(number: u64) -> Facts {
    let mut facts = facts(number);
    if let Some(execution) = &mut facts.execution {
        execution.trigger = TriggerType::StartPipelineExecution;
        "arn:aws:sts::111122223333:assumed-role/Developer/ana"
            .clone_into(&mut execution.trigger_detail);
    }
    facts
}

pub(crate) fn revision(number: u64, id: &str, summary: &str) -> Revision {
    Revision {
        number,
        id: id.to_owned(),
        summary: Some(summary.to_owned()),
        url: Some(format!("https://github.com/acme/payments/commit/{}", &id[..7])),
    }
}

/// A failure of an action.
pub(crate) fn failure(place: (&str, &str), provider: &str, code: &str, message: &str) -> Failure {
    Failure {
        stage: place.0.to_owned(),
        action: place.1.to_owned(),
        provider: provider.to_owned(),
        code: code.to_owned(),
        message: message.to_owned(),
        url: None,
        is_overdue: false,
        is_approval: false,
        attempt: 1,
        by: None,
    }
}

pub(crate) fn waiting(number: u64, stage: &str) -> Waiting {
    Waiting { number, stage: stage.to_owned() }
}

/// So many failures in a row before, and when the last success was.
pub(crate) fn before(failed_in_a_row: u32, succeeded: i64) -> Before {
    Before { failed_in_a_row, succeeded_at: Some(ago(succeeded)) }
}
