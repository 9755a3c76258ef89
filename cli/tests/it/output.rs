//! What is printed where nobody draws: plain lines, JSON lines, logs.

#![expect(clippy::needless_raw_string_hashes, reason = "that is how expectations are written anew")]

use std::collections::BTreeSet;

use expect_test::expect;
use serde_json::Value;

use crate::world::{World, approve, build, pipeline};

const RUN: &str = "run web.json --repository app=app --data data --once --yes";

fn failing() -> World {
    let script = "for i in $(seq 1 30); do echo \"line $i\"; done\nexit 3\n";
    let world = World::new(script);
    world.pipeline("web.json", &pipeline("SUPERSEDED", &[approve(), build()]));
    world
}

#[test]
fn a_failure_comes_last_with_the_last_20_lines_of_its_log() {
    let world = failing();
    let finished = world.towpath(RUN).expect(1);
    expect![[r#"
        web       defined          v1                SUPERSEDED by towpath run
        web #1    started          v1                CreatePipeline towpath run
        web #1    entered          Source
        web #1    → run            Source/Commit     attempt 1
        web #1    ✓ succeeded      Source/Commit
        web #1    left             Source
        web #1    entered          Approve
        web #1    → run            Approve/Release   attempt 1
        web #1    ✓ succeeded      Approve/Release   by --yes
        web #1    left             Approve
        web #1    entered          Build
        web #1    → run            Build/Compile     attempt 1
        web #1    ✗ failed         Build/Compile     JobFailed: phase BUILD: command `sh build.sh` ended with exit status 3
        web #1    stage failed     Build
        web #1    failed

                           #1
        Source/Commit    ✓ TOOK
        Approve/Release  ✓ TOOK
        Build/Compile    ✗ TOOK

        #1 failed after TOOK

        ✗ #1 Build/Compile: phase BUILD: command `sh build.sh` ended with exit status 3
          the end of DIR/data/runs/ID/log:
          │ line 15
          │ line 16
          │ line 17
          │ line 18
          │ line 19
          │ line 20
          │ line 21
          │ line 22
          │ line 23
          │ line 24
          │ line 25
          │ line 26
          │ line 27
          │ line 28
          │ line 29
          │ line 30
          │ [build TIME] command `sh build.sh` ended with exit status 3
          │ [build TIME] Phase BUILD ends: failed
          │ [build TIME] Build failed in phase BUILD: command `sh build.sh` ended with exit status 3
          │ [towpath TIME] Failed (JobFailed): phase BUILD: command `sh build.sh` ended with exit status 3
    "#]]
    .assert_eq(&world.same_each_time(&finished.out));
    assert_eq!(finished.err, "");
}

#[test]
fn logs_are_shown_as_they_come_before_the_change_they_lead_to() {
    let world = World::new("echo hello; printf 'no end'");
    world.pipeline("web.json", &pipeline("SUPERSEDED", &[build()]));
    let finished = world.towpath(&format!("{RUN} --logs")).expect(0);
    let lines: Vec<_> = finished.out.lines().collect();
    let place = |text: &str| lines.iter().position(|line| line.contains(text)).unwrap();
    let begins = place("→ run            Build/Compile");
    let ends = place("✓ succeeded      Build/Compile");
    let hello = lines.iter().position(|line| *line == "#1 Build/Compile │ hello").unwrap();
    assert!(begins < hello && hello < ends, "{}", finished.out);
    assert!(place("│ no end") < ends, "{}", finished.out);
}

#[test]
fn json_lines_keep_their_shape() {
    let world = failing();
    let finished = world.towpath(&format!("{RUN} --json --logs")).expect(1);
    let mut shapes = BTreeSet::new();
    for line in finished.json() {
        let mut members: Vec<_> = line.as_object().unwrap().keys().map(String::as_str).collect();
        members.sort_unstable();
        let change = line.get("change").and_then(Value::as_str).unwrap_or_default();
        shapes.insert(format!(
            "{} {change}: {}",
            line["kind"].as_str().unwrap(),
            members.join(" ")
        ));
    }
    let shapes: Vec<_> = shapes.into_iter().collect();
    expect![[r#"
        change action-failed: action attempt change execution kind line number pipeline sequence stage time
        change action-requested: action attempt change execution kind line number pipeline sequence stage time
        change action-succeeded: action attempt change execution kind line number pipeline sequence stage time
        change defined: change kind line pipeline time
        change entered: change execution kind line number pipeline sequence stage time
        change failed: change execution kind line number pipeline sequence time
        change stage-failed: change execution kind line number pipeline sequence stage time
        change stage-succeeded: change execution kind line number pipeline sequence stage time
        change started: change execution kind line number pipeline sequence time
        failure : action execution kind log message number stage
        log : action execution kind line number stage
    "#]].assert_eq(&(shapes.join("\n") + "\n"));
    let last = finished.json().pop().unwrap();
    assert_eq!(last["kind"], "failure");
    assert_eq!(last["log"].as_array().unwrap().len(), 20);
}

#[test]
fn no_colour_and_no_drawing_reach_a_pipe() {
    let world = World::new("true");
    world.pipeline("web.json", &pipeline("SUPERSEDED", &[build()]));
    let finished = world.towpath(RUN).expect(0);
    assert!(!finished.out.contains('\u{1b}'), "{}", finished.out);
}

#[test]
fn an_action_that_cannot_run_here_is_said_before_anything_runs() {
    let world = World::new("true");
    let ship = crate::world::action(
        "Ecs",
        "Deploy/AWS/ECS",
        &serde_json::json!({ "ClusterName": "c", "ServiceName": "s" }),
        &serde_json::json!({ "inputArtifacts": [{ "name": "Code" }] }),
    );
    let ship = crate::world::stage("Ship", &[ship]);
    world.pipeline("web.json", &pipeline("SUPERSEDED", &[ship]));
    let finished = world.towpath(RUN).expect(1);
    let first = finished.out.lines().next().unwrap();
    assert!(first.starts_with("! Ship/Ecs will fail here: "), "{first}");
}

#[test]
fn the_demo_shows_a_lock_and_what_was_superseded_and_ends_well() {
    let world = World::new("true");
    let finished = world.towpath("demo --yes --data demo --events events.jsonl").expect(0);
    for text in ["web-app #2  superseded", "#3 replaced #2", "deployed ", "try next:"] {
        assert!(finished.out.contains(text), "{text} is not in:\n{}", finished.out);
    }
    assert_eq!(crate::events::check(&world.read("events.jsonl")), 3);
}
