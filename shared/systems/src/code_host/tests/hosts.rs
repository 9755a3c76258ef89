//! The three kinds of host, and what a source makes of a commit.

use model::outcome::SourceRevision;
use providers::clone_reference::{CloneReference, FILE_NAME};
use providers::job::RevisionOverride;
use providers::{Error, Progress, Provider as _};
use serde_json::{Value, json};

use super::forge::{Forge, github_commit};
use super::{COMMIT, CONNECTION, OTHER, bring, connection_job, fail, github_job, provider};

#[tokio::test]
async fn a_connection_brings_a_commit_of_github_without_its_top_folder() {
    let forge = Forge::github();
    let (provider, wire) = provider(&forge);
    let job = connection_job("ada/web");
    assert_eq!(provider.poll(&job).await.unwrap(), Progress::Unknown);
    let success = bring(&forge, &job).await;
    assert_eq!(success.external_id.as_deref(), Some(COMMIT));
    let variables: Vec<_> =
        success.variables.iter().map(|(name, value)| format!("{name}={value}")).collect();
    assert_eq!(
        variables,
        [
            "AuthorDate=2019-10-29T03:32:21Z".to_owned(),
            "BranchName=release/1.0".to_owned(),
            format!("CommitId={COMMIT}"),
            "CommitMessage=Open the canal".to_owned(),
            format!("ConnectionArn={CONNECTION}"),
            "FullRepositoryName=ada/web".to_owned(),
        ]
    );
    let Some(SourceRevision { id, summary, url }) = success.revision else { panic!() };
    assert_eq!(id, COMMIT);
    assert_eq!(url.unwrap(), format!("https://github.com/ada/web/commit/{COMMIT}"));
    let summary: Value = serde_json::from_str(&summary.unwrap()).unwrap();
    assert_eq!(summary, json!({ "ProviderType": "GitHub", "CommitMessage": "Open the canal" }));
    let file = forge.state().buckets.file(&success.artifacts[0], "README.md");
    assert_eq!(file.as_deref(), Some(COMMIT));

    provider.start(&job).await.unwrap();
    let asked = wire.asked();
    let told = asked.iter().filter(|it| it.headers.contains_key("authorization"));
    for it in told.filter(|it| it.headers["authorization"].contains("ghp_hunter2")) {
        assert!(it.uri.starts_with("https://api.github.com/"), "{}", it.uri);
    }
}

#[tokio::test]
async fn version_one_of_github_brings_the_same_with_its_own_variables() {
    let forge = Forge::github();
    let success = bring(&forge, &github_job("ghp_hunter2")).await;
    let page = format!("https://github.com/ada/web/commit/{COMMIT}");
    assert_eq!(success.variables["RepositoryName"], "web");
    assert_eq!(success.variables["BranchName"], "main");
    assert_eq!(success.variables["CommitUrl"], page);
    assert_eq!(success.variables["CommitterDate"], "2019-10-29T03:33:00Z");
    assert!(!success.variables.contains_key("ConnectionArn"));
    assert_eq!(success.revision.unwrap().summary.as_deref(), Some("Open the canal"));
}

#[tokio::test]
async fn a_token_may_be_a_reference_to_a_secret() {
    let forge = Forge::github();
    let arn = "arn:aws:secretsmanager:us-east-1:123456789012:secret:github-AbCdEf";
    for (id, secret) in [("github", r#"{"token":"ghp_hunter2"}"#), (arn, "ghp_hunter2\n")] {
        forge.state().secrets.insert(format!("us-east-1/{id}"), secret.to_owned());
    }
    for reference in [
        "{{resolve:secretsmanager:github:SecretString:token}}",
        &format!("{{{{resolve:secretsmanager:{arn}:SecretString}}}}"),
    ] {
        let (provider, wire) = provider(&forge);
        forge.state().buckets.objects.clear();
        provider.start(&github_job(reference)).await.unwrap();
        let asked = wire.asked();
        let asked = asked.iter().find(|it| it.uri.starts_with("https://api.github.com/")).unwrap();
        assert_eq!(asked.headers["authorization"], "Bearer ghp_hunter2");
    }
    let wrong = github_job("{{resolve:secretsmanager:github:SecretString:password}}");
    assert!(fail(&forge, &wrong).await.message.contains("no text under \"password\""));
    let wrong = github_job("{{resolve:ssm-secure:github}}");
    assert!(fail(&forge, &wrong).await.message.contains("write {{resolve:secretsmanager:ID"));
}

#[tokio::test]
async fn bitbucket_brings_the_same() {
    let secret = json!({ "kind": "bitbucket", "user": "ada", "token": "hunter2" });
    let forge = Forge::with_secret(&secret);
    let target = json!({
        "hash": COMMIT, "message": "Open the canal\n", "date": "2019-10-29T03:32:21+00:00",
        "author": { "raw": "Ada <ada@example.com>" },
    });
    forge.page(
        "api.bitbucket.org/2.0/repositories/ada/web/refs/branches/release/1.0",
        &json!({ "name": "release/1.0", "target": target }),
    );
    forge.archive(
        &format!("bitbucket.org/ada/web/get/{COMMIT}.zip"),
        &[("ada-web-c0ffee00c0ff/a", "A")],
    );
    let success = bring(&forge, &connection_job("ada/web")).await;
    assert_eq!(success.variables["AuthorDate"], "2019-10-29T03:32:21Z");
    assert!(success.external_url.unwrap().ends_with(&format!("/ada/web/commits/{COMMIT}")));
    assert!(success.revision.unwrap().summary.unwrap().contains("Bitbucket"));
    assert_eq!(forge.state().buckets.file(&success.artifacts[0], "a").as_deref(), Some("A"));
    let (provider, wire) = provider(&forge);
    provider.start(&connection_job("ada/web")).await.unwrap();
    let asked = wire.asked().into_iter().find(|it| it.uri.contains("api.bitbucket.org")).unwrap();
    assert_eq!(asked.headers["authorization"], "Basic YWRhOmh1bnRlcjI=");
}

#[tokio::test]
async fn gitlab_brings_the_same_also_a_self_managed_one_with_nested_groups() {
    for (host, provider_type) in
        [("gitlab.com", "GitLab"), ("git.example.com:8443", "GitLabSelfManaged")]
    {
        let secret = json!({ "kind": "gitlab", "host": host, "token": "glpat-hunter2" });
        let forge = Forge::with_secret(&secret);
        let api = format!("{host}/api/v4/projects/locks%2Fada%2Fweb/repository");
        let commit = json!({
            "id": COMMIT, "message": "Open the canal\n",
            "authored_date": "2019-10-29T04:32:21.000+01:00",
            "committed_date": "2019-10-29T04:32:21.000+01:00",
        });
        let branch = json!({ "name": "release/1.0", "commit": commit });
        forge.page(&format!("{api}/branches/release%2F1.0"), &branch);
        forge.archive(&format!("{api}/archive.zip?sha={COMMIT}"), &[("web-1/a", "A")]);
        let success = bring(&forge, &connection_job("locks/ada/web")).await;
        assert_eq!(success.variables["AuthorDate"], "2019-10-29T03:32:21Z");
        assert_eq!(
            success.external_url.unwrap(),
            format!("https://{host}/locks/ada/web/-/commit/{COMMIT}")
        );
        let summary = success.revision.unwrap().summary.unwrap();
        assert!(summary.contains(&format!("\"{provider_type}\"")), "{summary}");
    }
}

#[tokio::test]
async fn a_commit_that_the_start_names_is_the_one_that_is_brought() {
    let forge = Forge::github();
    let mut job = connection_job("ada/web");
    let pinned = |value: &str| {
        vec![RevisionOverride { revision_type: "COMMIT_ID".to_owned(), value: value.to_owned() }]
    };
    job.revisions = pinned(OTHER);
    assert_eq!(bring(&forge, &job).await.variables["CommitId"], OTHER);

    forge.state().buckets.objects.clear();
    job.revisions = pinned(&"0".repeat(40));
    let failure = fail(&forge, &job).await;
    assert_eq!(failure.code, "RevisionUnavailable");
    // A host that answers with another commit is not believed.
    let address = format!("api.github.com/repos/ada/web/commits/{}", "0".repeat(40));
    forge.page(&address, &github_commit(COMMIT));
    assert!(fail(&forge, &job).await.message.contains("not as the API of its kind does"));
}

#[tokio::test]
async fn a_repeated_start_reports_what_the_first_one_stored() {
    let forge = Forge::github();
    let job = connection_job("ada/web");
    let first = bring(&forge, &job).await;
    // The branch moves, and the start is delivered again (R8).
    forge.page("api.github.com/repos/ada/web/commits/heads/release/1.0", &github_commit(OTHER));
    assert_eq!(bring(&forge, &job).await, first);
}

#[tokio::test]
async fn a_reference_to_clone_says_where_and_through_which_connection() {
    let forge = Forge::github();
    let mut job = connection_job("ada/web");
    let format = ("OutputArtifactFormat".to_owned(), "CODEBUILD_CLONE_REF".to_owned());
    job.configuration.extend([format]);
    let success = bring(&forge, &job).await;
    let text = forge.state().buckets.file(&success.artifacts[0], FILE_NAME).unwrap();
    let reference = CloneReference::parse(text.as_bytes()).unwrap();
    assert_eq!(reference.repository, "ada/web");
    assert_eq!(reference.commit, COMMIT);
    assert_eq!(reference.kind.as_deref(), Some("GITHUB"));
    assert_eq!(reference.url.as_deref(), Some("https://github.com/ada/web.git"));
    assert_eq!(reference.connection.as_deref(), Some(CONNECTION));
}

#[tokio::test]
async fn refusals_say_what_to_mend() {
    let head = "api.github.com/repos/ada/web/commits/heads/release/1.0";
    let forge = Forge::github();
    let job = connection_job("ada/web");
    for (status, said) in [
        (401, "put a new one into the secret towpath/connections/aaaa-1111"),
        (403, "let the token of the secret towpath/connections/aaaa-1111 read"),
    ] {
        forge.refuses(head, status, None);
        let Err(Error::Refused(reason)) = provider(&forge).0.start(&job).await else { panic!() };
        assert!(reason.contains(said), "{reason}");
    }
    for (status, code, said) in [
        (404, "ConfigurationError", "has no branch release/1.0 of ada/web"),
        (422, "ConfigurationError", "has no branch release/1.0 of ada/web"),
        (409, "JobFailed", "is empty; push a commit"),
        (418, "JobFailed", "answers with 418"),
    ] {
        forge.refuses(head, status, None);
        let failure = fail(&forge, &job).await;
        assert_eq!(failure.code, code);
        assert!(failure.message.contains(said), "{}", failure.message);
    }
    forge.refuses(head, 502, None);
    assert!(matches!(provider(&forge).0.start(&job).await, Err(Error::Unreachable(_))));
}

#[tokio::test]
async fn a_host_that_is_busy_is_asked_again_when_it_says() {
    let head = "api.github.com/repos/ada/web/commits/heads/release/1.0";
    let forge = Forge::github();
    for (status, header, seconds) in [
        (429, Some(("retry-after", "37")), 37),
        (403, Some(("retry-after", "86400")), 900),
        (403, Some(("x-ratelimit-remaining", "0")), 60),
        (503, None, 60),
    ] {
        forge.refuses(head, status, header);
        let progress = provider(&forge).0.start(&connection_job("ada/web")).await.unwrap();
        let Progress::Running { ask_again_seconds, external_id: None, .. } = progress else {
            panic!("{progress:?}")
        };
        assert_eq!(ask_again_seconds, Some(seconds));
    }
}
