//! What a source shows, and where to look for a change.

use std::collections::BTreeMap;
use std::fs;

use executors::watch::{newest_revision, watched};

use crate::scratch::{Machine, write};

fn settings(settings: &[(&str, &str)]) -> BTreeMap<String, String> {
    settings.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
}

#[test]
fn a_repository_is_watched_where_its_branches_are() {
    let mut machine = Machine::new();
    let origin = machine.repository("web");
    let commit = origin.commit("One", &[("a", "a")]);
    let mut values = settings(&[("RepositoryName", "web"), ("BranchName", "main")]);
    let refs = origin.path.canonicalize().unwrap().join(".git/refs");
    let found = watched("CodeCommit", &values, &machine.site).unwrap().unwrap();
    assert_eq!(found.paths, std::slice::from_ref(&refs));
    assert_eq!(newest_revision("CodeCommit", &values, &machine.site), Ok(Some(commit.clone())));

    // A linked worktree has its branches in the main one.
    let linked = machine.path("linked");
    origin.git(&["worktree", "add", "--quiet", "-b", "side", linked.to_str().unwrap()]);
    machine.site.repositories.insert("web".to_owned(), linked.display().to_string());
    let found = watched("CodeCommit", &values, &machine.site).unwrap().unwrap();
    assert_eq!(found.paths[0].canonicalize().unwrap(), refs);

    let bare = machine.path("bare");
    origin.git(&["clone", "--quiet", "--bare", ".", bare.to_str().unwrap()]);
    machine.site.repositories.insert("web".to_owned(), bare.display().to_string());
    let found = watched("CodeCommit", &values, &machine.site).unwrap().unwrap();
    assert_eq!(found.paths, [bare.canonicalize().unwrap().join("refs")]);

    // Whoever says not to watch is not watched, and may still be asked.
    values.insert("PollForSourceChanges".to_owned(), "false".to_owned());
    assert_eq!(watched("CodeCommit", &values, &machine.site), Ok(None));
    assert_eq!(newest_revision("CodeCommit", &values, &machine.site), Ok(Some(commit)));
}

#[test]
fn a_remote_repository_can_only_be_asked() {
    let mut machine = Machine::new();
    let url = "https://repositories.invalid/ada/web.git".to_owned();
    machine.site.repositories.insert("ada/web".to_owned(), url);
    let mut values = settings(&[
        ("ConnectionArn", "arn"),
        ("FullRepositoryId", "ada/web"),
        ("BranchName", "main"),
    ]);
    let provider = "CodeStarSourceConnection";
    assert_eq!(watched(provider, &values, &machine.site).unwrap().unwrap().paths.len(), 0);
    values.insert("DetectChanges".to_owned(), "false".to_owned());
    assert_eq!(watched(provider, &values, &machine.site), Ok(None));
    let message = newest_revision(provider, &values, &machine.site).unwrap_err();
    assert!(message.contains("repositories.invalid"), "{message}");
}

#[test]
fn an_object_is_watched_in_its_directory_and_its_version_follows_its_bytes() {
    let mut machine = Machine::new();
    let bucket = machine.make("bucket");
    machine.site.buckets.insert("store".to_owned(), bucket.display().to_string());
    let values = settings(&[("S3Bucket", "store"), ("S3ObjectKey", "a/b/code.zip")]);
    // Its directory may come later.
    assert_eq!(watched("S3", &values, &machine.site).unwrap().unwrap().paths, [bucket.join("")]);
    assert!(newest_revision("S3", &values, &machine.site).unwrap_err().contains("a/b/code.zip"));
    write(&bucket.join("a/b/code.zip"), "one");
    let found = watched("S3", &values, &machine.site).unwrap().unwrap();
    assert_eq!(found.paths, [bucket.join("a/b")]);
    let one = newest_revision("S3", &values, &machine.site).unwrap().unwrap();
    fs::write(bucket.join("a/b/code.zip"), "two").unwrap();
    let two = newest_revision("S3", &values, &machine.site).unwrap().unwrap();
    assert_ne!(one, two);
}

#[test]
fn other_providers_are_not_watched_and_missing_things_are_named() {
    let machine = Machine::new();
    assert_eq!(watched("ECR", &settings(&[]), &machine.site), Ok(None));
    assert_eq!(newest_revision("ECR", &settings(&[]), &machine.site), Ok(None));
    let values = settings(&[("RepositoryName", "web"), ("BranchName", "main")]);
    for message in [
        watched("CodeCommit", &values, &machine.site).unwrap_err(),
        newest_revision("CodeCommit", &values, &machine.site).unwrap_err(),
    ] {
        assert!(message.contains("--repository web=PATH"), "{message}");
    }
}
