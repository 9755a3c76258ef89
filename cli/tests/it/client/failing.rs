//! What fails: told first with its cause, and run again.

use serde_json::json;

use crate::client::Served;
use crate::world::{action, approve, build, pipeline, stage};

#[test]
fn a_build_that_fails_is_told_with_the_end_of_its_log_and_can_be_retried() {
    // R51, R53: the retried action reads the same artifact again, so what changes is outside of it.
    let served = Served::new("");
    let world = &served.world;
    let mended = world.path("mended");
    let script = format!("echo looking\ntest -e {}\n", mended.display());
    world.write("app/build.sh", script);
    world.commit("Fail until it is mended");
    world.pipeline("web.json", &pipeline("SUPERSEDED", &[build()]));
    served.ask("apply web.json --yes").expect(0);
    let failed = served.ask("watch web --exit-status").expect(1).out;
    for text in
        ["✗ failed         Build/Compile", "stage failed     Build", "  │ looking", "JobFailed"]
    {
        assert!(failed.contains(text), "{text:?} is not in:\n{failed}");
    }
    served.ask("watch web").expect(0);
    let logs = served.ask("logs web --failed").expect(0).out;
    assert!(logs.starts_with('✗') && logs.contains("looking"), "{logs}");
    let why = served.ask("why web").expect(0).out;
    assert!(why.contains("failed at Build/Compile") && why.contains("towpath retry web Build"));
    served.ask("retry web Source").expect(5);
    served.ask("retry web Nope").expect(5).says("it has: Source, Build");
    world.write("mended", "");
    let retried = served.ask("retry web").expect(0).out;
    assert!(retried.contains("stage resumed    Build: the failed actions again"), "{retried}");
    let ended = served.ask("watch web --exit-status").expect(0).out;
    for text in ["stage resumed    Build", "Build/Compile     attempt 2", "succeeded"] {
        assert!(ended.contains(text), "{text:?} is not in:\n{ended}");
    }
    served.ask("retry web").expect(5).says("no stage of web has failed");
}

#[test]
fn an_approval_that_is_rejected_fails_its_stage_and_a_stale_token_is_refused() {
    // R80, R81.
    let served = Served::new("true");
    served.world.pipeline("web.json", &pipeline("SUPERSEDED", &[approve()]));
    served.ask("apply web.json --yes").expect(0);
    served.ask("watch web --no-wait").expect(3);
    let stale = "11111111-1111-4111-8111-111111111111";
    let words = format!("approve web Approve/Release --token {stale}");
    served.ask(&words).expect(5).says("that question is not open any more");
    served.ask("approve web Approve").expect(5).says("STAGE/ACTION");
    served.ask("approve web Approve/Nope").expect(5).says("`towpath why web`");
    let rejected = served.ask_with("reject web --summary", &["not this one"]).expect(0).out;
    assert!(rejected.contains("✗ rejected  Approve/Release"), "{rejected}");
    let ended = served.ask("watch web --exit-status").expect(1).out;
    assert!(ended.contains("✗ failed         Approve/Release"), "{ended}");
    let logs = served.ask("logs web --failed").expect(0).out;
    assert!(logs.contains("Approve/Release") && logs.contains("not this one"), "{logs}");
    served.ask("reject web").expect(5).says("no approval of web waits");
    // R83: a retry asks again, under another token.
    served.ask("retry web --all").expect(0);
    served.ask("watch web --no-wait").expect(3);
    served.ask("approve web").expect(0);
    served.ask("watch web --exit-status").expect(0);
}

/// What failed before it could print anything has no log, and is named with its reason all the same.
#[test]
fn an_action_that_nobody_here_can_do_is_among_those_that_failed() {
    let served = Served::new("true");
    let settings = json!({"ApplicationName": "web", "DeploymentGroupName": "nowhere"});
    let inputs = json!({"inputArtifacts": [{"name": "Code"}]});
    let host = action("Host", "Deploy/AWS/CodeDeploy", &settings, &inputs);
    let declared = pipeline("SUPERSEDED", &[stage("Deploy", &[host])]);
    served.world.pipeline("web.json", &declared);
    served.ask("apply web.json --yes").expect(0);
    served.ask("watch web --exit-status").expect(1);
    let logs = served.ask("logs web --failed").expect(0).out;
    assert!(logs.contains("Deploy/Host") && logs.contains("--host nowhere=DIR"), "{logs}");
}

/// What a declaration asks for and nobody does yet is said before anything is sent.
#[test]
fn a_condition_that_is_not_acted_on_is_named_when_it_is_applied() {
    let served = Served::new("true");
    let mut declared = pipeline("SUPERSEDED", &[build()]);
    declared["stages"][1]["onFailure"] = json!({"result": "RETRY"});
    served.world.pipeline("web.json", &declared);
    let applied = served.ask("apply web.json --yes").expect(0).out;
    assert!(applied.contains("! onFailure of stage Build is not acted on yet"), "{applied}");
}
