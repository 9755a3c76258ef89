//! The scenarios that together make every event there is.

use std::collections::BTreeMap;

use events::{Event, GitTrigger};
use model::status::RetryMode;

use crate::script::{Script, execution};

pub(crate) fn happy_path() -> Script {
    let mut script = Script::new();
    script.run_to_approval(1);
    script.approve(1, true);
    script.succeed(1, &["Deploy/Ship"]);
    script
}

/// As [`happy_path`], started by a push, to a branch or of a tag.
pub(crate) fn pushed(variable: &str) -> Script {
    let names = [
        "AuthorDisplayName",
        "FullRepositoryName",
        "ProviderType",
        "AuthorEmail",
        "CommitMessage",
        "AuthorDate",
        "CommitId",
        "ConnectionArn",
        "AuthorId",
        variable,
    ];
    let variables: BTreeMap<String, String> =
        names.into_iter().map(|name| (name.to_owned(), format!("its {name}"))).collect();
    let mut script = Script::new();
    script.commits.insert(execution(1), GitTrigger::from_variables(&variables));
    script.run_to_approval(1);
    script.approve(1, true);
    script.succeed(1, &["Deploy/Ship"]);
    script.commits.insert(execution(2), GitTrigger::from_variables(&variables));
    script.run_to_approval(2);
    script.approve(2, false);
    script.commits.insert(execution(3), GitTrigger::from_variables(&variables));
    script.start(3);
    script.fail(3, "Source/Fetch");
    script
}

/// A failure beside a running sibling, then retries of both modes to a good end.
pub(crate) fn failed_and_retried() -> Script {
    let mut script = Script::new();
    script.start(1);
    script.succeed(1, &["Source/Fetch"]);
    script.fail(1, "Build/Compile");
    script.succeed(1, &["Build/Check"]);
    script.retry(1, "Build", RetryMode::FailedActions);
    script.fail(1, "Build/Compile");
    script.retry(1, "Build", RetryMode::AllActions);
    script.succeed(1, &["Build/Compile", "Build/Check"]);
    script.approve(1, true);
    script.succeed(1, &["Deploy/Ship"]);
    script
}

pub(crate) fn stopped(abandon: bool) -> Script {
    let mut script = Script::new();
    script.start(1);
    script.succeed(1, &["Source/Fetch"]);
    script.stop(1, abandon, Some("an update"));
    if !abandon {
        script.succeed(1, &["Build/Compile"]);
        script.fail(1, "Build/Check");
    }
    script
}

/// Two that wait before Approve, the newer of them in the place of the older, then an update.
pub(crate) fn waiting() -> Script {
    let mut script = Script::new();
    script.run_to_approval(1);
    script.run_to_approval(2);
    script.run_to_approval(3);
    script
}

/// What waits is cancelled at once, what is inside once its action has ended.
pub(crate) fn updated() -> Script {
    let mut script = waiting();
    script.define();
    script.approve(1, true);
    script
}

pub(crate) fn rejected() -> Script {
    let mut script = Script::new();
    script.run_to_approval(1);
    script.approve(1, false);
    script
}

/// Returns the events of every scenario.
pub(crate) fn every_event() -> Vec<Event> {
    let scripts = [
        happy_path(),
        pushed("BranchName"),
        pushed("TagName"),
        failed_and_retried(),
        stopped(false),
        stopped(true),
        updated(),
        rejected(),
    ];
    scripts.into_iter().flat_map(|script| script.events).collect()
}
