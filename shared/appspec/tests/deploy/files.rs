//! Files: where they land, what happens to those in the way, and which are removed.

use std::fs::{self, Permissions};
use std::os::unix::fs::{PermissionsExt, symlink};

use crate::world::{SITE, World, appspec_with_hooks, failed, message};

fn appspec(sections: &str) -> String {
    appspec_with_hooks(sections, &[])
}

#[test]
fn absolute_destinations_land_inside_the_host_directory() {
    let world = World::new();
    let sections = "files:\n  - source: conf/app.conf\n    destination: /etc/app\n  - source: site/\n    \
                    destination: /var/www/\n";
    let files = [("conf/app.conf", "c"), ("site/a", "1"), ("site/sub/b", "2")];
    world.deploy_well("d-1", &world.revision("one", &appspec(sections), &files));
    assert_eq!(world.files(), ["etc/app/app.conf=c", "var/www/a=1", "var/www/sub/b=2"]);
}

#[test]
fn a_slash_stands_for_the_whole_revision() {
    let world = World::new();
    let text = appspec("files:\n  - source: /\n    destination: /opt/app\n");
    let revision = world.revision("one", &text, &[("bin/run.sh", "x")]);
    symlink("bin/run.sh", revision.join("run")).expect("a link");
    fs::set_permissions(revision.join("bin/run.sh"), Permissions::from_mode(0o750)).expect("mode");
    world.deploy_well("d-1", &revision);
    assert_eq!(
        world.files(),
        [
            format!("opt/app/appspec.yml={text}").as_str(),
            "opt/app/bin/run.sh=x",
            "opt/app/run->bin/run.sh"
        ]
    );
    let mode = fs::metadata(world.host().join("opt/app/bin/run.sh")).expect("it").permissions();
    assert_eq!(mode.mode() & 0o7777, 0o750);
}

#[test]
fn files_and_directories_that_the_new_revision_lacks_are_removed() {
    let world = World::new();
    let one = [("site/a", "1"), ("site/old/b", "1"), ("site/both/c", "1")];
    let two = [("site/a", "2"), ("site/both/c", "2"), ("site/new/d", "2")];
    world.deploy_well("d-1", &world.revision("one", &appspec(SITE), &one));
    world.put("var/www/both/upload", "user");
    world.deploy_well("d-2", &world.revision("two", &appspec(SITE), &two));
    let expected =
        ["var/www/a=2", "var/www/both/c=2", "var/www/both/upload=user", "var/www/new/d=2"];
    assert_eq!(world.files(), expected);
    // The directory that held the upload is still ours, and goes once it is empty.
    fs::remove_file(world.host().join("var/www/both/upload")).expect("the upload is removed");
    world.deploy_well("d-3", &world.revision("three", &appspec(""), &[]));
    assert!(world.files().is_empty(), "{:?}", world.files());
}

#[test]
fn a_file_in_the_way_fails_the_deployment_before_anything_is_removed() {
    let world = World::new();
    world.deploy_well("d-1", &world.revision("one", &appspec(SITE), &[("site/a", "1")]));
    world.put("var/www/b", "foreign");
    let two = world.revision("two", &appspec(SITE), &[("site/a", "2"), ("site/b", "2")]);
    let ended = world.deploy("d-2", &two);
    assert_eq!(failed(&ended), ["Install"]);
    assert!(message(&ended).contains("a file already exists at /var/www/b"), "{ended}");
    assert_eq!(ended.rolled_back_to(), Some("d-1"));
    assert_eq!(world.files(), ["var/www/a=1", "var/www/b=foreign"]);
    let explicit = format!("file_exists_behavior: DISALLOW\n{SITE}");
    let three = world.revision("three", &appspec(&explicit), &[("site/b", "3")]);
    assert!(message(&world.deploy("d-3", &three)).contains("/var/www/b"));
}

#[test]
fn overwrite_replaces_what_is_in_the_way_and_retain_keeps_it() {
    let world = World::new();
    world.put("var/www/b", "foreign");
    let files = [("site/a", "1"), ("site/b", "1")];
    let retain = appspec(&format!("file_exists_behavior: RETAIN\n{SITE}"));
    world.deploy_well("d-1", &world.revision("one", &retain, &files));
    assert_eq!(world.files(), ["var/www/a=1", "var/www/b=foreign"]);
    let overwrite = appspec(&format!("file_exists_behavior: OVERWRITE\n{SITE}"));
    world.deploy_well("d-2", &world.revision("two", &overwrite, &files));
    assert_eq!(world.files(), ["var/www/a=1", "var/www/b=1"]);
    // Now it is ours: it is replaced without a word, and removed in the end.
    world.deploy_well("d-3", &world.revision("three", &appspec(SITE), &files));
    world.deploy_well("d-4", &world.revision("four", &appspec(""), &[]));
    assert_eq!(world.files(), ["var/www/"]);
}

#[test]
fn overwrite_replaces_a_link_and_not_what_it_leads_to() {
    let world = World::new();
    world.put("var/precious", "keep");
    fs::create_dir_all(world.host().join("var/www")).expect("a directory");
    symlink("../precious", world.host().join("var/www/a")).expect("a link");
    let text = appspec(&format!("file_exists_behavior: OVERWRITE\n{SITE}"));
    world.deploy_well("d-1", &world.revision("one", &text, &[("site/a", "1")]));
    assert_eq!(world.files(), ["var/precious=keep", "var/www/a=1"]);
}

#[test]
fn what_cannot_be_planned_is_refused_with_its_reason() {
    let both = "files:\n  - source: a\n    destination: /x\n  - source: d/a\n    destination: /x\n";
    let under =
        "files:\n  - source: a\n    destination: /x\n  - source: d\n    destination: /x/a\n";
    let gone = "files:\n  - source: nowhere\n    destination: /x\n";
    let blocked = "files:\n  - source: a\n    destination: /file\n";
    let cases = [
        (both, "both a and d/a would be copied to /x/a"),
        (under, "/x/a would be both a directory and the file a"),
        (gone, "`files` names nowhere, which cannot be read"),
        (blocked, "/file exists on the host and is not a directory"),
    ];
    for (sections, expected) in cases {
        let world = World::new();
        world.put("file", "");
        let files = [("a", "1"), ("d/a", "2")];
        let ended = world.deploy("d-1", &world.revision("one", &appspec(sections), &files));
        assert!(message(&ended).contains(expected), "{ended}");
        assert_eq!(world.files(), ["file="]);
    }
}

#[test]
fn two_applications_share_a_host_without_touching_each_others_files() {
    let world = World::new();
    world.deploy_well("d-1", &world.revision("one", &appspec(SITE), &[("site/a", "1")]));
    let other = world.revision("two", &appspec(SITE), &[("site/b", "2")]);
    let mut deployment = world.deployment("d-1", &other);
    deployment.application = "../shop".to_owned();
    let ended = deployment.run();
    assert!(ended.result.is_ok(), "{ended}");
    assert_eq!(world.files(), ["var/www/a=1", "var/www/b=2"]);
    let mut clash =
        world.deployment("d-2", &world.revision("three", &appspec(SITE), &[("site/b", "3")]));
    clash.deployment_group = "green".to_owned();
    assert!(message(&clash.run()).contains("a file already exists at /var/www/b"));
}
