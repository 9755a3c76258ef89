//! Real templates: each is read, and has as many pipelines, stages and actions as its index says.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use cloudformation::{FoundPipeline, Refusal, is_template, read};
use model::declaration;
use serde_json::Value;

/// Files whose counts differ from the index, which counts both branches of each `Fn::If` (and the
/// removed ones as stages); reviewed: with the defaults of their parameters these pipelines, stages
/// and actions remain.
const CHOSEN_BY_CONDITIONS: [(&str, [usize; 3]); 8] = [
    // One source action of two, by `RepositoryProvider`.
    ("aws-cloudformation-templates__codestar__python-webservice-lambda__template.yml", [1, 3, 4]),
    ("community__codestar__python-webservice-lambda__template.yml", [1, 3, 4]),
    // One of two actions, by the Region.
    ("cfn-lint__test__fixtures__templates__good__resources_codepipeline.yaml", [1, 3, 3]),
    // No approval stage by default; the index counts it and its absence.
    ("customizations-for-aws-control-tower.template", [1, 5, 5]),
    // No notifications and no Runscope or Ghost Inspector tests by default.
    ("handel-app-pipeline.yml", [1, 5, 11]),
    // One source of three, by `PipelineSource`.
    ("labs__iot__pipeline.yaml", [1, 2, 2]),
    // All stages stay; the index counts their absence besides.
    ("mu__templates__assets__cloudformation__pipeline.yml", [1, 4, 8]),
    ("mu__templates__assets__pipeline.yml", [1, 4, 8]),
];

#[test]
fn every_template_has_as_many_stages_and_actions_as_its_index_says() {
    let Some(folder) = corpus("pipelines-cfn") else { return };
    for (file, indexed) in index(&folder) {
        let found = found_in(&folder.join(&file));
        let counted = [found.len(), stages_of(&found).count(), actions_of(&found).count()];
        let reviewed = CHOSEN_BY_CONDITIONS.iter().find(|(end, _)| file.ends_with(end));
        let expected = reviewed.map_or(indexed, |(_, remaining)| *remaining);
        assert_eq!(counted, expected, "pipelines, stages and actions of {file}");
    }
}

/// Templates whose declaration does not have the API's shape, with the part of the template that is
/// to blame.
const MISSHAPEN: [(&str, &str); 1] = [
    // `Name` is null, with an `Fn::Join` beside it instead of in it.
    ("python-webservice-lambda__github-template.json", "Artifacts[0].name: is missing"),
];

#[test]
fn every_declaration_is_one_that_the_model_reads() {
    let Some(folder) = corpus("pipelines-cfn") else { return };
    let mut refused = Vec::new();
    for (file, _) in index(&folder) {
        for pipeline in found_in(&folder.join(&file)) {
            let text = pipeline.declaration.to_string();
            if let Err(violations) = declaration::read(&text, declaration::Format::Json) {
                for violation in violations {
                    let said = format!("{}: {}", violation.path, violation.message);
                    if !MISSHAPEN
                        .iter()
                        .any(|(end, path)| file.ends_with(end) && said.contains(path))
                    {
                        refused.push(format!("{file}: {said}"));
                    }
                }
            }
        }
    }
    assert!(refused.is_empty(), "{}", refused.join("\n"));
}

#[test]
fn every_placeholder_shows_in_the_declaration() {
    let Some(folder) = corpus("pipelines-cfn") else { return };
    for (file, _) in index(&folder) {
        for pipeline in found_in(&folder.join(&file)) {
            for placeholder in &pipeline.placeholders {
                let path = placeholder.path.trim_start_matches("pipeline").replace('[', ".");
                let pointer = path.replace(']', "").replace('.', "/");
                let value =
                    pipeline.declaration.pointer(&pointer).unwrap_or(&Value::Null).to_string();
                assert!(value.contains(&placeholder.text), "{file}: {placeholder:?} in {value}");
            }
        }
    }
}

#[test]
fn fragments_and_files_for_other_tools_are_refused_for_the_true_reason() {
    let reason = |path: &Path| {
        let text = fs::read_to_string(path).expect("a file of the corpus is text");
        assert!(is_template(&text), "{}", path.display());
        read(&text).expect_err("it is no template yet")
    };
    for path in files("extras/cfn-fragment") {
        assert!(matches!(reason(&path), Refusal::Fragment { .. }), "{}", path.display());
    }
    for path in files("extras/cfn-templated") {
        let refusal = reason(&path);
        let is_true = matches!(refusal, Refusal::Unrendered { .. } | Refusal::Syntax { .. });
        assert!(is_true, "{}: {refusal}", path.display());
    }
}

#[test]
fn a_template_cut_anywhere_is_read_or_refused_and_never_a_panic() {
    const CUTS: usize = 12;
    for path in files("pipelines-cfn") {
        let text = fs::read_to_string(&path).expect("a file of the corpus is text");
        for cut in 1..CUTS {
            let at = text.floor_char_boundary(text.len() * cut / CUTS);
            if let Ok(template) = read(&text[..at]) {
                template.pipelines(&BTreeMap::new());
            }
        }
    }
}

/// Returns the index's files with their pipelines, stages and actions.
fn index(folder: &Path) -> Vec<(String, [usize; 3])> {
    let index = fs::read_to_string(folder.join("index.csv")).expect("the corpus has an index");
    let mut rows = index.lines().map(columns);
    let header = rows.next().expect("the index has a header");
    let column = |name: &str| header.iter().position(|each| each == name).expect("a column");
    let file = column("file");
    let counts = ["pipelines", "stages", "actions"].map(column);
    rows.map(|row| (row[file].clone(), counts.map(|at| row[at].parse().expect("a count"))))
        .collect()
}

fn found_in(path: &Path) -> Vec<FoundPipeline> {
    let text = fs::read_to_string(path).expect("the index names files");
    assert!(is_template(&text), "{}", path.display());
    match read(&text) {
        Ok(template) => template.pipelines(&BTreeMap::new()),
        Err(refusal) => panic!("{}: {refusal}", path.display()),
    }
}

fn files(folder: &str) -> Vec<PathBuf> {
    let Some(folder) = corpus(folder) else { return Vec::new() };
    let entries = fs::read_dir(folder).expect("the folder opens");
    entries.map(|entry| entry.expect("an entry").path()).collect()
}

fn stages_of(found: &[FoundPipeline]) -> impl Iterator<Item = &Value> {
    found.iter().flat_map(|pipeline| list(&pipeline.declaration, "stages"))
}

fn actions_of(found: &[FoundPipeline]) -> impl Iterator<Item = &Value> {
    stages_of(found).flat_map(|stage| list(stage, "actions"))
}

fn list<'a>(value: &'a Value, member: &str) -> &'a [Value] {
    value.get(member).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

/// Finds a folder of the corpus, which stands beside the project where there is one.
#[expect(clippy::print_stdout, reason = "a test that checks nothing must say so")]
fn corpus(folder: &str) -> Option<PathBuf> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/corpus").join(folder);
    if path.is_dir() {
        return Some(path);
    }
    println!("skipped: there is no corpus at {}", path.display());
    None
}

/// Cuts a line of the index, where a field with commas stands in quotes.
fn columns(line: &str) -> Vec<String> {
    let mut fields = vec![String::new()];
    let mut is_quoted = false;
    for character in line.chars() {
        match character {
            '"' => is_quoted = !is_quoted,
            ',' if !is_quoted => fields.push(String::new()),
            other => fields.last_mut().expect("there is a first field").push(other),
        }
    }
    fields
}
