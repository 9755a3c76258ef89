//! A deployment that is killed at any moment is put right by the next one.
//!
//! The test runs itself again as another process, which deploys and is killed with `SIGKILL`: by
//! its own script at each event, and from outside amid the copying of files.

use std::ffi::OsString;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::{env, fs};

use crate::world::{EVENTS, SITE, World, appspec_with_hooks, tracing};

/// Names the directory of the world in the environment of the process that is killed.
const WORLD: &str = "TOWPATH_TEST_KILLED_WORLD";

/// Not a test of its own: deploys, if it is told where, in a process that may be killed.
#[test]
fn a_process_to_be_killed_deploys_what_it_is_told_to() {
    let Some(directory) = env::var_os(WORLD) else { return };
    let directory = PathBuf::from(directory);
    let log = fs::OpenOptions::new().create(true).append(true).open(directory.join("log"));
    let trace = directory.join("trace").to_str().expect("UTF-8").to_owned();
    let deployment = appspec::Deployment {
        bundle: directory.join("revisions/next"),
        bundle_source: appspec::BundleSource::default(),
        host: directory.join("host"),
        application: "shop".to_owned(),
        deployment_group: "blue".to_owned(),
        deployment_id: "d-2".to_owned(),
        environment: [("TRACE".to_owned(), trace)].into(),
        log: log.expect("the log opens"),
    };
    let _ = deployment.run();
}

fn start_victim(world: &World) -> Child {
    let name = "killed::a_process_to_be_killed_deploys_what_it_is_told_to";
    let own: OsString = env::current_exe().expect("our own program").into();
    Command::new(own)
        .args(["--exact", name])
        .env(WORLD, world.path())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("the victim starts")
}

/// A world with a good deployment `d-1` of three files.
fn world_with_good_deployment() -> World {
    let world = World::new();
    let good = [("site/a", "good"), ("site/b", "good"), ("site/dir/c", "good")];
    world.deploy_well("d-1", &world.site("good", &good));
    world.take_trace();
    world
}

#[test]
fn killed_at_any_event_the_same_deployment_and_another_work_afterwards() {
    for event in EVENTS {
        for retried in ["d-2", "d-3"] {
            let world = World::new();
            // The first revision kills the process that stops it, once.
            let kill_once = "#!/bin/sh\nif mkdir \"$TRACE.$LIFECYCLE_EVENT\" 2>/dev/null; then kill -KILL $PPID; \
                             sleep 100; fi\n";
            let script = format!("scripts/{event}.sh");
            let (in_good, in_next) =
                if event == "ApplicationStop" { (kill_once, "") } else { ("", kill_once) };
            let mut good = vec![("site/a", "good"), ("site/b", "good")];
            let mut next = vec![("site/a", "next"), ("site/dir/d", "next")];
            if !in_good.is_empty() {
                good.push((&script, in_good));
            }
            if !in_next.is_empty() {
                next.push((&script, in_next));
            }
            world.deploy_well("d-1", &world.site("good", &good));
            let revision = world.site("next", &next);
            let status = start_victim(&world).wait().expect("the victim ends");
            assert!(!status.success(), "the victim has to be killed at {event}");
            assert!(world.path().join(format!("trace.{event}")).exists(), "{}", world.log());
            world.deploy_well(retried, &revision);
            assert_eq!(world.files(), ["var/www/a=next", "var/www/dir/d=next"], "{event}");
            assert!(world.log().contains("killed a script that an interrupted"), "{event}");
        }
    }
}

#[test]
fn killed_amid_the_copying_the_rollback_and_the_retry_leave_no_trace_of_it() {
    const FILES: usize = 300;
    let names: Vec<String> = (0..FILES).map(|index| format!("site/many/{index:03}")).collect();
    for stop_at in [0, 1, 150, 299] {
        let world = world_with_good_deployment();
        let files: Vec<(&str, &str)> = names.iter().map(|name| (name.as_str(), "next")).collect();
        world.site("next", &files);
        let mut victim = start_victim(&world);
        let watched = world.host().join(format!("var/www/many/{stop_at:03}"));
        while !watched.exists() && victim.try_wait().expect("the victim is ours").is_none() {
            std::thread::yield_now();
        }
        victim.kill().expect("the victim is killed");
        victim.wait().expect("the victim ends");
        // A bad revision next: the good one comes back whole, whatever was half copied.
        let fails = world.revision(
            "bad",
            &appspec_with_hooks(SITE, &["AfterInstall"]),
            &[("site/z", "bad"), ("scripts/AfterInstall.sh", "#!/bin/sh\nexit 1\n")],
        );
        let ended = world.deploy("d-3", &fails);
        let back = ended.rolled_back_to().map(ToOwned::to_owned);
        if back.as_deref() == Some("d-1") {
            let good = ["var/www/a=good", "var/www/b=good", "var/www/dir/c=good"];
            assert_eq!(world.files(), good, "killed at {stop_at}");
        } else {
            // The victim was quicker than we, and had succeeded.
            assert_eq!(back.as_deref(), Some("d-2"), "{ended}");
            assert_eq!(world.files().len(), FILES);
        }
        let good = world.revision("clean", &appspec_with_hooks("", &[]), &[]);
        world.deploy_well("d-4", &good);
        assert!(world.files().is_empty(), "killed at {stop_at}: {:?}", world.files());
    }
}

#[test]
fn the_script_of_a_deployment_can_be_killed_from_outside() {
    let world = world_with_good_deployment();
    let slow = "#!/bin/sh\nmkdir \"$TRACE.running\"\nsleep 100\n";
    world.site("next", &[("site/a", "next"), ("scripts/AfterInstall.sh", slow)]);
    let mut victim = start_victim(&world);
    while !world.path().join("trace.running").exists() {
        let is_alive = victim.try_wait().expect("the victim is ours").is_none();
        assert!(is_alive, "the victim ended: {}", world.log());
        std::thread::yield_now();
    }
    victim.kill().expect("the victim is killed");
    victim.wait().expect("the victim ends");
    let stop = || appspec::stop_hook(&world.host(), "shop", "blue").expect("it can be looked up");
    assert!(stop(), "the script was running");
    assert!(!stop(), "and is gone");
    let nowhere = appspec::stop_hook(&world.path().join("nowhere"), "shop", "blue");
    assert!(!nowhere.expect("it can be looked up"));
    world.deploy_well(
        "d-3",
        &world.site("after", &[("scripts/x.sh", &tracing("x")), ("site/a", "3")]),
    );
    assert_eq!(world.files(), ["var/www/a=3"]);
}
