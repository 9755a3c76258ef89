//! What the user can mend: each is said with its place and its fix, and ends with 5.

use serde_json::json;

use crate::world::{World, action, build, pipeline, stage};

const RUN: &str = "run web.json --repository app=app --data data --once";

/// A world, the words typed in it, and what the answer must contain.
fn refused(prepare: impl Fn(&World), words: &str, says: &[&str]) {
    let world = World::new("true");
    world.pipeline("web.json", &pipeline("SUPERSEDED", &[build()]));
    prepare(&world);
    let finished = world.towpath(words).expect(5);
    for text in says {
        assert!(finished.err.contains(text), "{text:?} is not in:\n{}", finished.err);
    }
    assert!(!world.path("data/towpath.db").exists(), "something was written before the refusal");
}

#[test]
fn a_file_that_is_not_there() {
    refused(|_| (), "run nope.json --once", &["nope.json: No such file"]);
    refused(|_| (), "run app --once", &["app is a directory", "name the file"]);
}

#[test]
fn a_file_that_means_nothing() {
    let words = |name: &str| format!("run {name} --repository app=app --data data --once");
    refused(
        |world| world.write("cut.json", "{\"name\": \"we"),
        &words("cut.json"),
        &["cut.json", "line 1"],
    );
    refused(
        |world| world.write("bad.yaml", "name: [a\nb: c"),
        &words("bad.yaml"),
        &["bad.yaml", "line"],
    );
    refused(|world| world.write("empty.yaml", ""), &words("empty.yaml"), &["empty.yaml"]);
    refused(|world| world.write("latin.yaml", b"name: \xe9"), &words("latin.yaml"), &["UTF-8"]);
    refused(|world| world.write("list.json", "[1, 2]"), &words("list.json"), &["list.json"]);
    let deep = "[".repeat(100_000);
    refused(|world| world.write("deep.json", &deep), &words("deep.json"), &["deep.json"]);
    refused(|world| world.write("deep.yaml", &deep), &words("deep.yaml"), &["deep.yaml"]);
}

#[test]
fn a_provider_that_does_not_exist() {
    let wrong = stage("Ship", &[action("Send", "Deploy/AWS/CodeDepoy", &json!({}), &json!({}))]);
    refused(
        |world| world.pipeline("web.json", &pipeline("SUPERSEDED", std::slice::from_ref(&wrong))),
        RUN,
        &["pipeline.stages[1].actions[0]", "there is no action type Deploy/AWS/CodeDepoy/1"],
    );
}

#[test]
fn a_repository_that_is_missing_or_none() {
    refused(|_| (), "run web.json --data data --once", &["Source/Commit", "--repository app=PATH"]);
    refused(
        |_| (),
        "run web.json --repository app=gone --data data --once",
        &["Source/Commit", "nothing is at", "gone", "--repository app=PATH"],
    );
    refused(
        |world| world.write("plain/file", ""),
        "run web.json --repository app=plain --data data --once",
        &["Source/Commit", "plain"],
    );
    refused(|world| world.git(&["branch", "-m", "other"]), RUN, &["Source/Commit", "main"]);
}

#[test]
fn a_variable_that_is_not_declared_or_not_given() {
    refused(|_| (), &format!("{RUN} --variable X=1"), &["--variable X", "declares no variables"]);
    let mut declared = pipeline("SUPERSEDED", &[build()]);
    declared["variables"] = json!([{ "name": "Target" }]);
    let write = |world: &World| world.pipeline("web.json", &declared);
    refused(write, &format!("{RUN} --variable X=1"), &["--variable X", "declares Target"]);
    refused(write, RUN, &["Target has no default value", "--variable Target=VALUE"]);
    let world = World::new("true");
    write(&world);
    world.towpath(&format!("{RUN} --variable Target=here")).expect(0);
}

#[test]
fn a_directory_that_cannot_hold_the_data() {
    let words = |data: &str| format!("run web.json --repository app=app --once --data {data}");
    refused(|_| (), &words("web.json"), &["web.json"]);
    refused(|_| (), &words("/proc/towpath"), &["/proc/towpath"]);
    let world = World::new("true");
    world.pipeline("web.json", &pipeline("SUPERSEDED", &[build()]));
    world.write("data/towpath.db", "this is no database, and it is longer than a header of one");
    world.towpath(&words("data")).expect(5).says("towpath.db");
}

#[test]
fn a_place_that_cannot_hold_events() {
    let words = |events: &str| format!("{RUN} --events {events}");
    let world = World::new("true");
    world.pipeline("web.json", &pipeline("SUPERSEDED", &[build()]));
    for (events, says) in [
        ("/nope/events.jsonl", "/nope/events.jsonl"),
        ("/dev/full", "no plain file"),
        ("app", "no plain file"),
    ] {
        world.towpath(&words(events)).expect(5).says(says);
    }
    world.towpath(&words("events.jsonl")).expect(0);
}

#[test]
fn a_second_process_is_kept_out_and_told_by_whom() {
    let world = World::new("");
    let gate = world.path("gate");
    crate::world::pipe(&gate);
    world.write(
        "app/build.sh",
        format!("echo begun > {}.at\ncat {}", gate.display(), gate.display()),
    );
    world.commit("Wait at the gate");
    world.pipeline("web.json", &pipeline("SUPERSEDED", &[build()]));
    let first = world.start(RUN);
    world.wait("the build never began", || world.path("gate.at").exists());
    let holder = format!("process {}", first.id());
    let second = world.towpath(RUN).expect(5).says(&holder).says("data");
    second.says("choose another directory");
    std::fs::write(&gate, "open").unwrap();
    world.finish(first).expect(0);
}

#[test]
fn a_template_without_or_with_many_pipelines() {
    let none = "Resources:\n  Topic:\n    Type: AWS::SNS::Topic\n";
    refused(
        |world| world.write("t.yaml", none),
        "run t.yaml --once",
        &["t.yaml", "no AWS::CodePipeline::Pipeline"],
    );
    let two = "Resources:\n  A:\n    Type: AWS::CodePipeline::Pipeline\n  B:\n    Type: AWS::CodePipeline::Pipeline\n";
    refused(|world| world.write("t.yaml", two), "run t.yaml --once", &["--resource", "A, B"]);
    refused(
        |world| world.write("t.yaml", two),
        "run t.yaml --once --resource C",
        &["no pipeline C", "A, B"],
    );
    // For `run`, a parameter that the template does not have may be one that a buildspec reads.
    let world = World::new("true");
    world.write("t.yaml", two);
    let finished = world.towpath("lint t.yaml --parameter X=1").expect(5);
    assert!(finished.out.contains("no parameter X"), "{}", finished.out);
}
