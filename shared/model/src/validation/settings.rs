//! Whether an action's `configuration` is what its provider understands (contract §5).

mod conditional;

use crate::catalog::ActionType;
use crate::declaration::ActionDeclaration;
use crate::nearest::nearest;
use crate::violation::{ErrorClass, Place, Severity, Violation};

const KNOWN: &str = "AWS: settings are those that the provider knows (contract §5)";
const REQUIRED: &str = "AWS: settings that the provider needs (contract §5)";

pub(super) fn check(
    action: &ActionDeclaration,
    known: &ActionType,
    place: &Place,
) -> Vec<Violation> {
    let provider = known.provider;
    let mut violations = Vec::new();
    let mut unknown = action.configuration.iter().flatten().map(|(key, _)| key);
    let has_unknown = unknown.any(|key| known.setting(key).is_none());
    for setting in known.settings.iter().filter(|setting| setting.is_required) {
        if action.setting(setting.key).is_none() {
            let mut violation = missing(provider, setting.key, "", place);
            // Where the guide is the only witness (open point 33), one of the settings that we do
            // not know may be this one under another name.
            if !known.is_settled && has_unknown {
                violation.severity = Severity::Warning;
            }
            violations.push(violation);
        }
    }
    for key in action.configuration.iter().flatten().map(|(key, _)| key) {
        if known.setting(key).is_some() {
            continue;
        }
        let keys = || known.settings.iter().map(|setting| setting.key);
        let fix = match nearest(key, keys()) {
            Some(near) => format!("did you mean {near}?"),
            None if known.settings.is_empty() => "remove it".to_owned(),
            None => format!("remove it; known are {}", keys().collect::<Vec<_>>().join(", ")),
        };
        let message = format!("{provider} does not know the setting {key}");
        // Where the guide is the only witness, the list may be incomplete (open point 33).
        let make = if known.is_settled { Violation::error } else { Violation::warning };
        violations.push(make(ErrorClass::Action, &place.entry(key), KNOWN, message, fix));
    }
    violations.extend(conditional::check(action, provider, place));
    violations
}

/// Says that a setting is missing; `reason` begins with a space, or is empty.
fn missing(provider: &str, key: &str, reason: &str, place: &Place) -> Violation {
    let message = format!("{provider}{reason} needs the setting {key}");
    Violation::error(ErrorClass::Action, &place.entry(key), REQUIRED, message, "add it")
}
