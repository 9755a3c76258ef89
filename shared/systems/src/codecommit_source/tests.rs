//! Commits brought in from CodeCommit.

use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use artifacts::archive::{self, Limits};
use model::outcome::Failure;
use providers::job::{OutputArtifact, RevisionOverride};
use serde_json::{Value, json};

use super::*;
use crate::wire::storage::Storage;
use crate::wire::{Answer, Asked, Wire, job};

const HEAD: &str = "4c925148EXAMPLE0000000000000000000000000";
const COMMIT: &str = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
const NEWER: &str = "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb";

fn source(settings: &[(&str, &str)], revisions: &[(&str, &str)]) -> Job {
    let settings = [&[("RepositoryName", "web"), ("BranchName", "main")][..], settings].concat();
    let revisions = revisions.iter().map(|(kind, value)| RevisionOverride {
        revision_type: (*kind).to_owned(),
        value: (*value).to_owned(),
    });
    Job {
        outputs: vec![OutputArtifact {
            name: "Source".to_owned(),
            files: Vec::new(),
            bucket: "artifacts".to_owned(),
            key: "web-app/Source/1".to_owned(),
        }],
        revisions: revisions.collect(),
        ..job("Source", "CodeCommit", &settings)
    }
}

/// CodeCommit with one branch and one tree, and S3.
fn wire(storage: &Storage, head: &'static str) -> Wire {
    let storage = storage.clone();
    Wire::to(move |asked| answer(asked, head).unwrap_or_else(|| storage.answer(asked)))
}

fn answer(asked: &Asked, head: &str) -> Option<Answer> {
    let body = asked.json();
    let said = match asked.operation.as_str() {
        "GetBranch" => json!({ "branch": { "branchName": "main", "commitId": head } }),
        "GetCommit" => json!({ "commit": {
            "commitId": body["commitId"],
            "message": format!("Say how long a lock takes\n\nBy {}\n", body["commitId"]),
            "author": { "name": "Ada", "date": "1572319941 +0200" },
            "committer": { "name": "Ada", "date": "1572319999 +0200" },
        } }),
        "GetFolder" => folder(body["folderPath"].as_str().unwrap(), &body["commitSpecifier"]),
        "GetBlob" => {
            let content = match body["blobId"].as_str().unwrap() {
                "link" => "lib/run.sh".to_owned(),
                blob => format!("content of {blob}"),
            };
            json!({ "content": aws_smithy_types::base64::encode(content) })
        }
        _ => return None,
    };
    Some(Answer::json(&said))
}

fn folder(path: &str, commit: &Value) -> Value {
    let mut folder = match path {
        "/" => json!({
            "files": [file("README.md", "README.md", "NORMAL")],
            "symbolicLinks": [file("run", "run", "SYMLINK")],
            "subModules": [{ "commitId": "c", "absolutePath": "vendor", "relativePath": "vendor" }],
            "subFolders": [{ "treeId": "t", "absolutePath": "lib", "relativePath": "lib" }],
        }),
        "/lib" => json!({
            "files": [file("lib/run.sh", "run.sh", "EXECUTABLE")],
            "subFolders": [{ "treeId": "t", "absolutePath": "lib/deep", "relativePath": "deep" }],
        }),
        "/lib/deep" => json!({ "files": [file("lib/deep/a b.txt", "a b.txt", "NORMAL")] }),
        other => panic!("nobody has a folder {other}"),
    };
    folder["commitId"] = commit.clone();
    folder["folderPath"] = json!(path);
    folder
}

fn file(path: &str, name: &str, mode: &str) -> Value {
    let blob = if mode == "SYMLINK" { "link" } else { name };
    json!({ "absolutePath": path, "relativePath": name, "blobId": blob, "fileMode": mode })
}

async fn start(wire: &Wire, job: &Job) -> Result<Progress, Error> {
    CodeCommitSource::new(wire.ground()).start(job).await
}

async fn bring(wire: &Wire, job: &Job) -> Success {
    match start(wire, job).await {
        Ok(Progress::Done(Outcome::Succeeded(success))) => success,
        other => panic!("{other:?}"),
    }
}

async fn failure(wire: &Wire, job: &Job) -> Failure {
    match start(wire, job).await {
        Ok(Progress::Done(Outcome::Failed(failure))) => failure,
        other => panic!("{other:?}"),
    }
}

fn unpack(storage: &Storage, into: &Path) {
    let archive = into.with_extension("zip");
    let object = storage.get("artifacts", "web-app/Source/1").unwrap();
    std::fs::write(&archive, object.bytes).unwrap();
    archive::unpack(&archive, into, &Limits::default()).unwrap();
}

#[tokio::test]
async fn the_head_of_the_branch_becomes_an_archive_with_modes_links_and_variables() {
    let storage = Storage::default();
    let success = bring(&wire(&storage, COMMIT), &source(&[], &[])).await;
    let directory = tempfile::tempdir().unwrap();
    let tree = directory.path().join("tree");
    unpack(&storage, &tree);
    let read = |path: &str| std::fs::read_to_string(tree.join(path)).unwrap();
    let mode = |path: &str| tree.join(path).metadata().unwrap().permissions().mode() & 0o777;
    assert_eq!(read("README.md"), "content of README.md");
    assert_eq!(read("lib/deep/a b.txt"), "content of a b.txt");
    assert_eq!((mode("README.md"), mode("lib/run.sh")), (0o644, 0o755));
    assert_eq!(std::fs::read_link(tree.join("run")).unwrap(), Path::new("lib/run.sh"));
    // Submodules are not brought in, as in CodePipeline: their directories are empty.
    assert_eq!(std::fs::read_dir(tree.join("vendor")).unwrap().count(), 0);

    let message = format!("Say how long a lock takes\n\nBy \"{COMMIT}\"");
    let variables: Vec<_> =
        success.variables.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    assert_eq!(
        variables,
        [
            ("AuthorDate", "2019-10-29T03:32:21Z"),
            ("BranchName", "main"),
            ("CommitId", COMMIT),
            ("CommitMessage", message.as_str()),
            ("CommitterDate", "2019-10-29T03:33:19Z"),
            ("RepositoryName", "web"),
        ]
    );
    let revision = success.revision.unwrap();
    assert_eq!((revision.id.as_str(), revision.summary.as_deref()), (COMMIT, Some(&*message)));
    assert!(revision.url.unwrap().ends_with(&format!("#/repository/web/commit/{COMMIT}")));
}

#[tokio::test]
async fn the_same_commit_makes_the_same_bytes() {
    let (one, other) = (Storage::default(), Storage::default());
    let first = bring(&wire(&one, COMMIT), &source(&[], &[])).await;
    assert_eq!(bring(&wire(&other, COMMIT), &source(&[], &[])).await, first);
}

#[tokio::test]
async fn the_commit_that_the_start_names_is_brought_r7() {
    let wire = wire(&Storage::default(), HEAD);
    let job = source(&[], &[("COMMIT_ID", &COMMIT.to_uppercase())]);
    assert_eq!(bring(&wire, &job).await.variables["CommitId"], COMMIT);
    assert!(!wire.operations().contains(&"GetBranch".to_owned()));
    let folders = wire.bodies("GetFolder");
    assert!(folders.iter().all(|body| body["commitSpecifier"] == COMMIT), "{folders:?}");
}

#[tokio::test]
async fn a_start_that_comes_twice_reports_the_commit_that_the_first_one_brought() {
    let storage = Storage::default();
    let first = bring(&wire(&storage, COMMIT), &source(&[], &[])).await;
    let again = wire(&storage, NEWER);
    assert_eq!(bring(&again, &source(&[], &[])).await, first);
    assert!(!again.operations().contains(&"GetBlob".to_owned()));
}

#[tokio::test]
async fn a_reference_holds_the_commit_and_no_files() {
    let storage = Storage::default();
    let wire = wire(&storage, COMMIT);
    let settings = [("OutputArtifactFormat", "CODEBUILD_CLONE_REF")];
    bring(&wire, &source(&settings, &[])).await;
    assert!(!wire.operations().contains(&"GetFolder".to_owned()));
    let directory = tempfile::tempdir().unwrap();
    let tree = directory.path().join("tree");
    unpack(&storage, &tree);
    let text = std::fs::read(tree.join(clone_reference::FILE_NAME)).unwrap();
    let reference = CloneReference::parse(&text).unwrap();
    assert_eq!(reference, CloneReference::new("web", "main", COMMIT));
}

#[tokio::test]
async fn what_cannot_be_brought_names_the_setting() {
    for (operation, code, said) in [
        ("GetBranch", "BranchDoesNotExistException", "BranchName"),
        ("GetBranch", "RepositoryDoesNotExistException", "RepositoryName"),
        ("GetCommit", "CommitIdDoesNotExistException", "has no commit"),
        ("GetBlob", "FileTooLargeException", "CODEBUILD_CLONE_REF"),
    ] {
        let storage = Storage::default();
        let wire = Wire::to(move |asked| {
            if asked.operation == operation {
                return Answer::refusal(code, "no");
            }
            answer(asked, COMMIT).unwrap_or_else(|| storage.answer(asked))
        });
        let failure = failure(&wire, &source(&[], &[])).await;
        assert!(failure.message.contains(said), "{}", failure.message);
    }
    let wire = wire(&Storage::default(), COMMIT);
    let job = source(&[("OutputArtifactFormat", "TAR")], &[]);
    assert!(failure(&wire, &job).await.message.contains("OutputArtifactFormat is \"TAR\""));
}

/// A tree may be written by anybody who may push; its names must not lead out of the archive.
#[tokio::test]
async fn a_name_that_leads_out_of_the_archive_is_refused() {
    for name in ["..", ".", "a/..", ""] {
        let storage = Storage::default();
        let wire = Wire::to(move |asked| {
            if asked.operation == "GetFolder" {
                let files = [file(name, name, "NORMAL")];
                return Answer::json(
                    &json!({ "commitId": "c", "folderPath": "/", "files": files }),
                );
            }
            answer(asked, COMMIT).unwrap_or_else(|| storage.answer(asked))
        });
        let failure = failure(&wire, &source(&[], &[])).await;
        assert_eq!(failure.code, "JobFailed", "{name}: {}", failure.message);
        assert!(!wire.operations().contains(&"GetBlob".to_owned()), "{name}");
    }
}

#[tokio::test]
async fn a_commit_with_too_many_files_is_refused_before_the_first_is_asked_for() {
    let storage = Storage::default();
    let wire = Wire::to(move |asked| {
        if asked.operation == "GetFolder" {
            let files: Vec<_> =
                (0..100_001).map(|number| file("", &number.to_string(), "NORMAL")).collect();
            return Answer::json(&json!({ "commitId": "c", "folderPath": "/", "files": files }));
        }
        answer(asked, COMMIT).unwrap_or_else(|| storage.answer(asked))
    });
    let failure = failure(&wire, &source(&[], &[])).await;
    assert!(failure.message.contains("more than 100000 files"), "{}", failure.message);
    assert!(!wire.operations().contains(&"GetBlob".to_owned()));
}

#[tokio::test]
async fn a_role_that_may_not_is_named_with_the_permission_and_a_throttle_passes() {
    for (operation, permission) in [
        ("GetBranch", "codecommit:GetBranch"),
        ("GetCommit", "codecommit:GetCommit"),
        ("GetFolder", "codecommit:GetFolder"),
        ("GetBlob", "codecommit:GetBlob"),
    ] {
        let answering = |code: &'static str| {
            let storage = Storage::default();
            Wire::to(move |asked| {
                if asked.operation == operation {
                    return Answer::refusal(code, "User: x is not authorized");
                }
                answer(asked, COMMIT).unwrap_or_else(|| storage.answer(asked))
            })
        };
        let job = source(&[], &[]);
        let refused = start(&answering("AccessDeniedException"), &job).await;
        let Err(Error::Refused(reason)) = refused else { panic!("{refused:?}") };
        for part in [permission, "web", job.pipeline_role_arn.as_deref().unwrap()] {
            assert!(reason.contains(part), "{part} is not in: {reason}");
        }
        let throttled = start(&answering("ThrottlingException"), &job).await;
        assert!(matches!(throttled, Err(Error::Unreachable(_))), "{throttled:?}");
    }
}
