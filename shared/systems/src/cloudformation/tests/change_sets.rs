//! Preparing change sets and executing them.

use providers::{Job, Progress};

use super::account::{Account, Set};
use super::{begin, failed, is_waiting, poll, provider, stack_job, start, succeeded};

const EMPTY: &str = "The submitted information didn't contain changes. Submit different information \
                     to create a change set.";

fn set_job(account: &Account, mode: &str, run_id: &str) -> Job {
    let mut job = stack_job(account, &[("ActionMode", mode), ("ChangeSetName", "next")]);
    run_id.clone_into(&mut job.run_id);
    job
}

/// Takes the change set to where CloudFormation would.
fn made(account: &Account, status: &'static str, reason: &'static str) {
    let mut state = account.state();
    let set: &mut Set = state.sets.last_mut().unwrap();
    (set.status, set.reason) = (status, reason);
    if status == "CREATE_COMPLETE" {
        set.execution_status = "AVAILABLE";
    }
}

#[tokio::test]
async fn a_change_set_is_made_for_a_new_stack_and_executed() {
    let account = Account::default();
    let (provider, _) = provider(&account);
    let mut job = set_job(&account, "CHANGE_SET_REPLACE", "prepare");
    assert_eq!(poll(&provider, &job).await, Progress::Unknown);
    begin(&provider, &mut job).await;
    assert!(job.external_id.as_deref().unwrap().contains(":changeSet/next/"));
    begin(&provider, &mut job).await;
    assert_eq!(account.state().sets.len(), 1);
    made(&account, "CREATE_COMPLETE", "");
    let success = succeeded(poll(&provider, &job).await);
    assert!(success.external_url.unwrap().contains("changesets"));

    let mut job = set_job(&account, "CHANGE_SET_EXECUTE", "execute");
    begin(&provider, &mut job).await;
    assert_eq!(account.state().sets.len(), 0);
    begin(&provider, &mut job).await;
    account.stack(|stack| {
        stack.pass("web", "CREATE_COMPLETE", "");
        stack.outputs = vec![("Url", "u")];
    });
    assert_eq!(succeeded(poll(&provider, &job).await).variables["Url"], "u");
}

#[tokio::test]
async fn a_change_set_takes_the_place_of_the_one_that_has_its_name() {
    let account = Account::default().with_stack("CREATE_COMPLETE");
    let (provider, _) = provider(&account);
    let mut old = set_job(&account, "CHANGE_SET_REPLACE", "old");
    begin(&provider, &mut old).await;
    made(&account, "CREATE_COMPLETE", "");

    let mut job = set_job(&account, "CHANGE_SET_REPLACE", "new");
    begin(&provider, &mut job).await;
    assert_eq!(account.state().sets.len(), 1);
    assert_eq!(account.state().sets[0].form["ChangeSetType"], "UPDATE");
    let message = failed(poll(&provider, &old).await).message;
    assert!(message.contains("somebody else deleted or replaced"), "{message}");
}

#[tokio::test]
async fn an_empty_change_set_succeeds_and_so_does_executing_it() {
    let account = Account::default().with_stack("CREATE_COMPLETE");
    let (provider, wire) = provider(&account);
    let mut job = set_job(&account, "CHANGE_SET_REPLACE", "prepare");
    begin(&provider, &mut job).await;
    made(&account, "FAILED", EMPTY);
    let success = succeeded(poll(&provider, &job).await);
    assert!(success.summary.unwrap().starts_with("NoChanges"));

    let job = set_job(&account, "CHANGE_SET_EXECUTE", "execute");
    let success = succeeded(start(&provider, &job).await);
    assert!(success.summary.unwrap().starts_with("NoChanges"));
    let asked = wire.asked();
    assert!(!asked.iter().any(|it| it.bytes.starts_with(b"Action=ExecuteChangeSet")));
}

#[tokio::test]
async fn a_change_set_that_cannot_be_made_says_why() {
    let account = Account::default().with_stack("CREATE_COMPLETE");
    let (provider, _) = provider(&account);
    let mut job = set_job(&account, "CHANGE_SET_REPLACE", "prepare");
    begin(&provider, &mut job).await;
    made(&account, "FAILED", "Transform AWS::Serverless failed");
    let message = failed(poll(&provider, &job).await).message;
    assert!(message.contains("Transform AWS::Serverless failed"), "{message}");
    let job = set_job(&account, "CHANGE_SET_EXECUTE", "execute");
    assert!(failed(start(&provider, &job).await).message.contains("Transform"));
}

#[tokio::test]
async fn a_change_set_that_is_being_made_is_waited_for_and_an_obsolete_one_is_refused() {
    let account = Account::default().with_stack("CREATE_COMPLETE");
    let (provider, _) = provider(&account);
    let job = set_job(&account, "CHANGE_SET_REPLACE", "prepare");
    start(&provider, &job).await;
    let job = set_job(&account, "CHANGE_SET_EXECUTE", "execute");
    assert!(is_waiting(&start(&provider, &job).await));
    made(&account, "CREATE_COMPLETE", "");
    account.state().sets[0].execution_status = "OBSOLETE";
    let message = failed(start(&provider, &job).await).message;
    assert!(message.contains("prepare it anew with CHANGE_SET_REPLACE"), "{message}");
}

#[tokio::test]
async fn a_retry_finds_the_change_set_executed_where_a_first_attempt_finds_none() {
    let account = Account::default().with_stack("UPDATE_COMPLETE");
    account.stack(|stack| {
        stack.change_set_id = "arn:aws:cloudformation:us-east-1:1:changeSet/next/1".to_owned();
    });
    let (provider, _) = provider(&account);
    let mut job = set_job(&account, "CHANGE_SET_EXECUTE", "execute");
    let failure = failed(start(&provider, &job).await);
    assert_eq!(failure.code, "ConfigurationError");
    assert!(failure.message.contains("CHANGE_SET_REPLACE must make it"), "{}", failure.message);
    job.attempt = 2;
    let success = succeeded(start(&provider, &job).await);
    assert_eq!(success.summary.as_deref(), Some("an earlier attempt executed the change set"));
}
