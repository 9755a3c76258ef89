//! Lengths, patterns, sizes and words, at the bound and one past it (contract §1.8).

use model::violation::ErrorClass;
use serde_json::{Value, json};

use crate::{Edit, accepted, check_refused, edited, refused};

const BUILD: &str = "pipeline.stages[1].actions[0]";

fn text(characters: usize) -> Value {
    json!("x".repeat(characters))
}

#[test]
fn texts_are_taken_at_the_bound_and_refused_one_past_it() {
    for (pointer, path, minimum, maximum) in [
        ("/name", "pipeline.name", 1, 100),
        ("/stages/1/name", "pipeline.stages[1].name", 1, 100),
        ("/stages/1/actions/0/name", &format!("{BUILD}.name"), 1, 100),
        ("/stages/1/actions/0/namespace", &format!("{BUILD}.namespace"), 1, 100),
        ("/artifactStore/location", "pipeline.artifactStore.location", 3, 63),
        ("/variables/0/defaultValue", "pipeline.variables[0].defaultValue", 1, 1000),
        ("/variables/0/description", "pipeline.variables[0].description", 0, 200),
        ("/stages/1/actions/1/commands/0", "pipeline.stages[1].actions[1].commands[0]", 1, 1000),
        (
            "/stages/1/actions/0/configuration/ProjectName",
            &format!("{BUILD}.configuration.ProjectName"),
            1,
            1000,
        ),
    ] {
        // The command of the sample refers to what some of these edits rename.
        let edit = |characters| {
            let mut edits = vec![("/stages/1/actions/1/commands/0", json!("true"))];
            edits.push((pointer, text(characters)));
            edits
        };
        accepted(&edit(minimum));
        accepted(&edit(maximum));
        check_refused(&edit(maximum + 1), ErrorClass::Shape, &[path]);
        if minimum > 0 {
            check_refused(&edit(minimum - 1), ErrorClass::Shape, &[path]);
        }
    }
}

#[test]
fn names_of_types_are_measured_too() {
    let action = "pipeline.stages[1].actions[0].actionTypeId";
    let id = |provider: usize, version: usize| {
        let provider = "x".repeat(provider);
        let version = "1".repeat(version);
        let id = json!({
            "category": "Build", "owner": "Custom", "provider": provider, "version": version
        });
        [("/stages/1/actions/0/actionTypeId", id)]
    };
    accepted(&id(35, 9));
    check_refused(&id(36, 9), ErrorClass::Shape, &[&format!("{action}.provider")]);
    check_refused(&id(35, 10), ErrorClass::Shape, &[&format!("{action}.version")]);
    check_refused(&id(0, 1), ErrorClass::Shape, &[&format!("{action}.provider")]);
}

#[test]
fn characters_are_counted_and_not_bytes() {
    accepted(&[("/variables/0/defaultValue", json!("€".repeat(1000)))]);
}

#[test]
fn numbers_are_taken_at_the_bound_and_refused_one_past_it() {
    for (pointer, path, minimum, maximum) in [
        ("/stages/1/actions/1/runOrder", "pipeline.stages[1].actions[1].runOrder", 2, 999),
        (
            "/stages/2/actions/0/timeoutInMinutes",
            "pipeline.stages[2].actions[0].timeoutInMinutes",
            5,
            86_400,
        ),
    ] {
        accepted(&[(pointer, json!(minimum))]);
        accepted(&[(pointer, json!(maximum))]);
        check_refused(&[(pointer, json!(maximum + 1))], ErrorClass::Shape, &[path]);
    }
    for (pointer, path, wrong) in [
        ("/stages/1/actions/0/runOrder", "pipeline.stages[1].actions[0].runOrder", 0),
        (
            "/stages/2/actions/0/timeoutInMinutes",
            "pipeline.stages[2].actions[0].timeoutInMinutes",
            4,
        ),
        ("/version", "pipeline.version", 0),
    ] {
        check_refused(&[(pointer, json!(wrong))], ErrorClass::Shape, &[path]);
    }
}

#[test]
fn lists_are_taken_at_the_bound_and_refused_one_past_it() {
    let variables = |count: usize| {
        let variables: Vec<_> = (0..count).map(|n| json!({"name": format!("v{n}")})).collect();
        [("/variables", json!(variables)), ("/stages/1/actions/1/commands", json!(["true"]))]
    };
    accepted(&variables(50));
    check_refused(&variables(51), ErrorClass::Shape, &["pipeline.variables"]);

    for (pointer, path, maximum, element) in [
        ("/stages/1/actions/1/commands", "pipeline.stages[1].actions[1].commands", 50, json!("a")),
        (
            "/stages/1/actions/1/outputVariables",
            "pipeline.stages[1].actions[1].outputVariables",
            15,
            json!("a"),
        ),
        (
            "/stages/1/actions/1/environmentVariables",
            "pipeline.stages[1].actions[1].environmentVariables",
            10,
            json!({"name": "A", "value": "b"}),
        ),
    ] {
        let list = |count| -> [Edit; 1] { [(pointer, json!(vec![element.clone(); count]))] };
        accepted(&list(maximum));
        check_refused(&list(maximum + 1), ErrorClass::Shape, &[path]);
        check_refused(&list(0), ErrorClass::Shape, &[path]);
    }
}

#[test]
fn patterns_must_match_the_whole_text() {
    for (pointer, path, wrong) in [
        ("/name", "pipeline.name", "we b"),
        ("/name", "pipeline.name", "web\n"),
        ("/roleArn", "pipeline.roleArn", "arn:aws:iam::1:role/x"),
        ("/roleArn", "pipeline.roleArn", ""),
        ("/artifactStore/location", "pipeline.artifactStore.location", "bucket/folder"),
        ("/variables/0/name", "pipeline.variables[0].name", "a.b"),
        ("/variables/0/defaultValue", "pipeline.variables[0].defaultValue", "a\nb"),
        ("/stages/1/actions/0/namespace", "pipeline.stages[1].actions[0].namespace", "a.b"),
        (
            "/stages/1/actions/0/outputArtifacts/0/name",
            "pipeline.stages[1].actions[0].outputArtifacts[0].name",
            "my.artifact",
        ),
    ] {
        check_refused(&[(pointer, json!(wrong))], ErrorClass::Shape, &[path]);
    }
}

#[test]
fn words_are_those_of_the_enums() {
    for (pointer, path, wrong, fix) in [
        ("/pipelineType", "pipeline.pipelineType", "v2", "did you mean V2?"),
        ("/executionMode", "pipeline.executionMode", "QUEUE", "did you mean QUEUED?"),
        ("/artifactStore/type", "pipeline.artifactStore.type", "EFS", "use S3"),
        (
            "/stages/1/actions/0/actionTypeId/category",
            "pipeline.stages[1].actions[0].actionTypeId.category",
            "build",
            "did you mean Build?",
        ),
        (
            "/stages/1/actions/0/actionTypeId/owner",
            "pipeline.stages[1].actions[0].actionTypeId.owner",
            "Amazon",
            "use AWS, ThirdParty, Custom",
        ),
    ] {
        let refusal = refused(&[(pointer, json!(wrong))]);
        let [violation] = refusal.violations.as_slice() else { panic!("{refusal}") };
        assert_eq!((violation.path.as_str(), violation.class), (path, ErrorClass::Shape));
        assert_eq!(violation.fix, fix);
    }
    let key = json!({"id": "alias/key", "type": "PGP"});
    let path = "pipeline.artifactStore.encryptionKey.type";
    check_refused(&[("/artifactStore/encryptionKey", key)], ErrorClass::Shape, &[path]);
}

#[test]
fn names_that_would_lead_to_another_directory_are_refused() {
    for name in [".", ".."] {
        for (pointer, path) in [
            ("/name", "pipeline.name"),
            ("/stages/1/name", "pipeline.stages[1].name"),
            ("/stages/1/actions/0/name", "pipeline.stages[1].actions[0].name"),
        ] {
            check_refused(&[(pointer, json!(name))], ErrorClass::Shape, &[path]);
        }
    }
    accepted(&[("/name", json!("...")), ("/stages/1/name", json!("v1.2"))]);
}

#[test]
fn a_refusal_of_shapes_reads_as_it_does_on_aws() {
    let refusal = refused(&[
        ("/name", json!("a b")),
        ("/pipelineType", json!("V3")),
        ("/stages/1/actions/0/configuration/ProjectName", json!("")),
        ("/stages/1/actions/0/runOrder", json!(0)),
    ]);
    assert_eq!(
        refusal.to_string(),
        "4 validation errors detected: \
         Value 'a b' at 'pipeline.name' failed to satisfy constraint: Member must satisfy regular \
         expression pattern: [A-Za-z0-9.@\\-_]+; \
         Value '0' at 'pipeline.stages.2.member.actions.1.member.runOrder' failed to satisfy \
         constraint: Member must have value greater than or equal to 1; \
         Value at 'pipeline.stages.2.member.actions.1.member.configuration' failed to satisfy \
         constraint: Map value must satisfy constraint: [Member must have length less than or \
         equal to 1000, Member must have length greater than or equal to 1]; \
         Value 'V3' at 'pipeline.pipelineType' failed to satisfy constraint: Member must satisfy \
         enum value set: [V1, V2]"
    );
    let one = refused(&[("/name", json!(""))]);
    assert_eq!(
        one.to_string(),
        "1 validation error detected: Value '' at 'pipeline.name' failed to satisfy constraint: \
         Member must have length greater than or equal to 1"
    );
}

#[test]
fn what_may_be_a_secret_is_not_repeated() {
    let secret = "hunter2-".repeat(300);
    let refusal = refused(&[
        ("/stages/1/actions/0/configuration/ProjectName", json!(secret)),
        ("/stages/1/actions/1/environmentVariables", json!([{"name": "TOKEN", "value": secret}])),
    ]);
    assert_eq!(refusal.violations.len(), 2);
    assert!(!format!("{refusal:?}").contains("hunter2"));
}

#[test]
fn a_value_with_control_characters_cannot_write_on_the_terminal() {
    let refusal = refused(&[("/name", json!("a\u{1b}[2J\u{7}b"))]);
    assert!(!refusal.to_string().contains('\u{1b}'));
    assert!(!refusal.violations[0].to_string().contains('\u{7}'));
}

#[test]
fn a_declaration_is_written_back_as_it_was_read() {
    let value = crate::sample();
    assert_eq!(serde_json::to_value(edited(&[])).unwrap(), value);
}
