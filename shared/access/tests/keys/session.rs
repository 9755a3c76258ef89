//! Session keys: everything about them is in their token.

use std::sync::Arc;

use access::keys::{AnyOf, Issued, KeyFile, NoKey, SessionKeys};
use access::seal::Sealer;
use access::{Identity, Keys};
use model::time::Timestamp;
use tempfile::TempDir;

use crate::chance::draw;

const NOON: Timestamp = Timestamp::from_millis(1_795_694_400_000);

fn ann() -> Identity {
    Identity {
        arn: "arn:aws:sts::000000000000:assumed-role/Developer/ann".into(),
        account: "000000000000".into(),
        name: "ann".into(),
        roles: vec!["Operator".into(), "Approver".into()],
    }
}

fn keys() -> SessionKeys {
    SessionKeys::new(Sealer::new([1; 32]))
}

fn issue(seed: u64) -> Issued {
    keys().issue(&ann(), Some("job/1"), NOON, 900, &mut draw(seed))
}

fn refusal(keys: &dyn Keys, access_key: &str, token: Option<&str>, now: Timestamp) -> NoKey {
    keys.find(access_key, token, now).map(|_| ()).expect_err("it must be refused")
}

#[test]
fn a_session_is_found_by_its_token_alone() {
    let issued = issue(1);
    assert!(issued.access_key.starts_with("TOWP") && issued.access_key.len() == 20);
    assert_eq!(issued.secret.len(), 40);
    assert!(issued.session_token.len() < 1000, "{} letters", issued.session_token.len());
    // Nothing was remembered: another process with the same key of the deployment finds it.
    let key = keys().find(&issued.access_key, Some(&issued.session_token), NOON).expect("a key");
    assert_eq!(key.secret, issued.secret);
    assert_eq!(key.identity, ann());
    assert_eq!(key.scope.as_deref(), Some("job/1"));
    let printed = format!("{issued:?} {key:?}");
    assert!(!printed.contains(&issued.secret) && !printed.contains(&issued.session_token));
}

#[test]
fn a_session_ends_to_the_millisecond() {
    let Issued { access_key, session_token, expires, .. } = issue(1);
    assert_eq!(expires, NOON.plus_minutes(15));
    let token = Some(session_token.as_str());
    keys().find(&access_key, token, expires.plus_millis(-1)).expect("the last moment");
    assert_eq!(refusal(&keys(), &access_key, token, expires), NoKey::Expired);
}

#[test]
fn a_token_goes_with_its_own_key_and_its_own_deployment() {
    let (one, other) = (issue(1), issue(2));
    let token = Some(other.session_token.as_str());
    assert_eq!(refusal(&keys(), &one.access_key, token, NOON), NoKey::BadToken);
    let elsewhere = SessionKeys::new(Sealer::new([2; 32]));
    assert_eq!(refusal(&elsewhere, &other.access_key, token, NOON), NoKey::BadToken);
    // A token that the same deployment sealed for another purpose is no session.
    let sealer = Sealer::new([1; 32]);
    let page = sealer.seal("ListPipelines", b"{}", 1);
    assert_eq!(refusal(&keys(), &one.access_key, Some(&page), NOON), NoKey::BadToken);
    let long = "A".repeat(5000);
    assert_eq!(refusal(&keys(), &one.access_key, Some(&long), NOON), NoKey::BadToken);
    assert_eq!(refusal(&keys(), &one.access_key, None, NOON), NoKey::Unknown);
}

#[test]
fn static_keys_and_sessions_are_found_side_by_side() {
    let directory = TempDir::new().expect("a directory");
    let path = directory.path().join("keys/keys.json");
    let file = KeyFile::create(&path, "000000000000", &mut draw(3)).expect("a file");
    let (static_key, _) = file.pair_of("admin").expect("the admin");
    let both = AnyOf::new(vec![Arc::new(file), Arc::new(keys())]);
    let issued = issue(1);
    let token = Some(issued.session_token.as_str());
    assert_eq!(both.find(&static_key, None, NOON).expect("a key").identity.name, "admin");
    assert_eq!(both.find(&issued.access_key, token, NOON).expect("a key").identity, ann());
    assert_eq!(refusal(&both, &static_key, token, NOON), NoKey::BadToken);
    assert_eq!(refusal(&both, "TOWPNOBODY", None, NOON), NoKey::Unknown);
    assert_eq!(refusal(&both, "TOWPNOBODY", token, NOON), NoKey::BadToken);
    assert_eq!(refusal(&AnyOf::new(Vec::new()), &static_key, None, NOON), NoKey::Unknown);
}
