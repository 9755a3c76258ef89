//! Nothing that we write leaves the host directory, and nothing that we read leaves the revision.

use std::fs;
use std::os::unix::fs::symlink;

use crate::world::{SITE, World, appspec_with_hooks, failed, message};

fn refused(world: &World, expected: &str, revision: &std::path::Path) {
    let ended = world.deploy("d-1", revision);
    assert!(message(&ended).contains(expected), "{ended}");
}

#[test]
fn dots_in_the_appspec_are_refused_before_anything_is_touched() {
    for sections in [
        "files:\n  - source: a\n    destination: /../../outside\n",
        "files:\n  - source: ../outside\n    destination: /x\n",
        "hooks:\n  AfterInstall:\n    - location: ../outside.sh\n",
    ] {
        let world = World::new();
        let revision = world.revision("one", &appspec_with_hooks(sections, &[]), &[("a", "")]);
        let ended = world.deploy("d-1", &revision);
        assert!(message(&ended).contains(".."), "{ended}");
        assert_eq!(failed(&ended), ["DownloadBundle"]);
        assert!(world.files().is_empty());
    }
}

#[test]
fn a_link_on_the_host_that_leads_outside_is_not_followed() {
    let world = World::new();
    let outside = world.path().join("outside");
    fs::create_dir(&outside).expect("a directory");
    let revision = world.revision("one", &appspec_with_hooks(SITE, &[]), &[("site/a", "1")]);
    for target in [outside.to_str().expect("UTF-8"), "../outside"] {
        symlink(target, world.host().join("var")).expect("a link");
        refused(&world, "leads out of it", &revision);
        fs::remove_file(world.host().join("var")).expect("the link is removed");
    }
    let is_empty = fs::read_dir(&outside).expect("it is readable").next().is_none();
    assert!(is_empty, "something was written outside");
}

#[test]
fn a_link_on_the_host_that_stays_inside_is_followed() {
    let world = World::new();
    fs::create_dir_all(world.host().join("srv/web")).expect("a directory");
    symlink("srv", world.host().join("var")).expect("a link");
    let sections = "files:\n  - source: site\n    destination: /var/web\n";
    let revision = world.revision("one", &appspec_with_hooks(sections, &[]), &[("site/a", "1")]);
    world.deploy_well("d-1", &revision);
    assert_eq!(world.files(), ["srv/web/a=1", "var->srv"]);
}

#[test]
fn removal_does_not_follow_a_link_outside_either() {
    let world = World::new();
    let outside = world.path().join("outside");
    fs::create_dir_all(outside.join("www")).expect("a directory");
    fs::write(outside.join("www/a"), "precious").expect("a file");
    let one = world.revision("one", &appspec_with_hooks(SITE, &[]), &[("site/a", "1")]);
    world.deploy_well("d-1", &one);
    fs::remove_dir_all(world.host().join("var")).expect("the directory is removed");
    symlink(&outside, world.host().join("var")).expect("a link");
    let two = world.revision("two", &appspec_with_hooks("", &[]), &[]);
    let ended = world.deploy("d-2", &two);
    assert_eq!(failed(&ended), ["Install"]);
    assert_eq!(fs::read_to_string(outside.join("www/a")).expect("it is there"), "precious");
}

#[test]
fn a_link_in_the_revision_that_leads_out_of_it_is_refused() {
    for target in ["/etc/passwd", "../../outside", "sub/../../../x"] {
        let world = World::new();
        let text = appspec_with_hooks(SITE, &[]);
        let revision = world.revision("one", &text, &[("site/sub/a", "")]);
        symlink(target, revision.join("site/link")).expect("a link");
        refused(&world, "out of the revision", &revision);
        assert!(world.files().is_empty());
    }
}

#[test]
fn a_link_that_would_leave_the_host_from_its_new_place_is_refused() {
    let world = World::new();
    let sections = "files:\n  - source: deep/down/link\n    destination: /\n";
    let revision =
        world.revision("one", &appspec_with_hooks(sections, &[]), &[("deep/down/a", "")]);
    symlink("../../appspec.yml", revision.join("deep/down/link")).expect("a link");
    refused(&world, "out of the host directory", &revision);
    assert!(world.files().is_empty(), "{:?}", world.files());
}

#[test]
fn a_chain_of_links_cannot_climb_out_step_by_step() {
    let world = World::new();
    let sections = "files:\n  - source: tree\n    destination: /p/q\n";
    let revision = world.revision("one", &appspec_with_hooks(sections, &[]), &[("tree/a", "")]);
    // `up` is the root of the host; `x/..` therefore looks harmless and is not.
    symlink("../..", revision.join("tree/a-up")).expect("a link");
    symlink("a-up/../../outside", revision.join("tree/b")).expect("a link");
    let ended = world.deploy("d-1", &revision);
    assert!(message(&ended).contains("symbolic link"), "{ended}");
    assert!(world.files().iter().all(|file| !file.contains("tree/b")));
}

#[test]
fn our_own_records_are_out_of_reach_of_revisions() {
    let world = World::new();
    let direct = "files:\n  - source: a\n    destination: /.towpath/shop/blue\n";
    let revision = world.revision("one", &appspec_with_hooks(direct, &[]), &[("a", "1")]);
    refused(&world, "kept for the records of deployments", &revision);
    let hidden = "files:\n  - source: tree\n    destination: /x\n  - source: a\n    \
                  destination: /door/shop/blue\n";
    symlink(".towpath", world.host().join("door")).expect("a link");
    let revision =
        world.revision("two", &appspec_with_hooks(hidden, &[]), &[("a", "1"), ("tree/b", "")]);
    refused(&world, "kept for the records of deployments", &revision);
}

#[test]
fn a_script_behind_a_link_out_of_the_revision_is_not_run() {
    let world = World::new();
    let text = appspec_with_hooks("", &["AfterInstall"]);
    let revision = world.revision("one", &text, &[("scripts/x", "")]);
    symlink("/bin/true", revision.join("scripts/AfterInstall.sh")).expect("a link");
    refused(&world, "out of the revision", &revision);
}

#[test]
fn what_is_no_file_is_refused() {
    let world = World::new();
    let revision = world.revision("one", &appspec_with_hooks(SITE, &[]), &[("site/a", "")]);
    let made = std::process::Command::new("mkfifo").arg(revision.join("site/pipe")).status();
    assert!(made.expect("mkfifo runs").success());
    refused(&world, "is neither a file, a directory nor a link", &revision);
}
