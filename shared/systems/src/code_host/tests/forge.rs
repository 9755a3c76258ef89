//! Secrets, buckets and hosts at the other end of one wire.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard};

use serde_json::{Value, json};

use super::{COMMIT, OTHER};
use crate::wire::bucket::{Buckets, zip};
use crate::wire::{Answer, Asked};

#[derive(Clone, Default)]
pub(super) struct Forge(Arc<Mutex<State>>);

#[derive(Default)]
pub(super) struct State {
    pub(super) buckets: Buckets,
    /// Secrets by `region/name`.
    pub(super) secrets: BTreeMap<String, String>,
    /// What is answered at an address, without its scheme.
    pub(super) pages: BTreeMap<String, Answer>,
}

impl Forge {
    pub(super) fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap()
    }

    /// Makes a forge whose connection's secret is this.
    pub(super) fn with_secret(secret: &Value) -> Self {
        let forge = Self::default();
        let name = "eu-west-1/towpath/connections/aaaa-1111".to_owned();
        forge.state().secrets.insert(name, secret.to_string());
        forge
    }

    /// Makes GitHub, with the repository `ada/web`.
    pub(super) fn github() -> Self {
        let forge = Self::with_secret(&json!({ "kind": "github", "token": "ghp_hunter2" }));
        let api = "api.github.com/repos/ada/web";
        forge.page(&format!("{api}/commits/heads/release/1.0"), &github_commit(COMMIT));
        forge.page(&format!("{api}/commits/heads/main"), &github_commit(COMMIT));
        for commit in [COMMIT, OTHER] {
            forge.page(&format!("{api}/commits/{commit}"), &github_commit(commit));
            let store = format!("codeload.github.com/ada/web/legacy.zip/{commit}?token=once");
            forge.sends(&format!("{api}/zipball/{commit}"), &format!("https://{store}"));
            forge.archive(&store, &[("ada-web-c0ffee0/README.md", commit)]);
        }
        forge
    }

    pub(super) fn page(&self, address: &str, body: &Value) {
        self.says(address, Answer::json(body));
    }

    pub(super) fn says(&self, address: &str, answer: Answer) {
        self.state().pages.insert(address.to_owned(), answer);
    }

    pub(super) fn archive(&self, address: &str, files: &[(&str, &str)]) {
        self.says(address, Answer::bytes(zip(files)));
    }

    /// An address that sends whoever asks to another.
    pub(super) fn sends(&self, address: &str, to: &str) {
        let answer = Answer::Said { status: 302, headers: Vec::new(), body: Vec::new() };
        self.says(address, answer.with("location", to));
    }

    /// An address that refuses.
    pub(super) fn refuses(&self, address: &str, status: u16, header: Option<(&'static str, &str)>) {
        let mut answer = Answer::Said { status, headers: Vec::new(), body: b"{}".to_vec() };
        if let Some((name, value)) = header {
            answer = answer.with(name, value);
        }
        self.says(address, answer);
    }

    pub(super) fn answer(&self, asked: &Asked) -> Answer {
        let mut state = self.state();
        if let Some(answer) = state.buckets.answer(asked) {
            return answer;
        }
        if asked.operation == "GetSecretValue" {
            // The signature names the Region, wherever the endpoint is.
            let region = asked.headers["authorization"].split('/').nth(2).unwrap();
            let id = format!("{region}/{}", asked.json()["SecretId"].as_str().unwrap());
            return match state.secrets.get(&id) {
                Some(text) => Answer::json(&json!({ "Name": id, "SecretString": text })),
                None => Answer::refusal("ResourceNotFoundException", "no such secret"),
            };
        }
        let address = asked.uri.strip_prefix("https://").unwrap();
        let page = state.pages.get(address).cloned();
        page.unwrap_or(Answer::Said { status: 404, headers: Vec::new(), body: b"{}".to_vec() })
    }
}

pub(super) fn github_commit(commit: &str) -> Value {
    json!({
        "sha": commit,
        "html_url": format!("https://github.com/ada/web/commit/{commit}"),
        "commit": {
            "message": "Open the canal\n",
            "author": { "name": "Ada", "date": "2019-10-29T04:32:21+01:00" },
            "committer": { "name": "Ada", "date": "2019-10-29T03:33:00Z" },
        },
    })
}
