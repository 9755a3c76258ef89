//! From a template's shape to the API's, and what a reader is told besides.

use std::collections::BTreeMap;

use cloudformation::{FoundPipeline, Template, read};
use expect_test::{Expect, expect};
use serde_json::{Value, json};

fn template(text: &str) -> Template {
    read(text).unwrap_or_else(|refusal| panic!("{refusal}"))
}

fn only(text: &str) -> FoundPipeline {
    let mut found = template(text).pipelines(&BTreeMap::new());
    assert_eq!(found.len(), 1);
    found.remove(0)
}

fn check(text: &str, expected: &Expect) {
    let declaration = in_order(only(text).declaration);
    expected.assert_eq(&serde_json::to_string_pretty(&declaration).expect("JSON is text"));
}

/// Puts the members of every object in the order of their names: whether JSON keeps the order in which
/// they were written is up to whoever else is built with us.
fn in_order(value: Value) -> Value {
    match value {
        Value::Object(members) => {
            let members = members.into_iter().map(|(name, member)| (name, in_order(member)));
            Value::Object(members.collect::<BTreeMap<_, _>>().into_iter().collect())
        }
        Value::Array(elements) => elements.into_iter().map(in_order).collect(),
        plain @ (Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_)) => plain,
    }
}

fn check_notes(notes: &[String], expected: &[&str]) {
    assert_eq!(notes.len(), expected.len(), "{notes:?}");
    for (note, expected) in notes.iter().zip(expected) {
        assert!(note.contains(expected), "{note}");
    }
}

/// A pipeline that states every member there is.
const EVERY_MEMBER: &str = r"
Resources:
  Web:
    Type: AWS::CodePipeline::Pipeline
    Properties:
      Name: web
      RoleArn: arn:aws:iam::111122223333:role/web
      PipelineType: V2
      ExecutionMode: QUEUED
      ArtifactStore:
        Type: S3
        Location: web-artifacts
        EncryptionKey: {Id: alias/web, Type: KMS}
      Variables: [{Name: Color, DefaultValue: 1, Description: d}]
      Triggers:
        - ProviderType: CodeStarSourceConnection
          GitConfiguration:
            SourceActionName: Source
            Push:
              - Branches: {Includes: [main], Excludes: [x]}
                FilePaths: {Includes: ['src/**']}
                Tags: {Includes: [v1]}
            PullRequest: [{Events: [OPEN], Branches: {Includes: [main]}}]
      Stages:
        - Name: Build
          Blockers: []
          Actions:
            - Name: Build
              ActionTypeId: {Category: Compute, Owner: AWS, Provider: Commands, Version: 1}
              RunOrder: '2'
              Region: eu-west-1
              RoleArn: arn:aws:iam::111122223333:role/build
              Namespace: Build
              TimeoutInMinutes: 10
              Commands: [make]
              OutputVariables: [Digest]
              EnvironmentVariables: [{Name: A, Value: 1, Type: PLAINTEXT}]
              Configuration: {runOrder: 7, CamelCase: true, List: [{Name: x, Value: 1}]}
              InputArtifacts: [{Name: Source}]
              OutputArtifacts: [{Name: Out, Files: ['**/*']}]
          BeforeEntry:
            Conditions:
              - Result: FAIL
                Rules:
                  - Name: Window
                    RuleTypeId: {Category: Rule, Owner: AWS, Provider: DeploymentWindow, Version: 1}
                    Configuration: {Cron: '* * * * *'}
                    TimeoutInMinutes: 9
          OnFailure: {Result: RETRY, RetryConfiguration: {RetryMode: ALL_ACTIONS}}
          OnSuccess: {Conditions: [{Result: ROLLBACK, Rules: []}]}
";

#[test]
fn every_member_takes_its_name_in_the_api() {
    check(
        EVERY_MEMBER,
        &expect![[r#"
            {
              "artifactStore": {
                "encryptionKey": {
                  "id": "alias/web",
                  "type": "KMS"
                },
                "location": "web-artifacts",
                "type": "S3"
              },
              "executionMode": "QUEUED",
              "name": "web",
              "pipelineType": "V2",
              "roleArn": "arn:aws:iam::111122223333:role/web",
              "stages": [
                {
                  "actions": [
                    {
                      "actionTypeId": {
                        "category": "Compute",
                        "owner": "AWS",
                        "provider": "Commands",
                        "version": "1"
                      },
                      "commands": [
                        "make"
                      ],
                      "configuration": {
                        "CamelCase": "true",
                        "List": "[{\"Name\":\"x\",\"Value\":1}]",
                        "runOrder": "7"
                      },
                      "environmentVariables": [
                        {
                          "name": "A",
                          "type": "PLAINTEXT",
                          "value": "1"
                        }
                      ],
                      "inputArtifacts": [
                        {
                          "name": "Source"
                        }
                      ],
                      "name": "Build",
                      "namespace": "Build",
                      "outputArtifacts": [
                        {
                          "files": [
                            "**/*"
                          ],
                          "name": "Out"
                        }
                      ],
                      "outputVariables": [
                        "Digest"
                      ],
                      "region": "eu-west-1",
                      "roleArn": "arn:aws:iam::111122223333:role/build",
                      "runOrder": 2,
                      "timeoutInMinutes": 10
                    }
                  ],
                  "beforeEntry": {
                    "conditions": [
                      {
                        "result": "FAIL",
                        "rules": [
                          {
                            "configuration": {
                              "Cron": "* * * * *"
                            },
                            "name": "Window",
                            "ruleTypeId": {
                              "category": "Rule",
                              "owner": "AWS",
                              "provider": "DeploymentWindow",
                              "version": "1"
                            },
                            "timeoutInMinutes": 9
                          }
                        ]
                      }
                    ]
                  },
                  "blockers": [],
                  "name": "Build",
                  "onFailure": {
                    "result": "RETRY",
                    "retryConfiguration": {
                      "retryMode": "ALL_ACTIONS"
                    }
                  },
                  "onSuccess": {
                    "conditions": [
                      {
                        "result": "ROLLBACK",
                        "rules": []
                      }
                    ]
                  }
                }
              ],
              "triggers": [
                {
                  "gitConfiguration": {
                    "pullRequest": [
                      {
                        "branches": {
                          "includes": [
                            "main"
                          ]
                        },
                        "events": [
                          "OPEN"
                        ]
                      }
                    ],
                    "push": [
                      {
                        "branches": {
                          "excludes": [
                            "x"
                          ],
                          "includes": [
                            "main"
                          ]
                        },
                        "filePaths": {
                          "includes": [
                            "src/**"
                          ]
                        },
                        "tags": {
                          "includes": [
                            "v1"
                          ]
                        }
                      }
                    ],
                    "sourceActionName": "Source"
                  },
                  "providerType": "CodeStarSourceConnection"
                }
              ],
              "variables": [
                {
                  "defaultValue": "1",
                  "description": "d",
                  "name": "Color"
                }
              ]
            }"#]],
    );
}

#[test]
fn stores_are_keyed_by_region_and_their_placeholders_follow() {
    let found = only(
        r"
Parameters: {Bucket: {Type: String}}
Resources:
  Web:
    Type: AWS::CodePipeline::Pipeline
    Properties:
      Name: web
      ArtifactStores:
        - {Region: eu-west-1, ArtifactStore: {Type: S3, Location: !Ref Bucket}}
        - {Region: us-east-1, ArtifactStore: {Type: S3, Location: here}}
        - {ArtifactStore: {Type: S3, Location: lost}}
",
    );
    assert_eq!(
        found.declaration["artifactStores"],
        json!({
            "eu-west-1": {"type": "S3", "location": "bucket"},
            "us-east-1": {"type": "S3", "location": "here"},
        })
    );
    assert_eq!(found.placeholders[0].path, "pipeline.artifactStores.eu-west-1.location");
    assert_eq!(found.notes, ["`ArtifactStores[2]` states no `Region` and is left out"]);
}

#[test]
fn placeholders_are_legal_where_they_stand() {
    let found = only(
        r"
Parameters: {P_: {Type: String}}
Resources:
  Web:
    Type: AWS::CodePipeline::Pipeline
    Properties:
      Name: !Ref Service
      RoleArn: !Ref Service
      ArtifactStore: {Type: S3, Location: !Sub '${Service}'}
      Stages:
        - Name: !Sub '${Service.Name}'
          Actions:
            - Name: !Join ['', [!Ref Service]]
              RunOrder: !Ref Service
              TimeoutInMinutes: !Ref Service
              Region: !Ref Service
              RoleArn: !If [None, x, !GetAtt Service.Outputs.RoleArn]
              ActionTypeId: {Version: !Ref Service}
              Configuration:
                RoleArn: !Join ['', [!GetAtt Service.Arn]]
                ConnectionArn: !Ref Service
                S3Bucket: !Ref Service
                Text: !Sub 'x${Service}'
  Service: {Type: 'Custom::Service'}
",
    );
    let stage = &found.declaration["stages"][0];
    let action = &stage["actions"][0];
    assert_eq!(found.declaration["name"], "Service");
    assert_eq!(found.declaration["roleArn"], "arn:aws:iam::000000000000:role/Service");
    assert_eq!(found.declaration["artifactStore"]["location"], "service");
    assert_eq!(stage["name"], "Service");
    assert_eq!(
        *action,
        json!({
            "name": "Service",
            "runOrder": 1,
            "timeoutInMinutes": 60,
            "region": "us-east-1",
            "roleArn": "arn:aws:iam::000000000000:role/Service-Outputs-RoleArn",
            "actionTypeId": {"version": "1"},
            "configuration": {
                "RoleArn": "arn:aws:iam::000000000000:role/Service-Arn",
                "ConnectionArn":
                    "arn:aws:codeconnections:us-east-1:000000000000:connection/Service",
                "S3Bucket": "service",
                "Text": "xService",
            },
        })
    );
}

#[test]
fn stages_and_actions_that_a_condition_removes_leave_no_gap() {
    let text = r"
Parameters: {Wanted: {Type: String}, Approve: {Type: String, Default: 'no'}}
Conditions: {Approves: !Equals [!Ref Approve, 'yes']}
Resources:
  Web:
    Type: AWS::CodePipeline::Pipeline
    Condition: Approves
    Properties:
      Name: web
      Stages:
        - !If [Approves, {Name: Approve}, !Ref 'AWS::NoValue']
        - Name: !Ref Wanted
";
    let found = only(text);
    assert_eq!(found.declaration["stages"], json!([{"name": "Wanted"}]));
    assert_eq!(found.placeholders[0].path, "pipeline.stages[0].name");
    assert_eq!(found.condition, Some(("Approves".to_owned(), false)));
    let given = BTreeMap::from([("Approve".to_owned(), "yes".to_owned())]);
    let found = template(text).pipelines(&given).remove(0);
    assert_eq!(found.declaration["stages"], json!([{"name": "Approve"}, {"name": "Wanted"}]));
    assert_eq!(found.condition, Some(("Approves".to_owned(), true)));
}

#[test]
fn what_is_for_the_stack_is_noted_and_what_is_misspelt_is_kept() {
    let found = only(
        r"
Resources:
  Web:
    Type: AWS::CodePipeline::Pipeline
    Properties:
      RestartExecutionOnUpdate: true
      DisableInboundStageTransitions: [{StageName: Release, Reason: not yet}]
      Tags: [{Key: team, Value: web}]
      Rolearn: misspelt
      Blockers:
",
    );
    assert_eq!(found.declaration, json!({"name": "Web", "rolearn": "misspelt"}));
    assert_eq!(found.tags, BTreeMap::from([("team".to_owned(), "web".to_owned())]));
    check_notes(
        &found.notes,
        &[
            "`pipeline.blockers` is null",
            "`Web` states no `Name`, so its logical id is taken",
            "`RestartExecutionOnUpdate` starts an execution",
            "closes the way into stage `Release` (not yet)",
        ],
    );
}

#[test]
fn what_runs_elsewhere_is_noted_for_the_template() {
    let template = template(
        r"
Transform: [AWS::Serverless-2016-10-31, {Name: 'AWS::Include'}]
Resources:
  Nested: {Type: 'AWS::CloudFormation::Stack'}
  Module: {Type: 'My::Own::Thing::MODULE'}
  Fn::ForEach::Loop: [X, [a], {}]
  Twice: {Type: A, Type: B}
",
    );
    assert_eq!(template.pipelines(&BTreeMap::new()), []);
    check_notes(
        template.notes(),
        &[
            "`Resources.Twice.Type` is stated more than once",
            "the transform `AWS::Serverless-2016-10-31` runs only",
            "the transform `AWS::Include` runs only",
            "`Nested` is a nested stack",
            "`Module` is a module (My::Own::Thing::MODULE)",
            "`Resources.Fn::ForEach::Loop` is not expanded",
        ],
    );
}

#[test]
fn parameters_that_nothing_can_use_are_named() {
    let template = template(
        r"
Parameters: {A: {Type: String}}
Resources:
  R: {Type: 'AWS::S3::Bucket', Properties: {BucketName: !ImportValue shared}}
",
    );
    let given = ["A", "R", "R.Arn", "AWS::Region", "shared", "Misspelt", "X.Arn"]
        .map(|name| (name.to_owned(), String::new()));
    assert_eq!(template.unknown_parameters(&BTreeMap::from(given)), ["Misspelt", "X.Arn"]);
    assert_eq!(template.parameter_names(), ["A"]);
}

#[test]
fn a_pipeline_without_properties_is_noted() {
    let found = only("Resources: {Web: {Type: 'AWS::CodePipeline::Pipeline'}}");
    assert_eq!(found.declaration, json!({"name": "Web"}));
    assert!(found.notes[0].contains("no mapping of `Properties`"), "{:?}", found.notes);
}
