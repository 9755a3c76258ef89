//! What programs read, and what shells complete.

use serde_json::Value;

use crate::client::Served;
use crate::world::{World, build, pipeline};

#[test]
fn json_is_in_the_shapes_of_the_api() {
    let served = Served::new("true");
    let mut declared = pipeline("SUPERSEDED", &[build()]);
    declared["variables"] = serde_json::json!([{ "name": "Target", "defaultValue": "here" }]);
    served.world.pipeline("web.json", &declared);
    let json = |words: &str| -> Value {
        let finished = served.ask(words).expect(0);
        serde_json::from_str(&finished.out)
            .unwrap_or_else(|error| panic!("{error}: {}", finished.out))
    };
    let made = json("apply web.json --yes --json");
    assert_eq!(made["pipeline"]["version"], 1);
    let lines = served.ask("watch web --exit-status --json").expect(0).json();
    assert!(lines[0]["pipelineExecution"]["pipelineExecutionId"].is_string(), "{lines:?}");
    assert!(lines.iter().any(|line| line["actionExecutionDetail"]["actionName"] == "Compile"));
    assert_eq!(lines.last().unwrap()["pipelineExecution"]["status"], "Succeeded");
    assert_eq!(json("ls --json")["pipelines"][0]["name"], "web");
    assert_eq!(json("show web --json")["stageStates"][1]["stageName"], "Build");
    let history = json("history web --json");
    assert!(history["pipelineExecutionSummaries"][0]["startTime"].is_number(), "{history}");
    // R5: the same token starts one execution; R6: a variable has the value that was given.
    let words = "start web -v Target=there --token the-same-token --json";
    let started = json(words);
    assert_eq!(started, json(words));
    let id = started["pipelineExecutionId"].as_str().unwrap();
    served.ask(&format!("watch {id} --exit-status")).expect(0);
    let head = served.head();
    let revised = served.ask(&format!("start web --revision Commit={head} --watch")).expect(0);
    assert!(revised.out.ends_with("  succeeded\n"), "{}", revised.out);
    let found = served.ask(&format!("where {head} --json")).expect(0).json();
    assert_eq!(found[0]["sourceRevisions"][0]["revisionId"], head.as_str());
    for line in served.ask("logs web --json").expect(0).json() {
        assert!(line["text"].is_string() && line["actionExecutionId"].is_string(), "{line}");
    }
    let why = served.ask("why web --json").expect(0).json();
    assert!(why.is_empty(), "{why:?}");
    assert_eq!(json("diff web.json --json")["isSame"], true);
}

#[test]
fn a_stock_environment_is_enough() {
    let served = Served::new("true");
    let file = served.server_file();
    let elsewhere = tempfile::tempdir().unwrap();
    let mut command = served.command("ls");
    command
        .current_dir(elsewhere.path())
        .env("AWS_ENDPOINT_URL_CODEPIPELINE", file["endpoint"].as_str().unwrap())
        .env("AWS_SHARED_CREDENTIALS_FILE", file["credentials"].as_str().unwrap())
        .env("AWS_PROFILE", "towpath");
    served.world.finish(command.spawn().unwrap()).expect(0);
}

#[test]
fn a_secret_is_never_shown_and_kept_by_the_mask() {
    let served = Served::new("true");
    let world = &served.world;
    let mut declared = pipeline("SUPERSEDED", &[build()]);
    let source = &mut declared["stages"][0]["actions"][0];
    source["actionTypeId"]["owner"] = "ThirdParty".into();
    source["actionTypeId"]["provider"] = "GitHub".into();
    source["configuration"] = serde_json::json!({
        "Owner": "me", "Repo": "app", "Branch": "main", "OAuthToken": "canary-of-the-token",
        "PollForSourceChanges": "false",
    });
    world.pipeline("web.json", &declared);
    let mut said = served.ask("diff web.json").expect(1).out;
    said += &served.ask("apply web.json --yes").expect(0).out;
    let unchanged = served.ask("apply web.json --yes").expect(0).out;
    assert!(unchanged.contains("OAuthToken is a secret and cannot be compared"), "{unchanged}");
    said += &unchanged;
    said += &served.ask("apply web.json --yes --force --json").expect(0).out;
    declared["stages"][0]["actions"][0]["configuration"]["OAuthToken"] = "****".into();
    declared["stages"][1]["actions"][0]["name"] = "Make".into();
    world.pipeline("web.json", &declared);
    said += &served.ask("apply web.json --yes").expect(0).out;
    said += &served.ask("show web --json").expect(0).out;
    assert!(!said.contains("canary-of-the-token"), "{said}");
}

#[test]
fn shells_complete_every_verb() {
    let world = World::new("");
    for shell in ["bash", "zsh", "fish"] {
        let script = world.towpath(&format!("completion {shell}")).expect(0).out;
        for verb in ["apply", "why", "where", "approve", "watch"] {
            assert!(script.contains(verb), "{verb} is not completed by {shell}");
        }
    }
    world.towpath("completion tcsh").expect(5).says("tcsh");
}

#[test]
fn help_of_every_verb_fits_and_says_how_the_server_is_found() {
    let world = World::new("");
    for verb in [
        "apply", "diff", "ls", "show", "start", "watch", "logs", "history", "approve", "reject",
        "stop", "retry", "pause", "resume", "delete", "why", "where",
    ] {
        let help = world.towpath(&format!("{verb} --help")).expect(0).out;
        for text in ["Which server", "--endpoint", "--data", "--json"] {
            assert!(help.contains(text), "{text} is not in the help of {verb}:\n{help}");
        }
        assert!(help.lines().all(|line| line.len() < 120), "{help}");
    }
    for words in [
        "start",
        "pause web Build",
        "start web -v Target",
        "history web --limit 0",
        "where",
        "logs",
        "apply web.json --tag team",
        "watch web --exit",
        "stop web --execution",
    ] {
        world.towpath(words).expect(5);
    }
}
