//! Whether each action is one that its provider can do: `InvalidActionDeclarationException`.

use std::collections::BTreeSet;
use std::ops::RangeInclusive;

use crate::catalog::{self, ActionType, CUSTOM_ARTIFACTS, DeclaredTypes};
use crate::declaration::{ActionDeclaration, Declaration};
use crate::violation::{ErrorClass, Place, Violation};

use super::{declared, settings};

const UNIQUE: &str = "AWS: action names are unique in the stage (contract §1.4)";
const KNOWN: &str = "AWS: the action type exists (contract §1.5)";
const V2_ONLY: &str = "AWS: the provider needs pipelineType V2 (contract §1.2)";
const COUNTS: &str = "AWS: artifacts for each provider (contract §1.5)";
const COMMANDS: &str = "AWS: Commands actions have commands, one line each (contract §1.4)";
const COMMANDS_ONLY: &str = "AWS: for Commands actions only (contract §1.4)";
const APPROVAL_ONLY: &str = "AWS: for approvals only (contract §1.4)";

pub(super) fn check(declaration: &Declaration, types: Option<&DeclaredTypes>) -> Vec<Violation> {
    let mut violations = Vec::new();
    for (stage_index, stage) in declaration.stages.iter().enumerate() {
        let actions = Place::pipeline().member("stages").item(stage_index).member("actions");
        let mut seen = BTreeSet::new();
        for (index, action) in stage.actions.iter().enumerate() {
            let place = actions.item(index);
            if !seen.insert(&action.name) {
                let message = format!("another action of {} is called {}", stage.name, action.name);
                let fix = "rename one of them";
                violations.push(refuse(&place.member("name"), UNIQUE, message, fix));
            }
            check_type(action, (declaration.is_v2(), types), &place, &mut violations);
            check_members(action, &place, &mut violations);
        }
    }
    violations
}

fn check_type(
    action: &ActionDeclaration,
    (is_v2, types): (bool, Option<&DeclaredTypes>),
    place: &Place,
    violations: &mut Vec<Violation>,
) {
    let type_id = &action.action_type_id;
    if let Some(types) = types {
        match types.find(type_id).filter(|known| !known.is_deleted) {
            Some(known) => {
                let listed = &known.listed;
                let inputs = listed.input_artifact_details.range();
                let outputs = listed.output_artifact_details.range();
                check_counts(action, (&inputs, &outputs), place, violations);
                violations.extend(declared::check(action, known, place));
                return;
            }
            None if type_id.owner == "Custom" => {
                violations.push(declared::refuse_type(action, types, place));
                return;
            }
            None => {}
        }
    }
    if type_id.owner == "Custom" {
        check_counts(action, (&CUSTOM_ARTIFACTS, &CUSTOM_ARTIFACTS), place, violations);
        return;
    }
    let type_place = place.member("actionTypeId");
    let Some(known) = catalog::find(type_id) else {
        let fix = match catalog::suggestion(type_id) {
            Some(suggestion) => format!("did you mean {suggestion}?"),
            None => "use a provider of CodePipeline, or the owner Custom for your own".to_owned(),
        };
        let message = format!(
            "there is no action type {}/{}/{}/{}",
            type_id.category, type_id.owner, type_id.provider, type_id.version
        );
        violations.push(refuse(&type_place, KNOWN, message, &fix));
        return;
    };
    if known.needs_v2 && !is_v2 {
        let message = format!("{} is not for pipelines of type V1", known.provider);
        let fix = "add pipelineType: V2 to the pipeline";
        violations.push(refuse(&type_place.member("provider"), V2_ONLY, message, fix));
    }
    let inputs = inputs_of(action, known);
    check_counts(action, (&inputs, &known.outputs), place, violations);
    violations.extend(settings::check(action, known, &place.member("configuration")));
}

/// Returns how many inputs an action takes, where its settings have a say (contract §1.5).
fn inputs_of(action: &ActionDeclaration, known: &ActionType) -> RangeInclusive<usize> {
    let category = action.action_type_id.category.as_str();
    match (category, known.provider) {
        ("Deploy", "Lambda") if action.setting("PublishedTargetVersion").is_none() => 1..=1,
        ("Invoke", "InspectorScan")
            if action.setting("InspectorRunMode") != Some("ECRImageScan") =>
        {
            1..=1
        }
        _ => known.inputs.clone(),
    }
}

fn check_counts(
    action: &ActionDeclaration,
    (inputs, outputs): (&RangeInclusive<usize>, &RangeInclusive<usize>),
    place: &Place,
    violations: &mut Vec<Violation>,
) {
    for (member, verb, count, range) in [
        ("inputArtifacts", "takes", action.inputs().len(), inputs),
        ("outputArtifacts", "makes", action.outputs().len(), outputs),
    ] {
        if range.contains(&count) {
            continue;
        }
        let provider = &action.action_type_id.provider;
        let message =
            format!("{provider} {verb} {} artifacts, but there are {count}", range_words(range));
        let fix = if count < *range.start() {
            format!("add one to {member}")
        } else {
            format!("remove some of {member}")
        };
        violations.push(refuse(&place.member(member), COUNTS, message, &fix));
    }
}

fn range_words(range: &RangeInclusive<usize>) -> String {
    match (range.start(), range.end()) {
        (0, 0) => "no".to_owned(),
        (start, end) if start == end => format!("exactly {start}"),
        (start, end) => format!("{start} to {end}"),
    }
}

/// Checks the members that only some actions have.
fn check_members(action: &ActionDeclaration, place: &Place, violations: &mut Vec<Violation>) {
    let type_id = &action.action_type_id;
    let is_commands = type_id.owner == "AWS" && type_id.provider == "Commands";
    let commands = action.commands.as_deref().unwrap_or_default();
    let commands_place = place.member("commands");
    if is_commands && commands.is_empty() {
        let message = "a Commands action without commands does nothing".to_owned();
        violations.push(refuse(&commands_place, COMMANDS, message, "add commands"));
    }
    for (index, command) in commands.iter().enumerate() {
        if command.contains(['\n', '\r']) {
            let message = "the command has several lines".to_owned();
            let fix = "make an entry of each line (in YAML, avoid `|`)";
            violations.push(refuse(&commands_place.item(index), COMMANDS, message, fix));
        }
    }
    let variables = action.environment_variables.iter().flatten();
    let secret = variables
        .map(|variable| variable.variable_type.as_deref() == Some("SECRETS_MANAGER"))
        .position(|is_secret| is_secret);
    let outputs = action.outputs().iter().position(|output| output.files.is_some());
    let for_commands = [
        (!commands.is_empty()).then(|| commands_place.clone()),
        action.output_variables.as_ref().map(|_| place.member("outputVariables")),
        outputs.map(|index| place.member("outputArtifacts").item(index).member("files")),
        secret.map(|index| place.member("environmentVariables").item(index).member("type")),
    ];
    for place in for_commands.into_iter().flatten().filter(|_| !is_commands) {
        let message = format!("{} cannot have this", type_id.provider);
        violations.push(refuse(&place, COMMANDS_ONLY, message, "remove it"));
    }
    if action.timeout_in_minutes.is_some() && type_id.category != "Approval" {
        let message =
            format!("actions of the category {} have no timeout of their own", type_id.category);
        let place = place.member("timeoutInMinutes");
        violations.push(refuse(&place, APPROVAL_ONLY, message, "remove it"));
    }
}

fn refuse(place: &Place, rule: &'static str, message: String, fix: &str) -> Violation {
    Violation::error(ErrorClass::Action, place, rule, message, fix)
}
