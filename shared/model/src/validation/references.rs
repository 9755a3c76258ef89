//! Whether namespaces are legal and every `#{…}` names something that is known by then (contract §8).

use std::collections::{BTreeMap, BTreeSet};

use crate::nearest::nearest;
use crate::variables::{
    CODEPIPELINE_NAMESPACE, PIPELINE_VARIABLES_NAMESPACE, Reference, references,
};
use crate::violation::{ErrorClass, Place, Violation};

use super::timeline::{Moment, Step, Timeline};

const UNIQUE: &str = "AWS: namespaces are unique in the pipeline (contract §1.4)";
const RESERVED: &str = "AWS: the namespaces codepipeline and variables are reserved (VAR2, VAR9)";
const NOT_AN_ARTIFACT: &str = "AWS: a namespace is not an artifact's name (contract §1.4)";
const KNOWN: &str = "VAR2: codepipeline, variables, or the namespace of an action";
const BEFORE: &str = "VAR3: what is referenced runs in an earlier stage or runOrder";
const NOT_IN_SOURCES: &str = "VAR4: source actions cannot use variables";

pub(super) fn check(timeline: &Timeline<'_>) -> Vec<Violation> {
    let mut violations = Vec::new();
    check_namespaces(timeline, &mut violations);
    for step in &timeline.steps {
        for (place, text) in texts(step) {
            if step.action.is_source() {
                violations.extend(check_source_text(text, &place));
            } else {
                let user = (ErrorClass::Action, step.moment);
                violations.extend(check_text(text, timeline, user, &place));
            }
        }
    }
    violations
}

/// Checks that every reference of a text is to something that is known at that moment.
pub(super) fn check_text(
    text: &str,
    timeline: &Timeline<'_>,
    (class, moment): (ErrorClass, Moment),
    place: &Place,
) -> Vec<Violation> {
    references(text)
        .filter_map(|reference| match reference.namespace {
            CODEPIPELINE_NAMESPACE => check_codepipeline(reference, class, place),
            PIPELINE_VARIABLES_NAMESPACE => check_variable(reference, timeline, class, place),
            _ => check_output(reference, timeline, (class, moment), place),
        })
        .collect()
}

/// Returns every text of an action in which references count (VAR1).
fn texts<'a>(step: &Step<'a>) -> Vec<(Place, &'a String)> {
    let action = step.action;
    let settings = action.configuration.iter().flatten();
    let settings =
        settings.map(|(key, value)| (step.place.member("configuration").entry(key), value));
    let commands = action.commands.iter().flatten().enumerate();
    let commands =
        commands.map(|(index, command)| (step.place.member("commands").item(index), command));
    let environment = action.environment_variables.iter().flatten().enumerate();
    let environment = environment.map(|(index, variable)| {
        let place = step.place.member("environmentVariables").item(index).member("value");
        (place, &variable.value)
    });
    settings.chain(commands).chain(environment).collect()
}

fn check_namespaces(timeline: &Timeline<'_>, violations: &mut Vec<Violation>) {
    let artifacts: BTreeSet<&str> = timeline.artifacts().collect();
    let mut owners = BTreeMap::new();
    for step in &timeline.steps {
        let Some(namespace) = step.action.namespace.as_deref() else { continue };
        let place = step.place.member("namespace");
        let mut refuse = |rule, message: String| {
            let fix = "choose another namespace";
            violations.push(Violation::error(ErrorClass::Action, &place, rule, message, fix));
        };
        if [CODEPIPELINE_NAMESPACE, PIPELINE_VARIABLES_NAMESPACE].contains(&namespace) {
            refuse(RESERVED, format!("the namespace {namespace} is reserved"));
        }
        if artifacts.contains(namespace) {
            refuse(NOT_AN_ARTIFACT, format!("{namespace} is the name of an artifact"));
        }
        if let Some(owner) = owners.insert(namespace, step.title()) {
            refuse(UNIQUE, format!("{owner} has the namespace {namespace} already"));
        }
    }
}

fn check_source_text(text: &str, place: &Place) -> Vec<Violation> {
    references(text)
        .filter_map(|reference| {
            if reference.namespace == CODEPIPELINE_NAMESPACE {
                return check_codepipeline(reference, ErrorClass::Action, place);
            }
            Some(Violation::error(
                ErrorClass::Action,
                place,
                NOT_IN_SOURCES,
                format!("{reference} stands in a source action, before which nothing is known"),
                "write the value itself",
            ))
        })
        .collect()
}

fn check_codepipeline(
    reference: Reference<'_>,
    class: ErrorClass,
    place: &Place,
) -> Option<Violation> {
    (reference.key != "PipelineExecutionId").then(|| {
        Violation::warning(
            class,
            place,
            KNOWN,
            format!("{reference} is not documented, and the action will fail without it"),
            "use #{codepipeline.PipelineExecutionId}",
        )
    })
}

fn check_variable(
    reference: Reference<'_>,
    timeline: &Timeline<'_>,
    class: ErrorClass,
    place: &Place,
) -> Option<Violation> {
    let variables = timeline.declaration.variables.as_deref().unwrap_or_default();
    let names = || variables.iter().map(|variable| variable.name.as_str());
    let key = reference.key;
    if names().any(|name| name == key) {
        return None;
    }
    let fix = match nearest(key, names()) {
        Some(near) => format!("did you mean {near}?"),
        None => format!("add {key} to the pipeline's variables"),
    };
    let message = format!("{reference}: the pipeline declares no variable {key}");
    // Whether a key exists is a question of run time (VAR3), whether its namespace does is not.
    let make = if variables.is_empty() { Violation::error } else { Violation::warning };
    Some(make(class, place, KNOWN, message, fix))
}

fn check_output(
    reference: Reference<'_>,
    timeline: &Timeline<'_>,
    (class, moment): (ErrorClass, Moment),
    place: &Place,
) -> Option<Violation> {
    let namespace = reference.namespace;
    let Some(owner) = timeline.owner(namespace) else {
        let namespaces = timeline.steps.iter().filter_map(|step| step.action.namespace.as_deref());
        let fix = match nearest(namespace, namespaces) {
            Some(near) => format!("did you mean {near}?"),
            None => format!("add namespace: {namespace} to the action that it is about"),
        };
        let message = format!("{reference}: no action has the namespace {namespace}");
        return Some(Violation::error(class, place, KNOWN, message, fix));
    };
    (owner.moment >= moment).then(|| {
        let title = owner.title();
        Violation::error(
            class,
            place,
            BEFORE,
            format!("{reference}: {title} does not run before this"),
            format!("give {title} a lower runOrder, or move it to an earlier stage"),
        )
    })
}
