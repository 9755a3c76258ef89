//! What is refused, and what is not, class by class (contract §1.7).

mod actions;
mod conditions;
mod declared;
mod references;
mod shape;
mod stages;
mod structure;
mod triggers;

use model::declaration::Declaration;
use model::pipeline::Pipeline;
use model::validation::{lint, validate};
use model::violation::{ErrorClass, Refusal};
use serde_json::{Value, json};

/// A change to the sample: where, by JSON pointer, and what stands there then.
type Edit = (&'static str, Value);

/// A pipeline of type V2 with nothing wrong with it.
fn sample() -> Value {
    json!({
        "name": "web",
        "roleArn": "arn:aws:iam::111122223333:role/pipeline",
        "pipelineType": "V2",
        "artifactStore": {"type": "S3", "location": "artifacts-of-web"},
        "variables": [{"name": "env", "defaultValue": "beta"}],
        "stages": [
            {"name": "Source", "actions": [{
                "name": "App",
                "actionTypeId": type_id("Source/AWS/CodeStarSourceConnection"),
                "configuration": {
                    "ConnectionArn": "arn:aws:codeconnections:eu-west-1:111122223333:connection/1",
                    "FullRepositoryId": "acme/web",
                    "BranchName": "main",
                },
                "outputArtifacts": [{"name": "AppSource"}],
                "namespace": "SourceVariables",
            }]},
            {"name": "Build", "actions": [
                {
                    "name": "Compile",
                    "actionTypeId": type_id("Build/AWS/CodeBuild"),
                    "configuration": {"ProjectName": "web"},
                    "inputArtifacts": [{"name": "AppSource"}],
                    "outputArtifacts": [{"name": "Package"}],
                    "namespace": "BuildVariables",
                },
                {
                    "name": "Check",
                    "runOrder": 2,
                    "actionTypeId": type_id("Compute/AWS/Commands"),
                    "commands": ["echo #{BuildVariables.Tag} #{variables.env}"],
                    "inputArtifacts": [{"name": "Package"}],
                },
            ]},
            {"name": "Release", "actions": [
                {"name": "Ask", "actionTypeId": type_id("Approval/AWS/Manual")},
                {
                    "name": "Deploy",
                    "runOrder": 2,
                    "actionTypeId": type_id("Deploy/AWS/CodeDeploy"),
                    "configuration": {"ApplicationName": "web", "DeploymentGroupName": "hosts"},
                    "inputArtifacts": [{"name": "Package"}],
                },
            ]},
        ],
    })
}

fn type_id(text: &str) -> Value {
    let mut parts = text.split('/');
    json!({
        "category": parts.next(),
        "owner": parts.next(),
        "provider": parts.next(),
        "version": parts.next().unwrap_or("1"),
    })
}

/// Returns the sample with changes; a pointer's last member may be new, `-` appends to a list, and
/// null takes the member away.
fn edited(edits: &[Edit]) -> Declaration {
    let mut value = sample();
    for (pointer, new) in edits {
        let (parent, last) = pointer.rsplit_once('/').expect("pointers begin with a slash");
        match value.pointer_mut(parent).unwrap_or_else(|| panic!("{parent} is not there")) {
            Value::Object(members) if new.is_null() => {
                members.remove(last);
            }
            Value::Object(members) => {
                members.insert(last.to_owned(), new.clone());
            }
            Value::Array(elements) if last == "-" => elements.push(new.clone()),
            Value::Array(elements) => {
                let index: usize = last.parse().expect("a list has indices");
                elements[index] = new.clone();
            }
            scalar @ (Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_)) => {
                panic!("{parent} is {scalar}")
            }
        }
    }
    serde_json::from_value(value).expect("the sample stays a declaration")
}

fn accepted(edits: &[Edit]) -> Pipeline {
    validate(&edited(edits)).unwrap_or_else(|refusal| panic!("{edits:?} is refused: {refusal}"))
}

fn refused(edits: &[Edit]) -> Refusal {
    match validate(&edited(edits)) {
        Ok(_) => panic!("{edits:?} is accepted"),
        Err(refusal) => refusal,
    }
}

/// Checks that changes are refused by a class, at exactly these places.
#[track_caller]
fn check_refused(edits: &[Edit], class: ErrorClass, paths: &[&str]) {
    let refusal = refused(edits);
    let found: Vec<&str> = refusal.violations.iter().map(|found| found.path.as_str()).collect();
    assert_eq!((refusal.error, found.as_slice()), (class, paths), "{edits:?}: {refusal}");
    for violation in &refusal.violations {
        assert!(!violation.fix.is_empty() && !violation.rule.is_empty(), "{violation}");
    }
}

/// Checks that changes are accepted, with warnings at exactly these places.
#[track_caller]
fn check_warned(edits: &[Edit], paths: &[&str]) {
    accepted(edits);
    let warnings = lint(&edited(edits));
    let found: Vec<&str> = warnings.iter().map(|warning| warning.path.as_str()).collect();
    assert_eq!(found, paths, "{edits:?}");
}

/// Returns a rule of a condition.
fn rule(provider: &str, configuration: &Value) -> Value {
    json!({
        "name": "Rule",
        "ruleTypeId": {"category": "Rule", "owner": "AWS", "provider": provider, "version": "1"},
        "configuration": configuration,
    })
}

#[test]
fn the_sample_has_nothing_wrong_with_it() {
    check_warned(&[], &[]);
}

#[test]
fn the_first_failing_class_refuses_and_lint_names_them_all() {
    // Contract §1.7: the order of the classes.
    let edits = [
        ("/name", json!("no spaces")),
        ("/pipelineType", json!("V1")),
        ("/stages/2/name", json!("Build")),
        ("/stages/2/blockers", json!([{"name": "b", "type": "Schedule"}])),
        ("/stages/2/actions/1/inputArtifacts/0/name", json!("Nothing")),
    ];
    check_refused(&edits, ErrorClass::Shape, &["pipeline.name"]);
    check_refused(&edits[1..], ErrorClass::Structure, &["pipeline.variables"]);
    check_refused(&edits[2..], ErrorClass::Stage, &["pipeline.stages[2].name"]);
    check_refused(&edits[3..], ErrorClass::Blocker, &["pipeline.stages[2].blockers"]);
    let input = "pipeline.stages[2].actions[1].inputArtifacts[0].name";
    check_refused(&edits[4..], ErrorClass::Action, &[input]);

    let classes: Vec<ErrorClass> = lint(&edited(&edits)).iter().map(|v| v.class).collect();
    assert!(classes.is_sorted());
    for class in ErrorClass::ALL.iter().filter(|class| **class >= ErrorClass::Shape) {
        assert!(classes.contains(class), "{class:?}");
    }
}

#[test]
fn each_class_has_its_exception() {
    for (class, exception) in [
        (ErrorClass::Shape, "ValidationException"),
        (ErrorClass::Structure, "InvalidStructureException"),
        (ErrorClass::Stage, "InvalidStageDeclarationException"),
        (ErrorClass::Blocker, "InvalidBlockerDeclarationException"),
        (ErrorClass::Action, "InvalidActionDeclarationException"),
    ] {
        assert_eq!(class.exception(), exception);
    }
}
