//! The key file: for its user only, and always as it is on the disk.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use access::Keys;
use access::keys::{KeyFile, KeyFileError, NoKey};
use model::time::Timestamp;
use tempfile::TempDir;

use crate::chance::draw;

const NOW: Timestamp = Timestamp::from_millis(0);
const ACCOUNT: &str = "000000000000";

struct Machine {
    _directory: TempDir,
    path: PathBuf,
}

fn machine() -> Machine {
    let directory = TempDir::new().expect("a directory");
    let path = directory.path().join("towpath/keys.json");
    Machine { _directory: directory, path }
}

fn create(path: &Path) -> KeyFile {
    KeyFile::create(path, ACCOUNT, &mut draw(1)).expect("a key file")
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).expect("a file").permissions().mode() & 0o777
}

fn set_mode(path: &Path, mode: u32) {
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).expect("a mode");
}

fn roles(roles: &[&str]) -> Vec<String> {
    roles.iter().map(|role| (*role).to_owned()).collect()
}

#[test]
fn the_first_start_makes_one_admin_whose_key_nobody_else_can_read() {
    let machine = machine();
    let keys = create(&machine.path);
    assert_eq!(mode(&machine.path), 0o600);
    assert_eq!(mode(machine.path.parent().expect("a directory")), 0o700);
    let listed = keys.list();
    assert_eq!(listed.len(), 1);
    assert_eq!((listed[0].name.as_str(), &listed[0].roles), ("admin", &roles(&["Admin"])));
    let (access_key, secret) = keys.pair_of("admin").expect("the admin");
    assert!(access_key.starts_with("TOWP") && access_key.len() == 20, "{access_key}");
    assert_eq!(secret.len(), 40);
    let key = keys.find(&access_key, None, NOW).expect("a key");
    assert_eq!(key.identity.arn, "arn:aws:iam::000000000000:user/admin");
    assert_eq!((key.secret.clone(), key.scope.clone()), (secret.clone(), None));
    assert!(!format!("{keys:?} {key:?} {listed:?}").contains(&secret), "secrets are not printed");
    // The next start finds the same key; a second creation does not replace it.
    let again = KeyFile::open_or_create(&machine.path, ACCOUNT, &mut draw(2)).expect("the file");
    assert_eq!(again.list(), listed);
    let second = KeyFile::create(&machine.path, ACCOUNT, &mut draw(2));
    assert!(matches!(second, Err(KeyFileError::Exists { .. })));
    assert_eq!(keys.find("TOWPNOBODY", None, NOW).map(drop), Err(NoKey::Unknown));
    assert_eq!(keys.find(&access_key, Some("token"), NOW).map(drop), Err(NoKey::BadToken));
}

#[test]
fn a_file_or_directory_that_others_can_use_is_refused_with_the_way_out() {
    for bits in [0o640, 0o604, 0o620, 0o602, 0o610, 0o601, 0o666] {
        let machine = machine();
        drop(create(&machine.path));
        set_mode(&machine.path, bits);
        let error = KeyFile::open(&machine.path, ACCOUNT).map(drop).expect_err("others can use it");
        assert!(error.to_string().contains("chmod 600"), "{error}");
    }
    let machine = machine();
    let directory = machine.path.parent().expect("a directory");
    drop(create(&machine.path));
    set_mode(directory, 0o755);
    let error = KeyFile::open(&machine.path, ACCOUNT).map(drop).expect_err("others can look in");
    assert!(error.to_string().contains("chmod 700"), "{error}");
    fs::remove_file(&machine.path).expect("a file");
    assert!(KeyFile::create(&machine.path, ACCOUNT, &mut draw(1)).is_err());
    assert!(!machine.path.exists(), "no key is written where others can look");
}

#[test]
fn keys_are_added_and_removed_and_every_reader_knows_at_once() {
    let machine = machine();
    let keys = create(&machine.path);
    let reader = KeyFile::open(&machine.path, ACCOUNT).expect("the file");
    let (access_key, secret) =
        keys.add("ann", &roles(&["Operator", "Night-shift"]), &mut draw(2)).expect("a key");
    assert_eq!(mode(&machine.path), 0o600);
    for keys in [&keys, &reader] {
        let key = keys.find(&access_key, None, NOW).expect("a key");
        assert_eq!((&key.secret, key.identity.name.as_str()), (&secret, "ann"));
        assert_eq!(key.identity.roles, roles(&["Operator", "Night-shift"]));
        assert_eq!(keys.list().len(), 2);
    }
    keys.remove(&access_key).expect("it is there");
    for keys in [&keys, &reader] {
        assert_eq!(keys.find(&access_key, None, NOW).map(drop), Err(NoKey::Unknown));
    }
    assert!(matches!(keys.remove(&access_key), Err(KeyFileError::NoSuchKey { .. })));
}

#[test]
fn the_last_admin_stays() {
    let machine = machine();
    let keys = create(&machine.path);
    let (first, _) = keys.pair_of("admin").expect("the admin");
    keys.add("ann", &roles(&["Editor"]), &mut draw(2)).expect("a key");
    assert!(matches!(keys.remove(&first), Err(KeyFileError::LastAdmin { .. })));
    keys.find(&first, None, NOW).expect("still there");
    keys.add("bob", &roles(&["Admin"]), &mut draw(3)).expect("a key");
    keys.remove(&first).expect("there is another admin");
}

/// A list that cannot be trusted any more lets nobody in; when it is put right, work goes on.
#[test]
fn a_file_that_goes_bad_while_we_run_lets_nobody_in_until_it_is_put_right() {
    let machine = machine();
    let keys = create(&machine.path);
    let (access_key, _) = keys.pair_of("admin").expect("the admin");
    let good = fs::read(&machine.path).expect("the file");
    let find = || keys.find(&access_key, None, NOW).map(drop);
    let put_right = || {
        fs::write(&machine.path, &good).expect("the file");
        set_mode(&machine.path, 0o600);
        assert_eq!(find(), Ok(()));
    };
    set_mode(&machine.path, 0o644);
    assert_eq!(find(), Err(NoKey::Unknown));
    put_right();
    fs::write(&machine.path, "{").expect("the file");
    assert_eq!(find(), Err(NoKey::Unknown));
    put_right();
    fs::remove_file(&machine.path).expect("the file");
    assert_eq!(find(), Err(NoKey::Unknown));
    put_right();
}

#[test]
fn what_is_not_a_key_file_is_refused_without_quoting_secrets() {
    let key = |access_key: &str, secret: &str, name: &str, role: &str| {
        format!(
            r#"{{"AccessKeyId":"{access_key}","SecretAccessKey":"{secret}","name":"{name}","roles":["{role}"]}}"#
        )
    };
    let file = |keys: &[String]| format!(r#"{{"v":1,"keys":[{}]}}"#, keys.join(","));
    let good = key("TOWPA", "SECRETSECRET", "ann", "Viewer");
    let rows = [
        (String::new(), "line 1"),
        ("[]".into(), "line 1"),
        (r#"{"v":1}"#.into(), "line 1"),
        (r#"{"v":2,"keys":[]}"#.into(), "`v` is 2"),
        (r#"{"v":1,"keys":[],"more":"SECRETSECRET"}"#.into(), "line 1"),
        (file(&[good.clone(), good.clone()]), "twice"),
        (file(&[key("", "SECRETSECRET", "ann", "Viewer")]), "AccessKeyId"),
        (file(&[key("TOWP/A", "SECRETSECRET", "ann", "Viewer")]), "AccessKeyId"),
        (file(&[key("TOWPA", "", "ann", "Viewer")]), "SecretAccessKey"),
        (file(&[key("TOWPA", "SECRETSECRET", "a/b", "Viewer")]), "name"),
        (file(&[key("TOWPA", "SECRETSECRET", "ann", "")]), "roles"),
        (file(&vec![good.replace("\"roles\":[\"Viewer\"]", "\"roles\":3"); 2]), "line 1"),
        (" ".repeat(2_000_000), "bytes"),
    ];
    let machine = machine();
    drop(create(&machine.path));
    for (text, words) in rows {
        fs::write(&machine.path, &text).expect("the file");
        let error = KeyFile::open(&machine.path, ACCOUNT).map(drop).expect_err("not a key file");
        let sentence = error.to_string();
        assert!(sentence.contains(words), "`{words}` is not in: {sentence}");
        assert!(!format!("{error:?}").contains("SECRETSECRET"), "{sentence}");
    }
    fs::write(&machine.path, file(&[good])).expect("the file");
    KeyFile::open(&machine.path, ACCOUNT).map(drop).expect("this one is right");
}

#[test]
fn names_that_would_break_an_arn_are_refused_by_field() {
    let machine = machine();
    let keys = create(&machine.path);
    for name in ["", "a b", "a/b", "a:b", "*", "ሴ", "a\n", &"x".repeat(65)] {
        let error = keys.add(name, &roles(&["Viewer"]), &mut draw(2)).expect_err("no name");
        assert!(error.to_string().starts_with("`name`"), "{error}");
        let error = keys.add("ann", &roles(&[name]), &mut draw(2)).expect_err("no role");
        assert!(error.to_string().starts_with("`roles`"), "{error}");
    }
    assert_eq!(keys.list().len(), 1);
}

#[test]
fn two_who_change_the_file_at_once_lose_nothing() {
    let machine = machine();
    drop(create(&machine.path));
    std::thread::scope(|scope| {
        for worker in 0..4_u64 {
            let path = &machine.path;
            scope.spawn(move || {
                let keys = KeyFile::open(path, ACCOUNT).expect("the file");
                for number in 0..10 {
                    let name = format!("worker-{worker}-{number}");
                    let mut draw = draw(100 + worker * 10 + number);
                    keys.add(&name, &roles(&["JobWorker"]), &mut draw).expect("a key");
                }
            });
        }
    });
    assert_eq!(KeyFile::open(&machine.path, ACCOUNT).expect("the file").list().len(), 41);
}
