//! Each function in its short and in its long form, in a pipeline's configuration.

use std::collections::BTreeMap;

use cloudformation::{FoundPipeline, read};
use serde_json::Value;

/// What the expressions below refer to.
const SURROUNDINGS: &str = r"
AWSTemplateFormatVersion: '2010-09-09'
Parameters:
  Branch: {Type: String, Default: main}
  Count: {Type: Number, Default: 3}
  Names: {Type: CommaDelimitedList, Default: 'a, b,c'}
  Wanted: {Type: String}
  Choice: {Type: String, AllowedValues: [red, green]}
  Image: {Type: 'AWS::SSM::Parameter::Value<String>', Default: /images/latest}
  Empty: {Type: String, Default: ''}
Mappings:
  Sizes:
    main: {cpu: 256, zones: [x, y]}
    111122223333: {cpu: 512}
Conditions:
  IsMain: !Equals [!Ref Branch, main]
  IsOther: !Not [!Condition IsMain]
  Both: !And [!Condition IsMain, !Condition IsOther]
  Either: {'Fn::Or': [{Condition: IsMain}, {Condition: IsOther}]}
  Circle: !Not [!Condition Circle]
  OnWanted: !Equals [!Ref Wanted, '']
Resources:
  Bucket: {Type: 'AWS::S3::Bucket'}
  NamedBucket: {Type: 'AWS::S3::Bucket', Properties: {BucketName: !Sub '${Branch}-files'}}
  Role: {Type: 'AWS::IAM::Role'}
  NamedRole: {Type: 'AWS::IAM::Role', Properties: {RoleName: deployer}}
  Repository: {Type: 'AWS::CodeCommit::Repository', Properties: {RepositoryName: web}}
  Topic: {Type: 'AWS::SNS::Topic'}
  Nested: {Type: 'AWS::CloudFormation::Stack'}
  Self: {Type: 'AWS::CodeBuild::Project', Properties: {Name: !Sub 'x-${Self}'}}
  Pipeline:
    Type: AWS::CodePipeline::Pipeline
    Properties:
      Name: web
      Stages:
        - Name: Source
          Actions:
            - Name: Source
              Configuration:
                Value: ";

fn resolve(expression: &str, given: &[(&str, &str)]) -> FoundPipeline {
    let text = format!("{SURROUNDINGS}{expression}\n");
    let given: BTreeMap<String, String> =
        given.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    let template = read(&text).unwrap_or_else(|refusal| panic!("{expression}: {refusal}"));
    template.pipelines(&given).remove(0)
}

fn value(found: &FoundPipeline) -> &Value {
    &found.declaration["stages"][0]["actions"][0]["configuration"]["Value"]
}

/// Checks that each expression has this value, and that nothing had to stand in for it.
fn check(cases: &[(&str, &str)]) {
    for (expression, expected) in cases {
        let found = resolve(expression, &[]);
        assert_eq!(value(&found), *expected, "{expression}");
        assert_eq!(found.placeholders, [], "{expression}");
    }
}

#[test]
fn ref_answers_parameters_and_names_that_resources_state() {
    check(&[
        ("!Ref Branch", "main"),
        ("{Ref: Branch}", "main"),
        ("{'Fn::Ref': Branch}", "main"),
        ("!Ref Count", "3"),
        ("!Ref Empty", ""),
        ("!Ref Names", r#"["a","b","c"]"#),
        ("!Ref NamedBucket", "main-files"),
        ("!Ref NamedRole", "deployer"),
        ("!Ref Repository", "web"),
        ("!Ref AWS::Region", "us-east-1"),
        ("!Ref AWS::Partition", "aws"),
        ("!Ref AWS::URLSuffix", "amazonaws.com"),
    ]);
}

#[test]
fn get_att_answers_names_and_arns() {
    check(&[
        ("!GetAtt Repository.Name", "web"),
        ("!GetAtt [Repository, Name]", "web"),
        ("{'Fn::GetAtt': [Repository, Name]}", "web"),
        ("{'Fn::GetAtt': Repository.Name}", "web"),
        ("!GetAtt NamedBucket.Arn", "arn:aws:s3:::main-files"),
    ]);
}

#[test]
fn sub_replaces_variables_attributes_and_its_own_names() {
    check(&[
        ("!Sub '${Branch}-${Repository.Name}-${!Kept}-$x'", "main-web-${Kept}-$x"),
        ("{'Fn::Sub': 'on ${Branch}'}", "on main"),
        ("!Sub ['${A}/${Branch}', {A: !Ref NamedBucket}]", "main-files/main"),
        ("{'Fn::Sub': ['${Branch}', {Branch: own}]}", "own"),
        ("!Sub '#{SourceVariables.CommitId}'", "#{SourceVariables.CommitId}"),
        (
            "!Sub '{{resolve:secretsmanager:${Branch}:SecretString}}'",
            "{{resolve:secretsmanager:main:SecretString}}",
        ),
    ]);
}

#[test]
fn lists_are_joined_split_selected_and_counted() {
    check(&[
        ("!Join ['-', [a, !Ref Branch, 3]]", "a-main-3"),
        ("{'Fn::Join': ['', [a, {Ref: 'AWS::NoValue'}, b]]}", "ab"),
        ("!Join ['/', !Ref Names]", "a/b/c"),
        ("!Join [',', !Split ['-', a-b]]", "a,b"),
        ("{'Fn::Split': ['/', 'owner/name']}", r#"["owner","name"]"#),
        ("!Select [1, !Split ['/', 'owner/name']]", "name"),
        ("{'Fn::Select': ['2', {Ref: Names}]}", "c"),
        ("!Select [0, [!Ref Branch, !Ref Wanted]]", "main"),
        ("{'Fn::Length': {Ref: Names}}", "3"),
    ]);
}

#[test]
fn maps_encodings_and_json_are_computed() {
    check(&[
        ("!FindInMap [Sizes, !Ref Branch, cpu]", "256"),
        ("{'Fn::FindInMap': [Sizes, '111122223333', cpu]}", "512"),
        ("!FindInMap [Sizes, main, zones]", r#"["x","y"]"#),
        ("!FindInMap [Sizes, none, cpu, {DefaultValue: 128}]", "128"),
        ("!Base64 hello", "aGVsbG8="),
        ("{'Fn::Base64': {Ref: Branch}}", "bWFpbg=="),
        ("!ToJsonString {Key: !Ref Branch, List: [1, true]}", r#"{"Key":"main","List":[1,true]}"#),
        ("{Nested: {RoleArn: [1, two]}}", r#"{"Nested":{"RoleArn":[1,"two"]}}"#),
        ("true", "true"),
        ("1.50", "1.5"),
    ]);
}

#[test]
fn conditions_choose_and_no_value_removes() {
    check(&[
        ("!If [IsMain, yes-it-is, !Ref Wanted]", "yes-it-is"),
        ("{'Fn::If': [IsOther, a, b]}", "b"),
        ("!If [Both, a, b]", "b"),
        ("!If [Either, a, b]", "a"),
        ("!If [!Equals [a, a], a, b]", "a"),
        ("!Equals [!Ref Branch, main]", "true"),
        ("[a, !If [IsMain, !Ref AWS::NoValue, b], c]", r#"["a","c"]"#),
    ]);
    let removed = resolve("!If [IsOther, a, !Ref AWS::NoValue]", &[]);
    assert!(value(&removed).is_null());
    assert_eq!(removed.placeholders, []);
}

#[test]
fn what_is_not_known_is_a_placeholder_with_its_reason_and_its_parameter() {
    for (expression, text, hint) in [
        ("!Ref Wanted", "Wanted", "--parameter Wanted=VALUE"),
        ("!Ref Choice", "red", "--parameter Choice=VALUE"),
        ("!Ref Image", "Image", "(`/images/latest`) at deployment: pass --parameter Image=VALUE"),
        ("!Ref Bucket", "bucket", "`Bucket` (AWS::S3::Bucket) exists only once"),
        ("!Ref Topic", "arn:aws:sns:us-east-1:000000000000:Topic", "--parameter Topic=VALUE"),
        ("!Ref Nothing", "Nothing", "nothing in the template is called `Nothing`"),
        ("!GetAtt Role.Arn", "arn:aws:iam::000000000000:role/Role", "--parameter Role.Arn=VALUE"),
        (
            "!GetAtt Nested.Outputs.Url",
            "Nested-Outputs-Url",
            "--parameter Nested.Outputs.Url=VALUE",
        ),
        ("!GetAtt Nothing.Arn", "Nothing-Arn", "the template has no resource `Nothing`"),
        ("!Ref AWS::AccountId", "000000000000", "--parameter AWS::AccountId=VALUE"),
        ("!Ref AWS::StackName", "stack", "--parameter AWS::StackName=VALUE"),
        ("!Ref AWS::Nonsense", "Nonsense", "is not a pseudo parameter"),
        (
            "!ImportValue net-vpc",
            "net-vpc",
            "exported by another stack: pass --parameter net-vpc=VALUE",
        ),
        ("{'Fn::ImportValue': !Sub '${AWS::StackName}-x'}", "stack-x", "--parameter stack-x=VALUE"),
        (
            "!Select [1, !Split ['/', !Ref Wanted]]",
            "Wanted-1",
            "finds no element 1: parameter `Wanted`",
        ),
        ("!Select [9, [a]]", "element-9", "the list is shorter"),
        (
            "!FindInMap [Sizes, none, cpu]",
            "Sizes-none-cpu",
            "mapping `Sizes` has no `none` with `cpu`",
        ),
        ("!Cidr [10.0.0.0/16, 4]", "cidr", "address ranges"),
        ("!Transform {Name: 'AWS::Include'}", "AWS--Include", "the macro `AWS::Include` runs only"),
        ("!Nonsense x", "Nonsense", "`Fn::Nonsense` is no function"),
    ] {
        let found = resolve(expression, &[]);
        assert_eq!(value(&found), text, "{expression}");
        let [placeholder] = found.placeholders.as_slice() else {
            panic!("{expression}: {:?}", found.placeholders)
        };
        assert_eq!(placeholder.path, "pipeline.stages[0].actions[0].configuration.Value");
        assert_eq!(placeholder.text, text, "{expression}");
        assert!(placeholder.reason.contains(hint), "{expression}: {}", placeholder.reason);
    }
    let part = resolve("!Select [2, !Split ['/', !Ref AWS::StackId]]", &[]);
    assert_eq!(part.placeholders[0].text, "00000000-0000-0000-0000-000000000000");
    let apart = resolve("!Select [0, !Split ['/', !Sub 'known/${Wanted}']]", &[]);
    assert_eq!((value(&apart), apart.placeholders.len()), (&Value::from("known"), 0));
    let zones = resolve("!Select [0, !GetAZs '']", &[]);
    assert_eq!(value(&zones), "us-east-1a");
    assert!(zones.placeholders[0].reason.contains("zones"));
}

#[test]
fn an_arn_stays_legal_though_its_parts_are_not_known() {
    for expression in [
        "!Sub 'arn:aws:iam::${Wanted}:role/${Branch}'",
        "!Join [':', [arn, aws, iam, '', !Ref Wanted, !Sub 'role/${Branch}']]",
        "!Join ['', ['arn:aws:iam::', !Ref Wanted, ':role/', !Ref Branch]]",
    ] {
        let found = resolve(expression, &[]);
        assert_eq!(value(&found), "arn:aws:iam::000000000000:role/main", "{expression}");
        assert_eq!(found.placeholders[0].text, "000000000000", "{expression}");
    }
    let found = resolve("!Sub 'arn:aws:sns:${Wanted}:111122223333:${Wanted}'", &[]);
    assert_eq!(value(&found), "arn:aws:sns:us-east-1:111122223333:Wanted");
}

#[test]
fn every_reference_can_be_given() {
    for (expression, name, given) in [
        ("!Ref Wanted", "Wanted", "x"),
        ("!Ref Branch", "Branch", "x"),
        ("!Ref Image", "Image", "x"),
        ("!Ref Bucket", "Bucket", "x"),
        ("!GetAtt Role.Arn", "Role.Arn", "x"),
        ("!Sub '${Role.Arn}'", "Role.Arn", "x"),
        ("!ImportValue net-vpc", "net-vpc", "x"),
        ("!Ref AWS::AccountId", "AWS::AccountId", "x"),
        ("!Ref Names", "Names", "x"),
    ] {
        let found = resolve(expression, &[(name, given)]);
        let expected = if name == "Names" { r#"["x"]"# } else { given };
        assert_eq!(value(&found), expected, "{expression}");
        assert_eq!(found.placeholders, [], "{expression}");
    }
    let china =
        resolve("!Sub '${AWS::Partition} ${AWS::URLSuffix}'", &[("AWS::Region", "cn-north-1")]);
    assert_eq!(value(&china), "aws-cn amazonaws.com.cn");
}

#[test]
fn a_value_that_a_parameter_does_not_allow_is_noted() {
    let found = resolve("!Ref Choice", &[("Choice", "blue")]);
    assert_eq!(value(&found), "blue");
    assert!(found.notes[0].contains("allows only red, green"), "{:?}", found.notes);
}

#[test]
fn a_call_that_a_function_does_not_take_is_named() {
    for expression in [
        "!Ref [a]",
        "!GetAtt Role",
        "!GetAtt [Role]",
        "!Sub [1]",
        "!Join [a]",
        "!Split ['', text]",
        "!Split [a]",
        "!Select [x, [a]]",
        "!FindInMap [Sizes]",
        "!If [IsMain]",
        "{'Fn::Length': 3}",
    ] {
        let found = resolve(expression, &[]);
        let [placeholder] = found.placeholders.as_slice() else { panic!("{expression}") };
        assert!(placeholder.reason.ends_with(": correct the call"), "{}", placeholder.reason);
    }
}

#[test]
fn circles_end_and_are_noted() {
    let condition = resolve("!If [Circle, a, b]", &[]);
    assert!(condition.notes[0].contains("condition `Circle` rests on itself"));
    let name = resolve("!Ref Self", &[]);
    assert_eq!(value(&name), "x-Self");
    assert!(name.notes[0].contains("the name of `Self` rests on itself"));
}

#[test]
fn a_condition_says_what_it_was_decided_with() {
    let found = resolve("!If [OnWanted, a, b]", &[]);
    assert_eq!(value(&found), "b");
    assert_eq!(found.placeholders, []);
    let [note] = found.notes.as_slice() else { panic!("{:?}", found.notes) };
    assert!(note.contains("`OnWanted` was decided as false with `Wanted`"), "{note}");
    assert!(note.contains("--parameter Wanted=VALUE"), "{note}");
    let missing = resolve("!If [Missing, a, b]", &[]);
    assert!(missing.notes[0].contains("`Missing` is not declared under `Conditions`"));
}

#[test]
fn functions_that_do_not_stand_alone_are_noted() {
    let found = resolve("{'Fn::Join': ['', [a]], Other: b}", &[]);
    assert_eq!(value(&found), r#"{"Other":"b"}"#);
    assert!(found.notes[0].contains("stands beside other keys"));
    let found = resolve("{'Fn::ForEach::Loop': [X, [a], {}], Other: b}", &[]);
    assert!(found.notes[0].contains("runs only at deployment"));
}
