//! Settings that other settings make necessary (contract §5.2 and §5.3).

use crate::declaration::ActionDeclaration;
use crate::variables::references;
use crate::violation::{ErrorClass, Place, Violation};

use super::missing;

const WORDS: &str = "AWS: words that the setting allows (contract §5)";
const PRIMARY: &str = "AWS: with several inputs one is the primary (contract §5.2)";
const ACTION_MODES: [&str; 5] = [
    "CREATE_UPDATE",
    "REPLACE_ON_FAILURE",
    "DELETE_ONLY",
    "CHANGE_SET_REPLACE",
    "CHANGE_SET_EXECUTE",
];

pub(super) fn check(action: &ActionDeclaration, provider: &str, place: &Place) -> Vec<Violation> {
    let category = action.action_type_id.category.as_str();
    match (category, provider) {
        ("Build" | "Test", "CodeBuild") => check_primary_source(action, place),
        ("Deploy", "CloudFormation") => check_action_mode(action, place),
        ("Deploy", "S3") => check_extract(action, place),
        ("Deploy", "EC2") => {
            unless(action, "PostScript", "DeploySpec", place, "EC2", " without DeploySpec")
        }
        ("Deploy", "ServiceCatalog") => unless(
            action,
            "TemplateFilePath",
            "ConfigurationFilePath",
            place,
            "ServiceCatalog",
            " without ConfigurationFilePath",
        ),
        _ => Vec::new(),
    }
}

fn unless(
    action: &ActionDeclaration,
    key: &str,
    other: &str,
    place: &Place,
    provider: &str,
    reason: &str,
) -> Vec<Violation> {
    let is_missing = action.setting(key).is_none() && action.setting(other).is_none();
    is_missing.then(|| missing(provider, key, reason, place)).into_iter().collect()
}

fn check_primary_source(action: &ActionDeclaration, place: &Place) -> Vec<Violation> {
    let inputs = action.inputs();
    let names = || inputs.iter().map(|input| input.name.as_str()).collect::<Vec<_>>().join(", ");
    let (message, fix) = match action.setting("PrimarySource") {
        None if inputs.len() > 1 => (
            format!("CodeBuild with {} inputs needs the setting PrimarySource", inputs.len()),
            format!("add one of {}", names()),
        ),
        Some(name) if !is_template(name) && inputs.iter().all(|input| input.name != name) => (
            format!("{name} is not an input of the action"),
            format!("use one of its inputs: {}", names()),
        ),
        Some(_) | None => return Vec::new(),
    };
    let place = place.entry("PrimarySource");
    vec![Violation::error(ErrorClass::Action, &place, PRIMARY, message, fix)]
}

fn check_action_mode(action: &ActionDeclaration, place: &Place) -> Vec<Violation> {
    let Some(mode) = action.setting("ActionMode").filter(|mode| !is_template(mode)) else {
        return Vec::new();
    };
    if !ACTION_MODES.contains(&mode) {
        return vec![not_a_word(mode, &ACTION_MODES, &place.entry("ActionMode"))];
    }
    let needed: &[&str] = match mode {
        "CREATE_UPDATE" | "REPLACE_ON_FAILURE" => &["RoleArn", "TemplatePath"],
        "CHANGE_SET_REPLACE" => &["ChangeSetName", "RoleArn", "TemplatePath"],
        "CHANGE_SET_EXECUTE" => &["ChangeSetName"],
        _ => &["RoleArn"],
    };
    needed
        .iter()
        .filter(|key| action.setting(key).is_none())
        .map(|key| missing("CloudFormation", key, &format!(" with {mode}"), place))
        .collect()
}

fn check_extract(action: &ActionDeclaration, place: &Place) -> Vec<Violation> {
    match action.setting("Extract") {
        Some("false") if action.setting("ObjectKey").is_none() => {
            vec![missing("S3", "ObjectKey", " with Extract: false", place)]
        }
        Some(extract) if !is_template(extract) && !["true", "false"].contains(&extract) => {
            vec![not_a_word(extract, &["true", "false"], &place.entry("Extract"))]
        }
        Some(_) | None => Vec::new(),
    }
}

fn not_a_word(value: &str, words: &[&str], place: &Place) -> Violation {
    let message = format!("there is no {value} here");
    let fix = format!("use {}", words.join(", "));
    Violation::error(ErrorClass::Action, place, WORDS, message, fix)
}

/// Whether a value is known only when the action starts.
fn is_template(value: &str) -> bool {
    references(value).next().is_some()
}
