//! From text to a declaration and back.

use std::path::Path;

use model::declaration::{DECLARATION_BYTES_MAX, Declaration, Format, examine, read};
use model::pipeline::Pipeline;
use model::status::{ActionCategory, ExecutionMode, PipelineType};
use model::validation::{lint_text, validate};
use model::violation::{ErrorClass, Violation};
use serde_json::{Value, json};

/// Everything that a declaration can hold, so that a round trip would lose something if it could.
const EVERYTHING: &str = r#"{
  "name": "web", "roleArn": "arn:aws:iam::111122223333:role/pipeline",
  "artifactStores": {
    "eu-west-1": {"type": "S3", "location": "here", "encryptionKey": {"id": "alias/k", "type": "KMS"}},
    "us-east-1": {"type": "S3", "location": "there"}
  },
  "stages": [
    {"name": "Source", "blockers": [], "actions": [{
      "name": "App",
      "actionTypeId": {"category": "Source", "owner": "AWS", "provider": "CodeStarSourceConnection", "version": "1"},
      "runOrder": 1,
      "configuration": {"ConnectionArn": "arn", "FullRepositoryId": "acme/web", "BranchName": "main"},
      "inputArtifacts": [], "outputArtifacts": [{"name": "AppSource"}],
      "roleArn": "arn:aws:iam::111122223333:role/source", "region": "eu-west-1", "namespace": "App"
    }]},
    {"name": "Build", "actions": [{
      "name": "Make",
      "actionTypeId": {"category": "Compute", "owner": "AWS", "provider": "Commands", "version": "1"},
      "configuration": {},
      "commands": ["make", "echo #{App.CommitId}"], "outputVariables": ["Tag"],
      "inputArtifacts": [{"name": "AppSource"}],
      "outputArtifacts": [{"name": "Package", "files": ["out/**"]}],
      "region": "us-east-1",
      "environmentVariables": [
        {"name": "A", "value": "b"}, {"name": "C", "value": "d", "type": "SECRETS_MANAGER"}
      ]
    }],
    "onFailure": {"result": "RETRY", "retryConfiguration": {"retryMode": "ALL_ACTIONS"}},
    "onSuccess": {"conditions": [{"result": "ROLLBACK", "rules": [{
      "name": "Alarm",
      "ruleTypeId": {"category": "Rule", "owner": "AWS", "provider": "CloudWatchAlarm", "version": "1"},
      "configuration": {"AlarmName": "errors"}, "inputArtifacts": [], "region": "eu-west-1",
      "roleArn": "arn:aws:iam::111122223333:role/rule", "timeoutInMinutes": 30
    }]}]},
    "beforeEntry": {"conditions": [{"result": "FAIL", "rules": [{
      "name": "Try", "ruleTypeId": {"category": "Rule", "provider": "Commands"},
      "commands": ["true"], "inputArtifacts": [{"name": "AppSource"}]
    }]}]}},
    {"name": "Ask", "actions": [{
      "name": "Owner",
      "actionTypeId": {"category": "Approval", "owner": "AWS", "provider": "Manual", "version": "1"},
      "timeoutInMinutes": 90
    }],
    "onFailure": {"conditions": [{"result": "ROLLBACK", "rules": [{
      "name": "Judge",
      "ruleTypeId": {"category": "Rule", "owner": "AWS", "provider": "LambdaInvoke", "version": "1"},
      "configuration": {"FunctionName": "judge"}
    }]}]}}
  ],
  "version": 7, "executionMode": "QUEUED", "pipelineType": "V2",
  "variables": [
    {"name": "env", "defaultValue": "beta", "description": "where to"}, {"name": "must"}
  ],
  "triggers": [{"providerType": "CodeStarSourceConnection", "gitConfiguration": {
    "sourceActionName": "App",
    "push": [
      {"tags": {"includes": ["v*"], "excludes": ["v0*"]}},
      {"branches": {"includes": ["main"]}, "filePaths": {"excludes": ["docs/**"]}}
    ],
    "pullRequest": [{"events": ["OPEN", "CLOSED"], "branches": {"includes": ["main"]}}]
  }}]
}"#;

fn read_json(text: &str) -> Declaration {
    read(text, Format::Json).unwrap_or_else(|found| panic!("{found:?}")).0
}

fn refused(text: &str, format: Format) -> Vec<Violation> {
    read(text, format).expect_err("there is something wrong with it")
}

fn paths(violations: &[Violation]) -> Vec<&str> {
    violations.iter().map(|violation| violation.path.as_str()).collect()
}

#[test]
fn a_round_trip_loses_nothing() {
    let declaration = read_json(EVERYTHING);
    let before: Value = serde_json::from_str(EVERYTHING).expect("it is JSON");
    assert_eq!(serde_json::to_value(&declaration).expect("plain values"), before);
    if let Err(refusal) = validate(&declaration) {
        panic!("{refusal}");
    }
}

#[test]
fn yaml_says_the_same() {
    let value: Value = serde_json::from_str(EVERYTHING).expect("it is JSON");
    let yaml = serde_yaml_ng::to_string(&value).expect("it can be YAML");
    let (declaration, notes) = read(&yaml, Format::Yaml).expect("it is a declaration");
    assert_eq!(declaration, read_json(EVERYTHING));
    assert_eq!(notes, []);
}

#[test]
fn what_stands_around_a_pipeline_is_understood() {
    let wrapped = format!(
        r#"{{"pipeline": {EVERYTHING}, "metadata": {{"created": 1}}, "tags": [{{"key": "a"}}]}}"#
    );
    let (declaration, notes) = read(&wrapped, Format::Json).expect("as get-pipeline prints it");
    assert_eq!(declaration, read_json(EVERYTHING));
    assert_eq!(
        notes.iter().map(|note| note.path.as_str()).collect::<Vec<_>>(),
        ["metadata", "tags"]
    );

    let other = format!(r#"{{"pipeline": {EVERYTHING}, "buildProject": {{}}}}"#);
    let violations = refused(&other, Format::Json);
    assert_eq!(paths(&violations), ["buildProject"]);
    assert_eq!(violations[0].class, ErrorClass::UnknownField);
}

#[test]
fn null_members_are_absent() {
    let text = EVERYTHING.replace(r#""version": 7"#, r#""version": null, "artifactStore": null"#);
    let declaration = read_json(&text);
    assert_eq!((declaration.version, declaration.artifact_store), (None, None));
    let text = EVERYTHING.replace(r#""name": "web""#, r#""name": null"#);
    let violations = refused(&text, Format::Json);
    assert_eq!(
        violations[0].constraint.as_deref(),
        Some("Value null at 'pipeline.name' failed to satisfy constraint: Member must not be null")
    );
}

#[test]
fn unknown_members_are_all_named_with_what_was_meant() {
    let text = EVERYTHING
        .replace(r#""configuration": {},"#, r#""configuratoin": {}, "foo": 1,"#)
        .replace(r#""executionMode""#, r#""ExecutionMode""#);
    let violations = refused(&text, Format::Json);
    assert_eq!(
        paths(&violations),
        [
            "pipeline.ExecutionMode",
            "pipeline.stages[1].actions[0].configuratoin",
            "pipeline.stages[1].actions[0].foo",
        ]
    );
    assert_eq!(violations[0].fix, "did you mean `executionMode`?");
    assert_eq!(violations[1].fix, "did you mean `configuration`?");
    assert!(violations[2].fix.starts_with("remove it; known here are name, actionTypeId"));
    assert!(violations.iter().all(|violation| violation.class == ErrorClass::UnknownField));
}

#[test]
fn unknown_members_do_not_hide_what_else_is_wrong() {
    let text = EVERYTHING
        .replace(r#""version": 7"#, r#""verison": 7"#)
        .replace(r#""name": "Ask""#, r#""name": "Build""#);
    let (violations, _) = lint_text(&text, Format::Json);
    assert_eq!(paths(&violations), ["pipeline.verison", "pipeline.stages[2].name"]);
    let reading = examine(&text, Format::Json);
    assert_eq!(reading.violations.len(), 1);
    assert!(reading.declaration.is_some());
}

#[test]
fn missing_members_and_wrong_types_are_all_named() {
    let text = json!({
        "name": 5,
        "artifactStores": [],
        "stages": [
            {"actions": [{"name": "A", "actionTypeId": {"category": "Source", "version": 1}}]},
            {"name": "B", "actions": "none"},
            null,
        ],
        "version": 1.5,
        "variables": [{"name": "a b"}],
    });
    let violations = refused(&text.to_string(), Format::Json);
    let id = "pipeline.stages[0].actions[0].actionTypeId";
    let mut found = paths(&violations);
    found.sort_unstable();
    assert_eq!(
        found,
        [
            "pipeline.artifactStores",
            "pipeline.name",
            "pipeline.roleArn",
            &format!("{id}.owner"),
            &format!("{id}.provider"),
            &format!("{id}.version"),
            "pipeline.stages[0].name",
            "pipeline.stages[1].actions",
            "pipeline.stages[2]",
            "pipeline.variables[0].name",
            "pipeline.version",
        ]
    );
    assert!(violations.iter().all(|violation| violation.class == ErrorClass::Shape));
    assert!(violations.iter().all(|violation| violation.constraint.is_some()));
}

#[test]
fn a_member_is_written_once() {
    for (text, format) in [
        (
            EVERYTHING.replacen(r#""name": "App","#, r#""name": "App", "name": "Web","#, 1),
            Format::Json,
        ),
        ("name: a\nname: b\nroleArn: c\nstages: []".to_owned(), Format::Yaml),
        (
            EVERYTHING.replace(r#""AlarmName": "errors""#, r#""AlarmName": "a", "AlarmName": "b""#),
            Format::Json,
        ),
        (format!(r#"{{"pipeline": {EVERYTHING}, "pipeline": {EVERYTHING}}}"#), Format::Json),
    ] {
        let violations = refused(&text, format);
        assert!(
            violations[0].message.ends_with("is written twice in the same object"),
            "{violations:?}"
        );
    }
}

#[test]
fn in_yaml_a_number_is_what_its_author_wrote() {
    let yaml = "
name: web
roleArn: arn:aws:iam::111122223333:role/pipeline
artifactStore: {type: S3, location: bucket}
version: 3
stages:
  - name: Source
    actions:
      - name: Images
        actionTypeId: &ecr {category: Source, owner: AWS, provider: ECR, version: 1}
        configuration: {RepositoryName: web, ImageTag: 1.10}
        outputArtifacts: [{name: Image}]
  - name: 2024
    actions:
      - name: Deploy
        actionTypeId: {category: Deploy, owner: AWS, provider: S3, version: 1}
        runOrder: 2
        configuration: {BucketName: 012345678901, Extract: True, ObjectKey: 1e3}
        inputArtifacts: [{name: Image}]
";
    let (declaration, _) = read(yaml, Format::Yaml).expect("it is a declaration");
    let setting = |stage: usize, key| declaration.stages[stage].actions[0].setting(key);
    assert_eq!(setting(0, "ImageTag"), Some("1.10"));
    assert_eq!(setting(1, "BucketName"), Some("012345678901"));
    assert_eq!(setting(1, "Extract"), Some("true"));
    assert_eq!(setting(1, "ObjectKey"), Some("1e3"));
    assert_eq!(declaration.stages[1].name, "2024");
    assert_eq!(declaration.stages[0].actions[0].action_type_id.version, "1");
    assert_eq!(
        (declaration.version, declaration.stages[1].actions[0].run_order),
        (Some(3), Some(2))
    );
    if let Err(refusal) = validate(&declaration) {
        panic!("{refusal}");
    }
}

#[test]
fn in_json_a_number_is_not_a_string() {
    let text = EVERYTHING.replace(r#""AlarmName": "errors""#, r#""AlarmName": 5"#);
    let violations = refused(&text, Format::Json);
    assert_eq!(
        paths(&violations),
        ["pipeline.stages[1].onSuccess.conditions[0].rules[0].configuration.AlarmName"]
    );
    assert_eq!(violations[0].fix, "put it in quotes: \"5\"");
}

#[test]
fn yaml_is_anchored_but_not_tagged() {
    let shared = "
name: web
roleArn: &role arn:aws:iam::111122223333:role/pipeline
stages:
  - name: A
    actions: [{name: B, roleArn: *role, actionTypeId: !Ref Type}]
";
    let violations = refused(shared, Format::Yaml);
    assert_eq!(paths(&violations), ["pipeline.stages[0].actions[0].actionTypeId"]);
    assert!(violations[0].fix.contains("CloudFormation"));
}

#[test]
fn syntax_errors_name_line_and_column() {
    for (text, format, path) in [
        ("{\n  \"name\": \"a\",\n}", Format::Json, "line 3, column 1"),
        ("\"pipeline\": {}", Format::Json, "line 1, column 11"),
        ("", Format::Json, "line 1, column 0"),
        ("name: [a\nb: c", Format::Yaml, "line 2, column 2"),
        ("{}{}", Format::Json, "line 1, column 3"),
    ] {
        let violations = refused(text, format);
        assert_eq!((paths(&violations), violations[0].class), (vec![path], ErrorClass::Syntax));
    }
}

#[test]
fn what_is_no_pipeline_at_all_is_refused_calmly() {
    let nested = "[".repeat(100_000);
    let mut bomb = "a: &a [x,x,x,x,x,x,x,x,x]\n".to_owned();
    for letter in b'b'..=b'k' {
        let (this, before) = (char::from(letter), char::from(letter - 1));
        let many = vec![format!("*{before}"); 9].join(",");
        for piece in [&this.to_string(), ": &", &this.to_string(), " [", &many, "]\n"] {
            bomb.push_str(piece);
        }
    }
    for (text, format) in [
        ("[]", Format::Json),
        ("null", Format::Json),
        ("just words", Format::Yaml),
        ("", Format::Yaml),
        ("a: 1\n---\nb: 2\n", Format::Yaml),
        ("? [a]\n: b\n", Format::Yaml),
        ("a: 340282366920938463463374607431768211455\n", Format::Yaml),
        ("Resources: {}\n", Format::Yaml),
        (r#"{"AWSTemplateFormatVersion": "2010-09-09"}"#, Format::Json),
        ("{\"name\": \"\\ud800\"}", Format::Json),
        (nested.as_str(), Format::Json),
        (nested.as_str(), Format::Yaml),
        (bomb.as_str(), Format::Yaml),
        ("\u{feff}{}", Format::Json),
    ] {
        assert!(!refused(text, format).is_empty());
    }
    let large = " ".repeat(DECLARATION_BYTES_MAX + 1);
    assert_eq!(refused(&large, Format::Json)[0].class, ErrorClass::Syntax);
}

#[test]
fn the_format_is_told_by_the_name_or_else_by_the_text() {
    for (name, text, format) in [
        ("pipeline.json", "a: b", Format::Json),
        ("pipeline.YAML", "{}", Format::Yaml),
        ("pipeline.yml", "{}", Format::Yaml),
        ("pipeline", "\u{feff}\n {}", Format::Json),
        ("pipeline.txt", "name: web", Format::Yaml),
        ("-", "", Format::Yaml),
    ] {
        assert_eq!(Format::of(Path::new(name), text), format, "{name}");
    }
}

#[test]
fn defaults_are_filled_in() {
    // Contract §1.9.
    let bare = r#"{
      "name": "web", "roleArn": "arn:aws:iam::111122223333:role/pipeline",
      "artifactStore": {"type": "S3", "location": "bucket"},
      "stages": [
        {"name": "S", "actions": [{"name": "A", "outputArtifacts": [{"name": "O"}],
          "configuration": {"S3Bucket": "b", "S3ObjectKey": "k"},
          "actionTypeId": {"category": "Source", "owner": "AWS", "provider": "S3", "version": "1"}}]},
        {"name": "T", "actions": [{"name": "B",
          "actionTypeId": {"category": "Approval", "owner": "AWS", "provider": "Manual", "version": "1"}}]}
      ]
    }"#;
    let pipeline = Pipeline::try_from(&read_json(bare)).expect("nothing is wrong with it");
    assert_eq!(pipeline.pipeline_type, PipelineType::V1);
    assert_eq!(pipeline.execution_mode, ExecutionMode::Superseded);
    assert_eq!(pipeline.artifact_stores[""].location, "bucket");
    assert_eq!(pipeline.variables, []);
    let source = &pipeline.stages[0].actions[0];
    assert_eq!((source.run_order, source.type_id.category), (1, ActionCategory::Source));
    assert_eq!((&source.region, &source.role_arn, source.timeout_minutes), (&None, &None, None));
    assert_eq!(pipeline.stages[1].actions[0].timeout_minutes(), 7 * 24 * 60);
    assert_eq!(Pipeline::from_declaration_json(bare), Ok(pipeline));
}

#[test]
fn everything_that_a_run_needs_is_carried_over() {
    let pipeline = Pipeline::try_from(&read_json(EVERYTHING)).expect("nothing is wrong with it");
    assert_eq!(pipeline.execution_mode, ExecutionMode::Queued);
    assert_eq!(pipeline.artifact_stores["eu-west-1"].encryption_key.as_deref(), Some("alias/k"));
    assert_eq!(pipeline.variables[0].default.as_deref(), Some("beta"));
    let make = &pipeline.stages[1].actions[0];
    assert_eq!(make.commands.len(), 2);
    assert_eq!(make.output_variables, ["Tag"]);
    assert_eq!(make.outputs[0].files, ["out/**"]);
    assert_eq!(make.inputs[0].as_str(), "AppSource");
    assert!(!make.environment_variables[0].is_secret);
    assert!(make.environment_variables[1].is_secret);
    assert_eq!(make.region.as_deref(), Some("us-east-1"));
    assert_eq!(pipeline.stages[2].actions[0].timeout_minutes, Some(90));
}

#[test]
fn a_stored_row_is_read_without_asking_the_rules_again() {
    let stricter_since = EVERYTHING.replace("#{App.CommitId}", "#{Gone.CommitId}");
    assert!(validate(&read_json(&stricter_since)).is_err());
    assert!(Pipeline::from_declaration_json(&stricter_since).is_ok());
    let newer = EVERYTHING.replace(r#""version": 7"#, r#""version": 7, "memberOfTomorrow": {}"#);
    assert!(Pipeline::from_declaration_json(&newer).is_ok());
    for broken in ["{", "{}", &EVERYTHING.replace("QUEUED", "STACKED")] {
        assert!(Pipeline::from_declaration_json(broken).is_err());
    }
}
