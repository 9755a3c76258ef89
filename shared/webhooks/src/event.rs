//! What a message says happened.
//!
//! Hosts differ, and a message does not have to come from any of them, so its shape is asked and not
//! only its headers. Headers are asked for what no shape tells: a ping and a deletion.

use http::HeaderMap;
use serde_json::Value;

/// What happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// The host tries whether the URL answers.
    Ping,
    /// A branch or a tag is gone. This never starts anything (G11).
    Deletion,
    /// A branch or a tag is at a commit now.
    Push(Push),
    /// Something else, or something that says no commit.
    Other,
}

/// A branch or a tag moved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Push {
    /// For example `owner/name`, if it is told.
    pub repository: Option<String>,
    /// For example `refs/heads/main`.
    pub reference: String,
    /// The commit it was at, if it is told.
    pub before: Option<String>,
    /// The commit it is at.
    pub commit: String,
}

/// Reads a message. `branch` is the one that the pipeline follows: when a push moves several
/// branches at once, it is the one that counts.
pub fn read(headers: &HeaderMap, payload: &Value, branch: Option<&str>) -> Event {
    if is_ping(headers, payload) {
        return Event::Ping;
    }
    if is_deletion(headers, payload) {
        return Event::Deletion;
    }
    if let Some(changes) = list_at(payload, "/push/changes") {
        return choose(changes.iter().map(|change| of_bitbucket(payload, change)), branch);
    }
    // Bitbucket's other product, which runs in its user's own data centre.
    let is_data_centre = text_at(payload, "/eventKey") == Some("repo:refs_changed");
    if let Some(changes) = list_at(payload, "/changes").filter(|_| is_data_centre) {
        return choose(changes.iter().map(of_data_centre), branch);
    }
    of_ref(payload)
}

/// Returns the repository that a message is about: `owner/name`, with groups where a host has them.
pub fn repository(payload: &Value) -> Option<&str> {
    text_at(payload, "/repository/full_name")
        .or_else(|| text_at(payload, "/project/path_with_namespace"))
        .filter(|name| name.contains('/'))
}

fn is_ping(headers: &HeaderMap, payload: &Value) -> bool {
    let names = ["x-github-event", "x-gitea-event", "x-event-key"];
    let said = names.into_iter().filter_map(|name| headers.get(name)?.to_str().ok());
    let has_shape = text_at(payload, "/zen").is_some() && payload.get("hook_id").is_some();
    has_shape || said.into_iter().any(|event| ["ping", "diagnostics:ping"].contains(&event))
}

/// GitHub and Gitea tell of a deletion twice: as a push to nothing, which [`of_ref`] knows, and as an
/// event of its own, which names what is gone and no commit.
fn is_deletion(headers: &HeaderMap, payload: &Value) -> bool {
    let names = ["x-github-event", "x-gitea-event"];
    let said = names.into_iter().filter_map(|name| headers.get(name)?.to_str().ok());
    let names_kind = text_at(payload, "/ref_type").is_some() && text_at(payload, "/ref").is_some();
    // A creation names the main branch, or the commit.
    let is_creation = payload.get("master_branch").is_some() || payload.get("sha").is_some();
    said.into_iter().any(|event| event == "delete") || (names_kind && !is_creation)
}

/// Of several changes: that of the branch, or else the first that is no deletion.
fn choose(changes: impl Iterator<Item = Option<Event>>, branch: Option<&str>) -> Event {
    let changes: Vec<Event> = changes.flatten().collect();
    let wanted = branch.map(|branch| format!("refs/heads/{branch}"));
    let push = |event: &&Event| match event {
        Event::Push(push) => Some(&push.reference) == wanted.as_ref(),
        Event::Ping | Event::Deletion | Event::Other => false,
    };
    let is_push = |event: &&Event| matches!(event, Event::Push(_));
    let chosen = changes.iter().find(push).or_else(|| changes.iter().find(is_push));
    chosen.or_else(|| changes.first()).cloned().unwrap_or(Event::Other)
}

fn of_bitbucket(payload: &Value, change: &Value) -> Option<Event> {
    let new = change.get("new")?;
    if new.is_null() {
        return Some(Event::Deletion);
    }
    let name = text_at(new, "/name")?;
    let folder = if text_at(new, "/type")?.ends_with("tag") { "tags" } else { "heads" };
    Some(Event::Push(Push {
        repository: repository(payload).map(str::to_owned),
        reference: format!("refs/{folder}/{name}"),
        before: text_at(change, "/old/target/hash").map(str::to_owned),
        commit: commit(text_at(new, "/target/hash"))?,
    }))
}

fn of_data_centre(change: &Value) -> Option<Event> {
    let hash = text_at(change, "/toHash")?;
    if text_at(change, "/type") == Some("DELETE") || is_nothing(hash) {
        return Some(Event::Deletion);
    }
    Some(Event::Push(Push {
        repository: None,
        reference: text_at(change, "/ref/id")?.to_owned(),
        before: text_at(change, "/fromHash").map(str::to_owned),
        commit: commit(Some(hash))?,
    }))
}

/// A push as GitHub, GitLab and Gitea tell it: `ref`, `before`, `after`.
fn of_ref(payload: &Value) -> Event {
    // The full name tells a push from a pull request, whose `after` may be a stranger's commit.
    let Some(reference) = text_at(payload, "/ref").filter(|name| name.starts_with("refs/")) else {
        return Event::Other;
    };
    let after = text_at(payload, "/after");
    let is_deleted = payload.get("deleted").and_then(Value::as_bool) == Some(true);
    if is_deleted || after.is_some_and(is_nothing) {
        return Event::Deletion;
    }
    // `after` of a tag with a message is the tag itself; the others are always commits.
    let candidates =
        [text_at(payload, "/head_commit/id"), text_at(payload, "/checkout_sha"), after];
    let Some(commit) = candidates.into_iter().find_map(commit) else { return Event::Other };
    Event::Push(Push {
        repository: repository(payload).map(str::to_owned),
        reference: reference.to_owned(),
        before: text_at(payload, "/before").map(str::to_owned),
        commit,
    })
}

/// Takes a full commit id, and nothing that could mean anything else to Git.
fn commit(text: Option<&str>) -> Option<String> {
    let text = text?;
    let is_id = [40, 64].contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    (is_id && !is_nothing(text)).then(|| text.to_ascii_lowercase())
}

fn is_nothing(hash: &str) -> bool {
    !hash.is_empty() && hash.bytes().all(|byte| byte == b'0')
}

fn text_at<'a>(value: &'a Value, pointer: &str) -> Option<&'a str> {
    value.pointer(pointer)?.as_str()
}

fn list_at<'a>(value: &'a Value, pointer: &str) -> Option<&'a Vec<Value>> {
    value.pointer(pointer)?.as_array()
}
