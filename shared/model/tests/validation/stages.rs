//! `InvalidStageDeclarationException` but for conditions, and blockers (contract §1.7).

use model::violation::ErrorClass::{Blocker, Stage};
use serde_json::json;

use crate::{accepted, check_refused, type_id};

#[test]
fn stage_names_are_unique() {
    check_refused(&[("/stages/2/name", json!("Source"))], Stage, &["pipeline.stages[2].name"]);
    accepted(&[("/stages/2/name", json!("source"))]);
}

#[test]
fn a_stage_has_1_to_50_actions() {
    let stage = |count: usize| {
        let approval =
            |n| json!({"name": format!("a{n}"), "actionTypeId": type_id("Approval/AWS/Manual")});
        [("/stages/2/actions", json!((0..count).map(approval).collect::<Vec<_>>()))]
    };
    accepted(&stage(50));
    check_refused(&stage(51), Stage, &["pipeline.stages[2].actions"]);
    check_refused(&stage(0), Stage, &["pipeline.stages[2].actions"]);
}

#[test]
fn blockers_are_reserved() {
    let blocker = json!([{"name": "night", "type": "Schedule"}]);
    check_refused(&[("/stages/2/blockers", blocker)], Blocker, &["pipeline.stages[2].blockers"]);
    accepted(&[("/stages/2/blockers", json!([]))]);
}
