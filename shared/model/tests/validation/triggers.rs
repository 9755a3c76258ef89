//! Triggers (G1–G4).

use model::violation::ErrorClass::{Shape, Structure};
use serde_json::{Value, json};

use crate::{Edit, accepted, check_refused, type_id};

const GIT: &str = "pipeline.triggers[0].gitConfiguration";

fn triggers(configuration: &Value) -> [Edit; 1] {
    [("/triggers", json!([trigger(configuration)]))]
}

fn trigger(configuration: &Value) -> Value {
    let mut configuration = configuration.clone();
    configuration["sourceActionName"] = json!("App");
    json!({"providerType": "CodeStarSourceConnection", "gitConfiguration": configuration})
}

fn some() -> Value {
    json!({"includes": ["x"]})
}

#[test]
fn filters_combine_as_hosts_can_answer() {
    // G2.
    for filters in [
        json!({}),
        json!({"push": [{"tags": some()}]}),
        json!({"push": [{"branches": some()}]}),
        json!({"push": [{"branches": some(), "filePaths": some()}, {"tags": some()}]}),
        json!({"pullRequest": [{"branches": some()}]}),
        json!({"pullRequest": [{"events": ["OPEN"], "branches": some(), "filePaths": some()}]}),
    ] {
        accepted(&triggers(&filters));
    }
    for (filters, path) in [
        (json!({"push": [{"filePaths": some()}]}), "push[0].filePaths"),
        (json!({"push": [{"tags": some(), "branches": some()}]}), "push[0].tags"),
        (json!({"push": [{"tags": some(), "filePaths": some()}]}), "push[0].tags"),
        (json!({"pullRequest": [{"filePaths": some()}]}), "pullRequest[0].filePaths"),
    ] {
        check_refused(&triggers(&filters), Structure, &[&format!("{GIT}.{path}")]);
    }
}

#[test]
fn the_same_filter_stands_once() {
    // G4.
    let twice = json!([{"branches": some()}, {"branches": some()}]);
    check_refused(
        &triggers(&json!({"push": twice, "pullRequest": twice})),
        Structure,
        &[&format!("{GIT}.push[1]"), &format!("{GIT}.pullRequest[1]")],
    );
}

#[test]
fn there_is_one_trigger_for_each_connection() {
    // G1.
    let name = |name: &str| {
        let mut trigger = trigger(&json!({}));
        trigger["gitConfiguration"]["sourceActionName"] = json!(name);
        trigger
    };
    let path = "pipeline.triggers[0].gitConfiguration.sourceActionName";
    for wrong in ["Ap", "Compile"] {
        check_refused(&[("/triggers", json!([name(wrong)]))], Structure, &[path]);
    }
    check_refused(
        &[("/triggers", json!([name("App"), name("App")]))],
        Structure,
        &["pipeline.triggers[1].gitConfiguration.sourceActionName"],
    );
    let code_commit = [
        ("/triggers", json!([name("App")])),
        ("/stages/0/actions/0/actionTypeId", type_id("Source/AWS/CodeCommit")),
        ("/stages/0/actions/0/configuration", json!({"RepositoryName": "a", "BranchName": "b"})),
    ];
    check_refused(&code_commit, Structure, &[path]);
}

#[test]
fn filters_and_patterns_are_counted() {
    // Contract §1.7: more than 3 filters and more than 8 patterns are shapes.
    let filters = |count: usize| {
        let filter = |n| json!({"branches": {"includes": [format!("b{n}")]}});
        triggers(&json!({"push": (0..count).map(filter).collect::<Vec<_>>()}))
    };
    accepted(&filters(3));
    check_refused(&filters(4), Shape, &[&format!("{GIT}.push")]);
    let patterns = |count: usize| {
        let patterns: Vec<_> = (0..count).map(|n| format!("b{n}")).collect();
        triggers(&json!({"push": [{"branches": {"includes": patterns}}]}))
    };
    accepted(&patterns(8));
    check_refused(&patterns(9), Shape, &[&format!("{GIT}.push[0].branches.includes")]);
    let pattern =
        |length: usize| triggers(&json!({"push": [{"tags": {"excludes": ["x".repeat(length)]}}]}));
    accepted(&pattern(255));
    check_refused(&pattern(256), Shape, &[&format!("{GIT}.push[0].tags.excludes[0]")]);
    let events = triggers(&json!({"pullRequest": [{"events": ["MERGED"]}]}));
    check_refused(&events, Shape, &[&format!("{GIT}.pullRequest[0].events[0]")]);
}

#[test]
fn all_triggers_together_have_at_most_200_kilobytes() {
    let pattern = "x".repeat(255);
    let patterns = json!({"includes": vec![&pattern; 8], "excludes": vec![&pattern; 8]});
    let push = json!([{"branches": patterns, "filePaths": patterns}]);
    let many = |count: usize| [("/triggers", json!(vec![trigger(&json!({"push": push})); count]))];
    check_refused(&many(30), Shape, &["pipeline.triggers"]);
}
