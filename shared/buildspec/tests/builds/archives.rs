use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use artifacts::archive::{Limits, unpack};
use buildspec::FailureKind;

use crate::workplace::Workplace;

/// Returns the files of an archive and their content; a link shows its target.
fn content(archive: &Path) -> BTreeMap<String, String> {
    let directory = tempfile::tempdir().unwrap();
    let into = directory.path().join("into");
    unpack(archive, &into, &Limits::default()).unwrap();
    let files = walkdir::WalkDir::new(&into).into_iter().map(Result::unwrap);
    files
        .filter(|entry| !entry.file_type().is_dir())
        .map(|entry| {
            let name = entry.path().strip_prefix(&into).unwrap().to_str().unwrap().to_owned();
            let content = if entry.path_is_symlink() {
                format!("→ {}", fs::read_link(entry.path()).unwrap().display())
            } else {
                fs::read_to_string(entry.path()).unwrap()
            };
            (name, content)
        })
        .collect()
}

fn pairs(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

const MAKE: &str = "version: 0.2\nphases: {build: {commands: ['mkdir -p out/sub; printf 1 > out/a; printf 2 > out/sub/b; printf x > out/.env; ln -s a out/link; D=out', 'chmod +x out/a; cd out']}}\n";

#[test]
fn the_single_output_is_the_primary_artifact() {
    let mut workplace = Workplace::new();
    workplace.wants(&["Web"]);
    let text =
        format!("{MAKE}artifacts: {{files: ['$D/**/*'], exclude-paths: ['**/.*'], name: ignored}}");
    let ended = workplace.run(&text);
    assert_eq!(ended.outcome, Ok(()), "{}", workplace.log());
    assert_eq!(ended.phases.last().unwrap().name, "UPLOAD_ARTIFACTS");
    let expected = pairs(&[("out/a", "1"), ("out/sub/b", "2"), ("out/link", "1")]);
    assert_eq!(content(&workplace.archive("Web")), expected);
    assert!(workplace.log().contains("Packed 3 files into the artifact Web"));
}

#[test]
fn base_directory_discarded_paths_and_links_are_honoured() {
    let mut workplace = Workplace::new();
    workplace.wants(&["Web"]);
    let text = format!(
        "{MAKE}artifacts: {{files: ['**/*'], base-directory: out, discard-paths: yes, enable-symlinks: yes}}"
    );
    assert_eq!(workplace.run(&text).outcome, Ok(()), "{}", workplace.log());
    let expected = pairs(&[("a", "1"), ("b", "2"), (".env", "x"), ("link", "→ a")]);
    assert_eq!(content(&workplace.archive("Web")), expected);
}

#[test]
fn several_outputs_are_the_secondary_artifacts_of_their_names_pr8() {
    let mut workplace = Workplace::new();
    let other = workplace.source().with_file_name("other");
    fs::create_dir(&other).unwrap();
    fs::write(other.join("f"), "other").unwrap();
    workplace.build.secondary_directories.insert("Other".to_owned(), other);
    workplace.wants(&["One", "Two"]);
    let text = format!(
        "{MAKE}artifacts:\n  files: [nothing]\n  secondary-artifacts:\n    One: {{files: [out/a]}}\n    Two: {{base-directory: $CODEBUILD_SRC_DIR_Other, files: ['*']}}\n    Three: {{files: [nothing]}}\n"
    );
    assert_eq!(workplace.run(&text).outcome, Ok(()), "{}", workplace.log());
    assert_eq!(content(&workplace.archive("One")), pairs(&[("out/a", "1")]));
    assert_eq!(content(&workplace.archive("Two")), pairs(&[("f", "other")]));

    workplace.wants(&["One", "Missing"]);
    let failure = workplace.run(&text).outcome.unwrap_err();
    assert_eq!(failure.kind, FailureKind::Configuration);
    assert!(failure.message.contains("says nothing of `Missing`"), "{}", failure.message);
}

#[test]
fn a_single_output_may_be_a_secondary_artifact_when_there_is_no_primary_one() {
    let mut workplace = Workplace::new();
    workplace.wants(&["One"]);
    let text = format!("{MAKE}artifacts: {{secondary-artifacts: {{One: {{files: [out/a]}}}}}}");
    assert_eq!(workplace.run(&text).outcome, Ok(()), "{}", workplace.log());
    assert_eq!(content(&workplace.archive("One")), pairs(&[("out/a", "1")]));
}

#[test]
fn an_output_that_nothing_goes_into_is_refused_before_anything_runs() {
    let mut workplace = Workplace::new();
    workplace.wants(&["Web"]);
    let ended = workplace.run(MAKE);
    assert!(ended.phases.is_empty());
    assert!(ended.outcome.unwrap_err().message.contains("`artifacts: files:`"));
    assert!(!workplace.source().join("out").exists());
}

#[test]
fn files_that_are_not_there_fail_the_build() {
    let mut workplace = Workplace::new();
    workplace.wants(&["Web"]);
    let ended = workplace.run(&format!("{MAKE}artifacts: {{files: [dist/**/*, $UNSET]}}"));
    let failure = ended.outcome.unwrap_err();
    assert_eq!(
        (failure.phase.as_str(), failure.kind),
        ("UPLOAD_ARTIFACTS", FailureKind::Artifacts)
    );
    assert!(failure.message.contains("no matching artifact paths found"), "{}", failure.message);
    assert!(!workplace.archive("Web").exists());
}

#[test]
fn a_failed_build_packs_nothing() {
    let mut workplace = Workplace::new();
    workplace.wants(&["Web"]);
    let text =
        "version: 0.2\nphases: {build: {commands: [touch a, 'false']}}\nartifacts: {files: [a]}";
    assert!(workplace.run(text).outcome.is_err());
    assert!(!workplace.archive("Web").exists());
}

#[test]
fn the_commands_action_packs_its_files_and_tells_its_variables() {
    let mut workplace = Workplace::new();
    workplace.wants(&["Built"]);
    let words = |words: &[&str]| words.iter().map(|it| (*it).to_owned()).collect::<Vec<_>>();
    let commands = words(&["mkdir out", "printf hi > out/f", "VERSION=1.2"]);
    let buildspec =
        buildspec::commands(&commands, &words(&["VERSION"]), &words(&["out/*"])).unwrap();
    let ended = workplace.build.run(&buildspec, &workplace.resolver);
    assert_eq!(ended.outcome, Ok(()), "{}", workplace.log());
    assert_eq!(ended.exported_variables["VERSION"], "1.2");
    assert_eq!(content(&workplace.archive("Built")), pairs(&[("out/f", "hi")]));
}
