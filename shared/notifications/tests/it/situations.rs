//! The situations in which people are told something.

use model::status::TriggerType;
use notifications::facts::{Approval, Door, Failure, Still, Stop};
use notifications::{Event, Facts, Notice};

use crate::events::{
    DAY, HOUR, NOW, before, facts, facts_by_hand, failure, of_approval, of_door, of_execution,
    of_still, revision, waiting,
};

const BUILD: (&str, &str) = ("Build", "Compile");
const DEPLOY: (&str, &str) = ("Prod", "Deploy");
const SIGN_OFF: (&str, &str) = ("Prod", "Sign-off");
const LINK: &str = "https://x7k2.lambda-url.eu-west-1.on.aws/a/payments/\
                    019bf1c4-8f00-7000-8000-000000000412/Prod/Sign-off/1#\
                    6f1c0f0d4f0f4c1e9b0a7d5e3c2b1a09f8e7d6c5b4a392817060504030201000";

/// Returns every situation by name, each with what is told.
pub(crate) fn situations() -> Vec<(&'static str, Vec<Notice>)> {
    let mut situations = failures();
    situations.extend(more_failures());
    situations.extend(successes());
    situations.extend(approvals());
    situations.extend(answers());
    situations.extend(endings());
    situations.extend(flow());
    situations.push(("many-at-once", storm(7)));
    situations
}

fn one(name: &'static str, event: Event, facts: Facts) -> (&'static str, Vec<Notice>) {
    let notice = Notice::new(event, facts).unwrap_or_else(|| panic!("{name} means something"));
    (name, vec![notice])
}

fn failed(number: u64, failures: Vec<Failure>) -> (Event, Facts) {
    (of_execution(number, "FAILED", 1), Facts { failures, ..facts(number) })
}

fn failures() -> Vec<(&'static str, Vec<Notice>)> {
    let build = Failure {
        url: Some("https://console.aws.amazon.com/codebuild/home#/builds/payments:7f2e".to_owned()),
        ..failure(
            BUILD,
            "CodeBuild",
            "JobFailed",
            "Command did not exit successfully: cargo test, exit status 101\ntest rounding::half_up ... FAILED",
        )
    };
    let (event, known) = failed(412, vec![build.clone()]);
    let first = one("failed-build", event, known);

    let denied = failure(
        DEPLOY,
        "CloudFormation",
        "PermissionError",
        "Stack payments-prod is UPDATE_ROLLBACK_COMPLETE: Queue: AccessDenied, kms:Decrypt on key/1234abcd",
    );
    let (event, known) = failed(412, vec![denied]);
    let queue = vec![waiting(413, "Prod"), waiting(414, "Build")];
    let second = one("failed-deploy-permission", event, Facts { waiting: queue, ..known });

    let lint = failure(("Build", "Lint"), "Commands", "JobFailed", "42 warnings, none allowed");
    let (event, known) = failed(412, vec![build.clone(), lint]);
    let third = one("failed-two-actions", event, known);

    let (event, known) = failed(414, vec![build.clone()]);
    let again = Facts { before: before(2, 3 * HOUR + 300_000), ..known };
    let fourth = one("failed-third-time", event, again);

    let overdue = Failure {
        is_overdue: true,
        ..failure(DEPLOY, "CodeDeploy", "JobFailed", "it did not end within 60 minutes")
    };
    let (event, known) = failed(412, vec![overdue]);
    vec![first, second, third, fourth, one("failed-too-long", event, known)]
}

fn more_failures() -> Vec<(&'static str, Vec<Notice>)> {
    let source = failure(
        ("Source", "Commit"),
        "CodeStarSourceConnection",
        "RevisionUnavailable",
        "branch release/2.1 does not exist in acme/payments",
    );
    let (event, mut known) = failed(412, vec![source]);
    known.changes.revisions.clear();
    let first = one("failed-source", event, known);

    let wrong = failure(
        BUILD,
        "CodeBuild",
        "ConfigurationError",
        "configuration.ProjectName: there is no project payments-biuld in eu-west-1; did you mean payments-build?",
    );
    let (event, known) = failed(412, vec![wrong]);
    let second = one("failed-configuration", event, known);

    let again =
        failure(DEPLOY, "ECS", "JobFailed", "the service did not become steady: 0 of 3 tasks run");
    let known = Facts { failures: vec![again], ..facts_by_hand(412) };
    let third = one("failed-after-retry", of_execution(412, "FAILED", 2), known);

    let lost = failure(
        BUILD,
        "CodeBuild",
        "SystemUnavailable",
        "CodeBuild did not answer for 15 minutes (ThrottlingException)",
    );
    let (event, known) = failed(412, vec![lost]);
    let fourth = one("failed-provider-unreachable", event, known);

    let silent = failure(BUILD, "", "", "");
    let (event, mut known) = failed(1, vec![silent]);
    known.changes.since = None;
    known.changes.revisions.truncate(1);
    vec![first, second, third, fourth, one("failed-without-a-reason", event, known)]
}

fn successes() -> Vec<(&'static str, Vec<Notice>)> {
    let succeeded = |number, attempt| of_execution(number, "SUCCEEDED", attempt);
    let mut first_ever = facts(1);
    first_ever.changes.since = None;
    first_ever.changes.revisions.truncate(1);
    let mut many = facts_by_hand(430);
    many.changes.revisions = (411..=430)
        .rev()
        .map(|number| {
            revision(number, &format!("{number}cd3f5e6a7b8c9d0e1f2a3b4c5d6e7f8091023"), "Tidy")
        })
        .collect();
    let mut back = facts(413);
    if let Some(execution) = &mut back.execution {
        execution.trigger = TriggerType::ManualRollback;
    }
    back.changes.since = None;
    back.changes.revisions =
        vec![revision(409, "77aa01bc5e6a7b8c9d0e1f2a3b4c5d6e7f809102", "Print receipts")];
    let recovered = Facts { before: before(2, 26 * HOUR), ..facts(414) };
    vec![
        one("succeeded", succeeded(412, 1), facts(412)),
        one("succeeded-first-ever", succeeded(1, 1), first_ever),
        one("succeeded-many-changes", succeeded(430, 1), many),
        one("recovered", succeeded(414, 1), recovered),
        one("recovered-by-retry", succeeded(412, 2), facts(412)),
        one("rolled-back", succeeded(413, 1), back),
    ]
}

fn approvals() -> Vec<(&'static str, Vec<Notice>)> {
    let expires_at = Some(model::time::Timestamp::from_millis(NOW + 7 * DAY));
    let bare = Approval { expires_at, link: Some(LINK.to_owned()), ..Approval::default() };
    let full = Approval {
        question: Some("Release 1.4 to all customers?\nThe price list changes with it.".to_owned()),
        review_url: Some("https://staging.example.com/prices".to_owned()),
        ..bare.clone()
    };
    let with = |approval: Approval| {
        let mut known = Facts { approval: Some(approval), ..facts_by_hand(412) };
        known.changes.through = Some("Prod".to_owned());
        known
    };
    let queue = vec![waiting(413, "Prod")];
    let needed = || of_approval(412, "STARTED");
    vec![
        one("approval-needed", needed(), with(bare.clone())),
        one("approval-needed-with-question", needed(), with(full.clone())),
        one("approval-needed-newer-waits", needed(), Facts { waiting: queue, ..with(full) }),
        one("approval-needed-no-page", needed(), with(Approval { link: None, ..bare })),
    ]
}

fn answers() -> Vec<(&'static str, Vec<Notice>)> {
    let by = Some("arn:aws:sts::111122223333:assumed-role/Release/ben".to_owned());
    let answered = |comment: Option<&str>| Facts {
        approval: Some(Approval {
            by: by.clone(),
            comment: comment.map(ToOwned::to_owned),
            ..Approval::default()
        }),
        ..facts(412)
    };
    let no = Failure {
        is_approval: true,
        by: by.clone(),
        ..failure(SIGN_OFF, "Manual", "JobFailed", "rejected by ben: not before Monday")
    };
    let rejected = Facts { failures: vec![no], ..answered(Some("Not before Monday.")) };
    let late = Failure {
        is_approval: true,
        is_overdue: true,
        ..failure(SIGN_OFF, "Manual", "JobFailed", "nobody answered within 10080 minutes")
    };
    let expired = Facts { failures: vec![late], waiting: vec![waiting(415, "Prod")], ..facts(412) };
    vec![
        one("approved", of_approval(412, "SUCCEEDED"), answered(Some("Checked on staging."))),
        one("approved-without-a-word", of_approval(412, "SUCCEEDED"), answered(None)),
        one("rejected", of_approval(412, "FAILED"), rejected),
        one("approval-expired", of_approval(412, "FAILED"), expired),
    ]
}

fn endings() -> Vec<(&'static str, Vec<Notice>)> {
    let stopped = |stop: Stop| Facts { stop: Some(stop), ..facts(412) };
    let reason = Some("Wrong commit; 413 has the fix.".to_owned());
    let stage = Some("Prod".to_owned());
    let polite = Stop { reason: reason.clone(), stage: stage.clone(), ..Stop::default() };
    let abandoned = Stop {
        stage: stage.clone(),
        abandoned: vec!["Deploy".to_owned(), "Smoke".to_owned()],
        ..Stop::default()
    };
    let asking = Stop { reason, stage, was_asking: true, ..Stop::default() };
    let superseded = Facts { superseded: Some(waiting(413, "Prod")), ..facts(412) };
    let cancelled = Facts { cancelled: Some("the pipeline was updated".to_owned()), ..facts(412) };
    let of = |state| of_execution(412, state, 1);
    vec![
        one("stopped", of("STOPPED"), stopped(polite)),
        one("stopped-and-abandoned", of("STOPPED"), stopped(abandoned)),
        one("stopped-while-asking", of("STOPPED"), stopped(asking)),
        one("superseded", of("SUPERSEDED"), superseded),
        one("cancelled", of("CANCELED"), cancelled),
    ]
}

fn flow() -> Vec<(&'static str, Vec<Notice>)> {
    let by = Some("arn:aws:iam::111122223333:user/ana".to_owned());
    let resumed = Facts { resumed_by: by.clone(), ..facts(412) };
    let mut back = facts(413);
    if let Some(execution) = &mut back.execution {
        execution.trigger = TriggerType::ManualRollback;
    }
    back.changes.revisions =
        vec![revision(409, "77aa01bc5e6a7b8c9d0e1f2a3b4c5d6e7f809102", "Print receipts")];
    back.changes.since = None;
    let still = |action: Option<&str>| Still {
        stage: "Prod".to_owned(),
        action: action.map(ToOwned::to_owned),
        since: crate::events::ago(2 * HOUR),
        usual_millis: Some(420_000),
    };
    let since = crate::events::ago(2 * HOUR + 300_000);
    let mut old = facts(412);
    old.execution.iter_mut().for_each(|execution| execution.started_at = since);
    let runs = Facts { still: Some(still(Some("Deploy"))), ..old.clone() };
    let waits = Facts { still: Some(Still { usual_millis: None, ..still(None) }), ..old };
    let closed = Facts {
        door: Some(Door { by: by.clone(), reason: Some("Freeze until 2 February".to_owned()) }),
        waiting: vec![waiting(413, "Prod")],
        ..Facts::default()
    };
    let opened = Facts { door: Some(Door { by, reason: None }), ..Facts::default() };
    vec![
        one("resumed", of_execution(412, "RESUMED", 2), resumed),
        one("rollback-started", of_execution(413, "STARTED", 1), back),
        one("stuck-running", of_still(412), runs),
        one("stuck-waiting", of_still(412), waits),
        one("stage-closed", of_door("DISABLED"), closed),
        one("stage-opened", of_door("ENABLED"), opened),
    ]
}

/// So many executions that end in one batch.
pub(crate) fn storm(executions: u64) -> Vec<Notice> {
    let notice = |number: u64| {
        let failures =
            vec![failure(BUILD, "CodeBuild", "JobFailed", "the registry did not answer")];
        let (state, known) = match number % 7 {
            5 => ("SUCCEEDED", facts(number)),
            6 => (
                "SUPERSEDED",
                Facts { superseded: Some(waiting(number + 1, "Prod")), ..facts(number) },
            ),
            _ => ("FAILED", Facts { failures, ..facts(number) }),
        };
        Notice::new(of_execution(number, state, 1), known).expect("an end means something")
    };
    (406..406 + executions).map(notice).collect()
}
