//! Exit statuses.

use crate::world::{World, approve, build, pipeline};

const RUN: &str = "run web.json --repository app=app --data data --once";

#[test]
fn a_pipeline_that_succeeds_ends_with_0() {
    let world = World::new("true");
    world.pipeline("web.json", &pipeline("SUPERSEDED", &[build()]));
    world.towpath(RUN).expect(0);
}

#[test]
fn a_build_that_fails_ends_with_1() {
    let world = World::new("exit 3");
    world.pipeline("web.json", &pipeline("SUPERSEDED", &[build()]));
    let finished = world.towpath(RUN).expect(1);
    assert!(finished.out.contains("ended with exit status 3"), "{}", finished.out);
}

#[test]
fn an_interrupted_run_ends_with_2_and_goes_on_when_run_again() {
    let world = World::new("");
    let (ledger, gate) = (world.path("ledger"), world.path("gate"));
    let build_script = format!("echo built >> {}\ncat {}\n", ledger.display(), gate.display());
    world.write("app/build.sh", build_script);
    world.commit("Wait at the gate");
    crate::world::pipe(&gate);
    world.pipeline("web.json", &pipeline("SUPERSEDED", &[build()]));
    let child = world.start(RUN);
    world.wait("the build never began", || world.read("ledger").lines().count() == 1);
    signal("-INT", child.id());
    let finished = world.finish(child).expect(2);
    assert!(finished.out.contains("#1 will go on when you run this again"), "{}", finished.out);

    let again = world.start(RUN);
    std::fs::write(&gate, "open").unwrap();
    let finished = world.finish(again).expect(0);
    assert!(finished.out.contains("#1 goes on where it was left"), "{}", finished.out);
    assert_eq!(world.read("ledger").lines().count(), 1, "the build ran twice");
}

#[test]
fn an_approval_that_nobody_gives_ends_with_3_and_can_be_given_later() {
    let world = World::new("true");
    world.pipeline("web.json", &pipeline("SUPERSEDED", &[approve(), build()]));
    world.towpath(RUN).expect(3).says("#1 waits for approval Approve/Release");
    world.towpath(RUN).expect(3).says("--yes");
    let finished = world.towpath(&format!("{RUN} --yes")).expect(0);
    assert!(finished.out.contains("web #1    succeeded"), "{}", finished.out);
    assert!(!finished.out.contains("started"), "nothing new was started: {}", finished.out);
}

pub(crate) fn signal(name: &str, process: u32) {
    let id = process.to_string();
    assert!(std::process::Command::new("kill").args([name, &id]).status().unwrap().success());
}
