//! Answers and settings that mean no good.

use std::process::Command;

use model::outcome::Outcome;
use providers::{Error, Progress, Provider as _};
use serde_json::json;

use super::forge::Forge;
use super::{COMMIT, bring, connection_job, fail, github_job, provider};
use crate::wire::Answer;

fn zipball() -> String {
    format!("api.github.com/repos/ada/web/zipball/{COMMIT}")
}

fn store() -> String {
    format!("codeload.github.com/ada/web/legacy.zip/{COMMIT}?token=once")
}

#[tokio::test]
async fn no_answer_sends_us_anywhere_but_to_the_host() {
    let forge = Forge::github();
    for elsewhere in [
        "https://evil.example.com/a.zip",
        "http://api.github.com/a.zip",
        "https://api.github.com:8443/a.zip",
        "https://api.github.com@evil.example.com/a.zip",
        "https://user:password@api.github.com/a.zip",
        "https://github.com.evil.example.com/a.zip",
        "https://169.254.169.254/latest/meta-data/",
        "https://0x7f.1/",
        "https://[::1]/",
        "file:///etc/passwd",
        "//evil.example.com/a.zip",
    ] {
        forge.sends(&zipball(), elsewhere);
        let (provider, wire) = provider(&forge);
        let progress = provider.start(&connection_job("ada/web")).await.unwrap();
        let Progress::Done(Outcome::Failed(failure)) = progress else { panic!("{elsewhere}") };
        assert!(failure.message.contains("only the host itself is asked"), "{}", failure.message);
        let asked = wire.asked();
        assert!(!asked.iter().any(|it| it.uri == elsewhere || it.uri.contains("evil")));
    }
    forge.sends(&zipball(), &format!("https://{}", zipball()));
    let message = fail(&forge, &connection_job("ada/web")).await.message;
    assert!(message.contains("in circles"), "{message}");
}

#[tokio::test]
async fn what_is_no_archive_of_a_commit_is_refused() {
    let forge = Forge::github();
    let page = b"<!doctype html><title>Sign in</title>".to_vec();
    forge.says(&store(), Answer::bytes(page.clone()));
    let message = fail(&forge, &connection_job("ada/web")).await.message;
    assert!(message.contains("no archive of ada/web"), "{message}");

    for files in [&[("a", "A"), ("b", "B")][..], &[("a/a", "A"), ("b/b", "B")], &[("a", "A")]] {
        forge.archive(&store(), files);
        let message = fail(&forge, &connection_job("ada/web")).await.message;
        assert!(message.contains("has not its files in one folder"), "{message}");
    }
    let head = "api.github.com/repos/ada/web/commits/heads/release/1.0";
    forge.says(head, Answer::bytes(page));
    let message = fail(&forge, &connection_job("ada/web")).await.message;
    assert!(message.contains("something that is no JSON"), "{message}");
    forge.page(head, &json!({ "sha": "../../etc", "commit": {} }));
    let message = fail(&forge, &connection_job("ada/web")).await.message;
    assert!(message.contains("not as the API of its kind does"), "{message}");
}

#[tokio::test]
async fn an_archive_that_leaves_its_folder_is_refused() {
    let forge = Forge::github();
    for name in ["top/../../evil", "/etc/evil", "top\\evil"] {
        let mut archive = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
        let options = zip::write::SimpleFileOptions::default();
        archive.start_file("top/a", options).unwrap();
        archive.start_file(name, options).unwrap();
        forge.says(&store(), Answer::bytes(archive.finish().unwrap().into_inner()));
        let failure = fail(&forge, &connection_job("ada/web")).await;
        assert!(failure.message.contains("cannot become an artifact"), "{}", failure.message);
    }
    let mut archive = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    let options = zip::write::SimpleFileOptions::default();
    archive.add_symlink("top/link", "../../etc/passwd", options).unwrap();
    forge.says(&store(), Answer::bytes(archive.finish().unwrap().into_inner()));
    let failure = fail(&forge, &connection_job("ada/web")).await;
    assert!(failure.message.contains("cannot become an artifact"), "{}", failure.message);
    assert!(forge.state().buckets.objects.is_empty());
}

#[tokio::test]
async fn an_answer_without_end_is_cut_off() {
    let forge = Forge::github();
    let head = "api.github.com/repos/ada/web/commits/heads/release/1.0";
    forge.says(head, Answer::bytes(vec![b' '; 17 * 1024 * 1024]));
    let message = fail(&forge, &connection_job("ada/web")).await.message;
    assert!(message.contains("answers with more than 16777216 bytes"), "{message}");
    forge.says(head, Answer::Broken);
    let started = provider(&forge).0.start(&connection_job("ada/web")).await;
    assert!(matches!(started, Err(Error::Unreachable(_))));
}

#[tokio::test]
async fn a_secret_that_is_wrong_is_not_quoted() {
    for (secret, said) in [
        (json!("ghp_hunter2"), "is no JSON object"),
        (
            json!({ "token": "ghp_hunter2" }),
            "needs a kind, which is one of github, bitbucket, gitlab",
        ),
        (json!({ "kind": "svn", "token": "ghp_hunter2" }), "needs a kind"),
        (json!({ "kind": "github", "tokne": "ghp_hunter2" }), "has a member besides"),
        (json!({ "kind": "github" }), "has no token"),
        (json!({ "kind": "github", "token": "ghp_hunter2\r\nx: y" }), "write the token alone"),
        (json!({ "kind": "github", "token": "****" }), "consists of asterisks"),
        (json!({ "kind": "gitlab", "host": "127.0.0.1", "token": "t" }), "by its name"),
        (json!({ "kind": "gitlab", "host": "127.0.0.1:9001", "token": "t" }), "by its name"),
        (json!({ "kind": "gitlab", "host": "0x7f.1", "token": "t" }), "by its name"),
        (json!({ "kind": "gitlab", "host": "localhost", "token": "t" }), "by its name"),
        (json!({ "kind": "gitlab", "host": "[::1]", "token": "t" }), "by its name"),
        (json!({ "kind": "gitlab", "host": "a.example.com/x", "token": "t" }), "no name"),
        (json!({ "kind": "gitlab", "host": "u@a.example.com", "token": "t" }), "no name"),
        (json!({ "kind": "bitbucket", "host": "git.example.com", "token": "t" }), "only the Cloud"),
    ] {
        let forge = Forge::with_secret(&secret);
        let failure = fail(&forge, &connection_job("ada/web")).await;
        assert_eq!(failure.code, "ConfigurationError");
        assert!(failure.message.contains(said), "{secret}: {}", failure.message);
        assert!(!failure.message.contains("hunter2"), "{}", failure.message);
    }
    let message = fail(&Forge::default(), &connection_job("ada/web")).await.message;
    assert!(message.contains("--name towpath/connections/aaaa-1111"), "{message}");
    let message = fail(&Forge::github(), &github_job("****")).await.message;
    assert!(message.contains("OAuthToken consists of asterisks"), "{message}");
}

#[tokio::test]
async fn settings_that_would_become_part_of_an_address_are_refused() {
    let forge = Forge::github();
    for repository in ["web", "ada/..", "ada/web?x=", "../web", "ada//web", "ada/web#", "a b/c"] {
        let message = fail(&forge, &connection_job(repository)).await.message;
        assert!(message.contains("FullRepositoryId is"), "{message}");
    }
    for (key, value, said) in [
        ("BranchName", "--upload-pack=id", "cannot be the name of a branch"),
        ("BranchName", "a..b", "cannot be the name of a branch"),
        ("ConnectionArn", "arn:aws:s3:::bucket", "ConnectionArn is"),
        (
            "ConnectionArn",
            "arn:aws:codeconnections:eu-west-1:1:connection/../x",
            "ConnectionArn is",
        ),
        ("OutputArtifactFormat", "TAR", "write CODE_ZIP or CODEBUILD_CLONE_REF"),
    ] {
        let mut job = connection_job("ada/web");
        job.configuration.insert(key.to_owned(), value.to_owned());
        let message = fail(&forge, &job).await.message;
        assert!(message.contains(said), "{message}");
    }
}

#[tokio::test]
async fn an_archive_that_git_itself_makes_keeps_links_and_permissions() {
    let directory = tempfile::tempdir().unwrap();
    let script = "git init -q . && printf '#!/bin/sh\\n' > run && chmod 755 run && ln -s run link \
                  && mkdir empty-not && echo A > empty-not/a && git add -A \
                  && git -c user.name=A -c user.email=a@b commit -qm A \
                  && git archive --format=zip --prefix=ada-web-1/ -o ../a.zip HEAD";
    let repository = directory.path().join("repository");
    std::fs::create_dir(&repository).unwrap();
    let ran = Command::new("sh").args(["-c", script]).current_dir(&repository).status().unwrap();
    assert!(ran.success());
    let forge = Forge::github();
    forge.says(&store(), Answer::bytes(std::fs::read(directory.path().join("a.zip")).unwrap()));
    let success = bring(&forge, &connection_job("ada/web")).await;
    let key = format!("artifacts/{}", success.artifacts[0].key);
    let bytes = forge.state().buckets.objects[&key].0.clone();
    let mut archive = zip::ZipArchive::new(std::io::Cursor::new(bytes)).unwrap();
    let modes = ["run", "empty-not/a", "link"]
        .map(|name| archive.by_name(name).unwrap().unix_mode().unwrap() & 0o170_777);
    assert_eq!(modes, [0o100_755, 0o100_644, 0o120_777]);
}
