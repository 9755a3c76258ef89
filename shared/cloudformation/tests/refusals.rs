//! What is refused, with its place and the way out, and that no text can cost more than its bounds.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use cloudformation::{Refusal, is_template, read};

fn refusal(text: &str) -> Refusal {
    read(text).expect_err("the text is no template")
}

#[test]
fn a_mistake_in_yaml_is_named_with_its_line_and_column() {
    let refusal = refusal("Resources:\n  A:\n    Type: [x\n  B: y\n");
    let Refusal::Syntax { line, column, message } = &refusal else { panic!("{refusal}") };
    assert_eq!((*line, *column), (4, 4), "{message}");
    assert!(!message.contains("at line 4 column"), "{message}");
}

#[test]
fn a_mistake_in_json_is_named_with_its_line_and_column() {
    let refusal = refusal("{\n  \"Resources\": {\n    \"A\": {},,\n  }\n}");
    assert_eq!(refusal.to_string(), "line 3, column 13: key must be a string");
}

#[test]
fn a_file_that_another_tool_must_render_is_named_as_such() {
    for (text, line, mark) in [
        ("{% if x %}\nResources: {}\n", 1, "{%"),
        ("Resources:\n  {{name}}:\n    Type: x\n  - y\n", 2, "{{"),
        ("Resources:\n  A: !Sub %BUCKET_NAME%\n", 2, "%BUCKET_NAME%"),
    ] {
        assert_eq!(refusal(text), Refusal::Unrendered { line, mark: mark.to_owned() }, "{text}");
    }
    let own = refusal("Resources:\n  A: '{{resolve:ssm:x}}'\n  - y\n");
    assert!(matches!(own, Refusal::Syntax { .. }), "{own}");
}

#[test]
fn a_fragment_and_a_file_without_resources_say_what_is_missing() {
    let fragment = refusal("Web:\n  Type: AWS::CodePipeline::Pipeline\n");
    assert_eq!(fragment, Refusal::Fragment { resource: "Web".to_owned() });
    for text in
        ["", "a", "[]", "name: web\nstages: []\n", "Resources: []", "AWSTemplateFormatVersion: x"]
    {
        assert_eq!(refusal(text), Refusal::WithoutResources, "{text}");
    }
}

#[test]
fn a_template_larger_than_cloudformation_takes_is_refused() {
    let text = format!("Resources: {{}}\n#{}", "x".repeat(1_048_576));
    assert!(matches!(refusal(&text), Refusal::TooLarge { bytes_max: 1_048_576, .. }));
    assert!(!is_template(&text));
}

#[test]
fn a_template_is_told_from_a_declaration() {
    for (text, answer) in [
        ("Resources: {}", true),
        ("\u{feff}{\"Resources\": {}}", true),
        ("AWSTemplateFormatVersion: 2010-09-09", true),
        ("Web: {Type: 'AWS::CodePipeline::Pipeline'}", true),
        ("Type: [AWS::CodePipeline::Pipeline", true),
        ("pipeline: {name: web, stages: []}", false),
        ("{\"pipeline\": {\"name\": \"web\"}}", false),
        ("name: [web", false),
        ("", false),
    ] {
        assert_eq!(is_template(text), answer, "{text}");
    }
}

#[test]
fn a_byte_order_mark_and_tabs_in_json_are_taken() {
    assert!(read("\u{feff}{\n\t\"Resources\": {}\n}").is_ok());
    assert!(read("{Resources: {A: !Ref x}}").is_ok());
}

#[test]
fn values_that_nest_without_end_are_refused() {
    let deep = format!("{{\"Resources\": {}{}}}", "[".repeat(5000), "]".repeat(5000));
    assert!(matches!(refusal(&deep), Refusal::Syntax { .. }));
    let calls =
        format!("Resources: {{A: {}x{}}}", "{'Fn::Base64': ".repeat(5000), "}".repeat(5000));
    assert!(matches!(refusal(&calls), Refusal::Syntax { .. }));
}

#[test]
fn aliases_that_multiply_are_refused() {
    let mut text = "a0: &a0 [x, x]\n".to_owned();
    for level in 1..40 {
        writeln!(text, "a{level}: &a{level} [*a{0}, *a{0}, *a{0}]", level - 1).expect("text grows");
    }
    text.push_str("Resources: {A: *a39}\n");
    assert!(matches!(refusal(&text), Refusal::Syntax { .. }));
}

/// Each name doubles the one before: 60 names would be 2^60 characters.
#[test]
fn names_that_multiply_come_to_an_end_and_say_so() {
    let mut text = "Resources:\n".to_owned();
    for level in 0..60 {
        writeln!(
            text,
            "  B{level}: {{Type: 'AWS::S3::Bucket', Properties: {{BucketName: !Sub '${{B{0}}}${{B{0}}}'}}}}",
            level + 1
        )
        .expect("text grows");
    }
    text.push_str("  Web: {Type: 'AWS::CodePipeline::Pipeline', Properties: {Name: !Ref B0}}\n");
    let found = read(&text).expect("a template").pipelines(&BTreeMap::new()).remove(0);
    assert!(
        found.notes.iter().any(|note| note.contains("asks for more than")),
        "{:?}",
        found.notes
    );
}

#[test]
fn one_long_text_used_often_comes_to_an_end_and_says_so() {
    let text = format!(
        "Parameters: {{P: {{Type: String, Default: {}}}}}\nResources: {{Web: {{Type: 'AWS::CodePipeline::Pipeline', \
         Properties: {{Name: !Sub '{}'}}}}}}\n",
        "x".repeat(400_000),
        "${P}y".repeat(100_000)
    );
    let found = read(&text).expect("a template").pipelines(&BTreeMap::new()).remove(0);
    let name = found.declaration["name"].as_str().expect("a name");
    assert!(name.len() <= 17 * 1_048_576, "{}", name.len());
    assert!(
        found.notes.iter().any(|note| note.contains("asks for more than")),
        "{:?}",
        found.notes
    );
}
