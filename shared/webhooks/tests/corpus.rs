//! Recorded messages of hosts against webhooks of several pipelines: the right ones start at the pushed
//! commit, and no others.

#![expect(clippy::unwrap_used, clippy::print_stdout, reason = "all of this is test code")]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use http::HeaderMap;
use serde_json::Value;
use webhooks::filters::{Configuration, Rule};
use webhooks::{Filters, Target, Verdict, judge, payload};

/// A webhook of a pipeline, and the one message that is for it.
struct Hook {
    repository: &'static str,
    branch: &'static str,
    filters: &'static [(&'static str, &'static str)],
    starts: Option<(&'static str, &'static str)>,
}

const BRANCH: &[(&str, &str)] = &[("$.ref", "refs/heads/{Branch}")];

const HOOKS: [Hook; 11] = [
    Hook {
        repository: "Codertocat/Hello-World",
        branch: "master",
        filters: &[("$.ref", "refs/tags/simple-tag")],
        starts: Some((
            "octokit__webhooks__push.0.json",
            "6113728f27ae82c7b1a177c8d03f9e96e0adf246",
        )),
    },
    Hook { repository: "Codertocat/Hello-World", branch: "master", filters: BRANCH, starts: None },
    Hook {
        repository: "Codertocat/Hello-World",
        branch: "simple-tag",
        filters: BRANCH,
        starts: None,
    },
    Hook {
        repository: "octo/other",
        branch: "master",
        filters: &[("$.ref", "refs/tags/simple-tag")],
        starts: None,
    },
    Hook {
        repository: "team_name/repo_name",
        branch: "name-of-branch",
        filters: &[("$.push.changes[0].new.name", "{Branch}")],
        starts: Some((
            "go-playground__webhooks__testdata__bitbucket__repo-push.json",
            "709d658dc5b6d6afcd46049c2f332ee3f515a67d",
        )),
    },
    Hook {
        repository: "team_name/repo_name",
        branch: "other",
        filters: &[("$.push.changes[*].new.name", "{Branch}")],
        starts: None,
    },
    Hook {
        repository: "mike/diaspora",
        branch: "master",
        filters: BRANCH,
        starts: Some((
            "go-playground__webhooks__testdata__gitlab__push-event.json",
            "da1560886d4f094c3e6c9ef40349f7d38b5d27d7",
        )),
    },
    Hook { repository: "mike/diaspora", branch: "main", filters: BRANCH, starts: None },
    Hook {
        repository: "jsmith/example",
        branch: "master",
        filters: &[("$.object_kind", "tag_push"), ("$.ref", "refs/tags/v1.0.0")],
        starts: Some((
            "go-playground__webhooks__testdata__gitlab__tag-event.json",
            "82b3d5ae55f7080f1e6022629cdb57bfae7cccc7",
        )),
    },
    Hook { repository: "jsmith/example", branch: "master", filters: BRANCH, starts: None },
    Hook {
        repository: "example/example",
        branch: "master",
        filters: BRANCH,
        starts: Some((
            "go-playground__webhooks__testdata__gitea__push-event.json",
            "67b56589a45103f891bdee7c0546e5d40bc02001",
        )),
    },
];

/// Returns every recorded message of a host, by file.
fn messages() -> Option<BTreeMap<String, Value>> {
    let events = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/corpus/events");
    let Ok(index) = fs::read_to_string(events.join("index.csv")) else {
        println!("skipped: there is no corpus at {}", events.display());
        return None;
    };
    let is_of_host = |line: &&str| line.split(',').any(|field| field.starts_with("webhook-"));
    let file = |line: &str| line.split(',').next().unwrap().to_owned();
    let files: Vec<String> = index.lines().filter(is_of_host).map(file).collect();
    assert!(files.len() >= 40, "the index names {} messages of hosts", files.len());
    let read = |file: String| {
        let path: PathBuf = events.join(&file);
        let body = fs::read(&path).unwrap();
        (file, payload::read(&HeaderMap::new(), &body).unwrap())
    };
    Some(files.into_iter().map(read).collect())
}

fn compiled(filters: &[(&str, &str)], hook: &Hook) -> Filters {
    let rules: Vec<_> = filters
        .iter()
        .map(|(path, equals)| Rule {
            json_path: (*path).to_owned(),
            match_equals: Some((*equals).to_owned()),
        })
        .collect();
    let values = BTreeMap::from([("Branch".to_owned(), hook.branch.to_owned())]);
    let configuration = Configuration { values, secret_keys: BTreeSet::new() };
    Filters::compile(&rules, &configuration).unwrap()
}

fn target(hook: &Hook) -> Target {
    Target { repository: Some(hook.repository.to_owned()), branch: Some(hook.branch.to_owned()) }
}

#[test]
fn recorded_pushes_start_their_own_pipeline_at_the_pushed_commit_and_no_other() {
    let Some(messages) = messages() else { return };
    for hook in &HOOKS {
        let filters = compiled(hook.filters, hook);
        let started: Vec<_> = messages
            .iter()
            .filter_map(|(file, message)| {
                match judge(&HeaderMap::new(), message, &target(hook), &filters) {
                    Verdict::Start { commit, .. } => Some((file.as_str(), commit.unwrap())),
                    Verdict::Pass(_) => None,
                }
            })
            .collect();
        let wanted: Vec<_> =
            hook.starts.iter().map(|(file, commit)| (*file, (*commit).to_owned())).collect();
        assert_eq!(started, wanted, "{} {} {:?}", hook.repository, hook.branch, hook.filters);
    }
}

#[test]
fn without_filters_no_deletion_and_no_ping_starts_anything_and_no_strangers_commit_is_brought() {
    let Some(messages) = messages() else { return };
    let anywhere = Target { repository: None, branch: Some("no such branch".to_owned()) };
    let filters = Filters::compile(&[], &Configuration::default()).unwrap();
    let mut passed = Vec::new();
    for (file, message) in &messages {
        match judge(&HeaderMap::new(), message, &anywhere, &filters) {
            Verdict::Start { commit, .. } => assert_eq!(commit, None, "{file}"),
            Verdict::Pass(reason) => passed.push(format!("{file}: {reason}")),
        }
    }
    let deletion = "a branch or a tag was deleted, which starts nothing";
    let wanted = [
        format!("go-playground__webhooks__testdata__gitea__delete-event.json: {deletion}"),
        "octokit__webhooks__ping.0.json: this is a ping; the webhook is there".to_owned(),
        format!("octokit__webhooks__push.1.json: {deletion}"),
        format!("octokit__webhooks__push.2.json: {deletion}"),
    ];
    assert_eq!(passed, wanted);
}
