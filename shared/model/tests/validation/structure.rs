//! `InvalidStructureException` (contract §1.7).

use model::validation::validate_in;
use model::violation::ErrorClass::{Action, Structure};
use serde_json::{Value, json};

use crate::{Edit, accepted, check_refused, edited, sample, type_id};

fn approvals(count: usize) -> Vec<Value> {
    let approval =
        |n| json!({"name": format!("a{n}"), "actionTypeId": type_id("Approval/AWS/Manual")});
    (0..count).map(approval).collect()
}

fn stages(count: usize) -> Edit {
    let mut stages = vec![sample()["stages"][0].clone()];
    stages.extend((1..count).map(|n| json!({"name": format!("s{n}"), "actions": approvals(1)})));
    ("/stages", json!(stages))
}

#[test]
fn there_are_2_to_50_stages() {
    accepted(&[stages(2)]);
    accepted(&[stages(50)]);
    check_refused(&[stages(51)], Structure, &["pipeline.stages"]);
    // One stage is too few, and nothing is done with its source.
    check_refused(&[stages(1)], Structure, &["pipeline.stages", "pipeline.stages"]);
    check_refused(&[("/stages", json!([]))], Structure, &["pipeline.stages"]);
}

#[test]
fn there_are_at_most_1000_actions() {
    let with = |count: usize| {
        let mut stages = vec![sample()["stages"][0].clone()];
        let mut left = count - 1;
        while left > 0 {
            let some = left.min(50);
            left -= some;
            stages.push(json!({"name": format!("s{left}"), "actions": approvals(some)}));
        }
        [("/stages", json!(stages))]
    };
    accepted(&with(1000));
    check_refused(&with(1001), Structure, &["pipeline.stages"]);
}

#[test]
fn sources_stand_in_the_first_stage_and_nothing_else_does() {
    let source = sample()["stages"][0]["actions"][0].clone();
    let mut later = source.clone();
    later["namespace"] = json!("Later");
    later["outputArtifacts"][0]["name"] = json!("Later");
    check_refused(
        &[("/stages/1/actions/-", later)],
        Structure,
        &["pipeline.stages[1].actions[2].actionTypeId.category"],
    );
    check_refused(
        &[("/stages/0/actions/-", approvals(1).remove(0))],
        Structure,
        &["pipeline.stages[0].actions[1].actionTypeId.category"],
    );
    check_refused(&[("/stages/0/actions", json!([]))], Structure, &["pipeline.stages[0].actions"]);
}

#[test]
fn what_needs_v2_is_refused_on_v1() {
    for pipeline_type in [json!("V1"), Value::Null] {
        let edits = [
            ("/pipelineType", pipeline_type),
            ("/executionMode", json!("QUEUED")),
            ("/triggers", json!([trigger()])),
        ];
        check_refused(
            &edits,
            Structure,
            &["pipeline.executionMode", "pipeline.variables", "pipeline.triggers"],
        );
    }
    for mode in ["QUEUED", "PARALLEL", "SUPERSEDED"] {
        accepted(&[("/executionMode", json!(mode)), ("/triggers", json!([trigger()]))]);
    }
}

fn trigger() -> Value {
    json!({
        "providerType": "CodeStarSourceConnection",
        "gitConfiguration": {"sourceActionName": "App"},
    })
}

#[test]
fn variables_are_declared_once() {
    check_refused(
        &[("/variables/-", json!({"name": "env"}))],
        Structure,
        &["pipeline.variables[1].name"],
    );
    accepted(&[("/variables/-", json!({"name": "Env"}))]);
}

#[test]
fn there_is_one_form_of_store() {
    check_refused(&[("/artifactStore", Value::Null)], Structure, &["pipeline.artifactStore"]);
    let stores = json!({"eu-west-1": {"type": "S3", "location": "bucket"}});
    check_refused(&[("/artifactStores", stores.clone())], Structure, &["pipeline.artifactStores"]);
    accepted(&[("/artifactStore", Value::Null), ("/artifactStores", stores)]);
    check_refused(
        &[("/artifactStore", Value::Null), ("/artifactStores", json!({}))],
        Structure,
        &["pipeline.artifactStores"],
    );
}

#[test]
fn every_region_has_a_store() {
    let store = |bucket: &str| json!({"type": "S3", "location": bucket});
    let both = json!({"eu-west-1": store("here"), "us-east-1": store("there")});
    let edits = |stores: &Value, region: &str| -> [Edit; 4] {
        [
            ("/artifactStore", Value::Null),
            ("/artifactStores", stores.clone()),
            ("/stages/0/actions/0/region", json!("eu-west-1")),
            ("/stages/2/actions/1/region", json!(region)),
        ]
    };
    accepted(&edits(&both, "us-east-1"));
    check_refused(&edits(&both, "us-west-2"), Structure, &["pipeline.stages[2].actions[1].region"]);
    let elsewhere = json!({"us-east-1": store("there")});
    check_refused(&edits(&elsewhere, "us-east-1"), Structure, &["pipeline.artifactStores"]);
}

#[test]
fn one_store_is_for_one_region() {
    let one: [Edit; 2] = [
        ("/stages/1/actions/0/region", json!("eu-west-1")),
        ("/stages/2/actions/1/region", json!("eu-west-1")),
    ];
    accepted(&one);
    assert!(validate_in(&edited(&one), Some("eu-west-1")).is_ok());
    let refusal = validate_in(&edited(&one), Some("us-east-1")).expect_err("crosses Regions");
    assert_eq!((refusal.error, refusal.violations.len()), (Structure, 2));
    check_refused(
        &[one[0].clone(), ("/stages/2/actions/1/region", json!("us-east-1"))],
        Structure,
        &["pipeline.stages[2].actions[1].region"],
    );
}

#[test]
fn sources_and_foreign_actions_stay_at_home() {
    let stores = json!({
        "eu-west-1": {"type": "S3", "location": "here"},
        "us-east-1": {"type": "S3", "location": "there"},
    });
    let edits: [Edit; 4] = [
        ("/artifactStore", Value::Null),
        ("/artifactStores", stores),
        ("/stages/1/actions/0/region", json!("us-east-1")),
        ("/stages/1/actions/0/actionTypeId", type_id("Build/Custom/Jenkins")),
    ];
    let refusal = validate_in(&edited(&edits), Some("eu-west-1")).expect_err("Jenkins is at home");
    assert_eq!(refusal.error, Action);
    assert_eq!(refusal.violations[0].path, "pipeline.stages[1].actions[0].region");
    assert!(validate_in(&edited(&edits[..3]), Some("eu-west-1")).is_ok());
}
