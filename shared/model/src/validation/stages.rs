//! Whether each stage holds together: `InvalidStageDeclarationException`, and the reserved blockers.

use std::collections::BTreeSet;

use crate::declaration::Declaration;
use crate::violation::{ErrorClass, Place, Violation};

const ACTIONS_MAX: usize = 50;

const UNIQUE: &str = "AWS: stage names are unique in the pipeline (contract §1.3)";
const ACTION_COUNT: &str = "AWS: a stage has 1 to 50 actions (contract §9)";
const RESERVED: &str = "AWS: blockers are reserved (contract §1.7)";

pub(super) fn check(declaration: &Declaration) -> Vec<Violation> {
    let mut violations = Vec::new();
    let mut seen = BTreeSet::new();
    for (index, stage) in declaration.stages.iter().enumerate() {
        let place = Place::pipeline().member("stages").item(index);
        if !seen.insert(&stage.name) {
            violations.push(Violation::error(
                ErrorClass::Stage,
                &place.member("name"),
                UNIQUE,
                format!("another stage is called {} already", stage.name),
                "rename one of them",
            ));
        }
        let count = stage.actions.len();
        if count == 0 || count > ACTIONS_MAX {
            let fix = if count == 0 { "add an action or remove the stage" } else { "split it" };
            violations.push(Violation::error(
                ErrorClass::Stage,
                &place.member("actions"),
                ACTION_COUNT,
                format!("stage {} has {count} actions", stage.name),
                fix,
            ));
        }
        if stage.blockers.as_ref().is_some_and(|blockers| !blockers.is_empty()) {
            violations.push(Violation::error(
                ErrorClass::Blocker,
                &place.member("blockers"),
                RESERVED,
                format!("stage {} declares blockers", stage.name),
                "remove them; disable the stage's inbound transition instead",
            ));
        }
    }
    violations
}
