//! Permissions: which files they change.

use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt};

use crate::world::{World, appspec_with_hooks, message};

const FILES: [(&str, &str); 5] =
    [("app/a.sh", ""), ("app/b.sh", ""), ("app/c.txt", ""), ("app/d/e.sh", ""), ("app/d/f/g", "")];

fn deploy(permissions: &str) -> (World, appspec::Ended) {
    let world = World::new();
    let sections =
        format!("files:\n  - source: app\n    destination: /opt/app\npermissions:\n{permissions}");
    let revision = world.revision("one", &appspec_with_hooks(&sections, &[]), &FILES);
    let ended = world.deploy("d-1", &revision);
    (world, ended)
}

fn mode(world: &World, path: &str) -> u32 {
    let metadata = fs::metadata(world.host().join("opt/app").join(path)).expect("it is installed");
    metadata.permissions().mode() & 0o7777
}

#[test]
fn a_pattern_means_names_right_below_the_object_but_for_the_exceptions() {
    let (world, ended) = deploy(
        "  - object: /opt/app\n    pattern: \"*.sh\"\n    except: [b.sh]\n    mode: 4710\n    \
         type: [file]\n  - object: /opt/app/c.txt\n    mode: \"0600\"\n",
    );
    assert!(ended.result.is_ok(), "{ended}");
    assert_eq!(mode(&world, "a.sh"), 0o4710);
    assert_eq!(mode(&world, "b.sh"), 0o755);
    assert_eq!(mode(&world, "c.txt"), 0o600);
    assert_eq!(mode(&world, "d/e.sh"), 0o755);
}

#[test]
fn two_stars_mean_everything_below_of_the_types_that_are_named() {
    let (world, ended) =
        deploy("  - object: /opt/app\n    mode: 700\n    type:\n      - directory\n");
    assert!(ended.result.is_ok(), "{ended}");
    assert_eq!(mode(&world, "d"), 0o700);
    assert_eq!(mode(&world, "d/f"), 0o700);
    assert_ne!(mode(&world, "c.txt"), 0o700);
    assert_ne!(mode(&world, ""), 0o700, "the object itself is not below itself");
}

#[test]
fn a_file_that_is_meant_twice_or_with_a_pattern_is_refused() {
    let (_world, ended) =
        deploy("  - object: /opt/app\n    mode: 700\n  - object: /opt/app/a.sh\n    mode: 600\n");
    assert!(message(&ended).contains("/opt/app/a.sh are given more than once"), "{ended}");
    let (_world, ended) = deploy("  - object: /opt/app/a.sh\n    pattern: x\n    mode: 600\n");
    assert!(message(&ended).contains("the object is a file"), "{ended}");
}

#[test]
fn owners_are_changed_by_root_alone_and_only_to_names_that_exist() {
    let (world, ended) = deploy(
        "  - object: /opt/app/a.sh\n    owner: daemon\n    group: daemon\n    mode: 4755\n  \
         - object: /opt/app/c.txt\n    owner: no-such-user\n    mode: 600\n",
    );
    assert!(ended.result.is_ok(), "{ended}");
    let owner = fs::metadata(world.host().join("opt/app/a.sh")).expect("it is installed").uid();
    assert_eq!(mode(&world, "a.sh"), 0o4755);
    assert_eq!(mode(&world, "c.txt"), 0o600);
    if rustix::process::geteuid().is_root() {
        assert_ne!(owner, 0);
        assert!(world.log().contains("the user no-such-user, which this machine does not have"));
    } else {
        assert!(world.log().contains("only root may change them"));
    }
}
