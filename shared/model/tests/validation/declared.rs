//! Actions of types that users declare (J1, J2).

use model::catalog::custom::{ListedType, Property};
use model::catalog::{DeclaredType, DeclaredTypes};
use model::pipeline::Pipeline;
use model::validation::{validate, validate_with};
use model::violation::{ErrorClass, Refusal};
use serde_json::{Value, json};

use super::{Edit, edited, type_id};

fn jenkins(version: &str, is_deleted: bool) -> DeclaredType {
    let listed: ListedType = serde_json::from_value(json!({
        "id": type_id(&format!("Build/Custom/Jenkins/{version}")),
        "actionConfigurationProperties": [
            {"name": "Project", "required": true, "key": true, "secret": false, "queryable": true},
            {"name": "Password", "required": false, "key": false, "secret": true},
        ],
        "inputArtifactDetails": {"minimumCount": 1, "maximumCount": 1},
        "outputArtifactDetails": {"minimumCount": 0, "maximumCount": 1},
    }))
    .expect("the definition is one");
    DeclaredType { listed, is_deleted }
}

fn types() -> DeclaredTypes {
    [jenkins("1", false), jenkins("2", true)].into_iter().collect()
}

/// Makes the sample's build action one of Jenkins.
fn with(configuration: Value, edits: &[Edit]) -> Result<Pipeline, Refusal> {
    let mut all = vec![
        ("/stages/1/actions/0/actionTypeId", type_id("Build/Custom/Jenkins")),
        ("/stages/1/actions/0/configuration", configuration),
    ];
    all.extend_from_slice(edits);
    validate_with(&edited(&all), None, &types())
}

#[track_caller]
fn check_refused(configuration: Value, edits: &[Edit], paths: &[&str], fix: &str) {
    let refusal = with(configuration, edits).expect_err("it is refused");
    let found: Vec<&str> = refusal.violations.iter().map(|found| found.path.as_str()).collect();
    let paths: Vec<_> =
        paths.iter().map(|path| format!("pipeline.stages[1].actions[0]{path}")).collect();
    assert_eq!(
        (refusal.error, found),
        (ErrorClass::Action, paths.iter().map(String::as_str).collect())
    );
    assert!(refusal.violations[0].fix.contains(fix), "{}", refusal.violations[0].fix);
}

#[test]
fn an_action_that_fits_its_declared_type_is_accepted() {
    with(json!({"Project": "web"}), &[]).expect("required only");
    with(json!({"Project": "web", "Password": "p"}), &[]).expect("all of them");
    with(json!({"Project": "#{SourceVariables.Project}"}), &[]).expect("known when it starts");
}

#[test]
fn a_type_that_is_not_declared_or_deleted_is_refused_and_the_nearest_is_named() {
    let project = || json!({"Project": "web"});
    let place = "/stages/1/actions/0/actionTypeId";
    let of = |name: &str| [(place, type_id(name))];
    check_refused(project(), &of("Build/Custom/Jenkinz"), &[".actionTypeId"], "Jenkins/1");
    check_refused(
        project(),
        &of("Build/Custom/Bamboo"),
        &[".actionTypeId"],
        "CreateCustomActionType",
    );
    check_refused(project(), &of("Build/Custom/Jenkins/2"), &[".actionTypeId"], "Jenkins/1");
}

#[test]
fn settings_are_those_that_the_type_declares() {
    let missing = &[".configuration.Project"];
    check_refused(json!({}), &[], missing, "add it");
    let unknown = json!({"Project": "web", "Pasword": "p"});
    check_refused(unknown, &[], &[".configuration.Pasword"], "Password");
    let spaced = json!({"Project": "our web"});
    check_refused(spaced, &[], &[".configuration.Project"], "50 letters");
    check_refused(
        json!({"Project": "w".repeat(51)}),
        &[],
        &[".configuration.Project"],
        "50 letters",
    );
}

#[test]
fn artifacts_are_counted_as_the_type_declares() {
    let project = || json!({"Project": "web"});
    let none = [("/stages/1/actions/0/inputArtifacts", json!([]))];
    check_refused(project(), &none, &[".inputArtifacts"], "add one");
    let two =
        [("/stages/1/actions/0/outputArtifacts", json!([{"name": "Package"}, {"name": "b"}]))];
    check_refused(project(), &two, &[".outputArtifacts"], "remove");
}

#[test]
fn where_no_types_are_known_a_custom_type_is_taken_at_its_word() {
    let edits = [
        ("/stages/1/actions/0/actionTypeId", type_id("Build/Custom/Bamboo")),
        ("/stages/1/actions/0/configuration", json!({"Anything": "goes"})),
    ];
    validate(&edited(&edits)).expect("nobody says otherwise");
    // What is stored stays readable after its type is gone.
    let stored = serde_json::to_string(&edited(&edits)).expect("a declaration is JSON");
    Pipeline::from_declaration_json(&stored).expect("rows stay readable");
}

#[test]
fn secrets_are_known_of_declared_deleted_and_catalogued_types() {
    let types = types();
    let id = |name: &str| serde_json::from_value(type_id(name)).expect("an id");
    for (name, key, is_secret) in [
        ("Build/Custom/Jenkins", "Password", true),
        ("Build/Custom/Jenkins/2", "Password", true),
        ("Build/Custom/Jenkins", "Project", false),
        ("Build/Custom/Bamboo", "Password", false),
        ("Source/ThirdParty/GitHub", "OAuthToken", true),
        ("Source/ThirdParty/GitHub", "Branch", false),
    ] {
        assert_eq!(types.is_secret(&id(name), key), is_secret, "{name} {key}");
    }
    let listed = &types.find(&id("Build/Custom/Jenkins")).expect("declared").listed;
    assert_eq!(
        listed.queryable().map(|property: &Property| property.name.as_str()),
        Some("Project")
    );
}
