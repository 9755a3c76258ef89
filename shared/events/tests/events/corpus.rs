//! AWS's documented samples and the rules of published templates, beside our events.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use events::rewrite_source;
use serde_json::{Map, Value, json};

use crate::pattern::matches;
use crate::scenarios;

const PIPELINE: &str = "CodePipeline Pipeline Execution State Change";
const STAGE: &str = "CodePipeline Stage Execution State Change";
const ACTION: &str = "CodePipeline Action Execution State Change";
const ACTION_MEMBERS: [&str; 5] = ["stage", "action", "action-execution-id", "type", "region"];
const PLACES: [&str; 2] = ["name", "s3location"];
const RESULT: [&str; 4] =
    ["external-execution-url", "external-execution-summary", "external-execution-id", "error-code"];

#[test]
fn every_documented_sample_has_only_members_that_ours_have_and_ours_only_those_of_the_contract() {
    let Some(directory) = corpus("events") else { return };
    let ours: Vec<Value> =
        scenarios::every_event().iter().map(|event| parse(&event.to_json_line())).collect();
    for event in &ours {
        assert_within_contract(event);
    }
    let mut compared = 0;
    for path in files(&directory) {
        let Some(sample) = read_json(&path) else { continue };
        let detail_type = sample["detail-type"].as_str().unwrap_or_default();
        if !detail_type.starts_with("CodePipeline ") || !detail_type.ends_with("State Change") {
            continue;
        }
        let is_alike = |event: &&Value| {
            event["detail-type"] == sample["detail-type"]
                && event["detail"]["state"] == sample["detail"]["state"]
        };
        let alike: BTreeSet<String> = ours.iter().filter(is_alike).flat_map(members).collect();
        let is_withdrawn =
            detail_type.contains("Action") && sample["detail"]["state"] == "CANCELED";
        assert!(is_withdrawn || !alike.is_empty(), "{} is never announced", path.display());
        let foreign: Vec<_> = members(&sample).difference(&alike).cloned().collect();
        assert!(is_withdrawn || foreign.is_empty(), "{}: ours lack {foreign:?}", path.display());
        compared += 1;
    }
    assert!(compared > 0, "{} has samples of CodePipeline's events", directory.display());
}

/// The rules of published templates let our events through once their source is changed (E1). The
/// names of other people's pipelines, stages and actions stand for any name.
#[test]
fn rules_of_published_templates_match_after_only_their_source_is_changed() {
    let Some(directory) = corpus("pipelines-cfn") else { return };
    let ours: Vec<Value> =
        scenarios::every_event().iter().map(|event| parse(&event.to_json_line())).collect();
    let mut compared = 0;
    for path in files(&directory) {
        let Some(template) = read_template(&path) else { continue };
        let mut patterns = vec![];
        find_patterns(&template, &mut patterns);
        for mut pattern in patterns {
            open_names(&mut pattern);
            if asks_in_vain(&pattern) {
                continue;
            }
            let count = |pattern: &Value| ours.iter().filter(|e| matches(pattern, e)).count();
            assert_eq!(count(&pattern), 0, "{}: before", path.display());
            let rewritten = rewrite_source(&pattern.to_string()).expect("it names the source");
            let rewritten = parse(&rewritten);
            assert!(count(&rewritten) > 0, "{}: {rewritten}", path.display());
            compared += 1;
        }
    }
    assert!(compared > 0, "{} has rules for CodePipeline's events", directory.display());
}

/// Asserts what contract §4.2–4.4 says of members: those that must be, and no others.
fn assert_within_contract(event: &Value) {
    let detail = &event["detail"];
    let state = detail["state"].as_str().unwrap_or_default();
    let (must, may) = contract(event["detail-type"].as_str().unwrap_or_default(), state);
    let have: BTreeSet<&str> = keys(detail).collect();
    assert!(must.is_subset(&have), "{event} lacks {:?}", must.difference(&have));
    let known: BTreeSet<&str> = must.union(&may).copied().collect();
    assert!(have.is_subset(&known), "{event} has {:?}", have.difference(&known));
    assert_result(state, &detail["execution-result"]);
    for list in ["input-artifacts", "output-artifacts"] {
        for artifact in detail[list].as_array().into_iter().flatten() {
            assert!(keys(artifact).eq(PLACES), "{artifact}");
        }
    }
}

/// Returns the members that a detail must have, and those that it may have besides.
fn contract(detail_type: &str, state: &str) -> (BTreeSet<&'static str>, BTreeSet<&'static str>) {
    let mut must = BTreeSet::from([
        "pipeline",
        "execution-id",
        "start-time",
        "state",
        "version",
        "pipeline-execution-attempt",
    ]);
    let more: (&[_], &[_]) = match (detail_type, state) {
        (PIPELINE, "STARTED") => (&["execution-trigger"], &[]),
        (PIPELINE, "SUCCEEDED" | "FAILED") => (&[], &["execution-trigger"]),
        (PIPELINE, "STOPPING") => (&[], &["stop-execution-comments"]),
        (PIPELINE, _) => (&[], &[]),
        (STAGE, _) => (&["stage"], &["stage-last-retry-attempt-time"]),
        (ACTION, "STARTED") => (&ACTION_MEMBERS, &["input-artifacts"]),
        (ACTION, "SUCCEEDED") => {
            must.insert("execution-result");
            (&ACTION_MEMBERS, &["input-artifacts", "output-artifacts"])
        }
        (ACTION, "FAILED") => {
            must.insert("execution-result");
            (&ACTION_MEMBERS, &["input-artifacts"])
        }
        (ACTION, _) => (&ACTION_MEMBERS, &["execution-result"]),
        (other, _) => panic!("the contract has no {other}"),
    };
    must.extend(more.0);
    (must, more.1.iter().copied().collect())
}

fn assert_result(state: &str, result: &Value) {
    assert!(keys(result).all(|key| RESULT.contains(&key)), "{result}");
    let has_code = result.get("error-code").is_some();
    assert_eq!(has_code, !result.is_null() && state == "FAILED", "{state}: {result}");
}

fn keys(value: &Value) -> impl Iterator<Item = &str> {
    value.as_object().into_iter().flat_map(Map::keys).map(String::as_str)
}

/// Returns the paths of all members of a detail, items of lists taken together.
fn members(event: &Value) -> BTreeSet<String> {
    fn walk(value: &Value, path: &str, into: &mut BTreeSet<String>) {
        match value {
            Value::Object(members) => {
                for (name, value) in members {
                    let path = format!("{path}/{name}");
                    walk(value, &path, into);
                    into.insert(path);
                }
            }
            Value::Array(items) => items.iter().for_each(|item| walk(item, path, into)),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
        }
    }
    let mut paths = BTreeSet::new();
    walk(&event["detail"], "", &mut paths);
    paths
}

/// Collects the patterns of a template that are about CodePipeline's events.
fn find_patterns(value: &Value, into: &mut Vec<Value>) {
    match value {
        Value::Object(members) => {
            for (name, value) in members {
                let is_ours = value["source"].to_string().contains("\"aws.codepipeline\"");
                if name == "EventPattern" && is_ours {
                    into.push(value.clone());
                } else {
                    find_patterns(value, into);
                }
            }
        }
        Value::Array(items) => items.iter().for_each(|item| find_patterns(item, into)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// Whether a rule names a member that AWS's events of its level do not have, so that it lets nothing through
/// on AWS either.
fn asks_in_vain(pattern: &Value) -> bool {
    let states = ["STARTED", "RESUMED", "SUCCEEDED", "FAILED", "STOPPING", "STOPPED", "CANCELED"];
    pattern["detail-type"].as_array().is_some_and(|types| {
        types.iter().filter_map(Value::as_str).filter(|of| of.starts_with("CodePipeline ")).all(
            |detail_type| {
                let sets = states.map(|state| contract(detail_type, state));
                let known = |name| {
                    sets.iter().any(|(must, may)| [must, may].iter().any(|set| set.contains(name)))
                };
                !keys(&pattern["detail"]).all(known)
            },
        )
    })
}

fn open_names(pattern: &mut Value) {
    let any = || json!([{"exists": true}]);
    if pattern.get("resources").is_some() {
        pattern["resources"] = any();
    }
    for name in ["pipeline", "stage", "action"] {
        if pattern["detail"].get(name).is_some() {
            pattern["detail"][name] = any();
        }
    }
}

fn read_template(path: &Path) -> Option<Value> {
    let text = fs::read_to_string(path).ok()?;
    let yaml: serde_yaml_ng::Value = serde_yaml_ng::from_str(&text).ok()?;
    serde_json::to_value(yaml).ok()
}

pub(crate) fn read_json(path: &Path) -> Option<Value> {
    serde_json::from_str(&fs::read_to_string(path).ok()?).ok()
}

fn parse(json: &str) -> Value {
    serde_json::from_str(json).expect("it is JSON")
}

pub(crate) fn files(directory: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(directory).expect("the folder can be read");
    let mut files: Vec<_> =
        entries.map(|entry| entry.expect("the entry can be read").path()).collect();
    files.sort();
    files
}

/// Returns a folder of the corpus, or says why the test passes without it.
pub(crate) fn corpus(name: &str) -> Option<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/corpus").join(name);
    if root.is_dir() {
        return Some(root);
    }
    #[expect(clippy::print_stdout, reason = "whoever runs the test wants to know")]
    {
        println!("passed without looking: {} is not here", root.display());
    }
    None
}
