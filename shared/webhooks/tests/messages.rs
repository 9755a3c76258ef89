//! What bodies say, and which of them are the same.

#![expect(clippy::unwrap_used, reason = "all of this is test code")]

use http::{HeaderMap, HeaderName, HeaderValue};
use serde_json::{Value, json};
use webhooks::authentication::Proof;
use webhooks::event::{self, Event, Push};
use webhooks::{identity, payload};

const OLD: &str = "1111111111111111111111111111111111111111";
const NEW: &str = "2222222222222222222222222222222222222222";
const TAG: &str = "3333333333333333333333333333333333333333";
const NOTHING: &str = "0000000000000000000000000000000000000000";

fn headers(lines: &[(&'static str, &str)]) -> HeaderMap {
    let line = |(name, value): &(&'static str, &str)| {
        (HeaderName::from_static(name), HeaderValue::from_str(value).unwrap())
    };
    lines.iter().map(line).collect()
}

fn read(payload: &Value) -> Event {
    event::read(&HeaderMap::new(), payload, Some("main"))
}

/// The reference and the commit of a push.
fn pushed(payload: &Value) -> Option<(String, String)> {
    match read(payload) {
        Event::Push(Push { reference, commit, .. }) => Some((reference, commit)),
        Event::Ping | Event::Deletion | Event::Other => None,
    }
}

#[test]
fn a_body_is_json_or_a_form_with_json_in_it() {
    let json = headers(&[("content-type", "application/json")]);
    let form = headers(&[("content-type", "Application/X-WWW-Form-Urlencoded; charset=utf-8")]);
    let wanted = json!({"ref": "refs/heads/a b&c", "é": "+"});
    let encoded = b"other=1&payload=%7B%22ref%22%3A%22refs%2Fheads%2Fa+b%26c%22%2C%22%C3%A9%22%3A%22%2B%22%7D";
    assert_eq!(payload::read(&form, encoded), Ok(wanted.clone()));
    assert_eq!(payload::read(&json, &serde_json::to_vec(&wanted).unwrap()), Ok(wanted.clone()));
    let bare = serde_json::to_vec(&wanted).unwrap();
    assert_eq!(payload::read(&HeaderMap::new(), &bare), Ok(wanted));
}

#[test]
fn a_body_that_says_nothing_says_why() {
    let (json, form) =
        (HeaderMap::new(), headers(&[("content-type", "application/x-www-form-urlencoded")]));
    let deep = |levels: usize| format!("{}{}", "[".repeat(levels), "]".repeat(levels));
    let bodies: [(&HeaderMap, &[u8], &str); 10] = [
        (&json, b"", "the body is not JSON"),
        (&json, b"payload={}", "the body is not JSON"),
        (&json, b"{\"a\":1} trailing", "the body is not JSON"),
        (&json, b"\xff\xfe", "the body is not JSON"),
        (&json, b"{\"a\":\"\xff\"}", "the body is not JSON"),
        (&form, b"", "0 fields named payload"),
        (&form, b"Payload={}", "0 fields named payload"),
        (&form, b"payload={}&payload={}", "2 fields named payload"),
        (&form, b"payload=%7", "the body is not JSON"),
        (&json, b"[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[1", "more than 32 deep"),
    ];
    for (headers, body, says) in bodies {
        let sentence = payload::read(headers, body).unwrap_err().to_string();
        assert!(sentence.contains(says), "{:?}: {sentence}", String::from_utf8_lossy(body));
    }
    assert!(payload::read(&json, deep(32).as_bytes()).is_ok());
    assert!(payload::read(&json, deep(100_000).as_bytes()).is_err());
    assert!(payload::read(&json, br#"{"a":"[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[\"[["}"#).is_ok());
}

#[test]
fn a_push_says_its_reference_and_its_commit() {
    let main = Some(("refs/heads/main".to_owned(), NEW.to_owned()));
    let github =
        json!({"ref": "refs/heads/main", "before": OLD, "after": NEW, "head_commit": {"id": NEW}});
    let plain = json!({"ref": "refs/heads/main", "after": NEW});
    let gitlab =
        json!({"object_kind": "push", "ref": "refs/heads/main", "after": NEW, "checkout_sha": NEW});
    let bitbucket = json!({"push": {"changes": [
        {"old": {"target": {"hash": OLD}}, "new": {"type": "branch", "name": "main", "target": {"hash": NEW}}}
    ]}});
    let data_centre = json!({"eventKey": "repo:refs_changed", "changes": [
        {"ref": {"id": "refs/heads/main"}, "fromHash": OLD, "toHash": NEW, "type": "UPDATE"}
    ]});
    for payload in [github, plain, gitlab, bitbucket, data_centre] {
        assert_eq!(pushed(&payload), main, "{payload}");
    }
}

#[test]
fn of_a_tag_with_a_message_the_commit_is_taken() {
    let tag = Some(("refs/tags/v1".to_owned(), NEW.to_owned()));
    let github = json!({"ref": "refs/tags/v1", "after": TAG, "head_commit": {"id": NEW}});
    let gitlab = json!({"object_kind": "tag_push", "ref": "refs/tags/v1", "after": TAG, "checkout_sha": NEW});
    let bitbucket = json!({"push": {"changes": [
        {"new": {"type": "annotated_tag", "name": "v1", "target": {"hash": NEW}}}
    ]}});
    for payload in [github, gitlab, bitbucket] {
        assert_eq!(pushed(&payload), tag, "{payload}");
    }
}

#[test]
fn of_several_changes_the_pipelines_branch_counts() {
    let change = |name: &str, hash: &str| json!({"new": {"type": "branch", "name": name, "target": {"hash": hash}}});
    let gone = json!({"old": {"name": "gone"}, "new": null});
    let of = |changes: &[&Value]| json!({"push": {"changes": changes}});
    let (main, other) = (change("main", NEW), change("other", OLD));
    let wanted = Some(("refs/heads/main".to_owned(), NEW.to_owned()));
    assert_eq!(pushed(&of(&[&other, &gone, &main])), wanted);
    assert_eq!(
        pushed(&of(&[&gone, &other])),
        Some(("refs/heads/other".to_owned(), OLD.to_owned()))
    );
    assert_eq!(read(&of(&[&gone, &gone])), Event::Deletion);
    assert_eq!(read(&of(&[])), Event::Other);
}

#[test]
fn deletions_are_told_from_pushes() {
    let bodies = [
        json!({"ref": "refs/heads/main", "after": NOTHING}),
        json!({"ref": "refs/heads/main", "after": "0".repeat(64)}),
        json!({"ref": "refs/heads/main", "after": NEW, "deleted": true}),
        json!({"ref": "refs/heads/main", "after": NOTHING, "deleted": true, "head_commit": null}),
        json!({"object_kind": "push", "ref": "refs/heads/main", "after": NOTHING, "checkout_sha": null}),
        json!({"push": {"changes": [{"old": {"name": "main"}, "new": null}]}}),
        json!({"eventKey": "repo:refs_changed", "changes": [
            {"ref": {"id": "refs/heads/main"}, "fromHash": OLD, "toHash": NOTHING, "type": "DELETE"}
        ]}),
        json!({"ref": "main", "ref_type": "branch", "pusher_type": "user"}),
    ];
    for body in bodies {
        assert_eq!(read(&body), Event::Deletion, "{body}");
    }
    let header = headers(&[("x-github-event", "delete")]);
    assert_eq!(event::read(&header, &json!({"ref": "main"}), None), Event::Deletion);
}

#[test]
fn what_is_no_push_says_no_commit() {
    let bodies = [
        json!({}),
        json!([]),
        json!("refs/heads/main"),
        json!({"ref": "main", "after": NEW}),
        json!({"ref": 7, "after": NEW}),
        json!({"ref": "refs/heads/main"}),
        json!({"ref": "refs/heads/main", "after": "HEAD"}),
        json!({"ref": "refs/heads/main", "after": "--upload-pack=x"}),
        json!({"ref": "refs/heads/main", "after": "2222222"}),
        // A pull request's `after` may be a stranger's commit.
        json!({"action": "synchronize", "before": OLD, "after": NEW}),
        json!({"push": {"changes": "all"}}),
        json!({"push": {"changes": [{"new": {"type": "branch", "target": {"hash": NEW}}}]}}),
        json!({"push": {"changes": [7, null, {}]}}),
        json!({"changes": [{"ref": {"id": "refs/heads/main"}, "toHash": NEW}]}),
        json!({"ref": "simple-tag", "ref_type": "tag", "master_branch": "main"}),
    ];
    for body in bodies {
        assert_eq!(read(&body), Event::Other, "{body}");
    }
    let ping = json!({"zen": "Design for failure.", "hook_id": 1});
    assert_eq!(read(&ping), Event::Ping);
    let header = headers(&[("x-event-key", "diagnostics:ping")]);
    assert_eq!(event::read(&header, &json!({"test": true}), None), Event::Ping);
}

#[test]
fn the_same_delivery_has_a_mark_in_common_and_another_has_none() {
    let body = br#"{"ref":"refs/heads/main"}"#;
    let marks = |lines: &[(&'static str, &str)], body: &[u8], proof| {
        identity::marks("hook", &headers(lines), body, proof, &Event::Other)
    };
    let share = |one: &[String], two: &[String]| one.iter().any(|mark| two.contains(mark));
    let first = marks(&[("x-github-delivery", "d1")], body, Proof::SignedBody);
    let again = marks(&[("x-github-delivery", "d1")], body, Proof::SignedBody);
    assert_eq!(first, again);
    // Whoever recorded a signed message may send it under another id.
    let replayed = marks(&[("x-github-delivery", "d2")], body, Proof::SignedBody);
    assert!(share(&first, &replayed));
    let other = marks(&[("x-github-delivery", "d2")], b"{}", Proof::SignedBody);
    assert!(!share(&first, &other));
    let elsewhere = identity::marks(
        "another hook",
        &headers(&[("x-github-delivery", "d1")]),
        body,
        Proof::SignedBody,
        &Event::Other,
    );
    assert!(!share(&first, &elsewhere));
    assert!(marks(&[], body, Proof::Nothing).is_empty(), "nothing tells this one from the next");
}

#[test]
fn a_push_without_an_id_is_known_by_what_moved() {
    let push = |before: &str, commit: &str| {
        Event::Push(Push {
            repository: Some("octo/app".to_owned()),
            reference: "refs/heads/main".to_owned(),
            before: Some(before.to_owned()),
            commit: commit.to_owned(),
        })
    };
    let marks =
        |event: &Event| identity::marks("hook", &HeaderMap::new(), b"{}", Proof::Nothing, event);
    assert_eq!(marks(&push(OLD, NEW)), marks(&push(OLD, NEW)));
    assert_ne!(marks(&push(OLD, NEW)), marks(&push(TAG, NEW)));
    assert_ne!(marks(&push(OLD, NEW)), marks(&push(OLD, TAG)));
}

#[test]
fn every_host_names_its_deliveries() {
    let ids = [
        "webhook-id",
        "x-github-delivery",
        "x-gitea-delivery",
        "idempotency-key",
        "x-request-uuid",
        "x-gitlab-event-uuid",
        "x-request-id",
    ];
    for name in ids {
        assert_eq!(identity::delivery_id(&headers(&[(name, " d1 ")])), Some("d1"), "{name}");
    }
    let long = "d".repeat(257);
    for id in ["", "  ", &long] {
        assert_eq!(identity::delivery_id(&headers(&[("x-github-delivery", id)])), None);
    }
    // One event of GitLab may cause several deliveries; each has its own key.
    let both = headers(&[("x-gitlab-event-uuid", "event"), ("idempotency-key", "delivery")]);
    assert_eq!(identity::delivery_id(&both), Some("delivery"));
}
