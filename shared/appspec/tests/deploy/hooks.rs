//! Scripts: their order, whose they are, and what they are told.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;

use appspec::{BundleSource, Cause};

use crate::world::{SITE, World, appspec_with_hooks, message, statuses, tracing};

#[test]
fn the_first_deployment_has_nothing_to_stop_and_the_second_stops_the_first() {
    let world = World::new();
    let one = world.site("one", &[("site/a", "1")]);
    let two = world.site("two", &[("site/a", "2")]);
    let ended = world.deploy_well("d-1", &one);
    assert_eq!(
        statuses(&ended),
        [
            "ApplicationStop Skipped",
            "DownloadBundle Succeeded",
            "BeforeInstall Succeeded",
            "Install Succeeded",
            "AfterInstall Succeeded",
            "ApplicationStart Succeeded",
            "ValidateService Succeeded",
        ]
    );
    assert_eq!(
        world.take_trace(),
        ["BeforeInstall one", "AfterInstall one", "ApplicationStart one", "ValidateService one"]
    );
    // The revision that was deployed may be gone by now: its copy is what counts.
    fs::remove_dir_all(&one).expect("the first revision is removed");
    world.deploy_well("d-2", &two);
    assert_eq!(
        world.take_trace(),
        [
            "ApplicationStop one",
            "BeforeInstall two",
            "AfterInstall two",
            "ApplicationStart two",
            "ValidateService two",
        ]
    );
}

#[test]
fn scripts_run_around_the_installation_of_the_files() {
    let world = World::new();
    let look = "#!/bin/sh\necho \"$LIFECYCLE_EVENT $(ls var/www 2>/dev/null)\" >> \"$TRACE\"\n";
    let revision = world.revision(
        "one",
        &appspec_with_hooks(SITE, &["BeforeInstall", "AfterInstall"]),
        &[("site/a", ""), ("scripts/BeforeInstall.sh", look), ("scripts/AfterInstall.sh", look)],
    );
    world.deploy_well("d-1", &revision);
    assert_eq!(world.take_trace(), ["BeforeInstall ", "AfterInstall a"]);
}

#[test]
fn scripts_get_the_documented_environment_and_nothing_of_ours() {
    let world = World::new();
    let revision = world.revision(
        "one",
        &appspec_with_hooks("", &["AfterInstall"]),
        &[(
            "scripts/AfterInstall.sh",
            "#!/bin/sh\nenv | sort >> \"$TRACE\"\npwd -P >> \"$TRACE\"\n",
        )],
    );
    let mut deployment = world.deployment("d-1", &revision);
    deployment.bundle_source = BundleSource {
        bucket: Some("artifacts".to_owned()),
        key: Some("web/app.zip".to_owned()),
        ..BundleSource::default()
    };
    deployment.environment.insert("DEPLOYMENT_ID".to_owned(), "not this".to_owned());
    let ended = deployment.run();
    assert!(ended.result.is_ok(), "{ended}");
    let lines = world.take_trace();
    let host = world.host().canonicalize().expect("the host exists").display().to_string();
    for expected in [
        "APPLICATION_NAME=shop".to_owned(),
        "DEPLOYMENT_ID=d-1".to_owned(),
        "DEPLOYMENT_GROUP_NAME=blue".to_owned(),
        "DEPLOYMENT_GROUP_ID=blue".to_owned(),
        "LIFECYCLE_EVENT=AfterInstall".to_owned(),
        "BUNDLE_BUCKET=artifacts".to_owned(),
        "BUNDLE_KEY=web/app.zip".to_owned(),
        format!("TOWPATH_HOST_DIRECTORY={host}"),
        host,
    ] {
        assert!(lines.contains(&expected), "no {expected} in {lines:?}");
    }
    assert!(!lines.iter().any(|line| line.starts_with("CARGO")), "{lines:?}");
    assert!(!lines.iter().any(|line| line.starts_with("BUNDLE_VERSION")), "{lines:?}");
}

#[test]
fn a_script_is_made_executable_and_needs_no_interpreter_line() {
    let world = World::new();
    let revision = world.revision(
        "one",
        &appspec_with_hooks("", &["AfterInstall"]),
        &[("scripts/AfterInstall.sh", "echo ran >> \"$TRACE\"\necho to the log\n")],
    );
    let script = revision.join("scripts/AfterInstall.sh");
    fs::set_permissions(&script, Permissions::from_mode(0o644)).expect("a mode");
    world.deploy_well("d-1", &revision);
    assert_eq!(world.take_trace(), ["ran"]);
    assert!(world.log().contains("AfterInstall.sh is not executable. Making it executable."));
    assert!(world.log().contains("\nto the log\n"), "the output goes to the log");
    let mode = fs::metadata(&script).expect("the script").permissions().mode();
    assert_eq!(mode & 0o777, 0o644, "the bundle itself is not changed");
}

#[test]
fn a_script_that_is_missing_or_fails_is_named() {
    let world = World::new();
    let appspec = appspec_with_hooks("", &["ValidateService"]);
    let ended = world.deploy("d-1", &world.revision("one", &appspec, &[]));
    assert!(message(&ended).contains("does not exist at specified location: scripts/Valid"));
    let failing = [("scripts/ValidateService.sh", "#!/bin/sh\nexit 7\n")];
    let ended = world.deploy("d-2", &world.revision("two", &appspec, &failing));
    let failure = ended.result.expect_err("the deployment fails");
    assert_eq!(failure.cause, Cause::ScriptFailed);
    assert_eq!(failure.exit_status, Some(7));
    assert_eq!(failure.script.as_deref(), Some("scripts/ValidateService.sh"));
    assert!(failure.message.ends_with("failed with exit code 7"), "{}", failure.message);
}

#[test]
fn the_first_script_that_fails_ends_its_event() {
    let world = World::new();
    let appspec = "version: 0.0\nos: linux\nhooks:\n  AfterInstall:\n    - location: a.sh\n    \
                   - location: b.sh\n    - location: a.sh\n";
    let revision = world.revision(
        "one",
        appspec,
        &[("a.sh", &tracing("a")), ("b.sh", "#!/bin/sh\nkill -KILL $$\n")],
    );
    let ended = world.deploy("d-1", &revision);
    assert_eq!(world.take_trace(), ["AfterInstall a"]);
    assert!(message(&ended).ends_with("b.sh failed by signal 9"), "{}", message(&ended));
}

#[test]
fn a_script_that_takes_too_long_is_killed_with_its_children() {
    let world = World::new();
    let appspec = "version: 0.0\nos: linux\nhooks:\n  AfterInstall:\n    - location: slow.sh\n      \
                   timeout: 1\n";
    // Both ignore the polite request.
    let slow = "#!/bin/sh\ntrap '' TERM\nsh -c 'trap \"\" TERM; while :; do sleep 1; done' &\n\
                echo $! >> \"$TRACE\"\nwait\nwhile :; do sleep 1; done\n";
    let ended = world.deploy("d-1", &world.revision("one", appspec, &[("slow.sh", slow)]));
    let failure = ended.result.as_ref().expect_err("the deployment fails");
    assert_eq!(failure.cause, Cause::ScriptTimedOut);
    assert!(failure.message.ends_with("slow.sh failed to complete in 1 seconds"));
    let grandchild = world.take_trace().remove(0);
    assert!(!is_running(&grandchild), "the grandchild {grandchild} lives");
}

#[test]
fn what_a_script_starts_in_the_background_survives_its_end() {
    let world = World::new();
    let start = "#!/bin/sh\nsleep 100 &\necho $! >> \"$TRACE\"\n";
    let stop = "#!/bin/sh\nkill \"$(cat \"$TRACE\")\"\n";
    let revision = world.revision(
        "one",
        &appspec_with_hooks("", &["ApplicationStart", "ApplicationStop"]),
        &[("scripts/ApplicationStart.sh", start), ("scripts/ApplicationStop.sh", stop)],
    );
    world.deploy_well("d-1", &revision);
    let server = fs::read_to_string(world.trace_path()).expect("the server wrote its number");
    assert!(is_running(server.trim()), "the server has to run");
    world.deploy_well("d-2", &revision);
    let servers = world.take_trace();
    assert!(!is_running(&servers[0]), "the old server was stopped");
    let killed = std::process::Command::new("kill").arg(&servers[1]).status();
    assert!(killed.expect("kill runs").success());
}

/// Whether a process runs; one that ended and that nobody asked after does not.
fn is_running(process: &str) -> bool {
    for _ in 0..1000 {
        let status = fs::read_to_string(format!("/proc/{process}/stat")).unwrap_or_default();
        let state = status.rsplit_once(") ").map(|(_, rest)| rest.chars().next());
        if matches!(state, None | Some(Some('Z' | 'X'))) {
            return false;
        }
        std::thread::yield_now();
    }
    true
}
