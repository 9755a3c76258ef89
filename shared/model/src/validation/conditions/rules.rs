//! Whether a condition's rule can be judged (contract §5.7).

use regex::Regex;

use crate::catalog::{RULES, RuleType, VERSION, find_rule};
use crate::declaration::RuleDeclaration;
use crate::nearest::nearest;
use crate::validation::timeline::{Moment, Timeline};
use crate::validation::{artifacts, references};
use crate::variables;
use crate::violation::{ErrorClass, Place, Violation};

const KNOWN: &str = "AWS: rules are those of the catalog (contract §5.7)";
const SETTINGS: &str = "AWS: settings of the rule (contract §5.7)";
const OPERATORS: [&str; 4] = ["EQ", "NE", "CONTAINS", "MATCHES"];

pub(super) fn check(
    rule: &RuleDeclaration,
    timeline: &Timeline<'_>,
    moment: Moment,
    place: &Place,
) -> Vec<Violation> {
    let mut violations = Vec::new();
    let type_id = &rule.rule_type_id;
    let known = find_rule(&type_id.provider)
        .filter(|_| type_id.version.as_deref().is_none_or(|version| version == VERSION));
    if let Some(known) = known {
        check_settings(rule, known, place, &mut violations);
    } else {
        let providers = RULES.iter().map(|rule| rule.provider);
        let fix = match nearest(&type_id.provider, providers.clone()) {
            Some(near) => format!("did you mean {near}, version {VERSION}?"),
            None => format!("use {}", providers.collect::<Vec<_>>().join(", ")),
        };
        let message = format!("there is no rule {}", type_id.provider);
        violations.push(refuse(&place.member("ruleTypeId"), KNOWN, message, &fix));
    }
    let inputs = rule.input_artifacts.as_deref().unwrap_or_default();
    for (index, input) in inputs.iter().enumerate() {
        let place = place.member("inputArtifacts").item(index).member("name");
        violations.extend(artifacts::check_input(
            (ErrorClass::Stage, &input.name),
            timeline,
            moment,
            &place,
        ));
    }
    let settings = rule.configuration.iter().flatten();
    let commands = rule.commands.iter().flatten().enumerate();
    let texts = settings
        .map(|(key, value)| (place.member("configuration").entry(key), value))
        .chain(commands.map(|(index, command)| (place.member("commands").item(index), command)));
    for (place, text) in texts {
        let user = (ErrorClass::Stage, moment);
        violations.extend(references::check_text(text, timeline, user, &place));
    }
    violations
}

fn check_settings(
    rule: &RuleDeclaration,
    known: &RuleType,
    place: &Place,
    violations: &mut Vec<Violation>,
) {
    let provider = known.provider;
    let settings_place = place.member("configuration");
    let value = |key: &str| rule.configuration.as_ref().and_then(|settings| settings.get(key));
    for setting in known.settings.iter().filter(|setting| setting.is_required) {
        if value(setting.key).is_none() {
            let key = setting.key;
            let message = format!("the rule {provider} needs the setting {key}");
            let place = settings_place.entry(key);
            violations.push(refuse(&place, SETTINGS, message, "add it"));
        }
    }
    let keys = || known.settings.iter().map(|setting| setting.key);
    for key in rule.configuration.iter().flatten().map(|(key, _)| key) {
        if !keys().any(|known| known == key) {
            let fix = match nearest(key, keys()) {
                Some(near) => format!("did you mean {near}?"),
                None => "remove it".to_owned(),
            };
            let message = format!("the rule {provider} does not know the setting {key}");
            // Nobody says that AWS refuses it.
            let place = settings_place.entry(key);
            violations.push(Violation::warning(ErrorClass::Stage, &place, SETTINGS, message, fix));
        }
    }
    if provider == "VariableCheck" {
        check_comparison((value("Operator"), value("Value")), &settings_place, violations);
    }
    let has_commands = rule.commands.as_ref().is_some_and(|commands| !commands.is_empty());
    if has_commands != (provider == "Commands") {
        let (message, fix) = if has_commands {
            (format!("the rule {provider} has no commands"), "remove them")
        } else {
            ("the rule Commands needs commands".to_owned(), "add them")
        };
        violations.push(refuse(&place.member("commands"), SETTINGS, message, fix));
    }
}

/// Checks what a `VariableCheck` compares with. Patterns that the rule could not read would show
/// only when an execution stands at the door.
fn check_comparison(
    (operator, value): (Option<&String>, Option<&String>),
    place: &Place,
    violations: &mut Vec<Violation>,
) {
    let Some(operator) = operator else { return };
    if !OPERATORS.contains(&operator.as_str()) {
        let message = format!("there is no operator {operator}");
        let fix = format!("use {}", OPERATORS.join(", "));
        violations.push(refuse(&place.entry("Operator"), SETTINGS, message, &fix));
    }
    if let Some(value) = value
        && operator == "MATCHES"
        && variables::references(value).next().is_none()
        && Regex::new(value).is_err()
    {
        let message = "the value is not a regular expression that we understand".to_owned();
        let fix = "correct it; look-around and back references are not supported";
        violations.push(refuse(&place.entry("Value"), SETTINGS, message, fix));
    }
}

fn refuse(place: &Place, rule: &'static str, message: String, fix: &str) -> Violation {
    Violation::error(ErrorClass::Stage, place, rule, message, fix)
}
