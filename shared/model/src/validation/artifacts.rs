//! Whether every artifact is made once, and before it is used (contract §1.4).

use std::collections::BTreeMap;

use crate::nearest::nearest;
use crate::violation::{ErrorClass, Place, Violation};

use super::timeline::{Moment, Timeline};

const UNIQUE: &str = "AWS: output artifacts are unique in the pipeline (contract §1.4)";
const MADE_BEFORE: &str = "AWS: an earlier action makes what an action reads (contract §1.4)";

pub(super) fn check(timeline: &Timeline<'_>) -> Vec<Violation> {
    let mut violations = Vec::new();
    let mut makers = BTreeMap::new();
    for step in &timeline.steps {
        for (index, input) in step.action.inputs().iter().enumerate() {
            let place = step.place.member("inputArtifacts").item(index).member("name");
            let wanted = (ErrorClass::Action, input.name.as_str());
            violations.extend(check_input(wanted, timeline, step.moment, &place));
        }
        for (index, output) in step.action.outputs().iter().enumerate() {
            if let Some(maker) = makers.insert(&output.name, step.title()) {
                violations.push(Violation::error(
                    ErrorClass::Action,
                    &step.place.member("outputArtifacts").item(index).member("name"),
                    UNIQUE,
                    format!("{maker} makes an artifact {} already", output.name),
                    "rename one of them",
                ));
            }
        }
    }
    violations
}

/// Checks that an artifact exists at the moment at which it is read.
pub(super) fn check_input(
    (class, name): (ErrorClass, &str),
    timeline: &Timeline<'_>,
    moment: Moment,
    place: &Place,
) -> Option<Violation> {
    let (message, fix) = match timeline.producer(name) {
        Some(producer) if producer.moment < moment => return None,
        Some(producer) => {
            let title = producer.title();
            let message = format!("{title} makes the artifact {name}, but not before this");
            let fix = format!("give {title} a lower runOrder, or move it to an earlier stage");
            (message, fix)
        }
        None => {
            let fix = match nearest(name, timeline.artifacts()) {
                Some(near) => format!("did you mean {near}?"),
                None => format!("add {name} to the outputArtifacts of an earlier action"),
            };
            (format!("no action makes the artifact {name}"), fix)
        }
    };
    Some(Violation::error(class, place, MADE_BEFORE, message, fix))
}
