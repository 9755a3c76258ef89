//! Whether an action of a type that users declared is one that the type can do (J1, J2).

use crate::catalog::custom::{DeclaredType, DeclaredTypes, type_name};
use crate::declaration::ActionDeclaration;
use crate::nearest::nearest;
use crate::variables::references;
use crate::violation::{ErrorClass, Place, Violation};

const KNOWN: &str = "J1: the action type was declared, and not deleted since";
const SETTINGS: &str = "J1: settings are those that the type declares";
const QUERYABLE: &str = "J2: workers ask for 1 to 50 letters, digits, hyphens and underscores";

/// How long the value of a queryable setting may be (J2).
const QUERYABLE_CHARACTERS_MAX: usize = 50;

/// Whether workers can ask for jobs by this value (J2).
pub fn is_queryable_value(value: &str) -> bool {
    (1..=QUERYABLE_CHARACTERS_MAX).contains(&value.len())
        && value.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-".contains(&byte))
}

/// Says that nobody declared the type, or that it was deleted.
pub(super) fn refuse_type(
    action: &ActionDeclaration,
    types: &DeclaredTypes,
    place: &Place,
) -> Violation {
    let name = type_name(&action.action_type_id);
    let is_deleted = types.find(&action.action_type_id).is_some();
    let message = if is_deleted {
        format!("the action type {name} was deleted")
    } else {
        format!("there is no action type {name}")
    };
    let fix = match nearest(&name, types.names()) {
        Some(near) => format!("did you mean {near}?"),
        None if is_deleted => "use another version of it".to_owned(),
        None => "declare it with CreateCustomActionType".to_owned(),
    };
    let place = place.member("actionTypeId");
    Violation::error(ErrorClass::Action, &place, KNOWN, message, fix)
}

/// Checks an action's settings against what the type declares.
pub(super) fn check(
    action: &ActionDeclaration,
    known: &DeclaredType,
    place: &Place,
) -> Vec<Violation> {
    let place = place.member("configuration");
    let provider = &known.listed.id.provider;
    let properties = &known.listed.action_configuration_properties;
    let mut violations = Vec::new();
    let mut refuse = |key: &str, rule, message: String, fix: String| {
        let place = place.entry(key);
        violations.push(Violation::error(ErrorClass::Action, &place, rule, message, fix));
    };
    for property in properties.iter().filter(|property| property.required) {
        if action.setting(&property.name).is_none() {
            let message = format!("{provider} needs the setting {}", property.name);
            refuse(&property.name, SETTINGS, message, "add it".to_owned());
        }
    }
    for (key, value) in action.configuration.iter().flatten() {
        let Some(property) = known.listed.property(key) else {
            let names = || properties.iter().map(|property| property.name.as_str());
            let fix = match nearest(key, names()) {
                Some(near) => format!("did you mean {near}?"),
                None if properties.is_empty() => "remove it".to_owned(),
                None => format!("remove it; known are {}", names().collect::<Vec<_>>().join(", ")),
            };
            refuse(key, SETTINGS, format!("{provider} does not know the setting {key}"), fix);
            continue;
        };
        // What a reference brings is known only when the action starts, and partners' workers never
        // ask by value.
        let is_known = references(value).next().is_none();
        let is_asked_by = property.queryable && known.listed.id.owner == "Custom";
        if is_asked_by && is_known && !is_queryable_value(value) {
            let message = format!("no worker can ask for jobs by this value of {key}");
            let fix = "use at most 50 letters, digits, hyphens and underscores".to_owned();
            refuse(key, QUERYABLE, message, fix);
        }
    }
    violations
}
