//! Declarations that people published: each is read, and accepted or refused for a reason that was
//! reviewed by hand.
//!
//! The files are not part of the project; where they are absent, there is nothing to show.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use model::declaration::{Declaration, Format, Reading, examine, read};
use model::pipeline::Pipeline;
use model::validation::{lint_text, validate};
use model::violation::{ErrorClass, Violation};
use serde_json::{Value, json};

/// What a person says of a file: the class that refuses it, and for each violation where it is and
/// a word of its rule.
type Verdict = Option<(ErrorClass, &'static [(&'static str, &'static str)])>;

const ACCEPTED: Verdict = None;

/// The reviewed verdicts, by the beginning of the file's name.
const REVIEWED: &[(&str, Verdict)] = &[
    // A list stands where AWS has a map from Region to store.
    (
        "AbhishekSharmaIE__DevopsEcommerceapp",
        Some((ErrorClass::Shape, &[("pipeline.artifactStores", "types")])),
    ),
    ("DEVESH7k__devesh-portfolio", ACCEPTED),
    ("Mukesh881__aws-rag-application", ACCEPTED),
    ("NickBorgers__BeanstalkGoStack", ACCEPTED),
    // The account of the role has ten digits instead of twelve.
    ("NicoStrauss__BeanstalkDemo", Some((ErrorClass::Shape, &[("pipeline.roleArn", "pattern")]))),
    // Another call's input stands beside the pipeline.
    (
        "Quaolo__cinema-microservice-cloud",
        Some((ErrorClass::UnknownField, &[("buildProject", "API model")])),
    ),
    ("Renvel19__blacklists", ACCEPTED),
    ("UdeeshaJayendra__secure-cicd-webapp", ACCEPTED),
    ("aws-samples__aws-codepipeline-stepfunctions", ACCEPTED),
    ("aws__aws-cli__awscli__examples__codepipeline__create-pipeline", ACCEPTED),
    ("aws__aws-cli__awscli__examples__codepipeline__get-pipeline", ACCEPTED),
    ("aws__aws-cli__awscli__examples__codepipeline__update-pipeline.rst.block1", ACCEPTED),
    // The members of another protocol's dump are not members of the API.
    (
        "aws__aws-cli__awscli__examples__codepipeline__update-pipeline.rst.block2",
        Some((
            ErrorClass::UnknownField,
            &[
                ("pipeline.stages[0].actions[0].actionTypeId.__type", "API model"),
                ("pipeline.stages[1].actions[0].actionTypeId.__type", "API model"),
            ],
        )),
    ),
    // Placeholders in angle brackets that the reader is to replace.
    (
        "awsdocs__aws-codebuild-user-guide__doc_source__how-to-create-pipeline-cli",
        Some((
            ErrorClass::Shape,
            &[
                ("pipeline.name", "pattern"),
                ("pipeline.roleArn", "pattern"),
                ("pipeline.artifactStore.location", "pattern"),
            ],
        )),
    ),
    // The word "ARN" stands in the place of one.
    (
        "awsdocs__aws-codepipeline-user-guide__doc_source__actions-create-cross-region",
        Some((ErrorClass::Shape, &[("pipeline.roleArn", "pattern")])),
    ),
    // The account of the role is a word, followed by two colons.
    (
        "awsdocs__aws-codepipeline-user-guide__doc_source__pipelines-create",
        Some((ErrorClass::Shape, &[("pipeline.roleArn", "pattern")])),
    ),
    ("codelabsab__timereport-react", ACCEPTED),
    ("jeevanantham2205__Brain-Tasks-App", ACCEPTED),
    ("maheshcg853__kir0-pythonproject", ACCEPTED),
    ("ngtrhieu__api-express-lambda-boiterplate", ACCEPTED),
    ("nithish-95__tic-tac-toe", ACCEPTED),
    ("quaquazzzzzz__world_app", ACCEPTED),
    ("rajeesh-iinerds__sf-stage", ACCEPTED),
    // There is no store; the actions' missing artifacts are of a later class.
    (
        "ramanjulreddykotlo__aws-devops-project",
        Some((ErrorClass::Structure, &[("pipeline.artifactStore", "exactly one")])),
    ),
    ("rengjo__Continuous-Deployment-mit-AWS-CodePipeline", ACCEPTED),
    ("saddam-azad__vitepress", ACCEPTED),
    // A template whose placeholders in percent signs a script replaces.
    ("seroche__payment-gateway-api", Some((ErrorClass::Shape, &[("pipeline.name", "pattern")]))),
    ("uwakweobed89-png__CLOUD-OPS-project", ACCEPTED),
    ("voturi__study-guide-project", ACCEPTED),
];

#[test]
fn every_declaration_is_judged_as_a_person_judged_it() {
    for (name, text) in files("pipelines-json", "json") {
        let verdict = judge(&text);
        let found: Option<(ErrorClass, Vec<(&str, &str)>)> = verdict.as_ref().map(|violations| {
            let places = violations.iter().map(|found| (found.path.as_str(), found.rule));
            (violations[0].class, places.collect())
        });
        match REVIEWED.iter().find(|(beginning, _)| name.starts_with(beginning)) {
            Some((_, None)) => assert_eq!(found, None, "{name}"),
            Some((_, Some((class, expected)))) => {
                let (found_class, found) = found.unwrap_or_else(|| panic!("{name} is accepted"));
                assert_eq!(
                    (found_class, found.len()),
                    (*class, expected.len()),
                    "{name}: {found:?}"
                );
                for ((path, rule), (expected_path, word)) in found.iter().zip(*expected) {
                    assert_eq!(path, expected_path, "{name}");
                    assert!(rule.contains(word), "{name}: {rule} does not speak of {word}");
                }
            }
            None => println!("{name} is not reviewed yet: {found:?}"),
        }
        for violation in lint_text(&text, Format::Json).0 {
            assert!(!violation.path.is_empty() && !violation.fix.is_empty(), "{name}: {violation}");
        }
    }
}

#[test]
fn every_declaration_survives_the_round_trip() {
    for (name, text) in files("pipelines-json", "json") {
        let Ok((declaration, _)) = read(&text, Format::Json) else { continue };
        let before: Value = serde_json::from_str(&text).expect("it was read");
        let before = before.get("pipeline").unwrap_or(&before);
        let after = serde_json::to_value(&declaration).expect("plain values");
        assert_eq!(&after, before, "{name}");
        let yaml = serde_yaml_ng::to_string(&after).expect("it can be YAML");
        let (again, _) = read(&yaml, Format::Yaml).expect("YAML says the same");
        assert_eq!(again, declaration, "{name}");
        if validate(&declaration).is_ok() {
            assert!(Pipeline::from_declaration_json(&after.to_string()).is_ok(), "{name}");
        }
    }
}

#[test]
fn members_are_those_that_the_sdk_takes() {
    // The SDK's own validator looks at members and types only: patterns, words and what lies behind
    // them are the service's. So it must agree with reading, not with validation.
    let oracle = corpus().join("oracle/botocore-createpipeline.csv");
    let Ok(oracle) = std::fs::read_to_string(&oracle) else {
        println!("{} is absent: nothing to compare", oracle.display());
        return;
    };
    let verdicts: BTreeMap<&str, bool> = oracle
        .lines()
        .skip(1)
        .filter_map(|line| {
            let mut columns = line.split(',').skip(1);
            Some((columns.next()?, columns.nth(1)? == "1"))
        })
        .collect();
    for (name, text) in files("pipelines-json", "json") {
        let Some(is_valid) = verdicts.get(name.as_str()) else { continue };
        let reading = read(&text, Format::Json);
        assert_eq!(reading.is_ok(), *is_valid, "{name}: {reading:?}");
    }
}

#[test]
fn what_is_not_json_is_refused_where_it_goes_wrong() {
    for (name, text) in files("extras/json-invalid", "json") {
        let violations = judge(&text).unwrap_or_else(|| panic!("{name} is accepted"));
        assert_eq!(violations[0].class, ErrorClass::Syntax, "{name}");
        assert!(violations[0].path.starts_with("line "), "{name}");
    }
}

#[test]
fn conditions_of_the_guide_are_accepted_in_a_pipeline() {
    for (name, text) in files("extras/v2-fragments", "json") {
        let fragment: Value = serde_json::from_str(&text).expect("the fragments are JSON");
        if fragment.get("pipeline").is_some() {
            continue;
        }
        let declaration = around(&fragment);
        if let Err(refusal) = validate(&declaration) {
            panic!("{name}: {refusal}");
        }
    }
}

#[test]
fn triggers_of_the_guide_are_refused_for_their_slips() {
    // They write `provider` for `providerType`, mix tags with branches, and show half a source.
    for (name, text) in files("extras/v2-fragments", "json") {
        if !name.starts_with("pipelines-filter") {
            continue;
        }
        let violations = judge(&text).unwrap_or_else(|| panic!("{name} is accepted"));
        assert_eq!(violations[0].class, ErrorClass::UnknownField);
        assert_eq!(violations[0].path, "pipeline.triggers[0].provider");
        let paths: Vec<String> =
            lint_text(&text, Format::Json).0.into_iter().map(|found| found.path).collect();
        for missing in ["pipeline.roleArn", "pipeline.triggers[0].providerType"] {
            assert!(paths.iter().any(|path| path == missing), "{paths:?}");
        }

        let fragment: Value = serde_json::from_str(&text).expect("the fragments are JSON");
        let mut trigger = fragment["pipeline"]["triggers"][0].clone();
        trigger["providerType"] = json!("CodeStarSourceConnection");
        let mut declaration = around(&json!({}));
        declaration.stages[0].actions[0].name = "ApplicationSource".to_owned();
        declaration.triggers =
            Some(serde_json::from_value(json!([trigger])).expect("it has the members"));
        let refusal = validate(&declaration).expect_err("tags stand beside branches");
        assert_eq!(refusal.error, ErrorClass::Structure);
        assert_eq!(
            refusal.violations[0].path,
            "pipeline.triggers[0].gitConfiguration.push[0].tags"
        );
        assert_eq!(refusal.violations.len(), 1);
    }
}

/// Puts a stage, or the conditions of one, into a pipeline that has what they refer to.
fn around(fragment: &Value) -> Declaration {
    let mut stage = json!({
        "name": "Deploy",
        "actions": [{
            "name": "Ask",
            "actionTypeId":
                {"category": "Approval", "owner": "AWS", "provider": "Manual", "version": "1"},
        }],
    });
    for (name, member) in fragment.as_object().into_iter().flatten() {
        stage[name] = member.clone();
    }
    let pipeline = json!({
        "name": "guide",
        "roleArn": "arn:aws:iam::111122223333:role/pipeline",
        "pipelineType": "V2",
        "artifactStore": {"type": "S3", "location": "bucket"},
        "stages": [
            {"name": "Source", "actions": [{
                "name": "Source",
                "actionTypeId": {
                    "category": "Source", "owner": "AWS",
                    "provider": "CodeStarSourceConnection", "version": "1",
                },
                "configuration":
                    {"ConnectionArn": "arn", "FullRepositoryId": "a/b", "BranchName": "main"},
                "outputArtifacts": [{"name": "SourceArtifact"}],
                "namespace": "SourceVariables",
            }]},
            stage,
        ],
    });
    read(&pipeline.to_string(), Format::Json).unwrap_or_else(|found| panic!("{found:?}")).0
}

/// Returns the violations of the first failing class, as a user meets them.
fn judge(text: &str) -> Option<Vec<Violation>> {
    let Reading { declaration, violations, .. } = examine(text, Format::Json);
    let first = violations.iter().map(|violation| violation.class).min();
    if let Some(class) = first {
        return Some(violations.into_iter().filter(|found| found.class == class).collect());
    }
    validate(&declaration?).err().map(|refusal| refusal.violations)
}

fn corpus() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/corpus")
}

/// Returns the names and texts of the files of a folder; none, if it is absent.
#[expect(clippy::print_stdout, reason = "a test that has nothing to show says why")]
fn files(folder: &str, extension: &str) -> Vec<(String, String)> {
    let folder = corpus().join(folder);
    let Ok(entries) = std::fs::read_dir(&folder) else {
        println!("{} is absent: nothing to read", folder.display());
        return Vec::new();
    };
    let mut files: Vec<(String, String)> = entries
        .filter_map(Result::ok)
        .filter(|entry| entry.path().extension().is_some_and(|found| found == extension))
        .map(|entry| {
            let text = std::fs::read_to_string(entry.path()).expect("the corpus is text");
            (entry.file_name().to_string_lossy().into_owned(), text)
        })
        .collect();
    files.sort();
    files
}
