//! One message for each meaning, and silence otherwise.

use std::collections::BTreeSet;

use notifications::facts::Failure;
use notifications::{Event, Facts, Meaning, Notice, gather, meaning};

use crate::events::{facts, failure, of_action, of_approval, of_execution};
use crate::situations::{situations, storm};

fn told(event: &Event, facts: &Facts) -> Option<Meaning> {
    meaning(event, facts)
}

#[test]
fn what_happens_on_the_way_is_not_told() {
    for state in ["STARTED", "STOPPING"] {
        let mut event = of_execution(1, state, 1);
        event.trigger = Some("CloudWatchEvent".to_owned());
        assert!(!event.may_matter(), "{state}: nothing is read for it");
        assert_eq!(told(&event, &facts(1)), None, "{state}");
    }
    for state in ["STARTED", "SUCCEEDED", "FAILED", "ABANDONED"] {
        let event = of_action(1, state, "Build", "Compile", ("Build", "CodeBuild"));
        assert!(!event.may_matter(), "{state}");
        assert_eq!(told(&event, &facts(1)), None, "an action that is {state}");
    }
    assert_eq!(told(&of_approval(1, "ABANDONED"), &facts(1)), None, "the stop is told");
}

#[test]
fn the_first_success_after_failures_is_a_recovery() {
    let mut known = facts(2);
    assert_eq!(told(&of_execution(2, "SUCCEEDED", 1), &known), Some(Meaning::Succeeded));
    assert_eq!(told(&of_execution(2, "SUCCEEDED", 2), &known), Some(Meaning::Recovered));
    known.before.failed_in_a_row = 1;
    assert_eq!(told(&of_execution(2, "SUCCEEDED", 1), &known), Some(Meaning::Recovered));
}

/// Goal: an execution that ends because of an answer is told once, though two events say so (E7).
#[test]
fn the_answer_to_an_approval_and_the_end_that_follows_are_one_message() {
    let answers = [
        (Some("ben"), false, Meaning::Rejected),
        (None, true, Meaning::ApprovalExpired),
        // It could not be asked at all.
        (None, false, Meaning::Failed),
    ];
    for (by, is_overdue, expected) in answers {
        let failure = Failure {
            is_approval: true,
            is_overdue,
            by: by.map(ToOwned::to_owned),
            ..failure(("Prod", "Sign-off"), "Manual", "JobFailed", "no")
        };
        let known = Facts { failures: vec![failure], ..facts(1) };
        let answer = Notice::new(of_approval(1, "FAILED"), known.clone()).expect("a meaning");
        let end = Notice::new(of_execution(1, "FAILED", 1), known).expect("a meaning");
        assert_eq!((answer.meaning, end.meaning), (expected, expected));
        assert_eq!(answer.identity(), end.identity());
        assert_eq!(gather(vec![answer.clone(), end.clone(), answer]).len(), 1);
        assert_eq!(end.message().subject, gather(vec![end]).remove(0).message().subject);
    }
}

#[test]
fn an_attempt_is_told_on_its_own() {
    let key = |attempt| {
        let notice = Notice::new(of_execution(1, "FAILED", attempt), facts(1));
        notice.expect("a meaning").identity()
    };
    assert_eq!(key(1), key(1));
    assert_ne!(key(1), key(2));
}

#[test]
fn a_success_has_one_key_however_it_is_called() {
    let event = || of_execution(2, "SUCCEEDED", 1);
    let plain = Notice::new(event(), facts(2)).expect("a meaning");
    let mut known = facts(2);
    known.before.failed_in_a_row = 3;
    let recovered = Notice::new(event(), known).expect("a meaning");
    assert_ne!(plain.meaning, recovered.meaning);
    assert_eq!(plain.identity(), recovered.identity());
}

#[test]
fn all_situations_have_keys_of_their_own() {
    let keys: BTreeSet<_> = situations()
        .into_iter()
        .map(|(_, notices)| (notices[0].meaning, notices[0].identity()))
        .collect();
    assert!(keys.len() > 12, "{keys:#?}");
    for (meaning, (about, key)) in keys {
        assert!(!about.is_empty() && key.len() > 3, "{meaning:?}: {about} {key}");
        assert!(key.len() < 300, "it is a part of a key of the table");
    }
}

#[test]
fn a_storm_of_a_thousand_executions_with_every_event_doubled_tells_each_once() {
    let mut notices = storm(1_000);
    notices.extend(storm(1_000));
    let bundles = gather(notices);
    let listed: usize = bundles.iter().map(|bundle| bundle.notices.len()).sum();
    assert_eq!(listed, 1_000, "each execution once");
    assert_eq!(bundles.len(), 1, "and of one pipeline in one batch, in one message");
}

#[test]
fn questions_are_never_gathered() {
    let ask = |number| Notice::new(of_approval(number, "STARTED"), facts(number)).expect("it asks");
    let fail = |number| {
        let known = facts(number);
        Notice::new(of_execution(number, "FAILED", 1), known).expect("it failed")
    };
    let bundles = gather(vec![ask(1), fail(2), ask(3), fail(4)]);
    let sizes: Vec<_> = bundles.iter().map(|bundle| bundle.notices.len()).collect();
    assert_eq!(sizes, [1, 2, 1]);
}

#[test]
fn what_is_not_ours_is_not_read() {
    for text in [
        "",
        "[]",
        "{}",
        r#"{"detail-type":"CodePipeline Pipeline Execution State Change"}"#,
        r#"{"detail-type":"EC2 Instance State-change Notification","detail":{"state":"running"}}"#,
    ] {
        assert!(Event::read(text).is_err(), "{text}");
    }
}
