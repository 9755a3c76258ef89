//! What goes wrong, and how the host looks afterwards.

use std::fs;

use appspec::{Cause, Rollback};

use crate::world::{EVENTS, SITE, World, appspec_with_hooks, failed, message, statuses, tracing};

const FAIL: &str = "#!/bin/sh\necho \"$LIFECYCLE_EVENT fails\" >> \"$TRACE\"\nexit 1\n";

/// A revision of the site whose script for one event fails.
fn failing(world: &World, name: &str, event: &str) -> std::path::PathBuf {
    let script = format!("scripts/{event}.sh");
    world.site(name, &[("site/a", name), ("site/only-in-this", name), (&script, FAIL)])
}

#[test]
fn a_failure_brings_the_last_good_revision_back() {
    let world = World::new();
    world.deploy_well("d-1", &world.site("good", &[("site/a", "good"), ("site/b", "good")]));
    for (index, event) in EVENTS.iter().enumerate().skip(1) {
        world.take_trace();
        let bad = failing(&world, &format!("bad-{event}"), event);
        let ended = world.deploy(&format!("d-bad-{index}"), &bad);
        assert_eq!(failed(&ended), [*event]);
        assert_eq!(ended.rolled_back_to(), Some("d-1"), "{ended}");
        assert_eq!(world.files(), ["var/www/a=good", "var/www/b=good"], "after {event}");
        let Rollback::Succeeded { events, .. } = &ended.rollback else { panic!("{ended}") };
        assert_eq!(events.len(), 7);
        let trace = world.take_trace();
        assert_eq!(trace.last().map(String::as_str), Some("ValidateService good"));
    }
}

#[test]
fn the_rollback_stops_the_revision_that_was_installed_and_later_events_are_skipped() {
    let world = World::new();
    world.deploy_well("d-1", &world.site("good", &[("site/a", "good")]));
    world.take_trace();
    let ended = world.deploy("d-2", &failing(&world, "bad", "AfterInstall"));
    assert_eq!(
        statuses(&ended)[4..],
        ["AfterInstall Failed", "ApplicationStart Skipped", "ValidateService Skipped",]
    );
    assert_eq!(
        world.take_trace(),
        [
            "ApplicationStop good",
            "BeforeInstall bad",
            "AfterInstall fails",
            "ApplicationStop bad",
            "BeforeInstall good",
            "AfterInstall good",
            "ApplicationStart good",
            "ValidateService good",
        ]
    );
    assert_eq!(
        ended.to_string(),
        "the deployment failed at AfterInstall: Script at specified location: \
         scripts/AfterInstall.sh failed with exit code 1; rolled back to the revision of \
         deployment d-1"
    );
}

#[test]
fn without_a_good_revision_there_is_nothing_to_return_to_and_we_say_so() {
    let world = World::new();
    let ended = world.deploy("d-1", &failing(&world, "bad", "ApplicationStart"));
    assert_eq!(ended.rollback, Rollback::NothingToReturnTo);
    assert!(ended.to_string().contains("no deployment to this group ever succeeded"), "{ended}");
    // The next deployment starts from there, and what was left behind is replaced.
    world.deploy_well("d-2", &world.site("good", &[("site/a", "good")]));
    assert_eq!(world.files(), ["var/www/a=good"]);
}

#[test]
fn a_rollback_that_fails_too_is_reported_with_both_reasons() {
    let world = World::new();
    let guard = "#!/bin/sh\ntest ! -e \"$TRACE.broken\"\n";
    let good = world.revision(
        "good",
        &appspec_with_hooks(SITE, &["BeforeInstall"]),
        &[("site/a", "good"), ("scripts/BeforeInstall.sh", guard)],
    );
    world.deploy_well("d-1", &good);
    fs::write(world.path().join("trace.broken"), "").expect("the host breaks");
    let ended = world.deploy("d-2", &failing(&world, "bad", "ValidateService"));
    let Rollback::Failed { to, failure, .. } = &ended.rollback else { panic!("{ended}") };
    assert_eq!((to.as_str(), failure.event.name()), ("d-1", "BeforeInstall"));
    assert!(ended.to_string().contains("failed at ValidateService"), "{ended}");
    assert!(ended.to_string().contains("failed too, at BeforeInstall"), "{ended}");
    // Once the host is mended the good revision is still known.
    fs::remove_file(world.path().join("trace.broken")).expect("the host is mended");
    let ended = world.deploy("d-3", &failing(&world, "worse", "ValidateService"));
    assert_eq!(ended.rolled_back_to(), Some("d-1"));
    assert_eq!(world.files(), ["var/www/a=good"]);
}

#[test]
fn an_application_that_cannot_be_stopped_does_not_keep_the_rollback_away() {
    let world = World::new();
    world.deploy_well("d-1", &failing(&world, "stuck", "ApplicationStop"));
    let ended = world.deploy("d-2", &world.site("next", &[("site/a", "next")]));
    assert_eq!(failed(&ended), ["ApplicationStop"]);
    assert_eq!(ended.rolled_back_to(), Some("d-1"), "{ended}");
    assert!(world.log().contains("the rollback goes on"));
    assert_eq!(world.files(), ["var/www/a=stuck", "var/www/only-in-this=stuck"]);
}

#[test]
fn what_cannot_be_deployed_here_is_refused_before_the_application_is_stopped() {
    let lambda = "version: 0.0\nResources:\n  - f:\n      Type: AWS::Lambda::Function\n      \
                  Properties: {Name: f, Alias: live, CurrentVersion: 1, TargetVersion: 2}\n";
    let windows = "version: 0.0\nos: windows\n";
    let runas = "version: 0.0\nos: linux\nhooks:\n  AfterInstall:\n    - location: a.sh\n      \
                 runas: no-such-user\n";
    let cases = [
        (lambda, "AWS-compatible endpoint"),
        (windows, "this machine cannot run its scripts"),
        (runas, "no such user in /etc/passwd"),
        ("version: 0.0\nos: linux\nfiles: 3\n", "files: is a number, not a list"),
    ];
    let world = World::new();
    world.deploy_well("d-1", &world.site("good", &[("site/a", "good")]));
    world.take_trace();
    for (index, (text, expected)) in cases.into_iter().enumerate() {
        let bad = world.revision(&format!("bad-{index}"), text, &[]);
        let ended = world.deploy(&format!("d-bad-{index}"), &bad);
        assert!(message(&ended).contains(expected), "{ended}");
        assert_eq!(ended.rollback, Rollback::NotNeeded);
        assert_eq!(failed(&ended), ["DownloadBundle"]);
    }
    let empty = world.path().join("empty");
    fs::create_dir(&empty).expect("a directory");
    let ended = world.deploy("d-empty", &empty);
    assert!(message(&ended).contains("has no appspec.yml at its root"), "{ended}");
    let ended = world.deploy("d-gone", &world.path().join("gone"));
    assert!(message(&ended).contains("failed to open the revision"), "{ended}");
    assert!(world.take_trace().is_empty(), "nothing ran");
    assert_eq!(world.files(), ["var/www/a=good"]);
}

#[test]
fn an_appspec_may_be_called_yaml_and_yml_wins() {
    let world = World::new();
    let revision = world.revision("one", &appspec_with_hooks(SITE, &[]), &[("site/a", "1")]);
    fs::rename(revision.join("appspec.yml"), revision.join("appspec.yaml")).expect("renamed");
    world.deploy_well("d-1", &revision);
    fs::write(revision.join("appspec.yml"), appspec_with_hooks("", &[])).expect("written");
    world.deploy_well("d-2", &revision);
    assert!(world.files().is_empty());
}

#[test]
fn scripts_run_as_another_user_for_root_alone() {
    let world = World::new();
    let text = "version: 0.0\nos: linux\nhooks:\n  AfterInstall:\n    - location: a.sh\n      \
                runas: daemon\n";
    let script = "#!/bin/sh\necho \"$(id -un) $USER $HOME\"\nexit 3\n";
    let open = std::os::unix::fs::PermissionsExt::from_mode(0o755);
    fs::set_permissions(world.path(), open).expect("the world is open to others");
    let ended = world.deploy("d-1", &world.revision("one", text, &[("a.sh", script)]));
    if rustix::process::geteuid().is_root() {
        assert!(world.log().contains("\ndaemon daemon /"), "{}", world.log());
        assert!(message(&ended).contains("a.sh run as user daemon failed with exit code 3"));
    } else {
        assert!(message(&ended).contains("only root may run it"), "{ended}");
        assert_eq!(ended.result.expect_err("it fails").cause, Cause::ScriptNotExecutable);
    }
}

#[test]
fn a_second_deployment_at_the_same_time_is_refused() {
    let world = World::new();
    let records = world.host().join(".towpath/shop/blue");
    fs::create_dir_all(&records).expect("the records");
    let lock = fs::File::create(records.join("lock")).expect("the lock");
    rustix::fs::flock(&lock, rustix::fs::FlockOperation::LockExclusive).expect("it is locked");
    let revision = world.site("one", &[("site/a", "1")]);
    let ended = world.deploy("d-1", &revision);
    assert!(message(&ended).contains("another deployment to blue of shop is running"), "{ended}");
    rustix::fs::flock(&lock, rustix::fs::FlockOperation::Unlock).expect("it is unlocked");
    world.deploy_well("d-1", &revision);
}

#[test]
fn damaged_records_and_bad_names_are_refused_with_the_way_out() {
    let world = World::new();
    let revision = world.site("one", &[("site/a", "1")]);
    world.deploy_well("d-1", &revision);
    let state = world.host().join(".towpath/shop/blue/state.json");
    fs::write(&state, "{").expect("the state is damaged");
    assert!(message(&world.deploy("d-2", &revision)).contains("state.json is damaged"));
    fs::write(&state, "{\"v\": 2}").expect("the state is of the future");
    assert!(message(&world.deploy("d-2", &revision)).contains("written by a newer version"));
    let mut deployment = world.deployment("", &revision);
    assert!(message(&deployment.run()).contains("has no id"));
    deployment.application = "x".repeat(101);
    deployment.deployment_id = "d-3".to_owned();
    assert!(message(&deployment.run()).contains("1 to 100 characters"));
    let file = world.path().join("file");
    fs::write(&file, "").expect("a file");
    deployment.host = file.join("host");
    assert!(message(&deployment.run()).contains("failed to create the directory"));
}

#[test]
fn only_revisions_that_may_be_needed_are_kept() {
    let world = World::new();
    for (id, name) in [("d-1", "one"), ("d-2", "two"), ("d-3", "three")] {
        world.deploy_well(
            id,
            &world.revision(
                name,
                &appspec_with_hooks("", &["AfterInstall"]),
                &[("scripts/AfterInstall.sh", &tracing(name))],
            ),
        );
    }
    let ended = world.deploy("d-4", &failing(&world, "bad", "AfterInstall"));
    assert_eq!(ended.rolled_back_to(), Some("d-3"));
    let revisions = fs::read_dir(world.host().join(".towpath/shop/blue/revisions"));
    let names: Vec<_> =
        revisions.expect("readable").map(|entry| entry.expect("an entry").file_name()).collect();
    assert_eq!(names, ["d-3"]);
}
