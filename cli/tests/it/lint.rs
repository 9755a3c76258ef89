//! `towpath lint`.

#![expect(clippy::needless_raw_string_hashes, reason = "that is how expectations are written anew")]

use std::fs;
use std::path::{Path, PathBuf};

use expect_test::expect;
use serde_json::json;

use crate::world::{World, action, build, pipeline, stage};

#[test]
fn a_pipeline_in_order_is_said_to_be() {
    let world = World::new("true");
    world.pipeline("web.json", &pipeline("SUPERSEDED", &[build()]));
    let finished = world.towpath("lint web.json").expect(0);
    expect![[r#"
        ✓ web.json
    "#]]
    .assert_eq(&finished.out);
}

#[test]
fn everything_that_is_wrong_is_said_at_once_with_place_rule_and_fix() {
    let world = World::new("true");
    let ship = stage(
        "Ship it",
        &[
            action("Send", "Deploy/AWS/CodeDepoy", &json!({}), &json!({})),
            action("Send", "Deploy/AWS/S3", &json!({ "Bucket": "b" }), &json!({})),
        ],
    );
    world.pipeline("web.json", &pipeline("SUPERSEDED", &[ship]));
    let finished = world.towpath("lint web.json").expect(5);
    expect![[r#"
        ✗ web.json: 7 to mend
          ✗ pipeline.stages[1].name
              'Ship it' is not made of what is allowed here
              rule: contract §1.8: pattern (ValidationException)
              fix:  use letters, digits and . @ - _
          ✗ pipeline.stages[1].actions[0].actionTypeId
              there is no action type Deploy/AWS/CodeDepoy/1
              rule: AWS: the action type exists (contract §1.5) (InvalidActionDeclarationException)
              fix:  use a provider of CodePipeline, or the owner Custom for your own
          ✗ pipeline.stages[1].actions[1].name
              another action of Ship it is called Send
              rule: AWS: action names are unique in the stage (contract §1.4) (InvalidActionDeclarationException)
              fix:  rename one of them
          ✗ pipeline.stages[1].actions[1].inputArtifacts
              S3 takes exactly 1 artifacts, but there are 0
              rule: AWS: artifacts for each provider (contract §1.5) (InvalidActionDeclarationException)
              fix:  add one to inputArtifacts
          ✗ pipeline.stages[1].actions[1].configuration.BucketName
              S3 needs the setting BucketName
              rule: AWS: settings that the provider needs (contract §5) (InvalidActionDeclarationException)
              fix:  add it
          ✗ pipeline.stages[1].actions[1].configuration.Extract
              S3 needs the setting Extract
              rule: AWS: settings that the provider needs (contract §5) (InvalidActionDeclarationException)
              fix:  add it
          ✗ pipeline.stages[1].actions[1].configuration.Bucket
              S3 does not know the setting Bucket
              rule: AWS: settings are those that the provider knows (contract §5) (InvalidActionDeclarationException)
              fix:  remove it; known are BucketName, Extract, ObjectKey, KMSEncryptionKeyARN, CannedACL, CacheControl
    "#]]
    .assert_eq(&finished.out);
    assert_eq!(finished.err, "towpath: one pipeline is refused\n");
    for line in world.towpath("lint web.json --json").expect(5).json() {
        for member in ["file", "severity", "exception", "path", "message", "rule", "fix"] {
            assert!(line[member].is_string(), "{member} is missing in {line}");
        }
    }
}

#[test]
fn a_template_is_linted_with_its_parameters() {
    let world = World::new("true");
    let template = "\
Parameters:
  Branch: { Type: String, Default: main }
Conditions:
  IsLarge: !Equals [!Ref Branch, large]
Resources:
  Pipeline:
    Type: AWS::CodePipeline::Pipeline
    Properties:
      RoleArn: !GetAtt Role.Arn
      ArtifactStore: { Type: S3, Location: !Ref Bucket }
      Stages:
        - Name: Source
          Actions:
            - Name: Commit
              ActionTypeId: { Category: Source, Owner: AWS, Provider: CodeCommit, Version: '1' }
              Configuration: { RepositoryName: app, BranchName: !Ref Branch }
              OutputArtifacts: [{ Name: Code }]
        - Name: Build
          Actions:
            - Name: Compile
              ActionTypeId: { Category: Build, Owner: AWS, Provider: CodeBuild, Version: '1' }
              Configuration: { ProjectName: !If [IsLarge, big, small] }
              InputArtifacts: [{ Name: Code }]
";
    world.write("template.yaml", template);
    let finished = world.towpath("lint template.yaml --parameter Branch=large").expect(0);
    expect![[r#"
        ✓ template.yaml Pipeline
          · `Pipeline` states no `Name`, so its logical id is taken; a stack would make one up
          · pipeline.artifactStore.location: bucket stands for what is not known: nothing in the template is called `Bucket`: declare it, or pass --parameter Bucket=VALUE
          · pipeline.roleArn: arn:aws:iam::000000000000:role/Role-Arn stands for what is not known: the template has no resource `Role`: declare it, or pass --parameter Role.Arn=VALUE
    "#]]
    .assert_eq(&finished.out);
    world.towpath("run template.yaml --repository app=app --data data --once").expect(0);
}

#[test]
fn every_pipeline_of_the_corpus_is_judged() {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/corpus");
    let mut files = Vec::new();
    for folder in ["pipelines-json", "pipelines-cfn"] {
        collect(&corpus.join(folder), &mut files);
    }
    if files.is_empty() {
        println!("passed without looking: there is no corpus at {}", corpus.display());
        return;
    }
    let world = World::new("true");
    for file in files {
        let mut command = world.command("lint");
        command.arg(&file);
        let finished = world.finish(command.spawn().unwrap());
        assert!(matches!(finished.status, Some(0 | 5)), "{}: {finished:?}", file.display());
        assert!(!finished.out.is_empty(), "{}", file.display());
    }
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
    let Ok(entries) = fs::read_dir(folder) else { return };
    for entry in entries {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(&path, files);
        } else {
            files.push(path);
        }
    }
    files.sort();
}
