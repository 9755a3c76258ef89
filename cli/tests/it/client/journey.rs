//! The journey of a commit: applied, followed, approved, looked at, held, stopped, deleted.

#![expect(clippy::needless_raw_string_hashes, reason = "that is how expectations are written anew")]

use expect_test::expect;
use serde_json::json;

use crate::client::Served;
use crate::world::{action, approve, build, pipeline, stage};

/// A stage that builds the code after the approval.
fn last() -> serde_json::Value {
    let inputs = json!({ "inputArtifacts": [{ "name": "Code" }] });
    stage(
        "Last",
        &[action("Say", "Build/AWS/CodeBuild", &json!({ "ProjectName": "app" }), &inputs)],
    )
}

#[test]
fn a_commit_travels_and_every_verb_says_where_it_is() {
    let served = Served::new("echo hello from the build");
    let world = &served.world;
    assert_eq!(served.ask("ls").expect(0).out, "no pipeline yet; `towpath apply FILE` makes one\n");
    world.pipeline("web.json", &pipeline("SUPERSEDED", &[build(), approve(), last()]));
    let made = served.ask("apply web.json --yes --tag team=web").expect(0);
    assert!(made.out.starts_with("+ name: web\n"), "{}", made.out);
    assert!(made.out.ends_with("web is created and starts; `towpath watch web` follows it\n"));

    it_comes_as_far_as_it_can_without_us(&served);
    // R80: an answer needs nothing but the pipeline's name where one approval is open.
    let approved = served.ask_with("approve web --summary", &["looks good"]).expect(0);
    expect![[r#"
        web SHORT Approve/Release, open for TOOK :
          COMMIT Begin
          Release Begin?
        web SHORT ✓ approved  Approve/Release
    "#]]
    .assert_eq(&served.same(&approved.out));
    served.ask("approve web").expect(5).says("no approval of web waits for an answer");
    let ended = served.ask("watch web --exit-status --compact").expect(0);
    assert!(ended.out.ends_with("  succeeded\n") && !ended.out.contains("→ run"), "{}", ended.out);
    what_it_left_behind_is_told(&served);
}

fn it_comes_as_far_as_it_can_without_us(served: &Served) {
    let waits = served.ask("watch web --exit-status --no-wait").expect(3);
    let waits = waits.says("waits for an answer at Approve/Release");
    expect![[r#"
        web SHORT  started          v1                CreatePipeline admin
        web SHORT  entered          Source
        web SHORT  → run            Source/Commit     attempt 1
        web SHORT  ✓ succeeded      Source/Commit     Begin
        web SHORT  left             Source
        web SHORT  entered          Build
        web SHORT  → run            Build/Compile     attempt 1
        web SHORT  ✓ succeeded      Build/Compile
        web SHORT  left             Build
        web SHORT  entered          Approve
        web SHORT  → run            Approve/Release   attempt 1
    "#]]
    .assert_eq(&served.same(&waits.out));
    expect![[r#"
        SHORT waits for an answer at Approve/Release, for TOOK : Release Begin?
            towpath approve web Approve/Release --execution SHORT
            towpath reject web Approve/Release --execution SHORT
    "#]]
    .assert_eq(&served.same(&served.ask("why web").expect(0).out));
    expect![[r#"
        web  v1  SUPERSEDED
        ✓ Source    SHORT TOOK
          ✓ Commit TOOK COMMIT Begin
        ✓ Build     SHORT TOOK
          ✓ Compile TOOK
        ● Approve   SHORT TOOK
          ● Release TOOK waits for an answer: Release Begin?
        ○ Last
          ○ Say
    "#]]
    .assert_eq(&served.same(&served.ask("show web").expect(0).out));
    expect![[r#"
        ●  web  v1  SHORT  in progress in Approve TOOK ago  COMMIT Begin
    "#]]
    .assert_eq(&served.same(&served.ask("ls").expect(0).out));
}

fn what_it_left_behind_is_told(served: &Served) {
    let logs = served.ask("logs web").expect(0).out;
    assert!(logs.contains("Build/Compile") && logs.contains("hello from the build"), "{logs}");
    let logs = served.ask("logs web Last/Say").expect(0).out;
    assert!(logs.contains("hello from the build") && !logs.contains("Last/Say"), "{logs}");
    let none = served.ask("logs web --failed").expect(0).out;
    assert!(none.contains("no action of web"), "{none}");
    expect![[r#"
        ✓  SHORT  succeeded TOOK ago  took TOOK CreatePipeline admin  COMMIT Begin
    "#]]
    .assert_eq(&served.same(&served.ask("history web").expect(0).out));
    let head = served.head();
    let places = served.ask(&format!("where {}", &head[..9])).expect(0).out;
    expect![[r#"
        ✓ web SHORT  succeeded  COMMIT Begin
          last in   Source, Build, Approve, Last
    "#]]
    .assert_eq(&served.same(&places));
    served.ask("where ffffffff").expect(1).says("carries ffffffff");
    expect![[r#"
        nothing of web waits: SHORT succeeded TOOK ago with COMMIT Begin
            towpath start web
    "#]]
    .assert_eq(&served.same(&served.ask("why web").expect(0).out));
}

#[test]
fn a_stage_that_is_paused_is_entered_when_it_is_resumed() {
    // R38, R39.
    let served = Served::new("true");
    served.world.pipeline("web.json", &pipeline("SUPERSEDED", &[build(), last()]));
    served.ask("apply web.json --yes").expect(0);
    served.ask("watch web --exit-status").expect(0);
    served.ask_with("pause web Last --reason", &["the release is frozen"]).expect(0);
    let why = served.ask("why web").expect(0).out;
    assert!(why.contains("nobody enters Last"), "{why}");
    served.ask("start web").expect(0);
    served.world.wait("it never waited", || {
        served.ask("why web").out.contains("has paused it: the release is frozen")
            && served.ask("show web").out.contains("waits")
    });
    let why = served.ask("why web").expect(0).out;
    assert!(why.contains("    towpath resume web Last\n"), "{why}");
    served.ask("resume web Last").expect(0);
    served.ask("watch web --exit-status").expect(0);
    served.ask_with("pause web Nope --reason", &["no"]).expect(5).says("Nope");
}

#[test]
fn an_execution_that_is_stopped_and_held_is_followed_by_nobody() {
    // R44, R48 and what `--hold` adds: the stage is paused before its lock is free.
    let served = Served::new("true");
    served.world.pipeline("web.json", &pipeline("SUPERSEDED", &[approve()]));
    served.ask("apply web.json --yes").expect(0);
    served.ask("watch web --no-wait").expect(3);
    served.ask("start web").expect(0);
    served.world.wait("nobody waits behind", || served.ask("show web").out.contains("waits"));
    served.ask("stop web").expect(5).says("several executions of web are meant; name one:");
    let history = served.ask("history web --json").expect(0).out;
    let history: serde_json::Value = serde_json::from_str(&history).unwrap();
    let first = history["pipelineExecutionSummaries"][1]["pipelineExecutionId"].as_str().unwrap();
    let words = format!("stop web --execution {first} --abandon --hold --reason mistake");
    let stopped = served.ask(&words).expect(0).out;
    assert!(stopped.contains("Approve is paused; `towpath resume web Approve`"), "{stopped}");
    served.ask(&format!("watch {first} --exit-status")).expect(2);
    let why = served.ask("why web").expect(0).out;
    assert!(why.contains("has paused it: mistake"), "{why}");
    served.ask(&words).expect(5).says("it has ended");
    served.ask("resume web Approve").expect(0);
    served.ask("watch web --no-wait").expect(3);
}

#[test]
fn a_pipeline_is_brought_up_to_date_only_if_something_differs() {
    let served = Served::new("true");
    let world = &served.world;
    let mut declared = pipeline("SUPERSEDED", &[build()]);
    world.pipeline("web.json", &declared);
    served.ask("apply web.json --yes").expect(0);
    served.ask("diff web.json").expect(0);
    let again = served.ask("apply web.json").expect(0).out;
    assert_eq!(again, "web is unchanged: version 1 says the same\n");
    declared["stages"][1]["actions"][0]["name"] = json!("Make");
    world.pipeline("web.json", &declared);
    let difference = served.ask("diff web.json").expect(1).out;
    assert!(difference.contains("-   - name: Compile\n+   - name: Make\n"), "{difference}");
    served.ask("apply web.json").expect(5).says("--yes");
    let updated = served.ask("apply web.json --yes").expect(0).out;
    assert!(updated.ends_with("web is version 2 now; `towpath start web` runs it\n"), "{updated}");
    // The same in YAML means the same.
    let yaml = serde_json::to_string(&declared).unwrap();
    world.write("web.yaml", yaml);
    served.ask("diff web.yaml").expect(0);
    served.ask("delete web").expect(5).says("--yes");
    let deleted = served.ask("delete web --yes").expect(0).out;
    assert!(deleted.ends_with("web is deleted\n"), "{deleted}");
    served.ask("delete web --yes").expect(5).says("`towpath ls`");
}
