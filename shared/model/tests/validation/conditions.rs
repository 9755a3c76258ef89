//! Conditions of stages (contract §1.3 and §5.7).

use model::violation::ErrorClass::{Shape, Stage};
use serde_json::{Value, json};

use crate::{Edit, accepted, check_refused, check_warned, rule};

const STAGE: &str = "pipeline.stages[1]";

fn alarm() -> Value {
    rule("CloudWatchAlarm", &json!({"AlarmName": "errors"}))
}

fn lambda() -> Value {
    rule("LambdaInvoke", &json!({"FunctionName": "judge"}))
}

fn condition(result: &str, rule: &Value) -> Value {
    json!({"conditions": [{"result": result, "rules": [rule]}]})
}

#[test]
fn each_place_has_its_results() {
    for (slot, result) in [
        ("/stages/1/beforeEntry", "FAIL"),
        ("/stages/1/beforeEntry", "SKIP"),
        ("/stages/1/onSuccess", "ROLLBACK"),
        ("/stages/1/onSuccess", "FAIL"),
        ("/stages/1/onFailure", "ROLLBACK"),
    ] {
        accepted(&[(slot, condition(result, &lambda()))]);
    }
    for (slot, name, wrong) in [
        ("/stages/1/beforeEntry", "beforeEntry", &["ROLLBACK", "RETRY"][..]),
        ("/stages/1/onSuccess", "onSuccess", &["SKIP", "RETRY"]),
        ("/stages/1/onFailure", "onFailure", &["FAIL", "SKIP", "RETRY"]),
    ] {
        for result in wrong {
            let path = format!("{STAGE}.{name}.conditions[0].result");
            check_refused(&[(slot, condition(result, &lambda()))], Stage, &[&path]);
        }
    }
    for result in ["ROLLBACK", "RETRY"] {
        accepted(&[("/stages/1/onFailure", json!({"result": result}))]);
    }
    for result in ["FAIL", "SKIP"] {
        let path = format!("{STAGE}.onFailure.result");
        check_refused(&[("/stages/1/onFailure", json!({"result": result}))], Stage, &[&path]);
    }
}

#[test]
fn only_some_rules_may_skip() {
    let check = json!({"Variable": "#{variables.env}", "Value": "beta", "Operator": "EQ"});
    accepted(&[("/stages/1/beforeEntry", condition("SKIP", &rule("VariableCheck", &check)))]);
    check_refused(
        &[("/stages/1/beforeEntry", condition("SKIP", &alarm()))],
        Stage,
        &[&format!("{STAGE}.beforeEntry.conditions[0].rules[0].ruleTypeId.provider")],
    );
}

#[test]
fn conditions_need_v2() {
    let edits = [
        ("/pipelineType", json!("V1")),
        ("/variables", Value::Null),
        ("/stages/1/beforeEntry", condition("FAIL", &alarm())),
        ("/stages/1/onSuccess", condition("FAIL", &alarm())),
        ("/stages/1/onFailure", json!({"result": "ROLLBACK"})),
    ];
    check_refused(
        &edits,
        Stage,
        &[
            &format!("{STAGE}.beforeEntry"),
            &format!("{STAGE}.onSuccess"),
            &format!("{STAGE}.onFailure"),
        ],
    );
}

#[test]
fn a_failure_has_a_result_or_conditions() {
    let mut both = condition("ROLLBACK", &alarm());
    both["result"] = json!("ROLLBACK");
    check_refused(&[("/stages/1/onFailure", both)], Stage, &[&format!("{STAGE}.onFailure.result")]);
    let mut retry = condition("ROLLBACK", &alarm());
    retry["retryConfiguration"] = json!({"retryMode": "ALL_ACTIONS"});
    check_refused(
        &[("/stages/1/onFailure", retry)],
        Stage,
        &[&format!("{STAGE}.onFailure.retryConfiguration")],
    );
    let retry = json!({"result": "RETRY", "retryConfiguration": {"retryMode": "ALL_ACTIONS"}});
    check_warned(&[("/stages/1/onFailure", retry)], &[]);
    let idle = json!({"retryConfiguration": {"retryMode": "ALL_ACTIONS"}});
    check_warned(
        &[("/stages/1/onFailure", idle)],
        &[&format!("{STAGE}.onFailure.retryConfiguration")],
    );
}

#[test]
fn sources_and_parallel_executions_cannot_roll_back() {
    check_refused(
        &[("/stages/0/onFailure", json!({"result": "ROLLBACK"}))],
        Stage,
        &["pipeline.stages[0].onFailure.result"],
    );
    accepted(&[("/stages/0/onFailure", json!({"result": "RETRY"}))]);
    check_refused(
        &[
            ("/executionMode", json!("PARALLEL")),
            ("/stages/1/onSuccess", condition("ROLLBACK", &alarm())),
        ],
        Stage,
        &[&format!("{STAGE}.onSuccess.conditions[0].result")],
    );
}

#[test]
fn there_is_one_condition_with_1_to_5_rules() {
    let rules = |count: usize| -> [Edit; 1] {
        let condition = json!({"result": "FAIL", "rules": vec![alarm(); count]});
        [("/stages/1/beforeEntry", json!({"conditions": [condition]}))]
    };
    let path = format!("{STAGE}.beforeEntry.conditions[0].rules");
    accepted(&rules(5));
    check_refused(&rules(6), Shape, &[&path]);
    check_refused(&rules(0), Shape, &[&path]);
    let nothing = json!({"conditions": [{}]});
    check_refused(
        &[("/stages/1/beforeEntry", nothing)],
        Stage,
        &[&format!("{STAGE}.beforeEntry.conditions[0].result"), &path],
    );
    for count in [0, 2] {
        let conditions = vec![json!({"result": "FAIL", "rules": [alarm()]}); count];
        check_refused(
            &[("/stages/1/beforeEntry", json!({"conditions": conditions}))],
            Shape,
            &[&format!("{STAGE}.beforeEntry.conditions")],
        );
    }
}

#[test]
fn a_rule_is_known_and_has_its_settings() {
    let rule_path = format!("{STAGE}.beforeEntry.conditions[0].rules[0]");
    let mut commands = rule("Commands", &json!({}));
    commands["commands"] = json!(["true"]);
    accepted(&[("/stages/1/beforeEntry", condition("FAIL", &commands))]);
    let mut alarm_with_commands = alarm();
    alarm_with_commands["commands"] = json!(["true"]);
    let operator = json!({"Variable": "x", "Value": "y", "Operator": "LIKE"});
    let matches = |pattern: &str| {
        let check = json!({"Variable": "x", "Value": pattern, "Operator": "MATCHES"});
        rule("VariableCheck", &check)
    };
    accepted(&[("/stages/1/beforeEntry", condition("FAIL", &matches("v[0-9]+")))]);
    for (wrong, path) in [
        (rule("Alarm", &json!({})), "ruleTypeId"),
        (rule("CloudWatchAlarm", &json!({})), "configuration.AlarmName"),
        (rule("VariableCheck", &operator), "configuration.Operator"),
        (matches("(?=a)b"), "configuration.Value"),
        (matches("("), "configuration.Value"),
        (rule("Commands", &json!({})), "commands"),
        (alarm_with_commands, "commands"),
    ] {
        let path = format!("{rule_path}.{path}");
        check_refused(&[("/stages/1/beforeEntry", condition("FAIL", &wrong))], Stage, &[&path]);
    }
    let more = rule("LambdaInvoke", &json!({"FunctionName": "f", "Payload": "x"}));
    check_warned(
        &[("/stages/1/beforeEntry", condition("FAIL", &more))],
        &[&format!("{rule_path}.configuration.Payload")],
    );
}

#[test]
fn a_rule_knows_what_has_run_before_it() {
    let check = |variable: &str| {
        let check = json!({"Variable": variable, "Value": "x", "Operator": "EQ"});
        condition("FAIL", &rule("VariableCheck", &check))
    };
    let path = "conditions[0].rules[0].configuration.Variable";
    accepted(&[("/stages/1/beforeEntry", check("#{SourceVariables.CommitId}"))]);
    accepted(&[("/stages/1/onSuccess", check("#{BuildVariables.Tag}"))]);
    check_refused(
        &[("/stages/1/beforeEntry", check("#{BuildVariables.Tag}"))],
        Stage,
        &[&format!("{STAGE}.beforeEntry.{path}")],
    );
    let mut reads = lambda();
    reads["inputArtifacts"] = json!([{"name": "Package"}]);
    accepted(&[("/stages/1/onSuccess", condition("FAIL", &reads))]);
    check_refused(
        &[("/stages/1/beforeEntry", condition("FAIL", &reads))],
        Stage,
        &[&format!("{STAGE}.beforeEntry.conditions[0].rules[0].inputArtifacts[0].name")],
    );
}
