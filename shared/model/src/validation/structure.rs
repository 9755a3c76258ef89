//! Whether the pipeline holds together as a whole: `InvalidStructureException`.

use std::collections::BTreeSet;

use crate::declaration::{ActionDeclaration, Declaration};
use crate::violation::{ErrorClass, Place, Violation};

const STAGES_MIN: usize = 2;
const STAGES_MAX: usize = 50;
const ACTIONS_MAX: usize = 1000;

const STAGE_COUNT: &str = "AWS: a pipeline has 2 to 50 stages (contract §1.7)";
const SOURCES_FIRST: &str = "AWS: the first stage holds all sources and nothing else (§1.3)";
const V2_ONLY: &str = "AWS: needs pipelineType V2 (contract §1.2)";
const ACTION_COUNT: &str = "AWS: a pipeline has at most 1000 actions (contract §9)";
const UNIQUE_VARIABLES: &str = "AWS: variable names are unique (contract §1.7)";

pub(super) fn check(declaration: &Declaration) -> Vec<Violation> {
    let mut violations = Vec::new();
    check_counts(declaration, &mut violations);
    check_sources(declaration, &mut violations);
    check_generation(declaration, &mut violations);
    check_variables(declaration, &mut violations);
    violations
}

fn check_counts(declaration: &Declaration, violations: &mut Vec<Violation>) {
    let stages = Place::pipeline().member("stages");
    let count = declaration.stages.len();
    if !(STAGES_MIN..=STAGES_MAX).contains(&count) {
        let fix = if count < STAGES_MIN {
            "add a stage: a source alone leads nowhere"
        } else {
            "split the pipeline in two"
        };
        let message = if count == 1 {
            "there is only one stage".to_owned()
        } else {
            format!("there are {count} stages")
        };
        violations.push(refuse(&stages, STAGE_COUNT, message, fix));
    }
    let count: usize = declaration.stages.iter().map(|stage| stage.actions.len()).sum();
    if count > ACTIONS_MAX {
        let message = format!("there are {count} actions");
        violations.push(refuse(&stages, ACTION_COUNT, message, "split the pipeline in two"));
    }
}

fn check_sources(declaration: &Declaration, violations: &mut Vec<Violation>) {
    let stages = Place::pipeline().member("stages");
    for (stage_index, stage) in declaration.stages.iter().enumerate() {
        let actions = stages.item(stage_index).member("actions");
        for (index, action) in stage.actions.iter().enumerate() {
            let place = actions.item(index).member("actionTypeId").member("category");
            let name = &action.name;
            if stage_index == 0 && !action.is_source() {
                let category = &action.action_type_id.category;
                violations.push(refuse(
                    &place,
                    SOURCES_FIRST,
                    format!("action {name} of the first stage is a {category} action"),
                    "move it to a later stage",
                ));
            }
            if stage_index > 0 && action.is_source() {
                violations.push(refuse(
                    &place,
                    SOURCES_FIRST,
                    format!("source action {name} stands in stage {}", stage.name),
                    "move it to the first stage",
                ));
            }
        }
    }
    if let Some(first) = declaration.stages.first()
        && first.actions.is_empty()
    {
        violations.push(refuse(
            &stages.item(0).member("actions"),
            SOURCES_FIRST,
            format!("the first stage, {}, has no source action", first.name),
            "add one: CodeCommit, CodeStarSourceConnection, S3, ECR or GitHub",
        ));
    }
    let mut actions = declaration.stages.iter().flat_map(|stage| &stage.actions);
    if !declaration.stages.is_empty() && actions.all(ActionDeclaration::is_source) {
        violations.push(refuse(
            &stages,
            "AWS: at least one action is not a source (contract §1.3)",
            "nothing is done with what the sources bring in".to_owned(),
            "add a stage with a build, a deployment or another action",
        ));
    }
}

fn check_generation(declaration: &Declaration, violations: &mut Vec<Violation>) {
    if declaration.is_v2() {
        return;
    }
    let fix = "add pipelineType: V2 to the pipeline";
    let pipeline = Place::pipeline();
    if let Some(mode @ ("QUEUED" | "PARALLEL")) = declaration.execution_mode.as_deref() {
        violations.push(refuse(
            &pipeline.member("executionMode"),
            V2_ONLY,
            format!("the mode {mode} is not for pipelines of type V1"),
            fix,
        ));
    }
    if declaration.variables.as_ref().is_some_and(|variables| !variables.is_empty()) {
        let message = "pipeline variables are not for pipelines of type V1".to_owned();
        violations.push(refuse(&pipeline.member("variables"), V2_ONLY, message, fix));
    }
    if declaration.triggers.as_ref().is_some_and(|triggers| !triggers.is_empty()) {
        let message = "triggers are not for pipelines of type V1".to_owned();
        violations.push(refuse(&pipeline.member("triggers"), V2_ONLY, message, fix));
    }
}

fn check_variables(declaration: &Declaration, violations: &mut Vec<Violation>) {
    let mut seen = BTreeSet::new();
    for (index, variable) in declaration.variables.iter().flatten().enumerate() {
        if !seen.insert(&variable.name) {
            let place = Place::pipeline().member("variables").item(index).member("name");
            let message = format!("the variable {} is declared twice", variable.name);
            violations.push(refuse(&place, UNIQUE_VARIABLES, message, "rename one of them"));
        }
    }
}

fn refuse(place: &Place, rule: &'static str, message: String, fix: &str) -> Violation {
    Violation::error(ErrorClass::Structure, place, rule, message, fix)
}
