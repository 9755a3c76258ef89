//! Git sources: which commit, which files, which variables (contract §5.1).

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use model::outcome::Success;
use providers::job::RevisionOverride;

use crate::scratch::{Machine, read, with_outputs};

fn pin(value: &str) -> Vec<RevisionOverride> {
    vec![RevisionOverride { revision_type: "COMMIT_ID".to_owned(), value: value.to_owned() }]
}

#[test]
fn a_codecommit_source_brings_the_head_of_its_branch_and_says_what_it_is() {
    let mut machine = Machine::new();
    let origin = machine.repository("web");
    let commit = origin.commit("Fix the door\n\nIt squeaked.\n", &[("a/b.txt", "b")]);
    let Success { external_id, variables, artifacts, revision, .. } = machine.source("web");
    assert_eq!(external_id.as_deref(), Some(commit.as_str()));
    let expected = [
        ("RepositoryName", "web"),
        ("BranchName", "main"),
        ("CommitId", &commit),
        ("CommitMessage", "Fix the door\n\nIt squeaked."),
        ("AuthorDate", "2019-10-29T03:32:21Z"),
        ("CommitterDate", "2019-10-29T03:33:00Z"),
    ];
    assert_eq!(variables, expected.map(|(a, b)| (a.to_owned(), b.to_owned())).into());
    let revision = revision.unwrap();
    assert_eq!(revision.id, commit);
    assert_eq!(revision.summary.unwrap(), "Fix the door\n\nIt squeaked.");
    assert_eq!(read(&machine.unpack(&artifacts[0]).join("a/b.txt")), "b");
}

#[test]
fn github_and_connections_have_variables_of_their_own() {
    let mut machine = Machine::new();
    let origin = machine.repository("ada/web");
    let commit = origin.commit("One", &[("a", "a")]);
    let settings =
        [("Owner", "ada"), ("Repo", "web"), ("Branch", "main"), ("OAuthToken", "hunter2")];
    let job = with_outputs(machine.job("Source", "GitHub", &settings), &["Code"]);
    let (outcome, log) = machine.perform(&job);
    let said = format!("{outcome:?}{log}");
    assert!(!said.contains("hunter2"), "a secret setting was shown: {said}");
    let url = format!("https://github.com/ada/web/commit/{commit}");
    assert!(said.contains(&format!("\"CommitUrl\": \"{url}\"")), "{said}");
    assert!(said.contains("\"RepositoryName\": \"web\""), "{said}");

    let settings =
        [("ConnectionArn", "arn:c"), ("FullRepositoryId", "ada/web"), ("BranchName", "main")];
    let job = with_outputs(machine.job("Source", "CodeStarSourceConnection", &settings), &["Code"]);
    let success = machine.succeed(&job);
    let names: Vec<_> = success.variables.keys().map(String::as_str).collect();
    let expected = [
        "AuthorDate",
        "BranchName",
        "CommitId",
        "CommitMessage",
        "ConnectionArn",
        "FullRepositoryName",
    ];
    assert_eq!(names, expected);
    let summary = success.revision.unwrap().summary.unwrap();
    let summary: serde_json::Value = serde_json::from_str(&summary).expect("it is JSON");
    assert_eq!(summary, serde_json::json!({"ProviderType": "GitHub", "CommitMessage": "One"}));
}

/// R7, R8: what the start asked for is brought, whatever the branch shows by now.
#[test]
fn a_pinned_commit_is_brought_and_not_the_head() {
    let mut machine = Machine::new();
    let origin = machine.repository("web");
    let first = origin.commit("One", &[("version", "1")]);
    origin.commit("Two", &[("version", "2")]);
    origin.git(&["checkout", "--quiet", "-b", "side"]);
    let side = origin.commit("Side", &[("version", "side")]);
    origin.git(&["tag", "-a", "-m", "tagged", "v1"]);
    let tag = origin.git(&["rev-parse", "v1"]);
    for (pinned, commit, version) in
        [(&first, &first, "1"), (&side.to_uppercase(), &side, "side"), (&tag, &side, "side")]
    {
        let mut job = machine.source_job("web");
        job.revisions = pin(pinned);
        let success = machine.succeed(&job);
        assert_eq!(&success.revision.as_ref().unwrap().id, commit);
        assert_eq!(read(&machine.unpack(&success.artifacts[0]).join("version")), version);
    }
    assert_eq!(machine.source("web").variables["CommitMessage"], "Two");
}

/// R8: a retry brings the same commit although somebody pushed over it and the origin forgot it.
#[test]
fn a_commit_that_was_brought_once_can_be_brought_again_after_a_forced_push() {
    let mut machine = Machine::new();
    let origin = machine.repository("web");
    let lost = origin.commit("Lost", &[("version", "lost")]);
    machine.source("web");
    origin.git(&["commit", "--quiet", "--amend", "-m", "Found"]);
    origin.git(&["reflog", "expire", "--expire=now", "--all"]);
    origin.git(&["gc", "--quiet", "--prune=now"]);
    let mut job = machine.source_job("web");
    job.revisions = pin(&lost);
    assert_eq!(machine.succeed(&job).revision.unwrap().id, lost);
}

#[test]
fn the_archive_keeps_modes_and_links_and_is_the_same_each_time() {
    let mut machine = Machine::new();
    let origin = machine.repository("web");
    fs::write(origin.path.join("run"), "#!/bin/sh\n").unwrap();
    fs::set_permissions(origin.path.join("run"), Permissions::from_mode(0o755)).unwrap();
    fs::create_dir(origin.path.join("directory")).unwrap();
    fs::write(origin.path.join("directory/file"), "text").unwrap();
    std::os::unix::fs::symlink("directory/file", origin.path.join("link")).unwrap();
    origin.commit_all("One");
    let (one, two) = (machine.source("web"), machine.source("web"));
    assert_eq!(one.artifacts[0].sha256, two.artifacts[0].sha256);
    assert_ne!(one.artifacts[0].key, two.artifacts[0].key);
    let tree = machine.unpack(&one.artifacts[0]);
    let mode = |name: &str| fs::symlink_metadata(tree.join(name)).unwrap().permissions().mode();
    assert_eq!(mode("run") & 0o777, 0o755);
    assert_eq!(mode("directory/file") & 0o777, 0o644);
    assert_eq!(fs::read_link(tree.join("link")).unwrap(), Path::new("directory/file"));
}

/// A checkout, unlike `git archive`, leaves nothing out and rewrites nothing.
#[test]
fn attributes_for_archives_change_nothing() {
    let mut machine = Machine::new();
    let origin = machine.repository("web");
    origin.commit(
        "One",
        &[
            (".gitattributes", "tests export-ignore\nversion export-subst\n"),
            ("tests/a", "a"),
            ("version", "$Format:%H$"),
        ],
    );
    let tree = machine.unpack(&machine.source("web").artifacts[0]);
    assert_eq!(read(&tree.join("tests/a")), "a");
    assert_eq!(read(&tree.join("version")), "$Format:%H$");
}

#[test]
fn a_commit_message_of_ten_megabytes_is_cut_to_a_hundred_kilobytes() {
    let mut machine = Machine::new();
    let origin = machine.repository("web");
    origin.commit(&"ß ".repeat(3_500_000), &[("a", "a")]);
    let success = machine.source("web");
    let message = &success.variables["CommitMessage"];
    assert!((100_000..=102_400).contains(&message.len()), "{}", message.len());
    assert!(success.revision.unwrap().summary.unwrap().chars().count() <= 2048);
    let settings =
        [("ConnectionArn", "arn:c"), ("FullRepositoryId", "web"), ("BranchName", "main")];
    let job = with_outputs(machine.job("Source", "CodeStarSourceConnection", &settings), &["Code"]);
    let summary = machine.succeed(&job).revision.unwrap().summary.unwrap();
    assert!(summary.chars().count() <= 2048);
    let summary: serde_json::Value = serde_json::from_str(&summary).unwrap();
    assert!(summary["CommitMessage"].as_str().unwrap().ends_with('…'));
}

#[test]
fn an_empty_commit_makes_an_empty_archive_and_a_bare_repository_will_do() {
    let mut machine = Machine::new();
    let origin = machine.repository("web");
    origin.commit("Nothing", &[]);
    let bare = machine.path("bare");
    origin.git(&["clone", "--quiet", "--bare", ".", bare.to_str().unwrap()]);
    machine.site.repositories.insert("web".to_owned(), bare.display().to_string());
    let tree = machine.unpack(&machine.source("web").artifacts[0]);
    assert_eq!(fs::read_dir(tree).unwrap().count(), 0);
    machine.site.repositories.insert("web".to_owned(), format!("file://{}", bare.display()));
    machine.source("web");
}

#[test]
fn a_shallow_repository_will_do() {
    let mut machine = Machine::new();
    let origin = machine.repository("web");
    origin.commit("One", &[("a", "1")]);
    let commit = origin.commit("Two", &[("a", "2")]);
    let shallow = machine.path("shallow");
    let from = format!("file://{}", origin.path.display());
    origin.git(&["clone", "--quiet", "--depth=1", &from, shallow.to_str().unwrap()]);
    machine.site.repositories.insert("web".to_owned(), shallow.display().to_string());
    assert_eq!(machine.source("web").revision.unwrap().id, commit);
}

#[test]
fn what_is_missing_is_named_with_the_way_to_provide_it() {
    let mut machine = Machine::new();
    let failure = machine.fail(&machine.source_job("web"));
    assert_eq!(failure.code, "ConfigurationError");
    assert!(failure.message.contains("--repository web=PATH"), "{failure:?}");

    let origin = machine.repository("web");
    let failure = machine.fail(&machine.source_job("web"));
    assert!(failure.message.contains("no commits yet"), "{failure:?}");

    origin.commit("One", &[("a", "a")]);
    let settings = [("RepositoryName", "web"), ("BranchName", "mian")];
    let job = with_outputs(machine.job("Source", "CodeCommit", &settings), &["Code"]);
    let failure = machine.fail(&job);
    assert_eq!(failure.code, "RevisionUnavailable");
    assert!(failure.message.contains("no branch \"mian\": it has main"), "{failure:?}");

    let mut job = machine.source_job("web");
    job.revisions = pin(&"0123456789".repeat(4));
    let failure = machine.fail(&job);
    assert_eq!(failure.code, "RevisionUnavailable");
    assert!(failure.message.contains("has no commit 0123"), "{failure:?}");

    let plain = machine.make("plain");
    machine.site.repositories.insert("web".to_owned(), plain.display().to_string());
    let failure = machine.fail(&machine.source_job("web"));
    assert!(failure.message.contains("does not appear to be a git repository"), "{failure:?}");
}

/// Several pipelines may watch one repository, and a run may be killed at any moment.
#[test]
fn runs_at_once_and_what_a_killed_one_left_do_no_harm() {
    let mut machine = Machine::new();
    let origin = machine.repository("web");
    let commit = origin.commit("One", &[("a", "a")]);
    machine.source("web");
    let commits: Vec<_> =
        (0..6).map(|number| origin.commit("More", &[("a", &number.to_string())])).collect();
    let caches =
        fs::read_dir(machine.path("repositories")).unwrap().map(|entry| entry.unwrap().path());
    let cache = caches.filter(|path| path.join("HEAD").exists()).collect::<Vec<_>>().remove(0);
    for lock in [
        "HEAD.lock",
        "packed-refs.lock",
        "shallow.lock",
        &format!("refs/towpath/{}.lock", commits[0]),
    ] {
        fs::write(cache.join(lock), "").unwrap();
    }
    std::thread::scope(|scope| {
        for commit in &commits {
            let machine = &machine;
            scope.spawn(move || {
                let mut job = machine.source_job("web");
                job.revisions = pin(commit);
                assert_eq!(&machine.succeed(&job).revision.unwrap().id, commit);
            });
        }
    });
    let mut job = machine.source_job("web");
    job.revisions = pin(&commit);
    assert_eq!(machine.succeed(&job).revision.unwrap().id, commit);
}

#[test]
fn submodules_that_are_left_out_are_announced() {
    let mut machine = Machine::new();
    let origin = machine.repository("web");
    origin.commit("One", &[(".gitmodules", "[submodule \"x\"]\n"), ("a", "a")]);
    let (_, log) = machine.perform(&machine.source_job("web"));
    assert!(log.contains("submodules are not brought in"), "{log}");
}
